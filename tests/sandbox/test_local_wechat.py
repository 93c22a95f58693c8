"""The local WeChat as any HTTP client sees it."""

from __future__ import annotations

import threading
import time

import pytest
from attrs import evolve

from tests.account import APP_ID, APP_SECRET, TOKEN
from tests.sandbox.scene import Scene, wechat_pushing_to
from wxoa import Client, errors, events
from wxoa.catalog import CATALOG
from wxruntime.call import Call, nothing
from wxruntime.callback.signature import verify
from wxruntime.httpd import Incoming, LoopbackServer, Outgoing
from wxruntime.redact import Secret
from wxruntime.sandbox import Admin, LocalWeChat
from wxruntime.sandbox.admin import AdminError
from wxruntime.sandbox.deliveries import ATTEMPTS, KEPT
from wxruntime.sandbox.desk import IDLE_LIMIT, DeskState
from wxruntime.transport import Bytes, HttpRequest, Timeout
from wxruntime.transport.urllib3 import Urllib3Transport
from wxruntime.wire import JsonObject, json

GET_SESSION = "/customservice/kfsession/getsession"


def ask(scene: Scene, method: str, path: str, body: bytes | None = None) -> JsonObject:
    """Send a request as any HTTP client does."""
    transport = Urllib3Transport()
    try:
        content = None if body is None else Bytes(body)
        request = HttpRequest(method, f"{scene.wechat.url}{path}", content)
        response = transport.send(request, Timeout.of(10.0))
    finally:
        transport.close()
    assert response.status == 200
    return json.loads_object(response.body)


def fetch_token(scene: Scene, *, force: bool = False) -> JsonObject:
    """Request a stable token."""
    asked: JsonObject = {
        "grant_type": "client_credential",
        "appid": APP_ID,
        "secret": APP_SECRET,
        "force_refresh": force,
    }
    return ask(scene, "POST", "/cgi-bin/stable_token", json.dumps(asked))


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "/cgi-bin/nothing", None, 40066),
        ("POST", GET_SESSION, b"{}", 43001),
        ("GET", "/cgi-bin/stable_token", None, 43002),
        ("GET", GET_SESSION, None, 41001),
        ("GET", f"{GET_SESSION}?access_token=", None, 41001),
        ("GET", f"{GET_SESSION}?access_token=nonsense", None, 40014),
        ("GET", f"{GET_SESSION}?access_token=local-0", None, 40001),
        ("POST", "/cgi-bin/stable_token", None, 44002),
        ("POST", "/cgi-bin/stable_token", b"appid=1", 47001),
        ("POST", "/cgi-bin/stable_token", b"[]", 47001),
        ("POST", "/cgi-bin/stable_token", b"{}", 40002),
        ("POST", "/cgi-bin/stable_token", b'{"grant_type": {}}', 40035),
    ],
)
def test_a_bad_request_gets_its_code(
    scene: Scene, method: str, path: str, body: bytes | None, code: int
) -> None:
    """Each mistake is answered with its code, status 200 and a rid, as the platform does."""
    answer = ask(scene, method, path, body)

    assert answer["errcode"] == code
    assert "rid: " in str(answer["errmsg"])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"appid": ""}, 41002),
        ({"appid": "wx_other"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "wrong"}, 40125),
        ({"grant_type": "password"}, 40002),
        ({"force_refresh": "maybe"}, 40035),
    ],
)
def test_a_token_is_only_for_the_account(scene: Scene, changed: JsonObject, code: int) -> None:
    """AppID, AppSecret and grant type are checked, each with its own code."""
    asked: JsonObject = {"grant_type": "client_credential", "appid": APP_ID, "secret": APP_SECRET}
    answer = ask(scene, "POST", "/cgi-bin/stable_token", json.dumps({**asked, **changed}))

    assert answer["errcode"] == code


def test_a_token_is_shared_until_it_is_nearly_over(scene: Scene) -> None:
    """All callers get the same token and its remaining time, until 300 s before it expires."""
    first = fetch_token(scene)
    scene.admin.advance(6000)
    second = fetch_token(scene)
    scene.admin.advance(1000)
    third = fetch_token(scene)

    assert second["access_token"] == first["access_token"]
    assert isinstance(second["expires_in"], int)
    assert second["expires_in"] <= 1200
    assert third["access_token"] != first["access_token"]


