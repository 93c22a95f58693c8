"""The state of a customer-service desk: who waits, who serves, and the pushes of each change.

Pure: the time is an argument, and what is to be pushed is returned. An idle conversation therefore
ends with the next request, or when the time is advanced; its event carries the time when the
conversation became idle for too long.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import define, field, frozen

from wxruntime.sandbox.customers import Customer, Customers
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.staff import Staff

__all__ = ["IDLE_LIMIT", "MAX_WAIT_CASES", "Change", "Changes", "Conversation", "DeskState"]

IDLE_LIMIT = 30 * 60
"""How long a conversation may be idle before it ends, in seconds."""
MAX_WAIT_CASES = 100
"""How many waiting customers one answer lists."""

# The platform's error codes for the desk.
NO_SESSION = 65413
SERVED_BY_ANOTHER = 65414

Changes: TypeAlias = "list[Change]"


@define
class Conversation:
    """A customer and the customer-service account that serves them."""

    openid: str
    kf_account: str
    create_time: int
    touched: int
    """When the conversation last had a message, or was opened or transferred, in Unix seconds."""


@frozen
class Change:
    """Something that happened at the desk, of which an event is pushed."""

    event: str
    openid: str
    time: int
    fields: dict[str, str]
    """The fields of the event beyond the header, by their names in Python."""


@define
class DeskState:
    """The customer-service accounts, the waiting queue and the conversations."""

    customers: Customers = field(factory=Customers)
    staff: Staff = field(factory=Staff)
    waiting: list[str] = field(factory=list[str])
    conversations: dict[str, Conversation] = field(factory=dict[str, Conversation])
    stuck: dict[str, str] = field(factory=dict[str, str])
    """Customers transferred to an account that could not serve them: openid → that account."""

    # What agents and customers do.

    def write(self, openid: str, now: int) -> Changes:
        """Take note that a customer writes; a customer who is not served starts to wait."""
        if not self.hear(openid, now):
            self._queue(openid)
        return []

    def hear(self, openid: str, now: int) -> bool:
        """Take note that a customer writes, and return whether an agent serves them."""
        self.customers.meet(openid).latest_time = now
        conversation = self.conversations.get(openid)
        if conversation is None:
            return False
        conversation.touched = now
        return True

    def forward(self, openid: str, to: str | None, now: int) -> Changes:
        """Transfer a customer to the desk, as the reply `transfer_customer_service` does.

        Args:
            openid: The customer; nothing happens if they are served already or have never written.
            to: The customer-service account that is to serve them; None for any account. If the
                named account cannot serve now, no other account can take the customer over until
                a later reply transfers them elsewhere.
            now: The time, in Unix seconds.
        """
        if openid in self.conversations or not self.customers.has_written(openid):
            return []
        self.stuck.pop(openid, None)
        if to is None:
            self._queue(openid)
            return []
        if self.staff.serves(to):
            return [self._opened(openid, to, now)]
        if openid in self.waiting:
            self.waiting.remove(openid)
        self.stuck[openid] = to
        return []

    def transfer(self, openid: str, to: str, now: int) -> Changes:
        """Transfer a customer to another account, as the agent who serves them does.

        Raises:
            Refusal: If nobody serves the customer, or the other account cannot.
        """
        conversation = self.conversations.get(openid)
        if conversation is None:
            raise Refusal(NO_SESSION)
        self.staff.ready(to)
        served = conversation.kf_account
        if served == to:
            return []
        conversation.kf_account, conversation.touched = to, now
        fields = {"from_kf_account": served, "to_kf_account": to}
        return [Change("kf_switch_session", openid, now, fields)]

    def say(self, openid: str, kf_account: str, now: int) -> None:
        """Take note that an agent writes to a customer.

        Raises:
            Refusal: If the agent does not serve the customer.
        """
        self._between(openid, kf_account).touched = now

    def wrote(self, openid: str, kf_account: str, now: int) -> None:
        """Take note that `kf_message.send` wrote to a customer in the name of an account."""
        conversation = self.conversations.get(openid)
        if conversation is not None and conversation.kf_account == kf_account:
            conversation.touched = now

    def end_idle(self, now: int) -> Changes:
        """End the conversations that are idle for too long; call it before anything else.

        However late it is called, each conversation ends at the time when it was due, and they end
        in the order of these times.
        """
        idle = [c for c in self.conversations.values() if now - c.touched >= IDLE_LIMIT]
        idle.sort(key=lambda conversation: conversation.touched)
        return [self._ended(c, c.touched + IDLE_LIMIT) for c in idle]

    # What the API does.

    def create(self, openid: str, kf_account: str, now: int) -> Changes:
        """Open a conversation; nothing happens if the account serves the customer already."""
        self.staff.find(kf_account)
        conversation = self.conversations.get(openid)
        if conversation is not None and conversation.kf_account == kf_account:
            return []
        self.staff.ready(kf_account)
        self.customers.find(openid)
        if conversation is not None or self.stuck.get(openid, kf_account) != kf_account:
            raise Refusal(SERVED_BY_ANOTHER)
        return [self._opened(openid, kf_account, now)]

    def close(self, openid: str, kf_account: str, now: int) -> Changes:
        """Close a conversation."""
        return [self._ended(self._between(openid, kf_account), now)]

    def delete_account(self, kf_account: str, now: int) -> Changes:
        """Delete an account, end its conversations, and queue the customers stuck with it.

        The documentation does not say what becomes of these customers. Without the queue, no
        account could ever serve them.
        """
        self.staff.delete(kf_account)
        served = [c for c in self.conversations.values() if c.kf_account == kf_account]
        for openid in [o for o, named in self.stuck.items() if named == kf_account]:
            del self.stuck[openid]
            self._queue(openid)
        return [self._ended(conversation, now) for conversation in served]

    def serving(self, openid: str) -> Conversation | None:
        """Return the conversation of a customer; None if nobody serves them."""
        self.customers.find(openid)
        return self.conversations.get(openid)

    def served_by(self, kf_account: str) -> list[Conversation]:
        """Return the conversations of an account, the oldest first."""
        self.staff.find(kf_account)
        return [c for c in self.conversations.values() if c.kf_account == kf_account]

    def wait_cases(self) -> list[Customer]:
        """Return the waiting customers, in the order in which they started to wait."""
        return [self.customers.find(openid) for openid in self.waiting]

    def _between(self, openid: str, kf_account: str) -> Conversation:
        """Return the conversation between a customer and an account; refuse if there is none."""
        self.staff.find(kf_account)
        self.customers.find(openid)
        conversation = self.conversations.get(openid)
        if conversation is None:
            raise Refusal(NO_SESSION)
        if conversation.kf_account != kf_account:
            raise Refusal(SERVED_BY_ANOTHER)
        return conversation

    def _queue(self, openid: str) -> None:
        if openid not in self.waiting and openid not in self.stuck:
            self.waiting.append(openid)

    def _opened(self, openid: str, kf_account: str, now: int) -> Change:
        if openid in self.waiting:
            self.waiting.remove(openid)
        self.stuck.pop(openid, None)
        self.conversations[openid] = Conversation(openid, kf_account, now, now)
        return Change("kf_create_session", openid, now, {"kf_account": kf_account})

    def _ended(self, conversation: Conversation, now: int) -> Change:
        del self.conversations[conversation.openid]
        fields = {"kf_account": conversation.kf_account}
        return Change("kf_close_session", conversation.openid, now, fields)
