"""Well-formed: the rules about files that hold before any reference is looked up.

There is one service, each error code is described once, each key of a field stands where it has a
meaning, and no part of a module has both an official page and none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wxspec import schema
from wxspec.diagnostics import Report, Span
from wxspec.reader import Reading
from wxspec.values import Text

__all__ = ["check_form"]

_HEADER = "a header"
_MODEL = "a model"
_QUERY, _BODY, _FORM, _RAW = "a query", "a JSON body", "a form", "a raw body"
_EVENT, _MESSAGE, _REPLY = "an event", "a message", "a reply"

_DESCRIBED = (_MODEL, _EVENT, _MESSAGE, _REPLY)
_PLACES = {
    "within": (*_DESCRIBED, _BODY),
    "item": (*_DESCRIBED, _BODY),
    "also": _DESCRIBED,
    "count": _DESCRIBED,
    "bare": (_EVENT, _MESSAGE),
}
"""The keys of a field that have a meaning only in some places, and these places."""
_PLURALS = {
    _MODEL: "models",
    _EVENT: "events",
    _MESSAGE: "messages",
    _REPLY: "replies",
    _BODY: "JSON bodies",
}


def check_form(reading: Reading, report: Report) -> None:
    """Report the mistakes that can be found without looking up a reference."""
    _check_services(reading, report)
    _check_codes(reading, report)
    for _, service in reading.of(schema.ServiceFile):
        _check_fields(service.push.header, _HEADER, report)
    for _, module in reading.of(schema.ModuleFile):
        for fields, place in _fields(module):
            _check_fields(fields, place, report)
        parts: list[schema.Endpoint | schema.Document] = [*module.endpoints.values()]
        for part in (*parts, *_documents(module)):
            _check_source(part, report)


def _check_services(reading: Reading, report: Report) -> None:
    names = [file.name for file, _ in reading.of(schema.ServiceFile)]
    for extra in names[1:]:
        message = "expected one service, got a second"
        report.error(Span(extra, 1, 1), "many-services", message, f"the first is in {names[0]}")
    if not names and not reading.whole_files_lost:
        message = "expected one file with the key service, got none"
        report.error(Span(reading.files[0].name, 1, 1), "no-service", message)


def _check_codes(reading: Reading, report: Report) -> None:
    first: dict[int, Span] = {}
    for _, content in reading.of(schema.ErrorsFile):
        for code in content.errors:
            if code in first:
                message = f"the code {code} is described a second time"
                hint = f"the first is at {first[code]}"
                report.error(code.span, "duplicate-code", message, hint)
            first.setdefault(code, code.span)


def _fields(module: schema.ModuleFile) -> Iterator[tuple[Mapping[Text, schema.Field], str]]:
    """List the fields of a module, each mapping with the place where it stands."""
    yield from ((model.fields, _MODEL) for model in module.models.values())
    for endpoint in module.endpoints.values():
        yield endpoint.query, _QUERY
        yield endpoint.body, _BODY
        yield endpoint.form, _FORM
        yield endpoint.raw, _RAW
    yield from ((event.fields, _EVENT) for event in module.events.values())
    yield from ((message.fields, _MESSAGE) for message in module.messages.values())
    yield from ((reply.fields, _REPLY) for reply in module.replies.values())


def _documents(module: schema.ModuleFile) -> Iterator[schema.Document]:
    yield from module.events.values()
    yield from module.messages.values()
    yield from module.replies.values()


def _check_source(part: schema.Endpoint | schema.Document, report: Report) -> None:
    if part.undocumented and part.source:
        message = "expected either source or undocumented, got both"
        report.error(part.source.span, "contradiction", message, "leave out undocumented:")


def _check_fields(fields: Mapping[Text, schema.Field], place: str, report: Report) -> None:
    for name, field in fields.items():
        _check_place(field, place, report)
        if field.count is not None and place in _PLACES["count"]:
            _check_count(name, field, report)


def _check_place(field: schema.Field, place: str, report: Report) -> None:
    """Report the keys that have no meaning where a field stands."""
    given = {
        "within": field.within,
        "item": field.item,
        "count": field.count,
        "bare": field.bare,
        "also": next(iter(field.also), None),
    }
    for key, value in given.items():
        if value is not None and place not in _PLACES[key]:
            *others, last = (_PLURALS[allowed] for allowed in _PLACES[key])
            message = f"{key} has no meaning in {place}"
            hint = f"it is for fields of {', '.join(others)} and {last}"
            report.error(value.span, "misplaced-key", message, hint)


def _check_count(name: Text, field: schema.Field, report: Report) -> None:
    """Report the keys that have no meaning beside `count`."""
    if field.type is not None:
        message = "expected either type or count, got both"
        report.error(name.span, "contradiction", message, "a count is a whole number by itself")
    given = {
        "also": field.also,
        "bare": field.bare,
        "item": field.item,
        "optional": field.optional,
        "default": field.default is not None,
        "const": field.const is not None,
        "secret": field.secret,
        "as_text": field.as_text,
    }
    for key in (key for key, is_given in given.items() if is_given):
        message = f"{key} has no meaning beside count"
        report.error(name.span, "contradiction", message, "a count follows from its list")
    if field.within is not None and field.wire is None:
        report.error(
            field.within.span, "contradiction",
            "a count without wire: stands nowhere, so not within anything",
            "say its name on the wire with wire:",
        )  # fmt: skip
