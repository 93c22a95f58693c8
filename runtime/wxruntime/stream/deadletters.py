"""Dead letters: entries that were given up, to be listed and requeued."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from attrs import field, frozen

from wxruntime.stream.append import other_partitions
from wxruntime.stream.keys import partition_of
from wxruntime.stream.stream import Stream

__all__ = ["DeadLetter", "DeadLetters"]

_PAGE = 100
_ID = re.compile("[0-9]{1,20}-[0-9]{1,20}")

_PAGE_OF = "return redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])"

# The last three pairs were added when the entry was given up.
_REQUEUE = """
local partitions = redis.call('GET', KEYS[3])
if partitions and partitions ~= ARGV[2] then
    return {'PARTITIONS', partitions}
end
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not found then
    return {'GONE'}
end
redis.call('XADD', KEYS[2], '*', unpack(found[2], 1, #found[2] - 6))
redis.call('XDEL', KEYS[1], ARGV[1])
return {'REQUEUED'}
"""


@frozen
class DeadLetter:
    """An entry that was given up."""

    id: str
    customer: str
    key: str
    tries: int
    error: str
    """The class of the last error; `WorkerDied` if the worker did not survive the last try."""
    died: int
    """When the entry was given up, in Unix seconds of the server."""
    content: bytes = field(repr=False)


class DeadLetters:
    """The dead letters of a stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[DeadLetter]:
        """Yield all dead letters, the oldest first.

        Raises:
            StoreError: If the server does not answer.
        """
        after = "-"
        while True:
            page = await self._page(after, "+")
            for id, fields in page:
                yield _letter(id, fields)
            if len(page) < _PAGE:
                return
            after = f"({bytes(page[-1][0]).decode()}"

    async def _page(self, first: str, last: str) -> list[tuple[bytes, list[bytes]]]:
        # By a script, because releases of redis-py return the answer to XRANGE in different forms.
        page: list[tuple[bytes, list[bytes]]] = await self._stream.link.ask(
            _PAGE_OF, (self._stream.keys.dead,), (first, last, _PAGE)
        )
        return page

    async def requeue(self, id: str) -> bool:
        """Append a dead letter to the stream again, with no tries counted.

        Args:
            id: The id of the dead letter.

        Returns:
            Whether there was such a dead letter.

        Raises:
            ValueError: If the id is malformed.
            StoreError: If the server does not answer, or the stream has another number of
                partitions.
        """
        if not _ID.fullmatch(id):
            raise ValueError(
                f"expected the id of a dead letter, such as 1700000000000-0, got {id!r}"
            )
        stream = self._stream
        found = await self._page(id, id)
        if not found:
            return False
        number = partition_of(_letter(*found[0]).customer, stream.partitions)
        keys = (stream.keys.dead, stream.keys.partition(number), stream.keys.partitions)
        outcome, *more = await stream.link.ask(_REQUEUE, keys, (id, stream.partitions))
        if outcome == b"PARTITIONS":
            raise other_partitions(stream.link, stream.keys, int(more[0]), stream.partitions)
        return bool(outcome == b"REQUEUED")

    async def requeue_all(self) -> int:
        """Append all present dead letters to the stream again; return how many; see `requeue`."""
        letters = [letter.id async for letter in self]
        return sum([await self.requeue(id) for id in letters])


def _letter(id: bytes, fields: list[bytes]) -> DeadLetter:
    named: dict[bytes, bytes] = dict(zip(fields[::2], fields[1::2], strict=True))

    def text(name: bytes) -> str:
        return named.get(name, b"").decode(errors="replace")

    return DeadLetter(
        id=id.decode(),
        customer=text(b"customer"),
        key=text(b"key"),
        tries=int(text(b"tries") or 0),
        error=text(b"error"),
        died=int(text(b"died") or 0),
        content=named.get(b"content", b""),
    )
