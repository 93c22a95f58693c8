"""Pushes on several machines: verified, appended to Redis Streams, and handled by workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wxruntime.lazy import lazy

if TYPE_CHECKING:
    from wxruntime.stream.append import Appended as Appended
    from wxruntime.stream.deadletters import DeadLetter as DeadLetter
    from wxruntime.stream.deadletters import DeadLetters as DeadLetters
    from wxruntime.stream.entry import Verified as Verified
    from wxruntime.stream.progress import Progress as Progress
    from wxruntime.stream.stream import Stream as Stream
    from wxruntime.stream.worker import Worker as Worker

__all__ = ["Appended", "DeadLetter", "DeadLetters", "Progress", "Stream", "Verified", "Worker"]

__getattr__, __dir__ = lazy(
    __name__,
    (),
    {
        "Appended": "append",
        "DeadLetter": "deadletters",
        "DeadLetters": "deadletters",
        "Progress": "progress",
        "Stream": "stream",
        "Verified": "entry",
        "Worker": "worker",
    },
)
