"""HTTP on aiohttp, for asyncio: the same promises as on urllib3's connections."""

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
"""From how many seconds on aiohttp rounds a time-out up to whole ones: never."""
_BROKEN = (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError)
"""What aiohttp raises when there is no answer, or no more of one."""
_FINAL = 200
"""From which status on an answer is the last to its request."""


async def _off_loop(work: Callable[..., T], *given: object) -> T:
    """Do what may wait for a disk in a thread, and end only when it has ended.

    A caller who is cancelled would otherwise close the file under the thread.
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
    """One request under way: how far it came, and how long it may still take.

    asyncio's own time-out begins where its block begins; this one begins with the connection, and
    again with each part of the request that was taken. The end of the call does not move.
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
        """Whether the time of the call as a whole struck it."""
        self.transport: asyncio.Transport | None = None
        """What it goes over; None as long as nothing of it can have gone out."""

    def go_on(self) -> None:
        """Give the full time from now on, if the call has as much left."""
        self.deadline = min(self._session.loop.time() + self._seconds, self._end)
        self._session.watch(self.deadline)

    def strike(self) -> None:
        """Cancel whoever waits for it, because time ran out."""
        self.over = self.deadline >= self._end
        self.deadline = inf
        self._struck = True
        self._task.cancel()

    def struck(self) -> bool:
        """Say whether it was time alone that cancelled the task, and take that back."""
        if not self._struck:
            return False
        self._struck = False
        if sys.version_info >= (3, 11):
            return self._task.uncancel() <= self._cancelled
        return True

    def abort(self) -> None:
        """Close the connection at once: closed gently, it would wait for a server that is stuck."""
        if self.transport is not None:
            self.transport.abort()


class _Outgoing:
    """A body on its way out."""

    def __init__(self, body: Body, exchange: _Exchange) -> None:
        self._exchange = exchange
        self._chunks = outgoing(body)
        self._left = body.length
        self._at_hand = isinstance(body, Bytes)
        self._reading = asyncio.Lock()
        self.failure: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether aiohttp has all of it."""
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
        # There is no next one once all is there, and asking a thread would take time.
        if self._at_hand or not self._left:
            return self._read()
        async with self._reading:
            return await _off_loop(self._read)

    def _read(self) -> bytes | None:
        try:
            return next(self._chunks, None)
        except Exception as error:
            # aiohttp would say that the connection failed, and asyncio hand on a copy.
            self.failure = error
            raise

    async def close(self) -> None:
        """Close what it is read from."""
        async with self._reading:
            self._chunks.close()


_current: ContextVar[_Exchange] = ContextVar("wxruntime.transport.aiohttp")


class _SentBefore(aiohttp.ClientConnectionError):
    """aiohttp is about to send a request again, on its own account."""


class _Connector(aiohttp.TCPConnector):
    """Opens connections, and tells an exchange when it has got one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # pyright: ignore[reportUnknownMemberType] - one of many
        self._probes: WeakKeyDictionary[ResponseHandler, Callable[[], bool]] = WeakKeyDictionary()
        """For each connection that was used, what tells whether something is to be read there."""

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
            # The server has closed it, which the event loop has not seen yet.
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
    poll = select.poll()  # kept, because it is asked before every request
    poll.register(sock, select.POLLIN)
    return lambda: bool(poll.poll(0))


class _Session:
    """What a transport has on its event loop."""

    def __init__(self, connections: int, idle: float, route: Route) -> None:
        self.loop = asyncio.get_running_loop()
        self.slots = asyncio.Semaphore(connections)
        self.running: set[_Exchange] = set()
        self.closed = False
        connector = _Connector(
            # The slots are the limit; aiohttp would count the wait for one as time to connect.
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
        """See to it that what is too late by then is struck: one timer serves all requests."""
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
        # A connection that was aborted is gone when the loop has come round to it, an encrypted
        # one when it has come round to what is below; a loop that ends before that would warn.
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
        """Open no connection yet; the first request decides the event loop.

        Args:
            connections: How many requests may be under way at once; others wait, and their
                time-outs with them, but not their deadlines.
            proxy: The address of an HTTP proxy, `http://name:password@host:port`; nothing is
                taken from the environment.
            ca_file: A file of PEM certificates that are trusted in place of the system's.
            idle: How long a connection may stand idle and still be used again, in seconds.

        Raises:
            ValueError: If there is to be no connection, the proxy is no address, or the file has no
                certificates.
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
        """Close every connection; a later request opens new ones, on its own event loop."""
        if self._session is not None:
            session = self._here()
            self._session = None
            await session.close()

    def _here(self) -> _Session:
        """Return the session, which belongs to the running event loop.

        Raises:
            RuntimeError: If it belongs to another one.
        """
        if self._session is None:
            self._session = _Session(self._connections, self._idle, self._route)
        elif self._session.loop is not asyncio.get_running_loop():
            raise RuntimeError(
                "this client is used on another event loop already: make one client per loop, "
                "and close it there"
            )
        return self._session

    async def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request; see `Transport.send`.

        Each 64 KiB of the request have to be taken within `timeout.read`, and the answer has as
        long from the moment the request is out; all of it ends with the request's deadline.
        """
        session = self._here()
        try:
            outcome = await self._in_turn(session, request, timeout)
        except Exception as error:  # the body's or the sink's own
            raise error.with_traceback(None)  # noqa: B904 - the same error, without our frames
        except BaseException as interruption:
            # The frames hold the URL, the token in it, and the body.
            raise interruption.with_traceback(None) from None
        if isinstance(outcome, HttpResponse):
            return outcome
        # Raised here and not where a library raised: its exceptions carry the URL, token and all.
        raise outcome.of(request)

    async def _in_turn(
        self, session: _Session, request: HttpRequest, timeout: Timeout
    ) -> HttpResponse | Failure:
        """Send a request as soon as it may be under way."""
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
            # It waited for this session: it does not go on in another.
            if session.closed:
                return CLOSED
            return await self._attempt(session, exchange, request, timeout)
        finally:
            session.running.discard(exchange)
            session.slots.release()

    async def _attempt(
        self, session: _Session, exchange: _Exchange, request: HttpRequest, timeout: Timeout
    ) -> HttpResponse | Failure:
        """Return the answer, or say in words what went wrong."""
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
        """Send a request, and wait for an answer to begin."""
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
    """Return a body as it is sent fastest."""
    if isinstance(body, Bytes) and body.length <= CHUNK:
        return body.content
    return None if body is None else _Outgoing(body, exchange)


def _not_connected(error: Exception, timeout: Timeout, *, proxied: bool) -> Failure:
    """Say why there is no connection, by what aiohttp made of it."""
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
    """Have the content end where the connection does.

    After a chunk that is none, aiohttp closes the connection and tells nobody who reads.
    """
    content, connection = response.content, response.connection
    protocol = None if connection is None else connection.protocol

    def end(closed: asyncio.Future[None]) -> None:
        if not closed.cancelled():
            closed.exception()  # taken here: asyncio logs what nobody takes
        if not content.is_eof() and content.exception() is None:
            content.set_exception(aiohttp.ClientPayloadError())

    if protocol is not None and (closed := protocol.closed) is not None:
        closed.add_done_callback(end)


async def _read(
    response: aiohttp.ClientResponse, exchange: _Exchange, request: HttpRequest, timeout: Timeout
) -> HttpResponse:
    """Read the content within its bounds of size and time."""
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
