"""The fixtures of the local WeChat."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from tests.account import APP_SECRET
from tests.runtime.callers import CALLERS, Caller, callers
from tests.sandbox.platform import still
from tests.sandbox.scene import Scene


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Start a local WeChat and stop it."""
    with Scene() as scene:
        yield scene


@pytest.fixture(params=list(CALLERS))
def caller(request: pytest.FixtureRequest, scene: Scene) -> Iterator[Caller]:
    """Make a client of either kind for the local WeChat."""
    for make in callers(request.param):
        yield partial(make, app_secret=APP_SECRET, base_url=scene.wechat.url)()


@pytest.fixture
def still_scene() -> Iterator[Scene]:
    """Start a local WeChat whose time stands still until it is advanced, and stop it."""
    with Scene(still) as scene:
        yield scene


@pytest.fixture(params=list(CALLERS))
def still_caller(request: pytest.FixtureRequest, still_scene: Scene) -> Iterator[Caller]:
    """Make a client of either kind for the local WeChat whose time stands still."""
    for make in callers(request.param):
        yield partial(make, app_secret=APP_SECRET, base_url=still_scene.wechat.url)()
