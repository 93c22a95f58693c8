"""The representation → the files of the package, in memory: path → bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from wxspec import ir
from wxspec.imports import Imports
from wxspec.names import async_facade_name, facade_name, snake_case
from wxspec.printing.catalog import CatalogPrinter
from wxspec.printing.documents import DocumentPrinter
from wxspec.printing.models import Printer
from wxspec.printing.package import PackagePrinter
from wxspec.printing.paging import PagePrinter
from wxspec.printing.pushes import PushPrinter
from wxspec.printing.strategies import ModelStrategy, StrategyPrinter
from wxspec.render import render

__all__ = ["files"]


def files(whole: ir.Ir) -> dict[str, bytes]:
    """Render every file of the package.

    Args:
        whole: The representation, after all passes and without an error.

    Returns:
        Path below the package's folder → content.
    """
    service = whole.service
    assert service is not None  # its absence is an error
    made: dict[str, bytes] = {"py.typed": b""}
    made.update(_package(whole, service))
    made.update(_pushes(whole, service))
    made.update(_replies(whole, service))
    for module in whole.modules:
        if not module.has_file:
            continue
        made[f"{module.name}.py"] = _module(whole, module)
        made[f"strategies/{module.name}.py"] = _module_strategies(service, module)
    return made


def _title(node: ir.Service | ir.Module) -> list[str]:
    """Return the paragraphs that describe a module or a service."""
    title = f"{node.title} ({node.title_zh})." if node.title_zh else f"{node.title}."
    return [title, *([f"Source: {node.source}"] if node.source else [])]


def _origin(service: ir.Service) -> str:
    """Return the folder of the specification, as the origin of a file that several others make."""
    return f"{service.file.split('/')[0]}/"


def _names(*groups: Iterable[ir.Named]) -> list[str]:
    return [node.name for group in groups for node in group]


def _module(whole: ir.Ir, module: ir.Module) -> bytes:
    models, enums, unions = module.models_here, module.enums_here, module.unions_here
    facades = [facade_name(module.name), async_facade_name(module.name)]
    return render(
        "module.py.jinja",
        PagePrinter(Imports(), module, whole.errors),
        title=_title(module),
        origin=module.file,
        nodes=(_title(module), models, enums, unions, module.endpoints),
        module=module,
        models=models,
        enums=enums,
        unions=unions,
        exported=[
            *_names(models, enums, unions, module.endpoints),
            *(union.unknown for union in unions),
            *(item.pages.name for item in module.endpoints if item.pages is not None),
            *(facades if module.endpoints else ()),
        ],
    )


def _module_strategies(service: ir.Service, module: ir.Module) -> bytes:
    made, unions = _made(module.models_here), module.unions_here
    printer = StrategyPrinter(Imports())
    if made or unions:
        printer.use("wxruntime", "strategies as st")
    return render(
        "strategies.py.jinja",
        printer,
        title=[f"Strategies for the models of `{service.name}.{module.name}`."],
        origin=module.file,
        nodes=(made, unions),
        source=f"{service.name}.{module.name}",
        made=made,
        unions=unions,
        unknown="unknown_fields",
        exported=[*(node.function for node in made), *_union_strategies(unions)],
    )


def _union_strategies(unions: Iterable[ir.Union]) -> list[str]:
    return [snake_case(name) for union in unions for name in (union.name, union.unknown)]


def _made(nodes: Iterable[ir.Model | ir.Document]) -> list[ModelStrategy]:
    return [ModelStrategy(snake_case(node.name), node.name, node.fields) for node in nodes]


@frozen
class _Documents:
    """All pushes, or all replies, of every module."""

    service: ir.Service
    documents: tuple[ir.Document, ...]
    models: tuple[ir.Model, ...]
    enums: tuple[ir.Enumeration, ...]
    unions: tuple[ir.Union, ...]

    @classmethod
    def of(
        cls,
        service: ir.Service,
        documents: Iterable[ir.Document],
        modules: Iterable[tuple[ir.Module, frozenset[str]]],
    ) -> _Documents:
        """Collect documents, and the models and enumerations that belong to them."""
        homes = [*modules]
        return cls(
            service,
            tuple(documents),
            tuple(m for module, ids in homes for m in module.models if m.id in ids),
            tuple(e for module, ids in homes for e in module.enums if e.id in ids),
            tuple(u for module, ids in homes for u in module.unions if u.id in ids),
        )

    @property
    def nodes(self) -> tuple[object, ...]:
        """The nodes that the files about them are made from."""
        return (self.service.push, self.documents, self.models, self.enums, self.unions)

    @property
    def types(self) -> list[str]:
        """The names of the models, enumerations and unions inside of the documents."""
        unknown = (union.unknown for union in self.unions)
        return [*_names(self.models, self.enums, self.unions), *unknown]

    @property
    def printed_names(self) -> Iterator[str]:
        """The names of all fields, which may hide the names of types."""
        for document in self.documents:
            yield from (field.name for field in document.fields)
        for model in self.models:
            yield from (field.name for field in model.fields)

    def strategies(self, template: str, module: str, what: str, *others: str) -> bytes:
        """Render the strategies of one module's documents.

        Args:
            template: The skeleton.
            module: The module of the package that has the classes.
            what: What the module does.
            others: Strategies that the skeleton adds; the first makes any document.
        """
        source = f"{self.service.name}.{module}"
        models, documents = _made(self.models), _made(self.documents)
        printer = StrategyPrinter(Imports())
        if documents or others:
            printer.use("wxruntime", "strategies as st")
        return render(
            template,
            printer,
            title=[f"Strategies for what `{source}` {what}."],
            origin=_origin(self.service),
            nodes=self.nodes,
            source=source,
            made=[*models, *documents],
            unions=self.unions,
            unknown="unknown_elements",
            union=[*(node.function for node in documents), *others[1:]],
            exported=[
                *(node.function for node in (*models, *documents)),
                *_union_strategies(self.unions),
                *others,
            ],
        )


def _pushes(whole: ir.Ir, service: ir.Service) -> dict[str, bytes]:
    events = [event for module in whole.modules for event in module.events]
    messages = [message for module in whole.modules for message in module.messages]
    homes = ((module, module.pushed) for module in whole.modules)
    pushes = _Documents.of(service, (*events, *messages), homes)
    return {
        "events.py": _events(pushes, events, messages),
        "_patterns.py": _patterns(pushes),
        "strategies/events.py": pushes.strategies(
            "event_strategies.py.jinja", "events", "reads", "event", "unknown_event"
        ),
    }


def _events(
    pushes: _Documents, events: Sequence[ir.Event], messages: Sequence[ir.Message]
) -> bytes:
    printer = PushPrinter(Imports(), pushes.printed_names)
    printer.use("wxruntime", "wire")
    always = ("Event", "EventType", "MessageType", "UnknownEvent", "decode", "encode")
    return render(
        "events.py.jinja",
        printer,
        title=["What the platform pushes: events and messages, and how they are read and written."],
        origin=_origin(pushes.service),
        nodes=pushes.nodes,
        service=pushes.service,
        events=events,
        messages=messages,
        documents=pushes.documents,
        models=pushes.models,
        enums=pushes.enums,
        choices=[*_names(pushes.documents), "UnknownEvent"],
        unions=pushes.unions,
        exported=[*always, *pushes.types, *_names(pushes.documents)],
    )


def _patterns(pushes: _Documents) -> bytes:
    return render(
        "patterns.py.jinja",
        PushPrinter(Imports()),
        title=["The pushes as the platform writes them, one pattern a class."],
        origin=_origin(pushes.service),
        nodes=pushes.nodes,
        service=pushes.service,
        pushes=pushes.documents,
    )


def _replies(whole: ir.Ir, service: ir.Service) -> dict[str, bytes]:
    described = [reply for module in whole.modules for reply in module.replies]
    homes = ((module, module.replied) for module in whole.modules)
    replies = _Documents.of(service, described, homes)
    return {
        "replies.py": _reply_module(replies),
        "strategies/replies.py": replies.strategies(
            "reply_strategies.py.jinja", "replies", "writes", *(["reply"] if described else [])
        ),
    }


def _reply_module(replies: _Documents) -> bytes:
    always = ("Reply", "ReplyType", *(("decode", "encode") if replies.documents else ()))
    return render(
        "replies.py.jinja",
        DocumentPrinter(Imports(), replies.printed_names),
        title=["What may be replied to a push, and how it is written and read."],
        origin=_origin(replies.service),
        nodes=replies.nodes,
        service=replies.service,
        documents=replies.documents,
        models=replies.models,
        enums=replies.enums,
        choices=_names(replies.documents),
        unions=replies.unions,
        exported=[*always, *replies.types, *_names(replies.documents)],
    )


@frozen
class _Single:
    """A file that a package has once."""

    path: str
    template: str
    title: list[str]
    nodes: object
    """The nodes that it is made from, beside the package's name."""
    printer: type[Printer] = PackagePrinter
    origin: str = ""
    """The files of the specification behind it; empty when that is the service's alone."""


