"""What to do about an error that a check has found."""

from __future__ import annotations

import ipaddress
import re

from wxruntime.doctor.report import Finding, Verdict
from wxruntime.errors import ApiError, DecodeError, HttpError, StoreError

__all__ = ["failure"]

_NOT_IN_WHITELIST = frozenset({40164, 61004})
"""The codes that mean: calls from this machine's IP address are not let in."""
_ADD_IP = (
    "Add this IP address to the whitelist (IP 白名单) in the platform's console, at the basic "
    "settings (基本配置); it takes some minutes to apply."
)
_LOOK_UP = (
    "Look the code up in the platform's list of return codes (全局返回码), or ask its support and "
    "name the rid."
)
_NETWORK = (
    "Look at the way there: the name service, the firewall, and whether this machine needs a proxy."
)
_STRANGER = "Something else than the platform answers; look for a proxy or a login page in between."
_STORE = "Mend the store; until then processes cannot share their token."
_INSTALL = "Install what is missing, in the environment of the clients as well."

_IP = re.compile(r"[0-9A-Fa-f:.]{3,}")


def failure(check: str, error: Exception) -> Finding:
    """Return what a check found that ended with an error.

    Args:
        check: The check's name.
        error: What it ended with: a `WeChatError`, a `TimeoutError` or an `ImportError`.
    """
    if isinstance(error, ApiError):
        return _refusal(check, error)
    if isinstance(error, StoreError):
        remedy = _STORE
    elif isinstance(error, ImportError):
        remedy = _INSTALL
    elif isinstance(error, HttpError | DecodeError):
        remedy = _STRANGER
    else:
        remedy = _NETWORK
    return Finding(check, Verdict.FAILED, str(error), remedy)


def _refusal(check: str, error: ApiError) -> Finding:
    """Take an error of the platform apart: what it said, and what to do."""
    rid = f" (rid {error.rid})" if error.rid and error.rid not in error.message else ""
    said = f"{error.code} {type(error).__name__}: {error.message}{rid}"
    if error.code in _NOT_IN_WHITELIST:
        return Finding(check, Verdict.FAILED, said, _ADD_IP, _ip(error.message))
    return Finding(check, Verdict.FAILED, said, error.remedy or _LOOK_UP)


def _ip(message: str) -> str:
    """Return the IP address in a message, the shorter form if there are two; empty if none."""
    words = (word.strip(".:") for word in _IP.findall(message))
    return min(filter(_is_ip, words), key=len, default="")


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
