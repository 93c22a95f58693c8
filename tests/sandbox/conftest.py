"""The fixture of the local WeChat."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.scene import Scene


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Start a local WeChat and stop it."""
    with Scene() as scene:
        yield scene
