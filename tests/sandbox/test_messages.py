"""Customers who write to the account, and the effects of the callback's replies."""

from __future__ import annotations

import threading

import pytest

from tests.account import APP_ID, APP_SECRET
from tests.runtime.servers import Reply, http
from tests.sandbox.callbacks import SHORT, Play, Pushed, Wire, in_turn, signature, success
from tests.sandbox.platform import BEGAN
from wxoa import Client, events
from wxoa.catalog import CATALOG
from wxruntime.sandbox import Admin, AdminError, LocalWeChat, tags
from wxruntime.sandbox.desk import DeskState
from wxruntime.sandbox.messages import MessageIds
from wxruntime.sandbox.refusal import Refusal
from wxruntime.wire import JsonObject, xml

DEVICE_EVENTS = [name for name, event in CATALOG.events.items() if event.kind == "device_event"]
DEVICE_MESSAGES = ["device_text", "device_event"]


def transferring(kf_account: str | None = None) -> Play:
    """Transfer every customer who writes to the desk; answer events without a reply."""

    def play(wire: Wire) -> Reply:
        if wire.fields["MsgType"] == "event":
            return http(b"success")
        info: JsonObject = {} if kf_account is None else {"TransInfo": {"KfAccount": kf_account}}
        return http(xml.dumps(wire.reply(MsgType="transfer_customer_service", **info)))

    return play


# What is pushed.


def test_the_tags_of_the_header_are_those_of_the_catalog() -> None:
    """The local WeChat and the generated package write the header of a push alike."""
    push = CATALOG.push
    described = (push.receiver, push.sender, push.time, push.kind, push.event, push.message_id)

    assert described == (
        tags.RECEIVER,
        tags.SENDER,
        tags.TIME,
        tags.KIND,
        tags.EVENT,
        tags.MESSAGE_ID,
    )
    assert push.event_kind == tags.EVENT_KIND


@pytest.mark.parametrize("kind", CATALOG.messages)
def test_a_message_is_what_the_package_reads(kind: str) -> None:
    """Every kind of message is read by the package, with fields given or made up."""
    with Pushed(success) as pushed:
        number = pushed.admin.send_message("o6_ann", kind)
        push = pushed.admin.wait_for_delivery(number)
        (wire,) = pushed.seen

    message = events.decode(wire.seen.body)
    assert type(message).__name__ == CATALOG.messages[kind].class_name
    assert events.FORMAT.scan(wire.seen.body) == message
    assert (push.kind, push.event, push.openid) == (kind, "", "o6_ann")


def test_the_fields_of_a_message_are_given_by_name_or_by_tag() -> None:
    """Fields are given by name or by tag; unknown kinds and fields by tag only."""
    with Pushed(success) as pushed:
        admin = pushed.admin
        numbers = [
            admin.send_message("o6_ann", content="一", menu_id="7"),
            admin.send_message("o6_ann", Content="two", MsgId=5, bizmsgmenuid="8"),
            admin.send_message("o6_ann", "poem", Verse="three"),
        ]
        admin.wait_for_delivery(numbers[-1])
        first, second, third = (wire.fields for wire in pushed.seen)
        with pytest.raises(AdminError, match=r"expected a tag, or one of .*content.*; got 'verse'"):
            admin.send_message("o6_ann", verse="four")

    assert (first["Content"], first["bizmsgmenuid"]) == ("一", "7")
    assert (second["Content"], second["bizmsgmenuid"], second["MsgId"]) == ("two", "8", "5")
    assert (third["MsgType"], third["Verse"]) == ("poem", "three")


def test_ids_of_messages_grow() -> None:
    """Each message id is larger than the one before and has at most 64 bits."""
    with Pushed(success) as pushed:
        for openid in ("o6_ann", "o6_ben", "o6_ann"):
            pushed.push(openid)
        ids = [int(str(wire.fields["MsgId"])) for wire in pushed.seen]

    assert ids == sorted({*ids})
    assert 1 << 32 < ids[-1] < 1 << 63
    assert MessageIds(BEGAN + 1).new() > MessageIds(BEGAN).new()


