"""What an answer says before its content, and what its errors do not repeat of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxoa._service import SERVICE
from wxruntime.call import Call
from wxruntime.download import File, whole_file
from wxruntime.envelope import AnswerReader
from wxruntime.errors import DecodeError, WeChatError
from wxruntime.redact import MASK, Secret
from wxruntime.transport import HttpResponse
from wxruntime.wire import JsonObject
from wxruntime.wire.scalars import integer, text

APP_SECRET = "9c1f3a7be2d04586"
TOKEN = "61_QvX8-rT2mN5kPz7Lw" * 8


def reading(private: bool = False) -> AnswerReader:
    """Read the answers of a call that knows both secrets."""
    return AnswerReader(SERVICE, "a.call", (Secret(APP_SECRET), Secret(TOKEN)), private)


def answer(body: object, kind: str = "application/json", status: int = 200) -> HttpResponse:
    """Make an answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status, {"content-type": kind}, content)


def decoding(decode: Callable[[JsonObject], object]) -> Call[object]:
    """Make a call with an answer."""
    return Call("GET", "/a", "a.call", decode=decode)


def shows(error: object) -> bool:
    """Say whether an error shows a piece of a secret that a person could use."""
    assert isinstance(error, WeChatError)
    seen = f"{error} {error!r} {vars(error)}"
    return any(
        secret[at : at + 8] in seen
        for secret in (APP_SECRET, TOKEN, quote(TOKEN))
        for at in range(len(secret) - 7)
    )


def required(document: JsonObject) -> object:
    return integer(document.get("count"), "count")


def keyed(document: JsonObject) -> object:
    raise DecodeError("expected something else", tuple(document))


PLAIN = decoding(required)


ECHOES: dict[str, tuple[Call[object], Callable[[str], HttpResponse]]] = {
    "field": (PLAIN, lambda secret: answer({"count": secret})),
    "path": (decoding(keyed), lambda secret: answer({secret: 1})),
    "errcode": (PLAIN, lambda secret: answer({"errcode": secret})),
    "errmsg": (PLAIN, lambda secret: answer({"errcode": 40013, "errmsg": f"bad {secret}"})),
    "body": (PLAIN, lambda secret: answer(secret.encode())),
    "page": (PLAIN, lambda secret: answer(b"x" * 190 + secret.encode(), "text/html")),
    "type": (PLAIN, lambda secret: answer(b"no", f"text/{secret}")),
    "parameter": (PLAIN, lambda secret: answer(b"no", f"text/plain; token={secret}")),
    "no type": (PLAIN, lambda secret: answer(b"no", secret)),
    "status": (PLAIN, lambda secret: answer(secret.encode(), status=502)),
    "cut": (PLAIN, lambda secret: HttpResponse(200, {}, secret.encode(), f"cut at {secret}")),
}
"""Where the platform may repeat a secret."""


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("secret", [APP_SECRET, TOKEN, TOKEN[3:90], f"id={TOKEN}", quote(TOKEN)])
@pytest.mark.parametrize("where", ECHOES)
def test_no_error_shows_a_piece_of_a_secret(private: bool, secret: str, where: str) -> None:
    """Whole or cut, as it is or as an address has it."""
    call, echo = ECHOES[where]
    error = reading(private).content(call, echo(secret))

    assert isinstance(error, WeChatError)
    assert not shows(error)


def test_the_rest_of_an_error_is_what_a_person_needs() -> None:
    """A mask stands where the secret was."""
    error = reading().content(PLAIN, answer({"count": f"a {TOKEN}"}))
    page = reading().content(PLAIN, answer(b"<p>busy</p>", "text/html", 502))

    assert str(error) == f"a.call: $.count: expected a whole number, got the text 'a {MASK}…"
    assert str(page) == "a.call: expected status 200, got 502 text/html: '<p>busy</p>'"


