"""`sandbox` on the command line: a local WeChat, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser, Namespace
from types import FrameType

from wxruntime.commands.environment import AES_KEY, TOKEN
from wxruntime.commands.errors import WrongArgument, naming_options, naming_port
from wxruntime.commands.secret import offered_secret, source_of
from wxruntime.redact import Secret
from wxruntime.sandbox import LocalWeChat
from wxruntime.surface import Surface

__all__ = ["add_sandbox_options", "sandbox"]

_LOCAL_TOKEN = "local-token"
_OPTIONS = {
    "app_id": "--app-id",
    "app_secret": "--app-secret",
    "callback_url": "--callback-url",
    "callback_mode": "--callback-mode",
    "port": "--port",
}
"""A setting of the local WeChat → the option of this command."""


def add_sandbox_options(parser: ArgumentParser) -> None:
    """Add the options of the command."""
    parser.description = (
        "Serves a local WeChat until interrupted. It protects nothing, and its account is made "
        "up: the command line of a process can be read by every process of the machine."
    )
    parser.add_argument("--port", type=int, default=8030, help="where to listen (default: 8030)")
    parser.add_argument("--app-id", default="wx-local", help="the account (default: wx-local)")
    parser.add_argument(
        "--app-secret", default="local-secret", metavar="MADE_UP",
        help="its secret, made up and printed; never that of a real account "
        "(default: local-secret)",
    )  # fmt: skip
    pushing = parser.add_argument_group("pushes")
    pushing.add_argument("--callback-url", metavar="URL", help="where to push (default: nowhere)")
    pushing.add_argument(
        "--callback-token-file", metavar="PATH",
        help=f"a file with the token that signs (default: the variable {TOKEN} where there is a "
        f"callback, else {_LOCAL_TOKEN})",
    )  # fmt: skip
    pushing.add_argument(
        "--callback-token", metavar="MADE_UP", help="the same, made up; never a real account's"
    )
    pushing.add_argument(
        "--callback-aes-key-file", metavar="PATH",
        help=f"a file with the EncodingAESKey that encrypts (default: the variable {AES_KEY} where "
        "there is a callback)",
    )  # fmt: skip
    pushing.add_argument(
        "--callback-aes-key", metavar="MADE_UP", help="the same, made up; never a real account's"
    )
    pushing.add_argument(
        "--callback-mode", metavar="MODE",
        help="plain, compatible or safe (default: safe where there is a key, else plain)",
    )  # fmt: skip


def sandbox(surface: Surface, options: Namespace) -> int:
    """Serve a local WeChat; return 0 when it was told to stop.

    Raises:
        WrongArgument: If an option cannot work.
        OSError: If the port is taken.
    """
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with _served(surface, options) as wechat:
        print(f"A local WeChat listens at {wechat.url}; Ctrl-C stops it.\n")
        # It protects nothing: only processes of this machine reach the local WeChat.
        client = f"Client(app_id={options.app_id!r}, app_secret={options.app_secret!r}"
        print(f"  client = {client}, base_url={wechat.url!r})")
        print(f'  curl {wechat.url}/_sandbox/account -d \'{{"kf_account": "sara@acme"}}\'')
        print(f'  curl {wechat.url}/_sandbox/write -d \'{{"openid": "o6_customer"}}\'')
        message = '{"openid": "o6_customer", "fields": {"content": "hello"}}'
        print(f"  curl {wechat.url}/_sandbox/message -d '{message}'")
        print(f"  curl {wechat.url}/_sandbox/state -d ''", flush=True)
        stopped.wait()
    return 0


def _served(surface: Surface, options: Namespace) -> LocalWeChat:
    token = _secret(options, "callback-token", TOKEN)
    aes_key = _secret(options, "callback-aes-key", AES_KEY)
    secrets = {
        "callback_token": _source(options, "callback-token", TOKEN),
        "callback_aes_key": _source(options, "callback-aes-key", AES_KEY),
    }
    with naming_options({**_OPTIONS, **secrets}), naming_port("--port", options.port):
        return LocalWeChat(
            surface.catalog,
            app_id=options.app_id,
            app_secret=options.app_secret,
            callback_url=options.callback_url,
            callback_token=_LOCAL_TOKEN if token is None else token.reveal(),
            callback_aes_key=None if aes_key is None else aes_key.reveal(),
            callback_mode=options.callback_mode,
            port=options.port,
        )


def _source(options: Namespace, name: str, variable: str) -> str:
    """Name the option of a secret, and the file or the variable that it came from."""
    dest = name.replace("-", "_")
    path: str | None = getattr(options, f"{dest}_file")
    made_up = getattr(options, dest) is not None
    return f"--{name}" if made_up else source_of(f"--{name}", variable, path)


def _secret(options: Namespace, name: str, variable: str) -> Secret | None:
    """Return a secret: one that was made up, or that of a file or the environment."""
    dest = name.replace("-", "_")
    made_up: str | None = getattr(options, dest)
    path: str | None = getattr(options, f"{dest}_file")
    if made_up is not None and path is not None:
        raise WrongArgument(f"expected either --{name} or --{name}-file, got both")
    if made_up is not None:
        return Secret(made_up)
    # Without a callback nothing is signed: a real account's secret has no business here.
    if path is None and options.callback_url is None:
        return None
    return offered_secret(variable, path)
