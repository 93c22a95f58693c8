"""Names: what may be one, what is made of one, and what is taken."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxspec import names
from wxspec.names import (
    MAX_LENGTH,
    ClassName,
    ConstantName,
    Identifier,
    ModuleName,
    Name,
    Problem,
    async_facade_name,
    constant_name,
    document_class_name,
    facade_name,
    local_name,
    pascal_case,
    problem_with,
    snake_case,
)

KINDS: list[type[Name]] = [Identifier, ClassName, ConstantName, ModuleName]


@given(st.text(max_size=50), st.sampled_from(KINDS))
def test_property_what_may_be_a_name_is_a_python_name(text: str, kind: type[Name]) -> None:
    """ASCII, not too long, and no keyword."""
    if problem_with(kind, text, frozenset()) is None:
        assert text.isidentifier()
        assert text.isascii()
        assert not keyword.iskeyword(text)
        assert len(text) <= MAX_LENGTH


@pytest.mark.parametrize("word", keyword.kwlist)
def test_no_keyword_is_a_name(word: str) -> None:
    """Whatever the kind."""
    assert all(problem_with(kind, word, frozenset()) for kind in KINDS)


@pytest.mark.parametrize("text", ["", "_a", "a_", "a__b", "1a", "a b", "a-b", "A_b", "é", "a\n"])
def test_what_is_no_name_is_explained(text: str) -> None:
    """By an example of one."""
    for kind in KINDS:
        problem = problem_with(kind, text, frozenset())

        assert problem is not None
        assert problem.code == "bad-name"
        assert problem.message.startswith("expected a name like")


def test_a_name_may_be_as_long_as_the_limit() -> None:
    """And no longer."""
    problem = problem_with(Identifier, "a" * (MAX_LENGTH + 1), frozenset())

    assert problem_with(Identifier, "a" * MAX_LENGTH, frozenset()) is None
    assert problem == Problem("bad-name", "expected a name of at most 40 characters, got 41")


@pytest.mark.parametrize("word", ["reserved", "__reserved", "needs itself"])
def test_what_a_name_says_does_not_decide_what_is_wrong_with_it(word: str) -> None:
    """A text that is no name is none, though it reads like the message about another problem."""
    problem = problem_with(ClassName, word, frozenset())

    assert problem is not None
    assert problem.code == "bad-name"


def test_a_name_that_generated_code_needs_is_reserved() -> None:
    """As is a word of Python."""
    for word, reserved in (("wire", {"wire"}), ("class", set[str]())):
        problem = problem_with(Identifier, word, frozenset(reserved))

        assert problem is not None
        assert problem.code == "reserved-word"


@pytest.mark.parametrize(
    ("made", "snake"),
    [
        ("WaitCase", "wait_case"),
        ("WaitCaseListResult", "wait_case_list_result"),
        ("A", "a"),
        ("ABCase", "ab_case"),
        ("HTTPServer", "http_server"),
        ("Sha256Sum", "sha256_sum"),
    ],
)
def test_a_class_becomes_a_function(made: str, snake: str) -> None:
    """A run of capitals is one word."""
    assert snake_case(made) == snake


@given(st.from_regex(r"[a-z][a-z0-9]{0,5}(_[a-z][a-z0-9]{0,5}){0,4}", fullmatch=True))
def test_property_snake_case_undoes_pascal_case(text: str) -> None:
    """Where each word begins with a letter."""
    parts = [part for part in text.split("_") if len(part) > 1]
    text = "_".join(parts) or "ab"

    assert snake_case(pascal_case(text)) == text


def test_a_module_has_two_classes_of_calls() -> None:
    """One that waits, and one that is awaited."""
    assert facade_name("kf_session") == "KfSession"
    assert async_facade_name("kf_session") == "AsyncKfSession"


def test_a_document_is_named_after_its_name_on_the_wire() -> None:
    """The class in one way, the constant in another."""
    assert document_class_name("kf_create_session", "event") == "KfCreateSessionEvent"
    assert document_class_name("SCAN", "event") == "ScanEvent"
    assert document_class_name("shortvideo", "message") == "ShortvideoMessage"
    assert document_class_name("transfer_customer_service", "reply") == (
        "TransferCustomerServiceReply"
    )
    assert constant_name("kf_create_session") == "KF_CREATE_SESSION"


@given(st.sets(st.sampled_from(["a", "a_", "a__", "b"])))
def test_property_a_local_name_is_not_taken(taken: set[str]) -> None:
    """It stays as it is where it can."""
    local = local_name("a", frozenset(taken))

    assert local not in taken
    assert local.rstrip("_") == "a"
    assert local == "a" or "a" in taken


def test_what_is_reserved_does_not_depend_on_the_python_that_runs() -> None:
    """A specification that is right on one version is right on all of them."""
    newer = {"BaseExceptionGroup", "EncodingWarning", "ExceptionGroup", "PythonFinalizationError"}

    assert newer <= names.CLASS_SCOPE
