"""The fixtures of the desk: a local WeChat, and desks of both kinds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.desk.desks import APP_ID, APP_SECRET, KINDS, Desks, desks
from wxoa.catalog import CATALOG
from wxruntime.sandbox import Admin, LocalWeChat


@pytest.fixture
def wechat() -> Iterator[LocalWeChat]:
    """Start a local WeChat and stop it."""
    with LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET) as wechat:
        yield wechat


@pytest.fixture
def admin(wechat: LocalWeChat) -> Iterator[Admin]:
    """Play the people around it."""
    with Admin(wechat.url) as admin:
        yield admin


@pytest.fixture(params=list(KINDS))
def desk_of(request: pytest.FixtureRequest, wechat: LocalWeChat) -> Iterator[Desks]:
    """Make desks of either kind at the local WeChat."""
    yield from desks(request.param, wechat.url)


# STANDIN
import sys as _sys
import types as _types
from importlib.machinery import ModuleSpec as _Spec
from typing import Any as _Any


@pytest.fixture(autouse=True)
def standin(monkeypatch: pytest.MonkeyPatch) -> None:
    from wxruntime.sandbox.calls import DONE, as_json
    from wxruntime.sandbox.refusal import Refusal

    def accounts(world: _Any) -> _Any:
        def list_online(given: _Any) -> _Any:
            desk = world.desk
            return as_json(
                {
                    "kf_online_list": [
                        {
                            "kf_account": a.name,
                            "status": 1,
                            "kf_id": "1",
                            "accepted_case": len(desk.served_by(a.name)),
                        }
                        for a in desk.accounts.values()
                        if a.online and a.bound
                    ]
                }
            )

        return {"kf_account.list_online": list_online}

    def messages(world: _Any) -> _Any:
        ends: dict[str, int] = {}

        def typing(given: _Any) -> _Any:
            o, now = given["openid"], world.now()
            if o not in world.desk.customers:
                raise Refusal(40003)
            if given["command"] != "Typing":
                ends.pop(o, None)
                return DONE
            if now - world.desk.customers[o].latest_time > 30:
                raise Refusal(45080)
            if now < ends.get(o, 0):
                raise Refusal(45081)
            ends[o] = now + 15
            return DONE

        return {"kf_message.typing": typing}

    for name, handlers in (("kf_account", accounts), ("kf_message", messages)):
        full = f"wxruntime.sandbox.families.{name}"
        module = _types.ModuleType(full)
        module.__spec__ = _Spec(full, None)
        module.handlers = handlers  # type: ignore
        monkeypatch.setitem(_sys.modules, full, module)
