"""Appending a push in one round trip: without replays or duplicates, up to a size limit."""

from __future__ import annotations

from enum import Enum

from wxruntime.errors import StoreError
from wxruntime.inbox.nonce import KEPT as NONCES_KEPT
from wxruntime.inbox.nonce import REPEATS
from wxruntime.inbox.record import KEPT as PUSHES_KEPT
from wxruntime.stream.entry import Verified
from wxruntime.stream.keys import Keys, partition_of
from wxruntime.stream.link import Argument, Link

__all__ = ["NONCES_KEPT", "PUSHES_KEPT", "REPEATS", "Appended", "append"]

# The nonce is stored first, so that it is remembered even if the push is not appended.
_SCRIPT = """
local partitions = redis.call('GET', KEYS[3])
if not partitions then
    redis.call('SET', KEYS[3], ARGV[1])
elseif partitions ~= ARGV[1] then
    return {'PARTITIONS', partitions}
end
if KEYS[4] then
    local now = redis.call('TIME')[1]
    local before = redis.call('GET', KEYS[4])
    if before then
        local first, digest = string.match(before, '^(%d+) (.*)$')
        if digest ~= ARGV[7] or now - first >= tonumber(ARGV[9]) then
            return {'REPLAYED'}
        end
    else
        redis.call('SET', KEYS[4], now .. ' ' .. ARGV[7], 'EX', ARGV[8])
    end
end
if redis.call('EXISTS', KEYS[2]) == 1 then
    return {'REPEATED'}
end
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[2]) then
    return {'FULL'}
end
redis.call('XADD', KEYS[1], '*', 'key', ARGV[4], 'customer', ARGV[5], 'content', ARGV[6])
redis.call('SET', KEYS[2], '', 'EX', ARGV[3])
return {'APPENDED'}
"""


class Appended(Enum):
    """The result of appending a push."""

    APPENDED = "APPENDED"
    """The push is now in the stream."""
    REPEATED = "REPEATED"
    """The push was appended before; nothing was appended."""
    REPLAYED = "REPLAYED"
    """The nonce came before, with another content or too long ago; nothing was appended."""
    FULL = "FULL"
    """The stream is full, because the workers are too far behind; nothing was appended."""


async def append(
    link: Link, keys: Keys, push: Verified, *, partitions: int, most: int, nonces_kept: float
) -> Appended:
    """Append a push.

    Args:
        link: The connections to the server.
        keys: The keys of the stream.
        push: The push.
        partitions: The number of partitions.
        most: How many entries a partition holds at most.
        nonces_kept: Seconds for which the nonce is remembered.

    Returns:
        Whether the push was appended, or why not.

    Raises:
        AwayError: If the server cannot be reached at the moment.
        StoreError: If the server refuses, or the stream has another number of partitions.
    """
    number = partition_of(push.customer, partitions)
    names = [keys.partition(number), keys.push(push.key), keys.partitions]
    customer = push.customer.encode("utf-8", "surrogatepass")
    args: list[Argument] = [partitions, most, PUSHES_KEPT, push.key, customer, push.content]
    if push.replay is not None:
        nonce, digest = push.replay
        names.append(keys.nonce(nonce))
        args += [digest, max(1, round(nonces_kept)), REPEATS]
    outcome, *more = await link.ask(_SCRIPT, names, args)
    if outcome == b"PARTITIONS":
        raise other_partitions(link, keys, int(more[0]), partitions)
    return Appended(bytes(outcome).decode())


def other_partitions(link: Link, keys: Keys, there: int, here: int) -> StoreError:
    """Return the error for a program that expects another number of partitions."""
    return StoreError(
        f"{link.place}, key {keys.partitions}: expected {here} partitions, found {there}; make the "
        f"stream with partitions={there}. To change the number, stop the callbacks, let the "
        "workers empty the stream, stop the workers, and delete the key"
    )
