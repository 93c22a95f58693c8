"""One conversation, from waiting to closed, through the generated client and a local WeChat."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TextIO

from wxruntime.callback.loopback import serve
from wxruntime.client import BaseClient
from wxruntime.demo.timeline import Timeline
from wxruntime.errors import ApiError
from wxruntime.sandbox import Admin, LocalWeChat
from wxruntime.surface import Surface

__all__ = ["walk"]

APP_ID = "wx0123456789abcdef"
APP_SECRET = "demo-secret"
TOKEN = "demo-token"
CUSTOMER = "o6_customer"
SARA = "sara@acme"
BO = "bo@acme"


def walk(surface: Surface, out: TextIO) -> None:
    """Walk the conversation and print it.

    Args:
        surface: The generated package.
        out: Where to print.

    Raises:
        WeChatError: If the client or the local WeChat does not do what it should.
    """
    timeline = Timeline(out)
    receiver = surface.callback(token=TOKEN)
    receiver.default(timeline.event)
    with (
        closing(receiver),
        serve(receiver) as callback,
        LocalWeChat(
            surface.catalog,
            app_id=APP_ID,
            app_secret=APP_SECRET,
            callback_url=callback.url,
            callback_token=TOKEN,
        ) as wechat,
        Admin(wechat.url) as admin,
        surface.client(app_id=APP_ID, app_secret=APP_SECRET, base_url=wechat.url) as client,
    ):
        timeline.say(f"WeChat   {wechat.url}   a local one, with the state of a desk")
        timeline.say(f"callback {callback.url}   receives its signed pushes\n")
        _Walk(timeline, admin, client).run()


class _Walk:
    """The scenes of the conversation."""

    def __init__(self, timeline: Timeline, admin: Admin, client: BaseClient) -> None:
        self._timeline = timeline
        self._admin = admin
        self._client = client

    def run(self) -> None:
        """Play every scene."""
        moment = self._timeline.moment
        self._admin.put_account(SARA)
        self._admin.put_account(BO)
        moment("agent", f"{SARA} and {BO} are online")
        self._admin.write(CUSTOMER)
        moment("customer", f"{CUSTOMER} writes, and waits")
        self._call("wait_case_list")
        self._call("create", openid=CUSTOMER, kf_account=SARA, text="order 1234")
        self._timeline.await_event()
        self._call("get", openid=CUSTOMER)
        self._call("list", kf_account=SARA)
        moment("agent", f"{SARA} hands the customer over to {BO}")
        self._admin.transfer(CUSTOMER, BO)
        self._timeline.await_event()
        self._call("close", openid=CUSTOMER, kf_account=SARA)
        moment("agent", "somebody elsewhere forces a new access token; ours is dead now")
        self._admin.revoke_token()
        self._call("close", openid=CUSTOMER, kf_account=BO)
        self._timeline.await_event()
        self._call("get", openid=CUSTOMER)

    def _call(self, name: str, **arguments: str) -> None:
        """Make one call of `client.kf_session`, and print it and what came of it."""
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        self._timeline.moment("call", f"client.kf_session.{name}({given})")
        facade = getattr(self._client, "kf_session")  # noqa: B009 - known to the package above
        method: Callable[..., object] = getattr(facade, name)
        try:
            answer = method(**arguments)
        except ApiError as error:
            self._timeline.moment("error", str(error))
        else:
            self._timeline.moment("answer", "done" if answer is None else repr(answer))
