"""The classes of the language → the intermediate representation, one to one.

Nothing is looked up or checked here: types, names and references stay as the specification
writes them until the passes have looked at them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from wxspec import ir, schema
from wxspec.diagnostics import Span
from wxspec.names import constant_name, document_class_name
from wxspec.reader import Reading, SpecFile
from wxspec.values import EMPTY, Int, Text

__all__ = ["lower"]

D = TypeVar("D", bound=ir.Document)


def lower(reading: Reading) -> ir.Ir:
    """Return the representation of all files of a specification."""
    services = (_service(_printed(file), spec) for file, spec in reading.of(schema.ServiceFile))
    errors_files = [*reading.of(schema.ErrorsFile)]
    return ir.Ir(
        service=next(services, None),
        modules=tuple(
            _module(_printed(file), spec) for file, spec in reading.of(schema.ModuleFile)
        ),
        groups=tuple(_groups(spec for _, spec in errors_files)),
        errors=tuple(_errors(spec for _, spec in errors_files)),
        errors_files=tuple(_printed(file) for file, _ in errors_files),
        lost=reading.lost,
        incomplete=reading.whole_files_lost,
    )


def _printed(file: SpecFile) -> str:
    """Return the path of a file for headers, which does not depend on the folder's name."""
    return f"spec/{file.name.split('/', 1)[1]}"


def _service(file: str, spec: schema.ServiceFile) -> ir.Service:
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
        push=_push(spec.push),
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


def _push(spec: schema.Push) -> ir.Push:
    roles = {"receiver": spec.receiver, "sender": spec.sender, "time": spec.time}
    return ir.Push(
        kind=spec.kind,
        event_kind=spec.event_kind,
        event=spec.event,
        header=_parameters("push.header", spec.header),
        roles=tuple(ir.Role(role, name) for role, name in roles.items() if name is not None),
        message_id=spec.message_id or EMPTY,
    )


def _module(file: str, spec: schema.ModuleFile) -> ir.Module:
    module = str(spec.module)
    return ir.Module(
        id=module,
        span=spec.module.span,
        file=file,
        name=module,
        title=spec.title.en,
        title_zh=spec.title.zh,
        source=spec.source,
        models=tuple(_model(module, name, model) for name, model in spec.models.items()),
        enums=tuple(_enumeration(module, name, enum) for name, enum in spec.enums.items()),
        unions=tuple(_union(module, name, union) for name, union in spec.unions.items()),
        endpoints=tuple(_endpoint(spec, name, item) for name, item in spec.endpoints.items()),
        events=_documents(ir.Event, spec, module, spec.events),
        messages=_documents(ir.Message, spec, f"{module}.messages", spec.messages),
        replies=_documents(ir.Reply, spec, f"{module}.replies", spec.replies),
    )


def _model(module: str, name: Text, spec: schema.Model) -> ir.Model:
    id = f"{module}.{name}"
    fields, counts = _fields(id, spec.fields)
    return ir.Model(id, name.span, name, spec.doc, fields, counts, spec.why, spec.notes)


def _fields(
    owner: str, specs: Mapping[Text, schema.Field]
) -> tuple[tuple[ir.Field, ...], tuple[ir.Count, ...]]:
    """Return the fields, and apart from them the counts."""
    fields: list[ir.Field] = []
    counts: list[ir.Count] = []
    for name, spec in specs.items():
        id = f"{owner}.{name}"
        if spec.count is None:
            fields.append(_field(id, name, spec))
        else:
            counts.append(_count(id, name, spec.count, spec, len(fields)))
    return tuple(fields), tuple(counts)


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


def _parameters(owner: str, specs: Mapping[Text, schema.Field]) -> tuple[ir.Field, ...]:
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
        default=spec.default,
        const=spec.const,
        secret=spec.secret,
        why=spec.why,
        notes=spec.notes,
    )


def _type(spec: schema.TypeExpr | None, span: Span) -> ir.Type:
    if spec is None:
        return ir.UnresolvedType(Text("", span))
    item = ir.UnresolvedType(spec.name)
    return ir.ListType(item) if spec.is_list else item


def _enumeration(module: str, name: Text, spec: schema.Enumeration) -> ir.Enumeration:
    members = (
        ir.Member(key.span, key, member.value, member.doc) for key, member in spec.values.items()
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


def _endpoint(module: schema.ModuleFile, name: Text, spec: schema.Endpoint) -> ir.Endpoint:
    id = f"{module.module}.{name}"
    returns = spec.returns
    return ir.Endpoint(
        id=id,
        span=name.span,
        name=name,
        doc=spec.doc,
        method=spec.request.method,
        path=spec.request.path,
        request_span=spec.request.span,
        source=_source(spec, module),
        query=_parameters(f"{id}.query", spec.query),
        body=_parameters(f"{id}.body", spec.body),
        form=_parameters(f"{id}.form", spec.form),
        raw=_parameters(f"{id}.raw", spec.raw),
        returns=None
        if returns is None
        else ir.Returns(returns.type.span, returns.key, _type(returns.type, returns.type.span)),
        fill=tuple(
            ir.Fill(key, "", ref.place, Text(ref.name, ref.span)) for key, ref in spec.fill.items()
        ),
        twin=None
        if spec.twin is None
        else ir.Twin(spec.twin.method, spec.twin.path, spec.twin.span),
        pages=None if spec.pages is None else _pages(spec.pages),
        token=spec.token,
        idempotent=spec.request.method == "GET" if spec.idempotent is None else spec.idempotent,
        deprecated=spec.deprecated,
        errors=tuple(spec.errors),
        why=spec.why,
        notes=spec.notes,
    )


def _pages(spec: schema.Pages) -> ir.Pages:
    return ir.Pages(
        span=spec.name.span,
        name=spec.name,
        doc=spec.doc,
        items=spec.items,
        cursor=spec.next.cursor,
        found=spec.next.found,
        size=spec.size or EMPTY,
        most=None if spec.most is None else spec.most.value,
        count=spec.count or EMPTY,
        split=None if spec.split is None else _split(spec.split),
    )


def _split(spec: schema.Split) -> ir.Split:
    return ir.Split(spec.since, spec.until, spec.seconds.value, spec.time)


def _source(spec: schema.Endpoint | schema.Document, module: schema.ModuleFile) -> str:
    """Return the page that describes a part of a module: its own, or that of the module."""
    return EMPTY if spec.undocumented else spec.source or module.source


def _documents(
    kind: type[D],
    module: schema.ModuleFile,
    owner: str,
    specs: Mapping[Text, schema.Document],
) -> tuple[D, ...]:
    made: list[D] = []
    for name, spec in specs.items():
        own, counts = _fields(f"{owner}.{name}", spec.fields)
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
            source=_source(spec, module),
            own=own,
            counts=counts,
            why=spec.why,
            notes=spec.notes,
        )
        made.append(document)
    return tuple(made)


def _groups(files: Iterable[schema.ErrorsFile]) -> Iterator[ir.ErrorGroup]:
    for file in files:
        for name, spec in file.groups.items():
            yield ir.ErrorGroup(f"errors.{name}", name.span, name, spec.doc, spec.remedy)


def _errors(files: Iterable[schema.ErrorsFile]) -> Iterable[ir.ErrorCode]:
    """Return every code once, by its first description."""
    described: dict[int, ir.ErrorCode] = {}
    for file in files:
        for code, spec in file.errors.items():
            described.setdefault(code, _error(code, spec))
    return described.values()


def _error(code: Int, spec: schema.ErrorCode) -> ir.ErrorCode:
    return ir.ErrorCode(
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
