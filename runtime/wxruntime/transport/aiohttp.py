"""HTTP by aiohttp, for asyncio: with the same guarantees as the urllib3 transport."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from urllib3.util.wait import wait_for_read

try:
    import aiohttp
    from yarl import URL
except ImportError:
    raise ImportError("asyncio needs aiohttp: pip install 'wxoa[async]'") from None

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

from wxruntime.redact import guard_logger
from wxruntime.transport import Body, Bytes, HttpRequest, HttpResponse, Timeout
from wxruntime.transport.address import split
from wxruntime.transport.intake import (
    CHUNK,
    CLOSED,
    NOT_AN_ADDRESS,
    OUT_OF_TIME,
    Failure,
    Intake,
    broke_off,
    headers_for,
    not_let_through,
    not_taken,
    outgoing,
    too_slow,
    unreachable,
)
from wxruntime.transport.route import Route

__all__ = ["AiohttpTransport"]

T = TypeVar("T")

_EXACT = 1e9
"""Seconds from which on aiohttp rounds a timeout up to whole seconds: never."""
_BROKEN = (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError)
"""The exceptions by which aiohttp reports that an answer does not come, or breaks off."""
_FINAL = 200
"""The lowest status of a final answer; below it are interim answers."""


async def _off_loop(work: Callable[..., T], *given: object) -> T:
    """Run a function that may wait for a disk in a thread, and return only after its end.

    Otherwise a cancelled caller could close the file while the thread still uses it.
    """
    doing = asyncio.get_running_loop().run_in_executor(None, work, *given)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        while not doing.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([doing])
        raise


class _Exchange:
    """One request under way, with its time limit and its progress.

    The limit starts with the connection, and again with each part of the request that was sent,
    which `asyncio.timeout` cannot do. It never exceeds the deadline of the call.
    """

    __slots__ = (
        "_cancelled",
        "_end",
        "_seconds",
        "_session",
        "_struck",
        "_task",
        "deadline",
        "over",
        "transport",
    )

    def __init__(self, session: _Session, seconds: float, end: float) -> None:
        task = asyncio.current_task()
        assert task is not None  # a coroutine runs in one
        self._task = task
        self._cancelled = 0
        if sys.version_info >= (3, 11):
            self._cancelled = task.cancelling()
        self._session = session
        self._seconds = seconds
        self._struck = False
        # An event loop may have a clock of its own.
        self._end = session.loop.time() + (end - time.monotonic())
        self.deadline = self._end
        session.watch(self.deadline)
        self.over = False
        """Whether the deadline of the call, and not only the timeout, has passed."""
        self.transport: asyncio.Transport | None = None
        """The connection in use; None as long as no byte of the request can have gone out."""

    def go_on(self) -> None:
        """Start the time limit again, at most until the deadline of the call."""
        self.deadline = min(self._session.loop.time() + self._seconds, self._end)
        self._session.watch(self.deadline)

    def strike(self) -> None:
        """Cancel the task that waits for this request, because its time is over."""
        self.over = self.deadline >= self._end
        self.deadline = inf
        self._struck = True
        self._task.cancel()

    def struck(self) -> bool:
        """Return whether only the time limit cancelled the task, and undo this cancellation."""
        if not self._struck:
            return False
        self._struck = False
        if sys.version_info >= (3, 11):
            return self._task.uncancel() <= self._cancelled
        return True

    def abort(self) -> None:
        """Close the connection at once; a graceful close would wait for a server that hangs."""
        if self.transport is not None:
            self.transport.abort()


class _Outgoing:
    """A body that is being sent."""

    def __init__(self, body: Body, exchange: _Exchange) -> None:
        self._exchange = exchange
        self._chunks = outgoing(body)
        self._left = body.length
        self._at_hand = isinstance(body, Bytes)
        self._reading = asyncio.Lock()
        self.failure: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether aiohttp has got the whole body."""
        return not self._left

    def __aiter__(self) -> _Outgoing:
        return self

    async def __anext__(self) -> bytes:
        self._exchange.go_on()
        chunk = await self._next()
        if chunk is None:
            raise StopAsyncIteration
        self._left -= len(chunk)
        return chunk

    async def _next(self) -> bytes | None:
        # Without a file to read there is nothing to wait for, and a thread would only cost time.
        if self._at_hand or not self._left:
            return self._read()
        async with self._reading:
            return await _off_loop(self._read)

    def _read(self) -> bytes | None:
        try:
            return next(self._chunks, None)
        except Exception as error:
            # aiohttp would report it as a failed connection, and asyncio pass on a copy.
            self.failure = error
            raise

    async def close(self) -> None:
        """Close the file that the body is read from."""
        async with self._reading:
            self._chunks.close()


