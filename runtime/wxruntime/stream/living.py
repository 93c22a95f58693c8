"""Which workers live, how much there is to do, and what share of it is whose."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from wxruntime.stream.append import other_partitions
from wxruntime.stream.keys import Keys
from wxruntime.stream.link import Link

__all__ = ["Seen", "beat", "leave", "share"]

# Time is the server's: the clocks of machines differ.
_BEAT = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
-- First, because it takes no memory: then the other writes go through where memory is full. A time
-- ahead was told before the clock was set back, and would stand there until then.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.3f', now - ARGV[2]))
redis.call('ZREMRANGEBYSCORE', KEYS[1], string.format('(%.3f', now + ARGV[2]), '+inf')
redis.call('ZADD', KEYS[1], string.format('%.3f', now), ARGV[1])
redis.call('SET', KEYS[2], ARGV[3], 'NX')
local backlog = 0
for at = 4, #KEYS do
    backlog = backlog + redis.call('XLEN', KEYS[at])
end
return {
    redis.call('ZRANGE', KEYS[1], 0, -1),
    redis.call('GET', KEYS[2]),
    backlog,
    redis.call('XLEN', KEYS[3]),
}
"""


@frozen
class Seen:
    """What a worker sees when it says that it lives."""

    workers: tuple[str, ...]
    """All living workers, in the same order for everybody."""
    backlog: int
    """How many entries are in the stream, those being handled included."""
    dead_letters: int


async def beat(link: Link, keys: Keys, worker: str, *, partitions: int, seconds: float) -> Seen:
    """Say that a worker lives.

    Args:
        link: The server.
        keys: The stream.
        worker: The worker's name.
        partitions: How many partitions there are.
        seconds: After how long a worker that says nothing counts as dead.

    Raises:
        AwayError: If the server cannot be reached for the moment.
        StoreError: If it refuses, or the stream has another number of partitions.
    """
    streams = [keys.partition(number) for number in range(partitions)]
    names = [keys.workers, keys.partitions, keys.dead, *streams]
    workers, there, backlog, dead = await link.ask(_BEAT, names, (worker, seconds, partitions))
    if int(there) != partitions:
        raise other_partitions(link, keys, int(there), partitions)
    return Seen(tuple(sorted(bytes(name).decode() for name in workers)), backlog, dead)


async def leave(link: Link, keys: Keys, worker: str) -> None:
    """Say that a worker is no more."""
    await link.command("ZREM", keys.workers, worker)


def share(workers: Sequence[str], worker: str, partitions: int) -> int:
    """Return how many partitions a worker is to hold: all shares together are all partitions.

    Args:
        workers: All living workers, in the same order for everybody.
        worker: Which one.
        partitions: How many partitions there are.
    """
    rank, each, rest = workers.index(worker), *divmod(partitions, len(workers))
    return each + (rank < rest)
