"""Quotas, and the log of refused requests."""

from __future__ import annotations

import pytest

from tests.account import APP_ID, APP_SECRET
from tests.runtime.callers import Caller
from tests.sandbox.platform import BEGAN, StillPlatform
from tests.sandbox.scene import Scene
from wxoa import base, errors, kf_session
from wxruntime.sandbox.request_log import KEPT
from wxruntime.wire import JsonObject, json

WAITING = "/customservice/kfsession/getwaitcase"
SESSION = "/customservice/kfsession/getsession"


def rid_of(answer: JsonObject) -> str:
    """Return the rid in the message of a refusal."""
    return str(answer["errmsg"]).partition("rid: ")[2]


def test_a_quota_counts_what_was_executed(caller: Caller) -> None:
    """Successful calls are counted, refused ones are not, and each path has its own quota."""
    for _ in range(3):
        caller.send(kf_session.wait_case_list())
    with pytest.raises(errors.InvalidOpenid):
        caller.send(kf_session.get("o6_nobody"))
    waiting = caller.send(base.get_quota(WAITING)).quota
    session = caller.send(base.get_quota(SESSION)).quota
    plain = caller.send(base.get_quota("/cgi-bin/token")).quota

    assert (waiting.used, waiting.remain) == (3, waiting.daily_limit - 3)
    assert (session.used, session.remain) == (0, session.daily_limit)
    assert plain.daily_limit == 2000


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("cgi-bin/token", errors.QueryNotAllowed),
        ("https://api.weixin.qq.com/cgi-bin/token", errors.QueryNotAllowed),
        ("", errors.QueryNotAllowed),
        ("/cgi-bin/nothing", errors.CgiPathNotFound),
        ("/sns/userinfo", errors.CgiPathNotAllowed),
    ],
)
def test_a_path_that_has_no_quota(scene: Scene, path: str, error: type[errors.ApiError]) -> None:
    """A malformed, an unknown and a forbidden path are refused with different codes."""
    with pytest.raises(error):
        scene.client.base.get_quota(path)


def test_the_counters_are_set_back_ten_times_a_month(caller: Caller) -> None:
    """The eleventh reset is refused, and so is a reset for another AppID."""
    caller.send(kf_session.wait_case_list())
    with pytest.raises(errors.InvalidAppId):
        caller.send(base.clear_quota("wx_other"))
    for _ in range(10):
        caller.send(base.clear_quota(APP_ID))

    assert caller.send(base.get_quota(WAITING)).quota.used == 0
    with pytest.raises(errors.ClearQuotaExhausted):
        caller.send(base.clear_quota(APP_ID))


def test_the_counters_are_set_back_without_a_token(caller: Caller) -> None:
    """A reset by AppSecret needs no token and counts among the same ten."""
    caller.send(kf_session.wait_case_list())
    for number in range(10):
        caller.send(
            base.clear_quota(APP_ID)
            if number % 2
            else base.clear_quota_by_app_secret(APP_ID, APP_SECRET)
        )
    used = caller.send(base.get_quota(WAITING)).quota.used

    assert used == 0
    for call in (
        base.clear_quota(APP_ID),
        base.clear_quota_by_app_secret(APP_ID, APP_SECRET),
        base.clear_api_quota(WAITING),
    ):
        with pytest.raises(errors.ClearQuotaExhausted):
            caller.send(call)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, 41002),
        ({"appid": APP_ID}, 41004),
        ({"appid": "wx_other", "appsecret": APP_SECRET}, 40013),
        ({"appid": APP_ID, "appsecret": "wrong"}, 40125),
        ({"appid": APP_ID, "appsecret": APP_SECRET}, 0),
    ],
)
def test_without_a_token_the_account_proves_itself(given: JsonObject, code: int) -> None:
    """A missing and a wrong credential are refused, each with its code."""
    answer = StillPlatform().ask("POST", "/cgi-bin/clear_quota/v2", json.dumps(given))

    assert answer["errcode"] == code


def test_one_counter_is_set_back(caller: Caller) -> None:
    """A reset of one path leaves the others and counts among the ten a month."""
    caller.send(kf_session.wait_case_list())
    with pytest.raises(errors.InvalidOpenid):
        caller.send(kf_session.get("o6_nobody"))
    caller.send(base.get_callback_ip())
    caller.send(base.clear_api_quota(WAITING))
    waiting = caller.send(base.get_quota(WAITING)).quota
    addresses = caller.send(base.get_quota("/cgi-bin/getcallbackip")).quota
    for path, error in (
        ("cgi-bin/token", errors.QueryNotAllowed),
        ("/cgi-bin/nothing", errors.CgiPathNotFound),
        ("/sns/userinfo", errors.CgiPathNotAllowed),
    ):
        with pytest.raises(error):
            caller.send(base.clear_api_quota(path))
    for _ in range(9):
        caller.send(base.clear_api_quota(WAITING))

    assert (waiting.used, addresses.used) == (0, 1)
    with pytest.raises(errors.ClearQuotaExhausted):
        caller.send(base.clear_quota(APP_ID))


