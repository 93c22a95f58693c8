"""From a call to its answer, for both kinds of client: attempts, hosts, files, tokens, hooks."""

from __future__ import annotations

import io
import json
import logging
import pickle
import re
import socket
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.callers import CALLERS, Caller, callers
from tests.runtime.leaks import APP_SECRET, TOKEN_MARK, failing, secrets_logged, shows_secret
from tests.runtime.servers import TOKEN_PATH, Answer, Platform, Reply, Seen, Server, http, token
from wxoa import base, errors, kf_account, kf_message, kf_session
from wxoa.kf_message import Text
from wxruntime.call import Call, nothing
from wxruntime.download import File, Saved, whole_file
from wxruntime.observe import CallEvent
from wxruntime.retry import Retry
from wxruntime.transport import Timeout
from wxruntime.upload import Form, Upload
from wxruntime.wire import JsonObject

GET = "/customservice/kfsession/getsession"
CREATE = "/customservice/kfsession/create"
CLOSE = "/customservice/kfsession/close"
DELETE = "/customservice/kfaccount/del"
UPLOAD = "/cgi-bin/media/upload"
DOWNLOAD = "/cgi-bin/media/get"

get = kf_session.get("o6_a")
create = kf_session.create("o6_a", "sara@acme")
close = kf_session.close("o6_a", "sara@acme")
photo = bytes(range(256)) * 4000

OK = http({"errcode": 0, "errmsg": "ok"})
SESSION = http({"kf_account": "sara@acme", "createtime": 1})
CUT = Reply([], keep=False)

Make = Callable[..., Caller]


@pytest.fixture(params=list(CALLERS))
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Make clients of either kind for the account of these tests."""
    for make_any in callers(request.param):
        yield partial(make_any, app_secret=APP_SECRET)


@pytest.fixture(autouse=True)
def no_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Listen to every logger at DEBUG; after the test, no record may show a secret."""
    caplog.set_level(logging.DEBUG)
    yield

    assert not secrets_logged(caplog)


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address where nothing listens, and nothing will."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


Serve = Callable[[Answer], Server]


