"""The client over real sockets: what goes out, what comes back, and what no error shows."""

from __future__ import annotations

import gc
import json
import logging
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.account import APP_ID
from tests.runtime.leaks import (
    APP_SECRET,
    TOKEN_MARK,
    failing,
    secrets_logged,
    shows_secret,
)
from tests.runtime.servers import TOKEN_PATH, Answer, Platform, Reply, Seen, Server, http, token
from wxoa import Client, errors, kf_session
from wxoa.base import stable_token
from wxoa.kf_session import Session, WaitCase
from wxruntime.call import Call, nothing
from wxruntime.errors import (
    ApiError,
    DecodeError,
    EncodeError,
    HttpError,
    TransportError,
    WeChatError,
)
from wxruntime.retry import Retry
from wxruntime.transport import Bytes, HttpRequest, HttpResponse, Timeout
from wxruntime.wire import JsonValue

GET = "/customservice/kfsession/getsession"
LIST = "/customservice/kfsession/getsessionlist"
WAIT = "/customservice/kfsession/getwaitcase"
CREATE = "/customservice/kfsession/create"
CLOSE = "/customservice/kfsession/close"

Connect = Callable[[Answer], tuple[Client, Server]]


@pytest.fixture
def connect(serve: Callable[[Answer], Server]) -> Iterator[Connect]:
    """Make clients of servers; each is closed after the test."""
    clients: list[Client] = []

    def make(answer: Answer) -> tuple[Client, Server]:
        server = serve(answer)
        client = Client(
            app_id=APP_ID,
            app_secret=APP_SECRET,
            base_url=server.base_url,
            timeout=20,
            retry=Retry(first=0.001),
        )
        clients.append(client)
        return client, server

    yield make
    for client in clients:
        client.close()


