"""The progress of a worker."""

from __future__ import annotations

from attrs import define, frozen

__all__ = ["Counts", "Progress"]


@define
class Counts:
    """The counters of a worker since its start."""

    handled: int = 0
    failed: int = 0
    dead: int = 0
    again: int = 0
    running: int = 0


@frozen
class Progress:
    """The progress of a worker at one moment; its counters count from the worker's start."""

    handled: int
    """Entries handled and acknowledged."""
    per_second: float
    """Entries handled per second, since the last report."""
    failed: int
    """Tries that raised an error."""
    dead: int
    """Entries that became dead letters."""
    again: int
    """Entries started again after another worker had started them, so perhaps handled twice."""
    running: int
    """Handlers that are running."""
    partitions: int
    """Partitions whose entries this worker handles; 0 when it stops."""
    workers: int
    """Living workers, including this one."""
    backlog: int
    """Entries in the stream, for all workers together."""
    dead_letters: int
    """Dead letters of the stream, of all workers."""

    def line(self) -> str:
        """Return the progress as one line of text."""
        return (
            f"handled {self.handled} ({self.per_second:.1f}/s), failed {self.failed}, "
            f"dead {self.dead}, duplicates claimed {self.again}, running {self.running}, "
            f"backlog {self.backlog}, partitions {self.partitions}, workers {self.workers}"
        )