class TestAttempts:
    @pytest.mark.parametrize(
        "first",
        [
            CUT,
            http(b"busy", "502 Bad Gateway", "text/html"),
            http(b"", "503 Service Unavailable", extra="Retry-After: 0\r\n"),
            http({"errcode": -1, "errmsg": "system busy"}),
            http({"errcode": 61450, "errmsg": "system error"}),
            http(b'{"errcode":', length=100),
        ],
        ids=["cut", "502", "503", "-1", "61450", "half an answer"],
    )
    def test_an_idempotent_call_is_sent_again_and_another_is_not(
        self, make: Make, serve: Serve, first: Reply
    ) -> None:
        """Creating what exists changes nothing; closing twice is a question for the caller."""
        server = serve(Platform(script={CREATE: [first, OK], CLOSE: [first, OK]}))
        caller = make(base_url=server.base_url)

        caller.send(create)
        with failing(errors.WeChatError):
            caller.send(close)

        assert len(server.of(CREATE)) == 2
        assert len(server.of(CLOSE)) == 1

    @pytest.mark.parametrize("code", [43001, 43002])
    def test_an_older_request_is_sent_where_the_platform_wants_it(
        self, make: Make, serve: Serve, code: int
    ) -> None:
        """The account was no query once; what is raw in it stays so, and hooks hear of both."""
        wrong = http({"errcode": code, "errmsg": "require the other method"})
        server = serve(Platform(script={DELETE: [wrong, OK]}))
        seen: list[CallEvent] = []
        caller = make(base_url=server.base_url, on_call=seen.append)

        caller.send(kf_account.delete("x y&z@gh#1"))

        first, second = server.of(DELETE)
        assert (first.method, json.loads(first.body)) == ("POST", {"kf_account": "x y&z@gh#1"})
        assert (second.method, second.body) == ("GET", b"")
        assert second.target.startswith(f"{DELETE}?kf_account=x%20y%26z@gh%231&access_token=")
        told = [event for event in seen if event.operation == "kf_account.delete"]
        assert [(e.retry_in, e.error is None) for e in told] == [(0.0, False), (None, True)]

    def test_a_platform_that_wants_neither_request_is_told_to_the_caller(
        self, make: Make, serve: Serve
    ) -> None:
        """Each goes out once; a call without an older form is not sent again at all."""
        wrong = http({"errcode": 43002, "errmsg": "require POST method"})
        server = serve(Platform(script={DELETE: [wrong], CLOSE: [wrong]}))
        caller = make(base_url=server.base_url)

        with failing(errors.PostRequired):
            caller.send(kf_account.delete("sara@acme"))
        with failing(errors.PostRequired):
            caller.send(close)

        assert [seen.method for seen in server.of(DELETE)] == ["POST", "GET"]
        assert len(server.of(CLOSE)) == 1

    def test_attempts_come_to_an_end(self, make: Make, serve: Serve) -> None:
        """The last error is the caller's."""
        server = serve(Platform(script={GET: [http(b"busy", "502 Bad Gateway")]}))

        with failing(errors.HttpError) as failure:
            make(base_url=server.base_url).send(get)

        assert len(server.of(GET)) == Retry().attempts
        assert re.search(r"'busy'; 4 attempts, \d+\.\d s in all$", str(failure.value))
        assert failure.value.status == 502
        assert str(pickle.loads(pickle.dumps(failure.value))) == str(failure.value)

    def test_of_a_single_attempt_nothing_is_summed_up(self, make: Make, serve: Serve) -> None:
        """Its own words say it all, unless the deadline has ended it."""
        server = serve(Platform(script={CLOSE: [http(b"busy", "502 Bad Gateway")]}))

        with failing(errors.HttpError) as failure:
            make(base_url=server.base_url).send(close)

        assert str(failure.value).endswith("'busy'")

    def test_a_call_that_could_not_go_out_is_tried_again_whatever_it_does(
        self, make: Make, nowhere: str
    ) -> None:
        """Nothing was done, and nothing could be: the error says so, and how often it was tried."""
        seen: list[CallEvent] = []
        caller = make(base_url=nowhere, on_call=seen.append)

        with failing(errors.TransportError) as failure:
            caller.send(base.stable_token("wx1", APP_SECRET))

        assert [event.attempt for event in seen] == [1, 2, 3, 4]
        assert not failure.value.sent
        assert "the host refused it; 4 attempts, " in str(failure.value)
        assert [str(event.error).endswith("the host refused it") for event in seen] == [True] * 4

    @pytest.mark.parametrize("first", [CUT, http(b"", "502 Bad Gateway")], ids=["cut", "502"])
    def test_what_went_out_once_may_have_been_done(
        self, make: Make, serve: Serve, nowhere: str, first: Reply
    ) -> None:
        """Also when the attempts after it could not go out."""
        server = serve(Platform(script={CREATE: [first]}))
        caller = make(base_url=[server.base_url, nowhere], token_source=always(Granted(token(1))))

        with failing(errors.TransportError) as failure:
            caller.send(create, retry=Retry(attempts=2, first=0.001))

        assert "the host refused it; 2 attempts, " in str(failure.value)
        assert failure.value.sent

    def test_the_deadline_ends_a_call_that_nobody_answers(self, make: Make, serve: Serve) -> None:
        """Attempts share the time; what is left of it bounds each."""
        platform = Platform()

        def answer(request: Seen) -> Reply:
            return Reply(server.silence()) if request.path == GET else platform(request)

        server = serve(answer)
        caller = make(base_url=server.base_url)
        caller.send(close)

        with failing(errors.TransportError):
            caller.send(get, retry=Retry(deadline=0.3, first=0.001))

    def test_an_answer_may_take_all_that_is_left_of_the_deadline(
        self, make: Make, serve: Serve
    ) -> None:
        """Nothing of it is kept for attempts that would have less of it."""
        platform = Platform()

        def answer(request: Seen) -> Reply:
            return Reply(server.silence()) if request.path == GET else platform(request)

        server = serve(answer)
        caller = make(base_url=server.base_url)
        caller.send(close)

        with failing(errors.TransportError) as failure:
            caller.send(get, retry=Retry(deadline=0.6, first=0.001))

        said = "no complete answer before the deadline of the call; 1 attempt, "
        assert re.search(rf": {said}\d+\.\d s in all$", str(failure.value))
        assert len(server.of(GET)) == 1

    @pytest.mark.parametrize("first", ["nothing", "a refused token", "a wrong method"])
    def test_a_call_without_time_for_an_answer_does_not_go_out(
        self, make: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch, first: str
    ) -> None:
        """Not for the first time, with a new token, or as its twin; and the error says so."""
        codes = {"nothing": 0, "a refused token": 40001, "a wrong method": 43002}

        def no_more_time() -> None:
            monkeypatch.setattr("wxruntime.retry.LEAST_LEFT", 1e9)
            monkeypatch.setattr("wxruntime.retry.LEAST_PART", 1.0)

        def answer(request: Seen) -> Reply:
            no_more_time()
            return http({"errcode": codes[first], "errmsg": "no"})

        if first == "nothing":
            no_more_time()
        server = serve(answer)
        granted: list[Granted] = []

        def source(refused: str | None) -> Granted:
            granted.append(Granted(token(len(granted))))
            return granted[-1]

        caller = make(base_url=server.base_url, token_source=source)

        with failing(errors.TransportError) as failure:
            caller.send(kf_account.delete("sara@acme"))

        assert not failure.value.sent
        assert str(failure.value) == "kf_account.delete: too little time left to send it"
        assert len(server.seen) == (first != "nothing")

    def test_options_can_be_given_for_one_call(self, make: Make, serve: Serve) -> None:
        """They share the token and the connections, and leave the client as it was."""
        server = serve(Platform(script={GET: [http(b"", "500 X")]}))
        caller = make(base_url=server.base_url)

        with failing(errors.HttpError):
            caller.send(get, retry=Retry.never(), timeout=Timeout(1.0, 20.0))
        once = len(server.of(GET))
        with failing(errors.HttpError):
            caller.send(get)

        assert once == 1
        assert len(server.of(GET)) == 1 + Retry().attempts
        assert len(server.of(TOKEN_PATH)) == 1

    def test_a_server_that_asks_for_time_is_heard(self, make: Make, serve: Serve) -> None:
        """The error carries what it asked for, and nothing is sent before that."""
        busy = http({"errcode": -1, "errmsg": "busy"}, extra="Retry-After: 3600\r\n")
        page = http(b"", "503 X", extra="Retry-After: 3600\r\n")
        server = serve(Platform(script={GET: [busy], CREATE: [page]}))
        caller = make(base_url=server.base_url)

        with failing(errors.SystemBusy) as refused:
            caller.send(get)
        with failing(errors.HttpError) as unanswered:
            caller.send(create)

        assert refused.value.retry_after == unanswered.value.retry_after == 3600.0
        assert len(server.seen) == 3

    def test_a_closed_client_refuses_calls(self, make: Make, serve: Serve) -> None:
        """It opens no new connection behind anybody's back."""
        server = serve(Platform())
        caller = make(base_url=server.base_url)
        client = getattr(caller, "client")  # noqa: B009 - both kinds have one
        caller.send(close)
        if hasattr(caller, "loop"):
            loop = getattr(caller, "loop")  # noqa: B009
            loop.run_until_complete(client.close())
        else:
            client.close()

        with failing(errors.TransportError) as failure:
            caller.send(close)

        assert "the client is closed" in str(failure.value)
        assert len(server.of(CLOSE)) == 1


