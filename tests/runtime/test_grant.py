"""The answer that holds a token: whatever is wrong with it, no error shows any of it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import cast

import pytest

from tests.runtime.servers import Answer, Server, http
from wxoa import Client, errors

TOKEN = "T0KEN-that-nobody-may-see"


@pytest.mark.parametrize(
    "body",
    [
        f'["{TOKEN}"]',
        f'"{TOKEN}"',
        f"token is {TOKEN}",
        f"{{access_token:{TOKEN}}}",
        f"<a access_token>{TOKEN}</a>",
        f'{{"errcode":"{TOKEN}"}}',
        f'{{"access_token":"{TOKEN}","expires_in":"{TOKEN}"}}',
        f'{{"access_token":["{TOKEN}"],"expires_in":7200}}',
        '{"access_token":"","expires_in":7200}',
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "502 Bad Gateway"])
def test_a_broken_grant_is_described_without_its_content(
    body: str, status: str, serve: Callable[[Answer], Server]
) -> None:
    """Status, type and length are all that an error says of it."""
    server = serve(lambda seen: http(body.encode(), status))
    with (
        Client(app_id="wx1", app_secret="the-secret", base_url=server.base_url) as client,
        pytest.raises(errors.WeChatError) as caught,
    ):
        client.kf_session.get("o6")

    said = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert TOKEN not in said
    assert "base.stable_token" in said or "access_token" in said or "expires_in" in said


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "api.example",
        "ftp://h",
        "http://",
        "http://h?x=1",
        "http://h#f",
        "http://a b",
        "http://u:pw@h",
    ],
)
def test_a_base_url_that_cannot_work_is_refused_at_once(base_url: str) -> None:
    """Not at the first call: and a password in it is not repeated."""
    with pytest.raises(ValueError, match="base_url: expected an http:// or https:// address"):
        Client(app_id="wx1", app_secret="the-secret", base_url=base_url)


@pytest.mark.parametrize("app_secret", [None, 5, ..., "", "two words", "中文"])
def test_a_secret_that_cannot_be_one_is_refused_and_not_repeated(app_secret: object) -> None:
    """Whatever its type, the error names the argument and not the value."""
    with pytest.raises(ValueError, match="app_secret: expected ASCII text") as caught:
        Client(app_id="wx1", app_secret=cast("str", app_secret))

    assert "two words" not in str(caught.value)