def test_a_quota_is_whole_again_the_next_day() -> None:
    """A day begins with the first call, and a month has 30 days."""
    platform = StillPlatform()
    quota = json.dumps({"cgi_path": WAITING})

    def used() -> object:
        answer = platform.call("POST", "/cgi-bin/openapi/quota/get", quota)["quota"]
        assert isinstance(answer, dict)
        return answer["used"]

    platform.call("GET", WAITING)
    platform.clock.advance(86_399)
    platform.call("GET", WAITING)
    late = used()
    platform.clock.advance(1)

    assert (late, used()) == (2, 0)


def test_a_refused_request_is_remembered(caller: Caller) -> None:
    """A rid returns the query, the body and the answer, with the token masked."""
    with pytest.raises(errors.InvalidKfAccount) as caught:
        caller.send(kf_session.create("o6_客户", "nobody@acme"))
    record = caller.send(base.get_rid(caught.value.rid))

    assert record.request_url == "access_token=***"
    assert json.loads(record.request_body.encode()) == {
        "openid": "o6_客户",
        "kf_account": "nobody@acme",
    }
    assert json.loads_object(record.response_body.encode())["errcode"] == 65401
    assert caught.value.rid in record.response_body
    assert record.invoke_time > BEGAN
    assert record.client_ip == "127.0.0.1"
    assert record.unknown == {}


def test_no_record_has_a_secret() -> None:
    """No logged request has the AppSecret or a token, in the query or the body, by any name."""
    platform = StillPlatform()
    stale, _ = platform.state.tokens.fetch(platform.clock.now(), force=False)
    platform.state.tokens.revoke("stable")
    token = platform.plain_token()
    asked: JsonObject = {"grant_type": "x", "appid": APP_ID, "secret": APP_SECRET, "a": APP_SECRET}
    refused = [
        platform.ask("POST", "/cgi-bin/stable_token", json.dumps(asked)),
        platform.ask("GET", f"/cgi-bin/token?appid={APP_ID}&secret={APP_SECRET}&x={APP_SECRET}"),
        platform.ask("GET", f"{SESSION}?openid=o6&access_token={token}"),
        platform.ask("GET", f"{SESSION}?openid={token}"),
        platform.ask("POST", "/cgi-bin/nothing", json.dumps({"kf_account": f"a{token}b"})),
        platform.ask("POST", "/cgi-bin/nothing", f"{' ' * 1950}{token}".encode()),
        platform.ask("POST", "/cgi-bin/nothing", f"{stale} {token[:20]}".encode()),
        platform.ask("POST", "/cgi-bin/stable_token", f"{' ' * 1990}{APP_SECRET}".encode()),
        platform.ask("POST", "/cgi-bin/media/upload", APP_SECRET.encode(), "multipart/form-data"),
    ]
    for answer in refused:
        body = json.dumps({"rid": rid_of(answer)})
        record = str(platform.call("POST", "/cgi-bin/openapi/rid/get", body)["request"])

        assert APP_SECRET[:10] not in record
        assert token[:20] not in record
        assert stale not in record


def test_a_rid_is_known_for_seven_days() -> None:
    """A rid older than seven days is as unknown as one that never existed."""
    platform = StillPlatform()
    body = json.dumps({"rid": rid_of(platform.ask("GET", SESSION))})
    other = json.dumps({"rid": "655341a2-00000000-00000000"})
    platform.clock.advance(7 * 86_400 - 1)
    in_time = platform.call("POST", "/cgi-bin/openapi/rid/get", body)
    unknown = platform.call("POST", "/cgi-bin/openapi/rid/get", other)
    platform.clock.advance(1)
    late = platform.call("POST", "/cgi-bin/openapi/rid/get", body)

    assert (in_time["errcode"], unknown["errcode"], late["errcode"]) == (0, 76001, 76001)


@pytest.mark.parametrize("rid", ["", "nonsense", "655341a2", "655341a2-0000-zzzz", "6" * 1000])
def test_what_is_no_rid_is_refused(scene: Scene, rid: str) -> None:
    """A malformed rid is refused with another code than an unknown one."""
    with pytest.raises(errors.InvalidRid):
        scene.client.base.get_rid(rid)


def test_only_the_latest_refused_requests_are_remembered() -> None:
    """The log keeps the latest 300 refused requests."""
    platform = StillPlatform()
    rids = [rid_of(platform.ask("GET", SESSION)) for _ in range(KEPT + 1)]
    asked = [json.dumps({"rid": rids[number]}) for number in (1, 0)]
    # The one for the first rid is refused as well, and takes the place of the second.
    codes = [platform.call("POST", "/cgi-bin/openapi/rid/get", body)["errcode"] for body in asked]

    assert codes == [0, 76001]


def test_a_token_request_that_was_refused_has_a_rid_too(scene: Scene) -> None:
    """A refused token request has a rid, which can be looked up with a later token."""
    with pytest.raises(errors.InvalidAppSecret) as caught:
        scene.client.send(base.token(APP_ID, "wrong"))

    assert scene.client.base.get_rid(caught.value.rid).request_url.endswith("&secret=***")
