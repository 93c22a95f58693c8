"""From a call to its answer: token, attempts, hosts, envelope.

Written once for both kinds of client; see `wxruntime.concurrency`.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeAlias, TypeVar

from attrs import evolve, field, frozen

from wxruntime.call import Call
from wxruntime.concurrency import Concurrency, shared
from wxruntime.download import MAX_FILE, File, FileSink, Saved, Target
from wxruntime.envelope import AnswerReader
from wxruntime.errors import ApiError, HttpError, TransportError, WeChatError
from wxruntime.hosts import Hosts
from wxruntime.observe import CallEvent, Observer
from wxruntime.redact import Secret
from wxruntime.request import write_body, write_target, write_url
from wxruntime.retry import Deadline, Retry
from wxruntime.service import Service
from wxruntime.token import AccessTokens, Grant
from wxruntime.transport import (
    MAX_ANSWER,
    AsyncTransport,
    Body,
    HttpRequest,
    HttpResponse,
    Timeout,
)

__all__ = ["Dispatcher", "Options", "SendBy"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@frozen
class Options:
    """How long a call may take, and how often it is sent."""

    timeout: Timeout
    retry: Retry


@frozen
class _Request(Generic[T_co]):
    """A call that is being sent."""

    call: Call[object]
    target: str = field(repr=False)
    """The path and its query, without the access token."""
    body: Body | None
    options: Options
    read: Callable[[AnswerReader, HttpResponse], T_co | WeChatError]
    """Reads the content of an answer, or returns the error that the answer means."""
    limit: int
    """The size limit of an answer, in bytes."""
    sink: FileSink | None
    deadline: Deadline


SendBy: TypeAlias = Callable[[Call[Grant], Options, Deadline], Awaitable[Grant]]
"""Sends a call that grants an access token, by the deadline of the call that needs the token."""


class Dispatcher:
    """Sends the calls of one account."""

    def __init__(
        self,
        service: Service,
        hosts: Hosts,
        transport: AsyncTransport,
        concurrency: Concurrency,
        app_secret: Secret,
        observer: Observer,
        tokens: Callable[[SendBy], AccessTokens],
    ) -> None:
        """Build a dispatcher without sending anything.

        Args:
            service: The facts of the service.
            hosts: The hosts to send calls to.
            transport: Sends the requests.
            concurrency: How to wait.
            app_secret: Masked in every error.
            observer: Gets an event for each attempt.
            tokens: Makes the access tokens of the account. It gets the means to send the calls
                that grant one.
        """
        self.hosts = hosts
        self.closed = False
        self._service = service
        self._transport = transport
        self._concurrency = concurrency
        self._app_secret = app_secret
        self._observer = observer
        self.tokens: Final = tokens(self.send_by)

    async def send(self, call: Call[T], options: Options) -> T:
        """Send a call and return its decoded answer."""

        def read(answers: AnswerReader, response: HttpResponse) -> T | WeChatError:
            return answers.content(call, response)

        limit = MAX_ANSWER if call.file is None else MAX_FILE
        return await self._exchange(self._request(call, options, read, limit))

    async def send_by(self, call: Call[T], options: Options, deadline: Deadline) -> T:
        """Send a call and return its decoded answer, within the deadline of another call."""
        if not deadline.has_time():
            raise _no_time(call)
        within = evolve(options.retry, deadline=deadline.left())
        return await self.send(call, evolve(options, retry=within))

    async def download(self, call: Call[File], options: Options, target: Target) -> Saved:
        """Send a call and write the file that it returns to a target."""
        sink = FileSink(target)

        def read(answers: AnswerReader, response: HttpResponse) -> Saved | WeChatError:
            return answers.saved(response, sink.size, sink.held_back)

        try:
            saved = await self._exchange(self._request(call, options, read, MAX_ANSWER, sink))
            sink.keep()
        finally:
            sink.drop()
        return saved

    def _request(
        self,
        call: Call[object],
        options: Options,
        read: Callable[[AnswerReader, HttpResponse], T | WeChatError],
        limit: int,
        sink: FileSink | None = None,
    ) -> _Request[T]:
        deadline = Deadline(options.retry.deadline)
        # No variables for target and body, which may hold a secret: the frames of an error would
        # show it.
        return _Request(
            call,
            write_target(self._service, call),
            write_body(call),
            options,
            read,
            limit,
            sink,
            deadline,
        )

    async def _exchange(self, request: _Request[T]) -> T:
        """Send a call until it is answered, or until the retry policy gives up.

        If the platform refuses the access token, the token is replaced and the call is sent again
        exactly once, idempotent or not: after a refused token the platform has done nothing. The
        same holds for a refused HTTP method.
        """
        call = request.call
        self._check_open(call)
        token = await self._token(request.deadline) if call.token else None
        _check_time(request)
        host = self.hosts.now()
        replaced = sent = False
        attempt = 1
        while True:
            self._check_open(call)
            began = time.monotonic()
            outcome = await self._attempt(request, host, token)
            took = time.monotonic() - began
            if not isinstance(outcome, WeChatError):
                self._observer.answered(call.operation, attempt, host, took)
                return outcome
            event = CallEvent(call.operation, attempt, host, took, outcome)
            twin = self._twin(call, outcome)
            if twin is not None:
                self._observer.tell(evolve(event, retry_in=0.0))
                call = twin
                request = evolve(
                    request,
                    call=twin,
                    target=write_target(self._service, twin),
                    body=write_body(twin),
                )
                _check_time(request)
                continue
            if token is not None and not replaced and self._is_dead(outcome):
                replaced = True
                token = await self._replace(token, request, event)
                if token is None:
                    raise outcome
                _check_time(request)
                continue
            pause = self._pause(request, attempt, host, outcome)
            self._observer.tell(evolve(event, retry_in=pause))
            if pause is None or not await self._concurrency.sleep(pause):
                raise _in_all(outcome, attempt, request.deadline, sent)
            sent = sent or not isinstance(outcome, TransportError) or outcome.sent
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
        self, request: _Request[T], host: str, token: Secret | None
    ) -> T | WeChatError:
        """Send one request, and return the content of its answer, or the error that it means."""
        call, left = request.call, request.deadline.left()
        if left <= 0:
            return _no_time(call)
        # No name here for the address: the frames of an error would show the token in it.
        http = HttpRequest(
            call.method,
            write_url(self._service, host, request.target, token),
            request.body,
            request.limit,
            request.sink,
            request.deadline.end,
        )
        try:
            response = await self._transport.send(http, request.options.timeout.within(left))
        except WeChatError as error:
            return error
        secrets = (self._app_secret,) if token is None else (self._app_secret, token)
        # The answer to a call that sends secrets holds one, so no error shows the answer.
        private = bool(call.secrets)
        return request.read(AnswerReader(self._service, call.operation, secrets, private), response)

    def _twin(self, call: Call[object], error: WeChatError) -> Call[object] | None:
        """Return the older form of the request if the platform refused the HTTP method."""
        refused = isinstance(error, ApiError) and error.code in self._service.wrong_method
        return call.twin if refused else None

    def _is_dead(self, error: WeChatError) -> bool:
        return isinstance(error, ApiError) and error.code in self._service.dead_token

    async def _replace(
        self, refused: Secret, request: _Request[object], event: CallEvent
    ) -> Secret | None:
        """Return another token than the refused one; None if there is none for now."""
        other: Secret | None = None
        failure: TransportError | None = None
        try:
            other = await self.tokens.replace(refused, request.deadline)
        except TransportError as error:
            failure = _unsent(error)
        finally:
            self._observer.tell(event if other is None else evolve(event, retry_in=0.0))
        if failure is not None:
            failure.__cause__ = failure.__cause__ or event.error
            raise failure
        return other

    def _pause(
        self, request: _Request[object], attempt: int, host: str, error: WeChatError
    ) -> float | None:
        """Return the seconds before the next attempt, and note a host that fails."""
        answered = isinstance(error, HttpError) and error.status < 500
        if isinstance(error, TransportError) and not answered:
            self.hosts.failed(host)
        return request.options.retry.pause(
            attempt, error, idempotent=request.call.idempotent, left=request.deadline.left()
        )


def _check_time(request: _Request[object]) -> None:
    """Refuse to send a request that the deadline would soon cut.

    Before a retry, `Retry.pause` checks the same.
    """
    if not request.deadline.has_time():
        raise _no_time(request.call)


def _no_time(call: Call[object]) -> TransportError:
    return TransportError(f"{call.operation}: too little time left to send it", sent=False)


def _in_all(
    error: WeChatError, attempts: int, deadline: Deadline, sent_before: bool
) -> WeChatError:
    """Return the error of a call's last attempt as an error about the whole call.

    The caller has set the deadline of the call, not the time of its last attempt. And even if the
    last attempt could not be sent, the platform may have carried out an earlier one.
    """
    if not isinstance(error, TransportError) or (attempts == 1 and deadline.left() > 0):
        return error
    number = "1 attempt" if attempts == 1 else f"{attempts} attempts"
    whole = shared(error)
    whole.sent = error.sent or sent_before
    whole.args = (f"{error}; {number}, {deadline.spent():.1f} s in all", *error.args[1:])
    return whole


def _unsent(error: TransportError) -> TransportError:
    """Return an error about the token as an error about the call that needed it: not sent."""
    failure = shared(error)
    failure.sent = False
    return failure
