"""`decode` on the command line: what a captured push, or an answer, says."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from wxruntime.commands.captured import add_key_options, opened
from wxruntime.commands.drafts import pushes_of
from wxruntime.commands.files import read_file
from wxruntime.commands.given import example_arguments
from wxruntime.commands.help import near
from wxruntime.commands.output import Output, add_output_option
from wxruntime.commands.shape import fields_of, plain
from wxruntime.commands.wrong import WrongArgument
from wxruntime.envelope import Reading
from wxruntime.errors import WeChatError
from wxruntime.surface import Surface
from wxruntime.transport import HttpResponse

__all__ = ["add_decode_options", "decode"]


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
    """Show what a captured body says; return 0."""
    output = Output(options.output)
    content = read_file(options.file)
    if options.answer is not None:
        output.show(plain(_answer(surface, options.answer, content), reveal=options.reveal))
        return 0
    push = surface.decode(opened(content, options))
    shown = fields_of(push, reveal=options.reveal)
    name, doc = type(push).__name__, _docs(surface).get(type(push).__name__, "")
    if output.form == "json":
        unknown = shown.pop("unknown", {})
        output.show({"class": name, "fields": shown, "unknown": unknown})
        return 0
    output.say(f"{name}: {doc or 'Nobody has described this push.'}", "")
    unknown = shown.pop("unknown", None)
    output.show(shown)
    if unknown is not None:
        output.say("", "not described:")
        output.show(unknown)
    return 0


def _docs(surface: Surface) -> Mapping[str, str]:
    """Return what each kind of push says, by its class."""
    return {push.class_name: push.doc for push in pushes_of(surface.catalog)}


def _answer(surface: Surface, name: str, content: bytes) -> object:
    """Read the answer of an endpoint.

    Raises:
        WeChatError: If it is none, or an error of the platform.
    """
    endpoints = surface.catalog.endpoints
    if name not in endpoints:
        raise WrongArgument(f"there is no endpoint {name!r}{near(name, surface.catalog)}")
    call = surface.call(name, **example_arguments(surface, endpoints[name]))
    service = surface.find("client", "Client").service
    response = HttpResponse(200, {}, content)
    outcome = Reading(service, name, (), private=False).content(call, response)
    if isinstance(outcome, WeChatError):
        raise outcome
    return outcome