@pytest.fixture(autouse=True)
def no_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Listen to every logger at DEBUG; after the test, no record may show a secret."""
    caplog.set_level(logging.DEBUG)
    yield

    assert not secrets_logged(caplog)


class TestRequests:
    def test_the_first_call_fetches_a_token_and_sends_it_along(self, connect: Connect) -> None:
        """Two requests: one for the token, as JSON, and the call with the token in its query."""
        client, server = connect(Platform())

        client.kf_session.close("o6_a", "sara@acme")

        first, second = server.seen
        assert (first.method, first.target) == ("POST", TOKEN_PATH)
        assert json.loads(first.body) == {
            "grant_type": "client_credential",
            "appid": APP_ID,
            "secret": APP_SECRET,
            "force_refresh": False,
        }
        assert (second.method, second.target) == (
            "POST",
            f"{CLOSE}?access_token=7oken%2F%2Bc0ffee-1",
        )

    def test_the_body_is_raw_utf8(self, connect: Connect) -> None:
        """The platform stores `\\uXXXX` as it is, so none is sent; absent fields are left out."""
        client, server = connect(Platform())

        client.kf_session.create("o6_a", "sara@acme", '订单 "1" 😀')
        client.kf_session.create("o6_a", "sara@acme")

        first, second = server.of(CREATE)
        assert first.body == (
            '{"openid":"o6_a","kf_account":"sara@acme","text":"订单 \\"1\\" 😀"}'.encode()
        )
        assert first.headers["content-type"] == "application/json; charset=utf-8"
        assert second.body == b'{"openid":"o6_a","kf_account":"sara@acme"}'

    def test_a_call_without_a_body_sends_none(self, connect: Connect) -> None:
        """A GET has its parameters in the query and nothing else."""
        client, server = connect(Platform(script={GET: [http({"kf_account": ""})]}))

        client.kf_session.get("o6_ä b")

        assert server.seen[1].target.startswith(f"{GET}?openid=o6_%C3%A4%20b&access_token=")
        assert server.seen[1].body == b""
        assert "content-type" not in server.seen[1].headers

    def test_an_account_keeps_its_at_sign_and_injects_nothing(self, connect: Connect) -> None:
        """What could end a parameter is escaped; `@` goes raw, as the platform writes it."""
        client, server = connect(Platform())

        client.kf_session.list("x y&z@gh#1")

        assert server.seen[1].target == (
            f"{LIST}?kf_account=x%20y%26z@gh%231&access_token=7oken%2F%2Bc0ffee-1"
        )

    def test_the_token_is_fetched_once_for_many_calls(self, connect: Connect) -> None:
        """A token serves until it is due, over one connection."""
        client, server = connect(Platform())

        for _ in range(5):
            client.kf_session.close("o6_a", "sara@acme")

        assert len(server.of(TOKEN_PATH)) == 1
        assert len(server.of(CLOSE)) == 5
        assert server.connections == 1

    def test_a_text_that_no_wire_can_hold_is_refused_before_it_is_sent(
        self, connect: Connect
    ) -> None:
        """Half a surrogate pair is an error of the argument, in the query as in the body."""
        client, server = connect(Platform())

        with failing(EncodeError):
            client.kf_session.get("o6_\ud800")
        with failing(EncodeError):
            client.kf_session.close("o6_\ud800", "sara@acme")

        assert not server.of(GET)
        assert not server.of(CLOSE)


class TestAnswers:
    def test_a_session_carries_what_was_asked_for(self, connect: Connect) -> None:
        """The answer does not repeat the openid, and the session has it all the same."""
        answer: JsonValue = {"createtime": 123456789, "kf_account": "sara@acme", "new": [1]}
        client, _ = connect(Platform(script={GET: [http(answer)]}))

        session = client.kf_session.get("o6_a")

        assert session == Session("o6_a", "sara@acme", session.create_time, {"new": [1]})
        assert session.create_time.utc.isoformat() == "1973-11-29T21:33:09+00:00"

    def test_a_list_carries_the_account_that_was_asked_for(self, connect: Connect) -> None:
        """Each session of a list knows whose it is."""
        answer: JsonValue = {"sessionlist": [{"openid": "o6_a", "createtime": "12"}]}
        client, _ = connect(Platform(script={LIST: [http(answer)]}))

        assert [
            (session.openid, session.kf_account, session.create_time)
            for session in client.kf_session.list("sara@acme")
        ] == [("o6_a", "sara@acme", 12)]

    def test_an_answer_of_another_type_and_with_control_characters_is_read(
        self, connect: Connect
    ) -> None:
        """The platform says text/plain, and nicknames bring raw bytes of every kind."""
        body = b'\xef\xbb\xbf{"kf_account":"a\x01\x1f\n\xff","errcode":"0"}'
        reply = http(body, content_type="text/plain")
        client, _ = connect(Platform(script={GET: [reply]}))

        assert client.kf_session.get("o6_a").kf_account == "a\x01\x1f\n\ufffd"

    @pytest.mark.parametrize("code", [65413, "65413"])
    def test_an_error_code_becomes_its_class(self, connect: Connect, code: JsonValue) -> None:
        """A number or its digits, with the platform's words and its name for the request."""
        message = "no session hint: [x] rid: 5f1a2b3c-0d4e5f6a-7b8c9d0e"
        reply = http({"errcode": code, "errmsg": message})
        client, _ = connect(Platform(script={CLOSE: [reply]}))

        with failing(errors.SessionNotFound) as failure:
            client.kf_session.close("o6_a", "sara@acme")

        error = failure.value
        assert (error.code, error.message) == (65413, message)
        assert error.rid == "5f1a2b3c-0d4e5f6a-7b8c9d0e"
        assert error.operation == "kf_session.close"
        assert "kf_session.get" in str(error)

    def test_a_code_nobody_described_is_kept_whole(self, connect: Connect) -> None:
        """It is an ApiError with the number, the words and the call."""
        reply = http({"errcode": 99999999, "errmsg": "后续"})
        client, server = connect(Platform(script={GET: [reply]}))

        with failing(ApiError) as failure:
            client.kf_session.get("o6_a")

        assert type(failure.value) is ApiError
        assert failure.value.args == (99999999, "后续", "", "kf_session.get", None)
        assert len(server.seen) == 2

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b" ",
            b"null",
            b"[]",
            b'"ok"',
            b"0",
            b"<html>busy</html>",
            b'{"errcode":0',
            b'{"errcode":{}}',
            b'{"errcode":1.5}',
            b'{"errcode":NaN}',
            b'{"errcode":1e999}',
            b'{"errcode":true}',
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b'{"x":' * 900 + b'"\\ud800"' + b"}" * 900,
            b'{"kf_account":{}}',
            b'{"kf_account":[1]}',
            b'{"createtime":"1_2"}',
            b'{"createtime":" "}',
            b'{"createtime":' + b"9" * 5000 + b"}",
        ],
        ids=lambda body: str(body[:20]),
    )
    def test_what_is_no_answer_is_a_decode_error(self, connect: Connect, body: bytes) -> None:
        """Nothing a server sends reaches the caller as anything but the one error root."""
        client, _ = connect(Platform(script={GET: [http(body)]}))

        with failing(DecodeError):
            client.kf_session.get("o6_a")

    def test_an_error_page_of_a_proxy_is_no_answer(self, connect: Connect) -> None:
        """The status and the beginning of the page are in the error, the echoed token is not."""
        page = f"<html>502: /x?access_token={TOKEN_MARK}-1&amp;y={TOKEN_MARK}-1 {'x' * 5000}"
        reply = http(page.encode(), "502 Bad Gateway", "text/html")
        client, _ = connect(Platform(script={GET: [reply]}))

        with failing(HttpError) as failure:
            client.kf_session.get("o6_a")

        assert failure.value.status == 502
        assert "502 text/html" in str(failure.value)
        assert "<html>502" in str(failure.value)
        assert len(str(failure.value)) < 500

    @pytest.mark.parametrize("status", ["204 No Content", "302 Found", "404 Not Found", "500 X"])
    def test_any_other_status_than_200_is_an_http_error(
        self, connect: Connect, status: str
    ) -> None:
        """A JSON body does not make an answer of it."""
        reply = http(b"" if status.startswith("204") else {"errcode": 0}, status)
        client, _ = connect(Platform(script={GET: [reply]}))

        with failing(HttpError) as failure:
            client.kf_session.get("o6_a")

        assert failure.value.status == int(status[:3])

    def test_a_redirect_is_not_followed(self, connect: Connect) -> None:
        """A token goes to the host it was meant for and to no other."""
        reply = http({}, "302 Found", extra="Location: /elsewhere\r\n")
        client, server = connect(Platform(script={GET: [reply]}))

        with failing(HttpError):
            client.kf_session.get("o6_a")

        assert not server.of("/elsewhere")

    @pytest.mark.parametrize(
        "body",
        [
            f'{{"access_token":"{TOKEN_MARK}-1","expires_in":7200'.encode(),
            f'{{"access_token":"{TOKEN_MARK}-1'.encode(),
            f'{{"access_token":"{TOKEN_MARK}-1"}}'.encode(),
            f'{{"access_token":"{TOKEN_MARK}-1","expires_in":"soon"}}'.encode(),
            f'{{"access_token":["{TOKEN_MARK}-1"],"expires_in":7200}}'.encode(),
            f"{{'access_token':'{TOKEN_MARK}-1','x':\"".encode(),
            f'{{"errcode":40125,"errmsg":"invalid secret {APP_SECRET}"}}'.encode(),
            f'{{"errcode":"x","errmsg":"invalid secret {APP_SECRET}"}}'.encode(),
            f"secret={APP_SECRET}".encode(),
            f"{'x' * 190}secret={APP_SECRET}".encode(),
        ],
    )
    def test_a_broken_grant_shows_neither_token_nor_secret(
        self, connect: Connect, body: bytes
    ) -> None:
        """However the answer to the token request is cut or twisted."""
        client, _ = connect(Platform(script={TOKEN_PATH: [http(body)]}))

        with failing(WeChatError):
            client.kf_session.get("o6_a")


