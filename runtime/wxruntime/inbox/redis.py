"""An inbox for the processes of several machines, on a Redis server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar, cast

from wxruntime.errors import StoreError
from wxruntime.forking import renew_after_fork
from wxruntime.inbox import nonce, record
from wxruntime.inbox.nonce import Nonce, NonceChange
from wxruntime.inbox.record import Change, Outcome, Record
from wxruntime.redact import Secret
from wxruntime.stores.kind import Kind
from wxruntime.stores.redis import PREFIX, TIMEOUT, AsyncRedisStore

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["RedisInbox"]

R = TypeVar("R")

LEASE = 4.0
"""Seconds for which a handler counts as running without a renewal. If its process dies, the next
delivery, 5 s later, runs the handler in another process."""


class RedisInbox:
    """Remembers pushes on a Redis server, for all processes that share it.

    It stores replies that wait for a delivery, unencrypted, for two minutes.
    """

    lease = LEASE
    _place = "RedisInbox, half made"  # a traceback may show an inbox whose __init__ has failed

    def __init__(self, url: Secret, *, prefix: str = PREFIX, timeout: float = TIMEOUT) -> None:
        """Build an inbox from an address that `from_url` has wrapped, without connecting."""
        self._url, self._prefix, self._timeout = url, prefix, timeout
        # This also refuses an invalid address at once.
        self._place = repr(AsyncRedisStore.from_url(url.reveal(), prefix=prefix, timeout=timeout))
        self.after_fork()
        renew_after_fork(self)

    @classmethod
    def from_url(cls, url: str, *, prefix: str = PREFIX, timeout: float = TIMEOUT) -> Self:
        """Return an inbox for an address, without connecting.

        Args:
            url: `redis://[user:password]@host:port/db`, or with `rediss:` or `unix:`.
            prefix: The beginning of the inbox's keys.
            timeout: Seconds to wait for a connection, and again for each answer; at most 5.

        Raises:
            ValueError: If it is no such address; the error does not show it.
        """
        address = Secret(url)
        del url  # no frame shows the password in it
        return cls(address, prefix=prefix, timeout=timeout)

    def after_fork(self) -> None:
        """Drop the connections, which belong to the parent process."""
        # Connections belong to the event loop that made them.
        self._stores: dict[asyncio.AbstractEventLoop, AsyncRedisStore] = {}

    def __repr__(self) -> str:
        return self._place.replace("AsyncRedisStore", "RedisInbox", 1)

    def _store(self) -> AsyncRedisStore:
        loop = asyncio.get_running_loop()
        store = self._stores.get(loop)
        if store is None:
            for ended in [one for one in self._stores if one.is_closed()]:
                del self._stores[ended]
            store = self._stores[loop] = AsyncRedisStore.from_url(
                self._url.reveal(), prefix=self._prefix, timeout=self._timeout
            )
        return store

    async def update(self, push: str, change: Change[R]) -> R:
        """Apply a change to a push's record; see `Inbox.update`."""
        return await self._store().transact(_RECORDS, push, change)

    async def meet(self, nonce: str, change: NonceChange) -> bool:
        """Apply a change to a nonce's record; see `Inbox.meet`."""
        return await self._store().transact(_NONCES, nonce, change)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        store = self._stores.pop(asyncio.get_running_loop(), None)
        if store is not None:
            await store.close()


def _write_record(record: Record) -> Secret:
    outcome = record.outcome
    fields = {
        "owner": record.owner,
        "leased_until": record.leased_until,
        "first": record.first,
        "deliveries": record.deliveries,
        "carried": record.carried,
        "over": record.over,
        "ended": outcome is not None,
        "reply": None if outcome is None or outcome.reply is None else outcome.reply.decode(),
    }
    return Secret(json.dumps(fields, allow_nan=False))


def _read_record(document: Secret, place: str) -> Record:
    found = _members(document, place)
    try:
        reply = found["reply"]
        outcome = Outcome(None if reply is None else str(reply).encode())
        return Record(
            owner=str(found["owner"]),
            leased_until=float(cast("float", found["leased_until"])),
            first=float(cast("float", found["first"])),
            deliveries=int(cast("int", found["deliveries"])),
            outcome=outcome if found["ended"] else None,
            carried=bool(found["carried"]),
            over=bool(found["over"]),
        )
    except (KeyError, TypeError, ValueError):
        pass
    raise StoreError(f"{place}: {_FOREIGN}")


def _write_nonce(nonce: Nonce) -> Secret:
    return Secret(json.dumps({"content": nonce.content, "first": nonce.first}))


def _read_nonce(document: Secret, place: str) -> Nonce:
    found = _members(document, place)
    try:
        return Nonce(str(found["content"]), float(cast("float", found["first"])))
    except (KeyError, TypeError, ValueError):
        pass
    raise StoreError(f"{place}: {_FOREIGN}")


_FOREIGN = "the value was not written by this inbox; give the inbox a prefix of its own"


def _members(document: Secret, place: str) -> Mapping[str, object]:
    found: object = None
    with suppress(ValueError):
        found = json.loads(document.reveal())
    if not isinstance(found, dict):
        raise StoreError(f"{place}: {_FOREIGN}")
    return cast("dict[str, object]", found)


_RECORDS = Kind("push", Record(), _write_record, _read_record, record.KEPT)
_NONCES = Kind("nonce", Nonce(), _write_nonce, _read_nonce, nonce.KEPT)
