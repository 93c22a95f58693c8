"""The base class of the families of calls."""

from __future__ import annotations

from wxruntime.sandbox.state import PlatformState

__all__ = ["Family"]


class Family:
    """Answers the calls of one family.

    Each public method answers the call of its name, as `KfAccountCalls.add` does `kf_account.add`.
    """

    def __init__(self, state: PlatformState) -> None:
        """Answer from a state, and change it.

        Args:
            state: The state of the platform. A family keeps to itself what no other one needs.
        """
        self._state = state
