"""Platforms by script, for what the local WeChat does not do."""

from __future__ import annotations

from tests.runtime.servers import Platform, Reply, http
from wxruntime.wire import JsonValue

__all__ = ["CLOSE", "CREATE", "OK", "SESSION", "TYPING", "queue_of_two", "refusal", "served_by"]

ONLINE = "/cgi-bin/customservice/getonlinekflist"
QUEUE = "/customservice/kfsession/getwaitcase"
CLOSE = "/customservice/kfsession/close"
CREATE = "/customservice/kfsession/create"
SESSION = "/customservice/kfsession/getsession"
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


def served_by(kf_account: str, online: str, closed: Reply) -> Platform:
    """Answer a close in one way, and say who serves the customer then.

    Args:
        kf_account: Who serves; empty for nobody.
        online: The account that is online.
        closed: The answer to a close.
    """
    return Platform(
        {
            ONLINE: [http({"kf_online_list": [{"kf_account": online, "status": 1}]})],
            CLOSE: [closed],
            SESSION: [http({"kf_account": kf_account, "createtime": 1_700_000_000})],
        }
    )
