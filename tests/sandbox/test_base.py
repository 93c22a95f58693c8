"""Plain tokens, addresses, and refused token requests."""

from __future__ import annotations

import re

import pytest

from tests.account import APP_ID, APP_SECRET
from tests.runtime.callers import Caller
from tests.sandbox.platform import CREDENTIALS, StillPlatform
from tests.sandbox.scene import Scene
from wxoa import Client, base, errors
from wxoa.base import CheckAction, CheckOperator, PingedAddress, ResolvedAddress
from wxruntime.wire import JsonObject, json, models

CHECK = "/cgi-bin/callback/check"
WAITING = "/customservice/kfsession/getwaitcase?access_token="


def code_with(platform: StillPlatform, token: str) -> object:
    """Return the error code of a call with a token; None if the call succeeds."""
    return platform.ask("GET", f"{WAITING}{token}").get("errcode")


def test_a_plain_token_is_new_each_time(caller: Caller) -> None:
    """Two requests return two tokens of two hours, both different from the stable token."""
    first, second = (caller.send(base.token(APP_ID, APP_SECRET)) for _ in range(2))
    stable = caller.send(base.stable_token(APP_ID, APP_SECRET))

    assert len({first.access_token, second.access_token, stable.access_token}) == 3
    assert first.expires_in == second.expires_in == 7200


def test_the_former_plain_token_serves_five_more_minutes() -> None:
    """The former token is refused after 300 s; the newer one and the stable one stay valid."""
    platform = StillPlatform()
    stable, _ = platform.state.tokens.fetch(platform.clock.now(), force=False)
    first, second = platform.plain_token(), platform.plain_token()
    platform.clock.advance(299)
    before = [code_with(platform, token) for token in (first, second, stable)]
    platform.clock.advance(1)
    after = [code_with(platform, token) for token in (first, second, stable)]

    assert before == [None, None, None]
    assert after == [42001, None, None]


def test_a_former_plain_token_never_serves_longer_than_it_would_have() -> None:
    """A newer token shortly before the former one expires does not prolong the former one."""
    platform = StillPlatform()
    first = platform.plain_token()
    platform.clock.advance(7199)
    platform.plain_token()
    platform.clock.advance(1)

    assert code_with(platform, first) == 42001


def test_two_thousand_plain_tokens_a_day() -> None:
    """The 2001st is refused until the day is over; the stable token can still be fetched."""
    platform = StillPlatform()
    for _ in range(2000):
        platform.plain_token()
    stable, _ = platform.state.tokens.fetch(platform.clock.now(), force=False)

    assert platform.ask("GET", f"/cgi-bin/token?{CREDENTIALS}")["errcode"] == 45009
    assert code_with(platform, stable) is None
    platform.clock.advance(86_400)
    assert platform.plain_token()


def test_tokens_that_ended_long_ago_are_forgotten() -> None:
    """Tokens that expired a day ago are dropped; younger ones are still known as expired."""
    platform = StillPlatform()
    for _ in range(50):
        platform.plain_token()
        platform.clock.advance(86_400)
    old = platform.plain_token()
    platform.clock.advance(7200)

    assert code_with(platform, old) == 42001
    assert len(platform.state.tokens.ends) < 5


def test_each_kind_of_token_ends_by_itself(scene: Scene) -> None:
    """Revoking the token of one kind leaves the other kind valid."""
    plain = Client(
        app_id=APP_ID, app_secret=APP_SECRET, base_url=scene.wechat.url, token_source="plain"
    )
    with plain:
        for client in (scene.client, plain):
            client.kf_session.wait_case_list()
        scene.admin.revoke_token("plain")
        for client in (scene.client, plain):
            client.kf_session.wait_case_list()
        scene.admin.revoke_token()
        for client in (scene.client, plain):
            client.kf_session.wait_case_list()
        tokens = scene.admin.state()["tokens"]

    # A refused stable token is first compared with what the platform holds, which made a new one.
    assert tokens == {"stable": 2, "plain": 2}


def test_the_addresses_of_pushes_are_listed(caller: Caller) -> None:
    """The list has the address from which the local WeChat pushes, and a network."""
    addresses = caller.send(base.get_callback_ip())

    assert "127.0.0.1" in addresses
    assert any("/" in address for address in addresses)