NO_TEXT: Any = None
"""What a caller may give in spite of the types."""


class TestWhatCannotBeSent:
    @pytest.mark.parametrize(
        ("call", "said"),
        [
            (
                Call("GET", GET, "kf_session.get", query={"openid": NO_TEXT}, decode=nothing),
                "kf_session.get: $.openid: expected text, got None",
            ),
            (
                Call("GET", GET, "kf_session.get", query={"openid": "\ud83d"}, decode=nothing),
                "kf_session.get: $.openid: expected text that UTF-8 can hold, got '\\ud83d'",
            ),
            (
                Call("POST", UPLOAD, "media.add", body=Form({"type": 5}, {}), decode=nothing),  # type: ignore[dict-item]
                "media.add: $.type: expected text, got int",
            ),
            (
                kf_message.send("o6_a", Text("half an emoji: \ud83d")),
                "kf_message.send: $.text.content: expected text that UTF-8 can hold, got '\\ud83d'",
            ),
        ],
        ids=["None", "half", "form", "body"],
    )
    def test_it_is_named_by_call_and_place(
        self, make: Make, serve: Serve, call: Call[None], said: str
    ) -> None:
        """And nothing goes out for it, not even for an access token."""
        server = serve(Platform())

        with failing(errors.EncodeError) as failure:
            make(base_url=server.base_url).send(call)

        assert str(failure.value) == said
        assert not server.connections


