"""The route to the platform: the proxy, and the trusted certificates."""

from __future__ import annotations

import os
import ssl
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import unquote

from attrs import field, frozen
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from wxruntime.redact import Secret

__all__ = ["Proxy", "Route"]


@frozen
class Proxy:
    """An HTTP proxy; its repr shows no credentials."""

    host: str
    port: int
    _authorization: Secret | None

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that authenticate to the proxy."""
        if self._authorization is None:
            return {}
        return {"Proxy-Authorization": self._authorization.reveal()}


@frozen
class Route:
    """The route of all requests of a transport."""

    proxy: Proxy | None
    context: ssl.SSLContext | None = field(repr=False)
    """Verifies certificates; None for the certificates that the system trusts."""

    @classmethod
    def of(cls, proxy: str | None, ca_file: str | os.PathLike[str] | None) -> Route | str:
        """Return a route, or what is wrong with the arguments.

        Nothing is raised here, because a traceback would show the proxy's password.

        Args:
            proxy: The address of an HTTP proxy, optionally with credentials; None for no proxy.
            ca_file: A file of PEM certificates that are trusted instead of the system's.
        """
        through = None if proxy is None else _proxy(proxy)
        if isinstance(through, str):
            return through
        try:
            return cls(through, None if ca_file is None else _trusting(ca_file))
        except OSError as error:  # ssl.SSLError is one
            problem = error.strerror or "nothing of the kind"
            return f"ca_file: expected a file of PEM certificates, got {ca_file!r}: {problem}"


def _trusting(ca_file: str | os.PathLike[str]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.fspath(ca_file))


def _proxy(url: str) -> Proxy | str:
    wrong = "proxy: expected http://host:port or http://name:password@host:port"
    try:
        parts = parse_url(url)
    except (LocationParseError, TypeError, AttributeError):
        return wrong
    if parts.scheme != "http" or not parts.host or parts.port == 0:
        return wrong
    if parts.path not in (None, "", "/") or parts.query is not None or parts.fragment is not None:
        return wrong
    authorization = None
    if parts.auth is not None:
        name, _, password = parts.auth.partition(":")
        proof = b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode()
        authorization = Secret(f"Basic {proof}")
    return Proxy(parts.host, parts.port or 80, authorization)