def test_any_event_can_be_pushed() -> None:
    """An event that the catalog does not describe is pushed with its fields by tag."""
    with Pushed(success, form="json") as pushed:
        fields: JsonObject = {"EventKey": "qrscene_7", "Count": 2, "List": [{"A": "b"}]}
        number = pushed.admin.push_event("subscribe", "o6_ann", fields)
        push = pushed.admin.wait_for_delivery(number)
        (wire,) = pushed.seen

    assert (push.kind, push.event) == ("event", "subscribe")
    assert wire.fields == {
        "ToUserName": "gh_local",
        "FromUserName": "o6_ann",
        "CreateTime": wire.fields["CreateTime"],
        "MsgType": "event",
        "Event": "subscribe",
        **fields,
    }


def test_an_event_of_another_kind_is_pushed_as_such() -> None:
    """An event of a device is pushed with the MsgType that the catalog has for it."""
    with Pushed(success) as pushed:
        fields: JsonObject = {"DeviceType": "gh", "DeviceID": "lamp", "OpenID": "o6_ann"}
        push = pushed.admin.wait_for_delivery(pushed.admin.push_event("bind", "o6_ann", fields))
        (wire,) = pushed.seen

    event = events.decode(wire.seen.body)
    assert isinstance(event, events.DeviceBindEvent)
    assert (push.kind, push.event, event.device_id) == ("device_event", "bind", "lamp")


def test_what_no_push_can_hold_is_refused() -> None:
    """Content that XML cannot hold is refused, and nothing is pushed."""
    with Pushed(success) as pushed:
        with pytest.raises(AdminError, match="expected text that XML can hold"):
            pushed.admin.send_message("o6_ann", content="\x01")
        with pytest.raises(AdminError, match="fields: expected an object"):
            pushed.admin.ask("event", openid="o6", event="subscribe", fields=[])
        state = pushed.admin.state()

    assert (state["pushes"], state["waiting"]) == ([], [])


