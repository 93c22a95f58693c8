"""The compiler: a specification in YAML → a typed client in Python."""

from importlib import import_module
from typing import TYPE_CHECKING

from wxspec.version import __version__

if TYPE_CHECKING:
    from wxspec.compiler import Package, compile_spec, read_spec
    from wxspec.diagnostics import Diagnostic, Report, Span, SpecError

__all__ = [
    "Diagnostic",
    "Package",
    "Report",
    "Span",
    "SpecError",
    "__version__",
    "compile_spec",
    "read_spec",
]

_HOMES = {
    **dict.fromkeys(("Package", "compile_spec", "read_spec"), "wxspec.compiler"),
    **dict.fromkeys(("Diagnostic", "Report", "Span", "SpecError"), "wxspec.diagnostics"),
}


def __getattr__(name: str) -> object:
    # The command has to start where its extra is missing, to say which that is.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    return value
