"""What every test shares: the profiles of hypothesis, and a look for secrets in the end."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.secrecy import described, living_leaks, walking

# The same verdict every time; `nox -s fuzz` looks for what this one cannot find.
settings.register_profile("fixed", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile(
    "fuzz",
    max_examples=2000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(autouse=True)
def nothing_secret_shows(request: pytest.FixtureRequest) -> Iterator[None]:
    """Look through every error, record, frame and living object that a test has made."""
    monkeypatch = pytest.MonkeyPatch()
    with walking(monkeypatch) as walk:
        yield
        monkeypatch.undo()
    leaks = walk.leaks()
    if walk.secrets:
        leaks += living_leaks(walk.shows)

    assert not leaks, described(leaks)
