"""The options of an endpoint, made of what the catalog says of its parameters."""

from __future__ import annotations

import argparse
from argparse import ArgumentTypeError, BooleanOptionalAction
from collections.abc import Callable, Sequence

from wxruntime.catalog import Catalog, Field, Type
from wxruntime.commands.account import add_account_options
from wxruntime.commands.environment import variable_of
from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.examples import example
from wxruntime.commands.help import about
from wxruntime.commands.operations import Operation, is_needed
from wxruntime.commands.output import add_output_option
from wxruntime.commands.parser import Options, Parser
from wxruntime.commands.secret import add_secret_option
from wxruntime.commands.values import expected, read
from wxruntime.wire import JsonValue, json

__all__ = ["hyphens", "parser_of"]


def hyphens(words: Sequence[str]) -> list[str]:
    """Write the names of options with hyphens, however they were typed."""
    return [_hyphens(word) if word.startswith("--") else word for word in words]


def _hyphens(word: str) -> str:
    name, equals, value = word.partition("=")
    return f"{name.replace('_', '-')}{equals}{value}"


def parser_of(package: str, catalog: Catalog, operation: Operation) -> Parser:
    """Return the parser of one operation's options; its help is the operation's page."""
    parser = Parser(
        prog=f"{package} call {operation.name}",
        description=operation.doc.replace("%", "%%"),
        epilog=about(catalog, operation).replace("%", "%%"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        usage=_usage(package, catalog, operation),
    )
    # The options of the account give the credentials.
    asked = [field for field in operation.parameters if not field.credential]
    if asked:
        group = parser.add_argument_group("parameters")
        for field in asked:
            _add_parameter(group, catalog, field)
    add_account_options(parser.add_argument_group("account"))
    printing = parser.add_argument_group("output")
    # What comes in pages has no answer that could be shown as it is.
    add_output_option(printing, *(() if operation.paging else ("raw",)))
    printing.add_argument("--reveal", action="store_true", help="show what is secret in an answer")
    printing.add_argument(
        "--dry-run", action="store_true", help="print the request, and send nothing"
    )
    if operation.returns == Type("file"):
        printing.add_argument(
            "--save", metavar="PATH",
            help="where to put the file; - is standard output (default: standard output)",
        )  # fmt: skip
    return parser


def _usage(package: str, catalog: Catalog, operation: Operation) -> str:
    """Return what has to be given."""
    needed = (
        f" {_flag(field)} {expected(catalog, field)}"
        for field in operation.parameters
        if is_needed(field) and not field.credential and not field.secret
    )
    return f"{package} call {operation.name}{''.join(needed)} [OPTION ...]"


def _flag(field: Field) -> str:
    return f"--{field.name.replace('_', '-')}"


def _add_parameter(options: Options, catalog: Catalog, field: Field) -> None:
    if field.secret:
        add_secret_option(
            options,
            _flag(field)[2:],
            variable_of(field.name),
            field.doc,
            asked_for=is_needed(field),
        )
        return
    told = _help(catalog, field).replace("%", "%%")
    if field.type.name in ("boolean", "flag") and not field.type.many:
        options.add_argument(
            _flag(field), action=BooleanOptionalAction, required=field.required, default=None,
            help=told,
        )  # fmt: skip
        return
    options.add_argument(
        _flag(field), type=_reader(catalog, field), metavar=expected(catalog, field), help=told,
        action="append" if field.type.many else "store",
        required=is_needed(field), default=argparse.SUPPRESS,
    )  # fmt: skip


def _help(catalog: Catalog, field: Field) -> str:
    """Say of a parameter what the catalog says."""
    said = [field.doc or field.name.replace("_", " ")]
    if field.type.of in catalog.enums:
        values = catalog.enums[field.type.of].values
        numbers = any(isinstance(value, int) for value in values.values())
        known = (f"{value} ({name})" if numbers else f"{value}" for name, value in values.items())
        said.append(f"Known values: {', '.join(known)}.")
    elif field.type.of:
        such = json.dumps(example(catalog, field)).decode()
        said.append(f"As the wire has it, such as '{such}'.")
    if field.type.of in catalog.unions:
        said.append(f"There are {', '.join(catalog.unions[field.type.of].variants)}.")
    if field.type.many:
        said.append("May be repeated.")
    if field.default is not None:
        said.append(f"Default: {field.default}.")
    return " ".join(said)


def _reader(catalog: Catalog, field: Field) -> Callable[[str], JsonValue]:
    def reader(text: str) -> JsonValue:
        try:
            return read(catalog, field, text)
        except WrongArgument as error:
            raise ArgumentTypeError(str(error)) from None

    return reader
