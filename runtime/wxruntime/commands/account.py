"""Which account calls, and how it reaches the platform."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager

from wxruntime.client import BaseClient
from wxruntime.commands.environment import APP_ID, APP_SECRET
from wxruntime.commands.errors import WrongArgument, naming_options
from wxruntime.commands.parser import Options, seconds_up_to
from wxruntime.commands.secret import add_secret_option, needed_secret, source_of
from wxruntime.commands.token_store import add_token_store_option, given_token_store
from wxruntime.retry import Retry
from wxruntime.stores import open_store
from wxruntime.surface import Surface
from wxruntime.token import Grant
from wxruntime.transport import Timeout

__all__ = ["add_account_options", "connected"]

_TIMEOUT = 10.0
_DAY = 86400.0
_NOBODY = "nobody"
"""The AppID of a client that asks without a token."""


def add_account_options(options: Options) -> None:
    """Add the options for the account that calls the platform."""
    options.add_argument(
        "--app-id", default=os.environ.get(APP_ID) or None,
        help=f"the account's AppID (default: the variable {APP_ID})",
    )  # fmt: skip
    add_secret_option(options, "app-secret", APP_SECRET, "The account's AppSecret.")
    options.add_argument(
        "--base-url", action="append", metavar="URL",
        help="where calls are sent; may be repeated (default: the platform's hosts)",
    )  # fmt: skip
    add_token_store_option(options)
    options.add_argument(
        "--timeout", type=seconds_up_to(_DAY), default=_TIMEOUT, metavar="SECONDS",
        help="how long a whole answer may take, such as a large file (default: "
        f"{_TIMEOUT:g})",
    )  # fmt: skip


@contextmanager
def connected(surface: Surface, options: Namespace, *, token: bool) -> Generator[BaseClient]:
    """Make a client by the options, for a while.

    Args:
        surface: Has the client.
        options: Those of `add_account_options`.
        token: Whether it needs an access token.

    Raises:
        WrongArgument: If an option is missing, or cannot work.
    """
    with ExitStack() as stack:
        with naming_options(
            {
                "app_id": "--app-id",
                "app_secret": source_of("AppSecret", APP_SECRET, options.app_secret_file),
                "base_url": "--base-url",
            }
        ):
            client = stack.enter_context(_client(surface, options, stack, token=token))
        yield client


def _client(surface: Surface, options: Namespace, stack: ExitStack, *, token: bool) -> BaseClient:
    timeout = Timeout(connect=min(options.timeout, _TIMEOUT), read=options.timeout)
    retry = Retry(deadline=max(Retry().deadline, options.timeout))
    if not token:
        return surface.client(
            app_id=options.app_id or _NOBODY,
            base_url=options.base_url,
            token_source=_no_token,
            timeout=timeout,
            retry=retry,
        )
    if not options.app_id:
        raise WrongArgument(f"no AppID: give --app-id, or set the variable {APP_ID}")
    address, store = given_token_store(options), None
    if address is not None:
        store = stack.enter_context(closing(open_store(address)))
    return surface.client(
        app_id=options.app_id,
        app_secret=needed_secret("AppSecret", APP_SECRET, options.app_secret_file).reveal(),
        base_url=options.base_url,
        token_store=store,
        timeout=timeout,
        retry=retry,
    )


def _no_token(refused: str | None) -> Grant:
    raise AssertionError("this client sends no call that needs a token")
