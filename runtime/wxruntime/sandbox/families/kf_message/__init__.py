"""Messages to customers."""

from __future__ import annotations

from attrs import field, frozen

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import DONE, Given, Handlers
from wxruntime.sandbox.correspondence import Received
from wxruntime.sandbox.families.kf_message.contents import check
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.state import PlatformState
from wxruntime.sandbox.transcript import SENT, shown
from wxruntime.wire import element, text

__all__ = ["handlers"]

INVALID_COMMAND = 45072


def handlers(state: PlatformState) -> Handlers:
    """Return what answers this family's calls."""
    family = _KfMessage(state)
    return {"kf_message.send": family.send, "kf_message.typing": family.typing}


@frozen
class _KfMessage:
    state: PlatformState = field(repr=False)

    def send(self, given: Given) -> Outgoing:
        state, body, now = self.state, given.body, self.state.now()
        openid = text(body.get("touser"), "touser", "")
        state.customers.find(openid)
        kind = text(body.get("msgtype"), "msgtype", "")
        content = element(body.get(kind), kind)
        check(kind, content, state)
        said = shown(kind, text(content["content"], "content") if kind == "text" else "")
        sender = element(body.get("customservice"), "customservice")
        kf_account = text(sender.get("kf_account"), "kf_account", "")
        if kf_account:
            state.desk.staff.find(kf_account)
        state.correspondence.send(openid, Received(now, kf_account, kind, content))
        state.transcript.note(now, openid, SENT, said, kf_account)
        state.desk.wrote(openid, kf_account, now)
        return DONE

    def typing(self, given: Given) -> Outgoing:
        correspondence, openid = self.state.correspondence, given["openid"]
        self.state.customers.find(openid)
        if given["command"] == "Typing":
            correspondence.type(openid, self.state.now())
        elif given["command"] == "CancelTyping":
            correspondence.stop_typing(openid)
        else:
            raise Refusal(INVALID_COMMAND)
        return DONE
