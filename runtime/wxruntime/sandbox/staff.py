"""The customer-service accounts, and the invitations to serve under them.

Pure: the time is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Literal

from attrs import define, field

from wxruntime.sandbox.refusal import Refusal

__all__ = [
    "INVITATION_LIFETIME",
    "MAX_ACCOUNTS",
    "MAX_BINDINGS",
    "Invitation",
    "KfAccount",
    "Staff",
]

MAX_ACCOUNTS = 100
"""How many customer-service accounts there may be."""
MAX_NICKNAME = 16
"""How many characters a nickname may have; customers see the nickname."""
MAX_NAME = 30
"""How many characters the name of an account may have."""
MAX_BINDINGS = 5
"""How many Official Accounts a WeChat user may serve in all."""
INVITATION_LIFETIME = 86400
"""How long an invitation waits for its answer, in seconds; not in the documentation."""
_NAME = re.compile(r"[A-Za-z0-9_]{1,10}@[A-Za-z0-9_-]+")
_WECHAT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,19}")
_FIRST_ID = 1001

# The platform's error codes for accounts.
INVALID_ACCOUNT = 65401
ACCOUNT_NOT_BOUND = 65402
ILLEGAL_NICKNAME = 65403
ILLEGAL_NAME = 65404
TOO_MANY_ACCOUNTS = 65405
ACCOUNT_EXISTS = 65406
ALREADY_WORKER = 65407
ALREADY_INVITED = 65408
INVALID_WECHAT_ID = 65409
TOO_MANY_BINDINGS = 65410
INVITATION_PENDING = 65411
ALREADY_BOUND = 65412
ACCOUNT_OFFLINE = 65415


@define
class Invitation:
    """An invitation that was not accepted yet."""

    wechat_id: str
    """The WeChat ID of the invited user."""
    ends: int
    """When the invitation expires, in Unix seconds."""
    rejected: bool = False

    def status(self, now: int) -> Literal["waiting", "rejected", "expired"]:
        """Return the status of the invitation, in the platform's words."""
        if self.rejected:
            return "rejected"
        return "waiting" if now < self.ends else "expired"


@define
class KfAccount:
    """A customer-service account."""

    name: str
    """The name of the account, such as `sara@acme`."""
    number: int
    """The kf_id of the account."""
    nickname: str
    business_id: str = ""
    worker: str = ""
    """The WeChat ID of the agent; empty if no agent is bound."""
    online: bool = False
    """Whether the agent is online; False if no agent is bound."""
    invitation: Invitation | None = None
    picture: str = "https://mmbiz.example/kf_headimg/default/0"
    """The address of the account's picture."""

    @property
    def bound(self) -> bool:
        """Whether an agent is bound to the account."""
        return bool(self.worker)

    def invited(self, now: int) -> Invitation | None:
        """Return the invitation of the account, if it still waits for an answer."""
        invitation = self.invitation
        waits = invitation is not None and invitation.status(now) == "waiting"
        return invitation if waits else None


