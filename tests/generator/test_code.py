"""Python text: literals, prose, docstrings and the layout that a formatter would choose."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.generator.specs import PROJECT
from wxspec.code import (
    WIDTH,
    Bracket,
    Joined,
    Lines,
    Node,
    after,
    assignment,
    comment,
    docstring,
    layout,
    literal,
    prose,
)


@given(st.text() | st.integers() | st.booleans() | st.none() | st.binary())
@example("'\"")
@example("\ud800")
@example("\u202e\u2028\x85\0")
@example("客户".encode())
def test_property_a_literal_evaluates_to_its_value(value: str | int | bytes | None) -> None:
    """It is one line, and shows no mark that a reader cannot see."""
    written = literal(value)

    assert ast.literal_eval(written) == value
    assert written.isprintable()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_property_a_number_evaluates_to_itself(value: float) -> None:
    """A default may be any number that YAML can write."""
    assert ast.literal_eval(literal(value)) == value


@given(st.text())
@example('"""\n\\')
@example("\\N{DIGIT ONE}")
def test_property_prose_cannot_leave_its_string(text: str) -> None:
    """In a docstring it is what it was, but for white space, quotes and invisible marks."""
    tree = ast.parse(f'"""{prose(text)}"""')

    assert len(tree.body) == 1
    assert ast.parse(comment(text)).body == []
    assert prose(text).isprintable()


_TEXTS = st.lists(
    st.sampled_from(["word", "客户服务", "aWordThatIsVeryLong" * 8, "-", "a.", '"', "'", "\\"]),
    min_size=1,
).map(" ".join)


@given(
    st.lists(_TEXTS | st.tuples(st.just("Args:"), st.lists(_TEXTS)), min_size=1),
    st.sampled_from([0, 4, 8]),
)
def test_property_a_docstring_is_one_string(
    paragraphs: list[str | tuple[str, list[str]]], indent: int
) -> None:
    """Words stay whole and in order; only one that is longer than a line makes a long line."""
    margin = " " * indent
    block = f"{margin}{docstring(paragraphs, indent)}\n"
    tree = ast.parse("".join(f"{' ' * i}if x:\n" for i in range(0, indent, 4)) + block)
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    said = [p if isinstance(p, str) else " ".join((p[0], *p[1])) for p in paragraphs]
    expected = " ".join(said).replace('"', "'")

    assert [str(text).split() for text in found] == [expected.split()]
    for line in block.split("\n"):
        assert len(line) <= WIDTH or "aWordThatIsVeryLong" in line
        assert line == line.rstrip()


# Layout, against the formatter itself.

_NAMES = st.sampled_from(
    ["a", "value", "a_name_of_some_length", "a_name_that_is_much_longer_than_others"]
)
_ATOMS: st.SearchStrategy[Node] = _NAMES | st.sampled_from(
    ['"text"', '"a longer text, as one finds it"', "12"]
)


def _call(head: str, items: list[Node]) -> Node:
    return Bracket(f"{head}(", tuple(items), ")")


def _mapping(items: list[Node]) -> Node:
    return Bracket("{", tuple(after('"key": ', item) for item in items), "}")


def _tuple(items: list[Node]) -> Node:
    return Bracket("(", tuple(items), ")", single=",")


def _maybe(name: str, made: Node) -> Node:
    return Lines(("None", f"if {name} is None", after("else ", made)))


def _brackets(inside: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    items = st.lists(inside, min_size=1, max_size=4)
    return st.builds(_call, _NAMES, items) | st.builds(_mapping, items) | st.builds(_tuple, items)


_CALLS = st.recursive(_ATOMS, _brackets, max_leaves=12)
_MAYBE = st.builds(_maybe, _NAMES, _CALLS)


def _formatted(text: str, folder: Path) -> str:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "ruff", "format", "--no-cache", "-"),
            *("--config", str(PROJECT / "pyproject.toml")),
        ],
        cwd=folder, input=text, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_layout_is_what_the_formatter_leaves(tmp_path: Path) -> None:
    """Many nodes of every kind, in one file."""
    statements: list[str] = []

    @given(st.lists(_CALLS | _MAYBE, min_size=1, max_size=4))
    def collect(items: list[Node]) -> None:
        call = Bracket("return call(", tuple(items), ")")
        statements.append(f"def f():\n    {layout(call, 4)}\n")
        value = Bracket("field(", tuple(items), ")")
        statements.append(f"class C:\n    {assignment('a_field: int', value, 4)}\n")

    collect()
    text = "\n\n".join(statements)

    assert len(statements) > 50
    assert text == _formatted(text, tmp_path)


@pytest.mark.parametrize("length", [10, 40, 60, 76, 77, 78, 90, 120])
def test_an_assignment_is_what_the_formatter_leaves(length: int, tmp_path: Path) -> None:
    """Text and calls, for short targets and for long ones."""
    text = f'"{"x" * length}"'
    name = "n" * length
    nodes: list[tuple[str | Bracket, Node]] = [
        ("target: str", text),
        (Bracket("encoded[", (text,), "]", comma=""), "value"),
        (Bracket("encoded[", (text,), "]", comma=""), Bracket("int(", ("value.flag",), ")")),
        (
            Bracket("encoded[", ('"key"',), "]", comma=""),
            Bracket(f"{name}(", ("value.field",), ")"),
        ),
        ("items: list[str]", Bracket("field(", (f"factory={name}",), ")")),
    ]
    lines = "\n".join(f"    {assignment(target, value, 4)}" for target, value in nodes)
    source = f"class C:\n{lines}\n"

    assert source == _formatted(source, tmp_path)


def test_two_brackets_split_the_last_one_first() -> None:
    """The first splits when even its head has no room."""
    short = Joined(Bracket("a: B[", ("C",), "]", comma=""), Bracket(" = d(", ("e",), ")"))
    long = Joined(Bracket("a: B[", ("C",), "]", comma=""), Bracket(" = d(", ("e" * 90,), ")"))
    longer = Joined(Bracket("a: B[", ("C" * 90,), "]", comma=""), Bracket(" = d(", ("e",), ")"))

    assert layout(short, 0) == "a: B[C] = d(e)"
    assert layout(long, 0) == f"a: B[C] = d(\n    {'e' * 90},\n)"
    assert layout(longer, 0) == f"a: B[\n    {'C' * 90}\n] = d(e)"


def test_a_bracket_with_nothing_in_it_is_never_split() -> None:
    """A comma alone is no Python, however long the line."""
    head = f"{'a' * 120}: {{"

    assert layout(Bracket(head, (), "}"), 4) == f"{head}}}"
    assert layout(Bracket("x(", (Bracket(head, (), "}"),), ")"), 0) == f"x(\n    {head}}},\n)"
