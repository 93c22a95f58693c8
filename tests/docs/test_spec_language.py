"""The page about the specification language says what the compiler does."""

from __future__ import annotations

import ast
import doctest
import re
import shutil
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Union, get_args, get_origin, get_type_hints

import attrs
import pytest

from wxruntime import wire
from wxspec import schema
from wxspec.compiler import compile_spec, read_spec
from wxspec.diagnostics import SpecError
from wxspec.schema import doc_of
from wxspec.types import SCALARS
from wxspec.values import Int, Text

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "spec-language.md").read_text("utf-8")
COMPILER = ROOT / "generator" / "wxspec"

CONSTRUCTS: tuple[type[attrs.AttrsInstance], ...] = (
    schema.ServiceFile, schema.Title, schema.Host, schema.Token, schema.Forcing, schema.Envelope,
    schema.Query, schema.Push, schema.ModuleFile, schema.Model, schema.Field, schema.Enumeration,
    schema.Member, schema.Union, schema.Endpoint, schema.Pages, schema.Split, schema.Event,
    schema.Message, schema.Reply, schema.ErrorsFile, schema.ErrorCode, schema.Group,
)  # fmt: skip

TYPES: dict[object, str] = {
    Text: "text",
    Int: "whole number",
    bool: "`true` or `false`",
    schema.Scalar: "text, number, `true` or `false`",
    schema.TypeExpr: "[type](#types)",
    schema.Returns: "[type, or one key with its type](#answers)",
    schema.RequestLine: "method and path",
    schema.Pages: "[pages](#pages)",
    schema.Split: "[split](#pages)",
    schema.ParameterRef: "parameter",
    schema.Next: "parameter → field",
    schema.Seconds: "seconds",
    schema.Times: "number of times",
    schema.Title: "[title](#titles)",
    schema.Host: "[host](#hosts)",
    schema.Token: "[token](#tokens)",
    schema.Forcing: "[forcing](#tokens)",
    schema.Envelope: "[envelope](#the-envelope)",
    schema.Query: "[query](#queries)",
    schema.Push: "[push](#the-header-of-pushes)",
    schema.Model: "[model](#models)",
    schema.Field: "[field](#fields)",
    schema.Enumeration: "[enumeration](#enumerations)",
    schema.Member: "[value](#enumerations)",
    schema.Union: "[union](#unions)",
    schema.Endpoint: "[call](#calls)",
    schema.Event: "[event](#events)",
    schema.Message: "[message](#messages)",
    schema.Reply: "[reply](#replies)",
    schema.ErrorCode: "[error code](#error-codes)",
    schema.Group: "[group](#groups-of-codes)",
}


def _type(kind: object) -> str:
    """Say the type of a key in the words of the page."""
    if kind in TYPES:
        return TYPES[kind]
    origin, inside = get_origin(kind), get_args(kind)
    if origin is dict:
        return f"{'code' if inside[0] is Int else 'name'} → {_type(inside[1])}"
    if origin is list:
        return f"list: {_type(inside[0])}"
    if origin in (Union, types.UnionType):
        return TYPES[schema.Scalar] if inside[2:] else _type(inside[0])
    raise AssertionError(f"the page has no word for {kind!r}")


def table(construct: type[attrs.AttrsInstance]) -> str:
    """Write the table of a construct's keys."""
    hints = get_type_hints(construct)
    rows = (
        f"| `{key.name}` | {_type(hints[key.name])} | "
        f"{'yes' if key.default is attrs.NOTHING else ''} | {doc_of(key.metadata)} |"
        for key in attrs.fields(construct)
    )
    return "\n".join(("| Key | Type | Required | Meaning |", "|---|---|---|---|", *rows))


def scalar_rows() -> Iterator[str]:
    """Write the rows of the table of types."""
    for row in SCALARS.values():
        yield f"| `{row.name}` | `{row.annotation}` | {row.doc} |"


def _or_dash(expression: str | None, value: str) -> str:
    """Show an expression that may be absent: the value itself, or nothing at all."""
    if expression is None:
        return "–"
    return f"`{expression}({value})`" if expression else f"`{value}`"


def type_rows() -> Iterator[str]:
    """Write the rows of the type table: how each is checked, read, made and written."""
    for row in SCALARS.values():
        if row.whole is not None:
            continue
        checked = f"`{row.check}`" if row.check else "anything"
        columns = (
            *(f"`{row.name}`", checked, _or_dash(row.read, "x"), _or_dash(row.make, "x")),
            *(_or_dash(row.encode, "x"), _or_dash(row.query, "x")),
        )
        yield f"| {' | '.join(columns)} |"


