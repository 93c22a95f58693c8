"""What the doctor says of an account, as a process of its own against real servers."""

from __future__ import annotations

import json
import os
import pty
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from tests.account import APP_ID
from tests.redis_server import RedisServer, serving_redis
from tests.runtime.leaks import APP_SECRET, TOKEN_MARK, shows_secret
from tests.runtime.servers import (
    TOKEN_PATH,
    Answer,
    Platform,
    Reply,
    Seen,
    Server,
    http,
    serving,
    token,
)
from wxoa import Client, errors, kf_session
from wxoa.catalog import CATALOG
from wxruntime.redact import Secret
from wxruntime.sandbox import Admin, LocalWeChat
from wxruntime.stores import FileStore, RedisStore, TokenStore
from wxruntime.stores.state import Lease, TokenState, begin, end

PLAIN_PATH = "/cgi-bin/token"
QUOTA_PATH = "/cgi-bin/openapi/quota/get"
CREATE = "/customservice/kfsession/create"
IP_REFUSED = (
    "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist "
    "rid: 5f1a2b3c-0d4e5f6a-7b8c9d0e"
)

WELL = http({"errcode": 0, "errmsg": "ok", "quota": {"daily_limit": 100, "used": 1, "remain": 99}})

Serve = Callable[[Answer], Server]


@frozen
class Said:
    """What a doctor said, and how it ended."""

    code: int
    out: str
    err: str

    def of(self, check: str) -> tuple[str, str]:
        """Return a check's verdict and the rest of what is said about it, on one line."""
        found = re.search(rf"^(\w+) +{check}  +(.*(?:\n {{20}}.*)*)", self.out, re.MULTILINE)
        assert found is not None, self.out
        return found[1], re.sub(r"\s+", " ", found[2])

    def verdicts(self) -> list[tuple[str, str]]:
        """Return each check and its verdict, in order."""
        found = re.findall(r"^(ok|warning|FAIL|skipped) +(.+?)  ", self.out, re.MULTILINE)
        return [(check, verdict) for verdict, check in found]


def doctor(*options: str, secret: str | None = APP_SECRET, **environment: str) -> Said:
    """Call the doctor; whatever it says, it shows no secret."""
    done = subprocess.run(
        [sys.executable, "-m", "wxoa", "doctor", *options],
        env=_environment(secret, **environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=100,
    )
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    assert not shows_secret(said.out + said.err)
    assert "Traceback" not in said.err
    return said


def _environment(secret: str | None, **more: str) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("WXOA_")}
    own = {} if secret is None else {"WXOA_APP_SECRET": secret}
    return {**given, "PYTHONIOENCODING": "utf-8", **own, **more}


def at(url: str, *more: str, app_id: str = APP_ID) -> tuple[str, ...]:
    """Return the options for an account at one address."""
    return ("--app-id", app_id, "--base-url", url, *more)


def forced(server: Server) -> list[Seen]:
    """Return the requests that forced a token."""
    return [seen for seen in server.of(TOKEN_PATH) if json.loads(seen.body)["force_refresh"]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers; each is stopped after the test."""
    with ExitStack() as running:
        yield lambda answer: running.enter_context(serving(answer))


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A Redis server that holds nothing."""
    with serving_redis() as server:
        yield server


@pytest.fixture
def wechat() -> Iterator[LocalWeChat]:
    """A local WeChat."""
    with LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET) as wechat:
        yield wechat


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address where nothing listens, and nothing will."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def platform(**script: list[Reply]) -> Platform:
    """Return a platform that answers the quota, or what is given."""
    answers = {"quota": [WELL], **script}
    paths = {"quota": QUOTA_PATH, "token": TOKEN_PATH, "plain": PLAIN_PATH}
    return Platform(script={paths[name]: replies for name, replies in answers.items()})


