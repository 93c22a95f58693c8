"""A local WeChat, and a shell whose environment names its account."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.account import APP_ID
from tests.commands.shell import APP_SECRET
from wxoa.catalog import CATALOG
from wxruntime.sandbox import Admin, LocalWeChat


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account of these tests, and nothing of whoever runs them."""
    for name in ("WXOA_TOKEN", "WXOA_AES_KEY", "WXOA_TOKEN_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WXOA_APP_ID", APP_ID)
    monkeypatch.setenv("WXOA_APP_SECRET", APP_SECRET)
    monkeypatch.setenv("TZ", "Asia/Shanghai")


@pytest.fixture
def wechat() -> Iterator[LocalWeChat]:
    """A local WeChat where Sara serves, and Ann waits."""
    with (
        LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET) as local,
        Admin(local.url) as admin,
    ):
        admin.put_account("sara@acme")
        admin.write("o6_ann")
        yield local


@pytest.fixture
def closed_port() -> Iterator[str]:
    """An address where nothing listens, and nothing will."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
