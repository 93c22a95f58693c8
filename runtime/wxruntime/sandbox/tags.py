"""The tags with which pushes and replies begin, as WeChat writes them.

The local WeChat is WeChat, so these tags are constants here and are not read from a catalog. The
catalog names the fields behind them.
"""

from __future__ import annotations

__all__ = ["EVENT", "EVENT_KIND", "KIND", "MESSAGE_ID", "RECEIVER", "SENDER", "TIME"]

RECEIVER = "ToUserName"
SENDER = "FromUserName"
TIME = "CreateTime"
KIND = "MsgType"
EVENT = "Event"
"""The name of an event; a message has no such tag."""
MESSAGE_ID = "MsgId"
"""The id of a message; an event has no such tag."""

EVENT_KIND = "event"
"""The value of `MsgType` in most events; devices push events of a kind of their own."""
