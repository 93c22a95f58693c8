"""Messages to customers: what may be sent, how often, and what customers see."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.runtime.callers import Caller
from tests.runtime.servers import Reply, http
from tests.sandbox.callbacks import Pushed, Wire, success
from tests.sandbox.platform import BEGAN
from tests.sandbox.scene import Scene
from wxoa import errors, kf_account, kf_message, kf_session
from wxoa.catalog import CATALOG
from wxoa.kf_message import (
    Article,
    Image,
    Link,
    MenuItem,
    Message,
    MiniProgramPage,
    MpNews,
    MpNewsArticle,
    MsgMenu,
    Music,
    News,
    Text,
    TypingCommand,
    Video,
    Voice,
    WxCard,
)
from wxoa.kf_record import OperCode
from wxoa.media import MediaType
from wxruntime.call import Call, nothing
from wxruntime.sandbox import AdminError, Received
from wxruntime.sandbox.correspondence import KEPT
from wxruntime.sandbox.families.kf_message.contents import MAX_ARTICLES, MAX_TEXT
from wxruntime.sandbox.windows import BY_EVENT
from wxruntime.upload import Upload
from wxruntime.wire import JsonObject, JsonValue, xml

SARA = "sara@acme"
ANN = "o6_ann"
HOURS_48 = 48 * 3600


def send(kind: str, content: JsonObject) -> Call[None]:
    """Build a call from a content as it is on the wire."""
    return raw({"touser": ANN, "msgtype": kind, kind: content})


def raw(body: JsonObject) -> Call[None]:
    """Build a call from a whole body."""
    return Call(
        "POST", "/cgi-bin/message/custom/send", "kf_message.send", body=body, decode=nothing
    )


def say(number: int = 0) -> Call[None]:
    """Build a call that sends a text."""
    return kf_message.send(ANN, Text(f"number {number}"))


def refused(act: Callable[[], object]) -> int:
    """Return the code with which the platform refuses."""
    with pytest.raises(errors.ApiError) as caught:
        act()
    return caught.value.code


# What is sent.


def uploaded(scene: Scene) -> dict[str, str]:
    """Upload one file of each type, and return their ids."""
    names = {"image": "a.jpg", "voice": "a.mp3", "video": "a.mp4", "thumb": "a.jpg"}
    ids: dict[str, str] = {}
    for kind, name in names.items():
        answer = scene.client.media.upload(MediaType(kind), Upload.of(b"content", name=name))
        ids[kind] = answer.media_id or answer.thumb_media_id
    return ids


CONTENTS: dict[str, JsonObject] = {
    "text": {"content": "你好"},
    "image": {"media_id": "<image>"},
    "voice": {"media_id": "<voice>"},
    "video": {"media_id": "<video>", "thumb_media_id": "<thumb>", "title": "t"},
    "music": {"musicurl": "https://m", "hqmusicurl": "https://h", "thumb_media_id": "<image>"},
    "news": {"articles": [{"title": "t", "description": "d", "url": "u", "picurl": "p"}]},
    "mpnews": {"media_id": "of the permanent material"},
    "mpnewsarticle": {"article_id": "a"},
    "msgmenu": {"head_content": "h", "list": [{"id": "1", "content": "yes"}], "tail_content": "t"},
    "wxcard": {"card_id": "c"},
    "miniprogrampage": {"title": "t", "appid": "a", "pagepath": "p", "thumb_media_id": "<thumb>"},
    "link": {"title": "t", "description": "d", "url": "u", "thumb_url": "p"},
}


def with_ids(content: JsonObject, ids: dict[str, str]) -> JsonObject:
    """Put the ids of uploaded files into a content."""
    return {
        name: ids.get(str(value).strip("<>"), value) if str(value).startswith("<") else value
        for name, value in content.items()
    }


def written(ids: dict[str, str]) -> list[Message]:
    """Return the same messages as models."""
    return [
        Text("你好"),
        Image(ids["image"]),
        Voice(ids["voice"]),
        Video(ids["video"], thumb_media_id=ids["thumb"], title="t"),
        Music("https://m", "https://h", ids["image"]),
        News([Article("t", "d", "u", "p")]),
        MpNews("of the permanent material"),
        MpNewsArticle("a"),
        MsgMenu("h", [MenuItem("1", "yes")], "t"),
        WxCard("c"),
        MiniProgramPage("a", "p", thumb_media_id=ids["thumb"], title="t"),
        Link("t", "u", "d", "p"),
    ]


def test_every_kind_of_message_arrives(still_scene: Scene, still_caller: Caller) -> None:
    """Every kind arrives as it was sent, and the transcript has its text or a placeholder."""
    ids = uploaded(still_scene)
    for message in written(ids):
        still_scene.admin.write(ANN)
        still_scene.admin.advance(1)
        still_caller.send(kf_message.send(ANN, message))
    chat = still_scene.admin.chat(ANN)
    records = still_scene.client.kf_record.get_msg_list(BEGAN, BEGAN + 60).records

    assert [*chat.messages] == [
        Received(BEGAN + number, "", kind, with_ids(content, ids))
        for number, (kind, content) in enumerate(CONTENTS.items(), 1)
    ]
    assert {(r.openid, r.oper_code, r.worker) for r in records} == {(ANN, OperCode.SENT, "")}
    assert [r.text for r in records] == ["你好", *(f"[{kind}]" for kind in [*CONTENTS][1:])]


def test_every_kind_of_message_is_served() -> None:
    """The kinds that are tested are those of the catalog."""
    assert CATALOG.unions["kf_message.Message"].variants.keys() == CONTENTS.keys()


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        ("text", "content", 44004),
        ("image", "media_id", 40007),
        ("voice", "media_id", 40007),
        ("video", "media_id", 40007),
        ("video", "thumb_media_id", 0),
        ("video", "title", 0),
        ("music", "musicurl", 40035),
        ("music", "hqmusicurl", 0),
        ("music", "thumb_media_id", 40007),
        ("news", "articles", 44003),
        ("mpnews", "media_id", 40035),
        ("mpnewsarticle", "article_id", 40035),
        ("msgmenu", "list", 40035),
        ("msgmenu", "head_content", 0),
        ("wxcard", "card_id", 40035),
        ("miniprogrampage", "appid", 40035),
        ("miniprogrampage", "pagepath", 40035),
        ("miniprogrampage", "thumb_media_id", 0),
        ("link", "title", 40035),
        ("link", "url", 40035),
        ("link", "description", 0),
        ("link", "thumb_url", 0),
    ],
)
def test_a_message_without_a_required_field_is_refused(
    scene: Scene, kind: str, name: str, code: int
) -> None:
    """A content without a required field is refused, and the refusal uses no allowance."""
    content = with_ids(CONTENTS[kind], uploaded(scene))
    del content[name]
    scene.admin.write(ANN)
    call = send(kind, content)
    if code:
        assert refused(lambda: scene.client.send(call)) == code
        assert scene.admin.chat(ANN).allowance == 5
    else:
        scene.client.send(call)
        assert scene.admin.chat(ANN).allowance == 4


def articles(count: int) -> JsonObject:
    """Return a content with this number of articles."""
    written: list[JsonValue] = [{"title": "t"} for _ in range(count)]
    return {"articles": written}


WRONG: list[tuple[JsonObject, int]] = [
    ({"touser": ANN}, 40008),
    ({"touser": ANN, "msgtype": "dance", "dance": {}}, 40008),
    ({"touser": ANN, "msgtype": "text"}, 44004),
    ({"touser": ANN, "msgtype": "text", "text": "hi"}, 40035),
    ({"touser": ANN, "msgtype": "text", "text": {"content": "字" * (MAX_TEXT // 3 + 1)}}, 45002),
    ({"touser": ANN, "msgtype": "news", "news": {"articles": [1]}}, 40035),
    ({"touser": ANN, "msgtype": "news", "news": {"articles": [{}]}}, 40035),
    (
        {"touser": ANN, "msgtype": "news", "news": articles(MAX_ARTICLES + 1)},
        45008,
    ),
    ({"touser": ANN, "msgtype": "msgmenu", "msgmenu": {"list": [{"id": "1"}]}}, 40035),
    ({"msgtype": "text", "text": {"content": "hi"}}, 40003),
    ({"touser": "o6_nobody", "msgtype": "text", "text": {"content": "hi"}}, 40003),
]
"""Body → the code that refuses it."""


@pytest.mark.parametrize(("body", "code"), WRONG)
def test_a_wrong_message_is_refused(scene: Scene, body: JsonObject, code: int) -> None:
    """Each mistake in a body has its code, and nothing arrives."""
    scene.admin.write(ANN)

    assert refused(lambda: scene.client.send(raw(body))) == code
    assert scene.admin.chat(ANN).messages == ()


def test_the_longest_text_and_the_most_articles(scene: Scene) -> None:
    """A text and a list of articles of the largest allowed size arrive."""
    scene.admin.write(ANN)
    scene.client.send(kf_message.send(ANN, Text("x" * MAX_TEXT)))
    scene.client.send(send("news", articles(MAX_ARTICLES)))

    assert [message.kind for message in scene.admin.chat(ANN).messages] == ["text", "news"]


def test_a_file_is_sent_as_what_it_is(scene: Scene) -> None:
    """A media_id of another type is refused, and so is one older than three days."""
    ids = uploaded(scene)
    scene.admin.write(ANN)

    assert refused(lambda: scene.client.send(send("image", {"media_id": ids["voice"]}))) == 40007
    scene.admin.advance(3 * 86400)
    scene.admin.write(ANN)
    assert refused(lambda: scene.client.send(send("voice", {"media_id": ids["voice"]}))) == 40007


def test_a_message_is_sent_as_an_agent(caller: Caller, scene: Scene) -> None:
    """The customer sees which account wrote; an unknown account is refused."""
    caller.send(kf_account.add(SARA, "Sara"))
    scene.admin.write(ANN)
    caller.send(kf_message.send(ANN, Text("I am Sara"), SARA))
    with pytest.raises(errors.InvalidKfAccount):
        caller.send(kf_message.send(ANN, Text("I am nobody"), "nobody@acme"))
    (message,) = scene.admin.chat(ANN).messages

    assert (message.kf_account, message.content) == (SARA, {"content": "I am Sara"})
    assert scene.admin.chat(ANN).allowance == 4


@pytest.mark.parametrize(("sender", "open_still"), [(SARA, True), ("bo@acme", False), ("", False)])
def test_a_message_of_the_agent_who_serves_is_no_silence(
    still_scene: Scene, sender: str, open_still: bool
) -> None:
    """A message of the serving agent keeps the conversation open; a message of others does not."""
    client, admin = still_scene.client, still_scene.admin
    for name in (SARA, "bo@acme"):
        admin.put_account(name)
    admin.write(ANN)
    admin.accept(ANN, SARA)
    admin.advance(1000)
    client.kf_message.send(ANN, Text("still there?"), sender or None)
    admin.advance(1000)

    assert client.kf_session.get(ANN).kf_account == (SARA if open_still else "")


# How often.


def test_five_messages_follow_one_of_the_customer_s(
    still_scene: Scene, still_caller: Caller
) -> None:
    """The sixth message is refused; after two more messages of the customer, five are allowed."""
    admin, caller = still_scene.admin, still_caller
    admin.write(ANN)
    for number in range(5):
        caller.send(say(number))
    with pytest.raises(errors.MessageQuotaExceeded):
        caller.send(say(5))
    chat = admin.chat(ANN)
    admin.send_message(ANN)
    admin.send_message(ANN)

    assert [message.content["content"] for message in chat.messages] == [
        f"number {number}" for number in range(5)
    ]
    assert chat.allowance == 0
    assert admin.chat(ANN).allowance == 5


def test_the_window_closes_after_48_hours(still_scene: Scene, still_caller: Caller) -> None:
    """After 48 hours no message is allowed until the customer writes again."""
    admin, caller = still_scene.admin, still_caller
    admin.write(ANN)
    admin.advance(HOURS_48 - 1)
    caller.send(say())
    admin.advance(1)
    with pytest.raises(errors.ReplyWindowClosed):
        caller.send(say())
    admin.write(ANN)
    caller.send(say())

    assert len(admin.chat(ANN).messages) == 2


@pytest.mark.parametrize("event", BY_EVENT)
def test_what_allows_three_messages_for_a_minute(still_scene: Scene, event: str) -> None:
    """After a click, a scan or a follow, three messages are allowed, and none after a minute."""
    client, admin = still_scene.client, still_scene.admin
    admin.push_event(event, ANN, {"EventKey": "k"})
    for _ in range(3):
        client.send(say())
    used_up = refused(lambda: client.send(say()))
    admin.advance(59)
    admin.push_event(event, ANN, {"EventKey": "k"})
    admin.advance(59)
    client.send(say())
    admin.advance(1)

    assert used_up == 45047
    assert refused(lambda: client.send(say())) == 45015


def test_the_entry_of_a_menu_message_allows_three_messages_for_a_minute(
    still_scene: Scene,
) -> None:
    """A chosen menu entry is pushed as a text, but allows three messages in a minute."""
    client, admin = still_scene.client, still_scene.admin
    admin.send_message(ANN, content="yes", menu_id="101")
    chosen = admin.chat(ANN).allowance
    admin.send_message(ANN, content="yes", bizmsgmenuid="101")
    admin.advance(60)

    assert chosen == 3
    assert refused(lambda: client.send(say())) == 45015


def test_a_follower_is_known_to_the_desk(still_scene: Scene, still_caller: Caller) -> None:
    """A follower who never wrote is known, and a conversation can be opened for them."""
    admin, caller = still_scene.admin, still_caller
    admin.put_account(SARA)
    admin.push_event("subscribe", ANN, {})
    caller.send(say())
    nobody = caller.send(kf_session.get(ANN)).kf_account
    caller.send(kf_session.create(ANN, SARA))
    served = caller.send(kf_session.get(ANN)).kf_account

    assert (nobody, served) == ("", SARA)
    with pytest.raises(errors.InvalidOpenid):
        caller.send(kf_session.get("o6_stranger"))


def test_a_customer_who_unfollows_stays_known(still_scene: Scene, still_caller: Caller) -> None:
    """After an unsubscribe no message and no typing is allowed; the place in the queue stays."""
    admin, caller = still_scene.admin, still_caller
    admin.write(ANN)
    caller.send(kf_message.typing(ANN))
    admin.push_event("unsubscribe", ANN, {})
    waiting = caller.send(kf_session.wait_case_list()).items

    assert not admin.chat(ANN).typing
    with pytest.raises(errors.NoRecentInteraction):
        caller.send(kf_message.typing(ANN))
    with pytest.raises(errors.ReplyWindowClosed):
        caller.send(say())
    assert [case.openid for case in waiting] == [ANN]
    assert caller.send(kf_session.get(ANN)).kf_account == ""


def test_what_allows_nothing(still_scene: Scene) -> None:
    """A link in the menu allows no message, and an unsubscribe closes all windows."""
    client, admin = still_scene.client, still_scene.admin
    admin.push_event("VIEW", "o6_ben", {"EventKey": "https://x"})
    admin.write(ANN)
    admin.push_event("unsubscribe", ANN, {})

    assert refused(lambda: client.kf_message.send("o6_ben", Text("hi"))) == 45015
    assert refused(lambda: client.send(say())) == 45015
    assert admin.chat(ANN).allowance == 0


def test_a_message_takes_its_place_where_it_is_lost_first(still_scene: Scene) -> None:
    """Messages are counted in the window of the click first, because it closes first."""
    client, admin = still_scene.client, still_scene.admin
    admin.write(ANN)
    admin.push_event("CLICK", ANN, {"EventKey": "k"})
    client.send(say())
    client.send(say())
    during = admin.chat(ANN).allowance
    admin.advance(60)

    assert (during, admin.chat(ANN).allowance) == (6, 5)


# What customers see besides.


def test_an_agent_writes_to_whom_they_serve(still_scene: Scene) -> None:
    """The serving agent can write without limit; other and unknown accounts are refused."""
    admin = still_scene.admin
    for name in (SARA, "bo@acme"):
        admin.put_account(name)
    admin.write(ANN)
    with pytest.raises(AdminError, match="65413"):
        admin.say(ANN, SARA, "too early")
    admin.accept(ANN, SARA)
    with pytest.raises(AdminError, match="65414"):
        admin.say(ANN, "bo@acme", "not mine")
    with pytest.raises(AdminError, match="65401"):
        admin.say(ANN, "nobody@acme", "who?")
    admin.advance(1000)
    for number in range(7):
        admin.say(ANN, SARA, f"number {number}")
    chat = admin.chat(ANN)
    admin.advance(1000)

    assert [(m.kf_account, m.kind, m.content) for m in chat.messages] == [
        (SARA, "text", {"content": f"number {number}"}) for number in range(7)
    ]
    assert chat.allowance == 5
    # What they write keeps the conversation open.
    assert still_scene.client.kf_session.get(ANN).kf_account == SARA


def test_a_reply_arrives_as_well() -> None:
    """A reply arrives with its tags and is not counted in the allowance."""

    def play(wire: Wire) -> Reply:
        return http(xml.dumps(wire.reply(MsgType="text", Content="a reply")))

    with Pushed(play) as pushed:
        pushed.push(ANN)
        chat = pushed.admin.chat(ANN)

    assert [(m.kf_account, m.kind, m.content) for m in chat.messages] == [
        ("", "text", {"Content": "a reply"})
    ]
    assert chat.allowance == 5


def test_without_a_reply_nothing_arrives() -> None:
    """A push that is answered without a reply shows the customer nothing."""
    with Pushed(success) as pushed:
        pushed.push(ANN)

        assert pushed.admin.chat(ANN).messages == ()


def test_a_stranger_s_chat_is_empty(scene: Scene) -> None:
    """The chat of an unknown customer is empty."""
    chat = scene.admin.chat("o6_nobody")

    assert (chat.messages, chat.typing, chat.allowance) == ((), False, 0)


def test_only_the_latest_messages_are_kept(still_scene: Scene) -> None:
    """A chat keeps the latest 1000 messages."""
    admin = still_scene.admin
    admin.put_account(SARA)
    admin.write(ANN)
    admin.accept(ANN, SARA)
    for number in range(KEPT + 1):
        admin.say(ANN, SARA, str(number))
    messages = admin.chat(ANN).messages

    assert len(messages) == KEPT
    assert messages[0].content == {"content": "1"}


# Typing.


def test_the_typing_indicator_is_shown_for_a_while(
    still_scene: Scene, still_caller: Caller
) -> None:
    """The indicator is shown for 15 s, in which it cannot be shown again."""
    admin, caller = still_scene.admin, still_caller
    admin.write(ANN)
    caller.send(kf_message.typing(ANN))
    admin.advance(14)
    seen = admin.chat(ANN).typing
    with pytest.raises(errors.AlreadyTyping):
        caller.send(kf_message.typing(ANN))
    admin.advance(1)
    over = admin.chat(ANN).typing
    caller.send(kf_message.typing(ANN))

    assert (seen, over, admin.chat(ANN).typing) == (True, False, True)


def test_the_typing_indicator_is_ended(still_scene: Scene, still_caller: Caller) -> None:
    """A cancel and a message each end the indicator; a cancel without typing is no error."""
    admin, caller = still_scene.admin, still_caller
    admin.write(ANN)
    caller.send(kf_message.typing(ANN, TypingCommand.CANCEL))
    caller.send(kf_message.typing(ANN))
    caller.send(kf_message.typing(ANN, TypingCommand.CANCEL))
    said = admin.chat(ANN).typing
    caller.send(kf_message.typing(ANN))
    caller.send(say())
    sent = admin.chat(ANN).typing
    caller.send(kf_message.typing(ANN))

    assert (said, sent, admin.chat(ANN).typing) == (False, False, True)


def test_typing_needs_a_recent_message(still_scene: Scene, still_caller: Caller) -> None:
    """The indicator needs a message or an event within the last 30 s."""
    admin, caller = still_scene.admin, still_caller
    with pytest.raises(errors.InvalidOpenid):
        caller.send(kf_message.typing(ANN))
    admin.write(ANN)
    admin.advance(30)
    caller.send(kf_message.typing(ANN))
    admin.advance(15)
    with pytest.raises(errors.NoRecentInteraction):
        caller.send(kf_message.typing(ANN))
    admin.push_event("CLICK", ANN, {"EventKey": "k"})
    caller.send(kf_message.typing(ANN))


@pytest.mark.parametrize("command", ["Dance", "typing", ""])
def test_an_unknown_typing_command_is_refused(scene: Scene, command: str) -> None:
    """Any command other than `Typing` and `CancelTyping` is refused."""
    scene.admin.write(ANN)
    body: JsonObject = {"touser": ANN, "command": command}
    call = Call(
        "POST",
        "/cgi-bin/message/custom/typing",
        "kf_message.typing",
        body=body,
        decode=nothing,
    )

    assert refused(lambda: scene.client.send(call)) == 45072
