"""What a command has found out, as JSON for programs or as a table for people."""

from __future__ import annotations

import json
import sys
from typing import Literal, TypeAlias

from wxruntime.commands.parser import Options
from wxruntime.commands.streams import writing
from wxruntime.commands.table import Rows, table
from wxruntime.commands.terminal import harmless
from wxruntime.wire import JsonValue

__all__ = ["Form", "Output", "add_output_option"]

Form: TypeAlias = Literal["json", "table"]


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
        with writing():
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
