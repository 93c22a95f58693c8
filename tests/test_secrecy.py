"""The look for secrets that every test ends with finds what it looks for."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from types import CodeType

import pytest

from tests.secrecy import Walk, living_leaks
from wxruntime.call import Call, nothing
from wxruntime.errors import TransportError

SECRET = "a-secret/of these tests"
QUOTED = "a-secret%2Fof%20these%20tests"


@pytest.fixture
def walk() -> Walk:
    """A walk that knows one secret."""
    walk = Walk()
    walk.secrets.add(SECRET)
    return walk


def raised(error: BaseException) -> BaseException:
    """Raise an error and catch it, as a test does."""
    try:
        raise error
    except BaseException as caught:
        return caught


def chained() -> BaseException:
    """Return an error that says nothing, and was raised while another said too much."""
    try:
        try:
            raise KeyError(SECRET)
        except KeyError:
            raise TransportError("harmless") from None
    except TransportError as error:
        return error


@pytest.mark.parametrize(
    "make",
    [
        lambda: TransportError(f"no answer from ?secret={SECRET}"),
        lambda: TransportError(f"no answer from ?secret={QUOTED}"),
        lambda: TransportError("a token of the local WeChat: local-0123456789abcdef0123"),
        lambda: raised(ValueError("x", {"secret": SECRET})),
        chained,
    ],
    ids=["text", "escaped", "token", "argument", "context"],
)
def test_an_error_that_says_too_much_is_found(
    walk: Walk, make: Callable[[], BaseException]
) -> None:
    """In its words, in what it is made of, and in what was raised before it."""
    walk.errors.append(make())

    assert walk.leaks()


def test_a_frame_of_ours_that_holds_a_secret_is_found(walk: Walk) -> None:
    """A crash reporter prints the locals of each frame; a test's own frames are its own."""
    source = f"def leak():\n    held = {SECRET!r}\n    raise LookupError\n"
    code: CodeType = compile(source, "/somewhere/wxruntime/leaky.py", "exec")
    room: dict[str, Callable[[], None]] = {}
    exec(code, room)
    with pytest.raises(LookupError) as caught:
        room["leak"]()
    walk.errors.append(caught.value)

    assert [where for where in walk.leaks() if "held in leak" in where]
    caught.value.__traceback__ = None


def test_a_log_record_that_says_too_much_is_found(walk: Walk) -> None:
    """In its message and in the traceback that goes with it."""
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        with_traceback = (type(error), error, error.__traceback__)
    for arguments, exc_info in (((SECRET,), None), (("harmless",), with_traceback)):
        walk.records.kept = [
            logging.LogRecord("wxoa.call", 10, __file__, 1, "%s", arguments, exc_info)
        ]

        assert walk.leaks()


def test_an_object_of_ours_that_shows_a_secret_is_found(walk: Walk) -> None:
    """As long as it lives; a call shows its query, so a secret in it is one."""
    call = Call("GET", "/x", "by hand", query={"q": SECRET}, decode=nothing)

    assert living_leaks(walk.shows) == ["repr of a living Call"]
    del call


def test_what_says_nothing_is_not_found(walk: Walk) -> None:
    """Neither an ordinary error nor a record."""
    walk.errors.append(raised(TransportError("no connection", sent=False)))
    walk.records.kept = [logging.LogRecord("wxoa.call", 10, __file__, 1, "fine", (), None)]

    assert not walk.leaks()
    assert not living_leaks(walk.shows)
    assert "no connection" in "".join(traceback.format_exception(walk.errors[0]))