class TestHosts:
    def test_an_idempotent_call_goes_to_the_next_host(
        self, make: Make, serve: Serve, nowhere: str
    ) -> None:
        """The calls after it go there at once."""
        server = serve(Platform(script={GET: [SESSION]}))
        seen: list[CallEvent] = []
        caller = make(base_url=[nowhere, server.base_url], on_call=seen.append)

        caller.send(get)
        caller.send(close)

        hosts = [(e.operation, e.host == nowhere, e.outcome) for e in seen]
        assert hosts == [
            ("base.stable_token", True, "unanswered"),
            ("base.stable_token", False, "ok"),
            ("kf_session.get", False, "ok"),
            ("kf_session.close", False, "ok"),
        ]

    def test_another_call_stays_with_its_host(self, make: Make, serve: Serve, nowhere: str) -> None:
        """It is tried again where it was meant to go; the next call begins elsewhere."""
        server = serve(Platform(script={GET: [SESSION]}))
        caller = make(base_url=[nowhere, server.base_url], token_source=always(Granted(token(1))))

        with failing(errors.TransportError):
            caller.send(close)
        before = len(server.seen)
        caller.send(close)

        assert before == 0
        assert len(server.of(CLOSE)) == 1

    def test_a_host_that_answers_errors_is_left(self, make: Make, serve: Serve) -> None:
        """5xx is a reason; a page that says 404 or a platform that refuses is none."""
        broken = serve(lambda seen: http(b"down", "500 X"))
        whole = serve(Platform(script={GET: [SESSION]}))

        caller = make(base_url=[broken.base_url, whole.base_url])

        assert caller.send(get).kf_account == "sara@acme"


class Granted:
    """What somebody else's token service returns."""

    def __init__(self, access_token: str, expires_in: int = 7200) -> None:
        self.access_token = access_token
        self.expires_in = expires_in


def always(grant: object) -> Callable[[str | None], object]:
    """Return a token service that gives the same each time."""

    def source(refused: str | None) -> object:
        return grant

    return source


