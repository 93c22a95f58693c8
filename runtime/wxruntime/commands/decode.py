"""`decode` on the command line: what a captured push, or an answer, says."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from wxruntime.catalog import Type
from wxruntime.commands.call_arguments import example_arguments
from wxruntime.commands.decryption import add_key_options, opened
from wxruntime.commands.drafts import pushes_of
from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.files import read_file
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
from wxruntime.wire.push import MAX_SIZE

__all__ = ["add_decode_options", "decode"]

_UNKNOWN = "Nobody has described this push."


def add_decode_options(parser: ArgumentParser) -> None:
    """Add the options of the command."""
    parser.description = (
        "Reads a push as a callback does, XML or JSON, plain or encrypted, and says what its "
        "fields are and what of it nobody has described. Signatures are not looked at."
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
    if options.answer is not None:
        output.show(plain.value(_answer(surface, options.answer, content)))
        return 0
    push, problem = _read(surface, opened(content, options))
    shown = plain.fields(push)
    name, doc = type(push).__name__, _docs(surface).get(type(push).__name__, "")
    if output.form == "json":
        unknown = shown.pop("unknown", {})
        output.show({"class": name, "fields": shown, "unknown": unknown})
    else:
        output.say(f"{name}: {doc or _UNKNOWN}", "")
        unknown = shown.pop("unknown", None)
        output.show(shown)
        if unknown is not None:
            output.say("", "not described:")
            output.show(unknown)
    return _refused(surface.name, problem) if problem else 0


def _read(surface: Surface, content: bytes) -> tuple[object, str]:
    """Read a push as a callback does; return what is wrong with it as well.

    One that is not as it is described goes on as one that nobody described.

    Raises:
        DecodeError: If it is no push at all.
    """
    try:
        return surface.decode(content), ""
    except DecodeError as error:
        if len(content) > MAX_SIZE:
            raise  # a callback does not look at it
        return surface.pushes.unknown(surface.pushes.parse(content)), str(error)


def _refused(package: str, problem: str) -> int:
    said = f"it is not as it is described: {problem}; a callback gets it as shown"
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
