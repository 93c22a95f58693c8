"""Customer-service accounts: the platform's rules, and that the desk uses the same accounts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from tests.account import APP_ID, APP_SECRET
from tests.runtime.callers import CALLERS, Caller, callers
from tests.sandbox.platform import BEGAN, StillPlatform
from tests.sandbox.scene import Scene
from wxoa import errors, events, kf_account, kf_session
from wxoa.catalog import CATALOG
from wxoa.kf_account import InviteStatus, KfInfo, OnlineStatus
from wxruntime.call import Call, nothing
from wxruntime.sandbox import AdminError, LocalWeChat
from wxruntime.sandbox.staff import INVITATION_LIFETIME, MAX_ACCOUNTS, MAX_BINDINGS
from wxruntime.upload import Upload
from wxruntime.wire import JsonObject, json

SARA = "sara@acme"
BO = "bo@acme"
ANN = "o6_ann"
BEN = "o6_ben"
JPEG = b"\xff\xd8\xff\xe0 a picture"
DELETE = "/customservice/kfaccount/del"


def listed(scene: Scene, name: str = SARA) -> KfInfo:
    """Return the entry of an account in the list."""
    return next(info for info in scene.client.kf_account.list() if info.kf_account == name)


def refused(act: Callable[[], object]) -> int:
    """Return the code with which the platform refuses."""
    with pytest.raises((errors.ApiError, AdminError)) as caught:
        act()
    assert isinstance(caught.value, (errors.ApiError, AdminError))
    return caught.value.code


def test_an_added_account_has_no_agent_yet(caller: Caller) -> None:
    """A new account is listed with its name and number, without an agent, and not online."""
    caller.send(kf_account.add(SARA, "Sara 客服"))
    caller.send(kf_account.add(BO, "Bo"))
    caller.send(kf_account.update(BO, "Bob"))
    sara, bo = caller.send(kf_account.list())

    assert (sara.kf_account, sara.kf_nick, bo.kf_nick) == (SARA, "Sara 客服", "Bob")
    assert sara.kf_id.isdecimal()
    assert sara.kf_id != bo.kf_id
    assert sara.kf_head_img_url.startswith("https://")
    assert (sara.kf_wx, sara.invite_wx, sara.invite_status) == (None, None, None)
    assert sara.unknown == {}
    assert caller.send(kf_account.list_online()) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a@b", 0),
        ("Ten_chars1@acme", 0),
        (f"a@{'b' * 28}", 0),
        (f"a@{'b' * 29}", 65404),
        ("eleven_char@acme", 65404),
        ("sara", 65404),
        ("@acme", 65404),
        ("sara@", 65404),
        ("sa ra@acme", 65404),
        ("客服@acme", 65404),
        ("", 65404),
    ],
)
def test_the_name_of_an_account_is_checked(name: str, code: int) -> None:
    """A name has at most ten letters, digits and underscores before the @, and 30 characters."""
    answer = added(StillPlatform(), name)

    assert answer["errcode"] == code


@pytest.mark.parametrize(("nickname", "code"), [("客" * 16, 0), ("x" * 17, 65403), ("", 65403)])
def test_the_nickname_of_an_account_is_checked(nickname: str, code: int) -> None:
    """A nickname has 1 to 16 characters, for a new account and for a change."""
    platform = StillPlatform()
    added(platform, BO)
    given = json.dumps({"kf_account": BO, "nickname": nickname})
    changed = platform.call("POST", "/customservice/kfaccount/update", given)

    assert added(platform, SARA, nickname)["errcode"] == code
    assert changed["errcode"] == code


def added(platform: StillPlatform, name: str, nickname: str = "Sara") -> JsonObject:
    """Add an account."""
    given = json.dumps({"kf_account": name, "nickname": nickname})
    return platform.call("POST", "/customservice/kfaccount/add", given)


def test_there_are_a_hundred_accounts_at_most() -> None:
    """The 101st account is refused; after a deletion there is room again."""
    platform = StillPlatform()
    for number in range(MAX_ACCOUNTS):
        assert added(platform, f"a{number}@acme")["errcode"] == 0

    assert added(platform, "a0@acme")["errcode"] == 65406
    assert added(platform, SARA)["errcode"] == 65405
    platform.call("POST", DELETE, json.dumps({"kf_account": "a0@acme"}))
    assert added(platform, SARA)["errcode"] == 0


@pytest.mark.parametrize(
    "call",
    [
        kf_account.update(SARA, "Sara"),
        kf_account.delete(SARA),
        kf_account.invite_worker(SARA, "wx_sara"),
        kf_account.upload_head_image(SARA, Upload.of(JPEG, name="a.jpg")),
    ],
    ids=lambda call: call.operation,
)
def test_an_account_that_is_not_there(caller: Caller, call: Call[None]) -> None:
    """Every call on an unknown account is refused."""
    with pytest.raises(errors.InvalidKfAccount):
        caller.send(call)


# Being deleted.


def test_a_deleted_account_ends_its_conversations(still_scene: Scene) -> None:
    """The conversations of a deleted account end, and no list has the account any more."""
    client, admin = still_scene.client, still_scene.admin
    for name in (SARA, BO):
        admin.put_account(name)
    for openid in (ANN, BEN):
        admin.write(openid)
    client.kf_session.create(ANN, SARA)
    client.kf_session.create(BEN, BO)
    created = {still_scene.next_event().from_user_name for _ in range(2)}
    client.kf_account.delete(SARA)
    closed = still_scene.next_event()

    assert created == {ANN, BEN}
    assert isinstance(closed, events.KfCloseSessionEvent)
    assert (closed.from_user_name, closed.kf_account) == (ANN, SARA)
    assert client.kf_session.get(ANN).kf_account == ""
    assert [info.kf_account for info in client.kf_account.list()] == [BO]
    assert [info.kf_account for info in client.kf_account.list_online()] == [BO]
    assert refused(lambda: client.kf_session.create(ANN, SARA)) == 65401
    assert client.kf_session.get(BEN).kf_account == BO
    with pytest.raises(errors.InvalidKfAccount):
        client.kf_session.list(SARA)


def test_a_customer_stuck_with_a_deleted_account_waits() -> None:
    """A customer who was stuck with a deleted account joins the end of the queue."""
    desk = StillPlatform().state.desk
    desk.staff.put(SARA, 1, online=False, bound=True)
    desk.write(BEN, 1)
    desk.hear(ANN, 2)
    desk.forward(ANN, SARA, 2)

    assert (desk.waiting, desk.stuck) == ([BEN], {ANN: SARA})
    assert desk.delete_account(SARA, 3) == []
    assert (desk.waiting, desk.stuck) == ([BEN, ANN], {})


def test_an_account_that_is_added_again_is_another_one(scene: Scene) -> None:
    """An account added again has another number and no agent."""
    scene.admin.put_account(SARA)
    former = listed(scene)
    scene.client.kf_account.delete(SARA)
    scene.client.kf_account.add(SARA, "Sara")
    again = listed(scene)

    assert former.kf_wx
    assert again.kf_wx is None
    assert again.kf_id != former.kf_id


# Being invited.


def test_from_an_invitation_to_a_conversation(still_scene: Scene, still_caller: Caller) -> None:
    """Invited, bound, online, serving: each step shows in the lists."""
    admin, caller = still_scene.admin, still_caller
    admin.write(ANN)
    caller.send(kf_account.add(SARA, "Sara"))
    caller.send(kf_account.invite_worker(SARA, "wx_sara"))
    invited = listed(still_scene)
    with pytest.raises(errors.KfAccountNotBound):
        caller.send(kf_session.create(ANN, SARA))
    unbound = refused(lambda: admin.go_online(SARA))
    admin.accept_invitation(SARA)
    bound = listed(still_scene)
    with pytest.raises(errors.WorkerOffline):
        caller.send(kf_session.create(ANN, SARA))
    admin.go_online(SARA)
    (idle,) = caller.send(kf_account.list_online())
    caller.send(kf_session.create(ANN, SARA))
    (busy,) = caller.send(kf_account.list_online())
    admin.go_offline(SARA)

    assert (invited.invite_wx, invited.invite_status) == ("wx_sara", InviteStatus.WAITING)
    assert invited.invite_expire_time == BEGAN + INVITATION_LIFETIME
    assert invited.kf_wx is None
    assert unbound == 65402
    assert (bound.kf_wx, bound.invite_wx, bound.invite_status) == ("wx_sara", None, None)
    assert (idle.kf_account, idle.kf_id) == (SARA, bound.kf_id)
    assert (idle.status, idle.accepted_case, idle.unknown) == (OnlineStatus.WEB, 0, {})
    assert busy.accepted_case == 1
    assert caller.send(kf_account.list_online()) == []
    # An agent who goes offline keeps their conversations.
    assert caller.send(kf_session.get(ANN)).kf_account == SARA


@pytest.mark.parametrize("how", ["rejected", "expired"])
def test_an_invitation_that_came_to_nothing(still_scene: Scene, how: str) -> None:
    """The list shows the status, the invitation is closed, and another one can follow."""
    client, admin = still_scene.client, still_scene.admin
    client.kf_account.add(SARA, "Sara")
    client.kf_account.invite_worker(SARA, "wx_sara")
    if how == "rejected":
        admin.reject_invitation(SARA)
    else:
        admin.advance(INVITATION_LIFETIME - 1)
        assert listed(still_scene).invite_status is InviteStatus.WAITING
        admin.advance(1)

    assert listed(still_scene).invite_status == how
    for answer in (admin.accept_invitation, admin.reject_invitation):
        with pytest.raises(AdminError, match="expected an account with an open invitation"):
            answer(SARA)
    client.kf_account.invite_worker(SARA, "wx_sara")
    admin.accept_invitation(SARA)
    assert listed(still_scene).kf_wx == "wx_sara"


@pytest.mark.parametrize(
    ("account", "wechat_id", "code"),
    [
        (SARA, "wx_new", 65412),
        ("invited@acme", "wx_new", 65411),
        ("free@acme", "wx_sara", 65407),
        ("free@acme", "wx_invited", 65408),
        ("free@acme", "wx_busy", 65410),
        ("free@acme", "", 65409),
        ("free@acme", "7_sara", 65409),
        ("free@acme", "微信", 65409),
        ("free@acme", "a_name_of_21_letters_", 65409),
    ],
)
def test_an_invitation_may_be_refused(
    scene: Scene, account: str, wechat_id: str, code: int
) -> None:
    """Each reason has its code; a user who serves four other accounts can still be invited."""
    staff, admin = scene.client.kf_account, scene.admin
    for name in (SARA, "invited@acme", "free@acme"):
        staff.add(name, "somebody")
    staff.invite_worker(SARA, "wx_sara")
    admin.accept_invitation(SARA)
    staff.invite_worker("invited@acme", "wx_invited")
    admin.put_worker("wx_busy", elsewhere=MAX_BINDINGS)
    admin.put_worker("wx_willing", elsewhere=MAX_BINDINGS - 1)

    assert refused(lambda: staff.invite_worker(account, wechat_id)) == code
    staff.invite_worker("free@acme", "wx_willing")


def test_an_agent_who_is_put_there_was_never_invited(scene: Scene) -> None:
    """Putting an account that exists binds an agent, ends its invitation and keeps its number."""
    scene.client.kf_account.add(SARA, "Sara")
    scene.client.kf_account.invite_worker(SARA, "wx_sara")
    number = listed(scene).kf_id
    scene.admin.put_account(SARA)
    put = listed(scene)
    scene.client.kf_account.update(SARA, "Sally")
    scene.admin.put_account(SARA, bound=False)
    unbound = listed(scene)

    assert (put.kf_id, put.kf_nick, put.invite_wx) == (number, "Sara", None)
    assert put.kf_wx
    assert (unbound.kf_id, unbound.kf_nick, unbound.kf_wx) == (number, "Sally", None)
    assert scene.client.kf_account.list_online() == []


def test_agents_who_are_put_there_are_different_people(still_scene: Scene) -> None:
    """No agent serves under two accounts, is invited to another one, or serves elsewhere."""
    staff, admin = still_scene.client.kf_account, still_scene.admin
    for name in (SARA, BO, "co@acme", "di@acme"):
        staff.add(name, "somebody")
    numbers = [int(info.kf_id) for info in staff.list()]
    staff.invite_worker(SARA, f"wx_{numbers[1]}")
    admin.accept_invitation(SARA)
    staff.invite_worker(BO, f"wx_{numbers[2]}")
    admin.put_worker(f"wx_{numbers[3]}", elsewhere=MAX_BINDINGS)
    for name in ("co@acme", "di@acme"):
        admin.put_account(name)
    admin.accept_invitation(BO)
    workers = [info.kf_wx for info in staff.list()]

    assert len({*workers}) == 4
    assert workers[:2] == [f"wx_{numbers[1]}", f"wx_{numbers[2]}"]
    assert f"wx_{numbers[3]}" not in workers


def test_no_more_accounts_are_put_there_than_there_may_be(scene: Scene) -> None:
    """The account after the hundredth is refused; one that exists can still be changed."""
    for number in range(MAX_ACCOUNTS):
        scene.admin.put_account(f"a{number}@acme")

    assert refused(lambda: scene.admin.put_account(SARA)) == 65405
    scene.admin.put_account("a0@acme", online=False)
    assert len(scene.client.kf_account.list()) == MAX_ACCOUNTS
    assert len(scene.client.kf_account.list_online()) == MAX_ACCOUNTS - 1


def test_an_account_is_offline_until_its_agent_comes_online(scene: Scene) -> None:
    """An account without an agent is offline, and stays offline when an invitation is accepted."""
    admin, staff = scene.admin, scene.client.kf_account
    admin.put_account(SARA, online=True, bound=False)
    unbound = admin.state()["accounts"]
    staff.invite_worker(SARA, "wx_sara")
    admin.accept_invitation(SARA)
    accepted = staff.list_online()
    admin.go_online(SARA)

    assert unbound == [{"kf_account": SARA, "online": False, "bound": False}]
    assert accepted == []
    assert [info.kf_account for info in staff.list_online()] == [SARA]


# Pictures and lists.


def test_a_picture_has_an_address_of_its_own(caller: Caller) -> None:
    """Different pictures have different addresses, equal pictures the same."""
    caller.send(kf_account.add(SARA, "Sara"))
    addresses: list[str] = []
    for content in (b"", b"1", b"2", b"1"):
        if content:
            picture = Upload.of(JPEG + content, name="picture")
            caller.send(kf_account.upload_head_image(SARA, picture))
        (info,) = caller.send(kf_account.list())
        addresses.append(info.kf_head_img_url)

    assert len({*addresses}) == 3
    assert addresses[1] == addresses[3]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (JPEG, "A.JPEG", 0),
        (JPEG, "a.png", 0),
        (b"\x89PNG", "a.png", 40005),
        (b"\x89PNG", "a.jpg", 40005),
        (b"nothing", "jpg", 40005),
        (JPEG + bytes((5 << 20) - len(JPEG)), "a.jpg", 0),
        (JPEG + bytes((5 << 20) - len(JPEG) + 1), "a.jpg", 40009),
        (JPEG + bytes(20 << 20), "a.jpg", 40009),
        (b"", "a.jpg", 44001),
    ],
)
def test_a_picture_is_a_jpeg_of_five_megabytes(
    scene: Scene, content: bytes, name: str, code: int
) -> None:
    """The content decides, not the name; a picture too large is refused by its error code."""
    scene.client.kf_account.add(SARA, "Sara")
    picture = Upload.of(content, name=name)

    def upload() -> None:
        scene.client.kf_account.upload_head_image(SARA, picture)

    if code:
        assert refused(upload) == code
    else:
        upload()


def test_a_merchant_has_its_own_accounts(caller: Caller, scene: Scene) -> None:
    """With a business_id the lists have the merchant's accounts, without one all accounts."""
    caller.send(kf_account.add(SARA, "Sara", "7"))
    caller.send(kf_account.add(BO, "Bo"))
    for name in (SARA, BO):
        scene.admin.put_account(name)

    assert [info.kf_account for info in caller.send(kf_account.list("7"))] == [SARA]
    assert [info.kf_account for info in caller.send(kf_account.list_online("7"))] == [SARA]
    assert len(caller.send(kf_account.list())) == 2
    assert caller.send(kf_account.list("8")) == []


