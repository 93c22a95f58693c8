"""Acting for customers and agents at a local WeChat, over HTTP."""

from __future__ import annotations

from typing import Literal

from wxruntime.sandbox.admin.agents import AgentActions
from wxruntime.sandbox.admin.connection import AdminError
from wxruntime.sandbox.admin.customers import CustomerActions
from wxruntime.sandbox.admin.deliveries import Delivered, DeliveryActions
from wxruntime.wire import JsonObject

__all__ = ["Admin", "AdminError", "Delivered"]


class Admin(AgentActions, CustomerActions, DeliveryActions):
    """Acts for the customers and agents of a local WeChat, from any process of the machine."""

    def advance(self, seconds: float) -> None:
        """Move the local WeChat's time forward.

        Args:
            seconds: 0 to 1e9.

        Raises:
            AdminError: If `seconds` is outside this range.
        """
        self.ask("advance", seconds=seconds)

    def revoke_token(self, kind: Literal["stable", "plain"] = "stable") -> None:
        """Make the current access token invalid, as a forced renewal by another caller does.

        Args:
            kind: The kind of token, `stable` or `plain`.
        """
        self.ask("revoke-token", kind=kind)

    def refuse_ip(self, on: bool = True) -> None:
        """Refuse token requests because the caller's address is not on the whitelist (40164).

        Args:
            on: Whether they are refused from now on.
        """
        self.ask("refuse-ip", on=on)

    def state(self) -> JsonObject:
        """Return the accounts, queue, conversations, tokens, counts of calls, and latest pushes."""
        return self.ask("state")