class TestDeadTokens:
    @pytest.mark.parametrize("code", [40001, 40014, 42001])
    def test_a_dead_token_is_replaced_and_the_call_sent_again_once(
        self, connect: Connect, code: int
    ) -> None:
        """The caller sees the answer; the second request differs in its token only."""
        dead = http({"errcode": code, "errmsg": f"dead {token(1)}"})
        client, server = connect(Platform(script={CREATE: [dead, http({"errcode": 0})]}))

        client.kf_session.create("o6_a", "sara@acme", "hello")

        first, second = server.of(CREATE)
        assert first.body == second.body
        assert second.target == first.target.replace("-1", "-2")
        assert [json.loads(request.body)["force_refresh"] for request in server.of(TOKEN_PATH)] == [
            False,
            False,
            True,
        ]

    def test_a_token_that_stays_dead_ends_after_a_bounded_number_of_requests(
        self, connect: Connect
    ) -> None:
        """Two attempts, and the platform's own error: no loop, no recursion."""
        dead = http({"errcode": 40001, "errmsg": "invalid credential"})
        client, server = connect(Platform(script={GET: [dead]}))

        with failing(errors.InvalidCredential):
            client.kf_session.get("o6_a")
        first = len(server.of(GET)), len(server.of(TOKEN_PATH))
        for _ in range(5):
            with failing(errors.InvalidCredential):
                client.kf_session.get("o6_a")

        assert first == (2, 3)
        # The next call asks once more; after that each costs one attempt, and no question.
        assert len(server.of(GET)) == 2 + 5
        assert len(server.of(TOKEN_PATH)) == 3 + 1

    def test_a_dead_token_of_a_token_request_is_not_replaced(self, connect: Connect) -> None:
        """40001 from the token endpoint means a wrong secret, and one request."""
        wrong = http({"errcode": 40001, "errmsg": "invalid credential"})
        client, server = connect(Platform(script={TOKEN_PATH: [wrong]}))

        with failing(errors.InvalidCredential) as failure:
            client.kf_session.get("o6_a")

        assert failure.value.operation == "base.stable_token"
        assert len(server.seen) == 1

    def test_another_error_is_not_sent_again(self, connect: Connect) -> None:
        """Once it went out, only a refused token means that nothing was done."""
        busy = http({"errcode": -1, "errmsg": "system error"})
        client, server = connect(Platform(script={CLOSE: [busy]}))

        with failing(errors.SystemBusy):
            client.kf_session.close("o6_a", "sara@acme")

        assert len(server.of(CLOSE)) == 1
        assert len(server.of(TOKEN_PATH)) == 1

    def test_many_calls_with_one_dead_token_force_one_new_one(self, connect: Connect) -> None:
        """However many calls are refused at once, all are answered with the one new token."""
        platform = Platform()
        session = http({"kf_account": "sara@acme"})

        def answer(request: Seen) -> Reply:
            if request.path == GET and request.target.endswith("-1"):
                return http({"errcode": 42001, "errmsg": "expired"})
            return session if request.path == GET else platform(request)

        client, server = connect(answer)

        with ThreadPoolExecutor(8) as pool:
            sessions = list(pool.map(client.kf_session.get, [f"o6_{n}" for n in range(40)]))

        assert [session.openid for session in sessions] == [f"o6_{n}" for n in range(40)]
        assert {session.kf_account for session in sessions} == {"sara@acme"}
        forced = [json.loads(request.body)["force_refresh"] for request in server.of(TOKEN_PATH)]
        assert forced.count(True) == 1