@pytest.mark.parametrize("tag", ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Event"])
def test_no_field_stands_for_the_header(tag: str) -> None:
    """A field of the header is refused among the fields of an event."""
    with Pushed(success) as pushed:
        with pytest.raises(AdminError, match=f"which are the header of the push, got '{tag}'"):
            pushed.admin.push_event("subscribe", "o6_ann", {tag: "o6_ben"})
        pushes = pushed.admin.state()["pushes"]

    assert pushes == []


@pytest.mark.parametrize("name", ["FromUserName", "from_user_name", "create_time", "MsgType"])
def test_no_field_of_a_message_stands_for_the_header(name: str) -> None:
    """A field of the header is refused among the fields of a message, by tag and by name."""
    with Pushed(success) as pushed:
        with pytest.raises(AdminError, match="which are the header of the push"):
            pushed.admin.send_message("o6_ann", **{name: "o6_ben"})
        pushes, allowance = pushed.admin.state()["pushes"], pushed.admin.chat("o6_ann").allowance

    assert (pushes, allowance) == ([], 0)


# What a reply does.


def test_a_customer_who_is_handed_over_waits() -> None:
    """A transfer without an account puts the customer into the queue once; a text does not."""
    text = "hello"

    def play(wire: Wire) -> Reply:
        if wire.query["openid"] == "o6_ben":
            return http(xml.dumps(wire.reply(MsgType="text", Content=text)))
        return http(xml.dumps(wire.reply(MsgType="transfer_customer_service")))

    with Pushed(play, mode="compatible") as pushed:
        first = pushed.push("o6_ann")
        second = pushed.push("o6_ben")
        pushed.push("o6_ann")
        state = pushed.admin.state()

    assert first.reply is not None
    assert first.reply["MsgType"] == "transfer_customer_service"
    assert second.reply is not None
    assert second.reply["Content"] == text
    assert state["waiting"] == ["o6_ann"]
    assert (state["stuck"], state["conversations"]) == ([], [])


def test_a_customer_is_handed_over_to_the_named_account() -> None:
    """A transfer to an account that is online opens a conversation, which is pushed."""
    with Pushed(transferring("sara@acme")) as pushed:
        pushed.admin.put_account("sara@acme")
        pushed.push("o6_ann")
        created = next(d for d in pushed.admin.deliveries() if d.event == "kf_create_session")
        pushed.admin.wait_for_delivery(created.id)
        heard = pushed.push("o6_ann")
        state = pushed.admin.state()
        kinds = [wire.fields["MsgType"] for wire in pushed.seen]

    assert state["conversations"] == [{"openid": "o6_ann", "kf_account": "sara@acme"}]
    assert state["waiting"] == []
    # The second message went to the agent, past the callback.
    assert (heard.done, heard.attempts, heard.problem) == (True, (), "")
    assert kinds == ["text", "event"]


@pytest.mark.parametrize("account", ["offline@acme", "unbound@acme", "nobody@acme"])
def test_a_customer_is_stuck_with_an_account_that_cannot_serve(account: str) -> None:
    """Only the named account can take the customer over, who is not in the queue."""
    with Pushed(transferring(account)) as pushed:
        admin = pushed.admin
        admin.put_account("sara@acme")
        admin.put_account("offline@acme", online=False)
        admin.put_account("unbound@acme", bound=False)
        pushed.push("o6_ann")
        state = admin.state()
        with pytest.raises(AdminError, match="65414"):
            admin.accept("o6_ann", "sara@acme")
        admin.put_account(account)
        admin.accept("o6_ann", account)
        later = admin.state()

    assert state["stuck"] == [{"openid": "o6_ann", "kf_account": account}]
    assert (state["waiting"], state["conversations"]) == ([], [])
    assert later["stuck"] == []
    assert later["conversations"] == [{"openid": "o6_ann", "kf_account": account}]


def test_another_reply_frees_a_customer_who_is_stuck() -> None:
    """A later transfer moves a stuck customer to the queue or to another account."""
    desk = DeskState()
    desk.staff.put("sara@acme", 1, online=True, bound=True)
    desk.hear("o6", 1)
    assert desk.forward("o6", None, 1) == []
    assert desk.forward("o6", "bo@acme", 2) == []
    assert (desk.waiting, desk.stuck) == ([], {"o6": "bo@acme"})
    with pytest.raises(Refusal):
        desk.create("o6", "sara@acme", 3)
    desk.write("o6", 4)
    assert desk.waiting == []
    desk.forward("o6", None, 5)
    assert (desk.waiting, desk.stuck) == (["o6"], {})
    (change,) = desk.forward("o6", "sara@acme", 6)
    assert (change.event, change.time) == ("kf_create_session", 6)
    assert (desk.waiting, desk.stuck) == ([], {})
    assert desk.forward("o6", None, 7) == []
    assert desk.waiting == []


def test_a_reply_that_cannot_be_shown_does_nothing() -> None:
    """A transfer in reply to an event is a problem, and no customer waits."""

    def play(wire: Wire) -> Reply:
        return http(xml.dumps(wire.reply(MsgType="transfer_customer_service")))

    with Pushed(play) as pushed:
        push = pushed.admin.wait_for_delivery(pushed.admin.push_event("CLICK", "o6_ann", {}))
        state = pushed.admin.state()

    assert "customer's message, got it in reply to an event" in push.problem
    assert (push.reply, push.answered_on, state["waiting"]) == (None, 1, [])


@pytest.mark.parametrize("what", [*DEVICE_EVENTS, *DEVICE_MESSAGES])
def test_a_device_is_not_handed_over(what: str) -> None:
    """A transfer in reply to a device is a problem, and the queue can still be read."""

    def play(wire: Wire) -> Reply:
        return http(xml.dumps(wire.reply(MsgType="transfer_customer_service")))

    with (
        Pushed(play) as pushed,
        Client(app_id=APP_ID, app_secret=APP_SECRET, base_url=pushed.wechat.url) as client,
    ):
        admin = pushed.admin
        number = (
            admin.push_event(what, "o6_ann", {"DeviceID": "lamp"})
            if what in DEVICE_EVENTS
            else admin.send_message("o6_ann", what)
        )
        push = admin.wait_for_delivery(number)
        allowance = admin.chat("o6_ann").allowance
        queue = client.kf_session.wait_case_list()

    assert "or to a device" in push.problem
    assert (push.reply, queue.items, allowance) == (None, [], 0)


def test_a_customer_who_never_wrote_is_not_handed_over() -> None:
    """A customer who never wrote is never put into the queue."""
    desk = DeskState()
    desk.customers.meet("o6_follower")
    for openid in ("o6_follower", "o6_stranger"):
        assert desk.forward(openid, None, 1) == desk.forward(openid, "bo@acme", 1) == []

    assert (desk.wait_cases(), desk.stuck) == ([], {})


def test_without_a_callback_a_customer_who_writes_waits() -> None:
    """Without a callback, a customer who writes waits at once."""
    with (
        LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET) as wechat,
        Admin(wechat.url) as admin,
    ):
        push = admin.wait_for_delivery(admin.send_message("o6_ann"))
        waiting = admin.state()["waiting"]
        with pytest.raises(AdminError, match="this local WeChat has no callback_url"):
            admin.check_url()

    assert (push.attempts, push.problem, push.done) == ((), "", True)
    assert waiting == ["o6_ann"]


