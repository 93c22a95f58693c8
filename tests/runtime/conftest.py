"""What the tests of the runtime share: servers that end with the test that asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.runtime.servers import Answer, Server, serving


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Server]]:
    """Start servers; each is stopped after the test."""
    with ExitStack() as running:
        yield lambda answer: running.enter_context(serving(answer))
