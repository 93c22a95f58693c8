"""What a command has found out, as JSON for programs or as a table for people."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Literal, Protocol, TypeAlias

from wxruntime.commands.table import Rows, table
from wxruntime.commands.terminal import harmless
from wxruntime.wire import JsonValue

__all__ = [
    "Form",
    "Options",
    "Output",
    "add_output_option",
    "escape_what_cannot_be_written",
    "open_what_is_closed",
]

Form: TypeAlias = Literal["json", "table"]


class Options(Protocol):
    """Where options are added: a parser, or a group of its options."""

    def add_argument(self, *flags: Any, **settings: Any) -> Any:
        """Add one."""


def add_output_option(options: Options, *more: str) -> None:
    """Add the option that chooses the form.

    Args:
        options: Where.
        more: Other forms of this command.
    """
    options.add_argument(
        "--output", choices=("json", "table", *more),
        help="how to print it (default: a table on a terminal, JSON elsewhere)",
    )  # fmt: skip


def open_what_is_closed() -> None:
    """Give a process that was started without a standard stream one with nothing in it."""
    # In the order of their numbers, which the system gives out from the lowest that is free.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Open as long as the process, as the stream would be.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def escape_what_cannot_be_written() -> None:
    """Let standard output and standard error escape what their encoding does not have."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a terminal may have no Chinese


class Output:
    """Prints in one form."""

    def __init__(self, form: str | None) -> None:
        """Print nothing yet.

        Args:
            form: `table`, or JSON by any other name; None is a table on a terminal alone.
        """
        self._out = sys.stdout
        chosen = form or ("table" if self._out.isatty() else "json")
        self.form: Form = "table" if chosen == "table" else "json"
        self._rows = Rows()

    def show(self, value: JsonValue) -> None:
        """Print one value."""
        if self.form == "table":
            self.say(*table(value))
        else:
            self.say(self._json(value, indent=2))

    def item(self, value: JsonValue) -> None:
        """Print the next of many values, at once: a line of JSON, or a row."""
        if self.form == "table":
            self.say(*self._rows.next(value))
        else:
            self.say(self._json(value, indent=None))

    def line(self, text: str) -> None:
        """Print a text of others on one line."""
        self.say(harmless(text))

    def say(self, *lines: str) -> None:
        """Print lines that are harmless."""
        for line in lines:
            print(line, file=self._out, flush=True)

    def _json(self, value: JsonValue, indent: int | None) -> str:
        separators = None if indent else (",", ":")
        text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
        try:
            text.encode(self._out.encoding or "utf-8")
        except UnicodeEncodeError:
            return json.dumps(value, indent=indent, separators=separators)
        # JSON lets some characters stand that a terminal obeys.
        return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