def test_without_a_callback_a_device_does_not_wait() -> None:
    """Without a callback, the message of a device puts no customer into the queue."""
    with (
        LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET) as wechat,
        Admin(wechat.url) as admin,
    ):
        admin.wait_for_delivery(admin.send_message("o6_ann", "device_text"))

        assert admin.state()["waiting"] == []


def test_a_callback_may_call_the_platform_before_it_answers() -> None:
    """A callback can call the platform while it handles a push or a check of its address."""

    def play(wire: Wire) -> Reply:
        with Admin(pushed.wechat.url) as admin:
            admin.state()
        return http(wire.query.get("echostr", "success").encode())

    with Pushed(play, patience=30) as pushed:
        assert pushed.push().answered_on == 1
        assert pushed.admin.check_url().problem == ""


# The rest of the stage.


def test_the_address_is_checked() -> None:
    """The check is a signed GET, and its answer is the echostr."""

    def echo(wire: Wire) -> Reply:
        return http(wire.query["echostr"].encode())

    with Pushed(echo, mode="safe") as pushed:
        attempt = pushed.admin.check_url()
        (wire,) = pushed.seen

    assert (attempt.status, attempt.problem) == (200, "")
    assert (wire.seen.method, wire.seen.body) == ("GET", b"")
    assert wire.query.keys() == {"signature", "timestamp", "nonce", "echostr"}
    assert wire.query["signature"] == signature(wire.query["timestamp"], wire.query["nonce"])


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (http(b"success"), "expected the echostr and nothing else, got 7 other bytes"),
        (http(b"", "403 No"), "answered with 403"),
        (None, "not answered within 0.3 s: the connection was cut"),
    ],
)
def test_a_wrong_answer_of_the_address_is_named(answer: Reply | None, problem: str) -> None:
    """The check makes one attempt, and its problem names what was wrong."""
    with Pushed(in_turn(answer), patience=SHORT) as pushed:
        attempt = pushed.admin.check_url()
        asked = len(pushed.seen)

    assert attempt.problem.startswith(problem)
    assert asked == 1


def test_a_push_is_delivered_once_more() -> None:
    """A redelivery has the same content and a new id, and both pushes are kept."""
    with Pushed(success) as pushed:
        first = pushed.push()
        again = pushed.admin.wait_for_delivery(pushed.admin.redeliver(first.id))
        bodies = {wire.seen.body for wire in pushed.seen}
        listed = pushed.admin.deliveries()
        pushes = pushed.admin.state()["pushes"]

    assert len(bodies) == 1
    assert again.id != first.id
    assert listed == [first, again]
    assert isinstance(pushes, list)
    assert len(pushes) == 2


def test_a_wait_ends_and_says_so() -> None:
    """A wait that is too short and a wait for an unknown push raise an error."""
    release = threading.Event()

    def play(wire: Wire) -> Reply:
        release.wait(30)
        return http(b"success")

    with Pushed(play, patience=30) as pushed:
        number = pushed.admin.send_message("o6_ann")
        with pytest.raises(AdminError, match=rf"push {number} is still under way after 0\.01 s"):
            pushed.admin.wait_for_delivery(number, 0.01)
        with pytest.raises(AdminError, match="expected the id of one of the latest 300 pushes"):
            pushed.admin.wait_for_delivery(number + 1)
        with pytest.raises(AdminError, match="seconds: expected 0 to 3600, got 3601"):
            pushed.admin.wait_for_delivery(number, 3601)
        release.set()
        assert pushed.admin.wait_for_delivery(number).answered_on == 1
