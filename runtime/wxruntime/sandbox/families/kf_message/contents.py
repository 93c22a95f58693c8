"""The rules for the content of each type of message.

Source: https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.state import PlatformState
from wxruntime.wire import JsonObject, models, text

__all__ = ["check"]

MAX_TEXT = 2048
"""How long a text may be, in bytes."""
MAX_ARTICLES = 1
"""How many articles a message may have; older versions of the platform allowed more."""

INVALID_KIND = 40008
INVALID_PARAMETER = 40035
EMPTY_NEWS = 44003
EMPTY_TEXT = 44004
TEXT_TOO_LONG = 45002
TOO_MANY_ARTICLES = 45008

Check: TypeAlias = "Callable[[JsonObject, PlatformState], None]"

_PICTURES = frozenset({"image", "thumb"})
"""The types of media that may serve as a thumbnail: a picture may be its own."""


def check(kind: str, content: JsonObject, state: PlatformState) -> None:
    """Refuse a message that the platform would not accept.

    Args:
        kind: The msgtype of the message.
        content: The object under the name of the msgtype; empty if there is none.
        state: Has the uploaded files.
    """
    check_content = _CHECKS.get(kind)
    if check_content is None:
        raise Refusal(INVALID_KIND)
    check_content(content, state)


def _text(content: JsonObject, state: PlatformState) -> None:
    words = text(content.get("content"), "content", "")
    if not words:
        raise Refusal(EMPTY_TEXT)
    if len(words.encode("utf-8", "surrogatepass")) > MAX_TEXT:
        raise Refusal(TEXT_TOO_LONG)


def _with(*names: str, optional: tuple[str, ...] = (), **media: frozenset[str]) -> Check:
    """Return a check for a content.

    Args:
        names: The required text fields.
        optional: The fields in `media` that are optional.
        media: Field with a media_id → the types that the file may have.
    """

    def check_content(content: JsonObject, state: PlatformState) -> None:
        _filled(content, *names)
        for name, kinds in media.items():
            media_id = text(content.get(name), name, "")
            if media_id or name not in optional:
                state.library.find(media_id, state.clock.now(), kinds)

    return check_content


def _news(content: JsonObject, state: PlatformState) -> None:
    articles = models(content.get("articles"), "articles", dict)
    if not articles:
        raise Refusal(EMPTY_NEWS)
    if len(articles) > MAX_ARTICLES:
        raise Refusal(TOO_MANY_ARTICLES)
    for article in articles:
        _filled(article, "title")


def _menu(content: JsonObject, state: PlatformState) -> None:
    entries = models(content.get("list"), "list", dict)
    if not entries:
        raise Refusal(INVALID_PARAMETER)
    for entry in entries:
        _filled(entry, "id", "content")


def _filled(content: JsonObject, *names: str) -> None:
    for name in names:
        if not text(content.get(name), name, ""):
            raise Refusal(INVALID_PARAMETER)


_CHECKS: Mapping[str, Check] = {
    "text": _text,
    "image": _with(media_id=frozenset({"image"})),
    "voice": _with(media_id=frozenset({"voice"})),
    "video": _with(
        optional=("thumb_media_id",), media_id=frozenset({"video"}), thumb_media_id=_PICTURES
    ),
    "music": _with("musicurl", thumb_media_id=_PICTURES),
    "news": _news,
    # Its media_id is that of permanent material, which is not among the uploaded files.
    "mpnews": _with("media_id"),
    "mpnewsarticle": _with("article_id"),
    "msgmenu": _menu,
    "wxcard": _with("card_id"),
    "miniprogrampage": _with(
        "appid", "pagepath", optional=("thumb_media_id",), thumb_media_id=_PICTURES
    ),
    "link": _with("title", "url"),
}
"""msgtype → the check of its content."""
