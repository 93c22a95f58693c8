"""The stage: the actions of customers and agents, which `Admin` asks for over HTTP.

The paths of the actions begin with `/_sandbox/`, as no path of the platform does. Each module here
has the actions of one kind of people.
"""

from __future__ import annotations

import threading

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.sandbox.outbox import PushOutbox
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.stage import agents, customers, deliveries, surroundings
from wxruntime.sandbox.stage.action import Actions
from wxruntime.sandbox.state import PlatformState
from wxruntime.wire import JsonObject, json

__all__ = ["PREFIX", "Stage"]

PREFIX = "/_sandbox/"


class Stage:
    """Carries out actions; safe for threads."""

    def __init__(self, state: PlatformState, outbox: PushOutbox, lock: threading.Lock) -> None:
        """Collect the actions by name.

        Args:
            state: The state of the platform.
            outbox: Delivers the pushes.
            lock: Guards the state.
        """
        self._state = state
        self._lock = lock
        self._actions: Actions = {
            **agents.actions(state),
            **customers.actions(state, outbox),
            **surroundings.actions(state, outbox),
        }
        # The callback may call the platform before it answers, so these do not hold the lock.
        self._unlocked = deliveries.actions(outbox)

    def act(self, action: str, body: bytes) -> tuple[int, JsonObject]:
        """Carry out one action.

        Args:
            action: The name of the action: the path after the prefix.
            body: The arguments of the action, as a JSON object; may be empty.

        Returns:
            The HTTP status and the answer.
        """
        try:
            given = json.loads_object(body) if body else {}
            if action in self._unlocked:
                return 200, self._unlocked[action](given) or {}
            if action in self._actions:
                with self._lock:
                    self._state.tick()
                    return 200, self._actions[action](given) or {}
        except Refusal as refusal:
            return 409, {
                "error": f"refused with {refusal.code}: {self._state.error_message(refusal)}",
                "code": refusal.code,
            }
        except (DecodeError, EncodeError, ValueError) as error:
            return 400, {"error": str(error)}
        known = ", ".join((*self._actions, *self._unlocked))
        return 404, {"error": f"expected one of {known}, got {action!r}"}
