"""One partition in the hands of its holder: reading, claiming, acknowledging.

Every script looks first whether the lease is still its holder's, so whoever lost it, without
knowing it perhaps, changes nothing any more.
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

# The lease is what the token stores write: JSON, with its owner. An owner's name is used for one
# holding only, so that nobody else has held the partition while it stands there.
_GUARD = """
local lease = redis.call('GET', KEYS[1])
if not lease or cjson.decode(lease)['owner'] ~= ARGV[1] then
    return false
end
"""

# The group is made where there is none: somebody may have emptied the server. Whatever was
# delivered to others is claimed, from the first id on, before anything new is read; then nobody
# else has anything, and consumers that are no more are forgotten. What was delivered in an answer
# that never arrived is behind the last id that was received, and comes before what is new.
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

# Where memory is full, Redis refuses a script's first write if it could take more, and none after
# it: so something that takes none is written first, and what is there can still be handled.
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
    """The partition is no longer this holder's."""


@define(eq=False)
class Group:
    """What the holder of a partition does to it; every method raises `LostError`."""

    link: Link
    keys: Keys
    partition: int
    owner: str
    """The name of the holding, as it stands in the lease."""
    consumer: str
    """The worker's name in the consumer group."""
    cursor: str = field(default="0-0", init=False)
    """Where claiming goes on; empty when everything is claimed."""
    last: str = field(default="0-0", init=False)
    """The last id that was received."""

    @property
    def claiming(self) -> bool:
        """Whether there may be entries of holders before this one."""
        return bool(self.cursor)

    async def fetch(self, count: int) -> list[Entry]:
        """Claim what others left behind, and when that is done, read what is new.

        Args:
            count: How many entries at most.
        """
        page = await self._ask(_FETCH, GROUP, self.consumer, count, self.cursor, self.last)
        cursor, last, found = page
        self.cursor, self.last = bytes(cursor).decode(), bytes(last).decode()
        return [_entry(*one) for one in found]

    async def begin(self, begun: Sequence[tuple[Entry, int]]) -> None:
        """Note that tries begin: a worker that dies of one must not begin it for ever.

        Args:
            begun: The entries, each with the number of the try.
        """
        await self._ask(_MARK, *(part for entry, number in begun for part in (entry.id, number)))

    async def fail(self, entry: Entry, number: int, error: str) -> None:
        """Note that a try ended.

        Args:
            entry: Which entry.
            number: The number of the try.
            error: The class of what it raised.
        """
        await self._ask(_MARK, entry.id, f"{number} {error}")

    async def done(self, entries: Sequence[Entry]) -> None:
        """Acknowledge entries, and take them out of the stream."""
        await self._ask(_DONE, GROUP, *(entry.id for entry in entries))

    async def bury(self, entry: Entry, tries: int, error: str) -> None:
        """Put an entry among the dead letters, and acknowledge it, at once.

        Args:
            entry: Which entry.
            tries: How often it was tried.
            error: The class of what the last try raised.
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
