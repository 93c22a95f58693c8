"""API quotas: how often each path may be called a day."""

from __future__ import annotations

from attrs import define, field

from wxruntime.sandbox.refusal import Refusal

__all__ = ["Quota", "Quotas"]

DAILY_LIMIT = 500_000
"""Calls of one path a day."""
DAILY_LIMITS = {"/cgi-bin/token": 2000}
"""Path → calls a day, where that differs from `DAILY_LIMIT`."""
RESETS_A_MONTH = 10
"""How often the counters may be reset, in 30 days."""
_DAY = 86400.0
_MONTH = 30 * _DAY

DAILY_QUOTA_EXCEEDED = 45009
RESETS_EXHAUSTED = 48006


@define
class Quota:
    """A number of uses in a period; the first use after a period begins the next one.

    On the platform a day begins at midnight in Beijing. Here it does not, so that no test depends
    on the time of day.
    """

    limit: int
    """Uses in one period."""
    period: float
    """The length of a period, in seconds."""
    _used: int = 0
    _began: float = 0.0

    def used(self, now: float) -> int:
        """Return the uses in the current period."""
        return self._used if now - self._began < self.period else 0

    def use(self, now: float) -> None:
        """Count one use."""
        self._used = self.used(now)
        if not self._used:
            self._began = now
        self._used += 1

    def check(self, now: float, code: int) -> None:
        """Refuse with `code` if the quota is used up."""
        if self.used(now) >= self.limit:
            raise Refusal(code)


@define
class Quotas:
    """The quota of each path, and of the resets."""

    _paths: dict[str, Quota] = field(factory=dict[str, Quota])
    _resets: Quota = field(factory=lambda: Quota(RESETS_A_MONTH, _MONTH))

    def check(self, path: str, now: float) -> None:
        """Refuse a call if the quota of its path is used up."""
        self.of(path).check(now, DAILY_QUOTA_EXCEEDED)

    def use(self, path: str, now: float) -> None:
        """Count a call that succeeded."""
        self.of(path).use(now)

    def of(self, path: str) -> Quota:
        """Return the quota of a path.

        Args:
            path: The path of a described endpoint; any other would be kept for ever.
        """
        quota = self._paths.get(path)
        if quota is None:
            quota = self._paths[path] = Quota(DAILY_LIMITS.get(path, DAILY_LIMIT), _DAY)
        return quota

    def reset(self, now: float, path: str | None = None) -> None:
        """Reset the counter of one path, or of all paths if `path` is None."""
        self._resets.check(now, RESETS_EXHAUSTED)
        self._resets.use(now)
        if path is None:
            self._paths.clear()
        else:
            self._paths.pop(path, None)
