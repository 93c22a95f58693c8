"""What a client knows about a service; generated from the specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from wxruntime.call import Call
from wxruntime.errors import ApiError
from wxruntime.token import Grant

__all__ = ["Service"]


@frozen
class Service:
    """The facts of a service that all its calls share."""

    hosts: tuple[str, ...]
    """The base URLs of the platform, in order of preference."""
    token_parameter: str
    """The query parameter that carries the access token."""
    dead_token: frozenset[int]
    """The error codes that mean: the access token is no longer valid."""
    code: str
    """The field of an answer that holds the error code."""
    message: str
    """The field of an answer that holds the platform's message on the error code."""
    errors: Mapping[int, type[ApiError]]
    """Error code → its class."""
    grant: Callable[[str, str, bool], Call[Grant]]
    """Returns the call for a token, given AppID, AppSecret, and whether to force a new token."""
    forces_a_day: int
    """How often a new token may be forced in a day."""
    force_apart: float
    """Seconds between two forced tokens at least."""
    also_code: tuple[str, ...] = ()
    """Other fields that may hold the error code, read in this order if `code` is absent."""
    wrong_method: frozenset[int] = frozenset()
    """The error codes that mean: use the other HTTP method."""
    raw_in_query: str = ""
    """The characters that are not percent-encoded in the values of a query."""
    plain_grant: Callable[[str, str], Call[Grant]] | None = None
    """Returns the call for a plain token, given AppID and AppSecret; None if there are none."""
