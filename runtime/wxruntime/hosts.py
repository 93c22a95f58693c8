"""Which of the platform's hosts to use: the first one, or another while the first one fails."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from wxruntime.redact import MASK, redact
from wxruntime.settings import InvalidSetting

__all__ = ["Hosts"]

STAY = 60.0
"""Seconds for which another host is used before the first one is tried again."""
_USER = re.compile("[^/]*@")
_BASE_URL = re.compile(r"(?i:https?)://[^\s/?#@\\]+(/[^\s?#\\]*)?")


class Hosts:
    """The base URLs of the platform, in order of preference."""

    def __init__(self, urls: str | Sequence[str]) -> None:
        """Start with the first one.

        Args:
            urls: The base URLs, in order of preference, or a single one.

        Raises:
            InvalidSetting: If there is none, or one is not a base URL.
        """
        self._urls: tuple[str, ...] = ()
        given = (urls,) if isinstance(urls, str) else tuple(urls)
        self._urls = tuple(_checked(url) for url in given)
        if not self._urls:
            raise InvalidSetting("base_url", "expected at least one address, got none")
        # A single value that is replaced as a whole, so that threads read it without a lock.
        self._now = (0, 0.0)

    def now(self) -> str:
        """Return the base URL to use now."""
        index, until = self._now
        return self._urls[index] if index and time.monotonic() < until else self._urls[0]

    def failed(self, url: str) -> None:
        """Switch to the next host for a while, unless another call has already done so."""
        if len(self._urls) > 1 and url == self.now():
            following = (self._urls.index(url) + 1) % len(self._urls)
            self._now = (following, time.monotonic() + STAY)

    def __repr__(self) -> str:
        return self._urls[0] if self._urls else "no host"


def _checked(url: str) -> str:
    url = url.rstrip("/")
    if not _BASE_URL.fullmatch(url):
        raise InvalidSetting(
            "base_url",
            "expected an http:// or https:// address with a host, perhaps a path, "
            f"and no user name, query or fragment, got {_USER.sub(MASK, redact(url))!r}",
        )
    return url