_current: ContextVar[_Exchange] = ContextVar("wxruntime.transport.aiohttp")


class _SentBefore(aiohttp.ClientConnectionError):
    """Raised to keep aiohttp from sending a request a second time by itself."""


class _Connector(aiohttp.TCPConnector):
    """Opens connections, and passes each one to the exchange that uses it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # pyright: ignore[reportUnknownMemberType] - one of many
        self._probes: WeakKeyDictionary[ResponseHandler, Callable[[], bool]] = WeakKeyDictionary()
        """For each used connection, a function that returns whether something can be read there."""

    async def connect(self, req: Any, traces: Any, timeout: Any) -> Connection:
        exchange = _current.get()
        if exchange.transport is not None:
            raise _SentBefore
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol, transport = connection.protocol, connection.transport
            if protocol is not None and transport is not None:
                probe = self._probes.get(protocol)
                if probe is None:
                    self._probes[protocol] = _probe(transport)
                    break
                if not probe():
                    break
            # The server has closed this connection, which the event loop has not noticed yet.
            connection.close()
        exchange.transport = transport
        exchange.go_on()
        return connection


def _probe(transport: asyncio.Transport) -> Callable[[], bool]:
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is None:
        return lambda: False
    if not hasattr(select, "poll"):
        return partial(wait_for_read, sock, 0)
    poll = select.poll()  # kept, because it is used before every request
    poll.register(sock, select.POLLIN)
    return lambda: bool(poll.poll(0))


class _Session:
    """The parts of a transport that belong to its event loop."""

    def __init__(self, connections: int, idle: float, route: Route) -> None:
        self.loop = asyncio.get_running_loop()
        self.slots = asyncio.Semaphore(connections)
        self.running: set[_Exchange] = set()
        self.closed = False
        connector = _Connector(
            # The slots limit the connections; aiohttp would count waiting as time to connect.
            limit=0,
            keepalive_timeout=idle,
            ssl=True if route.context is None else route.context,
        )
        self.http = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers=headers_for(None),
        )
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, deadline: float) -> None:
        """Have overdue requests cancelled at a deadline; one timer serves all requests."""
        if deadline < (inf if self._timer is None else self._timer.when()):
            self._set(deadline)

    def _set(self, deadline: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_at(deadline, self._look) if deadline < inf else None

    def _look(self) -> None:
        now = self.loop.time()
        for exchange in self.running:
            if exchange.deadline <= now:
                exchange.strike()
        self._set(min((exchange.deadline for exchange in self.running), default=inf))

    async def close(self) -> None:
        self.closed = True
        self._set(inf)
        for exchange in self.running:
            exchange.abort()
        await self.http.close()
        # The loop needs a round to close an aborted connection, and more for one with TLS; a loop
        # that ends before that would warn.
        for _ in range(3):
            await asyncio.sleep(0)


class AiohttpTransport:
    """HTTP over a pool of aiohttp connections, on one event loop."""

    def __init__(
        self,
        *,
        connections: int = 100,
        proxy: str | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        idle: float = 20.0,
    ) -> None:
        """Build a transport without opening a connection; the first request decides the event loop.

        Args:
            connections: The number of requests under way at once. Others wait; waiting counts
                against their deadlines, but not against their timeouts.
            proxy: The address of an HTTP proxy, `http://name:password@host:port`. The environment
                variables for proxies are not read.
            ca_file: A file of PEM certificates that are trusted instead of the system's.
            idle: Seconds after which an idle connection is not used again.

        Raises:
            ValueError: If `connections` is below 1, `proxy` is no such address, or `ca_file`
                contains no certificates.
        """
        route = Route.of(proxy, ca_file)
        proxy = None  # the frame of an error would show its password
        if isinstance(route, str):
            raise ValueError(route)
        if connections < 1:
            raise ValueError(f"connections: expected 1 or more, got {connections}")
        self._route = route
        self._connections = connections
        self._idle = idle
        self._session: _Session | None = None
        self._patience = (0.0, aiohttp.ClientTimeout())
        guard_logger("aiohttp.client")

    async def close(self) -> None:
        """Close all connections; a later request opens new ones, on its own event loop."""
        if self._session is not None:
            session = self._here()
            self._session = None
            await session.close()

    def _here(self) -> _Session:
        """Return the session of the running event loop.

        Raises:
            RuntimeError: If the session belongs to another event loop.
        """
        if self._session is None:
            self._session = _Session(self._connections, self._idle, self._route)
        elif self._session.loop is not asyncio.get_running_loop():
            raise RuntimeError(
                "this client is already in use on another event loop: make one client per loop, "
                "and close it there"
            )
        return self._session

    async def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request; see `Transport.send`.

        The server has to read each 64 KiB of the request within `timeout.read`, and has the same
        time for the whole answer after that; all within the deadline of the request.
        """
        session = self._here()
        try:
            outcome = await self._in_turn(session, request, timeout)
        except Exception as error:  # raised by the body or the sink
            raise error.with_traceback(None)  # noqa: B904 - the same error, without our frames
        except BaseException as interruption:
            # The frames hold the body and the URL, with the token in it.
            raise interruption.with_traceback(None) from None
        if isinstance(outcome, HttpResponse):
            return outcome
        # Raised here, without the library's exception, which holds the URL with the token.
        raise outcome.of(request)

    async def _in_turn(
        self, session: _Session, request: HttpRequest, timeout: Timeout
    ) -> HttpResponse | Failure:
        """Wait for a slot, then send a request."""
        if time.monotonic() >= request.deadline:
            return OUT_OF_TIME
        exchange = _Exchange(session, timeout.read, request.deadline)
        session.running.add(exchange)
        try:
            await session.slots.acquire()
        except BaseException as error:
            session.running.discard(exchange)
            if isinstance(error, asyncio.CancelledError) and exchange.struck():
                return OUT_OF_TIME
            raise
        try:
            # The session was closed while the request waited; a new session is not for it.
            if session.closed:
                return CLOSED
            return await self._attempt(session, exchange, request, timeout)
        finally:
            session.running.discard(exchange)
            session.slots.release()

    async def _attempt(
        self, session: _Session, exchange: _Exchange, request: HttpRequest, timeout: Timeout
    ) -> HttpResponse | Failure:
        """Return the answer, or the failure in words."""
        content = _content(request.body, exchange)
        body = content if isinstance(content, _Outgoing) else None
        mark = _current.set(exchange)
        whole = False
        try:
            response = await self._head(session, exchange, content, request, timeout)
            if isinstance(response, Failure):
                return response
            try:
                answer = await _read(response, exchange, request, timeout)
                sent = body is None or body.done
                whole = sent and not answer.cut and answer.status >= _FINAL
            finally:
                if not whole:
                    response.close()
            return answer
        finally:
            session.running.discard(exchange)
            _current.reset(mark)
            if not whole:
                exchange.abort()
            if body is not None:
                await body.close()

    async def _head(
        self,
        session: _Session,
        exchange: _Exchange,
        content: bytes | _Outgoing | None,
        request: HttpRequest,
        timeout: Timeout,
    ) -> aiohttp.ClientResponse | Failure:
        """Send a request, and wait for the header of its answer."""
        try:
            origin, target = split(request.url)
        except ValueError:
            return NOT_AN_ADDRESS
        body = content if isinstance(content, _Outgoing) else None
        headers = {} if request.body is None else headers_for(request.body)
        options: dict[str, Any] = {}
        if (proxy := self._route.proxy) is not None:
            options["proxy"] = URL.build(scheme="http", host=proxy.host, port=proxy.port)
            if origin.scheme == "https":
                options["proxy_headers"] = proxy.headers
            else:
                headers.update(proxy.headers)
        if self._patience[0] != timeout.connect:
            patience = aiohttp.ClientTimeout(connect=timeout.connect, ceil_threshold=_EXACT)
            self._patience = (timeout.connect, patience)
        try:
            return await session.http.request(
                request.method,
                URL(f"{origin.text}{target}", encoded=True),
                data=content,
                headers=headers,
                timeout=self._patience[1],
                allow_redirects=False,
                **options,
            )
        except _BROKEN as error:
            failure = error
        except asyncio.CancelledError:
            if not exchange.struck():
                raise
            over = exchange.over
            if exchange.transport is None:
                late = TimeoutError()
                return unreachable(late, timeout.connect, over=over, proxied=proxy is not None)
            if body is not None and not body.done:
                return Failure(not_taken(timeout.read, over=over))
            return Failure(too_slow(timeout.read, over=over))
        if body is not None and body.failure is not None:
            raise body.failure
        if exchange.transport is not None:
            return Failure(broke_off(failure))
        if session.closed:
            return CLOSED
        return _not_connected(failure, timeout, proxied=proxy is not None)


