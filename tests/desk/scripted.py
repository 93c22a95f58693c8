"""Platforms by script, for what the local WeChat does not do."""

from __future__ import annotations

from tests.runtime.servers import Platform, Reply, http
from wxruntime.wire import JsonValue

__all__ = ["CREATE", "OK", "TYPING", "queue_of_two", "refusal"]

ONLINE = "/cgi-bin/customservice/getonlinekflist"
QUEUE = "/customservice/kfsession/getwaitcase"
CREATE = "/customservice/kfsession/create"
TYPING = "/cgi-bin/message/custom/typing"

OK = http({"errcode": 0, "errmsg": "ok"})


def refusal(code: int) -> Reply:
    """Refuse with a code."""
    return http({"errcode": code, "errmsg": "no"})


def queue_of_two(online: dict[str, int], *created: Reply) -> Platform:
    """Let two customers wait, and answer in turn who wants to serve them.

    Args:
        online: The accounts of the online list, each with its status.
        created: The answers.
    """
    listed: list[JsonValue] = [{"kf_account": a, "status": s} for a, s in online.items()]
    waiting: list[JsonValue] = [{"openid": "o6_000"}, {"openid": "o6_001"}]
    return Platform(
        {
            ONLINE: [http({"kf_online_list": listed})],
            QUEUE: [http({"count": 2, "waitcaselist": waiting})],
            CREATE: [*created],
        }
    )