@pytest.mark.parametrize("kind", ["image/jpeg", "application/octet-stream", "audio/amr"])
def test_the_content_of_a_binary_answer_is_not_shown(kind: str) -> None:
    """The error has the type and the size of what is no text."""
    error = reading().content(PLAIN, answer(b"\xff\xd8\xff\xe0", kind, 502))

    assert str(error) == f"a.call: expected status 200, got 502 {kind} of 4 bytes"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("application/json; charset=utf-8", "200 application/json of 2 bytes"),
        ("image/svg+xml", "200 image/svg+xml of 2 bytes"),
        ("", "200 without a type of 2 bytes"),
        ("what came is secret", "200 of an odd type of 2 bytes"),
        ("text/" + "t0k3n" * 30, "200 of an odd type of 2 bytes"),
    ],
)
def test_of_a_private_answer_only_the_media_type_is_shown(kind: str, shown: str) -> None:
    """If it is one; the words around it could be the secret that was asked for."""
    error = reading(private=True).content(PLAIN, answer(b"no", kind))

    assert str(error).endswith(f"the answer was {shown}")


@pytest.mark.parametrize(
    "response",
    [
        answer({"errcode": 40013, "errmsg": "long " * 1_000_000}),
        answer(b"page " * 1_000_000, "text/html" * 10_000),
        answer({"count": "long " * 1_000_000}),
        answer({"long " * 1_000_000: 1}),
    ],
    ids=["errmsg", "page", "field", "path"],
)
def test_an_error_is_short_however_long_the_answer(response: HttpResponse) -> None:
    """A log is no place for megabytes."""
    for call in (PLAIN, decoding(keyed)):
        error = reading().content(call, response)

        assert len(repr(error)) < 3000


def name_of(disposition: str) -> str:
    """Return the name that a file gets."""
    headers = {"content-disposition": disposition}
    call = Call("GET", "/a", "a.call", file=whole_file)
    got = reading().content(call, HttpResponse(200, headers, b"content"))

    assert isinstance(got, File)
    return got.name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("filename=a.jpg", "a.jpg"),
        ('filename="名字.jpg"'.encode().decode("latin-1"), "名字.jpg"),
        ("filename*=UTF-8''%E5%90%8D.jpg", "名.jpg"),
        ('filename="C:evil.txt"', "evil.txt"),
        ('filename="C:\\\\Windows\\\\evil.txt"', "evil.txt"),
        ('filename="../../evil.txt"', "evil.txt"),
        ('filename="a.txt:stream"', "stream"),
        ('filename=".."', ""),
        (f"filename={'n' * 1000}", "n" * 255),
        ("filename*=idna''%ff", ""),
        ("filename*=undefined''%41", ""),
        (f"filename*{'9' * 5000}=a", ""),
        ("filename*=a\0b''%41", ""),
        ("filename*=a; filename*0=b", ""),
        ("filename*=zlib''%41", "A"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_file_gets_the_last_part_of_its_name(said: str, name: str) -> None:
    """Without folder or drive; none where it cannot be read, and the file comes all the same."""
    assert name_of(f"attachment; {said}") == name


WORDS = ["filename", "*", "=", "''", "%ff", "%", '"', ";", "0", "1", "\0"]
CHARSETS = ["utf-8", "idna", "punycode", "undefined", "utf-7", "unicode_escape", "hex", "mbcs"]


@given(st.lists(st.sampled_from([*WORDS, *CHARSETS]) | st.characters(max_codepoint=255)))
def test_no_header_keeps_a_file_from_coming_property(pieces: list[str]) -> None:
    """Its name is short, printable and of one part."""
    name = name_of("attachment; filename" + "".join(pieces))

    assert len(name) <= 255
    assert not name or name.isprintable()
    assert not set(name) & set("/\\:")
    assert name not in (".", "..")


def test_text_is_read_as_the_call_wants_it() -> None:
    """An answer without an error is its content."""
    got = reading().content(decoding(lambda got: text(got.get("a"), "a")), answer({"a": "b"}))

    assert got == "b"
