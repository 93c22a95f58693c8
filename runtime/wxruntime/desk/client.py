"""The part of a client that a desk needs; the generated clients have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from wxruntime.retry import Retry

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AsyncDeskClient", "DeskClient", "OnlineAccount", "Queue", "Served", "WaitingCase"]


class OnlineAccount(Protocol):
    """A customer-service account of the online list."""

    @property
    def kf_account(self) -> str:
        """Its name, prefix@wechat-id."""
        ...

    @property
    def status(self) -> int:
        """Where an agent is online under the account; 0 if nowhere."""
        ...

    @property
    def accepted_case(self) -> int:
        """How many customers the account serves."""
        ...


class WaitingCase(Protocol):
    """A customer who waits."""

    @property
    def openid(self) -> str:
        """The customer."""
        ...

    @property
    def latest_time(self) -> int:
        """When the customer last wrote, in Unix seconds."""
        ...

    @property
    def kf_account(self) -> str | None:
        """The account that the customer asked for; None if the platform names none."""
        ...


class Queue(Protocol):
    """The head of the waiting queue."""

    @property
    def total_count(self) -> int:
        """How many customers wait, including those that are not listed."""
        ...

    @property
    def items(self) -> Sequence[WaitingCase]:
        """The customers who have waited longest, at most 100, in order of arrival."""
        ...


class Served(Protocol):
    """A customer's conversation."""

    @property
    def kf_account(self) -> str:
        """The account that serves the customer; empty if none does."""
        ...


class _Accounts(Protocol):
    def list_online(self) -> Sequence[OnlineAccount]: ...


class _Sessions(Protocol):
    def create(self, openid: str, kf_account: str) -> None: ...

    def close(self, openid: str, kf_account: str) -> None: ...

    def get(self, openid: str) -> Served: ...

    def wait_case_list(self) -> Queue: ...


class _Messages(Protocol):
    def typing(self, openid: str, command: str) -> None: ...


class DeskClient(Protocol):
    """A client that blocks."""

    @property
    def kf_account(self) -> _Accounts:
        """Customer-service accounts."""
        ...

    @property
    def kf_session(self) -> _Sessions:
        """Conversations."""
        ...

    @property
    def kf_message(self) -> _Messages:
        """Messages."""
        ...

    def with_options(self, *, timeout: float | None = None, retry: Retry | None = None) -> Self:
        """Return a client with another deadline and retries; it shares all else with this one."""
        ...


class _AsyncAccounts(Protocol):
    async def list_online(self) -> Sequence[OnlineAccount]: ...


class _AsyncSessions(Protocol):
    async def create(self, openid: str, kf_account: str) -> None: ...

    async def close(self, openid: str, kf_account: str) -> None: ...

    async def get(self, openid: str) -> Served: ...

    async def wait_case_list(self) -> Queue: ...


class _AsyncMessages(Protocol):
    async def typing(self, openid: str, command: str) -> None: ...


class AsyncDeskClient(Protocol):
    """A client that awaits."""

    @property
    def kf_account(self) -> _AsyncAccounts:
        """Customer-service accounts."""
        ...

    @property
    def kf_session(self) -> _AsyncSessions:
        """Conversations."""
        ...

    @property
    def kf_message(self) -> _AsyncMessages:
        """Messages."""
        ...

    def with_options(self, *, timeout: float | None = None, retry: Retry | None = None) -> Self:
        """Return a client with another deadline and retries; it shares all else with this one."""
        ...
