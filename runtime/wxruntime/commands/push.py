"""`push` on the command line: what WeChat would send to a callback."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from contextlib import closing

from attrs import asdict

from wxruntime.commands.decryption import add_key_options, given_key, opened, source_of_key
from wxruntime.commands.drafts import described, draft, listed
from wxruntime.commands.environment import TOKEN
from wxruntime.commands.errors import WrongArgument, naming_options
from wxruntime.commands.files import read_file
from wxruntime.commands.output import Output, add_output_option
from wxruntime.commands.plain import Plain
from wxruntime.commands.secret import add_secret_option, needed_secret, source_of
from wxruntime.errors import DecodeError, EncodeError
from wxruntime.sandbox.deliveries import Deliveries, Delivery
from wxruntime.sandbox.pushes import PATIENCE, Pusher
from wxruntime.sandbox.sealing import Sealing
from wxruntime.surface import Surface
from wxruntime.wire import JsonObject, document, text
from wxruntime.wire.document import Form, form_of

__all__ = ["add_push_options", "push"]

_OPENID = "o6_customer"
_ACCOUNT = "gh_local"
_MOST = 100
_REFUSED = 403
_COMPARE = (
    "a callback that answers 403 refuses the signature, the encryption or the AppID: compare the "
    "token, the EncodingAESKey, --app-id and --mode with the settings of the callback"
)


def add_push_options(parser: ArgumentParser) -> None:
    """Add the options of the command."""
    parser.description = (
        "Sends a signed push to a callback, encrypted where there is a key, and shows its reply. "
        f"As with WeChat, an answer may take {PATIENCE:g} seconds, and what is not handled comes "
        "three times."
    )
    parser.add_argument(
        "push", metavar="EVENT", nargs="?",
        help="an event, or the kind of a message, as the wire calls it; or its class",
    )  # fmt: skip
    parser.add_argument("--url", help="where the callback listens")
    parser.add_argument(
        "--list", action="store_true",
        help="list what can be pushed, or the fields of EVENT, and send nothing",
    )  # fmt: skip
    content = parser.add_argument_group("the push")
    content.add_argument(
        "--field", action="append", default=[], metavar="NAME=VALUE",
        help="a field, by its name in Python; those that have to be there and are not given are "
        "made up",
    )  # fmt: skip
    content.add_argument(
        "--openid", help=f"the customer (default: {_OPENID}, or as it was captured)"
    )
    content.add_argument(
        "--to", metavar="ID",
        help=f"the account, by its original id (default: {_ACCOUNT}, or as it was captured)",
    )  # fmt: skip
    content.add_argument(
        "--file", metavar="PATH", help="a captured push to send instead of EVENT; - is stdin"
    )
    sealing = parser.add_argument_group("as the account is set up")
    add_secret_option(sealing, "token", TOKEN, "The token that signs.")
    add_key_options(sealing)
    sealing.add_argument(
        "--mode", choices=("plain", "compatible", "safe"),
        help="default: safe where there is a key, else plain",
    )  # fmt: skip
    sealing.add_argument(
        "--form", choices=("xml", "json"), help="default: xml, or as it was captured"
    )
    more = parser.add_argument_group("delivery")
    more.add_argument(
        "--repeat", type=_times, default=1, metavar="N",
        help="deliver it so often, as WeChat does that has missed the answer (default: 1)",
    )  # fmt: skip
    add_output_option(more)


def _times(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and 1 <= int(text[:9]) <= _MOST):
        raise ArgumentTypeError(f"expected a number of times, from 1 to {_MOST}")
    return int(text)


def push(surface: Surface, options: Namespace) -> int:
    """Send a push, or list them; return 0 when each delivery was handled, 1 otherwise."""
    output = Output(options.output)
    for option in ("openid", "to"):
        if getattr(options, option) == "":
            raise WrongArgument(f"--{option}: expected an id, got an empty text")
    if options.list:
        output.say(listed(surface.catalog, options.push))
        return 0
    if options.url is None:
        raise WrongArgument("no address to push to: give --url")
    wire, form = _wire(surface, options)
    handled, refused = True, False
    with closing(_pusher(options.url, _sealing(options, wire, form))) as pusher:
        deliveries = Deliveries()
        for _ in range(options.repeat):
            delivery = deliveries.draft(wire)
            pusher.push(delivery)
            delivery.over.wait()
            handled = handled and not delivery.problem
            refused = refused or delivery.attempts[-1].status == _REFUSED
            _show(surface, delivery, output)
    if refused:
        print(f"{surface.name}: {_COMPARE}", file=sys.stderr)
    return 0 if handled else 1


def _sealing(options: Namespace, wire: JsonObject, form: Form) -> Sealing:
    """Return how the push is written, which works."""
    token = needed_secret("token", TOKEN, options.token_file)
    key = given_key(options)
    if key is not None and options.mode != "plain" and not options.app_id:
        raise WrongArgument("no AppID, which stands in what is encrypted: give --app-id")
    settings = {
        "app_id": "--app-id",
        "callback_mode": "--mode",
        "callback_token": source_of("token", TOKEN, options.token_file),
        "callback_aes_key": source_of_key(options),
    }
    with naming_options(settings):
        sealing = Sealing.of(options.app_id or "", token, key, options.mode, form)
    try:
        sealing.seal(wire, now=0)
    except EncodeError as error:
        raise WrongArgument(str(error)) from None
    return sealing


def _pusher(url: str, sealing: Sealing) -> Pusher:
    with naming_options({"callback_url": "--url"}):
        return Pusher(url, sealing)


def _wire(surface: Surface, options: Namespace) -> tuple[JsonObject, Form]:
    """Return what is pushed, as an object, and the form that it is written in."""
    if (options.push is None) == (options.file is None):
        raise WrongArgument("expected either EVENT or --file, the push to send")
    try:
        if options.file is not None:
            return _captured(surface, options)
        return _drafted(surface, options)
    except EncodeError as error:
        raise WrongArgument(str(error)) from None


def _captured(surface: Surface, options: Namespace) -> tuple[JsonObject, Form]:
    if options.field:
        raise WrongArgument("--field: a captured push is sent as it is")
    content = opened(read_file(options.file), options)
    wire = surface.pushes.parse(content)
    shared = surface.catalog.push
    for tag, value in ((shared.sender, options.openid), (shared.receiver, options.to)):
        wire[tag] = text(wire.get(tag), tag) if value is None else value
    return wire, options.form or form_of(content) or "xml"


def _drafted(surface: Surface, options: Namespace) -> tuple[JsonObject, Form]:
    shared = surface.catalog.push
    form: Form = options.form or "xml"
    header = {shared.sender: options.openid or _OPENID, shared.receiver: options.to or _ACCOUNT}
    made = draft(surface, described(surface.catalog, options.push), header, options.field)
    content = surface.pushes.encode(made, form)
    # Out of XML comes nothing but text, and the platform writes numbers as numbers.
    return (surface.pushes.fields(made) if form == "xml" else document.parse(content)), form


def _show(surface: Surface, delivery: Delivery, output: Output) -> None:
    """Say how a delivery went, and what was replied."""
    shared = surface.catalog.push
    name = delivery.wire.get(shared.event) or delivery.wire.get(shared.kind)
    reply = _reply(surface, delivery.reply)
    if output.form == "json":
        attempts = [asdict(attempt) for attempt in delivery.attempts]
        output.item(
            {
                "push": name, "handled": not delivery.problem, "problem": delivery.problem,
                "attempts": [*attempts], "reply": reply,
            }
        )  # fmt: skip
        return
    for number, attempt in enumerate(delivery.attempts, 1):
        said = attempt.problem or str(attempt.status)
        output.line(f"{name}, attempt {number}: {said} after {attempt.elapsed:.3f} s")
    if delivery.problem:
        output.line(f"not handled: {delivery.problem}")
    elif reply is None:
        output.line("handled, and nothing replied")
    else:
        output.line(f"replied: {reply['class']}")
        output.show(reply["fields"])


def _reply(surface: Surface, wire: JsonObject | None) -> JsonObject | None:
    if wire is None:
        return None
    try:
        reply = surface.replies.read({**wire})
    except DecodeError:  # it could be shown all the same
        return {"class": "", "fields": wire}
    return {"class": type(reply).__name__, "fields": Plain.of(surface.catalog).fields(reply)}
