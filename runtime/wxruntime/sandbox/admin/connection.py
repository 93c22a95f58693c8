"""The connection to a local WeChat's stage."""

from __future__ import annotations

from wxruntime.closing import Closing
from wxruntime.errors import WeChatError
from wxruntime.sandbox.stage import PREFIX
from wxruntime.transport import Bytes, HttpRequest, Timeout
from wxruntime.transport.urllib3 import Urllib3Transport
from wxruntime.wire import JsonObject, JsonValue, integer, json, text

__all__ = ["PATIENCE", "AdminConnection", "AdminError"]

PATIENCE = 10.0
"""How long the stage may take to answer an action that does not wait, in seconds."""


class AdminError(WeChatError):
    """Raised when the local WeChat refuses an action of `Admin`."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message, code)
        self.code = code
        """The platform's error code; 0 if the refusal has none, as for a wrong argument."""

    def __str__(self) -> str:
        return str(self.args[0])


class AdminConnection(Closing):
    """Sends actions to the stage of one local WeChat."""

    def __init__(self, url: str) -> None:
        """Connect to one local WeChat when the first action is sent.

        Args:
            url: The `url` of the `LocalWeChat`.
        """
        self._url = url
        self._transport = Urllib3Transport()

    def ask(self, action: str, **given: JsonValue) -> JsonObject:
        """Send an action to the stage, even one that has no method of its own.

        Args:
            action: The name of the action, as in its path `/_sandbox/<action>`.
            given: The arguments of the action.

        Returns:
            The answer of the stage.

        Raises:
            AdminError: If there is no such action, or the stage refuses it.
            TransportError: If the local WeChat cannot be reached.
        """
        return self._ask_within(PATIENCE, action, given)

    def _ask_for_id(self, action: str, **given: JsonValue) -> int:
        return integer(self.ask(action, **given).get("id"), "id")

    def _ask_within(self, patience: float, action: str, given: JsonObject) -> JsonObject:
        """Send an action that may take longer than others, up to `patience` seconds."""
        body = Bytes(json.dumps(given))
        request = HttpRequest("POST", f"{self._url}{PREFIX}{action}", body)
        response = self._transport.send(request, Timeout(PATIENCE, patience))
        answer = json.loads_object(response.body)
        if response.status != 200:
            reason = text(answer.get("error"), "error", "no reason was given")
            raise AdminError(f"{action}: {reason}", integer(answer.get("code"), "code", 0))
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
