"""A real Redis server that stops, hangs and comes back while clients call."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.account import APP_ID, APP_SECRET
from tests.redis_server import RedisServer, serving_redis
from tests.runtime.callers import CALLERS, Caller, callers
from wxoa import errors, kf_session
from wxoa.catalog import CATALOG
from wxruntime.sandbox import Admin, LocalWeChat
from wxruntime.stores import AsyncRedisStore, RedisStore

queue = kf_session.wait_case_list()

Make = Callable[..., Caller]


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A Redis server of its own."""
    with serving_redis() as server:
        yield server


@pytest.fixture
def admin() -> Iterator[Admin]:
    """The people around a local WeChat."""
    with (
        LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET) as wechat,
        Admin(wechat.url) as admin,
    ):
        yield admin


@pytest.fixture(params=list(CALLERS))
def make(request: pytest.FixtureRequest, server: RedisServer, admin: Admin) -> Iterator[Make]:
    """Make clients of one kind that share a token through the server."""
    store = AsyncRedisStore if request.param == "awaiting" else RedisStore
    url = admin._url  # pyright: ignore[reportPrivateUsage]

    for make_any in callers(request.param):

        def make(token_source: str = "stable", make_any: Make = make_any) -> Caller:
            return make_any(
                app_secret=APP_SECRET,
                base_url=url,
                token_source=token_source,
                token_store=store.from_url(server.url),
            )

        yield make


def fetched(admin: Admin) -> object:
    """How often the platform was asked for a token."""
    return admin.state()["tokens_fetched"]


@pytest.mark.parametrize("how", ["stopped", "paused"])
def test_calls_go_on_while_the_server_is_down(
    make: Make, server: RedisServer, admin: Admin, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The stable token is the same for all, so each process asks for it; the log says so.

    It is even replaced when it ends; and when the server is back, it is shared again.
    """
    (server.stop if how == "stopped" else server.pause)()
    first, second = make(), make()

    first.send(queue)
    second.send(queue)
    admin.revoke_token()
    first.send(queue)
    alone = fetched(admin)
    (server.start if how == "stopped" else server.resume)()
    third, fourth = make(), make()
    third.send(queue)
    fourth.send(queue)

    assert alone == 3
    assert fetched(admin) == 4
    assert "going on without the token store" in caplog.text


def test_a_token_that_others_would_lose_is_not_fetched_without_the_server(
    make: Make, server: RedisServer, admin: Admin
) -> None:
    """Each plain token ends the one before: the error is the store's, and says where it is."""
    server.stop()

    with pytest.raises(errors.StoreError, match=r"127\.0\.0\.1"):
        make(token_source="plain").send(queue)
    assert fetched(admin) == 0