def _singles(whole: ir.Ir, service: ir.Service) -> Iterator[_Single]:
    """List the files that a package has once."""
    names = [module.name for module in whole.modules if module.has_file]
    facades = [(module.name, module.title) for module in whole.modules if module.endpoints]
    shared = (service.hosts, service.token, service.envelope, service.query)
    title = _title(service)
    yield _Single("__init__.py", "init.py.jinja", title, (title, names))
    yield _Single("__main__.py", "main.py.jinja", ["The command line of this package."], ())
    yield _Single("_converter.py", "converter.py.jinja", ["The converter."], ())
    yield _Single(
        "strategies/__init__.py",
        "strategies_init.py.jinja",
        ["Hypothesis strategies for every model, every push and every reply."],
        names,
    )
    yield _Single("_service.py", "service.py.jinja", ["What all calls share."], shared)
    yield _Single("client.py", "client.py.jinja", ["The client."], (service.title, facades))
    yield _Single("aio.py", "aio.py.jinja", ["The client for asyncio."], (service.title, facades))
    yield _Single("callback.py", "callback.py.jinja", ["The receiver of pushes."], service.title)
    yield _Single(
        "errors.py",
        "errors.py.jinja",
        ["One class per error code; `BY_CODE` finds them."],
        (whole.groups, whole.errors),
        origin=", ".join(whole.errors_files),
    )
    yield _Single(
        "catalog.py",
        "catalog.py.jinja",
        ["Every call, event, message, reply and error code of the specification, as data."],
        (
            service.push,
            [endpoint for module in whole.modules for endpoint in module.endpoints],
            [document for module in whole.modules for document in module.documents],
            *(whole.errors, whole.models, whole.enums, whole.unions),
        ),
        printer=CatalogPrinter,
        origin=_origin(service),
    )


def _package(whole: ir.Ir, service: ir.Service) -> dict[str, bytes]:
    """Render the files that a package has once."""
    return {
        single.path: render(
            single.template,
            single.printer(Imports()),
            title=single.title,
            origin=single.origin or service.file,
            nodes=(service.name, single.nodes),
            service=service,
            modules=whole.modules,
            groups=whole.groups,
            errors=whole.errors,
            whole=whole,
        )
        for single in _singles(whole, service)
    }