@define
class Staff:
    """The customer-service accounts of one Official Account."""

    accounts: dict[str, KfAccount] = field(factory=dict[str, KfAccount])
    elsewhere: dict[str, int] = field(factory=dict[str, int])
    """WeChat ID → how many other Official Accounts the user serves."""
    _numbers: Iterator[int] = field(factory=lambda: count(_FIRST_ID), repr=False)

    # What the API does.

    def add(self, name: str, nickname: str, business_id: str = "") -> None:
        """Add an account, to which no agent is bound yet."""
        if len(name) > MAX_NAME or not _NAME.fullmatch(name):
            raise Refusal(ILLEGAL_NAME)
        _check_nickname(nickname)
        if name in self.accounts:
            raise Refusal(ACCOUNT_EXISTS)
        self._create(name, nickname, business_id)

    def rename(self, name: str, nickname: str) -> None:
        """Change the nickname of an account."""
        account = self.find(name)
        _check_nickname(nickname)
        account.nickname = nickname

    def delete(self, name: str) -> None:
        """Delete an account and its invitation."""
        self.find(name)
        del self.accounts[name]

    def invite(self, name: str, wechat_id: str, now: int) -> None:
        """Invite a WeChat user to serve under an account."""
        account = self.find(name)
        if account.bound:
            raise Refusal(ALREADY_BOUND)
        if account.invited(now):
            raise Refusal(INVITATION_PENDING)
        if not _WECHAT_ID.fullmatch(wechat_id):
            raise Refusal(INVALID_WECHAT_ID)
        code = self._unavailable(wechat_id, now)
        if code:
            raise Refusal(code)
        account.invitation = Invitation(wechat_id, now + INVITATION_LIFETIME)

    def of(self, business_id: str) -> list[KfAccount]:
        """Return the accounts of a merchant; all accounts if `business_id` is empty."""
        return [a for a in self.accounts.values() if business_id in ("", a.business_id)]

    # What agents do.

    def put(self, name: str, now: int, *, online: bool, bound: bool) -> None:
        """Add an account of any name, or change one; nobody has to be invited.

        An account that becomes bound gets a worker whom no other account has or invites.

        Raises:
            Refusal: If the account is new and there are 100 accounts already.
        """
        account = self.accounts.get(name)
        if account is None:
            account = self._create(name, name.partition("@")[0][:MAX_NICKNAME])
        if not bound:
            account.worker = ""
        elif not account.bound:
            workers = (f"wx_{number}" for number in count(account.number))
            account.worker = next(w for w in workers if not self._unavailable(w, now))
            account.invitation = None
        account.online = online and bound

    def accept(self, name: str, now: int) -> None:
        """Bind the invited user to an account."""
        account = self.find(name)
        account.worker, account.invitation = _open(account, now).wechat_id, None

    def reject(self, name: str, now: int) -> None:
        """Reject the invitation of an account."""
        _open(self.find(name), now).rejected = True

    def set_online(self, name: str, online: bool) -> None:
        """Bring the agent of an account online, or take them offline."""
        account = self.find(name)
        if not account.bound:
            raise Refusal(ACCOUNT_NOT_BOUND)
        account.online = online

    # What the desk asks.

    def find(self, name: str) -> KfAccount:
        """Return an account; refuse one that does not exist."""
        if name not in self.accounts:
            raise Refusal(INVALID_ACCOUNT)
        return self.accounts[name]

    def ready(self, name: str) -> None:
        """Refuse an account that cannot take customers over now."""
        account = self.find(name)
        if not account.bound:
            raise Refusal(ACCOUNT_NOT_BOUND)
        if not account.online:
            raise Refusal(ACCOUNT_OFFLINE)

    def serves(self, name: str) -> bool:
        """Return whether an account exists and can take customers over now."""
        account = self.accounts.get(name)
        return account is not None and account.online

    def _create(self, name: str, nickname: str, business_id: str = "") -> KfAccount:
        if len(self.accounts) >= MAX_ACCOUNTS:
            raise Refusal(TOO_MANY_ACCOUNTS)
        account = KfAccount(name, next(self._numbers), nickname, business_id)
        self.accounts[name] = account
        return account

    def _unavailable(self, wechat_id: str, now: int) -> int:
        """Return the code that refuses a WeChat user as a worker; 0 for one who may serve."""
        if wechat_id in (account.worker for account in self.accounts.values()):
            return ALREADY_WORKER
        invitations = (account.invited(now) for account in self.accounts.values())
        if wechat_id in (invitation.wechat_id for invitation in invitations if invitation):
            return ALREADY_INVITED
        return TOO_MANY_BINDINGS if self.elsewhere.get(wechat_id, 0) >= MAX_BINDINGS else 0


def _check_nickname(nickname: str) -> None:
    if not 1 <= len(nickname) <= MAX_NICKNAME:
        raise Refusal(ILLEGAL_NICKNAME)


def _open(account: KfAccount, now: int) -> Invitation:
    invitation = account.invited(now)
    if invitation is None:
        raise ValueError(
            f"$.kf_account: expected an account with an open invitation, got {account.name!r}"
        )
    return invitation
