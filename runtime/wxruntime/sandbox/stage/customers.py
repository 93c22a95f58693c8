"""The actions of customers, and their chats."""

from __future__ import annotations

from attrs import asdict, field, frozen

from wxruntime.sandbox.messages import MENU_ENTRY, MessageIds, by_customer, event, message
from wxruntime.sandbox.outbox import PushOutbox
from wxruntime.sandbox.stage.action import Actions, fields, named
from wxruntime.sandbox.state import PlatformState
from wxruntime.sandbox.tags import EVENT_KIND
from wxruntime.sandbox.transcript import RECEIVED, UNSERVED, shown
from wxruntime.sandbox.windows import BY_EVENT, Trigger
from wxruntime.wire import JsonObject, text

__all__ = ["actions"]

UNFOLLOW = "unsubscribe"


def actions(state: PlatformState, outbox: PushOutbox) -> Actions:
    """Return the actions by name."""
    customers = _Customers(state, outbox, MessageIds(state.now()))
    return {
        "write": customers.write,
        "message": customers.message,
        "event": customers.event,
        "chat": customers.chat,
    }


@frozen
class _Customers:
    state: PlatformState = field(repr=False)
    outbox: PushOutbox = field(repr=False)
    message_ids: MessageIds = field(repr=False)

    def write(self, given: JsonObject) -> None:
        state, openid = self.state, named(given, "openid")
        content = text(given.get("content"), "content", "hello")
        state.push(state.desk.write(openid, state.now()))
        self._wrote(openid, "message", content)

    def message(self, given: JsonObject) -> JsonObject:
        """Send a message, of a customer or of a device."""
        state, openid = self.state, named(given, "openid")
        header = self.outbox.header(openid, state.now())
        kind = text(given.get("kind"), "kind", "text")
        described = state.catalog.messages.get(kind)
        wire = message(header, kind, self.message_ids.new(), described, fields(given))
        words = shown(kind, text(wire.get("Content"), "Content", ""))
        delivery = self.outbox.draft(wire)
        state.customers.meet(openid)
        heard = by_customer(wire) and self._heard(openid, wire, words)
        self.outbox.send([delivery], deliver=not heard)
        return {"id": delivery.number}

    def event(self, given: JsonObject) -> JsonObject:
        """Push an event; some events allow the account to send messages."""
        state, now = self.state, self.state.now()
        correspondence, catalog = state.correspondence, state.catalog
        openid, name = named(given, "openid"), named(given, "event")
        described = catalog.events.get(name)
        kind = EVENT_KIND if described is None else described.kind
        wire = event(self.outbox.header(openid, now), kind, name, fields(given))
        delivery = self.outbox.draft(wire)
        state.customers.meet(openid)
        if name in BY_EVENT:
            correspondence.acted(openid, BY_EVENT[name], now)
        elif name == UNFOLLOW:
            correspondence.unfollowed(openid)
        self.outbox.send([delivery])
        return {"id": delivery.number}

    def chat(self, given: JsonObject) -> JsonObject:
        return asdict(self.state.correspondence.chat(named(given, "openid"), self.state.now()))

    def _heard(self, openid: str, wire: JsonObject, words: str) -> bool:
        """Take note that a customer writes, and return whether an agent serves them.

        If an agent does, only the agent gets the message. If not, it is pushed to the callback,
        whose reply decides what follows; without a callback, the customer starts to wait.
        """
        state, now = self.state, self.state.now()
        heard = state.desk.hear(openid, now)
        if not heard and not self.outbox.has_callback:
            state.push(state.desk.write(openid, now))
        self._wrote(openid, "menu" if MENU_ENTRY in wire else "message", words)
        return heard

    def _wrote(self, openid: str, trigger: Trigger, words: str) -> None:
        """Open the window of a message, and enter the message into the transcript."""
        state, now = self.state, self.state.now()
        state.correspondence.acted(openid, trigger, now)
        conversation = state.desk.conversations.get(openid)
        if conversation is None:
            state.transcript.note(now, openid, UNSERVED, words)
        else:
            state.transcript.note(now, openid, RECEIVED, words, conversation.kf_account)
