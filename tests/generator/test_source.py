"""YAML text becomes values with positions, or diagnostics; nothing else can happen."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.generator.specs import BASE, small_spec
from wxspec.compiler import compile_spec
from wxspec.diagnostics import Report, SpecError
from wxspec.source import MAX_SIZE, read
from wxspec.values import Map, Seq


def _read(text: str | bytes) -> tuple[Map | None, Report]:
    report = Report()
    body = text if isinstance(text, bytes) else text.encode()
    return read("spec/a.yaml", body, report), report


def _codes(report: Report) -> list[tuple[str, int, int]]:
    return [(found.code, found.span.line, found.span.column) for found in report]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("no", "no"), ("yes", "yes"), ("on", "on"), ("12:30", "12:30"), ("1_000", "1_000")),
        *(("0x1f", "0x1f"), ("2024-01-01", "2024-01-01"), (".inf", ".inf"), (".nan", ".nan")),
        *(("7", 7), ("-7", -7), ("+7", 7), ("007", 7), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5)),
        *(("9223372036854775807", 2**63 - 1), ("-18446744073709551616", -(2**64))),
        *(("true", True), ("False", False), ("null", None), ("~", None), ("", None)),
        *(('"true"', "true"), ("'7'", "7"), ("1e999", "1e999"), ("=", "="), ("<<", "<<")),
    ],
)
def test_a_scalar_is_what_it_looks_like(text: str, expected: object) -> None:
    """The core schema of YAML 1.2, so that a country code is no boolean."""
    found, report = _read(f"a: {text}\n")

    assert found is not None
    (value,) = found.values()
    assert value == expected
    assert isinstance(value, bool) == isinstance(expected, bool)
    assert len(report) == 0


def test_values_know_where_they_stand() -> None:
    """Lines and columns count from 1, and characters count, not bytes."""
    found, _ = _read('会: {话: [一, "二"]}\nb: 3\n')
    assert found is not None
    inner = next(iter(found.values()))
    assert isinstance(inner, Map)
    items = next(iter(inner.values()))
    assert isinstance(items, Seq)

    spans = [str(value.span) for value in (*found, *inner, items)]
    assert spans == [
        *("spec/a.yaml:1:1", "spec/a.yaml:2:1", "spec/a.yaml:1:5", "spec/a.yaml:1:8"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\na: 2\n", ("duplicate-key", 2, 1)),
        ("a: &x 1\n", ("alias", 1, 4)),
        ("a: *x\n", ("alias", 1, 4)),
        ("a: !!int 1\n", ("tag", 1, 4)),
        ("a: 1\n---\nb: 2\n", ("many-documents", 2, 1)),
        ("- a\n", ("wrong-type", 1, 1)),
        ("text", ("wrong-type", 1, 1)),
        ("[a]: 1\n", ("wrong-key", 1, 1)),
        ("? {a: 1}\n: 1\n", ("wrong-key", 1, 3)),
        ("null: 1\n", ("wrong-key", 1, 1)),
        ("1.5: 1\n", ("wrong-key", 1, 1)),
        ("a:\n\tb: 1\n", ("not-yaml", 2, 1)),
        ('a: "b\n', ("not-yaml", 2, 1)),
        ("客服: \x07\n", ("not-yaml", 1, 5)),
        (b"a: \xff\n", ("not-utf8", 1, 4)),
        ("客服: 一\n".encode() + b"\xe5\xae", ("not-utf8", 2, 1)),
        (b"a: " + b"[" * 33 + b"]" * 33, ("too-deep", 1, 35)),
        (b"a: " + b"b" * MAX_SIZE, ("too-large", 1, 1)),
    ],
    ids=lambda value: "" if isinstance(value, (str, bytes)) else str(value),
)
def test_what_is_no_part_of_the_language_is_refused(
    text: str | bytes, found: tuple[str, int, int]
) -> None:
    """Each with its place; what is beside it is read all the same."""
    assert _codes(_read(text)[1]) == [found]


def test_an_empty_file_is_nothing() -> None:
    """So is one of comments alone."""
    for text in ("", "# a comment\n", "---\n", "---\n...\n", "\ufeff"):
        assert _read(text)[0] is None


def test_a_deep_file_costs_no_stack(tmp_path: Path) -> None:
    """Ten thousand levels are one diagnostic, in a moment."""
    spec = small_spec(tmp_path, deep="module: deep\nx: " + "{a: " * 10_000 + "}" * 10_000)

    with pytest.raises(SpecError, match="too-deep"):
        compile_spec(spec)


def _verdict(spec: Path) -> str:
    """Say what comes of a specification; any other exception is its own verdict."""
    try:
        files = compile_spec(spec).files
    except SpecError as error:
        placed = all(str(found.span).startswith("spec/") for found in error.report)
        return "refused" if placed and str(error) else "refused without a reason"
    return "compiled" if files else "nothing"


VERDICTS = ("compiled", "refused")
_BASE = (BASE / "base.yaml").read_bytes()
_SERVICE = (BASE / "service.yaml").read_bytes()
_PIECES = [
    *dict.fromkeys(_BASE.split() + _SERVICE.split()),
    b"\n",
    b"\n  ",
    b": ",
    b"- ",
    b"&a ",
    b"*a",
]


@given(
    st.binary(max_size=60)
    | st.text(max_size=40).map(str.encode)
    | st.lists(st.sampled_from(_PIECES), max_size=20).map(b" ".join)
)
@example(b"")
@example(b"\0")
@example(b"\xff\xfea\0")
@example(b"module: \xed\xa0\x80")
@example(b"errors: {[]: {}}")
@example(b"errors: {1: {name: A, doc: b}, 1.0: {}}")
@example(b"module: a\ntitle: {en: a}\nmodels: {A: {doc: a, fields: {1: {}}}}")
@example(b"module: a\ntitle: {en: a}\nendpoints: {a: {doc: a, request: GET /a, fill: {a: query.}}}")
def test_property_any_bytes_are_a_package_or_diagnostics(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    """Whatever stands in a file, no exception of another kind comes out."""
    assert _verdict(small_spec(tmp_path_factory.mktemp("spec"), extra=body)) in VERDICTS


@given(st.data())
def test_property_any_damage_to_a_good_file_is_a_package_or_diagnostics(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A part is cut out, or put somewhere else, or in its place something else."""
    name, body = data.draw(st.sampled_from([("base", _BASE), ("service", _SERVICE)]))
    cut = st.integers(0, len(body))
    start, end = sorted((data.draw(cut), data.draw(cut)))
    put = data.draw(
        st.sampled_from([b"", body[start:end], b"null", b"[]", b"{}", b"7", b'""', b"x"])
    )
    at = data.draw(st.sampled_from([start, 0, len(body)]))
    damaged = body[:start] + body[end:]

    spec = small_spec(tmp_path_factory.mktemp("spec"), **{name: damaged[:at] + put + damaged[at:]})

    assert _verdict(spec) in VERDICTS


@given(st.data())
def test_property_any_value_at_any_key_is_a_package_or_diagnostics(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Each line's value is replaced by one that is well-formed and makes no sense."""
    name, body = data.draw(st.sampled_from([("base", _BASE), ("service", _SERVICE)]))
    lines = body.decode().split("\n")
    which = data.draw(st.sampled_from([i for i, line in enumerate(lines) if ": " in line]))
    values = [
        "",
        "null",
        "7",
        "-1",
        "1.5",
        "true",
        "[]",
        "{}",
        "[a]",
        "{a: b}",
        '""',
        '"a b"',
        "客",
    ]
    key, _, _ = lines[which].partition(": ")
    lines[which] = f"{key}: {data.draw(st.sampled_from(values))}"

    spec = small_spec(tmp_path_factory.mktemp("spec"), **{name: "\n".join(lines)})

    assert _verdict(spec) in VERDICTS
