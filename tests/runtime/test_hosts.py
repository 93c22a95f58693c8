"""Which host is asked: the usual one, and another for a while when it fails."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from wxruntime import hosts
from wxruntime.hosts import Hosts


class Clock:
    """A clock that stands still until it is set."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that hosts look at."""
    clock = Clock()
    monkeypatch.setattr(hosts, "time", clock)
    return clock


def test_a_host_that_fails_is_left_for_a_while(clock: Clock) -> None:
    """The next one is asked, the one after that when it fails too, then the usual one again."""
    found = Hosts(["http://a", "http://b/", "http://c"])
    asked = [found.now()]
    found.failed("http://a")
    asked.append(found.now())
    found.failed("http://b")
    asked.append(found.now())
    clock.now += hosts.STAY
    asked.append(found.now())

    assert asked == ["http://a", "http://b", "http://c", "http://a"]


def test_after_the_last_the_first_is_asked(clock: Clock) -> None:
    """When all fail, all get their turn."""
    found = Hosts(["http://a", "http://b"])
    found.failed("http://a")
    found.failed("http://b")

    assert found.now() == "http://a"


def test_a_failure_of_a_host_that_was_left_changes_nothing(clock: Clock) -> None:
    """Many calls fail at once on one host; that is one reason to leave it, not many."""
    found = Hosts(["http://a", "http://b", "http://c"])
    for _ in range(5):
        found.failed("http://a")

    assert found.now() == "http://b"


def test_an_only_host_is_asked_for_ever() -> None:
    """There is nowhere else to go."""
    found = Hosts("http://a")
    found.failed("http://a")

    assert found.now() == "http://a"


@pytest.mark.parametrize("wrong", [[], "", "ftp://a", ["http://a", "b"], "http://u:pw@a"])
def test_what_is_no_address_is_refused(wrong: str | Sequence[str]) -> None:
    """At once, and a password in it is not repeated."""
    with pytest.raises(ValueError, match="base_url: expected"):
        Hosts(wrong)
