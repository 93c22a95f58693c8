"""Marked values → the classes of the language, with every mistake found in one run.

cattrs does the structuring and collects what goes wrong; this module turns its tree of
exceptions back into diagnostics with positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias, TypeVar, get_origin

import attrs
from cattrs import Converter, cols
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError
from cattrs.gen import make_dict_structure_fn

from wxspec import schema
from wxspec.diagnostics import NOWHERE, Report, Span, did_you_mean
from wxspec.schema import ErrorsFile, ModuleFile, ServiceFile, Unexpected, shown
from wxspec.source import read
from wxspec.values import Float, Int, Map, Seq, Text, Value, span_of

__all__ = ["FILE_KINDS", "File", "Reading", "SpecFile", "read_folder"]

File: TypeAlias = "ServiceFile | ModuleFile | ErrorsFile"

F = TypeVar("F", ServiceFile, ModuleFile, ErrorsFile)

FILE_KINDS: dict[str, type[File]] = {
    "service": ServiceFile,
    "module": ModuleFile,
    "errors": ErrorsFile,
}
"""The first key of a file → the class of the file."""


@attrs.frozen
class SpecFile:
    """One file of a specification, read."""

    name: str
    """Its path, from the name of the specification's folder on, with slashes."""
    content: File


@attrs.frozen
class Reading:
    """The parts of a specification that could be read."""

    files: tuple[SpecFile, ...]
    lost: frozenset[str]
    """The keys that were wrong and left out: a reference to one of them is not reported again."""
    whole_files_lost: bool
    """Whether a file could not be read at all, so that anything may be missing."""

    def of(self, kind: type[F]) -> Iterator[tuple[SpecFile, F]]:
        """Return the files of a kind, each with its content."""
        for file in self.files:
            if isinstance(file.content, kind):
                yield file, file.content


def read_folder(folder: Path, report: Report) -> Reading:
    """Read every `*.yaml` file below a folder, in the order of their names.

    Args:
        folder: The specification.
        report: Takes whatever is wrong with it.
    """
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.yaml")}
    root = folder.resolve().name
    if not paths:
        found = "an empty one" if folder.is_dir() else "none"
        report.error(
            Span(root, 1, 1),
            "no-files",
            f"expected a folder with *.yaml files, got {found}",
            "say where the specification is with --spec",
        )
    for path in sorted(folder.rglob("*.yml")):
        shown_name = f"{root}/{path.relative_to(folder).as_posix()}"
        message = "expected a file called *.yaml, got *.yml, which would not be read"
        report.error(Span(shown_name, 1, 1), "wrong-suffix", message, "rename it")
    lost: set[str] = set()
    read = [_read_file(f"{root}/{name}", paths[name], report, lost) for name in sorted(paths)]
    files = tuple(file for file in read if file is not None)
    return Reading(files, frozenset(lost), len(files) < len(read) or not paths)


def _read_file(name: str, path: Path, report: Report, lost: set[str]) -> SpecFile | None:
    start = Span(name, 1, 1)
    try:
        body = path.read_bytes()
    except OSError as error:
        report.error(start, "unreadable", f"expected a file that can be read: {error.strerror}")
        return None
    before = len(report)
    source = read(name, body, report)
    if source is None:
        if len(report) == before:
            report.error(start, "file-kind", "expected a service, a module or errors, got nothing")
        return None
    kind = next((FILE_KINDS[str(key)] for key in source if key in FILE_KINDS), None)
    if kind is None:
        first = next(iter(source), None)
        report.error(
            start if first is None else first.span,
            "file-kind",
            "expected the key service, module or errors, which says what a file describes",
            "" if first is None else did_you_mean(str(first), FILE_KINDS),
        )
        return None
    while True:
        try:
            return SpecFile(name, _CONVERTER.structure(source, kind))
        except ClassValidationError as error:
            # What is wrong is taken out, so that the passes can look at the rest in this run.
            wrong = list(_explain(error, _Place(None, "", start), source, report))
        for place in wrong:
            if place.container is None:
                return None
            for key in [key for key in place.container if key == place.key]:
                del place.container[key]
                lost.add(str(key))


@attrs.frozen
class _Place:
    """The place of a value in the tree: its container and its key there."""

    container: Map | None
    key: object
    span: Span


def _explain(error: BaseException, place: _Place, value: Value, report: Report) -> Iterator[_Place]:
    """Turn one of cattrs's exceptions, and those below it, into diagnostics.

    Args:
        error: What went wrong.
        place: Where the value hangs.
        value: The value it went wrong with.
        report: Takes the diagnostics.

    Yields:
        The places whose values have to be left out.
    """
    if isinstance(error, Unexpected):
        span = place.span if error.span == NOWHERE else error.span
        report.error(span, error.code, error.message, error.hint)
        yield place
    elif isinstance(error, ClassValidationError) and isinstance(value, Map):
        yield from _explain_class(error, place, value, report)
    elif isinstance(error, IterableValidationError) and isinstance(value, (Map, Seq)):
        for below, note in error.group_exceptions()[0]:
            if isinstance(value, Map):
                yield from _explain_value(below, value, note.index, place, report)
            elif isinstance(note.index, int):
                item = value[note.index]
                inside = attrs.evolve(place, span=span_of(item, place.span))
                yield from _explain(below, inside, item, report)
    else:
        report.error(
            place.span, "wrong-type", f"expected something else than {shown(value)}: {error}"
        )
        yield place


