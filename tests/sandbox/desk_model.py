"""What a desk should be like: the rules once more, by other means than the local WeChat's."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field

IDLE_LIMIT = 1800
INVITATION = 86400
TRIGGERS = {"message": (5, 172_800), "menu": (3, 60), "subscribe": (3, 60)}
"""What a customer does → how many messages may follow, within how many seconds."""
SOMEBODY = "somebody"
"""Whoever serves under an account that was put there."""


@define
class Kf:
    """A customer-service account."""

    nickname: str
    worker: str = ""
    online: bool = False
    invited: str = ""
    """Who was invited; empty where nobody was, or somebody is bound."""
    invited_until: int = 0
    rejected: bool = False

    def status(self, clock: int) -> str | None:
        """Return what became of the invitation; None where there is none."""
        if not self.invited:
            return None
        if self.rejected:
            return "rejected"
        return "waiting" if clock < self.invited_until else "expired"


@define
class Customer:
    """A customer, and what passed between them and the account."""

    latest: int = 0
    windows: dict[str, list[int]] = field(factory=dict[str, list[int]])
    """Trigger → how many messages are left, and when that is over."""
    chat: list[tuple[int, str, str]] = field(factory=list[tuple[int, str, str]])
    """When, from whom, what."""
    typing_until: int = 0

    def act(self, trigger: str, clock: int) -> None:
        """Do something that lets the account write."""
        messages, seconds = TRIGGERS[trigger]
        self.windows[trigger] = [messages, clock + seconds]
        self.latest = clock

    def leave(self) -> None:
        """Unfollow the account, which may do nothing for now."""
        self.windows.clear()
        self.latest = self.typing_until = 0

    def open(self, clock: int) -> list[list[int]]:
        """Return the windows that are open, the first to close first."""
        return sorted((w for w in self.windows.values() if w[1] > clock), key=lambda w: w[1])

    def receive(self, clock: int, account: str, text: str) -> None:
        """See a message."""
        self.chat.append((clock, account, text))
        self.latest, self.typing_until = clock, 0


@define
class Model:
    """What the desk should hold."""

    clock: int
    accounts: dict[str, Kf] = field(factory=dict[str, Kf])
    customers: dict[str, Customer] = field(factory=dict[str, Customer])
    waiting: list[str] = field(factory=list[str])
    served: dict[str, str] = field(factory=dict[str, str])
    touched: dict[str, int] = field(factory=dict[str, int])
    transcript: list[tuple[int, str, int, str, str]] = field(
        factory=list[tuple[int, str, int, str, str]]
    )
    """When, whose, what happened, what was said, by or to whom."""

    def customer(self, openid: str) -> Customer:
        """Return a customer, who is known from now on."""
        return self.customers.setdefault(openid, Customer())

    def idle(self) -> set[str]:
        """Return whose conversations are over by now."""
        return {c for c, at in self.touched.items() if self.clock - at >= IDLE_LIMIT}

    def note(self, openid: str, code: int, text: str = "", account: str = "") -> None:
        """Write down what happens now."""
        self.transcript.append((self.clock, openid, code, text, account))

    def busy(self) -> Iterator[tuple[str, int]]:
        """Return who is online, and how many customers each serves."""
        for name, account in self.accounts.items():
            if account.worker and account.online:
                yield name, [*self.served.values()].count(name)

    # With which code something is refused; 0 where it is not.

    def refusal_to_add(self, name: str, nickname: str) -> int:
        """Look at a new account."""
        if " " in name:
            return 65404
        if len(nickname) > 16:
            return 65403
        return 65406 if name in self.accounts else 0

    def refusal_to_invite(self, name: str, wechat_id: str) -> int:
        """Look at an invitation."""
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
        """Look at an account that is to take somebody over."""
        if name not in self.accounts:
            return 65401
        if not self.accounts[name].worker:
            return 65402
        return 0 if self.accounts[name].online else 65415

    def refusal_to_create(self, openid: str, name: str) -> int:
        """Look at a conversation that is to begin."""
        if name in self.accounts and self.served.get(openid) == name:
            return 0
        if refused := self.refusal_to_serve(name):
            return refused
        if openid not in self.customers:
            return 40003
        return 65414 if openid in self.served else 0

    def refusal_to_act_in(self, openid: str, name: str) -> int:
        """Look at a conversation that an account is to close, or to write in."""
        if name not in self.accounts:
            return 65401
        if openid not in self.customers:
            return 40003
        if openid not in self.served:
            return 65413
        return 0 if self.served[openid] == name else 65414

    def refusal_to_send(self, openid: str, sender: str) -> int:
        """Look at a message."""
        if openid not in self.customers:
            return 40003
        if sender and sender not in self.accounts:
            return 65401
        windows = self.customers[openid].open(self.clock)
        if not windows:
            return 45015
        return 0 if any(left for left, _ in windows) else 45047

    def refusal_to_type(self, openid: str) -> int:
        """Look at a customer who is to see somebody type."""
        if openid not in self.customers:
            return 40003
        customer = self.customers[openid]
        if self.clock - customer.latest > 30:
            return 45080
        return 45081 if self.clock < customer.typing_until else 0