def put(store: TokenStore, state: TokenState, source: str = "stable") -> None:
    """Put a state into a store; its times count from the store's now."""

    def change(_: TokenState, now: float) -> tuple[TokenState, None]:
        stored = state.stored
        if stored is not None:
            stored = evolve(stored, granted_at=now - 60, expires_at=now + stored.expires_at)
        moments = tuple(now - moment for moment in state.forced)
        until = now + state.leased_until
        return evolve(state, stored=stored, forced=moments, leased_until=until), None

    with store if isinstance(store, RedisStore) else ExitStack():
        store.update(f"{APP_ID}:{source}", change)


def holding(left: float, number: int = 1) -> TokenState:
    """Return a state that holds a token for so many seconds."""
    state, found = begin("a", 10.0, refused=(), spare=10.0, longest=86400.0)(TokenState(), 0.0)

    assert isinstance(found, Lease)
    return end(found, Secret(token(number)), left)(state, 0.0)[0]


class TestWell:
    def test_all_is_well(self, wechat: LocalWeChat, redis: RedisServer) -> None:
        """Each check is one line, in order; nothing is stored, and the token is not shown."""
        said = doctor(*at(wechat.url, "--token-store", redis.url))
        with Client(app_id=APP_ID, app_secret=APP_SECRET, base_url=wechat.url) as client:
            same = client.base.stable_token(APP_ID, APP_SECRET)

        assert said.code == 0
        assert [check for check, _ in said.verdicts()] == [
            *("credentials", "host", "clock", "store", "token", "quota")
        ]
        assert said.of("host") == ("ok", said.of("host")[1])
        assert "connection included" in said.of("host")[1]
        assert said.of("clock")[0] == said.of("store")[0] == said.of("token")[0] == "ok"
        assert said.of("quota")[0] == "ok", said.out
        assert f"{CREATE}: 0 of " in said.of("quota")[1]
        assert "no token yet; lease free; 20 of 20 forced renewals left" in said.of("store")[1]
        assert "granted by the platform (stable)" in said.of("token")[1]
        assert said.out.endswith("Calls would work.\n")
        assert redis.ask("DBSIZE") == 0
        assert same.access_token not in said.out + said.err

    @pytest.mark.parametrize("kind", ["redis", "file"])
    def test_the_token_of_the_store_is_taken_and_left_as_it_is(
        self, serve: Serve, redis: RedisServer, tmp_path: Path, kind: str
    ) -> None:
        """As a client has put it there; the platform is asked for none."""
        server = serve(platform())
        path = str(tmp_path / "tokens.db")
        address = redis.url if kind == "redis" else path
        store = RedisStore.from_url(address) if kind == "redis" else FileStore(address)
        with (
            store,
            Client(
                app_id=APP_ID, app_secret=APP_SECRET, base_url=server.base_url, token_store=store
            ) as client,
        ):
            client.send(kf_session.close("o6_a", "sara@acme"))
        key = f"wxoa:token:{APP_ID}%3Astable"
        before = redis.ask("GET", key) if kind == "redis" else Path(path).read_bytes()

        said = doctor(*at(server.base_url, "--token-store", address))

        assert said.code == 0
        assert re.search(r"a token \d+ s old, 7\d\d\d s left; lease free", said.of("store")[1])
        assert re.search(r"the stable one of the store, \d+ s old, 7\d\d\d s", said.of("token")[1])
        assert len(server.of(TOKEN_PATH)) == 1
        assert before == (redis.ask("GET", key) if kind == "redis" else Path(path).read_bytes())
        (asked,) = server.of(QUOTA_PATH)
        assert asked.target.endswith("-1")

    def test_a_file_that_is_not_there_is_left_to_the_clients(
        self, serve: Serve, tmp_path: Path
    ) -> None:
        """Whoever creates it owns it; a folder that is missing is a failure."""
        server = serve(platform())

        said = doctor(*at(server.base_url, "--token-store", str(tmp_path / "tokens.db")))
        failed = doctor(*at(server.base_url, "--token-store", str(tmp_path / "none" / "tokens.db")))

        assert (said.code, failed.code) == (0, 1)
        assert "is not there yet" in said.of("store")[1]
        assert "does not exist" in failed.of("store")[1]
        assert not [*tmp_path.iterdir()]

    def test_one_json_object_stands_on_each_line(self, serve: Serve) -> None:
        """With the same findings."""
        said = doctor(*at(serve(platform()).base_url, "--output", "json"))

        found = [json.loads(line) for line in said.out.splitlines()]
        assert [one["check"] for one in found][-2:] == ["token", "quota"]
        assert {frozenset(one) for one in found} == {
            frozenset({"check", "verdict", "details", "remedy", "ip"})
        }
        assert said.code == 0

    def test_a_terminal_without_chinese_is_no_failure(self, serve: Serve) -> None:
        """What it cannot show is escaped."""
        server = serve(platform(token=[http({"errcode": 40164, "errmsg": IP_REFUSED})]))

        said = doctor(*at(server.base_url), PYTHONIOENCODING="ascii")

        assert "IP \\u767d\\u540d\\u5355" in said.out
        assert said.code == 1

    def test_whoever_sits_at_a_terminal_is_asked_for_the_secret(self, serve: Serve) -> None:
        """It is not echoed."""
        server = serve(platform())
        outer, inner = pty.openpty()
        with subprocess.Popen(
            [sys.executable, "-m", "wxoa", "doctor", *at(server.base_url)],
            env=_environment(None),
            stdin=inner,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            asked = process.stderr.read(len("AppSecret: "))
            os.write(outer, f"{APP_SECRET}\n".encode())
            shown = process.stdout.read() + process.stderr.read()
        os.close(inner)
        os.close(outer)

        assert asked == b"AppSecret: "
        assert process.returncode == 0
        assert not shows_secret(shown.decode())
        assert json.loads(server.of(TOKEN_PATH)[0].body)["secret"] == APP_SECRET


class TestCredentials:
    def test_a_wrong_secret_is_told_with_its_remedy(self, wechat: LocalWeChat) -> None:
        """And there is no quota without a token."""
        said = doctor(*at(wechat.url), secret="not-the-secret")

        assert said.code == 1
        assert said.of("token")[0] == "FAIL"
        assert "40125 InvalidAppSecret" in said.of("token")[1]
        assert f"-> {errors.InvalidAppSecret.remedy}" in said.of("token")[1]
        assert said.of("quota") == ("skipped", "there is no token")
        assert said.out.endswith("Not all is well; see token.\n")
        assert "not-the-secret" not in said.out + said.err

    def test_a_wrong_app_id_is_told_with_its_remedy(self, wechat: LocalWeChat) -> None:
        """By the platform's answer."""
        said = doctor(*at(wechat.url, app_id="wx0000000000000000"))

        assert said.code == 1
        assert "40013 InvalidAppId" in said.of("token")[1]
        assert f"-> {errors.InvalidAppId.remedy}" in said.of("token")[1]

    def test_the_account_may_come_from_where_calls_have_it(
        self, serve: Serve, tmp_path: Path
    ) -> None:
        """The variable names it, and a file has its secret."""
        server = serve(platform())
        path = tmp_path / "secret"
        path.write_text(f"{APP_SECRET}\n")
        words = ("--base-url", server.base_url, "--app-secret-file", str(path))
        said = doctor(*words, secret=None, WXOA_APP_ID=APP_ID)

        assert said.code == 0
        assert json.loads(server.of(TOKEN_PATH)[0].body)["secret"] == APP_SECRET

    def test_the_store_may_come_from_the_environment(self, serve: Serve, tmp_path: Path) -> None:
        """The variable does the same as the option, and an option that is missing is named."""
        server = serve(platform())
        store = str(tmp_path / "tokens.db")
        by_variable = doctor(*at(server.base_url), WXOA_TOKEN_STORE=store)
        by_option = doctor(*at(server.base_url, "--token-store", store))
        without = doctor(*at(server.base_url))

        assert by_variable.of("store") == by_option.of("store")
        assert store in by_option.of("store")[1]
        assert without.of("store") == ("skipped", "none given; --token-store takes one")

    @pytest.mark.parametrize("app_id", ["", "wx 1", "gh_0123456789ab"])
    def test_what_cannot_be_an_app_id_is_told_at_once(self, serve: Serve, app_id: str) -> None:
        """The hosts are looked at all the same."""
        said = doctor(*at(serve(platform()).base_url, app_id=app_id))

        assert said.code == 1
        assert said.of("credentials")[0] == "FAIL"
        assert said.of("host")[0] == "ok"
        assert [verdict for _, verdict in said.verdicts()][-3:] == ["skipped"] * 3

    def test_a_secret_in_the_place_of_the_app_id_is_not_shown(self, serve: Serve) -> None:
        """It is told apart by its shape."""
        secret = "0123456789abcdef" * 2
        said = doctor(*at(serve(platform()).base_url, app_id=secret))

        assert "looks like an AppSecret" in said.of("credentials")[1]
        assert secret not in said.out + said.err
        assert said.code == 1

    def test_a_missing_secret_is_a_wrong_argument(self, serve: Serve) -> None:
        """It says where the secret is taken from, and asks nobody anything."""
        server = serve(platform())

        for secret in (None, ""):
            said = doctor(*at(server.base_url), secret=secret)

            assert said.code == 2
            assert "WXOA_APP_SECRET" in said.err
        assert not server.seen

    @pytest.mark.parametrize(
        "options",
        [
            (),
            ("--app-id", APP_ID, "--base-url", "http://me:pa55word@host"),
            ("--app-id", APP_ID, "--token-store", "redis://me:pa55word@host:port/"),
            ("--app-id", APP_ID, "--path", "cgi-bin/token"),
            ("--app-id", APP_ID, "--timeout", "0"),
            ("--app-id", APP_ID, "--timeout", "nan"),
            ("--app-id", APP_ID, "--token-source", "fresh"),
            ("--app-id", APP_ID, "--app-secret", "x"),
        ],
    )
    def test_a_wrong_argument_is_told_without_its_password(self, options: tuple[str, ...]) -> None:
        """With the exit code of a wrong argument, before anything is asked."""
        said = doctor(*options)

        assert said.code == 2
        assert not said.out
        assert "pa55word" not in said.err


class TestHosts:
    def test_a_host_that_cannot_be_reached_ends_the_checks(self, nowhere: str) -> None:
        """What depends on it is skipped."""
        said = doctor(*at(nowhere))

        assert said.code == 1
        assert said.of("host")[0] == "FAIL"
        assert "the host refused it -> Look at the way there" in said.of("host")[1]
        assert said.of("token") == ("skipped", "no host answers")
        assert said.of("quota")[0] == said.of("clock")[0] == "skipped"

    def test_a_silent_host_is_left_when_its_time_is_over(self, serve: Serve) -> None:
        """It takes connections and answers nothing."""
        servers: list[Server] = []
        servers.append(serve(lambda seen: Reply(servers[0].silence())))

        said = doctor(*at(servers[0].base_url, "--timeout", "0.5"))

        assert said.code == 1
        assert "no complete answer before the deadline of the call" in said.of("host")[1]

    def test_a_token_that_does_not_come_is_left_when_its_time_is_over(self, serve: Serve) -> None:
        """The host itself answers."""
        whole = platform()
        servers: list[Server] = []

        def answer(seen: Seen) -> Reply:
            return Reply(servers[0].silence()) if seen.path == TOKEN_PATH else whole(seen)

        servers.append(serve(answer))
        said = doctor(*at(servers[0].base_url, "--timeout", "3"))

        assert said.code == 1
        assert said.of("host")[0] == "ok"
        assert said.of("token")[0] == "FAIL"

    def test_a_spare_host_that_fails_is_a_warning(self, serve: Serve, nowhere: str) -> None:
        """Calls work; where the usual one fails, the others are asked on."""
        server = serve(platform())

        spare = doctor(*at(server.base_url, "--base-url", nowhere))
        usual = doctor(*at(nowhere, "--base-url", server.base_url))

        assert (spare.code, usual.code) == (0, 1)
        assert spare.of("spare host")[0] == "warning"
        assert usual.of("host")[0] == "FAIL"
        assert usual.of("token")[0] == "ok"

    def test_a_login_page_is_not_the_platform(self, serve: Serve) -> None:
        """However friendly its status is."""
        page = http(b"<html>login to the hotel wifi</html>", content_type="text/html")

        said = doctor(*at(serve(lambda seen: page).base_url))

        assert said.code == 1
        assert said.of("host")[0] == "FAIL"
        assert "Something else than the platform answers" in said.of("host")[1]

    def test_a_clock_that_is_wrong_is_told(self, serve: Serve) -> None:
        """By the time that a host says."""
        late = f"Date: {formatdate(time.time() - 3600, usegmt=True)}\r\n"
        odd = "Date: yesterday\r\n"

        for date, verdict in ((late, "warning"), (odd, "skipped")):
            answered = http({"errcode": 41001, "errmsg": "access_token missing"}, extra=date)
            whole = platform()

            def answer(seen: Seen, whole: Answer = whole, first: Reply = answered) -> Reply:
                return first if seen.path.endswith("getcallbackip") else whole(seen)

            said = doctor(*at(serve(answer).base_url))

            assert said.of("clock")[0] == verdict
            assert said.code == 0
            if verdict == "warning":
                assert re.search(r"3[56]\d\d s ahead of the platform", said.of("clock")[1])


class TestStore:
    def test_a_store_that_is_down_is_told(self, serve: Serve) -> None:
        """The stable token comes from the platform all the same, as it does for a client."""
        server = serve(platform())
        with serving_redis() as redis:
            address = redis.url

        said = doctor(*at(server.base_url, "--token-store", address))

        assert said.code == 1
        assert said.of("store")[0] == "FAIL"
        assert "no connection; check whether the server runs" in said.of("store")[1]
        assert said.of("token")[0] == said.of("quota")[0] == "ok"

    def test_a_store_that_hangs_is_left_when_its_time_is_over(
        self, serve: Serve, redis: RedisServer
    ) -> None:
        """It takes connections and answers nothing."""
        server = serve(platform())
        redis.pause()

        said = doctor(*at(server.base_url, "--token-store", redis.url, "--timeout", "0.5"))

        assert said.code == 1
        assert "no answer in time" in said.of("store")[1]

    def test_a_password_of_the_store_is_not_shown(self, serve: Serve, redis: RedisServer) -> None:
        """The store's name in the report is its place alone."""
        server = serve(platform())
        address = redis.url.replace("redis://", "redis://me:pa55word@")

        said = doctor(*at(server.base_url), WXOA_TOKEN_STORE=address)
        typed = doctor(*at(server.base_url, "--token-store", address))

        assert said.of("store")[0] == "FAIL"
        assert "pa55word" not in said.out + said.err
        assert typed.code == 2
        assert "a password is not taken from the command line" in typed.err
        assert "pa55word" not in typed.out + typed.err

    def test_a_lease_and_used_up_renewals_are_told(self, serve: Serve, redis: RedisServer) -> None:
        """A token that has ended is none; the stable one is asked for, without harm."""
        server = serve(platform())
        moments = tuple(range(100, 120))
        state = evolve(holding(-5.0), owner="b", leased_until=8.0, forced=moments)
        put(RedisStore.from_url(redis.url), state)

        said = doctor(*at(server.base_url, "--token-store", redis.url))

        verdict, details = said.of("store")
        assert verdict == "warning"
        assert re.search(r"a token that ended \d+ s ago", details)
        assert re.search(r"lease renewed by another process for \d s at most", details)
        assert "0 of 20 forced renewals left today" in details
        assert "granted by the platform (stable)" in said.of("token")[1]
        assert said.code == 0

    def test_a_missing_library_is_told(self, serve: Serve) -> None:
        """As a failure of the store, with the way to get it."""
        script = """
import sys
sys.modules["redis"] = None
from wxoa.__main__ import main
sys.exit(main())
"""
        options = at(serve(platform()).base_url, "--token-store", "redis://127.0.0.1:1/0")
        done = subprocess.run(
            [sys.executable, "-c", script, "doctor", *options],
            env=_environment(APP_SECRET),
            capture_output=True,
            text=True,
        )

        assert "FAIL     store" in done.stdout
        assert "pip install 'wxoa[redis]'" in done.stdout


class TestToken:
    def test_a_refused_ip_address_stands_on_a_line_of_its_own(self, serve: Serve) -> None:
        """With the advice to add it to the whitelist."""
        server = serve(platform(token=[http({"errcode": 40164, "errmsg": IP_REFUSED})]))

        said = doctor(*at(server.base_url))
        found = [
            json.loads(line)
            for line in doctor(*at(server.base_url, "--output", "json")).out.split("\n")
            if line
        ]

        assert said.code == 1
        assert "40164 IpNotInWhitelist" in said.of("token")[1]
        assert re.search(r"^ +IP address: 203\.0\.113\.7$", said.out, re.MULTILINE)
        assert re.search(r"^ +-> Add this IP address .*IP 白名单", said.out, re.MULTILINE)
        assert [one["ip"] for one in found if one["check"] == "token"] == ["203.0.113.7"]

    def test_the_local_wechat_can_refuse_the_address(self, wechat: LocalWeChat) -> None:
        """As the platform does before it knows a machine."""
        with Admin(wechat.url) as admin:
            admin.refuse_ip()

        said = doctor(*at(wechat.url))

        assert said.code == 1
        assert "40164" in said.of("token")[1]
        assert re.search(r"^ +IP address: \S+$", said.out, re.MULTILINE)

    @pytest.mark.parametrize("code", [40243, 50002, 89501, 89503, 89506, 45009])
    def test_a_refusal_is_told_with_its_remedy(self, serve: Serve, code: int) -> None:
        """As the specification has it."""
        server = serve(platform(token=[http({"errcode": code, "errmsg": "no rid: 1-2-3"})]))

        said = doctor(*at(server.base_url))

        kind = errors.BY_CODE[code]
        assert said.code == 1
        assert f"{code} {kind.__name__}: no rid: 1-2-3" in said.of("token")[1]
        assert f"-> {kind.remedy}" in said.of("token")[1]

    def test_a_code_that_nobody_described_has_advice_all_the_same(self, serve: Serve) -> None:
        """Where to look it up."""
        server = serve(platform(token=[http({"errcode": 99999, "errmsg": "a\nb\x1b[2J"})]))

        said = doctor(*at(server.base_url))

        assert "99999 ApiError: a b [2J -> Look the code up" in said.of("token")[1]
        assert "\x1b" not in said.out

    def test_a_plain_token_is_asked_for_only_by_choice(self, serve: Serve) -> None:
        """It says what that does."""
        granted = http({"access_token": token(7), "expires_in": 7200})
        server = serve(platform(plain=[granted]))

        stable = doctor(*at(server.base_url))
        before = len(server.of(PLAIN_PATH))
        plain = doctor(*at(server.base_url, "--token-source", "plain"))

        assert (stable.code, plain.code) == (0, 0)
        assert (before, len(server.of(PLAIN_PATH))) == (0, 1)
        assert "it replaces the plain token before it" in plain.of("token")[1]

    def test_a_plain_token_of_others_is_not_replaced(
        self, serve: Serve, redis: RedisServer
    ) -> None:
        """Not the stored one, not one that is on its way, not one that may be stored."""
        server = serve(platform())
        options = at(server.base_url, "--token-store", redis.url, "--token-source", "plain")

        put(RedisStore.from_url(redis.url), holding(7000.0), "plain")
        stored = doctor(*options)
        renewed = evolve(TokenState(), owner="b", fence=1, leased_until=8.0)
        put(RedisStore.from_url(redis.url), renewed, "plain")
        busy = doctor(*options)
        redis.stop()
        down = doctor(*options)

        assert (stored.code, busy.code, down.code) == (0, 1, 1)
        assert "the plain one of the store" in stored.of("token")[1]
        assert "another process is renewing the plain token" in busy.of("token")[1]
        assert down.of("token")[0] == "skipped"
        assert not server.of(PLAIN_PATH)


class TestQuota:
    def test_a_dead_token_of_the_store_is_told_and_not_replaced(
        self, serve: Serve, redis: RedisServer
    ) -> None:
        """To force another would end the token of everybody."""
        dead = http({"errcode": 40001, "errmsg": "invalid credential"})
        server = serve(platform(quota=[dead]))
        put(RedisStore.from_url(redis.url), holding(7000.0))

        said = doctor(*at(server.base_url, "--token-store", redis.url))

        assert said.code == 1
        assert "40001 InvalidCredential" in said.of("quota")[1]
        assert "-> A client replaces such a token" in said.of("quota")[1]
        assert not server.of(TOKEN_PATH)

    def test_a_dead_token_of_the_platform_is_not_replaced_either(self, serve: Serve) -> None:
        """It is asked for once, and unforced."""
        dead = http({"errcode": 42001, "errmsg": "expired"})
        server = serve(platform(quota=[dead]))

        said = doctor(*at(server.base_url))

        assert said.code == 1
        assert len(server.of(TOKEN_PATH)) == 1
        assert not forced(server)

    def test_a_refused_quota_is_told_with_its_remedy(self, serve: Serve) -> None:
        """An echo of the token is not."""
        echo = f"api unauthorized for access_token={TOKEN_MARK}-1 or {token(1)} of {APP_SECRET}"
        server = serve(platform(quota=[http({"errcode": 48001, "errmsg": echo})]))

        said = doctor(*at(server.base_url))

        assert said.code == 1
        assert "48001" in said.of("quota")[1]
        assert "access_token=*** or *** of ***" in said.of("quota")[1]

    def test_a_path_that_the_platform_does_not_know_is_a_warning(self, wechat: LocalWeChat) -> None:
        """The token was taken; calls would work."""
        said = doctor(*at(wechat.url, "--path", "/cgi-bin/no/such"))

        assert said.code == 0
        assert said.of("quota")[0] == "warning"
        assert "/cgi-bin/no/such: 76021" in said.of("quota")[1]

    def test_a_quota_that_is_used_up_is_a_failure(self, serve: Serve) -> None:
        """It says how to go on."""
        none: dict[str, Any] = {"quota": {"daily_limit": 100, "used": 100, "remain": 0}}
        server = serve(platform(quota=[http(none)]))

        said = doctor(*at(server.base_url, "--path", "/cgi-bin/x"))

        assert said.code == 1
        assert "/cgi-bin/x: 100 of 100 used, 0 left today" in said.of("quota")[1]
        assert json.loads(server.of(QUOTA_PATH)[0].body) == {"cgi_path": "/cgi-bin/x"}


def test_an_echo_of_the_secret_is_not_shown(serve: Serve) -> None:
    """Plain, in an address, in JSON, and in a page."""
    quoted = APP_SECRET.replace("/", "%2F").replace("+", "%2B")
    escaped = APP_SECRET.replace("/", r"\/")
    echo = f"{APP_SECRET} {quoted} {escaped}"

    for reply in (http({"errcode": 40001, "errmsg": echo}), http(echo.encode(), "500 X")):
        said = doctor(*at(serve(platform(token=[reply])).base_url))

        assert said.code == 1
        assert said.of("token")[0] == "FAIL"
