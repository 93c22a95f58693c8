"""The WSGI application by its protocol; not what servers and frameworks make of it."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import pytest
from attrs import define, field

from wxruntime.callback.answer import HANDLED, Answer
from wxruntime.callback.wsgi import WsgiApp


@define
class Callback:
    """A callback that says what it was given, and does as a test wants."""

    answering: Callable[[bytes, bytes], Answer] = lambda query, body: HANDLED
    max_size: int = 100
    given: list[tuple[bytes, bytes]] = field(factory=list[tuple[bytes, bytes]])

    def handle(self, query: bytes, body: bytes = b"") -> Answer:
        self.given.append((query, body))
        return self.answering(query, body)


@define
class Answered:
    """What a server was told; more than once would be an error."""

    status: str = ""
    headers: dict[str, str] = field(factory=dict[str, str])
    body: bytes = b""

    def start(self, status: str, headers: list[tuple[str, str]]) -> None:
        assert not self.status
        self.status, self.headers = status, dict(headers)


class Drops(io.BytesIO):
    """A body that comes in drops."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 7))


def serve(
    callback: Callback,
    body: io.BytesIO | None = None,
    method: str = "POST",
    more: dict[str, object] | None = None,
    **names: str,
) -> Answered:
    """Let the application serve one request."""
    environ: dict[str, object] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": "/wechat",
        "QUERY_STRING": "signature=\xe4\xbd&nonce=1",
        "wsgi.input": io.BytesIO() if body is None else body,
        **names,
        **(more or {}),
    }
    answered = Answered()
    answered.body = b"".join(WsgiApp(callback)(environ, answered.start))
    return answered


def test_query_and_body_arrive_as_they_came() -> None:
    """The query is bytes again, and what stands behind the body is not read."""
    callback, body = Callback(), io.BytesIO(b"<xml></xml>the next request")
    answered = serve(callback, body, CONTENT_LENGTH="11")

    assert callback.given == [(b"signature=\xe4\xbd&nonce=1", b"<xml></xml>")]
    assert body.read() == b"the next request"
    assert answered == Answered(
        "200 OK",
        {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": "7",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
        b"success",
    )


def test_a_body_that_comes_in_drops_is_put_together() -> None:
    """A server may give less than it was asked for."""
    callback = Callback()
    serve(callback, Drops(b"a" * 50), CONTENT_LENGTH="50")

    assert callback.given[0][1] == b"a" * 50


def test_a_get_has_no_body() -> None:
    """Whatever follows its header is left where it is."""
    callback, body = Callback(), io.BytesIO(b"unasked for")
    answered = serve(callback, body, "GET", CONTENT_LENGTH="11")

    assert answered.status == "200 OK"
    assert callback.given[0][1] == b""
    assert body.tell() == 0


def test_a_request_without_a_query_has_an_empty_one() -> None:
    """A server may leave the name out."""
    callback = Callback()
    answered = Answered()
    WsgiApp(callback)({"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO()}, answered.start)

    assert callback.given == [(b"", b"")]


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "get"])
def test_other_methods_are_refused(method: str) -> None:
    """The callback does not learn of them."""
    callback = Callback()
    answered = serve(callback, method=method)

    assert answered.status == "405 Method Not Allowed"
    assert answered.headers["Allow"] == "GET, POST"
    assert not callback.given


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("", 411),
        ("-1", 400),
        ("1e3", 400),
        (" 5", 400),
        ("٥", 400),
        ("9" * 5000, 400),
        ("101", 413),
    ],
)
def test_a_length_that_cannot_be_is_refused_unread(length: str, status: int) -> None:
    """Not a byte of the body is touched."""
    callback, body = Callback(), io.BytesIO(b"a" * 200)
    answered = serve(callback, body, CONTENT_LENGTH=length)

    assert answered.status.startswith(f"{status} ")
    assert body.tell() == 0
    assert not callback.given


def test_a_body_as_large_as_may_be_is_taken() -> None:
    """The bound belongs to what is allowed."""
    callback = Callback()

    assert serve(callback, io.BytesIO(b"a" * 100), CONTENT_LENGTH="100").status == "200 OK"


def test_a_body_that_breaks_off_is_refused() -> None:
    """A body shorter than its Content-Length gets status 400, and is not handled."""
    callback = Callback()

    assert serve(callback, io.BytesIO(b"<xml>"), CONTENT_LENGTH="11").status == "400 Bad Request"
    assert not callback.given


def test_a_body_that_cannot_be_read_is_refused() -> None:
    """Each server says in its own way that a connection broke."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    callback = Callback()

    assert serve(callback, Broken(), CONTENT_LENGTH="11").status == "400 Bad Request"
    assert not callback.given


@pytest.mark.parametrize(("size", "status"), [(100, "200 OK"), (101, "413 ")])
def test_a_body_without_a_length_has_the_same_bound(size: int, status: str) -> None:
    """Where the server says that the body ends by itself."""
    callback, body = Callback(), io.BytesIO(b"a" * 100 + b"b" * (size - 100) + b"c" * 1000)
    body.truncate(size)
    answered = serve(callback, body, more={"wsgi.input_terminated": True})

    assert answered.status.startswith(status)
    assert len(callback.given) == (1 if size == 100 else 0)


def test_no_more_is_read_than_shows_that_it_is_too_much() -> None:
    """A body without an end is left after a byte too many."""
    body = io.BytesIO(b"a" * 10_000)
    serve(Callback(), body, more={"wsgi.input_terminated": True})

    assert body.tell() == 101


def test_a_callback_that_fails_is_no_200(caplog: pytest.LogCaptureFixture) -> None:
    """What happened stands in the log, and not in the answer."""

    def fail(query: bytes, body: bytes) -> Answer:
        raise RuntimeError("the wheel came off")

    answered = serve(Callback(fail), CONTENT_LENGTH="0")

    assert (answered.status, answered.body) == ("500 Internal Server Error", b"")
    assert "the wheel came off" in caplog.text
    assert caplog.records[0].levelno == logging.ERROR