class TestTokenSources:
    def test_the_plain_token_is_fetched_with_a_get(self, make: Make, serve: Serve) -> None:
        """By choice; and it is replaced when the platform refuses it."""
        dead = http({"errcode": 40001, "errmsg": "not latest"})
        numbers = iter(range(1, 9))
        platform = Platform(script={CLOSE: [dead, OK]})

        def answer(request: Seen) -> Reply:
            if request.path == "/cgi-bin/token":
                return http({"access_token": token(next(numbers)), "expires_in": 7200})
            return platform(request)

        server = serve(answer)

        make(base_url=server.base_url, token_source="plain").send(close)

        asked = server.of("/cgi-bin/token")
        assert [request.method for request in asked] == ["GET", "GET"]
        assert "grant_type=client_credential" in asked[0].target
        assert not server.of(TOKEN_PATH)

    def test_another_token_service_needs_no_secret(self, make: Make, serve: Serve) -> None:
        """It is told which token was refused, and its next one is used."""
        dead = http({"errcode": 42001, "errmsg": "expired"})
        server = serve(Platform(script={CLOSE: [dead, OK]}))
        told: list[str | None] = []

        def source(refused: str | None) -> Granted:
            told.append(refused)
            return Granted(token(len(told)))

        make(base_url=server.base_url, app_secret=None, token_source=source).send(close)

        assert told == [None, token(1)]
        assert [s.target.rpartition("-")[2] for s in server.of(CLOSE)] == ["1", "2"]

    @pytest.mark.parametrize("wrong", [None, "token", {"access_token": "t"}, Granted("t", 1.5)])  # type: ignore[arg-type]
    def test_what_it_returns_is_checked(self, make: Make, serve: Serve, wrong: object) -> None:
        """The error says what was expected, and does not repeat what came."""
        server = serve(Platform())

        with failing(errors.DecodeError) as failure:
            make(base_url=server.base_url, token_source=always(wrong)).send(close)

        assert "to return access_token, a text, and expires_in" in str(failure.value)

    def test_what_it_raises_is_in_the_tree_with_its_cause(self, make: Make, serve: Serve) -> None:
        """Whoever wrote the service finds the own error as the cause."""
        server = serve(Platform())

        def source(refused: str | None) -> Granted:
            raise KeyError("the vault is closed")

        with failing(errors.TransportError) as failure:
            make(base_url=server.base_url, token_source=source).send(close)

        assert isinstance(failure.value.__cause__, KeyError)
        assert not server.seen

    def test_a_token_may_take_all_the_time_of_a_lease(
        self, make: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One request has all of it: a slow platform answers none of several short ones."""
        monkeypatch.setattr("wxruntime.token.LEASE", 0.6)
        server = serve(lambda _: Reply(server.silence()))

        with failing(errors.TransportError) as failure:
            make(base_url=server.base_url).send(get)

        assert "no complete answer before the deadline of the call" in str(failure.value)
        assert len(server.of(TOKEN_PATH)) == 1

    def test_a_call_without_a_token_never_went_out(self, make: Make, serve: Serve) -> None:
        """Whatever became of the token request, the error is about the call: it was not sent."""
        server = serve(lambda seen: CUT)

        with failing(errors.TransportError) as failure:
            make(base_url=server.base_url).send(close)

        assert not failure.value.sent

    def test_a_refused_call_whose_token_cannot_be_replaced_did_nothing(
        self, make: Make, serve: Serve
    ) -> None:
        """The refusal is the cause; the token request that failed is what is raised."""
        dead = http({"errcode": 40001, "errmsg": "invalid credential"})
        granted = http({"access_token": token(1), "expires_in": 7200})
        script = {CLOSE: [dead], TOKEN_PATH: [granted, http(b"busy", "502 Bad Gateway")]}
        server = serve(Platform(script=script))

        with failing(errors.HttpError) as failure:
            make(base_url=server.base_url).send(close)

        assert not failure.value.sent
        assert isinstance(failure.value.__cause__, errors.InvalidCredential)
        assert len(server.of(CLOSE)) == 1

    def test_what_a_token_service_was_told_is_in_no_frame(self, make: Make, serve: Serve) -> None:
        """It fails when it is told which token was refused: that token is not shown."""
        dead = http({"errcode": 42001, "errmsg": "expired"})
        server = serve(Platform(script={CLOSE: [dead]}))
        grants = [Granted(token(1))]

        def source(refused: str | None) -> object:
            return grants.pop()

        with failing(errors.TransportError) as failure:
            make(base_url=server.base_url, token_source=source).send(close)

        assert isinstance(failure.value.__cause__, IndexError)

    def test_many_calls_that_start_cold_fetch_one_token(self, make: Make, serve: Serve) -> None:
        """However many; and all are answered."""
        server = serve(Platform(script={GET: [SESSION]}))

        got = make(base_url=server.base_url).at_once([get] * 40)

        assert [getattr(session, "kf_account", session) for session in got] == ["sara@acme"] * 40
        assert len(server.of(TOKEN_PATH)) == 1

    def test_an_unknown_kind_of_token_is_refused_by_name(self, make: Make) -> None:
        """At once."""
        with pytest.raises(ValueError, match="token_source: expected 'stable', 'plain'"):
            make(token_source="fresh")


def read_upload(answer: JsonObject) -> str:
    """Read the answer of an upload."""
    return str(answer["media_id"])


def upload(content: Any) -> Call[str]:
    """Upload a file as the platform takes it."""
    return Call(
        "POST", UPLOAD, "media.upload", query={"type": "image"},
        body=Form({}, {"media": content}), decode=read_upload,
    )  # fmt: skip


download = Call(
    "GET", DOWNLOAD, "media.get", query={"media_id": "m"}, file=whole_file, idempotent=True
)


class TestUploads:
    @pytest.mark.parametrize("kind", ["bytes", "path", "file"])
    def test_a_file_is_sent_whole_again_after_a_dead_token(
        self, make: Make, serve: Serve, tmp_path: Path, kind: str
    ) -> None:
        """A file that was read to its end is rewound, not sent empty."""
        path = tmp_path / "photo.jpg"
        path.write_bytes(photo)
        dead = http({"errcode": 40001, "errmsg": "invalid credential"})
        answer = http({"media_id": "m1"})
        server = serve(Platform(script={UPLOAD: [dead, answer]}))
        with path.open("rb") as opened:
            given = {"bytes": photo, "path": path, "file": opened}[kind]

            got = make(base_url=server.base_url).send(upload(given))

        first, second = server.of(UPLOAD)
        assert got == "m1"
        assert first.body == second.body
        assert photo in first.body
        assert first.headers["content-type"].startswith("multipart/form-data; boundary=")
        assert int(first.headers["content-length"]) == len(first.body)

    def test_a_file_can_be_the_whole_body(self, make: Make, serve: Serve) -> None:
        """With the type it was given, and nothing around it."""
        server = serve(Platform())
        voice = Upload.of(photo, content_type="audio/amr")
        call = Call("POST", UPLOAD, "voice.add", body=voice, decode=nothing)

        make(base_url=server.base_url).send(call)

        (seen,) = server.of(UPLOAD)
        assert (seen.body, seen.headers["content-type"]) == (photo, "audio/amr")

    def test_a_file_that_is_not_there_costs_no_request(
        self, make: Make, serve: Serve, tmp_path: Path
    ) -> None:
        """It is an error of the argument."""
        server = serve(Platform())

        with failing(errors.EncodeError):
            make(base_url=server.base_url).send(upload(tmp_path / "missing.jpg"))

        assert not server.seen

    def test_a_call_shows_the_name_of_its_file_and_nothing_of_its_content(self) -> None:
        """A log may have it."""
        shown = repr(upload(Upload.of(b"content", name="a.jpg")))

        assert shown == (
            "<Call media.upload(type='image', media='<a.jpg, image/jpeg>') "
            "POST /cgi-bin/media/upload>"
        )


JPEG = http(
    photo,
    content_type="image/jpeg",
    extra='Content-disposition: attachment; filename="m.jpg"\r\n',
)


class TestDownloads:
    def test_a_file_comes_with_its_name_and_type(self, make: Make, serve: Serve) -> None:
        """Byte for byte."""
        server = serve(Platform(script={DOWNLOAD: [JPEG]}))

        got = make(base_url=server.base_url).send(download)

        assert got == File(photo, "m.jpg", "image/jpeg")

    @pytest.mark.parametrize("content_type", ["image/jpeg", "text/plain", "application/json"])
    def test_an_error_is_seen_whatever_the_type_says(
        self, make: Make, serve: Serve, content_type: str, tmp_path: Path
    ) -> None:
        """In memory and on its way to a path, where nothing is left."""
        error = http({"errcode": 40007, "errmsg": "invalid media_id"}, content_type=content_type)
        server = serve(Platform(script={DOWNLOAD: [error]}))
        caller = make(base_url=server.base_url)

        with failing(errors.ApiError) as failure:
            caller.send(download)
        with failing(errors.ApiError):
            caller.download(download, tmp_path / "m.jpg")

        assert failure.value.code == 40007
        assert not [*tmp_path.iterdir()]

    def test_a_dead_token_is_seen_there_as_well(
        self, make: Make, serve: Serve, tmp_path: Path
    ) -> None:
        """The token is replaced, and the file comes."""
        dead = http({"errcode": 40001, "errmsg": "invalid"}, content_type="image/jpeg")
        server = serve(Platform(script={DOWNLOAD: [dead, JPEG]}))

        saved = make(base_url=server.base_url).download(download, tmp_path / "m.jpg")

        assert saved == Saved(len(photo), "m.jpg", "image/jpeg")
        assert (tmp_path / "m.jpg").read_bytes() == photo

    def test_a_file_that_breaks_off_is_fetched_again_from_the_beginning(
        self, make: Make, serve: Serve, tmp_path: Path
    ) -> None:
        """Nothing of the first half stays, at a path and in an open file."""
        half = http(photo[: len(photo) // 2], content_type="image/jpeg", length=len(photo))
        server = serve(Platform(script={DOWNLOAD: [half, JPEG, half, JPEG]}))
        caller = make(base_url=server.base_url)
        file = io.BytesIO(b"head")
        file.seek(4)

        caller.download(download, str(tmp_path / "m.jpg"))
        caller.download(download, file)

        assert (tmp_path / "m.jpg").read_bytes() == photo
        assert [path.name for path in tmp_path.iterdir()] == ["m.jpg"]
        assert file.getvalue() == b"head" + photo

    def test_a_file_that_never_comes_whole_leaves_nothing_at_its_path(
        self, make: Make, serve: Serve, tmp_path: Path
    ) -> None:
        """What was there before is still there."""
        (tmp_path / "m.jpg").write_bytes(b"before")
        half = http(photo[:1000], content_type="image/jpeg", length=len(photo))
        server = serve(Platform(script={DOWNLOAD: [half]}))

        with failing(errors.TransportError):
            make(base_url=server.base_url).download(download, tmp_path / "m.jpg")

        assert [path.name for path in tmp_path.iterdir()] == ["m.jpg"]
        assert (tmp_path / "m.jpg").read_bytes() == b"before"

    def test_a_folder_that_is_not_there_is_the_callers_to_make(
        self, make: Make, serve: Serve, tmp_path: Path
    ) -> None:
        """The class of error is Python's own, as from `open`, and nothing is sent."""
        server = serve(Platform(script={DOWNLOAD: [JPEG]}))

        with pytest.raises(FileNotFoundError):
            make(base_url=server.base_url).download(download, tmp_path / "no" / "m.jpg")

        assert not server.seen

    def test_a_small_json_file_is_a_file(self, make: Make, serve: Serve, tmp_path: Path) -> None:
        """Only an error code makes an error of it."""
        video = http({"video_url": "http://x"}, content_type="text/plain")
        server = serve(Platform(script={DOWNLOAD: [video]}))
        caller = make(base_url=server.base_url)

        caller.download(download, tmp_path / "v.json")

        assert caller.send(download).content == (tmp_path / "v.json").read_bytes()
        assert json.loads((tmp_path / "v.json").read_bytes()) == {"video_url": "http://x"}

    def test_an_empty_file_is_no_file(self, make: Make, serve: Serve) -> None:
        """Nothing came where something was asked for."""
        server = serve(Platform(script={DOWNLOAD: [http(b"", content_type="image/jpeg")]}))

        with failing(errors.DecodeError):
            make(base_url=server.base_url).send(download)

    @pytest.mark.parametrize(
        ("header", "name"),
        [
            ('attachment; filename="a b.jpg"', "a b.jpg"),
            ("attachment; filename=a.jpg", "a.jpg"),
            ("attachment; filename*=UTF-8''%E5%90%8D.jpg", "名.jpg"),
            ('attachment; filename="名.jpg"', "名.jpg"),
            ('attachment; filename="../../etc/passwd"', "passwd"),
            ('attachment; filename="..\\\\x.exe"', "x.exe"),
            ('attachment; filename=".."', ""),
            ("attachment", ""),
            ("\x01;;=", ""),
        ],
    )
    def test_a_name_has_no_folder(self, make: Make, serve: Serve, header: str, name: str) -> None:
        """What a server calls a file is not trusted."""
        reply = http(photo, content_type="image/jpeg", extra=f"Content-Disposition: {header}\r\n")
        server = serve(Platform(script={DOWNLOAD: [reply]}))

        assert make(base_url=server.base_url).send(download).name == name


class TestOddAnswers:
    @pytest.mark.parametrize(
        "reply",
        [
            http(b'{"errcode":0,"kf', length=100, content_type="text/plain"),
            http(b"<html>login to the hotel wifi</html>", content_type="text/html"),
            http(b"", content_type="application/json"),
            http(b"\x1f\x8b broken", extra="Content-Encoding: gzip\r\n"),
            http(b'"' + b"x" * (5 << 20) + b'"'),
            http(b"nothing here", "404 Not Found", "text/plain"),
        ],
        ids=["truncated", "html", "empty", "bad gzip", "oversized", "404"],
    )
    def test_an_error_shows_status_type_and_beginning(
        self, make: Make, serve: Serve, reply: Reply
    ) -> None:
        """Enough to see what answered, and no secret."""
        server = serve(Platform(script={CLOSE: [reply]}))

        with failing(errors.WeChatError) as failure:
            make(base_url=server.base_url).send(close)

        said = str(failure.value)
        head = next(iter(reply.pieces)).split(b"\r\n")
        assert said.startswith("kf_session.close: ")
        assert head[0].split()[1].decode() in said
        assert head[1].partition(b": ")[2].decode() in said
        assert len(said) < 1000

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (
                {"kf_account": ["a"]},
                "kf_session.get: $.kf_account: expected a string, got a list",
            ),
            (
                {"errcode": "no"},
                "kf_session.get: $.errcode: expected a whole number, got the text 'no';",
            ),
        ],
        ids=["content", "errcode"],
    )
    def test_a_wrong_answer_is_named_by_call_and_place(
        self, make: Make, serve: Serve, answer: JsonObject, said: str
    ) -> None:
        """With what came there; copies and pickles of the error say the same."""
        server = serve(Platform(script={GET: [http(answer)]}))

        with failing(errors.DecodeError) as failure:
            make(base_url=server.base_url).send(get)

        assert str(failure.value).startswith(said)
        assert str(failure.value) == str(pickle.loads(pickle.dumps(failure.value)))
        assert failure.value.operation == "kf_session.get"

    def test_an_echo_of_the_address_shows_no_token(self, make: Make, serve: Serve) -> None:
        """Not even when the answer breaks off in the middle of it."""
        echo = f"GET /x?access_token={TOKEN_MARK}-1".encode()
        server = serve(Platform(script={CLOSE: [http(echo, length=1000)]}))

        with failing(errors.TransportError) as failure:
            make(base_url=server.base_url).send(close)

        assert "GET /x?access_token=***" in str(failure.value)