def test_an_expired_token_is_refused(scene: Scene) -> None:
    """An expired token is refused with 42001, a revoked one with 40001."""
    path = f"{GET_SESSION}?openid=o6&access_token={fetch_token(scene)['access_token']}"

    assert ask(scene, "GET", path)["errcode"] == 40003
    scene.admin.advance(7200)
    assert ask(scene, "GET", path)["errcode"] == 42001
    path = f"{GET_SESSION}?openid=o6&access_token={fetch_token(scene)['access_token']}"
    scene.admin.revoke_token()
    assert ask(scene, "GET", path)["errcode"] == 40001


def test_a_renewal_is_forced_only_so_often(scene: Scene) -> None:
    """Forcing a token twice within 30 s, or more than 20 times a day, is refused."""
    first = fetch_token(scene, force=True)

    assert "access_token" in first
    assert fetch_token(scene, force=True)["errcode"] == 45011
    for _ in range(19):
        scene.admin.advance(30)
        assert "access_token" in fetch_token(scene, force=True)
    scene.admin.advance(30)
    assert fetch_token(scene, force=True)["errcode"] == 45009


def test_an_answer_lists_at_most_a_hundred_waiting_customers(scene: Scene) -> None:
    """The list has 100 customers, and the count has all of them."""
    for number in range(103):
        scene.admin.write(f"o6_{number}")
    queue = scene.client.kf_session.wait_case_list()

    assert (queue.total_count, queue.item_count) == (103, 100)
    assert [case.openid for case in queue.items[:2]] == ["o6_0", "o6_1"]


def test_a_push_is_signed() -> None:
    """The signature fits the token and the machine's time; the callback's own query stays.

    However far the local WeChat's own time was moved, a callback takes the push for a new one.
    """
    begun = int(time.time())
    seen: list[Incoming] = []
    arrived = threading.Event()

    def keep(incoming: Incoming) -> Outgoing:
        seen.append(incoming)
        arrived.set()
        return Outgoing(200, "text/plain", b"success")

    with (
        LoopbackServer(keep) as callback,
        wechat_pushing_to(f"{callback.url}/push?shop=7") as wechat,
        Admin(wechat.url) as admin,
    ):
        admin.advance(86_400)
        admin.put_account("sara@acme")
        admin.write("o6")
        admin.accept("o6", "sara@acme")
        assert arrived.wait(30)

    query = seen[0].query
    assert begun <= int(query["timestamp"]) <= time.time()
    assert (seen[0].path, query["shop"], query["openid"]) == ("/push", "7", "o6")
    verify([Secret(TOKEN)], query["signature"], query["timestamp"], query["nonce"])


def test_an_unanswered_push_is_tried_again() -> None:
    """A callback that fails gets a push three times, and then the next push."""
    attempts: list[bytes] = []
    last = threading.Event()

    def fail(incoming: Incoming) -> Outgoing:
        attempts.append(incoming.body)
        if len(attempts) == 2 * ATTEMPTS:
            last.set()
        return Outgoing(500, "text/plain", b"")

    with (
        LoopbackServer(fail) as callback,
        wechat_pushing_to(callback.url) as wechat,
        Admin(wechat.url) as admin,
    ):
        admin.put_account("sara@acme")
        admin.write("o6")
        admin.accept("o6", "sara@acme")
        admin.close_conversation("o6", "sara@acme")
        assert last.wait(30)

    assert attempts == [attempts[0]] * ATTEMPTS + [attempts[-1]] * ATTEMPTS
    assert b"kf_create_session" in attempts[0]
    assert b"kf_close_session" in attempts[-1]


