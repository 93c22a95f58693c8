"""Playing customers."""

from __future__ import annotations

from collections.abc import Mapping

from wxruntime.sandbox.admin.connection import AdminConnection
from wxruntime.sandbox.correspondence import Chat, Received
from wxruntime.wire import JsonObject, JsonValue, boolean, integer, model, models, text

__all__ = ["CustomerActions"]


class CustomerActions(AdminConnection):
    """Plays customers."""

    def write(self, openid: str, content: str = "hello") -> None:
        """Let a customer write to the desk, past the callback; whoever nobody serves waits.

        Args:
            openid: The customer.
            content: The text.
        """
        self.ask("write", openid=openid, content=content)

    def send_message(self, openid: str, kind: str = "text", **fields: JsonValue) -> int:
        """Let a customer send the account a message, which is pushed to the callback.

        A reply `transfer_customer_service` hands the customer over to the desk. While an agent
        serves them, the agent alone hears it, and nothing is pushed. Without a callback, they wait.
        The account may write to them for two days, or for a minute where they chose the entry of
        a menu message (`menu_id`). What a device says, such as `device_text`, does none of this.

        Args:
            openid: The customer.
            kind: Its MsgType.
            fields: What it says beyond the header, by the catalog's names, `content="…"`, or by
                the tags, `Content="…"`; what has to be there and is not given is made up.

        Returns:
            The id of the push.

        Raises:
            AdminError: If a field is unknown, or stands in the header.
        """
        return self._ask_for_id("message", openid=openid, kind=kind, fields=fields)

    def push_event(self, event: str, openid: str, fields: Mapping[str, JsonValue]) -> int:
        """Push an event, whatever it is.

        `subscribe`, `SCAN` and the clicks on a menu let the account write to the customer for a
        minute; after `unsubscribe` it may not, though the customer is known as before and keeps
        their place at the desk.

        Args:
            event: Its name on the wire.
            openid: Whose event it is.
            fields: What it says beyond the header, by the tags.

        Returns:
            The id of the push.

        Raises:
            AdminError: If a field stands in the header.
        """
        return self._ask_for_id("event", event=event, openid=openid, fields={**fields})

    def chat(self, openid: str) -> Chat:
        """Return the chat with the account, as a customer sees it.

        Its messages are those sent by `kf_message.send`, those that agents wrote, and the replies
        to pushes. It is empty for a customer whom the account does not know.

        Args:
            openid: The customer.
        """
        given = self.ask("chat", openid=openid)
        return Chat(
            tuple(models(given.get("messages"), "messages", _received)),
            boolean(given.get("typing"), "typing"),
            integer(given.get("allowance"), "allowance"),
        )


def _received(given: JsonObject) -> Received:
    return Received(
        integer(given.get("time"), "time"),
        text(given.get("kf_account"), "kf_account"),
        text(given.get("kind"), "kind"),
        model(given.get("content"), "content", dict),
    )
