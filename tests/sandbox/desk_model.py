"""A model of the desk: the same rules, written without the local WeChat's code."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field

IDLE_LIMIT = 1800
INVITATION = 86400
TRIGGERS = {"message": (5, 172_800), "menu": (3, 60), "subscribe": (3, 60)}
"""Trigger → how many messages are allowed, and for how many seconds."""
SOMEBODY = "somebody"
"""The worker of an account that was put there."""


@define
class Kf:
    """A customer-service account."""

    nickname: str
    worker: str = ""
    online: bool = False
    invited: str = ""
    """The invited user; empty if there is no invitation, or a worker is bound."""
    invited_until: int = 0
    rejected: bool = False

    def status(self, clock: int) -> str | None:
        """Return the status of the invitation; None if there is none."""
        if not self.invited:
            return None
        if self.rejected:
            return "rejected"
        return "waiting" if clock < self.invited_until else "expired"


@define
class Customer:
    """A customer, and their chat with the account."""

    latest: int = 0
    windows: dict[str, list[int]] = field(factory=dict[str, list[int]])
    """Trigger → how many messages remain, and when the window closes."""
    chat: list[tuple[int, str, str]] = field(factory=list[tuple[int, str, str]])
    """Time, sender and text of each message."""
    typing_until: int = 0

    def act(self, trigger: str, clock: int) -> None:
        """Do something that allows the account to send messages."""
        messages, seconds = TRIGGERS[trigger]
        self.windows[trigger] = [messages, clock + seconds]
        self.latest = clock

    def leave(self) -> None:
        """Unfollow the account, which may send nothing for now."""
        self.windows.clear()
        self.latest = self.typing_until = 0

    def open(self, clock: int) -> list[list[int]]:
        """Return the open windows, the first to close first."""
        return sorted((w for w in self.windows.values() if w[1] > clock), key=lambda w: w[1])

    def receive(self, clock: int, account: str, text: str) -> None:
        """Receive a message."""
        self.chat.append((clock, account, text))
        self.latest, self.typing_until = clock, 0


@define
class Model:
    """The state that the desk should have."""

    clock: int
    accounts: dict[str, Kf] = field(factory=dict[str, Kf])
    customers: dict[str, Customer] = field(factory=dict[str, Customer])
    waiting: list[str] = field(factory=list[str])
    served: dict[str, str] = field(factory=dict[str, str])
    touched: dict[str, int] = field(factory=dict[str, int])
    transcript: list[tuple[int, str, int, str, str]] = field(
        factory=list[tuple[int, str, int, str, str]]
    )
    """Time, customer, code, text and account of each entry."""

    def customer(self, openid: str) -> Customer:
        """Return a customer, and add them if they are new."""
        return self.customers.setdefault(openid, Customer())

    def idle(self) -> set[str]:
        """Return the customers whose conversations are idle for too long."""
        return {c for c, at in self.touched.items() if self.clock - at >= IDLE_LIMIT}

    def note(self, openid: str, code: int, text: str = "", account: str = "") -> None:
        """Add an entry to the transcript, at the present time."""
        self.transcript.append((self.clock, openid, code, text, account))

    def busy(self) -> Iterator[tuple[str, int]]:
        """Return the accounts that are online, and how many customers each serves."""
        for name, account in self.accounts.items():
            if account.worker and account.online:
                yield name, [*self.served.values()].count(name)

    # The codes of refusals; 0 for what is allowed.

    def refusal_to_add(self, name: str, nickname: str) -> int:
        """Return the code that refuses a new account."""
        if " " in name:
            return 65404
        if len(nickname) > 16:
            return 65403
        return 65406 if name in self.accounts else 0

    def refusal_to_invite(self, name: str, wechat_id: str) -> int:
        """Return the code that refuses an invitation."""
        if name not in self.accounts:
            return 65401
        if self.accounts[name].worker:
            return 65412
        if self.accounts[name].status(self.clock) == "waiting":
            return 65411
        if wechat_id in {account.worker for account in self.accounts.values()}:
            return 65407
        waiting = {
            account.invited
            for account in self.accounts.values()
            if account.status(self.clock) == "waiting"
        }
        return 65408 if wechat_id in waiting else 0

    def refusal_to_serve(self, name: str) -> int:
        """Return the code that refuses an account as the one that serves."""
        if name not in self.accounts:
            return 65401
        if not self.accounts[name].worker:
            return 65402
        return 0 if self.accounts[name].online else 65415

    def refusal_to_create(self, openid: str, name: str) -> int:
        """Return the code that refuses a new conversation."""
        if name in self.accounts and self.served.get(openid) == name:
            return 0
        if refused := self.refusal_to_serve(name):
            return refused
        if openid not in self.customers:
            return 40003
        return 65414 if openid in self.served else 0

    def refusal_to_act_in(self, openid: str, name: str) -> int:
        """Return the code that refuses to close a conversation or to write in it."""
        if name not in self.accounts:
            return 65401
        if openid not in self.customers:
            return 40003
        if openid not in self.served:
            return 65413
        return 0 if self.served[openid] == name else 65414

    def refusal_to_send(self, openid: str, sender: str) -> int:
        """Return the code that refuses a message."""
        if openid not in self.customers:
            return 40003
        if sender and sender not in self.accounts:
            return 65401
        windows = self.customers[openid].open(self.clock)
        if not windows:
            return 45015
        return 0 if any(left for left, _ in windows) else 45047

    def refusal_to_type(self, openid: str) -> int:
        """Return the code that refuses the typing indicator."""
        if openid not in self.customers:
            return 40003
        customer = self.customers[openid]
        if self.clock - customer.latest > 30:
            return 45080
        return 45081 if self.clock < customer.typing_until else 0
