"""The representation → the files of the package, in memory: path → bytes."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from wxspec import ir
from wxspec.imports import Imports
from wxspec.names import async_facade_name, facade_name, snake_case
from wxspec.printing.calls import CallPrinter
from wxspec.printing.catalog import CatalogPrinter
from wxspec.printing.models import Printer
from wxspec.printing.package import PackagePrinter
from wxspec.printing.pushes import PushPrinter
from wxspec.printing.strategies import Made, StrategyPrinter
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
    for module in whole.modules:
        made[f"{module.name}.py"] = _module(whole, module)
        made[f"strategies/{module.name}.py"] = _module_strategies(service, module)
    return made


def _title(node: ir.Service | ir.Module) -> list[str]:
    """Return the paragraphs that say what a module or a service is."""
    title = f"{node.title} ({node.title_zh})." if node.title_zh else f"{node.title}."
    return [title, *([f"Source: {node.source}"] if node.source else [])]


def _origin(service: ir.Service) -> str:
    """Name the folder of the specification, for a file made of more than one file of it."""
    return f"{service.file.split('/')[0]}/"


def _names(*groups: Iterable[ir.Named]) -> list[str]:
    return [node.name for group in groups for node in group]


def _module(whole: ir.Ir, module: ir.Module) -> bytes:
    models = [model for model in module.models if model.id not in module.pushed]
    enums = [enum for enum in module.enums if enum.id not in module.pushed]
    facades = [facade_name(module.name), async_facade_name(module.name)]
    return render(
        "module.py.jinja",
        CallPrinter(Imports(), module, whole.errors),
        title=_title(module),
        origin=module.file,
        nodes=(_title(module), models, enums, module.endpoints),
        module=module,
        models=models,
        enums=enums,
        exported=[
            *_names(models, enums, module.endpoints),
            *(facades if module.endpoints else ()),
        ],
    )


def _module_strategies(service: ir.Service, module: ir.Module) -> bytes:
    models = [model for model in module.models if model.id not in module.pushed]
    made = [Made(snake_case(model.name), model.name, model.fields) for model in models]
    printer = StrategyPrinter(Imports())
    if made:
        printer.use("wxruntime", "strategies as st")
    return render(
        "strategies.py.jinja",
        printer,
        title=[f"Strategies for the models of `{service.name}.{module.name}`."],
        origin=module.file,
        nodes=made,
        source=f"{service.name}.{module.name}",
        made=made,
        unknown="unknown_fields",
        union=(),
        exported=[node.function for node in made],
    )


@frozen
class _Pushes:
    """Everything that is pushed, whichever module describes it."""

    service: ir.Service
    events: tuple[ir.Event, ...]
    models: tuple[ir.Model, ...]
    enums: tuple[ir.Enumeration, ...]

    @property
    def nodes(self) -> tuple[object, ...]:
        """What the files about pushes are made from."""
        service = self.service
        tags = (service.push_kind, service.push_event_kind, service.push_event, service.header)
        return (tags, self.events, self.models, self.enums)


def _pushes(whole: ir.Ir, service: ir.Service) -> dict[str, bytes]:
    pushes = _Pushes(
        service,
        tuple(event for module in whole.modules for event in module.events),
        tuple(m for module in whole.modules for m in module.models if m.id in module.pushed),
        tuple(e for module in whole.modules for e in module.enums if e.id in module.pushed),
    )
    return {
        "events.py": _events(pushes),
        "_patterns.py": _patterns(pushes),
        "strategies/events.py": _event_strategies(pushes),
    }


def _events(pushes: _Pushes) -> bytes:
    fields = [field for event in pushes.events for field in event.fields]
    fields += (field for model in pushes.models for field in model.fields)
    printer = PushPrinter(Imports(), (field.name for field in fields))
    printer.use("wxruntime", "wire")
    always = ("Event", "EventType", "UnknownEvent", "decode", "encode")
    return render(
        "events.py.jinja",
        printer,
        title=["What the platform pushes: events, and how they are read and written."],
        origin=_origin(pushes.service),
        nodes=pushes.nodes,
        service=pushes.service,
        events=pushes.events,
        models=pushes.models,
        enums=pushes.enums,
        exported=[*always, *_names(pushes.models, pushes.enums, pushes.events)],
    )


def _patterns(pushes: _Pushes) -> bytes:
    return render(
        "patterns.py.jinja",
        PushPrinter(Imports()),
        title=["The pushes as the platform writes them, one pattern an event."],
        origin=_origin(pushes.service),
        nodes=pushes.nodes,
        service=pushes.service,
        events=pushes.events,
    )


def _event_strategies(pushes: _Pushes) -> bytes:
    models = [Made(snake_case(node.name), node.name, node.fields) for node in pushes.models]
    events = [Made(snake_case(node.name), node.name, node.fields) for node in pushes.events]
    union = [*(node.function for node in events), "unknown_event"]
    printer = StrategyPrinter(Imports())
    printer.use("wxruntime", "strategies as st")
    return render(
        "strategies.py.jinja",
        printer,
        title=[f"Strategies for what `{pushes.service.name}.events` reads."],
        origin=_origin(pushes.service),
        nodes=pushes.nodes,
        source=f"{pushes.service.name}.events",
        made=[*models, *events],
        unknown="unknown_elements",
        union=union,
        exported=[*(node.function for node in models), *union, "event"],
    )


def _package(whole: ir.Ir, service: ir.Service) -> dict[str, bytes]:
    """Render what a package has once."""
    names = [module.name for module in whole.modules]
    called = [(module.name, module.title) for module in whole.modules if module.endpoints]

    def made(template: str, printer: Printer, origin: str, nodes: object, *title: str) -> bytes:
        return render(
            template,
            printer,
            title=title,
            origin=origin,
            nodes=nodes,
            service=service,
            modules=whole.modules,
            groups=whole.groups,
            errors=whole.errors,
        )

    def once(template: str, nodes: object, *title: str) -> bytes:
        printer = PackagePrinter(Imports())
        return made(template, printer, service.file, (service.name, nodes), *title)

    shared = (
        *(service.hosts, service.token_parameter, service.dead_token),
        *(service.token_call, service.plain_call, service.forces_a_day, service.force_apart),
        *(service.code, service.message),
    )
    pushed = (service.push_kind, service.push_event_kind, service.push_event, len(service.header))
    endpoints = [module.endpoints for module in whole.modules if module.endpoints]
    events = [module.events for module in whole.modules if module.events]
    return {
        "__init__.py": once("init.py.jinja", (_title(service), names), *_title(service)),
        "__main__.py": once("main.py.jinja", (), "The command line of this package."),
        "_converter.py": once("converter.py.jinja", (), "The converter."),
        "strategies/__init__.py": once(
            "strategies_init.py.jinja",
            names,
            "Hypothesis strategies for every model and every push.",
        ),
        "_service.py": once("service.py.jinja", shared, "What all calls share."),
        "client.py": once("client.py.jinja", (service.title, called), "The client."),
        "aio.py": once("aio.py.jinja", (service.title, called), "The client for asyncio."),
        "errors.py": made(
            "errors.py.jinja",
            PackagePrinter(Imports()),
            ", ".join(whole.errors_files) or service.file,
            (whole.groups, whole.errors),
            "One class per error code; `BY_CODE` finds them.",
        ),
        "catalog.py": made(
            "catalog.py.jinja",
            CatalogPrinter(Imports()),
            _origin(service),
            (service.name, pushed, endpoints, events, whole.errors),
            "Every call, event and error code of the specification, as data.",
        ),
    }
