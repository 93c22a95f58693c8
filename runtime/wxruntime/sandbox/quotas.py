"""How often calls may be made: so many in a period."""

from __future__ import annotations

from attrs import define, field

from wxruntime.sandbox.refusal import Refusal

__all__ = ["Allowance", "Quotas"]

DAILY_LIMIT = 500_000
"""How often a day a call may be made."""
DAILY_LIMITS = {"/cgi-bin/token": 2000}
"""How often a day the others may be made: path → times."""
RESETS_A_MONTH = 10
"""How often a month the counters may be set back."""
_DAY = 86400.0
_MONTH = 30 * _DAY

DAILY_QUOTA_EXCEEDED = 45009
RESETS_EXHAUSTED = 48006


@define
class Allowance:
    """So many times in a period; the next period begins with the first use after this one.

    The platform's days begin at midnight in Beijing; nothing that is tried here should depend
    on the time of day.
    """

    limit: int
    period: float
    """How long a period is, in seconds."""
    _used: int = 0
    _began: float = 0.0

    def used(self, now: float) -> int:
        """Return how much of it is used up."""
        return self._used if now - self._began < self.period else 0

    def use(self, now: float) -> None:
        """Use it once."""
        self._used = self.used(now)
        if not self._used:
            self._began = now
        self._used += 1

    def check(self, now: float, code: int) -> None:
        """Refuse what it does not allow any more."""
        if self.used(now) >= self.limit:
            raise Refusal(code)


@define
class Quotas:
    """How often each path was called, and may still be."""

    _paths: dict[str, Allowance] = field(factory=dict[str, Allowance])
    _resets: Allowance = field(factory=lambda: Allowance(RESETS_A_MONTH, _MONTH))

    def check(self, path: str, now: float) -> None:
        """Refuse a call that is not allowed any more today."""
        self.of(path).check(now, DAILY_QUOTA_EXCEEDED)

    def use(self, path: str, now: float) -> None:
        """Count a call that did what it was asked for."""
        self.of(path).use(now)

    def of(self, path: str) -> Allowance:
        """Return what a path is allowed; it must be one of the platform's."""
        allowance = self._paths.get(path)
        if allowance is None:
            allowance = Allowance(DAILY_LIMITS.get(path, DAILY_LIMIT), _DAY)
            self._paths[path] = allowance
        return allowance

    def reset(self, now: float, path: str | None = None) -> None:
        """Set the counter of a path back, or by default every one."""
        self._resets.check(now, RESETS_EXHAUSTED)
        self._resets.use(now)
        if path is None:
            self._paths.clear()
        else:
            self._paths.pop(path, None)
