"""Playing customers and agents at a local WeChat, from anywhere on the machine."""

from __future__ import annotations

from typing import Literal

from wxruntime.sandbox.admin.agents import AgentActions
from wxruntime.sandbox.admin.connection import AdminError
from wxruntime.sandbox.admin.customers import CustomerActions
from wxruntime.sandbox.admin.deliveries import Delivered, DeliveryActions
from wxruntime.wire import JsonObject

__all__ = ["Admin", "AdminError", "Delivered"]


class Admin(AgentActions, CustomerActions, DeliveryActions):
    """Plays the people around a local WeChat."""

    def advance(self, seconds: float) -> None:
        """Move the local WeChat's time forward."""
        self.ask("advance", seconds=seconds)

    def revoke_token(self, kind: Literal["stable", "plain"] = "stable") -> None:
        """End the current access token, as a caller elsewhere who forces a new one does.

        Args:
            kind: Which of the two it is.
        """
        self.ask("revoke-token", kind=kind)

    def refuse_ip(self, on: bool = True) -> None:
        """Take the address of whoever asks for a token off the account's list.

        Args:
            on: Whether it is off the list from now on.
        """
        self.ask("refuse-ip", on=on)

    def state(self) -> JsonObject:
        """Return accounts, queue, conversations, tokens, calls and the latest pushes."""
        return self.ask("state")
