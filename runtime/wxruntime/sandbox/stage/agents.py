"""What agents do, and those who are to become agents."""

from __future__ import annotations

from attrs import field, frozen

from wxruntime.sandbox.correspondence import Received
from wxruntime.sandbox.stage.action import Actions, named
from wxruntime.sandbox.transcript import SENT
from wxruntime.sandbox.world import World
from wxruntime.wire import JsonObject, boolean, integer, text

__all__ = ["actions"]


def actions(world: World) -> Actions:
    """Return what agents do, by name."""
    agents = _Agents(world)
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
    world: World = field(repr=False)

    def account(self, given: JsonObject) -> None:
        self.world.desk.staff.put(
            named(given, "kf_account"),
            online=boolean(given.get("online"), "online", True),
            bound=boolean(given.get("bound"), "bound", True),
        )

    def worker(self, given: JsonObject) -> None:
        elsewhere = integer(given.get("elsewhere"), "elsewhere")
        self.world.desk.staff.elsewhere[named(given, "wechat_id")] = elsewhere

    def accept_invitation(self, given: JsonObject) -> None:
        self.world.desk.staff.accept(named(given, "kf_account"), self.world.now())

    def reject_invitation(self, given: JsonObject) -> None:
        self.world.desk.staff.reject(named(given, "kf_account"), self.world.now())

    def online(self, given: JsonObject) -> None:
        on = boolean(given.get("on"), "on", True)
        self.world.desk.staff.set_online(named(given, "kf_account"), on)

    def accept(self, given: JsonObject) -> None:
        openid, kf_account = named(given, "openid"), named(given, "kf_account")
        self.world.push(self.world.desk.create(openid, kf_account, self.world.now()))

    def transfer(self, given: JsonObject) -> None:
        openid, to = named(given, "openid"), named(given, "to_kf_account")
        self.world.push(self.world.desk.transfer(openid, to, self.world.now()))

    def say(self, given: JsonObject) -> None:
        """Let an agent write to the customer whom they serve.

        What the allowance of `kf_message.send` is about are calls: an agent is not bound by it.
        """
        world, now = self.world, self.world.now()
        openid, kf_account = named(given, "openid"), named(given, "kf_account")
        content = text(given.get("content"), "content")
        world.desk.say(openid, kf_account, now)
        message = Received(now, kf_account, "text", {"content": content})
        world.correspondence.receive(openid, message)
        world.transcript.note(now, openid, SENT, content, kf_account)

    def close(self, given: JsonObject) -> None:
        openid, kf_account = named(given, "openid"), named(given, "kf_account")
        self.world.push(self.world.desk.close(openid, kf_account, self.world.now()))
