"""The chats of customers with the account, as the customers see them.

Pure: the time is an argument.
"""

from __future__ import annotations

from collections import deque

from attrs import define, field, frozen

from wxruntime.sandbox.customers import Customers
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.windows import Trigger, Windows
from wxruntime.wire import JsonObject

__all__ = ["TYPING", "Chat", "Correspondence", "Received"]

KEPT = 1000
"""How many messages a chat keeps; the oldest is dropped first."""
TYPING = 15
"""How long the typing indicator is shown, in seconds."""
TYPING_WINDOW = 30
"""How long after the latest message the typing indicator may be shown, in seconds."""

NO_RECENT_MESSAGE = 45080
ALREADY_TYPING = 45081


@frozen
class Received:
    """A message that a customer received."""

    time: int
    """When the message arrived, in Unix seconds."""
    kf_account: str
    """The customer-service account that sent the message; empty for the Official Account itself."""
    kind: str
    """The MsgType of the message."""
    content: JsonObject = field(repr=False)
    """The content of the message, as it was sent."""


@frozen
class Chat:
    """The chat with the account, as a customer sees it."""

    messages: tuple[Received, ...]
    """The messages that the customer received, the oldest first; at most the latest 1000."""
    typing: bool
    """Whether the typing indicator is shown."""
    allowance: int
    """How many messages `kf_message.send` may send the customer now."""


@define
class _Person:
    latest: int = 0
    """When the latest message or event of the chat came, in Unix seconds."""
    windows: Windows = field(factory=Windows)
    messages: deque[Received] = field(factory=lambda: deque[Received](maxlen=KEPT))
    typing_ends: int = 0


@define
class Correspondence:
    """The chats of all customers."""

    customers: Customers = field(factory=Customers)
    _people: dict[str, _Person] = field(factory=dict[str, _Person], repr=False)

    # What customers do.

    def acted(self, openid: str, trigger: Trigger, now: int) -> None:
        """Take note of something a customer did that allows the account to send messages."""
        person = self._met(openid)
        person.latest = now
        person.windows.open(trigger, now)

    def unfollowed(self, openid: str) -> None:
        """Take note that a customer unfollowed: no messages are allowed, and no typing indicator.

        The customer stays known to the account, and the messages of their chat stay.
        """
        person = self._met(openid)
        person.latest = person.typing_ends = 0
        person.windows.close()

    # What customers receive.

    def send(self, openid: str, message: Received) -> None:
        """Add a message to a chat, and count it in the customer's windows.

        Raises:
            Refusal: If the account may send no message now.
        """
        self._find(openid).windows.use(message.time)
        self.receive(openid, message)

    def receive(self, openid: str, message: Received) -> None:
        """Add a message to a chat without counting it, and end the typing indicator."""
        person = self._met(openid)
        person.messages.append(message)
        person.latest, person.typing_ends = message.time, 0

    def type(self, openid: str, now: int) -> None:
        """Show the typing indicator.

        Raises:
            Refusal: If there was no recent message, or the indicator is shown already.
        """
        person = self._find(openid)
        if now - person.latest > TYPING_WINDOW:
            raise Refusal(NO_RECENT_MESSAGE)
        if now < person.typing_ends:
            raise Refusal(ALREADY_TYPING)
        person.typing_ends = now + TYPING

    def stop_typing(self, openid: str) -> None:
        """End the typing indicator, whether it is shown or not."""
        self._find(openid).typing_ends = 0

    def chat(self, openid: str, now: int) -> Chat:
        """Return what a customer sees; nothing for a customer whom the account does not know."""
        person = self._people.get(openid, _Person())
        return Chat(tuple(person.messages), now < person.typing_ends, person.windows.remaining(now))

    def _met(self, openid: str) -> _Person:
        self.customers.meet(openid)
        return self._people.setdefault(openid, _Person())

    def _find(self, openid: str) -> _Person:
        self.customers.find(openid)
        return self._met(openid)
