"""The actions of agents, and of WeChat users who are to become agents."""

from __future__ import annotations

from attrs import field, frozen

from wxruntime.sandbox.correspondence import Received
from wxruntime.sandbox.stage.action import Actions, named
from wxruntime.sandbox.state import PlatformState
from wxruntime.sandbox.transcript import SENT
from wxruntime.wire import JsonObject, boolean, integer, text

__all__ = ["actions"]


def actions(state: PlatformState) -> Actions:
    """Return the actions by name."""
    agents = _Agents(state)
    return {
        "account": agents.account,
        "worker": agents.worker,
        "accept-invitation": agents.accept_invitation,
        "reject-invitation": agents.reject_invitation,
        "online": agents.online,
        "accept": agents.accept,
        "transfer": agents.transfer,
        "say": agents.say,
        "close": agents.close,
    }


@frozen
class _Agents:
    state: PlatformState = field(repr=False)

    def account(self, given: JsonObject) -> None:
        self.state.desk.staff.put(
            named(given, "kf_account"),
            self.state.now(),
            online=boolean(given.get("online"), "online", True),
            bound=boolean(given.get("bound"), "bound", True),
        )

    def worker(self, given: JsonObject) -> None:
        elsewhere = integer(given.get("elsewhere"), "elsewhere")
        self.state.desk.staff.elsewhere[named(given, "wechat_id")] = elsewhere

    def accept_invitation(self, given: JsonObject) -> None:
        self.state.desk.staff.accept(named(given, "kf_account"), self.state.now())

    def reject_invitation(self, given: JsonObject) -> None:
        self.state.desk.staff.reject(named(given, "kf_account"), self.state.now())

    def online(self, given: JsonObject) -> None:
        on = boolean(given.get("on"), "on", True)
        self.state.desk.staff.set_online(named(given, "kf_account"), on)

    def accept(self, given: JsonObject) -> None:
        openid, kf_account = named(given, "openid"), named(given, "kf_account")
        self.state.push(self.state.desk.create(openid, kf_account, self.state.now()))

    def transfer(self, given: JsonObject) -> None:
        openid, to = named(given, "openid"), named(given, "to_kf_account")
        self.state.push(self.state.desk.transfer(openid, to, self.state.now()))

    def say(self, given: JsonObject) -> None:
        """Write to a customer, as the agent who serves them.

        The message allowance limits API calls only; an agent writing by hand is not limited.
        """
        state, now = self.state, self.state.now()
        openid, kf_account = named(given, "openid"), named(given, "kf_account")
        content = text(given.get("content"), "content")
        state.desk.say(openid, kf_account, now)
        message = Received(now, kf_account, "text", {"content": content})
        state.correspondence.receive(openid, message)
        state.transcript.note(now, openid, SENT, content, kf_account)

    def close(self, given: JsonObject) -> None:
        openid, kf_account = named(given, "openid"), named(given, "kf_account")
        self.state.push(self.state.desk.close(openid, kf_account, self.state.now()))