def quirks() -> list[list[str]]:
    """Return the rows of the table of quirks, as the page has them."""
    section = PAGE.split("\n## Quirks of the wire\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def keys() -> set[str]:
    """Return every key of the language."""
    return {key.name for construct in CONSTRUCTS for key in attrs.fields(construct)}


def codes() -> set[str]:
    """Find the codes of diagnostics in the compiler's own text."""
    found: set[str] = set()
    for path in COMPILER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found.update(_codes(node))
    return found


def _codes(node: ast.AST) -> Iterator[str]:
    given: list[ast.expr | None] = []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("error", "_error", "missing") and len(node.args) > 1:
            given.append(node.args[1])
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        given += node.args[:1] if node.func.id == "Problem" else []
    elif isinstance(node, ast.Assign) and any(_is_code(target) for target in node.targets):
        given.append(node.value)
    elif isinstance(node, ast.FunctionDef):
        names = [argument.arg for argument in node.args.args][-len(node.args.defaults) :]
        given += (d for n, d in zip(names, node.args.defaults, strict=False) if n == "code")
    for expression in given:
        choices = (
            (expression.body, expression.orelse)
            if isinstance(expression, ast.IfExp)
            else (expression,)
        )
        for choice in choices:
            if isinstance(choice, ast.Constant) and isinstance(choice.value, str):
                yield choice.value


def _is_code(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "code"


def _blocks(info: str) -> list[str]:
    """Return the page's code blocks of one kind."""
    return re.findall(rf"^```{re.escape(info)}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def _minimal_service(folder: Path) -> Path:
    """Write a specification with tokens and error codes and nothing else."""
    folder.mkdir(parents=True)
    for name in ("service.yaml", "base.yaml", "errors.yaml"):
        shutil.copy(ROOT / "spec" / name, folder)
    return folder


def _add(folder: Path, number: int, snippet: str) -> None:
    """Put a snippet where it belongs: a file of its own, or a module around a part of one."""
    if snippet.startswith("service:"):
        (folder / "service.yaml").write_text(snippet, "utf-8")
    elif snippet.startswith(("errors:", "groups:")):
        errors = folder / "errors.yaml"
        rest = errors.read_text("utf-8")
        for code in re.findall(r"^  (-?[0-9]+):$", snippet, re.MULTILINE):
            rest = re.sub(rf"^  {code}:\n(    .*\n)+", "", rest, flags=re.MULTILINE)
        errors.write_text(rest, "utf-8")
        (folder / f"errors_{number}.yaml").write_text(snippet, "utf-8")
    else:
        module = f"module: snippet_{number}\ntitle: {{en: A snippet}}\n"
        whole = snippet if "module:" in snippet.split("\n\n")[0] else module + snippet
        (folder / f"snippet_{number}.yaml").write_text(whole, "utf-8")


SNIPPETS = _blocks("yaml")


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda construct: construct.__name__)
def test_every_key_stands_in_the_page(construct: type[attrs.AttrsInstance]) -> None:
    """The table of a construct is the one its class documents."""
    tables = re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE)

    assert f"{table(construct)}\n" in tables


def test_every_construct_is_looked_at() -> None:
    """A construct that is added to the language is added to the page."""
    documented = {
        kind
        for kind in vars(schema).values()
        if isinstance(kind, type)
        and attrs.has(kind)
        and any("doc" in key.metadata for key in attrs.fields(kind))
        and not kind.__subclasses__()  # what several constructs have in common is none by itself
    }

    assert documented == set(CONSTRUCTS)


def test_every_type_stands_in_the_page() -> None:
    """The table of types is the compiler's."""
    assert "\n".join(scalar_rows()) in PAGE


def test_the_type_table_is_the_compiler_s() -> None:
    """Whoever asks how a value is read sees what the compiler prints for it."""
    assert "\n".join(type_rows()) in PAGE


@pytest.mark.parametrize("row", quirks(), ids=lambda row: row[0])
def test_what_handles_a_quirk_is_there(row: list[str]) -> None:
    """A key of the language, a type of it, or what the runtime offers generated code."""
    named = re.findall(r"`([^`]+)`", row[1])

    for name in named:
        if name.endswith(":"):
            assert name[:-1] in keys(), name
        elif name.startswith("wire."):
            assert hasattr(wire, name.removeprefix("wire.")), name
        else:
            assert name in SCALARS, name
    assert named


@pytest.mark.parametrize("row", quirks(), ids=lambda row: row[0])
def test_what_proves_that_a_quirk_is_handled_is_there(row: list[str]) -> None:
    """A case of the compiler, or a test by its name."""
    named = re.findall(r"`([^`]+)`", row[2])

    for name in named:
        path, _, function = name.partition("::")
        assert (ROOT / path).exists(), path
        assert not function or f"def {function}(" in (ROOT / path).read_text("utf-8"), name
    assert named


def test_the_table_of_codes_is_complete() -> None:
    """Each code of the compiler is explained, and no other."""
    section = PAGE.split("## Diagnostics")[1].split("\n## ")[0]

    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", section, re.MULTILINE)) == codes()


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_every_snippet_compiles(number: int, tmp_path: Path) -> None:
    """A reader can copy what the page shows."""
    folder = _minimal_service(tmp_path / "spec")
    _add(folder, number, SNIPPETS[number])

    compile_spec(folder)


def test_the_diagnostics_are_the_ones_the_compiler_prints(tmp_path: Path) -> None:
    """The wrong specification gives exactly what stands below it."""
    folder = _minimal_service(tmp_path / "spec")
    (wrong,) = _blocks("yaml wrong")
    (folder / "tickets.yaml").write_text(wrong, "utf-8")

    with pytest.raises(SpecError) as caught:
        read_spec(folder)

    assert f"{caught.value}\n" in _blocks("text")


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page says happens, happens: with the modules that the page describes."""
    folder = _minimal_service(tmp_path / "spec")
    service = folder / "service.yaml"
    service.write_text(service.read_text("utf-8").replace("service: wxoa", "service: example"))
    for number, snippet in enumerate(SNIPPETS):
        if re.search(r"^(module|groups):", snippet, re.MULTILINE):
            _add(folder, number, snippet)
    package = compile_spec(folder)
    for path, body in package.files.items():
        target = tmp_path / package.name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    examples = "\n".join(_blocks("python")).replace("wxoa", package.name)
    test = doctest.DocTestParser().get_doctest(examples, {}, "spec-language.md", None, None)
    said: list[str] = []
    try:
        runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
        results = runner.run(test, out=said.append)
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == package.name]:
            del sys.modules[name]

    assert results.attempted > 10
    assert not results.failed, "".join(said)
