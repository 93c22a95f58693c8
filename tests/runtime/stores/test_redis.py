"""Tokens on a server: real servers, and their real faults."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
import redis
import redis.asyncio as aioredis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from tests.redis_server import RedisServer, serving_redis
from tests.runtime.leaks import TOKEN_MARK, failing
from tests.runtime.stores.kinds import Asynchronous, OwnPool, client_of, counted, state_of
from wxruntime.errors import StoreError
from wxruntime.httpd import LoopbackServer, Outgoing
from wxruntime.redact import Secret
from wxruntime.stores import AsyncRedisStore, RedisStore, TokenStore, swapping
from wxruntime.stores.codec import encode
from wxruntime.stores.state import Lease, StoredToken, TokenState, begin, end

R = TypeVar("R")

KEY = "wxoa:token:desk"
TWO_DAYS = 2 * 86400
MOMENT = 0.2
"""A time-out for tests of a server that never answers, in seconds."""


def _synchronous(url: str) -> TokenStore:
    return RedisStore.from_url(url)


@pytest.fixture(params=[_synchronous, Asynchronous], ids=["sync", "asyncio"])
def kind(request: pytest.FixtureRequest) -> Iterator[Callable[[str], TokenStore]]:
    """Makes a store of either kind from an address; it is closed after the test."""
    made: list[TokenStore] = []

    def make(url: str) -> TokenStore:
        made.append(request.param(url))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    """A server that the test may stop, or set up as it likes."""
    with serving_redis() as server:
        yield server


def _keep_token(store: TokenStore) -> None:
    lease = store.update("desk", begin("me", 30.0, refused=(), spare=0.0, longest=7200.0))
    assert isinstance(lease, Lease)
    store.update("desk", end(lease, Secret(TOKEN_MARK), 7200.0))


def _expiry(server: RedisServer) -> int:
    seconds = server.ask("TTL", KEY)
    assert isinstance(seconds, int)
    return seconds


def _time(server: RedisServer) -> float:
    seconds, microseconds = cast("tuple[int, int]", server.ask("TIME"))
    return seconds + microseconds / 1e6


def _refused(store: TokenStore, *words: str) -> None:
    with failing(StoreError) as info:
        store.update("desk", counted)

    for word in words:
        assert word in str(info.value)


def test_everything_is_one_key_that_goes_by_itself(
    kind: Callable[[str], TokenStore], empty_redis: RedisServer
) -> None:
    """An account that nobody uses leaves nothing behind, two days after its last change."""
    _keep_token(kind(empty_redis.url))

    assert empty_redis.ask("KEYS", "*") == [KEY.encode()]
    assert TWO_DAYS - 60 < _expiry(empty_redis) <= TWO_DAYS


def test_looking_writes_nothing(
    kind: Callable[[str], TokenStore], empty_redis: RedisServer
) -> None:
    """A token that serves is read without a write: its expiry stays as it is."""
    store = kind(empty_redis.url)
    _keep_token(store)
    empty_redis.ask("EXPIRE", KEY, 100)
    state_of(store)

    assert _expiry(empty_redis) <= 100


def test_time_is_the_servers(
    kind: Callable[[str], TokenStore],
    empty_redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A machine whose own clock is wrong still agrees with the others."""
    monkeypatch.setattr("time.time", lambda: 0.0)
    before = _time(empty_redis)
    now = kind(empty_redis.url).update("desk", lambda state, now: (state, now))

    assert before <= now <= _time(empty_redis)


def test_who_was_slower_is_asked_again(
    kind: Callable[[str], TokenStore], empty_redis: RedisServer
) -> None:
    """Only a change to what is really there counts."""
    store, other = kind(empty_redis.url), RedisStore.from_url(empty_redis.url)
    seen: list[int] = []

    def slow(state: TokenState, now: float) -> tuple[TokenState, int]:
        seen.append(state.fence)
        if len(seen) < 4:
            other.update("desk", counted)
        return counted(state, now)

    with other:
        assert store.update("desk", slow) == 4
    assert seen == [0, 1, 2, 3]


