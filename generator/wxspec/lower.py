"""The classes of the language → the intermediate representation, one to one.

Nothing is looked up here: types, names and references stay as the specification writes them
until the passes have looked at them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from wxspec import ir, schema
from wxspec.diagnostics import Report, Span
from wxspec.names import constant_name, document_class_name
from wxspec.reader import Reading, SpecFile
from wxspec.values import EMPTY, Float, Int, Text

__all__ = ["lower"]

D = TypeVar("D", bound=ir.Document)


def lower(reading: Reading, report: Report) -> ir.Ir:
    """Bring the files of a specification together."""
    services = [file for file in reading.files if isinstance(file.content, schema.ServiceFile)]
    for extra in services[1:]:
        report.error(
            Span(extra.name, 1, 1), "many-services", "expected one service, got a second",
            f"the first is in {services[0].name}",
        )  # fmt: skip
    if not services and not reading.whole_files_lost:
        report.error(
            Span(reading.files[0].name, 1, 1), "no-service",
            "expected one file with the key service, got none",
        )  # fmt: skip
    return ir.Ir(
        service=next(
            (
                _service(_printed(file), file.content, report)
                for file in services
                if isinstance(file.content, schema.ServiceFile)
            ),
            None,
        ),
        modules=tuple(
            _module(_printed(file), file.content, report)
            for file in reading.files
            if isinstance(file.content, schema.ModuleFile)
        ),
        groups=tuple(_groups(reading.files)),
        errors=tuple(_errors(reading.files, report)),
        errors_files=tuple(
            _printed(file) for file in reading.files if isinstance(file.content, schema.ErrorsFile)
        ),
        lost=reading.lost,
        incomplete=reading.whole_files_lost,
    )


def _printed(file: SpecFile) -> str:
    """Name a file as headers do: the same wherever the specification lies."""
    return f"spec/{file.name.split('/', 1)[1]}"


def _service(file: str, spec: schema.ServiceFile, report: Report) -> ir.Service:
    return ir.Service(
        span=spec.service.span,
        file=file,
        name=spec.service,
        title=spec.title.en,
        title_zh=spec.title.zh,
        source=spec.source,
        hosts=tuple(ir.Host(host.url, host.doc) for host in spec.hosts),
        token=_token(spec.token),
        envelope=ir.Envelope(
            code=spec.envelope.code,
            message=spec.envelope.message,
            also=tuple(spec.envelope.also),
            wrong_method=tuple(spec.envelope.wrong_method),
        ),
        query=ir.Query(EMPTY if spec.query is None else spec.query.raw),
        push=_push(spec.push, report),
    )


def _token(spec: schema.Token) -> ir.Token:
    return ir.Token(
        parameter=spec.query,
        call=spec.call,
        plain=spec.plain or EMPTY,
        forces_a_day=spec.force.a_day.value,
        force_apart=spec.force.apart.value,
        dead=tuple(spec.dead),
    )


def _push(spec: schema.Push, report: Report) -> ir.Push:
    roles = {"receiver": spec.receiver, "sender": spec.sender, "time": spec.time}
    return ir.Push(
        kind=spec.kind,
        event_kind=spec.event_kind,
        event=spec.event,
        header=_parameters("push.header", spec.header, "a header", report),
        roles=tuple(ir.Role(role, name) for role, name in roles.items() if name is not None),
        message_id=spec.message_id or EMPTY,
    )


def _module(file: str, spec: schema.ModuleFile, report: Report) -> ir.Module:
    module = str(spec.module)
    return ir.Module(
        id=module,
        span=spec.module.span,
        file=file,
        name=module,
        title=spec.title.en,
        title_zh=spec.title.zh,
        source=spec.source,
        models=tuple(_model(module, name, model, report) for name, model in spec.models.items()),
        enums=tuple(_enumeration(module, name, enum) for name, enum in spec.enums.items()),
        unions=tuple(_union(module, name, union) for name, union in spec.unions.items()),
        endpoints=tuple(
            _endpoint(module, name, item, report) for name, item in spec.endpoints.items()
        ),
        events=_documents(ir.Event, module, spec.events, report),
        messages=_documents(ir.Message, f"{module}.messages", spec.messages, report),
        replies=_documents(ir.Reply, f"{module}.replies", spec.replies, report),
    )


def _model(module: str, name: Text, spec: schema.Model, report: Report) -> ir.Model:
    id = f"{module}.{name}"
    fields, counts = _fields(id, spec.fields, report)
    return ir.Model(id, name.span, name, spec.doc, fields, counts, spec.why, spec.notes)


def _fields(
    owner: str, specs: dict[Text, schema.Field], report: Report
) -> tuple[tuple[ir.Field, ...], tuple[ir.Count, ...]]:
    """Tell the fields from those that only count."""
    fields: list[ir.Field] = []
    counts: list[ir.Count] = []
    for name, spec in specs.items():
        id = f"{owner}.{name}"
        if spec.count is None:
            fields.append(_field(id, name, spec))
        else:
            counts.append(_count(id, name, spec.count, spec, len(fields)))
            _check_count(name, spec, report)
    return tuple(fields), tuple(counts)


def _check_count(name: Text, spec: schema.Field, report: Report) -> None:
    if spec.type is not None:
        message = "expected either type or count, got both"
        report.error(name.span, "contradiction", message, "a count is a whole number by itself")
    said = {
        "also": spec.also,
        "bare": spec.bare,
        "item": spec.item,
        "optional": spec.optional,
        "default": spec.default is not None,
        "const": spec.const is not None,
        "secret": spec.secret,
        "as_text": spec.as_text,
    }
    for key in (key for key, given in said.items() if given):
        message = f"{key} has no meaning beside count"
        report.error(name.span, "contradiction", message, "a count follows from its list")
    if spec.within is not None and spec.wire is None:
        report.error(
            spec.within.span, "contradiction",
            "a count without wire: stands nowhere, so not within anything",
            "say its name on the wire with wire:",
        )  # fmt: skip


def _count(id: str, name: Text, of: Text, spec: schema.Field, at: int) -> ir.Count:
    return ir.Count(
        id=id,
        span=name.span,
        name=name,
        of=of,
        doc=spec.doc or f"Number of {of}.",
        wire=spec.wire or EMPTY,
        within=spec.within or EMPTY,
        at=at,
        why=spec.why,
        notes=spec.notes,
    )


def _parameters(
    owner: str,
    specs: dict[Text, schema.Field],
    place: str,
    report: Report,
    allowed: frozenset[str] = frozenset(),
) -> tuple[ir.Field, ...]:
    """Return the fields of a place where no key has a meaning that is not allowed there."""
    for spec in specs.values():
        keys = {"within": spec.within, "item": spec.item, "count": spec.count, "bare": spec.bare}
        keys["also"] = next(iter(spec.also), None)
        for key, said in keys.items():
            if said is not None and key not in allowed:
                message = f"{key} has no meaning in {place}"
                also = ", replies and JSON bodies" if key in ("within", "item") else " and replies"
                hint = f"it is for fields of models, events, messages{also}"
                report.error(said.span, "misplaced-key", message, hint)
    return tuple(_field(f"{owner}.{name}", name, spec) for name, spec in specs.items())


def _field(id: str, name: Text, spec: schema.Field) -> ir.Field:
    return ir.Field(
        id=id,
        span=name.span,
        name=name,
        wire=spec.wire or name,
        also=tuple(spec.also),
        within=spec.within or EMPTY,
        bare=spec.bare or EMPTY,
        item=spec.item or EMPTY,
        type=_type(spec.type, name.span),
        doc=spec.doc,
        optional=spec.optional,
        as_text=spec.as_text,
        default=None if spec.default is None else _literal(spec.default),
        const=None if spec.const is None else _literal(spec.const),
        secret=spec.secret,
        why=spec.why,
        notes=spec.notes,
    )


def _type(spec: schema.TypeExpr | None, span: Span) -> ir.Type:
    if spec is None:
        return ir.UnresolvedType(Text("", span))
    item = ir.UnresolvedType(spec.name)
    return ir.ListType(item) if spec.is_list else item


def _literal(value: schema.Scalar) -> ir.Literal:
    """Return a value without its position, so that equal values are equal nodes."""
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, Float):
        return float(value)
    return int(value) if isinstance(value, Int) else value


def _enumeration(module: str, name: Text, spec: schema.Enumeration) -> ir.Enumeration:
    members = (
        ir.Member(key.span, key, _literal(member.value), member.doc)
        for key, member in spec.values.items()
    )
    return ir.Enumeration(
        id=f"{module}.{name}",
        span=name.span,
        name=name,
        doc=spec.doc,
        members=tuple(members),
        why=spec.why,
        notes=spec.notes,
    )


def _union(module: str, name: Text, spec: schema.Union) -> ir.Union:
    variants = (ir.Variant(tag, ir.UnresolvedType(model)) for tag, model in spec.of.items())
    return ir.Union(
        id=f"{module}.{name}",
        span=name.span,
        name=name,
        doc=spec.doc,
        tag=spec.tag,
        variants=tuple(variants),
        inline=spec.inline,
        why=spec.why,
        notes=spec.notes,
        unknown=f"Unknown{name}",
    )


def _endpoint(module: str, name: Text, spec: schema.Endpoint, report: Report) -> ir.Endpoint:
    id = f"{module}.{name}"
    returns = spec.returns
    return ir.Endpoint(
        id=id,
        span=name.span,
        name=name,
        doc=spec.doc,
        method=spec.request.method,
        path=spec.request.path,
        request_span=spec.request.span,
        source=spec.source,
        query=_parameters(f"{id}.query", spec.query, "a query", report),
        body=_parameters(
            f"{id}.body", spec.body, "a JSON body", report, frozenset({"within", "item"})
        ),
        form=_parameters(f"{id}.form", spec.form, "a form", report),
        raw=_parameters(f"{id}.raw", spec.raw, "a raw body", report),
        returns=None
        if returns is None
        else ir.Returns(returns.type.span, returns.key, _type(returns.type, returns.type.span)),
        fill=tuple(
            ir.Fill(key, "", ref.place, Text(ref.name, ref.span)) for key, ref in spec.fill.items()
        ),
        twin=None
        if spec.twin is None
        else ir.Twin(spec.twin.method, spec.twin.path, spec.twin.span),
        pages=None if spec.pages is None else _pages(spec.pages, report),
        token=spec.token,
        idempotent=spec.request.method == "GET" if spec.idempotent is None else spec.idempotent,
        deprecated=spec.deprecated,
        errors=tuple(spec.errors),
        why=spec.why,
        notes=spec.notes,
    )


def _pages(spec: schema.Pages, report: Report) -> ir.Pages | None:
    if len(spec.next) != 1:
        message = f"expected one parameter that says where a page begins, got {len(spec.next)}"
        report.error(spec.name.span, "bad-page", message, "for example: next: {offset: next}")
        return None
    ((cursor, found),) = spec.next.items()
    split = spec.split
    if spec.size is None and (spec.most is not None or spec.count is not None):
        message = "most and count have no meaning without size"
        report.error(spec.name.span, "contradiction", message, "say which parameter it is: size:")
    return ir.Pages(
        span=spec.name.span,
        name=spec.name,
        doc=spec.doc,
        items=spec.items,
        cursor=cursor,
        found=found,
        size=spec.size or EMPTY,
        most=None if spec.most is None else spec.most.value,
        count=spec.count or EMPTY,
        split=None
        if split is None
        else ir.Split(split.since, split.until, split.seconds.value, split.time),
    )


def _documents(
    kind: type[D],
    owner: str,
    specs: Mapping[Text, schema.Event | schema.Message | schema.Reply],
    report: Report,
) -> tuple[D, ...]:
    made: list[D] = []
    for name, spec in specs.items():
        own, counts = _fields(f"{owner}.{name}", spec.fields, report)
        stem = name if spec.name is None else spec.name
        document = kind(
            id=f"{owner}.{name}",
            span=stem.span,
            wire=name,
            stem=stem,
            name=document_class_name(stem, kind.called),
            constant=constant_name(stem),
            kind=(spec.kind or "") if isinstance(spec, schema.Event) else "",
            doc=spec.doc,
            source=spec.source,
            own=own,
            counts=counts,
            why=spec.why,
            notes=spec.notes,
        )
        made.append(document)
    return tuple(made)


def _groups(files: Iterable[SpecFile]) -> Iterator[ir.ErrorGroup]:
    for file in files:
        if isinstance(file.content, schema.ErrorsFile):
            for name, spec in file.content.groups.items():
                yield ir.ErrorGroup(f"errors.{name}", name.span, name, spec.doc, spec.remedy)


def _errors(files: Iterable[SpecFile], report: Report) -> Iterator[ir.ErrorCode]:
    seen: dict[int, Span] = {}
    for file in files:
        if not isinstance(file.content, schema.ErrorsFile):
            continue
        for code, spec in file.content.errors.items():
            if code in seen:
                message = f"the code {code} is described a second time"
                report.error(code.span, "duplicate-code", message, f"the first is at {seen[code]}")
                continue
            seen[code] = code.span
            yield ir.ErrorCode(
                id=f"errors.{code}",
                span=spec.name.span,
                code=code,
                name=spec.name,
                doc=spec.doc,
                remedy=spec.remedy,
                group=spec.group or EMPTY,
                retryable=spec.retryable,
                retry_after=None if spec.retry_after is None else spec.retry_after.value,
                source=spec.source,
                why=spec.why,
            )
