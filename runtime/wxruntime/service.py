"""What a client knows about one service; the compiler fills it in from the specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from wxruntime.call import Call
from wxruntime.errors import ApiError
from wxruntime.token import Grant

__all__ = ["Service"]


@frozen
class Service:
    """The facts of one service that every call shares."""

    hosts: tuple[str, ...]
    """The base URLs of the platform, the usual one first."""
    token_parameter: str
    """The query parameter that carries the access token."""
    dead_token: frozenset[int]
    """The error codes that mean: this access token no longer serves."""
    code: str
    """The field of an answer that holds the error code."""
    message: str
    """The field of an answer that holds the platform's words about the code."""
    errors: Mapping[int, type[ApiError]]
    """Error code → its class."""
    grant: Callable[[str, str, bool], Call[Grant]]
    """The call for an access token: app id, app secret, whether to force a new token."""
    forces_a_day: int
    """How often a day a new token may be forced."""
    force_apart: float
    """How long to wait between two forced tokens, in seconds."""
    also_code: tuple[str, ...] = ()
    """Other fields that have held the error code, read where the first is absent."""
    wrong_method: frozenset[int] = frozenset()
    """The error codes that mean: a request with another method is wanted."""
    raw_in_query: str = ""
    """The characters of values that are left as they are in a query."""
    plain_grant: Callable[[str, str], Call[Grant]] | None = None
    """The call for a token that ends the one before: app id, app secret; None if there is none."""