class TestConnections:
    def test_threads_share_the_pool(self, connect: Connect) -> None:
        """Many calls on two threads need no more connections than threads, and none is mixed up."""
        client, server = connect(
            Platform(script={GET: [http({"kf_account": "sara@acme"})]}),
        )

        with ThreadPoolExecutor(2) as pool:
            sessions = list(pool.map(client.kf_session.get, [f"o6_{n}" for n in range(60)]))

        assert [session.openid for session in sessions] == [f"o6_{n}" for n in range(60)]
        assert server.connections <= 2

    def test_a_connection_the_server_closed_in_between_is_not_used(self, connect: Connect) -> None:
        """The next call makes a new connection; it is sent once, whatever it does."""
        client, server = connect(Platform())
        client.kf_session.close("o6_a", "sara@acme")
        server.hang_up()

        client.kf_session.close("o6_b", "sara@acme")

        assert server.connections == 2
        assert len(server.of(CLOSE)) == 2

    def test_a_call_cut_off_in_the_middle_is_not_sent_again(self, connect: Connect) -> None:
        """The platform may have done it already, so the caller decides."""
        cut = Reply([], keep=False)
        client, server = connect(Platform(script={CLOSE: [http({"errcode": 0}), cut]}))
        client.kf_session.close("o6_a", "sara@acme")

        with failing(TransportError):
            client.kf_session.close("o6_b", "sara@acme")

        assert len(server.of(CLOSE)) == 2

    def test_a_closed_client_leaves_no_socket(self, serve: Callable[[Answer], Server]) -> None:
        """The context manager closes every connection; the server sees each of them end."""
        server = serve(Platform())
        with Client(app_id=APP_ID, app_secret=APP_SECRET, base_url=server.base_url) as client:
            client.kf_session.close("o6_a", "sara@acme")

        assert server.hung_up.acquire(timeout=20)

        del client
        gc.collect()  # a socket left open would warn here, and a warning is an error

    def test_a_transport_that_was_given_is_left_open(self) -> None:
        """Who made it closes it."""

        class Canned:
            closed = False

            def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
                return HttpResponse(200, {}, b'{"access_token":"t","expires_in":7200}')

            def close(self) -> None:
                self.closed = True

        transport = Canned()
        with Client(app_id=APP_ID, app_secret=APP_SECRET, transport=transport) as client:
            client.kf_session.close("o6_a", "sara@acme")

        assert not transport.closed