def test_an_account_is_deleted_in_the_older_way_too(caller: Caller) -> None:
    """A GET with the name in the query deletes an account as well."""
    endpoint = CATALOG.endpoints["kf_account.delete"]
    older = Call("GET", DELETE, "kf_account.delete", query={"kf_account": SARA}, decode=nothing)
    caller.send(kf_account.add(SARA, "Sara"))
    caller.send(older)

    assert endpoint.twin == f"GET {DELETE}"
    assert caller.send(kf_account.list()) == []
    with pytest.raises(errors.InvalidKfAccount):
        caller.send(older)


@pytest.mark.parametrize("kind", CALLERS)
def test_an_account_is_deleted_where_there_is_the_older_way_alone(kind: str) -> None:
    """The client sends the POST, is refused with 43001, and sends the GET."""
    endpoint = CATALOG.endpoints["kf_account.delete"]
    old = evolve(endpoint, method="GET", query=endpoint.body, body=(), twin="")
    catalog = evolve(CATALOG, endpoints={**CATALOG.endpoints, endpoint.operation: old})
    with LocalWeChat(catalog, app_id=APP_ID, app_secret=APP_SECRET) as wechat:
        for make in callers(kind):
            caller = make(app_secret=APP_SECRET, base_url=wechat.url)
            caller.send(kf_account.add(SARA, "Sara"))
            caller.send(kf_account.delete(SARA))

            assert caller.send(kf_account.list()) == []
