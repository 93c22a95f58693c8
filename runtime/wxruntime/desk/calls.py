"""The calls of a desk as coroutines, for both kinds of client; see `wxruntime.concurrency`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from wxruntime.desk.client import AsyncDeskClient, DeskClient, OnlineAccount, Queue

__all__ = ["AwaitingCalls", "BlockingCalls", "Calls"]


class Calls(Protocol):
    """The calls that a desk sends."""

    async def online(self) -> Sequence[OnlineAccount]:
        """List the accounts that are online."""
        ...

    async def queue(self) -> Queue:
        """List the head of the waiting queue."""
        ...

    async def open(self, openid: str, kf_account: str) -> None:
        """Open a conversation."""
        ...

    async def close(self, openid: str, kf_account: str) -> None:
        """Close a conversation."""
        ...

    async def serving(self, openid: str) -> str:
        """Return the account that serves a customer; empty if none does."""
        ...

    async def typing(self, openid: str, command: str) -> None:
        """Send the command `Typing` or `CancelTyping`."""
        ...


@frozen
class BlockingCalls:
    """Calls of a client that blocks; no coroutine here ever suspends."""

    client: DeskClient

    async def online(self) -> Sequence[OnlineAccount]:
        """List the accounts that are online."""
        return self.client.kf_account.list_online()

    async def queue(self) -> Queue:
        """List the head of the waiting queue."""
        return self.client.kf_session.wait_case_list()

    async def open(self, openid: str, kf_account: str) -> None:
        """Open a conversation."""
        self.client.kf_session.create(openid, kf_account)

    async def close(self, openid: str, kf_account: str) -> None:
        """Close a conversation."""
        self.client.kf_session.close(openid, kf_account)

    async def serving(self, openid: str) -> str:
        """Return the account that serves a customer; empty if none does."""
        return self.client.kf_session.get(openid).kf_account

    async def typing(self, openid: str, command: str) -> None:
        """Send the command `Typing` or `CancelTyping`."""
        self.client.kf_message.typing(openid, command)


@frozen
class AwaitingCalls:
    """Calls of a client that awaits."""

    client: AsyncDeskClient

    async def online(self) -> Sequence[OnlineAccount]:
        """List the accounts that are online."""
        return await self.client.kf_account.list_online()

    async def queue(self) -> Queue:
        """List the head of the waiting queue."""
        return await self.client.kf_session.wait_case_list()

    async def open(self, openid: str, kf_account: str) -> None:
        """Open a conversation."""
        await self.client.kf_session.create(openid, kf_account)

    async def close(self, openid: str, kf_account: str) -> None:
        """Close a conversation."""
        await self.client.kf_session.close(openid, kf_account)

    async def serving(self, openid: str) -> str:
        """Return the account that serves a customer; empty if none does."""
        return (await self.client.kf_session.get(openid)).kf_account

    async def typing(self, openid: str, command: str) -> None:
        """Send the command `Typing` or `CancelTyping`."""
        await self.client.kf_message.typing(openid, command)
