"""What the tests of the runtime share: what ends with the test that asked for it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.runtime.servers import Answer, Server, serving
from tests.runtime.transports import KINDS, Driven, OnLoop


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Server]]:
    """Start servers; each is stopped after the test."""
    with ExitStack() as running:
        yield lambda answer: running.enter_context(serving(answer))


@pytest.fixture(params=sorted(KINDS))
def open_transport(request: pytest.FixtureRequest) -> Iterator[Callable[..., Driven]]:
    """Make transports of each kind; nothing of them is left after the test."""
    with ExitStack() as made:

        def make(**options: Any) -> Driven:
            transport: Driven = KINDS[request.param](**options)
            made.callback(transport.stop if isinstance(transport, OnLoop) else transport.close)
            return transport

        yield make
    gc.collect()  # a socket left open would warn here, and a warning is an error


@pytest.fixture
def transport(open_transport: Callable[..., Driven]) -> Driven:
    """A transport of each kind."""
    return open_transport()
