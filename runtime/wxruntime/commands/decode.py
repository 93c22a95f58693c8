"""`decode` on the command line: what a captured push, or an answer, says."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from wxruntime.catalog import Push, Type
from wxruntime.commands.call_arguments import example_arguments
from wxruntime.commands.decryption import add_key_options, opened
from wxruntime.commands.drafts import pushes_of
from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.files import name_of, read_file
from wxruntime.commands.help import near
from wxruntime.commands.operations import operations
from wxruntime.commands.output import Output, add_output_option
from wxruntime.commands.plain import Plain
from wxruntime.commands.terminal import harmless
from wxruntime.envelope import AnswerReader
from wxruntime.errors import DecodeError, WeChatError
from wxruntime.redact import redact
from wxruntime.surface import Surface
from wxruntime.transport import HttpResponse
from wxruntime.wire import JsonObject
from wxruntime.wire.push import MAX_SIZE

__all__ = ["add_decode_options", "decode"]

_UNKNOWN = "The specification does not describe this push."
_MISMATCH = "the push does not match its description"


def add_decode_options(parser: ArgumentParser) -> None:
    """Add the options of the command."""
    parser.description = (
        "Reads a push as a callback does, XML or JSON, plain or encrypted, and prints its fields, "
        "the unknown ones apart. Signatures are not checked."
    )
    parser.add_argument("file", metavar="FILE", help="the captured body; - is standard input")
    parser.add_argument(
        "--answer", metavar="ENDPOINT",
        help="it is no push, but what this endpoint has answered, such as kf_session.list",
    )  # fmt: skip
    add_key_options(parser.add_argument_group("encrypted pushes"))
    printing = parser.add_argument_group("output")
    add_output_option(printing)
    printing.add_argument("--reveal", action="store_true", help="show what is secret in an answer")


def decode(surface: Surface, options: Namespace) -> int:
    """Show what a captured body says; return 0, or 1 when it is not as it is described."""
    output, plain = Output(options.output), Plain.of(surface.catalog, reveal=options.reveal)
    content = read_file(options.file)
    if not content:
        raise DecodeError(f"expected a body to decode, got nothing in {name_of(options.file)}")
    if options.answer is not None:
        output.show(plain.value(_answer(surface, options.answer, content)))
        return 0
    push, problem = _read(surface, opened(content, options))
    shown = plain.fields(push)
    name = type(push).__name__
    if output.form == "json":
        unknown = shown.pop("unknown", {})
        output.show({"class": name, "fields": shown, "unknown": unknown})
    else:
        heading = f"{_MISMATCH}: {problem}" if problem else _docs(surface).get(name, _UNKNOWN)
        output.line(f"{name}: {heading}")
        output.say("")
        unknown = shown.pop("unknown", None)
        output.show(shown)
        if unknown is not None:
            output.say("", "not described:")
            output.show(unknown)
    return _mismatched(surface.name, problem) if problem else 0


def _read(surface: Surface, content: bytes) -> tuple[object, str]:
    """Read a push as a callback does; return it, and what does not match its description.

    A push that does not match is read as an unknown one, as a callback gets it.

    Raises:
        DecodeError: If the content is no push.
    """
    problem = ""
    try:
        push = surface.decode(content)
    except DecodeError as error:
        if len(content) > MAX_SIZE:
            raise  # a callback refuses it unread
        push, problem = surface.pushes.unknown(surface.pushes.parse(content)), str(error)
    _check_push(surface.catalog.push, surface.pushes.parse(content))
    return push, problem


def _check_push(shared: Push, wire: JsonObject) -> None:
    """Refuse an object that has nothing of what all pushes have, such as an answer."""
    if shared.kind not in wire and shared.time not in wire:
        raise DecodeError(
            f"expected a push, with {shared.kind} and {shared.time}, got an object with neither; "
            "to decode what an endpoint has answered, give --answer ENDPOINT"
        )


def _mismatched(package: str, problem: str) -> int:
    said = f"{_MISMATCH}: {problem}; a callback gets it as shown"
    print(f"{package}: {harmless(redact(said))}", file=sys.stderr)
    return 1


def _docs(surface: Surface) -> Mapping[str, str]:
    """Return what each kind of push says, by its class."""
    return {push.class_name: push.doc for push in pushes_of(surface.catalog)}


def _answer(surface: Surface, name: str, content: bytes) -> object:
    """Read the answer of an endpoint.

    Raises:
        WeChatError: If it is none, or an error of the platform.
    """
    operation = operations(surface.catalog).get(name)
    if operation is None:
        raise WrongArgument(f"there is no endpoint {name!r}{near(name, surface.catalog)}")
    if operation.paging is not None:
        page = operation.endpoint.operation
        raise WrongArgument(f"{name} goes through the answers of {page}: give --answer {page}")
    if operation.returns == Type("file"):
        raise WrongArgument(f"what {name} answers is a file, and has no fields to show")
    call = surface.call(name, **example_arguments(surface, operation))
    service = surface.find("client", "Client").service
    response = HttpResponse(200, {}, content)
    outcome = AnswerReader(service, name, (), private=False).content(call, response)
    if isinstance(outcome, WeChatError):
        raise outcome
    return outcome
