"""The compiler: a specification in YAML → a typed client in Python."""

from wxspec.compiler import Package, compile_spec, read_spec
from wxspec.diagnostics import Diagnostic, Report, Span, SpecError
from wxspec.version import __version__

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
