"""The exception classes: one root, and no secret in any exception.

Every exception keeps its arguments in `args`, so it can be pickled and copied.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "ApiError",
    "DecodeError",
    "EncodeError",
    "HttpError",
    "SignatureError",
    "StoreError",
    "TransportError",
    "WeChatError",
]


class WeChatError(Exception):
    """The root of all errors that this library raises about the platform and its data."""


class ApiError(WeChatError):
    """The platform answered with an error code.

    The generated `errors` module has one subclass for each code of the specification. An unknown
    code arrives as this class, with everything that the platform said.
    """

    remedy: ClassVar[str] = ""
    """What to do about the error, in one sentence; empty if the specification names nothing."""
    retryable: ClassVar[bool] = False
    """Whether the same call can succeed after a moment, so that a client may send it again."""
    retry_after: float | None = None
    """Seconds after which the same call can succeed; None if unknown.

    Some errors that are not `retryable` have one: a client does not wait for a day by itself.
    """

    code: int
    """The error code, `errcode` on the wire."""
    message: str
    """The platform's message, `errmsg` on the wire."""
    rid: str
    """The platform's id of the request (`rid`), for its support; empty if the answer has none."""
    operation: str
    """The call that failed, for example `kf_session.close`."""

    def __init__(
        self,
        code: int,
        message: str = "",
        rid: str = "",
        operation: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, message, rid, operation, retry_after)
        self.code = code
        self.message = message
        self.rid = rid
        self.operation = operation
        if retry_after is not None:
            self.retry_after = retry_after

    def __str__(self) -> str:
        where = f"{self.operation}: " if self.operation else ""
        message = f": {self.message}" if self.message else ""
        rid = f" (rid {self.rid})" if self.rid and self.rid not in self.message else ""
        remedy = f". {self.remedy}" if self.remedy else ""
        return f"{where}{self.code} {type(self).__name__}{message}{rid}{remedy}"


class TransportError(WeChatError):
    """Raised if no complete answer came: no connection, timeout, truncated or oversized answer."""

    sent: bool
    """Whether bytes of the request may have gone out; if False, the platform did nothing."""

    def __init__(self, message: str, sent: bool = True) -> None:
        super().__init__(message, sent)
        self.sent = sent

    def __str__(self) -> str:
        return str(self.args[0])


class HttpError(TransportError):
    """Raised if the answer is not from the platform's API, such as the error page of a proxy."""

    status: int
    """The HTTP status."""
    retry_after: float | None
    """Seconds to wait before the next attempt, as the server asks for; None if it does not."""

    def __init__(self, message: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.args = (message, status, retry_after)
        self.status = status
        self.retry_after = retry_after


class _LocatedError(WeChatError):
    """An error at one place of a document."""

    problem: str
    """What was expected and what came."""
    operation: str
    """The call that failed, for example `kf_session.get`; empty if the error is not from a call."""
    path: tuple[str | int, ...]
    """The path to the place, outermost first: field names and list indexes."""

    def __init__(self, problem: str, path: tuple[str | int, ...] = (), operation: str = "") -> None:
        super().__init__(problem, path, operation)
        self.problem = problem
        self.path = path
        self.operation = operation

    def __str__(self) -> str:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        place = f"${''.join(steps)}: " if self.path else ""
        call = f"{self.operation}: " if self.operation else ""
        return f"{call}{place}{self.problem}"


class DecodeError(_LocatedError):
    """Raised if data from the wire does not match the specification."""

    @property
    def expected(self) -> str:
        """The problem without the value that came, which may be a secret."""
        return self.problem.partition(", got ")[0].partition(": ")[0]

    def within(self, *outer: str | int) -> DecodeError:
        """Return the same error with a longer path.

        Args:
            outer: The path of the inner document within the outer one.
        """
        return DecodeError(self.problem, (*outer, *self.path), self.operation)


class EncodeError(_LocatedError):
    """Raised if a value cannot be written to the wire."""


class StoreError(WeChatError):
    """Raised if a store that processes share cannot be reached, read or written."""


class SignatureError(WeChatError):
    """Raised if a delivery is not authentic: wrong signature, time, encryption or AppID."""
