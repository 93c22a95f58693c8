"""Registering handlers and middlewares, and finding the handler of an event."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Generic, Protocol, TypeAlias, TypeVar, cast, overload

from attrs import define, field, frozen

from wxruntime.callback.calling import call, is_async

__all__ = ["Middleware", "Names", "Proceed", "Router", "Routes"]

E = TypeVar("E")
R = TypeVar("R")
T = TypeVar("T")
T_contra = TypeVar("T_contra")
T1 = TypeVar("T1")
T2 = TypeVar("T2")
Given = TypeVar("Given")

Proceed: TypeAlias = Callable[[E], Awaitable[R | None]]
"""Calls the next middleware, and after the last one the handler."""
Middleware: TypeAlias = Callable[[E, Proceed[E, R]], Awaitable[R | None]]
Names: TypeAlias = Callable[[E], tuple[str, str]]
"""Returns the kind of a push and the name of its event; empty text if there is none."""


@frozen(eq=False)
class _Route(Generic[E]):
    classes: tuple[type, ...]
    kind: str | None
    event: str | None
    when: Callable[[E], object] | None
    handler: Callable[[E], object]


class _Registering(Protocol[T_contra, R]):
    """A decorator that registers a handler and returns it."""

    @overload
    def __call__(
        self, handler: Callable[[T_contra], R | None], /
    ) -> Callable[[T_contra], R | None]: ...
    @overload
    def __call__(
        self, handler: Callable[[T_contra], Awaitable[R | None]], /
    ) -> Callable[[T_contra], Awaitable[R | None]]: ...


@define(eq=False)
class Routes(Generic[E, R]):
    """The registered handlers in the order in which they are tried, and the middlewares."""

    routes: list[_Route[E]] = field(factory=list[_Route[E]])
    default: Callable[[E], object] | None = None
    middlewares: list[Middleware[E, R]] = field(factory=list[Middleware[E, R]])
    late: Callable[[E, R], object] | None = None
    """The hook that sends replies that no delivery can carry."""

    def find(self, event: E, names: Names[E]) -> Callable[[E], object] | None:
        """Return the handler of an event; None if there is none.

        Args:
            event: The event.
            names: Returns its wire names; called only if a handler was registered by such a name.
        """
        kind = name = None
        for route in self.routes:
            if route.classes and not isinstance(event, route.classes):
                continue
            if route.kind is not None or route.event is not None:
                if kind is None:
                    kind, name = names(event)
                if route.kind not in (None, kind) or route.event not in (None, name):
                    continue
            if route.when is None or route.when(event):
                return route.handler
        return self.default

    async def dispatch(self, event: E, names: Names[E], threads: Executor) -> R | None:
        """Run the handler of an event, within the middlewares.

        Args:
            event: The event.
            names: As for `find`.
            threads: Runs blocking handlers.

        Returns:
            The reply; None for no reply.
        """

        async def handle(event: E) -> R | None:
            handler = self.find(event, names)
            if handler is None:
                return None
            return cast("R | None", await call(threads, handler, event))

        proceed: Proceed[E, R] = handle
        for middleware in reversed(self.middlewares):
            proceed = _around(middleware, proceed)
        return await proceed(event)


class Router(Generic[E, R]):
    """Registers the handlers of events; several callbacks may share one router."""

    def __init__(self, routes: Routes[E, R] | None = None) -> None:
        self.routes: Routes[E, R] = Routes() if routes is None else routes

    @overload
    def on(  # type: ignore[overload-overlap] # a class can be called too, and is no handler
        self, class_: type[T], /, *, when: Callable[[T], object] | None = None
    ) -> _Registering[T, R]: ...
    @overload
    def on(
        self,
        class_: type[T1],
        other: type[T2],
        /,
        *,
        when: Callable[[T1 | T2], object] | None = None,
    ) -> _Registering[T1 | T2, R]: ...
    @overload
    def on(
        self, class_: type, other: type, /, *others: type, when: Callable[[E], object] | None = None
    ) -> _Registering[E, R]: ...
    @overload
    def on(
        self,
        *,
        kind: str | None = None,
        event: str | None = None,
        when: Callable[[E], object] | None = None,
    ) -> _Registering[E, R]: ...
    @overload
    def on(self, handler: Callable[[T], R | None], /) -> Callable[[T], R | None]: ...
    @overload
    def on(
        self, handler: Callable[[T], Awaitable[R | None]], /
    ) -> Callable[[T], Awaitable[R | None]]: ...
    def on(
        self,
        *given: object,
        kind: str | None = None,
        event: str | None = None,
        when: Callable[..., object] | None = None,
    ) -> object:
        """Register a handler; an event goes to the first handler that accepts it.

        Use it as `@callback.on(EventClass)`, with one class or more, or as plain `@callback.on`,
        which reads the classes from the annotation of the handler's parameter.

        Args:
            given: Classes of events, or the handler itself.
            kind: The kind of push that the handler accepts, by its wire name, such as `text`.
            event: The event that the handler accepts, by its wire name, such as `subscribe`.
            when: Returns whether the handler accepts an event that meets all else.

        Returns:
            A decorator, or the handler itself.

        Raises:
            TypeError: If it is not clear which events the handler accepts.
        """
        if len(given) == 1 and not isinstance(given[0], type) and callable(given[0]):
            handler = cast("Callable[[E], object]", given[0])
            classes = self._known(_annotated(handler))
            self.routes.routes.append(_Route(classes, kind, event, when, handler))
            return handler
        if not all(isinstance(one, type) for one in given):
            raise TypeError(f"on: expected classes of events, or a handler, got {given!r}")
        if not given and (kind, event, when) == (None, None, None):
            raise TypeError("on: expected a class of events, a kind, an event's name or when=")
        classes = self._known(cast("tuple[type, ...]", given))

        def register(handler: Callable[[E], object]) -> Callable[[E], object]:
            self.routes.routes.append(_Route(classes, kind, event, when, _taking_one(handler)))
            return handler

        return register

    def _known(self, classes: tuple[type, ...]) -> tuple[type, ...]:
        """Check that classes are classes of events, and return them."""
        return classes

    @overload
    def default(self, handler: Callable[[E], R | None]) -> Callable[[E], R | None]: ...
    @overload
    def default(
        self, handler: Callable[[E], Awaitable[R | None]]
    ) -> Callable[[E], Awaitable[R | None]]: ...
    def default(self, handler: Callable[[E], object]) -> Callable[[E], object]:
        """Register the handler of all events that no other handler accepts."""
        self.routes.default = _taking_one(handler)
        return handler

    def middleware(self, middleware: Middleware[E, R]) -> Middleware[E, R]:
        """Register a middleware around all handlers; the first one registered is the outermost.

        Args:
            middleware: `async def middleware(event, proceed)`; it returns `await proceed(event)`,
                or a reply of its own.

        Raises:
            TypeError: If the middleware is not asynchronous.
        """
        if not is_async(middleware):
            raise TypeError(f"middleware: expected an `async def`, got {_name(middleware)}")
        self.routes.middlewares.append(middleware)
        return middleware

    def late(self, hook: Callable[[E, R], Given]) -> Callable[[E, R], Given]:
        """Register the hook that sends replies that no delivery can carry.

        Args:
            hook: Gets the event and the reply, and sends the reply in another way, for example as a
                customer-service message.

        Raises:
            TypeError: If the hook is not callable.
        """
        if not callable(hook):
            raise TypeError(f"late: expected a function of the event and the reply, got {hook!r}")
        self.routes.late = hook
        return hook


def _around(middleware: Middleware[E, R], inner: Proceed[E, R]) -> Proceed[E, R]:
    async def proceed(event: E) -> R | None:
        return await middleware(event, inner)

    return proceed


def _name(function: Callable[..., object]) -> str:
    return getattr(function, "__qualname__", None) or repr(function)


def _taking_one(handler: Callable[[E], object]) -> Callable[[E], object]:
    if not callable(handler):
        raise TypeError(f"on: expected a function that takes the event, got {handler!r}")
    return handler


def _annotated(handler: Callable[..., object]) -> tuple[type, ...]:
    """Return the classes that the annotation of a handler's first parameter names."""
    unclear = TypeError(
        f"on: cannot tell which events {_name(handler)} takes; annotate its parameter with a class "
        "of events, or write @callback.on(EventClass)"
    )
    try:
        parameters = list(inspect.signature(handler).parameters)
        function = handler if inspect.isroutine(handler) else type(handler).__call__
        annotation: object = typing.get_type_hints(function)[parameters[0]]
    except (NameError, TypeError, ValueError, KeyError, IndexError):
        raise unclear from None
    union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    classes = typing.get_args(annotation) if union else (annotation,)
    if not all(isinstance(one, type) and one is not object for one in classes):
        raise unclear
    return cast("tuple[type, ...]", classes)