def _content(body: Body | None, exchange: _Exchange) -> bytes | _Outgoing | None:
    """Return a body in the form that is sent fastest."""
    if isinstance(body, Bytes) and body.length <= CHUNK:
        return body.content
    return None if body is None else _Outgoing(body, exchange)


def _not_connected(error: Exception, timeout: Timeout, *, proxied: bool) -> Failure:
    """Return why there is no connection, from aiohttp's exception."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return not_let_through(error.status)
    if isinstance(error, aiohttp.InvalidURL):
        return NOT_AN_ADDRESS
    cause = error
    if isinstance(error, asyncio.TimeoutError):
        cause = TimeoutError()
    elif isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = error.certificate_error
    elif isinstance(error, aiohttp.ClientConnectorDNSError):
        cause = socket.gaierror()
    elif isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
    return unreachable(cause, timeout.connect, over=False, proxied=proxied)


def _end_with_connection(response: aiohttp.ClientResponse) -> None:
    """End the content with an error when the connection is closed.

    After a malformed chunk, aiohttp closes the connection without telling the reader.
    """
    content, connection = response.content, response.connection
    protocol = None if connection is None else connection.protocol

    def end(closed: asyncio.Future[None]) -> None:
        if not closed.cancelled():
            closed.exception()  # retrieve it, or asyncio would log it
        if not content.is_eof() and content.exception() is None:
            content.set_exception(aiohttp.ClientPayloadError())

    if protocol is not None and (closed := protocol.closed) is not None:
        closed.add_done_callback(end)


async def _read(
    response: aiohttp.ClientResponse, exchange: _Exchange, request: HttpRequest, timeout: Timeout
) -> HttpResponse:
    """Read the content, within its limits of size and time."""
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        name = name.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    intake = Intake(request, response.status, headers)
    if not response.content.is_eof():
        _end_with_connection(response)
    try:
        if intake.sink is not None:
            await _off_loop(intake.begin)
        while True:
            try:
                chunk = await response.content.readany()
            except _BROKEN as error:
                return intake.end(broke_off(error))
            if not chunk:
                return intake.end()
            if intake.sink is not None:
                more = await _off_loop(intake.take, chunk)
            else:
                more = intake.take(chunk)
            if not more:
                return intake.end()
    except asyncio.CancelledError:
        if not exchange.struck():
            raise
        return intake.end(too_slow(timeout.read, over=exchange.over))
