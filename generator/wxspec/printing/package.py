"""The files that a package has once: errors, clients, `__init__`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wxspec import ir
from wxspec.code import Bracket, Code, after, assignment, layout, literal, prose
from wxspec.imports import import_from
from wxspec.printing.documentation import deviation, print_docstring
from wxspec.printing.models import Printer, sequence

__all__ = ["BASE_ERRORS", "PackagePrinter"]

BASE_ERRORS = (
    "ApiError",
    "DecodeError",
    "EncodeError",
    "HttpError",
    "SignatureError",
    "StoreError",
    "TransportError",
    "WeChatError",
)
"""The errors of the runtime that every package offers as its own."""

ALWAYS = ("aio", "callback", "catalog", "client", "errors", "events", "replies", "strategies")
"""The modules that every package has beside those of the specification."""


class PackagePrinter(Printer):
    """Prints the errors, the clients and the `__init__` of packages."""

    def error_doc(self, error: ir.ErrorCode) -> Code:
        """Print the docstring of an error's class."""
        return print_docstring(error.doc, deviation(error), source=error.source)

    @staticmethod
    def error_base(error: ir.ErrorCode) -> Code:
        """Print the base class of an error's class: its group, or that of all codes."""
        return Code(error.group or "ApiError")

    @staticmethod
    def remedy(node: ir.ErrorCode | ir.ErrorGroup) -> Code:
        """Print the remedy of an error."""
        return assignment("remedy", literal(node.remedy), 4)

    def exported_errors(
        self, groups: tuple[ir.ErrorGroup, ...], errors: tuple[ir.ErrorCode, ...]
    ) -> Code:
        """Print `__all__` of the errors, the runtime's among them."""
        for name in BASE_ERRORS:
            self.use("wxruntime.errors", name)
        names = (*(group.name for group in groups), *(error.name for error in errors))
        return self.exported(("BY_CODE", *BASE_ERRORS, *names))

    def by_code(self, errors: tuple[ir.ErrorCode, ...]) -> Code:
        """Print the table of classes."""
        self.use("collections.abc", "Mapping")
        entries = tuple(f"{error.code}: {error.name}" for error in errors)
        return layout(Bracket("BY_CODE: Mapping[int, type[ApiError]] = {", entries, "}"), 0)

    @staticmethod
    def prose(text: str) -> Code:
        """Print text inside a docstring."""
        return Code(prose(text))

    @staticmethod
    def hosts(service: ir.Service) -> Code:
        """Print the base URLs."""
        urls = sequence(literal(host.url) for host in service.hosts)
        return layout(after("hosts=", urls), 4, 1)

    @staticmethod
    def codes(name: str, values: Iterable[int]) -> Code:
        """Print a set of error codes."""
        codes = tuple(map(str, values))
        inner = Bracket("{", codes, "}") if codes else "()"
        return layout(Bracket(f"{name}=frozenset(", (inner,), ")"), 4, 1)

    @staticmethod
    def also_code(service: ir.Service) -> Code:
        """Print the other fields that have held the error code."""
        return layout(after("also_code=", sequence(map(literal, service.envelope.also))), 4, 1)

    def grant(self, service: ir.Service, call: str) -> Code:
        """Print a call that fetches an access token."""
        module, _, name = call.partition(".")
        return Code(f"{self.use(service.name, module)}.{name}")

    def facade_signature(self, service: ir.Service, module: ir.Module, facade: str) -> Code:
        """Print the head of the property that has a module's calls."""
        self.imports.use_for_types(f"{service.name}.{module.name}", facade)
        return layout(Bracket(f"def {module.name}(", ("self",), f") -> {facade}:"), 4)

    @staticmethod
    def facade_import(service: ir.Service, module: ir.Module, facade: str) -> Code:
        """Print the import of a module's calls on first use."""
        return import_from(f"{service.name}.{module.name}", (facade,), 8)

    def lazy_package(self, package: str, modules: Iterable[str], names: Mapping[str, str]) -> Code:
        """Print an `__init__` whose modules load on first use, and its mirror for type checkers.

        Args:
            package: Its dotted name.
            modules: Its modules.
            names: Names it offers beside them, and the module where each lives.
        """
        self.use("typing", "TYPE_CHECKING")
        self.use("wxruntime.lazy", "lazy")
        ordered = sorted(modules)
        lines = [import_from(package, (f"{name} as {name}",), 4) for name in ordered]
        for name, module in sorted(names.items(), key=lambda item: item[1]):
            lines.append(import_from(f"{package}.{module}", (f"{name} as {name}",), 4))
        typed = "\n".join(("if TYPE_CHECKING:", *(f"    {line}" for line in lines)))
        listed = Bracket("(", tuple(map(literal, ordered)), ")", single=",")
        lent = Bracket("{", tuple(f"{literal(n)}: {literal(m)}" for n, m in names.items()), "}")
        loads = layout(Bracket("__getattr__, __dir__ = lazy(", ("__name__", listed, lent), ")"), 0)
        return Code("\n\n".join((typed, self.exported((*ordered, *names)), loads)))

    def package(self, service: ir.Service, modules: tuple[ir.Module, ...]) -> Code:
        """Print the `__init__` of the package."""
        names = (*ALWAYS, *(module.name for module in modules if module.has_file))
        offered = {
            "AsyncClient": "aio",
            "Callback": "callback",
            "Client": "client",
            "converter": "_converter",
        }
        return self.lazy_package(service.name, names, offered)

    def strategies(self, service: ir.Service, modules: tuple[ir.Module, ...]) -> Code:
        """Print the `__init__` of the strategies."""
        own = (module.name for module in modules if module.has_file)
        names = ("events", "replies", *own)
        return self.lazy_package(f"{service.name}.strategies", names, {})
