"""A state as the text that a file or a server stores, and the key of that text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

from wxruntime.errors import StoreError
from wxruntime.redact import Secret
from wxruntime.stores.kind import Kind
from wxruntime.stores.state import StoredToken, TokenState

__all__ = ["TOKENS", "VERSION", "decode", "encode", "key_of"]

VERSION = 1
"""The version of the text's format; a text of another version is refused."""


class _NotAStateError(ValueError):
    """Describes what is wrong with a text, without quoting it."""


def key_of(account: str) -> str:
    """Return an account's name in ASCII, without any separator of keys."""
    return quote(account, safe="", errors="surrogatepass")


def encode(state: TokenState) -> Secret:
    """Write a state as JSON, in ASCII.

    Args:
        state: The state.

    Returns:
        The text, as a `Secret`, because it contains the token.

    Raises:
        StoreError: If a time in it is not a finite number.
    """
    stored = state.stored
    token = None
    if stored is not None:
        times = {"granted_at": stored.granted_at, "expires_at": stored.expires_at}
        token = {"token": stored.token, **times, "fence": stored.fence}
    fields = {
        "version": VERSION,
        "stored": token,
        "fence": state.fence,
        "owner": state.owner,
        "leased_until": state.leased_until,
        "forced": state.forced,
    }
    try:
        return Secret(json.dumps(fields, allow_nan=False, default=Secret.reveal))
    except ValueError:
        pass
    # Raised here, without json's frames, which hold the text.
    raise StoreError("a time of the token's state is not a finite number; nothing was stored")


def decode(document: Secret, place: str) -> TokenState:
    """Read a state from the text that `encode` made.

    Args:
        document: The text.
        place: The place of the text, for the error.

    Raises:
        StoreError: If it is not such a text; the error does not quote it.
    """
    outcome = _read(document)
    if isinstance(outcome, TokenState):
        return outcome
    raise StoreError(
        f"{place}: expected a token's state, found something else: {outcome}; delete it, and a "
        "new token is requested, or give the store another file or prefix"
    )


def _read(document: Secret) -> TokenState | str:
    """Return the state, or what is wrong in words."""
    try:
        fields: object = json.loads(document.reveal(), parse_constant=_refuse)
        return _state(fields)
    except _NotAStateError as error:
        return str(error)
    except (ValueError, OverflowError, RecursionError):
        return "it is not JSON"


def _refuse(_: str) -> None:
    raise _NotAStateError("a number in it is not finite")


def _state(fields: object) -> TokenState:
    found = _members(fields, "it")
    version = found.get("version")
    if type(version) is int and version > VERSION:
        raise _NotAStateError(f"it is of version {version}, made by a newer wxoa; upgrade this one")
    if version != VERSION or type(version) is not int:
        raise _NotAStateError("it has no known version")
    forced = found.get("forced")
    if not isinstance(forced, list):
        raise _NotAStateError("`forced` is not a list")
    stored = found.get("stored")
    return TokenState(
        stored=None if stored is None else _stored(stored),
        fence=_count(found, "fence"),
        owner=_text(found, "owner"),
        leased_until=_time(found.get("leased_until"), "leased_until"),
        forced=tuple(_time(moment, "forced") for moment in cast("list[object]", forced)),
    )


def _stored(fields: object) -> StoredToken:
    found = _members(fields, "`stored`")
    return StoredToken(
        token=Secret(_text(found, "token")),
        granted_at=_time(found.get("granted_at"), "granted_at"),
        expires_at=_time(found.get("expires_at"), "expires_at"),
        fence=_count(found, "fence"),
    )


def _members(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _NotAStateError(f"{name} is not an object")
    return cast("dict[str, object]", value)


def _text(found: Mapping[str, object], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise _NotAStateError(f"`{name}` is not a text")
    return value


def _count(found: Mapping[str, object], name: str) -> int:
    value = found.get(name)
    if type(value) is not int or value < 0:
        raise _NotAStateError(f"`{name}` is not a count")
    return value


def _time(value: object, name: str) -> float:
    """Read seconds as a float or an int, but not as a bool."""
    if type(value) not in (int, float):
        raise _NotAStateError(f"`{name}` is not a time")
    seconds = float(cast("float", value))
    if not math.isfinite(seconds) or seconds < 0:
        raise _NotAStateError(f"`{name}` is not a time")
    return seconds


TOKENS = Kind("token", TokenState(), encode, decode, 2 * 86400)
"""The tokens of accounts. Their expiry is long, because forced renewals are remembered for a day,
and the numbers of leases must not start again while a lease is valid."""
