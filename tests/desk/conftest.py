"""The fixtures of the desk: a local WeChat, and desks of both kinds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.account import APP_SECRET
from tests.desk.desks import APP_ID, KINDS, Desks, desks
from tests.redis_server import redis_server as redis_server
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
