"""Acting for customers."""

from __future__ import annotations

from collections.abc import Mapping

from wxruntime.sandbox.admin.connection import AdminConnection
from wxruntime.sandbox.correspondence import Chat, Received
from wxruntime.wire import JsonObject, JsonValue, boolean, integer, model, models, text

__all__ = ["CustomerActions"]


class CustomerActions(AdminConnection):
    """Acts for customers."""

    def write(self, openid: str, content: str = "hello") -> None:
        """Write to the desk, as a customer, without a push to the callback.

        A customer whom no agent serves starts to wait.

        Args:
            openid: The customer.
            content: The text.
        """
        self.ask("write", openid=openid, content=content)

    def send_message(self, openid: str, kind: str = "text", **fields: JsonValue) -> int:
        """Send a message to the account, as a customer; it is pushed to the callback.

        A reply `transfer_customer_service` transfers the customer to the desk. While an agent
        serves the customer, only the agent gets the message, and nothing is pushed. Without a
        callback, the customer starts to wait. The account may then send 5 messages in 48 hours, or
        3 in a minute if the customer chose an entry of a menu message (`menu_id`). The message of
        a device, such as `device_text`, is pushed and has none of these effects.

        Args:
            openid: The customer.
            kind: The MsgType of the message.
            fields: The fields beyond the header, by their names in the catalog (`content="…"`) or
                by their tags (`Content="…"`). Required fields that are not given are made up.

        Returns:
            The id of the push.

        Raises:
            AdminError: If a field is unknown, or belongs to the header.
        """
        return self._ask_for_id("message", openid=openid, kind=kind, fields=fields)

    def push_event(self, event: str, openid: str, fields: Mapping[str, JsonValue]) -> int:
        """Push any event.

        After `subscribe`, `SCAN` and a click on a menu, the account may send 3 messages in a
        minute. After `unsubscribe` it may send none, but the customer stays known and keeps their
        place at the desk.

        Args:
            event: The name of the event on the wire.
            openid: The customer.
            fields: The fields beyond the header, by their tags.

        Returns:
            The id of the push.

        Raises:
            AdminError: If a field belongs to the header.
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
