"""Queries: what goes into the address, and that no value leaves its parameter."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wxoa import Client
from wxruntime.call import Call, nothing
from wxruntime.errors import EncodeError
from wxruntime.redact import Secret
from wxruntime.request import write_target, write_url

BASE = "https://api.weixin.qq.com"


@pytest.fixture(autouse=True)
def nothing_secret_shows() -> None:
    """Look for no secrets after these tests: drawn tokens are any words."""


def url_of(query: dict[str, str], token: str | None = None) -> str:
    """Write the address of a call with this query."""
    call = Call("GET", "/p", "by hand", query=query, decode=nothing)
    secret = None if token is None else Secret(token)
    return write_url(Client.service, BASE, write_target(Client.service, call), secret)


def test_a_call_without_parameters_has_no_query() -> None:
    """Not even a question mark."""
    assert url_of({}) == f"{BASE}/p"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("sara@acme", "sara@acme"),
        ("x y&z@gh#1", "x%20y%26z@gh%231"),
        ("a=b;c/d?e+f%g", "a%3Db%3Bc%2Fd%3Fe%2Bf%25g"),
        ("客服", "%E5%AE%A2%E6%9C%8D"),
        ("\r\nHost: x", "%0D%0AHost%3A%20x"),
        ("\0", "%00"),
        ("", ""),
    ],
)
def test_a_value_is_escaped_but_for_its_at_sign(value: str, written: str) -> None:
    """RFC 3986 allows `@` in a query, and the platform's own examples leave it as it is."""
    assert url_of({"kf_account": value}) == f"{BASE}/p?kf_account={written}"


def test_the_token_comes_last_and_escaped() -> None:
    """It is the platform's, and could hold anything."""
    assert url_of({"a": "b"}, "t&a=c") == f"{BASE}/p?a=b&access_token=t%26a%3Dc"


def test_a_name_is_escaped_as_well() -> None:
    """A call made by hand may have any."""
    assert url_of({"a&b": "c"}) == f"{BASE}/p?a%26b=c"


@given(st.dictionaries(st.text(min_size=1), st.text()), st.text(min_size=1))
@example({"kf_account": "x y&z@gh#1"}, "t")
def test_no_value_leaves_its_parameter_property(query: dict[str, str], token: str) -> None:
    """Whoever parses the address finds exactly the parameters that were given."""
    query.pop("access_token", None)
    url = url_of(query, token)
    parts = urlsplit(url)

    assert url.isascii()
    assert (parts.path, parts.fragment) == ("/p", "")
    assert parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) == [
        *query.items(),
        ("access_token", token),
    ]


def test_half_a_surrogate_pair_is_refused_by_name() -> None:
    """UTF-8 cannot hold it, so nothing is sent."""
    with pytest.raises(EncodeError, match="UTF-8") as failure:
        url_of({"openid": "\ud800"})

    assert failure.value.path == ("openid",)


@pytest.mark.parametrize(
    ("value", "got"), [(None, "None"), (5, "int"), (b"o6_a", "bytes"), (["o6_a"], "list")]
)
def test_what_is_no_text_is_refused_by_name(value: Any, got: str) -> None:
    """Whatever a type checker would have said before."""
    with pytest.raises(EncodeError) as failure:
        url_of({"openid": value})

    assert str(failure.value) == f"by hand: $.openid: expected text, got {got}"