def test_the_addresses_of_the_platform_are_listed(caller: Caller) -> None:
    """The list has the address that answers, and shares no other one with that of pushes."""
    addresses = caller.send(base.get_api_domain_ip())

    assert "127.0.0.1" in addresses
    assert {*addresses} & {*caller.send(base.get_callback_ip())} == {"127.0.0.1"}


def test_the_callback_s_address_is_looked_at(caller: Caller) -> None:
    """DNS and ping are both checked by default, or only the one that was asked for."""
    whole = caller.send(base.callback_check())
    name = caller.send(base.callback_check(CheckAction.DNS, CheckOperator.UNICOM))
    answers = caller.send(base.callback_check(CheckAction.PING, CheckOperator.CHINANET))

    assert whole.dns == [ResolvedAddress("127.0.0.1", "CAP")]
    assert whole.ping == [PingedAddress("127.0.0.1", "CAP", "0%", "23.079ms")]
    assert (name.dns, name.ping) == ([ResolvedAddress("127.0.0.1", "UNICOM")], [])
    assert (answers.dns, answers.ping[0].from_operator) == ([], "CHINANET")
    assert whole.unknown == {}


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:8000/push", "127.0.0.1"),
        ("http://[::1]/", "::1"),
        ("https://192.0.2.7/push", "192.0.2.7"),
    ],
)
def test_an_ip_address_resolves_to_itself(url: str, address: str) -> None:
    """An IP address resolves to itself, and localhost to 127.0.0.1."""
    assert checked(url) == address


def test_any_other_host_name_has_a_reserved_address() -> None:
    """A host name resolves without DNS, always to the same reserved address."""
    one, other = checked("https://shop.example/push"), checked("https://desk.example/push")

    assert one == checked("https://shop.example/other")
    assert one != other
    assert {address.rpartition(".")[0] for address in (one, other)} == {"198.51.100"}


def checked(url: str) -> str:
    """Return the address to which the host name of a callback resolves."""
    platform = StillPlatform()
    platform.state.callback_url = url
    body = json.dumps({"action": "all", "check_operator": "DEFAULT"})
    answer = platform.call("POST", CHECK, body)
    (found,), (pinged,) = (models(answer[name], name, dict) for name in ("dns", "ping"))
    assert found["ip"] == pinged["ip"]
    return str(found["ip"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"action": "all", "check_operator": "DEFAULT"}, 40201),
        ({"action": "look", "check_operator": "DEFAULT"}, 40202),
        ({"check_operator": "DEFAULT"}, 40202),
        ({"action": "all", "check_operator": "default"}, 40203),
        ({"action": "all"}, 40203),
    ],
)
def test_a_check_that_cannot_be_made(given: JsonObject, code: int) -> None:
    """A check needs a callback, a known action and a known operator."""
    answer = StillPlatform().call("POST", CHECK, json.dumps(given))

    assert answer["errcode"] == code


@pytest.mark.parametrize("kind", ["stable", "plain"])
def test_an_address_can_be_off_the_whitelist(scene: Scene, kind: str) -> None:
    """A token request is refused in the platform's words until the address is on the whitelist."""
    asked = (
        base.stable_token(APP_ID, APP_SECRET)
        if kind == "stable"
        else base.token(APP_ID, APP_SECRET)
    )
    scene.admin.refuse_ip()
    with pytest.raises(errors.IpNotInWhitelist) as caught:
        scene.client.send(asked)
    said = re.sub(r"rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$", "rid: …", caught.value.message)

    assert said == "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: …"
    assert scene.admin.state()["refuses_ip"] is True
    scene.admin.refuse_ip(False)
    assert scene.client.send(asked).access_token


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", 40002),
        ("grant_type=client_credential", 41002),
        (f"grant_type=client_credential&appid={APP_ID}", 41004),
        ("grant_type=client_credential&appid=wx_other&secret=x", 40013),
        (f"grant_type=client_credential&appid={APP_ID}&secret=x", 40125),
    ],
)
def test_a_plain_token_is_only_for_the_account(query: str, code: int) -> None:
    """The plain token needs the same credentials as the stable one."""
    answer: JsonObject = StillPlatform().ask("GET", f"/cgi-bin/token?{query}")

    assert answer["errcode"] == code
