"""Check: what each construct must hold to beyond its names and references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter

from wxspec import ir
from wxspec.diagnostics import Report, Span
from wxspec.passes.files import check_files, hint_of_text, is_known, of_files
from wxspec.passes.pages import check_pages
from wxspec.passes.requests import check_requests
from wxspec.passes.unions import check_unions
from wxspec.passes.wires import check_wires, outermost
from wxspec.types import SCALARS, in_query, row_of, scalar_row, type_name, whole_answer
from wxspec.values import Text

__all__ = ["check", "check_tag", "check_tags"]

_XML_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
_TOKEN_PARAMETERS = (
    {"app id": "string", "app secret": "string", "whether to force": "boolean"},
    {"app id": "string", "app secret": "string"},
)
"""What the calls that fetch tokens take, and the types of it."""
_RAW = "!$'()*,;:@/?"
"""What RFC 3986 allows in a query beside what separates its parts."""
_PART = r"[^\s\"'<>?#\\"
"""A character of a URL, but none that begins a query or a fragment."""
_URL = re.compile(rf"https?://{_PART}@/]+(/{_PART}]*{_PART}/])?", re.ASCII)


def check(whole: ir.Ir, report: Report) -> ir.Ir:
    """Report what contradicts itself or cannot be; nothing is changed."""
    if whole.service is not None:
        _check_service(whole, whole.service, report)
    header = () if whole.service is None else whole.service.push.header
    for module in whole.modules:
        unions = {union.id: union for union in module.unions}
        for model in module.models:
            _check_fields(model.fields, report)
            check_wires(model.written, unions, report)
        _check_recursion(module, report)
        for enum in module.enums:
            _check_enumeration(enum, report)
        for endpoint in module.endpoints:
            _check_endpoint(endpoint, unions, report)
        for document in module.documents:
            _check_document(document, whole.service, header, unions, report)
        _check_defaults(module, report)
        check_files(module, report)
        check_unions(module, report)
        check_requests(module, whole.service, report)
        check_pages(module, whole.lost, report)
    _check_document_names(whole, report)
    return whole


def _check_service(whole: ir.Ir, service: ir.Service, report: Report) -> None:
    if not service.hosts:
        report.error(service.span, "no-host", "expected at least one host, got none")
    first: dict[str, Span] = {}
    for url in (host.url for host in service.hosts):
        if not _URL.fullmatch(url):
            message = (
                "expected a base URL without a user, a query, a fragment "
                f"or a slash at its end, got {url!r}"
            )
            report.error(url.span, "bad-url", message)
        elif url in first:
            message = f"the host {url!r} is named a second time"
            report.error(url.span, "bad-url", message, f"the first is at {first[url]}")
        first.setdefault(url, url.span)
    _check_fields(service.push.header, report)
    check_wires(service.push.header, {}, report)
    for field in service.push.header:
        _check_header_field(field, report)
    for tag in service.push.tags:
        check_tag(tag, report)
    wrong = "".join(sorted({*service.query.raw} - {*_RAW}))
    if wrong:
        message = f"expected characters that a value in a query may have, got {wrong!r}"
        hint = f"those that may be left as they are: {' '.join(_RAW)}"
        report.error(service.query.raw.span, "not-in-query", message, hint)
    _check_codes(service, report)
    _check_roles(service, report)
    _check_token_calls(whole, service, report)


def _check_codes(service: ir.Service, report: Report) -> None:
    """Report a code that would ask for two things at once."""
    dead = {code: code.span for code in service.token.dead}
    for code in service.envelope.wrong_method:
        if code in dead:
            message = f"the code {code} cannot ask for another token and for another method"
            report.error(code.span, "contradiction", message, f"the first is at {dead[code]}")


def _check_roles(service: ir.Service, report: Report) -> None:
    types = {field.name: type_name(field.type) for field in service.push.header}
    for role in service.push.roles:
        asked = "timestamp" if role.name == "time" else "string"
        if role.field in types and types[role.field] != asked:
            message = f"the {role.name} of a push is a {asked}, and {role.field!r} is none"
            report.error(role.field.span, "bad-header", message)


def _check_token_calls(whole: ir.Ir, service: ir.Service, report: Report) -> None:
    calls = {e.id: (e, module) for module in whole.modules for e in module.endpoints}
    for id, takes in zip(service.token.calls, _TOKEN_PARAMETERS, strict=False):
        if id in calls and not _grants(*calls[id], [*takes.values()]):
            said = ", ".join(f"{what} ({type_})" for what, type_ in takes.items())
            report.error(
                id.span,
                "bad-token-call",
                f"{id} cannot fetch access tokens",
                f"it needs token: false, the parameters {said}, "
                "and a model with access_token and expires_in",
            )


def _grants(endpoint: ir.Endpoint, module: ir.Module, takes: list[str]) -> bool:
    """Say whether a call with parameters of these types fetches access tokens."""
    types = [type_name(field.type) for field in endpoint.parameters]
    returns = endpoint.returns.type if endpoint.returns is not None else None
    model = next((m for m in module.models if returns == ir.ModelType(m.id, m.name)), None)
    fields = {f.name: type_name(f.type) for f in model.fields} if model else {}
    granted = fields.get("access_token") == "string" and fields.get("expires_in") == "integer"
    return types == takes and granted and not endpoint.token


def _check_fields(
    fields: Iterable[ir.Field],
    report: Report,
    must_be_given: Callable[[ir.Field], bool] = attrgetter("required"),
) -> None:
    """Check each field alone, and that those which must be given come first.

    Args:
        fields: The fields, or the parameters.
        report: Takes what is wrong.
        must_be_given: Says whether one must.
    """
    before: ir.Field | None = None
    for field in fields:
        if is_known(field.type):
            _check_field(field, report)
        if must_be_given(field) and before is not None:
            report.error(
                field.span, "order",
                f"{field.name!r} must be given, but stands after {before.name!r}, which need not",
                "put it before, or give it a default or optional: true",
            )  # fmt: skip
        elif field.const is None and not must_be_given(field):
            before = field


def _check_field(field: ir.Field, report: Report) -> None:
    said = [
        word
        for word, says in (
            ("optional", field.optional and not scalar_row(field.type).nullable),
            ("default", field.default is not None),
            ("const", field.const is not None),
        )
        if says
    ]
    if len(said) > 1:
        message = f"expected one of {' and '.join(said)}, got both"
        report.error(field.span, "contradiction", message)
    if said and isinstance(field.type, ir.ListType):
        message = f"a list has no {said[0]}: one that is absent is empty"
        report.error(field.span, "contradiction", message)
        return
    if field.item and not isinstance(field.type, ir.ListType):
        message = f"item is for lists, and {field.name!r} is a {type_name(field.type)}"
        hint = "say with within: which element it stands inside of"
        report.error(field.item.span, "contradiction", message, hint)
    if field.as_text:
        _check_as_text(field, report)
    if field.also and field.item:
        message = "a list in an element of its own has one name"
        report.error(field.also[0].span, "contradiction", message, "leave out also: or item:")
    type_ = field.type
    literals: tuple[type, ...] = ()
    if isinstance(type_, (ir.ScalarType, ir.EnumerationType)):
        literals = row_of(type_).literals
    for value in (field.default, field.const):
        # bool is a kind of int to Python, and not to the wire.
        if value is not None and type(value) not in literals:
            message = f"expected a value of the type {type_name(field.type)}, got {value!r}"
            report.error(field.span, "wrong-default", message)


def _check_as_text(field: ir.Field, report: Report) -> None:
    if field.item:
        message = "a list in text has no elements around its items"
        report.error(field.item.span, "contradiction", message, "leave out item: or as_text:")
    # Files in a list, and a union whose parts have no place, are reported for what they are.
    if not isinstance(field.type, (ir.ModelType, ir.ListType, ir.UnionType)):
        message = f"as_text is for models and lists, and {field.name!r} is a "
        report.error(field.span, "contradiction", message + type_name(field.type))


def _check_recursion(module: ir.Module, report: Report) -> None:
    """Report every model that needs itself: no value of it could ever be made."""
    needs = {
        model.name: {
            field.type.name: field.span
            for field in model.fields
            if isinstance(field.type, ir.ModelType) and field.required
        }
        for model in module.models
    }

    def reached(name: str) -> Iterator[str]:
        seen, todo = set[str](), [*needs.get(name, ())]
        while todo:
            model = todo.pop()
            if model not in seen:
                seen.add(model)
                todo.extend(needs.get(model, ()))
                yield model

    for model in module.models:
        for name, span in needs[model.name].items():
            if name == model.name or model.name in reached(name):
                report.error(
                    span, "endless-model",
                    f"the model {model.name} contains itself without end",
                    "make the field optional",
                )  # fmt: skip


def _check_enumeration(enum: ir.Enumeration, report: Report) -> None:
    if not enum.members:
        report.error(
            enum.span, "no-values", f"expected at least one value in {enum.name}, got none"
        )
    first: dict[ir.Literal, Span] = {}
    for member in enum.members:
        if type(member.value) not in (str, int):
            message = f"expected text or a whole number, got {member.value!r}"
            report.error(member.span, "wrong-type", message)
        elif isinstance(member.value, str) != isinstance(enum.members[0].value, str):
            report.error(member.span, "wrong-type", "expected only text or only numbers, got both")
        elif member.value in first:
            report.error(
                member.span, "value-taken",
                f"the value {member.value!r} is taken", f"by the one at {first[member.value]}",
            )  # fmt: skip
        first.setdefault(member.value, member.span)


def _check_endpoint(endpoint: ir.Endpoint, unions: Mapping[str, ir.Union], report: Report) -> None:
    for fields in (endpoint.query, endpoint.body, endpoint.form, endpoint.raw):
        check_wires(fields, unions, report)
        _check_fields(fields, report, attrgetter("asked_for"))
    returns = endpoint.returns
    single = (ir.ScalarType, ir.EnumerationType)
    if (
        returns is not None
        and returns.key is None
        and isinstance(returns.type, single)
        and whole_answer(returns.type) is None
    ):
        report.error(
            returns.span, "not-an-answer",
            f"an answer is an object, and {type_name(returns.type)} is a single value",
            "name a model, or one key of the answer: {key: type}",
        )  # fmt: skip
    for field in endpoint.query:
        if field.as_text:
            continue
        if _known_value(field.type) and in_query(field.type, "") is None:
            message = f"a {type_name(field.type)} cannot stand in a query"
            report.error(field.span, "not-in-query", message, hint_of_text(field.type))


def _known_value(type_: ir.Type) -> bool:
    """Say whether a type is one about which nothing has been reported."""
    return is_known(type_) and not of_files(type_)


def _check_document(
    document: ir.Document,
    service: ir.Service | None,
    header: tuple[ir.Field, ...],
    unions: Mapping[str, ir.Union],
    report: Report,
) -> None:
    # The order is that of the wire; that of the constructor follows from it.
    _check_fields(document.own, report, lambda field: False)
    check_wires((*header, *document.written), unions, report)
    for field in document.own:
        _check_bare(field, report)
    names = {field.name for field in header}
    marks = [] if service is None else [tag for tag, _ in document.marks(service)]
    named: list[ir.Named] = [*document.own, *document.counts]
    for node in named:
        if node.name in names:
            message = f"the name {node.name!r} belongs to the header of every push"
            report.error(node.span, "name-taken", message)
    for written in document.written:
        for claim in outermost(written, unions):
            if claim.wire in marks:
                message = f"the wire name {claim.wire!r} belongs to the header of every push"
                report.error(claim.wire.span, "wire-taken", message)
        check_tags(written, report)


def _check_bare(field: ir.Field, report: Report) -> None:
    if not field.bare:
        return
    if field.bare != "json":
        message = f"expected json, the form in which it stands bare, got {field.bare!r}"
        report.error(field.bare.span, "wrong-type", message)
    if not field.within or field.item:
        message = "bare is for what stands within an element, and is no wrapped list"
        hint = "leave out item:" if field.within else "say within: which element"
        report.error(field.bare.span, "contradiction", message, hint)


def check_tags(node: ir.Written, report: Report) -> None:
    """Report the wire names of a field that no XML element can have."""
    check_tag(node.wire, report)
    others = [node.within]
    if isinstance(node, ir.Field):
        others += [node.item, *node.also]
    for tag in filter(None, others):
        check_tag(tag, report)


def check_tag(tag: Text, report: Report) -> None:
    """Report a name that no XML element can have."""
    if not _XML_NAME.fullmatch(tag):
        message = f"expected a name that an XML element can have, got {tag!r}"
        report.error(tag.span, "not-in-xml", message)


def _check_header_field(field: ir.Field, report: Report) -> None:
    if not field.required or scalar_row(field.type).empty is None:
        which = " and ".join(row.name for row in SCALARS.values() if row.empty is not None)
        message = f"a header field is always there and of a simple type: {which}"
        report.error(field.span, "bad-header", message)


def _check_defaults(module: ir.Module, report: Report) -> None:
    """Report a field with const where nobody sends it, and a value no enumeration has."""
    values = {enum.id: [member.value for member in enum.members] for enum in module.enums}
    received = (
        *(field for model in module.models for field in model.fields),
        *(field for document in module.documents for field in document.own),
    )
    for field in received:
        if field.const is not None:
            message = "a const belongs to a parameter; a field that is received may be anything"
            report.error(field.span, "contradiction", message)
    sent = (field for item in module.endpoints for field in item.sent)
    for field in (*received, *sent):
        said = field.const if field.default is None else field.default
        if isinstance(field.type, ir.EnumerationType) and said is not None:
            known = values[field.type.id]
            if said not in known:
                message = f"expected one of {', '.join(map(repr, known))}, got {said!r}"
                report.error(field.span, "wrong-default", message)


def _check_document_names(whole: ir.Ir, report: Report) -> None:
    """Report what is described twice, and a message of the kind that all events have."""
    first: dict[tuple[str, str], Span] = {}
    for module in whole.modules:
        for document in module.documents:
            key = (document.called, document.wire)
            if key in first:
                message = f"the {document.called} {document.wire!r} is described a second time"
                hint = f"the first is at {first[key]}"
                report.error(document.span, "duplicate-event", message, hint)
            first.setdefault(key, document.span)
        for described in module.messages:
            if whole.service is not None and described.wire == whole.service.push.event_kind:
                message = f"the kind {described.wire!r} is that of all events"
                report.error(described.span, "wire-taken", message, "describe it under events:")