class TestConstruction:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"app_id": ""},
            {"app_id": " wx"},
            {"app_secret": ""},
            {"app_secret": f"{APP_SECRET}\n"},
            {"app_secret": f"{APP_SECRET}\ud800"},
            {"base_url": "api.weixin.qq.com"},
            {"base_url": "ftp://x"},
            {"timeout": 0},
            {"timeout": -1},
            {"timeout": float("nan")},
            {"timeout": float("inf")},
        ],
        ids=lambda wrong: f"{next(iter(wrong))}-{len(repr(wrong))}",
    )
    def test_an_argument_that_cannot_work_is_refused_by_name(
        self, wrong: dict[str, object]
    ) -> None:
        """At once, in words that name it, and without the secret."""
        arguments: dict[str, object] = {"app_id": APP_ID, "app_secret": APP_SECRET, **wrong}

        with pytest.raises(ValueError, match=next(iter(wrong))) as failure:
            Client(**arguments)  # type: ignore[arg-type]

        assert not shows_secret(str(failure.value))

    def test_a_base_url_may_end_with_a_slash(self, serve: Callable[[Answer], Server]) -> None:
        """The paths follow without a second one."""
        server = serve(Platform())
        url = f"{server.base_url}/"
        with Client(app_id=APP_ID, app_secret=APP_SECRET, base_url=url) as client:
            client.kf_session.close("o6_a", "sara@acme")

        assert server.seen[0].target == TOKEN_PATH


class TestReprs:
    def test_nothing_that_can_be_shown_shows_a_secret(self, connect: Connect) -> None:
        """Client, call, token and request keep what they know to themselves."""
        client, _ = connect(Platform())
        grant = client.send(stable_token(APP_ID, APP_SECRET))
        request = HttpRequest(
            "POST",
            f"https://x/y?access_token={TOKEN_MARK}-1&openid=o",
            Bytes(f'{{"secret":"{APP_SECRET}"}}'.encode()),
        )
        shown = [
            repr(client),
            repr(stable_token(APP_ID, APP_SECRET)),
            repr(grant),
            repr(request),
            repr(vars(client)),
        ]

        assert not any(map(shows_secret, shown))
        assert grant.access_token == token(1)
        assert "openid=o" in repr(request)
        assert APP_ID in repr(client)

    def test_a_call_shows_what_it_asks(self) -> None:
        """A person reads the operation, the arguments and the path."""
        call = kf_session.close("o6_a", "sara@acme")

        assert repr(call) == (
            "<Call kf_session.close(openid='o6_a', kf_account='sara@acme') "
            "POST /customservice/kfsession/close>"
        )

    def test_calls_are_values(self) -> None:
        """Calls that ask the same are equal, and survive a pickle."""
        call = kf_session.list("sara@acme")

        assert call == kf_session.list("sara@acme")
        assert call != kf_session.list("bob@acme")
        assert pickle.loads(pickle.dumps(call)) == call

    def test_a_call_made_by_hand_is_sent_like_any_other(self, connect: Connect) -> None:
        """An endpoint nobody described needs a path and a way to read its answer."""
        client, server = connect(Platform())
        call = Call("POST", "/cgi-bin/x", "by hand", body={"a": [1, None]}, decode=nothing)

        client.send(call)

        assert server.seen[1].body == b'{"a":[1,null]}'


def test_wait_cases_keep_the_time_of_the_last_word(connect: Connect) -> None:
    """The queue comes whole: count, order, times."""
    answer: JsonValue = {
        "count": 150,
        "waitcaselist": [
            {"latest_time": 123456789, "openid": "o6_a"},
            {"latest_time": "123456790", "openid": "o6_b"},
        ],
    }
    client, _ = connect(Platform(script={WAIT: [http(answer)]}))

    queue = client.kf_session.wait_case_list()

    assert (queue.total_count, queue.item_count) == (150, 2)
    assert queue.items == [
        WaitCase("o6_a", queue.items[0].latest_time),
        WaitCase("o6_b", queue.items[1].latest_time),
    ]
    assert [case.latest_time for case in queue.items] == [123456789, 123456790]
