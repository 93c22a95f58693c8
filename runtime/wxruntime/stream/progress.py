"""How far a worker is."""

from __future__ import annotations

from attrs import define, frozen

__all__ = ["Counts", "Progress"]


@define
class Counts:
    """What a worker has counted since it began."""

    handled: int = 0
    failed: int = 0
    dead: int = 0
    again: int = 0
    running: int = 0


@frozen
class Progress:
    """A worker at one moment; counts are of this worker since it began."""

    handled: int
    """Entries handled and acknowledged."""
    per_second: float
    """How many of them a second, since the last report."""
    failed: int
    """Tries that raised."""
    dead: int
    """Entries made dead letters."""
    again: int
    """Entries begun again after another worker began them: what may be handled twice."""
    running: int
    """Handlers that run."""
    partitions: int
    """Partitions it takes entries of; none any more when it stops."""
    workers: int
    """Living workers, this one included."""
    backlog: int
    """Entries in the stream, for all workers together."""
    dead_letters: int
    """Dead letters there are, of all workers."""

    def line(self) -> str:
        """Say it on one line."""
        return (
            f"handled {self.handled} ({self.per_second:.1f}/s), failed {self.failed}, "
            f"dead {self.dead}, duplicates claimed {self.again}, running {self.running}, "
            f"backlog {self.backlog}, partitions {self.partitions}, workers {self.workers}"
        )