def _explain_value(
    error: BaseException, mapping: Map, key: object, whole: _Place, report: Report
) -> Iterator[_Place]:
    """Explain what is wrong with the value of a key."""
    for own, value in mapping.items():
        if own == key:
            yield from _explain(error, _Place(mapping, own, own.span), value, report)
            return
    yield whole


def _explain_class(
    error: ClassValidationError, place: _Place, value: Map, report: Report
) -> Iterator[_Place]:
    attributes = {attribute.name: attribute for attribute in attrs.fields(error.cl)}
    located, general = error.group_exceptions()
    for below, note in located:
        attribute = attributes[note.name]
        if isinstance(below, KeyError) and note.name not in value:
            message = f"expected the key {note.name!r}, which is not there"
            report.error(place.span, "missing-key", message)
            wrongs = [_Place(value, note.name, place.span)]
        else:
            wrongs = [*_explain_value(below, value, note.name, place, report)]
        for wrong in wrongs:
            if wrong.container is not value or attribute.default is not attrs.NOTHING:
                yield wrong
            elif attribute.metadata["stand_in"] is not None:
                # The rest of the construct is looked at in this run as well.
                _put(value, note.name, attribute.metadata["stand_in"], place.span)
            else:
                yield place
    for other in general:
        if not isinstance(other, ForbiddenExtraKeysError):
            yield from _explain(other, place, value, report)
            continue
        for key in [key for key in value if key in other.extra_fields]:
            message = f"the key {key!r} is not part of the language here"
            report.error(key.span, "unknown-key", message, did_you_mean(str(key), attributes))
            yield _Place(value, key, key.span)


def _put(mapping: Map, name: str, stand_in: schema.StandIn, span: Span) -> None:
    """Put a stand-in under a key that is missing or wrong."""
    for key in [key for key in mapping if key == name]:
        del mapping[key]
    mapping[Text(name, span)] = (
        _map(stand_in, span) if isinstance(stand_in, dict) else _single(stand_in, span)
    )


def _single(value: str | int, span: Span) -> Text | Int:
    return Text(value, span) if isinstance(value, str) else Int(value, span)


def _map(values: dict[str, str | int], span: Span) -> Map:
    marked = Map({Text(name, span): _single(value, span) for name, value in values.items()})
    marked.span = span
    return marked


Structure: TypeAlias = Callable[[Value, object], object]


def _exactly(kind: type, expected: str) -> Structure:
    """Make a hook that accepts a marked value of one class, unchanged."""

    def structure(value: Value, _: object) -> object:
        if isinstance(value, kind):
            return value
        quotable = kind is Text and isinstance(value, (Int, Float, bool))
        hint = "write it in quotes" if quotable else ""
        raise Unexpected(span_of(value, NOWHERE), f"expected {expected}, got {shown(value)}", hint)

    return structure


def _structure_text(value: Value, kind: object) -> object:
    text = _EXACTLY_TEXT(value, kind)
    if isinstance(text, Text) and not text.strip():
        raise Unexpected(text.span, "expected text, got none", "leave the key out, or fill it in")
    return text


_EXACTLY_TEXT = _exactly(Text, "text")


def _only(
    collection: type[Map] | type[Seq], expected: str, structure: Callable[..., object]
) -> Structure:
    """Make a hook that checks the class of a collection before cattrs structures its items."""

    def checked(value: Value, kind: object) -> object:
        if isinstance(value, collection):
            return structure(value, kind)
        raise Unexpected(span_of(value, NOWHERE), f"expected {expected}, got {shown(value)}")

    return checked


def _structure_scalar(value: Value, _: object) -> object:
    if isinstance(value, (Text, Int, Float, bool)):
        return value
    raise Unexpected(span_of(value, NOWHERE), f"expected text or a number, got {shown(value)}")


def _structure_optional_scalar(value: Value, kind: object) -> object:
    return None if value is None else _structure_scalar(value, kind)


def _is(origin: type) -> Callable[[object], bool]:
    """Make a predicate of types such as `dict[Text, Field]`."""

    def matches(kind: object) -> bool:
        found: object = get_origin(kind)
        return found is origin

    return matches


def _parsing(parse: Callable[[Value, Span], object]) -> Structure:
    """Make a hook of the `parse` method of a value."""

    def structure(value: Value, _: object) -> object:
        return parse(value, NOWHERE)

    return structure


def _make_converter() -> Converter:
    # cattrs leaves two parameters of this one without a type.
    structure_mapping: Callable[..., Callable[..., object]] = cols.mapping_structure_factory  # pyright: ignore
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)

    def construct(kind: type[object]) -> Structure:
        return _only(Map, "a mapping", make_dict_structure_fn(kind, converter))

    def mapping(kind: type[object]) -> Structure:
        return _only(Map, "a mapping", structure_mapping(kind, converter))

    def sequence(kind: type) -> Structure:
        return _only(Seq, "a list", cols.list_structure_factory(kind, converter))

    converter.register_structure_hook_factory(attrs.has, construct)
    converter.register_structure_hook_factory(_is(dict), mapping)
    converter.register_structure_hook_factory(_is(list), sequence)
    converter.register_structure_hook(Text, _structure_text)
    converter.register_structure_hook(Int, _exactly(Int, "a whole number"))
    converter.register_structure_hook(bool, _exactly(bool, "true or false"))
    converter.register_structure_hook_func(lambda kind: kind == schema.Scalar, _structure_scalar)
    converter.register_structure_hook_func(
        lambda kind: kind == schema.Scalar | None, _structure_optional_scalar
    )
    for expression in schema.EXPRESSIONS:
        converter.register_structure_hook(expression, _parsing(expression.parse))
    return converter


_CONVERTER = _make_converter()