class TestHooks:
    def test_each_attempt_is_one_event(self, make: Make, serve: Serve) -> None:
        """With its number, its outcome, and whether the call is sent again."""
        dead = http({"errcode": 40001, "errmsg": "invalid credential"})
        busy = http(b"busy", "502 Bad Gateway")
        server = serve(Platform(script={GET: [dead, busy, SESSION]}))
        seen: list[CallEvent] = []

        make(base_url=server.base_url, on_call=seen.append).send(get)

        own = [event for event in seen if event.operation == "kf_session.get"]
        assert [(e.attempt, e.outcome, e.code) for e in own] == [
            (1, "refused", 40001),
            (1, "unanswered", 502),
            (2, "ok", 0),
        ]
        assert [e.retry_in is None for e in own] == [False, False, True]
        assert own[0].retry_in == 0.0
        assert all(e.duration > 0 and e.host == server.base_url for e in seen)
        assert not any(shows_secret(repr(event)) for event in seen)

    def test_a_hook_that_fails_harms_no_call(
        self, make: Make, serve: Serve, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The log has its error."""
        server = serve(Platform())

        def broken(event: CallEvent) -> None:
            raise ZeroDivisionError

        make(base_url=server.base_url, on_call=broken).send(close)

        assert "on_call failed" in caplog.text
