"""Reading, claiming and acknowledging the entries of one partition.

Every script first checks that the lease still belongs to its holder. So a worker that has lost the
partition without noticing cannot change it any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, field

from wxruntime.stream.entry import Entry
from wxruntime.stream.keys import Keys
from wxruntime.stream.link import Argument, Link

__all__ = ["GROUP", "Group", "LostError"]

GROUP = "workers"
"""The consumer group of every partition."""

# The lease is stored as the token stores write it: as JSON with an owner. Each holding has its own
# owner name, so as long as the name is there, no other worker has held the partition in between.
_GUARD = """
local lease = redis.call('GET', KEYS[1])
if not lease or cjson.decode(lease)['owner'] ~= ARGV[1] then
    return false
end
"""

# The group is created if it does not exist, for example after the server was emptied. Before new
# entries are read, all entries that were delivered to other consumers are claimed, from the first
# id on. Then no other consumer has entries, and former consumers are deleted. Entries of an answer
# that never arrived come after the last received id; they are read again before new entries.
_FETCH = f"""{_GUARD}
local group, consumer, count = ARGV[2], ARGV[3], ARGV[4]
local cursor, received = ARGV[5], ARGV[6]
local last
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[2])
for _, facts in ipairs(groups.err and {{}} or groups) do
    for at = 3, facts[2] == group and #facts or 0, 2 do
        if facts[at] == 'last-delivered-id' then
            last = facts[at + 1]
        end
    end
end
if not last then
    redis.call('HDEL', KEYS[3], '')
    redis.call('XGROUP', 'CREATE', KEYS[2], group, '0', 'MKSTREAM')
    last = '0-0'
end
local found
if cursor ~= '' then
    local page = redis.call('XAUTOCLAIM', KEYS[2], group, consumer, 0, cursor, 'COUNT', count)
    cursor, found = page[1], page[2]
    if cursor == '0-0' then
        cursor = ''
        for _, other in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[2], group)) do
            if other[2] ~= consumer and other[4] == 0 then
                redis.call('XGROUP', 'DELCONSUMER', KEYS[2], group, other[2])
            end
        end
    end
else
    for _, from in ipairs({{received, '>'}}) do
        local page = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count,
            'STREAMS', KEYS[2], from)
        found = page and page[1][2] or {{}}
        if #found > 0 then
            break
        end
    end
    last = #found > 0 and found[#found][1] or received
end
local entries = {{}}
for _, entry in ipairs(found) do
    if entry and entry[2] then
        local tries = redis.call('HGET', KEYS[3], entry[1])
        entries[#entries + 1] = {{entry[1], entry[2], tries or ''}}
    end
end
return {{cursor, last, entries}}
"""

# If memory is full, Redis refuses the first write of a script if that write may need memory, but no
# write after it. So the first write is one that needs none, and existing entries can be handled.
_MARK = f"""{_GUARD}
redis.call('HDEL', KEYS[3], '')
for at = 2, #ARGV, 2 do
    redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
end
return 1
"""

_DONE = f"""{_GUARD}
for at = 3, #ARGV do
    redis.call('XACK', KEYS[2], ARGV[2], ARGV[at])
    redis.call('XDEL', KEYS[2], ARGV[at])
    redis.call('HDEL', KEYS[3], ARGV[at])
end
return 1
"""

_BURY = f"""{_GUARD}
redis.call('HDEL', KEYS[3], '')
local found = redis.call('XRANGE', KEYS[2], ARGV[3], ARGV[3])[1]
if found then
    local fields = found[2]
    local time = redis.call('TIME')[1]
    for _, more in ipairs({{'tries', ARGV[4], 'error', ARGV[5], 'died', time}}) do
        fields[#fields + 1] = more
    end
    redis.call('XADD', KEYS[4], '*', unpack(fields))
end
redis.call('XACK', KEYS[2], ARGV[2], ARGV[3])
redis.call('XDEL', KEYS[2], ARGV[3])
redis.call('HDEL', KEYS[3], ARGV[3])
return 1
"""


class LostError(Exception):
    """Raised if the partition no longer belongs to this holder."""


@define(eq=False)
class Group:
    """The operations of a partition's holder; each raises `LostError` if the lease is lost."""

    link: Link
    keys: Keys
    partition: int
    owner: str
    """The owner name in the lease, unique for each holding."""
    consumer: str
    """The worker's name in the consumer group."""
    cursor: str = field(default="0-0", init=False)
    """The id from which claiming goes on; empty when all entries have been claimed."""
    last: str = field(default="0-0", init=False)
    """The last id that was received."""

    @property
    def claiming(self) -> bool:
        """Whether there may still be entries of former holders to claim."""
        return bool(self.cursor)

    async def fetch(self, count: int) -> list[Entry]:
        """Claim entries of former holders; after the last one, read new entries.

        Args:
            count: The number of entries at most.
        """
        page = await self._ask(_FETCH, GROUP, self.consumer, count, self.cursor, self.last)
        cursor, last, found = page
        self.cursor, self.last = bytes(cursor).decode(), bytes(last).decode()
        return [_entry(*one) for one in found]

    async def begin(self, begun: Sequence[tuple[Entry, int]]) -> None:
        """Record that tries start, so that an entry that kills workers is not tried forever.

        Args:
            begun: The entries, each with the number of the try.
        """
        await self._ask(_MARK, *(part for entry, number in begun for part in (entry.id, number)))

    async def fail(self, entry: Entry, number: int, error: str) -> None:
        """Record that a try failed.

        Args:
            entry: The entry.
            number: The number of the try.
            error: The class of its error.
        """
        await self._ask(_MARK, entry.id, f"{number} {error}")

    async def done(self, entries: Sequence[Entry]) -> None:
        """Acknowledge entries, and delete them from the stream."""
        await self._ask(_DONE, GROUP, *(entry.id for entry in entries))

    async def bury(self, entry: Entry, tries: int, error: str) -> None:
        """Move an entry to the dead letters, in one transaction.

        Args:
            entry: The entry.
            tries: How often it was tried.
            error: The class of the last try's error.
        """
        await self._ask(_BURY, GROUP, entry.id, tries, error)

    async def _ask(self, script: str, *args: Argument) -> Any:
        number = self.partition
        keys = (
            self.keys.lease(number),
            self.keys.partition(number),
            self.keys.tries(number),
            self.keys.dead,
        )
        answer = await self.link.ask(script, keys, (self.owner, *args))
        if answer is None:
            raise LostError(f"partition {number} has another holder")
        return answer


def _entry(id: bytes, fields: list[bytes], mark: bytes) -> Entry:
    tries, _, error = mark.decode().partition(" ")
    pairs = dict(zip(fields[::2], fields[1::2], strict=True))
    return Entry(id.decode(), pairs, int(tries or 0), error)
