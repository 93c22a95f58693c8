"""Checking what a callback replies to a push, as the platform does.

Source: https://developers.weixin.qq.com/doc/service/guide/product/message/Passive_user_reply_message.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wxruntime.errors import DecodeError
from wxruntime.sandbox.correspondence import Received
from wxruntime.sandbox.messages import by_customer
from wxruntime.sandbox.tags import KIND, RECEIVER, SENDER, TIME
from wxruntime.wire import JsonObject, JsonValue, integer, model, models, text

__all__ = ["TRANSFER", "check", "received", "transferred_to"]

TRANSFER = "transfer_customer_service"
"""The kind of reply that transfers the customer to the desk."""
_HEADER = (RECEIVER, SENDER, TIME, KIND)
_ARTICLE = ("Title", "Description", "PicUrl", "Url")


def check(reply: JsonObject, push: JsonObject) -> None:
    """Check the reply to a push.

    Raises:
        DecodeError: If the platform would not accept the reply.
    """
    for name, other in ((RECEIVER, SENDER), (SENDER, RECEIVER)):
        came = text(reply.get(name), name)
        if came != push[other]:
            raise DecodeError(f"expected the push's {other}, got {came!r}", (name,))
    integer(reply.get(TIME), TIME)
    kind = text(reply.get(KIND), KIND)
    check_content = _CHECKS.get(kind)
    if check_content is None:
        raise DecodeError(f"expected one of {', '.join(_CHECKS)}, got {kind!r}", (KIND,))
    if kind == TRANSFER and not by_customer(push):
        raise DecodeError(
            f"expected {TRANSFER} only in reply to a customer's message, got it in reply to an "
            "event or to a device"
        )
    check_content(reply)


def transferred_to(reply: JsonObject) -> str | None:
    """Return the account that a transfer names; None if it names no account."""
    given = reply.get("TransInfo")
    return None if given in (None, "") else model(given, "TransInfo", _kf_account)


def received(reply: JsonObject, now: int) -> Received:
    """Return the message that a customer receives by a reply; its content has the reply's tags."""
    content = {name: value for name, value in reply.items() if name not in _HEADER}
    return Received(now, "", text(reply[KIND], KIND), content)


def _kf_account(given: JsonObject) -> str:
    return _filled(given, "KfAccount")


def _filled(given: JsonObject, name: str) -> str:
    value = text(given.get(name), name)
    if not value:
        raise DecodeError("expected text, got empty text", (name,))
    return value


def _text(reply: JsonObject) -> None:
    _filled(reply, "Content")


def _with_media(element: str, name: str = "MediaId") -> Callable[[JsonObject], None]:
    """Return the check of a reply that shows uploaded media."""

    def check_element(reply: JsonObject) -> None:
        model(reply.get(element), element, lambda inner: _filled(inner, name))

    return check_element


def _news(reply: JsonObject) -> None:
    given = reply.get("Articles")
    items: JsonValue = given.get("item") if isinstance(given, dict) else given
    articles = models(items, "Articles", _article)
    count = integer(reply.get("ArticleCount"), "ArticleCount")
    if not articles or count != len(articles):
        raise DecodeError(
            f"expected the number of articles, which is 1 or more: there are {len(articles)}, "
            f"got {count}",
            ("ArticleCount",),
        )


def _article(given: JsonObject) -> None:
    for name in _ARTICLE:
        text(given.get(name), name)


def _transfer(reply: JsonObject) -> None:
    transferred_to(reply)


def _device(reply: JsonObject) -> None:
    for name in ("DeviceType", "DeviceID", "SessionID", "Content"):
        _filled(reply, name)


def _device_status(reply: JsonObject) -> None:
    for name in ("DeviceType", "DeviceID"):
        _filled(reply, name)
    integer(reply.get("DeviceStatus"), "DeviceStatus")


def _hardware(reply: JsonObject) -> None:
    model(reply.get("HardWare"), "HardWare", dict)


_CHECKS: Mapping[str, Callable[[JsonObject], None]] = {
    "text": _text,
    "image": _with_media("Image"),
    "voice": _with_media("Voice"),
    "video": _with_media("Video"),
    "music": _with_media("Music", "ThumbMediaId"),
    "news": _news,
    TRANSFER: _transfer,
    "device_text": _device,
    "device_event": _device,
    "device_status": _device_status,
    "hardware": _hardware,
}
"""MsgType → the check of its content."""
