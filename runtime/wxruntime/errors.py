"""The tree of errors: one root, and no secret in any of them.

Every error keeps what it is made of in `args`, so it can be pickled and copied.
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
    """The root of every error this library raises about the platform and its data."""


class ApiError(WeChatError):
    """The platform answered with an error code.

    The generated `errors` module has one subclass for each code of the specification. An unknown
    code arrives as this class, with everything that the platform said.
    """

    remedy: ClassVar[str] = ""
    """What to do about it, in one sentence; empty when nothing is known."""
    retryable: ClassVar[bool] = False
    """Whether the same call can succeed after a moment, so that a client may send it again."""
    retry_after: float | None = None
    """Seconds after which the same call can succeed; None if unknown.

    Some errors that are not `retryable` have one: a client does not wait for a day by itself.
    """

    code: int
    """The platform's number, `errcode` on the wire."""
    message: str
    """The platform's own words, `errmsg` on the wire."""
    rid: str
    """The platform's name for this request, for its support; empty when it gave none."""
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
        said = f": {self.message}" if self.message else ""
        rid = f" (rid {self.rid})" if self.rid and self.rid not in self.message else ""
        remedy = f". {self.remedy}" if self.remedy else ""
        return f"{where}{self.code} {type(self).__name__}{said}{rid}{remedy}"


class TransportError(WeChatError):
    """Raised when a call got no answer: no connection, a time-out, a cut or oversized answer."""

    sent: bool
    """Whether bytes of the request may have gone out; if not, nothing was done."""

    def __init__(self, message: str, sent: bool = True) -> None:
        super().__init__(message, sent)
        self.sent = sent

    def __str__(self) -> str:
        return str(self.args[0])


class HttpError(TransportError):
    """Raised when something answered that is not the platform's API, such as a proxy's page."""

    status: int
    """The HTTP status."""
    retry_after: float | None
    """How long the server asks to be left alone, in seconds; None when it does not say."""

    def __init__(self, message: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.args = (message, status, retry_after)
        self.status = status
        self.retry_after = retry_after


class _LocatedError(WeChatError):
    """Something is wrong at one place of a document."""

    problem: str
    """What was expected and what came."""
    path: tuple[str | int, ...]
    """The way to the place, from the outside in: names of fields and positions in lists."""

    def __init__(self, problem: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(problem, path)
        self.problem = problem
        self.path = path

    def __str__(self) -> str:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"${''.join(steps)}: {self.problem}" if self.path else self.problem


class DecodeError(_LocatedError):
    """Raised when what came over the wire is not what the specification describes."""

    @property
    def expected(self) -> str:
        """The problem without what came, for what may be a secret."""
        return self.problem.partition(", got ")[0].partition(": ")[0]

    def within(self, *outer: str | int) -> DecodeError:
        """Return the same error as seen from further outside.

        Args:
            outer: The steps that lead to the document this error speaks of.
        """
        return DecodeError(self.problem, (*outer, *self.path))


class EncodeError(_LocatedError):
    """Raised when a value cannot be written to the wire."""


class StoreError(WeChatError):
    """Raised when the store that processes share a token by cannot be reached or read."""


class SignatureError(WeChatError):
    """Raised when a delivery is not authentic: its signature, time, encryption or AppID."""
