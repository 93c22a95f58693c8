"""Messages to customers."""

from __future__ import annotations

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import DONE, Given
from wxruntime.sandbox.correspondence import Received
from wxruntime.sandbox.families.family import Family
from wxruntime.sandbox.families.kf_message.contents import check
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.transcript import SENT, shown
from wxruntime.wire import element, text

__all__ = ["KfMessageCalls"]

INVALID_COMMAND = 45072


class KfMessageCalls(Family):
    """Answers the calls of the family `kf_message`."""

    def send(self, given: Given) -> Outgoing:
        state, body, now = self._state, given.body, self._state.now()
        openid = text(body.get("touser"), "touser", "")
        state.customers.find(openid)
        kind = text(body.get("msgtype"), "msgtype", "")
        content = element(body.get(kind), kind)
        check(kind, content, state)
        words = shown(kind, text(content["content"], "content") if kind == "text" else "")
        sender = element(body.get("customservice"), "customservice")
        kf_account = text(sender.get("kf_account"), "kf_account", "")
        if kf_account:
            state.desk.staff.find(kf_account)
        state.correspondence.send(openid, Received(now, kf_account, kind, content))
        state.transcript.note(now, openid, SENT, words, kf_account)
        state.desk.wrote(openid, kf_account, now)
        return DONE

    def typing(self, given: Given) -> Outgoing:
        correspondence, openid = self._state.correspondence, given["openid"]
        self._state.customers.find(openid)
        if given["command"] == "Typing":
            correspondence.type(openid, self._state.now())
        elif given["command"] == "CancelTyping":
            correspondence.stop_typing(openid)
        else:
            raise Refusal(INVALID_COMMAND)
        return DONE
