"""The living workers, the size of the stream, and each worker's share of the partitions."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from wxruntime.stream.append import other_partitions
from wxruntime.stream.keys import Keys
from wxruntime.stream.link import Link

__all__ = ["Seen", "beat", "leave", "share"]

# The time is the server's, because the clocks of machines differ.
_BEAT = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
-- This comes first because it needs no memory: the writes after it then succeed even if memory is
-- full. A time in the future is from before the clock was set back, and would stay until then.
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
    """The state of the stream that a worker gets when it reports that it is alive."""

    workers: tuple[str, ...]
    """All living workers, in the same order for every worker."""
    backlog: int
    """The number of entries in the stream, including those that are being handled."""
    dead_letters: int


async def beat(link: Link, keys: Keys, worker: str, *, partitions: int, seconds: float) -> Seen:
    """Report that a worker is alive.

    Args:
        link: The connections to the server.
        keys: The keys of the stream.
        worker: The worker's name.
        partitions: The number of partitions.
        seconds: Seconds after which a worker without a report counts as dead.

    Returns:
        The state of the stream.

    Raises:
        AwayError: If the server cannot be reached at the moment.
        StoreError: If the server refuses, or the stream has another number of partitions.
    """
    streams = [keys.partition(number) for number in range(partitions)]
    names = [keys.workers, keys.partitions, keys.dead, *streams]
    workers, there, backlog, dead = await link.ask(_BEAT, names, (worker, seconds, partitions))
    if int(there) != partitions:
        raise other_partitions(link, keys, int(there), partitions)
    return Seen(tuple(sorted(bytes(name).decode() for name in workers)), backlog, dead)


async def leave(link: Link, keys: Keys, worker: str) -> None:
    """Remove a worker from the living ones."""
    await link.command("ZREM", keys.workers, worker)


def share(workers: Sequence[str], worker: str, partitions: int) -> int:
    """Return the number of partitions that a worker should hold; the shares add up to all.

    Args:
        workers: All living workers, in the same order for every worker.
        worker: The worker.
        partitions: The number of partitions.
    """
    rank, each, rest = workers.index(worker), *divmod(partitions, len(workers))
    return each + (rank < rest)
