"""The state of a customer-service desk: who waits, who serves, and the pushes of each change.

Pure: time comes in as an argument, and what is to be pushed goes out as a value. So an idle
conversation ends when the local WeChat is next asked something or its time is advanced; its end
bears the time at which it was due.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import define, field, frozen

from wxruntime.sandbox.customers import Customer, Customers
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.staff import Staff

__all__ = ["IDLE_LIMIT", "MAX_WAIT_CASES", "Change", "Changes", "Conversation", "DeskState"]

IDLE_LIMIT = 30 * 60
"""After how many idle seconds a conversation ends by itself."""
MAX_WAIT_CASES = 100
"""How many waiting customers one answer lists."""

# The platform's codes for what a desk refuses.
NO_SESSION = 65413
SERVED_BY_ANOTHER = 65414

Changes: TypeAlias = "list[Change]"


@define
class Conversation:
    """A customer and the account that serves them."""

    openid: str
    kf_account: str
    create_time: int
    touched: int


@frozen
class Change:
    """Something that happened and is to be pushed."""

    event: str
    openid: str
    time: int
    fields: dict[str, str]


@define
class DeskState:
    """Accounts, the waiting queue and the conversations."""

    customers: Customers = field(factory=Customers)
    staff: Staff = field(factory=Staff)
    waiting: list[str] = field(factory=list[str])
    conversations: dict[str, Conversation] = field(factory=dict[str, Conversation])
    stuck: dict[str, str] = field(factory=dict[str, str])
    """Who was handed over to an account that could not serve: openid → that account."""

    # What agents and customers do.

    def write(self, openid: str, now: int) -> Changes:
        """Let a customer write to the desk: whoever nobody serves begins to wait."""
        if not self.hear(openid, now):
            self._queue(openid)
        return []

    def hear(self, openid: str, now: int) -> bool:
        """Take note that a customer writes, and return whether an agent hears it."""
        self.customers.meet(openid).latest_time = now
        conversation = self.conversations.get(openid)
        if conversation is None:
            return False
        conversation.touched = now
        return True

    def forward(self, openid: str, to: str | None, now: int) -> Changes:
        """Let the account hand a customer over to the desk, as the reply to a message does.

        Args:
            openid: Who has written; somebody who never has stays where they are.
            to: The account that is to serve them; None leaves it to whoever comes first. One that
                cannot serve now keeps the customer from all others until it takes them over, or
                another reply hands them to somebody else.
            now: The time.
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
        """Let an agent hand a customer over to another account."""
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
        """Take note that an agent writes to the customer whom they serve."""
        self._between(openid, kf_account).touched = now

    def wrote(self, openid: str, kf_account: str, now: int) -> None:
        """Take note that an account wrote to a customer, whether or not it serves them."""
        conversation = self.conversations.get(openid)
        if conversation is not None and conversation.kf_account == kf_account:
            conversation.touched = now

    def end_idle(self, now: int) -> Changes:
        """End the conversations in which nobody has written for too long; call it first.

        However late it is called, each ends at its own time, and they end in that order.
        """
        idle = [c for c in self.conversations.values() if now - c.touched >= IDLE_LIMIT]
        idle.sort(key=lambda conversation: conversation.touched)
        return [self._ended(c, c.touched + IDLE_LIMIT) for c in idle]

    # What the API does.

    def create(self, openid: str, kf_account: str, now: int) -> Changes:
        """Open a conversation; one that exists already is not opened again."""
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
        """Delete an account: its conversations end, and whoever is stuck with it waits for others.

        No page says what becomes of them; so nobody is left with an account that is not there.
        """
        self.staff.delete(kf_account)
        served = [c for c in self.conversations.values() if c.kf_account == kf_account]
        for openid in [o for o, named in self.stuck.items() if named == kf_account]:
            del self.stuck[openid]
            self._queue(openid)
        return [self._ended(conversation, now) for conversation in served]

    def serving(self, openid: str) -> Conversation | None:
        """Return the conversation of a customer; None when nobody serves them."""
        self.customers.find(openid)
        return self.conversations.get(openid)

    def served_by(self, kf_account: str) -> list[Conversation]:
        """Return the conversations of an account, the oldest first."""
        self.staff.find(kf_account)
        return [c for c in self.conversations.values() if c.kf_account == kf_account]

    def wait_cases(self) -> list[Customer]:
        """Return the customers who wait, in the order of their arrival."""
        return [self.customers.find(openid) for openid in self.waiting]

    def _between(self, openid: str, kf_account: str) -> Conversation:
        """Return the conversation of a customer and an account; refuse where there is none."""
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