@pytest.mark.parametrize("pushed", [True, False])
def test_only_the_latest_pushes_are_remembered(scene: Scene, pushed: bool) -> None:
    """Only the latest pushes are kept, with and without a callback."""
    with (
        LocalWeChat(
            CATALOG,
            app_id=APP_ID,
            app_secret=APP_SECRET,
            callback_url=scene.callback.url if pushed else None,
            callback_token=TOKEN,
        ) as wechat,
        Admin(wechat.url) as admin,
    ):
        admin.put_account("sara@acme")
        for number in range(KEPT // 2 + 10):
            admin.write(f"o6_{number}")
            admin.accept(f"o6_{number}", "sara@acme")
            admin.close_conversation(f"o6_{number}", "sara@acme")
            if pushed:
                scene.next_event()
                scene.next_event()
        # The one that has just arrived may not be known to be done yet.
        admin.write("o6_last")
        admin.accept("o6_last", "sara@acme")
        pushes = admin.state()["pushes"]

    assert isinstance(pushes, list)
    assert KEPT <= len(pushes) <= KEPT + 2
    assert isinstance(pushes[-1], dict)
    assert pushes[-1]["openid"] == "o6_last"


@pytest.mark.parametrize("name", ["o6\x01", "o6\uffff"])
def test_a_name_that_no_push_can_hold_is_refused(scene: Scene, name: str) -> None:
    """Such a name is refused at the desk, so the pushes of other customers are not affected."""
    scene.admin.put_account("sara@acme")
    scene.admin.write("o6_ann")
    scene.admin.accept("o6_ann", "sara@acme")
    for act in (scene.admin.write, scene.admin.put_account):
        with pytest.raises(AdminError, match="expected text that XML can hold"):
            act(name)
    with pytest.raises(errors.InvalidOpenid):
        scene.client.kf_session.create(name, "sara@acme")
    with pytest.raises(errors.InvalidKfAccount):
        scene.client.kf_session.create("o6_ann", name)
    scene.admin.advance(IDLE_LIMIT)

    state = scene.admin.state()
    assert (state["waiting"], state["conversations"]) == ([], [])
    assert isinstance(scene.next_event(), events.KfCreateSessionEvent)
    assert isinstance(scene.next_event(), events.KfCloseSessionEvent)


def test_idle_conversations_end_in_the_order_of_their_times() -> None:
    """Each conversation ends half an hour after its last message, however late it is checked."""
    desk = DeskState()
    desk.staff.put("sara@acme", 1, online=True, bound=True)
    for openid in ("ann", "ben", "cho", "dan"):
        desk.write(openid, 100)
        desk.create(openid, "sara@acme", 100)
    desk.write("ann", 150)
    desk.write("ben", 120)
    desk.write("dan", 9000)
    ended = desk.end_idle(10_000)

    assert [(change.openid, change.time) for change in ended] == [
        ("cho", 100 + IDLE_LIMIT),
        ("ben", 120 + IDLE_LIMIT),
        ("ann", 150 + IDLE_LIMIT),
    ]
    assert [*desk.conversations] == ["dan"]


def test_conversations_that_end_at_once_end_as_they_began() -> None:
    """Conversations that end at the same time end in the order in which they were opened."""
    desk = DeskState()
    desk.staff.put("sara@acme", 1, online=True, bound=True)
    for openid in ("cho", "ann", "ben"):
        desk.write(openid, 100)
        desk.create(openid, "sara@acme", 100)

    assert desk.end_idle(100 + IDLE_LIMIT - 1) == []
    assert [change.openid for change in desk.end_idle(100 + IDLE_LIMIT)] == ["cho", "ann", "ben"]


def test_the_push_of_an_idle_end_bears_the_time_it_was_due(scene: Scene) -> None:
    """The event has the time when the conversation was due to end, not that of the advance."""
    scene.admin.put_account("sara@acme")
    scene.admin.write("o6")
    scene.admin.accept("o6", "sara@acme")
    opened = scene.client.kf_session.get("o6").create_time
    scene.admin.advance(5000)
    scene.next_event()

    assert scene.next_event().create_time == opened + IDLE_LIMIT


def test_a_port_that_is_taken_leaves_nothing_behind(scene: Scene) -> None:
    """A local WeChat that could not listen leaves no thread running."""
    before = {*threading.enumerate()}
    with pytest.raises(OSError, match="in use"):
        LocalWeChat(
            CATALOG,
            app_id=APP_ID,
            app_secret=APP_SECRET,
            callback_url=scene.callback.url,
            port=scene.callback.port,
        )

    assert not [
        t for t in threading.enumerate() if t not in before and t.name.startswith("wechat-push")
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"app_id": ""}, "app_id: expected ASCII text"),
        ({"app_secret": "two words"}, "app_secret: expected ASCII text"),
        ({"callback_url": "127.0.0.1:80"}, "expected an http:// or https:// address"),
        ({"callback_url": "http://"}, "expected an http:// or https:// address"),
        ({"callback_url": "http://[/"}, "expected an http:// or https:// address"),
        ({"callback_url": "http://x:99999/"}, "expected an http:// or https:// address"),
        ({"callback_url": "http://x/#"}, "callback_url: expected no fragment"),
        ({"callback_url": "http://u:sekret@x/"}, "callback_url: expected no user name and no pass"),
        ({"callback_url": "http://x", "callback_token": "\ud800"}, "callback_token: expected text"),
    ],
)
def test_what_cannot_work_is_refused_at_once(given: dict[str, str], expected: str) -> None:
    """A setting that cannot work is refused at once, and the error names the setting."""
    with pytest.raises(ValueError, match=expected):
        LocalWeChat(
            CATALOG,
            app_id=given.get("app_id", APP_ID),
            app_secret=given.get("app_secret", APP_SECRET),
            callback_url=given.get("callback_url"),
            callback_token=given.get("callback_token", TOKEN),
        )


