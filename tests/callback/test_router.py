"""Which handler an event goes to, and through which middlewares."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import TypeAlias

import pytest
from attrs import frozen

from wxruntime.callback.router import Router


@frozen
class Opened:
    """An event."""

    account: str = "sara"


@frozen
class Closed:
    """Another event."""

    account: str = "sara"


@frozen
class Other:
    """An event that nobody described."""

    kind: str = ""
    event: str = ""


Event: TypeAlias = "Opened | Closed | Other"
Proceed: TypeAlias = Callable[[Event], Awaitable["str | None"]]


@pytest.fixture
def router() -> Router[Event, str]:
    """Return a router without handlers."""
    return Router()


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    """Return where handlers run that block."""
    with ThreadPoolExecutor(2, "handler") as pool:
        yield pool


@pytest.fixture
def route(router: Router[Event, str], threads: ThreadPoolExecutor) -> Callable[[Event], str | None]:
    """Return what sends an event through the router."""

    def names(event: Event) -> tuple[str, str]:
        return (event.kind, event.event) if isinstance(event, Other) else ("event", "described")

    def send(event: Event) -> str | None:
        return asyncio.run(router.routes.dispatch(event, names, threads), debug=True)

    return send


def test_an_event_goes_to_the_handler_of_its_class(
    router: Router[Event, str], route: Callable[[Event], str | None]
) -> None:
    """An event goes only to the handler that is registered for its class."""

    @router.on(Opened)
    def opened(event: Opened) -> str:
        return f"opened by {event.account}"

    @router.on(Closed, Other)
    def others(event: Closed | Other) -> str:
        return "something else"

    assert route(Opened()) == "opened by sara"
    assert route(Closed()) == route(Other()) == "something else"
    assert opened(Opened("bob")) == "opened by bob"


def test_the_annotation_says_which_events_a_handler_takes(
    router: Router[Event, str], route: Callable[[Event], str | None]
) -> None:
    """One class, or several in a union."""

    @router.on
    def opened(event: Opened) -> str:
        return "opened"

    @router.on
    async def others(event: Closed | Other) -> str:
        return "others"

    assert [route(event) for event in (Opened(), Closed(), Other())] == [
        "opened",
        "others",
        "others",
    ]


def test_a_handler_may_take_events_by_their_names_on_the_wire(
    router: Router[Event, str], route: Callable[[Event], str | None]
) -> None:
    """What nobody described has no class of its own."""

    @router.on(kind="text")
    def texts(event: Event) -> str:
        return "a text"

    @router.on(event="subscribe")
    def subscribed(event: Event) -> str:
        return "a subscriber"

    assert route(Other(kind="text")) == "a text"
    assert route(Other(kind="event", event="subscribe")) == "a subscriber"
    assert route(Other(kind="image")) is None


def test_a_predicate_says_whether_a_handler_takes_an_event(
    router: Router[Event, str], route: Callable[[Event], str | None]
) -> None:
    """The first handler that fits gets it."""

    @router.on(Opened, when=lambda event: event.account == "sara")
    def saras(event: Opened) -> str:
        return "sara's"

    @router.on(when=lambda event: isinstance(event, Opened))
    def anybodys(event: Event) -> str:
        return "anybody's"

    assert route(Opened("sara")) == "sara's"
    assert route(Opened("bob")) == "anybody's"


def test_the_default_takes_what_no_handler_takes(
    router: Router[Event, str], route: Callable[[Event], str | None]
) -> None:
    """Without one, there is nothing to reply."""
    assert route(Opened()) is None

    @router.default
    def anything(event: Event) -> str:
        return type(event).__name__

    assert route(Opened()) == "Opened"


def test_handlers_that_block_run_in_threads_and_others_on_the_loop(
    router: Router[Event, str], route: Callable[[Event], str | None]
) -> None:
    """So that neither holds up the other; context variables come along."""
    said = ContextVar("said", default="nothing")

    @router.on
    def blocking(event: Opened) -> str:
        return f"{threading.current_thread().name[:7]} {said.get()}"

    @router.on
    async def awaiting(event: Closed) -> str:
        await asyncio.sleep(0)
        return f"{threading.current_thread().name} {said.get()}"

    said.set("hello")

    assert route(Opened()) == "handler hello"
    assert route(Closed()) == "MainThread hello"


def test_an_object_with_an_asynchronous_call_is_a_handler(
    router: Router[Event, str], route: Callable[[Event], str | None]
) -> None:
    """As is a function that returns something to await."""

    class Desk:
        async def __call__(self, event: Event) -> str:
            return "the desk"

    async def later() -> str:
        return "later"

    router.on(Opened)(Desk())

    @router.on(Closed)
    def returning(event: Closed) -> Awaitable[str]:
        return later()

    assert route(Opened()) == "the desk"
    assert route(Closed()) == "later"


def test_middlewares_stand_around_the_handler_the_first_outermost(
    router: Router[Event, str], route: Callable[[Event], str | None]
) -> None:
    """Each may change the event and the reply, or answer by itself."""

    @router.middleware
    async def outer(event: Event, proceed: Proceed) -> str | None:
        return f"<{await proceed(event)}>"

    @router.middleware
    async def inner(event: Event, proceed: Proceed) -> str | None:
        if isinstance(event, Other):
            return "not for us"
        return await proceed(Opened("bob"))

    @router.on
    def opened(event: Opened) -> str:
        return event.account

    assert route(Opened("sara")) == "<bob>"
    assert route(Other()) == "<not for us>"


def test_an_error_goes_through_the_middlewares_and_out(
    router: Router[Event, str], route: Callable[[Event], str | None]
) -> None:
    """No one swallows it on the way."""
    seen: list[str] = []

    @router.middleware
    async def watching(event: Event, proceed: Proceed) -> str | None:
        try:
            return await proceed(event)
        except LookupError as error:
            seen.append(str(error))
            raise

    @router.on
    def failing(event: Opened) -> str:
        raise LookupError("no such customer")

    with pytest.raises(LookupError, match="no such customer"):
        route(Opened())
    assert seen == ["no such customer"]


def test_a_middleware_that_blocks_is_refused(router: Router[Event, str]) -> None:
    """A middleware that is no `async def` is a TypeError: it would block the event loop."""

    def blocking(event: Event, proceed: Proceed) -> Awaitable[str | None]:
        return proceed(event)

    with pytest.raises(TypeError, match=r"middleware: expected an `async def`, got .*blocking"):
        router.middleware(blocking)


def test_a_handler_whose_events_cannot_be_told_is_refused(router: Router[Event, str]) -> None:
    """Nothing is guessed: not without an annotation, and not from one that names no class."""

    def bare(event):  # type: ignore[no-untyped-def] # pyright: ignore
        """Take something."""

    def vague(event: object) -> None:
        """Take anything."""

    def unknown(event: Nowhere) -> None:  # type: ignore[name-defined] # pyright: ignore # noqa: F821
        """Take what is not there."""

    for handler in (bare, vague, unknown):  # pyright: ignore
        with pytest.raises(TypeError, match=f"cannot tell which events .*{handler.__name__} takes"):
            router.on(handler)  # pyright: ignore
    with pytest.raises(TypeError, match="expected a class of events, a kind"):
        router.on()
    with pytest.raises(TypeError, match="expected classes of events, or a handler"):
        router.on("kf_create_session")  # type: ignore[call-overload] # pyright: ignore
    with pytest.raises(TypeError, match="expected a function that takes the event"):
        router.on(Opened)("not a function")  # type: ignore[call-overload] # pyright: ignore
