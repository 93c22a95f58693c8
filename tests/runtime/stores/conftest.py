"""What the tests of the stores share: a store of each kind, and an empty server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis_server import RedisServer
from tests.redis_server import redis_server as redis_server
from tests.runtime.stores.kinds import KINDS, Clocked, opened
from wxruntime.stores import TokenStore


@pytest.fixture
def empty_redis(redis_server: RedisServer) -> RedisServer:
    """The session's server, with nothing in it."""
    redis_server.ask("FLUSHALL")
    return redis_server


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TokenStore]:
    """A store of each kind, with nothing in it."""

    def server() -> RedisServer:
        found = request.getfixturevalue("empty_redis")
        assert isinstance(found, RedisServer)
        return found

    with opened(str(request.param), tmp_path, server) as store:
        yield store


@pytest.fixture
def clocked(store: TokenStore) -> Clocked:
    """A store of each kind, on a clock that the test moves."""
    return Clocked(store)
