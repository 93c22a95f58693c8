"""Failures of redis-py in words of this library.

The text of redis-py is never shown, because a server may quote the command with the token in it.
"""

from __future__ import annotations

import re

__all__ = ["in_words"]

_CREDENTIALS = (
    "it refused the credentials, or got none; put the user and the password in the client or URL"
)
_READONLY = "it is a replica, which may only be read; give the address of the master"

_CODES = {
    "NOAUTH": _CREDENTIALS,
    "WRONGPASS": _CREDENTIALS,
    "NOPERM": "the user may not do this; allow EVAL, GET, SET and TIME on the keys with this "
    "prefix, and for a stream DEL, EXISTS and the commands that begin with H, X and Z",
    "WRONGTYPE": "the key holds a value of another type; choose a prefix that no other program "
    "uses, or delete the key",
    "READONLY": _READONLY,
    "MASTERDOWN": "it is a replica that has lost its master; give the address of the master",
    "OOM": "it has no memory left for a write; free some or raise `maxmemory`",
    "MISCONF": "it takes no writes because it cannot save to its disk; look at its log",
    "NOREPLICAS": "it takes no writes because replicas are missing; look at its replication",
    "LOADING": "it is still loading its data; try again",
    "BUSY": "it is busy with another program's script; find the script",
    "MOVED": "it is one node of a cluster, and the key is on another; give the address of a proxy "
    "for the cluster or of a single server",
    "CLUSTERDOWN": "its cluster is down; look at the cluster",
}
_CODE = re.compile(rf"\b({'|'.join(_CODES)})\b")

_KINDS = {
    "AuthenticationError": _CREDENTIALS,
    "AuthenticationWrongNumberOfArgsError": _CREDENTIALS,
    "NoPermissionError": _CODES["NOPERM"],
    "ReadOnlyError": _READONLY,
    "OutOfMemoryError": _CODES["OOM"],
    "BusyLoadingError": _CODES["LOADING"],
    "MovedError": _CODES["MOVED"],
    "ClusterDownError": _CODES["CLUSTERDOWN"],
    "MasterDownError": _CODES["MASTERDOWN"],
    "MasterNotFoundError": "no sentinel knows its master; look at the sentinels",
    "SSLError": "no secure connection: the certificate or the protocol was refused; look at the "
    "scheme (rediss://) and at the certificate",
    "TimeoutError": "no answer in time; check whether the server hangs, and the network",
    "ConnectionError": "no connection; check whether the server runs, and the network",
    "OSError": "no connection; check whether the server runs, and the network",
}
"""Name of a class → what it means; by name, because the classes differ between releases."""


def in_words(error: Exception) -> str:
    """Describe a failure and what to do about it, without the text of the error.

    Args:
        error: The exception of redis-py.
    """
    if found := _CODE.search(f"{getattr(error, 'status_code', '')} {error}"):
        return _CODES[found[1]]
    names = [kind.__name__ for kind in type(error).__mro__]
    if "SSL" in str(error):
        names.insert(0, "SSLError")
    words = next((_KINDS[name] for name in names if name in _KINDS), None)
    return words or f"it failed ({names[0]}); look at the server's log and at its version"
