"""From a call to its answer: token, attempts, hosts, envelope.

Written once for both kinds of client; see `wxruntime.concurrency`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from attrs import evolve, frozen

from wxruntime.call import Call
from wxruntime.concurrency import Concurrency, shared
from wxruntime.download import MAX_FILE, File, FileSink, Saved, Target
from wxruntime.envelope import Reading, write_body, write_url
from wxruntime.errors import ApiError, HttpError, TransportError, WeChatError
from wxruntime.hosts import Hosts
from wxruntime.observe import CallEvent, Observer
from wxruntime.redact import Secret
from wxruntime.retry import Deadline, Retry
from wxruntime.service import Service
from wxruntime.token import AccessTokens
from wxruntime.transport import (
    MAX_ANSWER,
    AsyncTransport,
    Body,
    HttpRequest,
    HttpResponse,
    Timeout,
)

__all__ = ["Delivery", "Options"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@frozen
class Options:
    """How long a call may take, and how often it is sent."""

    timeout: Timeout
    retry: Retry


@frozen
class _Parcel(Generic[T_co]):
    """A call on its way."""

    call: Call[object]
    body: Body | None
    options: Options
    read: Callable[[Reading, HttpResponse], T_co | WeChatError]
    """Reads an answer."""
    limit: int
    """How large an answer may be, in bytes."""
    sink: FileSink | None
    deadline: Deadline


class Delivery:
    """Sends the calls of one account."""

    tokens: AccessTokens
    """Where its access tokens are; set before the first call that needs one."""

    def __init__(
        self,
        service: Service,
        hosts: Hosts,
        transport: AsyncTransport,
        concurrency: Concurrency,
        app_secret: Secret,
        observer: Observer,
    ) -> None:
        """Send nothing yet.

        Args:
            service: The facts of the service.
            hosts: Where to send calls.
            transport: What sends requests.
            concurrency: How to wait.
            app_secret: What no error may show.
            observer: Is told of each attempt.
        """
        self.hosts = hosts
        self.closed = False
        self._service = service
        self._transport = transport
        self._concurrency = concurrency
        self._app_secret = app_secret
        self._observer = observer

    async def send(self, call: Call[T], options: Options) -> T:
        """Send a call and return its decoded answer."""

        def read(reading: Reading, response: HttpResponse) -> T | WeChatError:
            return reading.content(call, response)

        limit = MAX_ANSWER if call.file is None else MAX_FILE
        return await self._deliver(self._parcel(call, options, read, limit))

    async def send_by(self, call: Call[T], options: Options, deadline: Deadline) -> T:
        """Send a call and return its decoded answer, within somebody else's deadline."""
        left = deadline.left()
        if left <= 0:
            raise TransportError(f"{call.operation}: no time left to send it", sent=False)
        return await self.send(call, evolve(options, retry=evolve(options.retry, deadline=left)))

    async def download(self, call: Call[File], options: Options, target: Target) -> Saved:
        """Send a call and write the file that it returns to a target."""
        sink = FileSink(target)

        def read(reading: Reading, response: HttpResponse) -> Saved | WeChatError:
            return reading.saved(response, sink.size, sink.held_back)

        try:
            saved = await self._deliver(self._parcel(call, options, read, MAX_ANSWER, sink))
            sink.keep()
        finally:
            sink.drop()
        return saved

    def _parcel(
        self,
        call: Call[object],
        options: Options,
        read: Callable[[Reading, HttpResponse], T | WeChatError],
        limit: int,
        sink: FileSink | None = None,
    ) -> _Parcel[T]:
        deadline = Deadline(options.retry.deadline)
        return _Parcel(call, write_body(call), options, read, limit, sink, deadline)

    async def _deliver(self, parcel: _Parcel[T]) -> T:
        """Send a call until it is answered, or until there is no use in it.

        A token the platform refuses is replaced, and the call is sent again exactly once, be it
        idempotent or not: a refused token means that nothing was done. So does a wrong method.
        """
        call = parcel.call
        self._check_open(call)
        token = await self._token(parcel.deadline) if call.token else None
        host = self.hosts.now()
        replaced = False
        attempt = 1
        while True:
            self._check_open(call)
            began = time.monotonic()
            outcome = await self._attempt(parcel, host, token)
            took = time.monotonic() - began
            if not isinstance(outcome, WeChatError):
                self._observer.answered(call.operation, attempt, host, took)
                return outcome
            event = CallEvent(call.operation, attempt, host, took, outcome)
            twin = self._twin(call, outcome)
            if twin is not None:
                self._observer.tell(evolve(event, retry_in=0.0))
                call = twin
                parcel = evolve(parcel, call=twin, body=write_body(twin))
                continue
            if token is not None and not replaced and self._is_dead(outcome):
                replaced = True
                token = await self._replace(token, parcel, event)
                if token is None:
                    raise outcome
                continue
            pause = self._pause(parcel, attempt, host, outcome)
            self._observer.tell(evolve(event, retry_in=pause))
            if pause is None or not await self._concurrency.sleep(pause):
                raise outcome
            attempt += 1
            if call.idempotent:
                host = self.hosts.now()

    def _check_open(self, call: Call[object]) -> None:
        if self.closed:
            raise TransportError(f"{call.operation}: the client is closed", sent=False)

    async def _token(self, deadline: Deadline) -> Secret:
        try:
            return await self.tokens.get(deadline)
        except TransportError as error:
            failure = _unsent(error)
        raise failure

    async def _attempt(
        self, parcel: _Parcel[T], host: str, token: Secret | None
    ) -> T | WeChatError:
        """Send one request and return what its answer says, or the error that it means."""
        call, left = parcel.call, parcel.deadline.left()
        if left <= 0:
            return TransportError(f"{call.operation}: no time left to send it", sent=False)
        # No name here for the address: the frames of an error would show the token in it.
        request = HttpRequest(
            call.method,
            write_url(self._service, host, call, token),
            parcel.body,
            parcel.limit,
            parcel.sink,
            parcel.deadline.end,
        )
        try:
            response = await self._transport.send(request, parcel.options.timeout.within(left))
        except WeChatError as error:
            return error
        secrets = (self._app_secret,) if token is None else (self._app_secret, token)
        # A call that sends secrets is answered with one: what came is not shown.
        private = bool(call.secrets)
        return parcel.read(Reading(self._service, call.operation, secrets, private), response)

    def _twin(self, call: Call[object], error: WeChatError) -> Call[object] | None:
        """Return the older request that the platform asks for; None when it does not."""
        refused = isinstance(error, ApiError) and error.code in self._service.wrong_method
        return call.twin if refused else None

    def _is_dead(self, error: WeChatError) -> bool:
        return isinstance(error, ApiError) and error.code in self._service.dead_token

    async def _replace(
        self, refused: Secret, parcel: _Parcel[object], event: CallEvent
    ) -> Secret | None:
        """Return another token than the refused one; None when there is none to be had now."""
        other: Secret | None = None
        failure: TransportError | None = None
        try:
            other = await self.tokens.replace(refused, parcel.deadline)
        except TransportError as error:
            failure = _unsent(error)
        finally:
            self._observer.tell(event if other is None else evolve(event, retry_in=0.0))
        if failure is not None:
            failure.__cause__ = failure.__cause__ or event.error
            raise failure
        return other

    def _pause(
        self, parcel: _Parcel[object], attempt: int, host: str, error: WeChatError
    ) -> float | None:
        """Return how long to wait before sending again, and leave a host that fails."""
        answered = isinstance(error, HttpError) and error.status < 500
        if isinstance(error, TransportError) and not answered:
            self.hosts.failed(host)
        return parcel.options.retry.pause(
            attempt, error, idempotent=parcel.call.idempotent, left=parcel.deadline.left()
        )


def _unsent(error: TransportError) -> TransportError:
    """Return an error about the token as one about a call that needed it, and never went out."""
    failure = shared(error)
    failure.sent = False
    return failure