def test_who_is_always_slower_gives_up(
    kind: Callable[[str], TokenStore], empty_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody tries for longer than a few seconds."""
    monkeypatch.setattr(swapping, "PATIENCE", MOMENT)
    store, other = kind(empty_redis.url), RedisStore.from_url(empty_redis.url)

    def slow(state: TokenState, now: float) -> tuple[TokenState, int]:
        other.update("desk", counted)
        return counted(state, now)

    with other, failing(StoreError) as info:
        store.update("desk", slow)

    assert "other processes have changed it all the time" in str(info.value)


def test_prefixes_part_stores(empty_redis: RedisServer) -> None:
    """Two installations on one server do not meet."""
    with RedisStore.from_url(empty_redis.url, prefix="a:") as one:
        one.update("desk", counted)
    with RedisStore.from_url(empty_redis.url, prefix="b:") as other:
        other.update("desk", counted)

    assert empty_redis.ask("EXISTS", "a:token:desk", "b:token:desk") == 2


def test_a_unix_socket_serves(tmp_path: Path, kind: Callable[[str], TokenStore]) -> None:
    """A server on the same machine may be reached without the network."""
    path = tmp_path / "s"
    with serving_redis("--unixsocket", str(path)):
        assert kind(f"unix://{path}").update("desk", counted) == 1
    _refused(kind(f"unix://{path}"), f"Redis at {path}: no connection")


def test_a_stopped_server_is_an_error_until_it_is_back(
    kind: Callable[[str], TokenStore], own_server: RedisServer
) -> None:
    """The error names the server, and nobody tries for minutes."""
    store = kind(own_server.url)
    store.update("desk", counted)
    own_server.kill()
    _refused(store, f"Redis at 127.0.0.1:{own_server.port}: no connection", "check whether")
    own_server.start()

    assert store.update("desk", counted) == 1  # it kept nothing


def test_a_server_that_hangs_is_an_error_until_it_goes_on(own_server: RedisServer) -> None:
    """Nobody waits for longer than the time-out, on an old connection or a new one."""
    with (
        RedisStore.from_url(own_server.url, timeout=MOMENT) as old,
        RedisStore.from_url(own_server.url, timeout=MOMENT) as new,
    ):
        old.update("desk", counted)
        own_server.pause()
        _refused(old, f"127.0.0.1:{own_server.port}: no answer in time")
        _refused(new, f"127.0.0.1:{own_server.port}: no answer in time")
        own_server.resume()

        assert old.update("other", counted) == 1


def test_a_server_that_hangs_does_not_stop_an_event_loop(own_server: RedisServer) -> None:
    """The same for asyncio: the call ends, and others run meanwhile."""

    async def run() -> None:
        store = AsyncRedisStore.from_url(own_server.url, timeout=MOMENT)
        await store.update("desk", counted)
        own_server.pause()
        waiting = asyncio.create_task(store.update("desk", counted))
        await asyncio.sleep(0)
        assert not waiting.done()
        with failing(StoreError) as info:
            await waiting
        assert "no answer in time" in str(info.value)
        own_server.resume()
        await store.close()

    asyncio.run(run(), debug=True)


def test_the_retries_of_a_client_are_not_the_stores(own_server: RedisServer) -> None:
    """A client as redis-py makes it tries ten times, for a minute; its store does not."""
    tries: list[object] = []

    class Counting(NoBackoff):
        def compute(self, failures: int) -> float:
            tries.append(failures)
            return 0.0

    retry = Retry(Counting(), 10)
    with redis.Redis(port=own_server.port, socket_timeout=60, retry=retry) as client:
        store = RedisStore(client)
        own_server.kill()
        _refused(store, "no connection")

    assert not tries


def test_a_wrong_or_missing_password_is_refused(
    kind: Callable[[str], TokenStore], own_server: RedisServer
) -> None:
    """The error says that credentials are the matter, and shows none."""
    address = f"127.0.0.1:{own_server.port}"
    own_server.ask("CONFIG", "SET", "requirepass", "the-right-one")
    _refused(kind(f"redis://{address}"), f"Redis at {address}: it refused the credentials")
    password = TOKEN_MARK.replace("/", "%2F")
    _refused(kind(f"redis://:{password}@{address}"), f"{address}: it refused the credentials")
    _refused(kind(f"redis://me:{password}@{address}"), f"{address}: it refused the credentials")

    assert kind(f"redis://:the-right-one@{address}").update("desk", counted) == 1


def test_a_user_who_may_not_is_told_what_to_allow(
    kind: Callable[[str], TokenStore], own_server: RedisServer
) -> None:
    """The store needs four commands, and they are enough."""
    user = ("on", "nopass", "~wxoa:*", "+get")
    own_server.ask("ACL", "SETUSER", "less", *user)
    own_server.ask("ACL", "SETUSER", "enough", *user, "+eval", "+set", "+time")
    _refused(kind(own_server.url.replace("//", "//less:x@")), "allow EVAL, GET, SET and TIME")

    assert kind(own_server.url.replace("//", "//enough:x@")).update("desk", counted) == 1


def test_a_key_of_another_kind_is_refused(
    kind: Callable[[str], TokenStore], empty_redis: RedisServer
) -> None:
    """Somebody else's list is left alone."""
    empty_redis.ask("RPUSH", KEY, TOKEN_MARK)
    _refused(kind(empty_redis.url), "the key holds a value of another type", "prefix")

    assert empty_redis.ask("LLEN", KEY) == 1


@pytest.mark.parametrize("value", [TOKEN_MARK, f"{TOKEN_MARK}\xff".encode("latin-1"), ""])
@pytest.mark.parametrize("decode", [False, True])
def test_a_damaged_value_is_refused(
    empty_redis: RedisServer, value: str | bytes, decode: bool
) -> None:
    """The key is named, what is in it is not shown, and it is left alone."""
    empty_redis.ask("SET", KEY, value)
    with client_of(empty_redis, OwnPool, decode=decode) as client:
        _refused(RedisStore(client))
    with RedisStore.from_url(empty_redis.url) as store:
        _refused(store, f"key {KEY}: expected a token's state", "delete it")

    assert empty_redis.ask("GET", KEY) == (value if isinstance(value, bytes) else value.encode())


def test_a_replica_is_read_and_refuses_a_write(
    kind: Callable[[str], TokenStore], own_server: RedisServer
) -> None:
    """A token is still taken from it; the error says that the master is wanted."""
    store = kind(own_server.url)
    _keep_token(store)
    own_server.ask("REPLICAOF", "127.0.0.1", 1)

    assert state_of(store).stored is not None
    _refused(store, "it is a replica", "the master")


def test_a_full_server_still_keeps_a_state(
    kind: Callable[[str], TokenStore], own_server: RedisServer
) -> None:
    """It is small, and whoever may free the memory holds a lease."""
    own_server.ask("CONFIG", "SET", "maxmemory", 1)
    store = kind(own_server.url)

    assert [store.update("desk", counted) for _ in range(2)] == [1, 2]


def test_something_else_than_redis_is_refused(kind: Callable[[str], TokenStore]) -> None:
    """A web server at the address is an error of the store."""
    with LoopbackServer(lambda _: Outgoing(200, "text/plain", b"")) as server:
        _refused(kind(server.url.replace("http", "redis")), "Redis at 127.0.0.1")


def test_a_server_that_hangs_up_is_refused(kind: Callable[[str], TokenStore]) -> None:
    """So is one that takes a connection and ends it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        store = kind(f"redis://127.0.0.1:{listener.getsockname()[1]}")
        listener.close()
        _refused(store, "no connection")


def test_a_server_without_encryption_is_refused(empty_redis: RedisServer) -> None:
    """`rediss:` never falls back to plain text."""
    url = empty_redis.url.replace("redis:", "rediss:")
    with RedisStore.from_url(url, timeout=MOMENT) as store:
        _refused(store, f"Redis at 127.0.0.1:{empty_redis.port}: no ")


def test_a_server_that_quotes_the_command_does_not_show_the_token(
    kind: Callable[[str], TokenStore], own_server: RedisServer
) -> None:
    """Some answer with the arguments they did not understand; those are not repeated."""
    state = TokenState(StoredToken(Secret(TOKEN_MARK), 1.0, 2.0, 0))
    own_server.stop()
    options = ("--rename-command", "EVAL", "")
    with serving_redis(*options) as server, failing(StoreError) as info:
        kind(server.url).update("desk", lambda _, now: (state, None))

    assert "look at the server's log and at its version" in str(info.value)
    assert TOKEN_MARK in encode(state).reveal()


@pytest.mark.parametrize(
    "url",
    [
        f"http://:{TOKEN_MARK}@host",
        f"redis://:{TOKEN_MARK}@host:6379",  # its `/` is not written as %2F
        f"redis://host:{TOKEN_MARK}",
        f"redis://host?nonsense={TOKEN_MARK}",
        TOKEN_MARK,
    ],
)
@pytest.mark.parametrize("store", [RedisStore, AsyncRedisStore])
def test_what_is_no_address_is_refused_and_not_shown(
    url: str, store: type[RedisStore | AsyncRedisStore]
) -> None:
    """The error says what an address looks like, and repeats nothing of what was given."""
    with failing(ValueError) as info:
        store.from_url(url)

    assert "redis://user:password@host" in str(info.value)


def test_a_client_that_could_wait_for_ever_is_refused(redis_server: RedisServer) -> None:
    """The error says how to make one that does not."""
    client = redis.Redis(port=redis_server.port, socket_timeout=None)
    with pytest.raises(ValueError, match="socket_timeout=3"):
        RedisStore(client)
    with pytest.raises(ValueError, match="socket_timeout=3"):
        AsyncRedisStore(aioredis.Redis(port=redis_server.port, socket_timeout=None))


def test_a_client_that_tries_again_and_again_is_refused() -> None:
    """Where the store cannot take the retries away, it says so."""
    pool = OwnPool(socket_timeout=3, retry=Retry(NoBackoff(), 9))

    with pytest.raises(ValueError, match="10 times; make it with retry"):
        RedisStore(redis.Redis(connection_pool=pool))


def test_a_client_of_a_cluster_is_refused() -> None:
    """It has no one pool of connections; the error says what to give instead."""
    with pytest.raises(ValueError, match="for a cluster pass a client of its proxy"):
        RedisStore(object())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_client_of_a_sentinel_is_used_as_it_is() -> None:
    """Where no sentinel answers, the error names the service."""
    kind: type[Any] = Sentinel
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()
    sentinel = kind([nobody], socket_timeout=3.0)
    with sentinel.master_for("mymaster") as client:
        _refused(RedisStore(client), "Redis service mymaster: no sentinel knows")
    for asked in sentinel.sentinels:
        asked.close()


def test_closing_a_store_leaves_the_client_open(empty_redis: RedisServer) -> None:
    """The store's connections are its own."""

    def connections() -> str:
        clients = empty_redis.ask("INFO", "clients")
        assert isinstance(clients, dict)
        return str(cast("dict[str, object]", clients)["connected_clients"])

    with client_of(empty_redis, redis.ConnectionPool, decode=False) as client:
        client.eval("return 1", 0)
        with RedisStore(client) as store:
            before = connections()
            store.update("desk", counted)

            assert connections() != before

        assert connections() == before
        assert client.eval("return redis.call('EXISTS', KEYS[1])", 1, KEY) == 1


def test_a_store_shows_no_password() -> None:
    """Its repr names the server and the prefix."""
    password = TOKEN_MARK.replace("/", "%2F")
    with RedisStore.from_url(f"redis://:{password}@host:7000/1", prefix="p:") as store:
        assert repr(store) == "RedisStore('Redis at host:7000', prefix='p:')"


def test_a_cancelled_change_shows_no_token(own_server: RedisServer) -> None:
    """A task that is cancelled while it waits drags nothing along."""

    async def run() -> None:
        store = AsyncRedisStore.from_url(own_server.url)
        await store.update("desk", counted)
        state = TokenState(StoredToken(Secret(TOKEN_MARK), 1.0, 2.0, 0))

        def hang(*_: object) -> tuple[TokenState, None]:
            own_server.pause()
            task.get_loop().call_later(MOMENT, task.cancel)
            return state, None

        task = asyncio.create_task(store.update("desk", hang))
        with failing(asyncio.CancelledError):
            await task
        own_server.resume()
        await store.close()

    asyncio.run(run(), debug=True)


WITHOUT = """
import sys
import wxruntime.stores
assert not {"redis", "sqlite3"} & {*sys.modules}, "loaded early"
sys.modules["redis"] = None
import importlib.abc
class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "redis":
            raise ModuleNotFoundError("No module named 'redis'", name="redis")
del sys.modules["redis"]
sys.meta_path.insert(0, Hidden())
try:
    from wxruntime.stores import RedisStore
except ImportError as error:
    print(error)
"""


def test_redis_is_loaded_and_missed_only_when_it_is_wanted() -> None:
    """The package loads without it, and the error says what to install."""
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=60, check=False
    )

    assert run.returncode == 0, run.stderr
    assert "pip install 'wxoa[redis]'" in run.stdout
