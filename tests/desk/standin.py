"""What the local WeChat does not serve yet: the online list, and messages."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import DONE, Given, Handlers, as_json
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.world import World


def _accounts(world: World) -> Handlers:
    def list_online(given: Given) -> Outgoing:
        desk = world.desk
        return as_json(
            {
                "kf_online_list": [
                    {"kf_account": a.name, "accepted_case": len(desk.served_by(a.name))}
                    for a in desk.accounts.values()
                    if a.online and a.bound
                ]
            }
        )

    return {"kf_account.list_online": list_online}


def _messages(world: World) -> Handlers:
    ends: dict[str, int] = {}

    def typing(given: Given) -> Outgoing:
        openid, now = given["openid"], world.now()
        if given["command"] != "Typing":
            ends.pop(openid, None)
            return DONE
        if now - world.desk.customers[openid].latest_time > 30:
            raise Refusal(45080)
        if now < ends.get(openid, 0):
            raise Refusal(45081)
        ends[openid] = now + 15
        return DONE

    return {"kf_message.typing": typing, "kf_message.send": lambda given: DONE}


@pytest.fixture(autouse=True)
def standin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve them."""
    for family, handlers in {"kf_account": _accounts, "kf_message": _messages}.items():
        name = f"wxruntime.sandbox.families.{family}"
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        vars(module)["handlers"] = handlers
        monkeypatch.setitem(sys.modules, name, module)
