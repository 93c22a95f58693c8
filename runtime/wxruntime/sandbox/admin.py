"""Playing customers and agents at a local WeChat, from anywhere on the machine."""

from __future__ import annotations

from typing import Literal

from wxruntime.closing import Closing
from wxruntime.errors import WeChatError
from wxruntime.sandbox.stage import PREFIX
from wxruntime.transport import Bytes, HttpRequest, Timeout
from wxruntime.transport.urllib3 import Urllib3Transport
from wxruntime.wire import JsonObject, JsonValue, integer, json, text

__all__ = ["Admin", "AdminError"]


class AdminError(WeChatError):
    """Raised when the local WeChat's stage cannot do what was asked."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message, code)
        self.code = code
        """The platform's code for it; 0 when it has none."""

    def __str__(self) -> str:
        return str(self.args[0])


class Admin(Closing):
    """Plays the people around a local WeChat."""

    def __init__(self, url: str) -> None:
        """Play at one local WeChat.

        Args:
            url: Its `url`.
        """
        self._url = url
        self._transport = Urllib3Transport()

    def put_account(self, kf_account: str, *, online: bool = True, bound: bool = True) -> None:
        """Add a customer-service account, or change one."""
        self._act("account", kf_account=kf_account, online=online, bound=bound)

    def write(self, openid: str) -> None:
        """Let a customer write; whoever nobody serves begins to wait."""
        self._act("write", openid=openid)

    def accept(self, openid: str, kf_account: str) -> None:
        """Let an agent take a customer over."""
        self._act("accept", openid=openid, kf_account=kf_account)

    def transfer(self, openid: str, to_kf_account: str) -> None:
        """Let the agent who serves a customer hand them over."""
        self._act("transfer", openid=openid, to_kf_account=to_kf_account)

    def close_conversation(self, openid: str, kf_account: str) -> None:
        """Let an agent close a conversation."""
        self._act("close", openid=openid, kf_account=kf_account)

    def advance(self, seconds: float) -> None:
        """Move the local WeChat's time forward."""
        self._act("advance", seconds=seconds)

    def revoke_token(self, kind: Literal["stable", "plain"] = "stable") -> None:
        """End the current access token, as a caller elsewhere who forces a new one does.

        Args:
            kind: Which of the two it is.
        """
        self._act("revoke-token", kind=kind)

    def refuse_ip(self, on: bool = True) -> None:
        """Take the address of whoever asks for a token off the account's list.

        Args:
            on: Whether it is off the list from now on.
        """
        self._act("refuse-ip", on=on)

    def state(self) -> JsonObject:
        """Return accounts, queue, conversations, tokens, calls and the latest pushes."""
        return self._act("state")

    def _act(self, action: str, **given: JsonValue) -> JsonObject:
        body = Bytes(json.dumps(given))
        request = HttpRequest("POST", f"{self._url}{PREFIX}{action}", body)
        response = self._transport.send(request, Timeout(10.0, 10.0))
        answer = json.loads_object(response.body)
        if response.status != 200:
            said = text(answer.get("error"), "error", "no reason given")
            raise AdminError(f"{action}: {said}", integer(answer.get("code"), "code", 0))
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
