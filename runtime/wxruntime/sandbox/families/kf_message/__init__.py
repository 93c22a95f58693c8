"""Messages to customers."""

from __future__ import annotations

from attrs import field, frozen

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import DONE, Given, Handlers
from wxruntime.sandbox.correspondence import Received
from wxruntime.sandbox.families.kf_message.contents import check
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.transcript import SENT, shown
from wxruntime.sandbox.world import World
from wxruntime.wire import element, text

__all__ = ["handlers"]

INVALID_COMMAND = 45072


def handlers(world: World) -> Handlers:
    """Return what answers this family's calls."""
    family = _KfMessage(world)
    return {"kf_message.send": family.send, "kf_message.typing": family.typing}


@frozen
class _KfMessage:
    world: World = field(repr=False)

    def send(self, given: Given) -> Outgoing:
        world, body, now = self.world, given.body, self.world.now()
        openid = text(body.get("touser"), "touser", "")
        world.customers.find(openid)
        kind = text(body.get("msgtype"), "msgtype", "")
        content = element(body.get(kind), kind)
        check(kind, content, world)
        said = shown(kind, text(content["content"], "content") if kind == "text" else "")
        sender = element(body.get("customservice"), "customservice")
        kf_account = text(sender.get("kf_account"), "kf_account", "")
        if kf_account:
            world.desk.staff.find(kf_account)
        world.correspondence.send(openid, Received(now, kf_account, kind, content))
        world.transcript.note(now, openid, SENT, said, kf_account)
        world.desk.wrote(openid, kf_account, now)
        return DONE

    def typing(self, given: Given) -> Outgoing:
        correspondence, openid = self.world.correspondence, given["openid"]
        self.world.customers.find(openid)
        if given["command"] == "Typing":
            correspondence.type(openid, self.world.now())
        elif given["command"] == "CancelTyping":
            correspondence.stop_typing(openid)
        else:
            raise Refusal(INVALID_COMMAND)
        return DONE
