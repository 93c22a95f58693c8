"""`call` on the command line: any endpoint of the catalog."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TypeAlias, cast

from attrs import evolve

from wxruntime.call import Call
from wxruntime.catalog import Type
from wxruntime.client import BaseClient
from wxruntime.commands.account import connected
from wxruntime.commands.call_arguments import arguments_of
from wxruntime.commands.call_parser import hyphens, parser_of
from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.help import listing, near
from wxruntime.commands.operations import Operation, module_of, operations
from wxruntime.commands.output import Output
from wxruntime.commands.plain import Plain, masked
from wxruntime.commands.signals import exit_on_signals
from wxruntime.commands.streams import writing
from wxruntime.download import File, Saved, check_target
from wxruntime.errors import EncodeError
from wxruntime.pages import Pages
from wxruntime.surface import Surface
from wxruntime.upload import Form, Upload
from wxruntime.wire import JsonObject, JsonValue

__all__ = ["call"]

_AnyPages: TypeAlias = "Pages[object, object, object]"

_STANDARD_OUTPUT = "-"
_HELP = ("-h", "--help")


def call(surface: Surface, words: Sequence[str]) -> int:
    """Call an endpoint, or show a page of help.

    Args:
        surface: The generated package.
        words: What stands behind the command's name: the endpoint, and its arguments.

    Returns:
        0 when the platform has done what was asked.

    Raises:
        WrongArgument: If the arguments cannot work.
        WeChatError: If the call fails.
        OSError: If a file cannot be written.
    """
    name = words[0].replace("-", "_") if words and words[0] not in _HELP else ""
    operation = operations(surface.catalog).get(name)
    if operation is None:
        return _explain(surface, name, asked=any(word in _HELP for word in words))
    parser = parser_of(surface.name, surface.catalog, operation)
    options = parser.parse_args(hyphens(words[1:]))
    _check_target(operation, options)
    output, plain = Output(options.output), Plain.of(surface.catalog, reveal=options.reveal)
    made = _made(surface, operation, options)
    if options.dry_run:
        output.show(_request(made))
        return 0
    with exit_on_signals(), connected(surface, options, token=operation.endpoint.token) as client:
        if isinstance(made, Pages):
            for item in made.sent_by(client):
                output.item(plain.value(item))
        elif made.file is not None:
            file = cast("Call[File]", made)
            if options.save in (None, _STANDARD_OUTPUT):
                with writing():
                    client.download(file, sys.stdout.buffer)
            else:
                output.show(plain.value(_saved(client, file, options.save)))
        elif options.output == "raw":
            answer = client.send(evolve(made, decode=_as_it_came))
            output.show(masked(cast("JsonObject", answer), plain.secrets))
        else:
            _tell(plain.value(client.send(made)), operation, output)
    return 0


def _made(surface: Surface, operation: Operation, options: Namespace) -> Call[object] | _AnyPages:
    """Make what is to be sent.

    Raises:
        WrongArgument: If it cannot be made of what was given.
    """
    given = arguments_of(surface, operation, options)
    module, _, function = operation.name.partition(".")
    try:
        made: Call[object] | _AnyPages = surface.find(module, function)(**given)
    except (EncodeError, ValueError) as error:
        raise WrongArgument(str(error)) from None
    return made


def _check_target(operation: Operation, options: Namespace) -> None:
    """Refuse a terminal as the place for a file, and a path that cannot be written."""
    if operation.returns != Type("file") or options.dry_run:
        return
    if options.save not in (None, _STANDARD_OUTPUT):
        try:
            check_target(options.save)
        except OSError as error:
            raise WrongArgument(str(error)) from None
        return
    if sys.stdout.isatty():
        raise WrongArgument("the answer is a file, and no text for a terminal: give --save PATH")


def _explain(surface: Surface, name: str, *, asked: bool) -> int:
    """List the endpoints, or say that there is none of this name."""
    catalog = surface.catalog
    module = module_of(name)
    known = {module_of(operation) for operation in catalog.endpoints}
    if name and (module not in known or "." in name):
        lists = f"{surface.name} call {module if module in known else ''}".strip()
        raise WrongArgument(
            f"there is no endpoint {name!r}{near(name, catalog) or f'; see {lists} --help'}"
        )
    usage = f"usage: {surface.name} call ENDPOINT [--PARAMETER VALUE ...]"
    text = f"{usage}\n\n{listing(catalog, module)}\n\nENDPOINT --help says what one takes."
    with writing():
        print(text, file=sys.stdout if asked else sys.stderr, flush=True)
    return 0 if asked else 2


def _request(made: Call[object] | _AnyPages) -> JsonObject:
    """Return what would be sent, of many pages the call for the first."""
    if isinstance(made, Pages):
        made = made.ask(made.spans[0], made.first)
    body: JsonValue
    if isinstance(made.body, Form):
        body = made.body.shown()
    elif isinstance(made.body, Upload):
        body = made.body.shown
    else:
        body = made.body
    parts: JsonObject = {
        "method": made.method, "path": made.path, "query": {**made.query} or None, "body": body,
    }  # fmt: skip
    return {name: part for name, part in parts.items() if part is not None}


def _tell(answer: JsonValue, operation: Operation, output: Output) -> None:
    if operation.returns or output.form == "json":
        output.show(answer)
    else:
        output.say("done")


def _as_it_came(answer: JsonObject) -> JsonObject:
    return answer


def _saved(client: BaseClient, file: Call[File], path: str) -> Saved:
    """Save a file; a pipe whose reader has left is a failure, other than standard output."""
    try:
        return client.download(file, path)
    except BrokenPipeError as error:
        raise OSError(f"cannot write {path}: {error.strerror}") from None