def test_the_stage_says_what_is_wrong(scene: Scene) -> None:
    """The error of a wrong action or argument names what was expected."""
    with pytest.raises(AdminError, match="openid: expected a string, got nothing"):
        scene.admin.ask("write")
    with pytest.raises(AdminError, match="expected one of account, worker, accept-invitation"):
        scene.admin.ask("dance")
    with pytest.raises(AdminError, match="expected 0 to 1e9 seconds"):
        scene.admin.advance(-1)
    with pytest.raises(AdminError, match="kind: expected stable or plain, got 'other'"):
        scene.admin.ask("revoke-token", kind="other")
    with pytest.raises(AdminError, match="65413"):
        scene.admin.transfer("o6_nobody", "sara@acme")


def test_the_platform_has_no_path_of_the_stage() -> None:
    """No path in the catalog begins with the prefix of the stage."""
    paths = [endpoint.path for endpoint in CATALOG.endpoints.values()]

    assert paths
    assert not [path for path in paths if path.startswith("/_sandbox/")]


def test_every_described_endpoint_is_served(scene: Scene) -> None:
    """Every endpoint of the catalog is answered by its family, not as an unknown path."""
    for endpoint in CATALOG.endpoints.values():
        answer = ask(scene, endpoint.method, endpoint.path, b"{}" if endpoint.body else None)

        assert answer.get("errcode") != 40066


def test_a_family_that_is_not_served_has_no_path() -> None:
    """An endpoint whose family is not served is refused as an unknown path."""
    endpoint = CATALOG.endpoints["kf_session.list"]
    other = evolve(endpoint, operation="tea.pour", path="/cgi-bin/tea")
    catalog = evolve(CATALOG, endpoints={**CATALOG.endpoints, other.operation: other})
    with LocalWeChat(catalog, app_id=APP_ID, app_secret=APP_SECRET) as wechat:
        client = Client(app_id=APP_ID, app_secret=APP_SECRET, base_url=wechat.url)
        with client, pytest.raises(errors.InvalidUrl):
            client.send(Call("GET", other.path, other.operation, decode=nothing))


def test_fifty_threads_start_cold_with_one_token(scene: Scene) -> None:
    """Fifty threads that start at once send one token request."""
    scene.admin.write("o6")
    barrier = threading.Barrier(50)
    answered: list[str] = []

    def ask_once() -> None:
        barrier.wait()
        answered.append(scene.client.kf_session.get("o6").openid)

    threads = [threading.Thread(target=ask_once) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answered == ["o6"] * 50
    assert scene.admin.state()["tokens_fetched"] == 1


def test_a_wrong_secret_is_named_and_not_shown(scene: Scene) -> None:
    """The error names a wrong AppSecret without showing it."""
    with (
        Client(app_id=APP_ID, app_secret="another-secret", base_url=scene.wechat.url) as client,
        pytest.raises(errors.InvalidAppSecret) as caught,
    ):
        client.kf_session.get("o6")

    assert caught.value.code == 40125
    assert "another-secret" not in str(caught.value)
