"""The actions on time, tokens and the whitelist, and an overview of the state."""

from __future__ import annotations

from attrs import field, frozen

from wxruntime.sandbox.outbox import PushOutbox
from wxruntime.sandbox.stage.action import Actions
from wxruntime.sandbox.state import PlatformState
from wxruntime.sandbox.tokens import PLAIN, STABLE
from wxruntime.wire import JsonObject, boolean, number, text

__all__ = ["actions"]


def actions(state: PlatformState, outbox: PushOutbox) -> Actions:
    """Return the actions by name."""
    surroundings = _Surroundings(state, outbox)
    return {
        "advance": surroundings.advance,
        "revoke-token": surroundings.revoke_token,
        "refuse-ip": surroundings.refuse_ip,
        "state": surroundings.overview,
    }


@frozen
class _Surroundings:
    state: PlatformState = field(repr=False)
    outbox: PushOutbox = field(repr=False)

    def advance(self, given: JsonObject) -> None:
        self.state.clock.advance(number(given.get("seconds"), "seconds"))
        self.state.tick()

    def revoke_token(self, given: JsonObject) -> None:
        kind = text(given.get("kind"), "kind", STABLE)
        if kind not in (STABLE, PLAIN):
            raise ValueError(f"$.kind: expected {STABLE} or {PLAIN}, got {kind!r}")
        self.state.tokens.revoke(kind)

    def refuse_ip(self, given: JsonObject) -> None:
        self.state.refuses_ip = boolean(given.get("on"), "on", True)

    def overview(self, given: JsonObject) -> JsonObject:
        state = self.state
        desk = state.desk
        return {
            "accounts": [
                {"kf_account": a.name, "online": a.online, "bound": a.bound}
                for a in desk.staff.accounts.values()
            ],
            "waiting": [*desk.waiting],
            "stuck": [{"openid": o, "kf_account": a} for o, a in desk.stuck.items()],
            "conversations": [
                {"openid": c.openid, "kf_account": c.kf_account}
                for c in desk.conversations.values()
            ],
            "tokens_fetched": sum(state.tokens.fetched.values()),
            "tokens": {**state.tokens.fetched},
            "refuses_ip": state.refuses_ip,
            "executed": {**state.executed},
            "pushes": [*self.outbox.deliveries.shown()],
        }
