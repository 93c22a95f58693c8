"""Faults seen in other SDKs, each as a test of this one.

They are all good libraries that people rely on; what is written here is what one version of
each did with one input. The numbers are those of our own list of such faults.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.account import APP_ID
from tests.runtime.leaks import APP_SECRET, failing, shows_secret
from tests.runtime.servers import TOKEN_PATH, Answer, Platform, Server, http
from wxoa import Client, errors, events, replies
from wxoa.catalog import CATALOG
from wxruntime.callback.signature import sign, verify
from wxruntime.errors import SignatureError, TransportError
from wxruntime.redact import Secret
from wxruntime.retry import Retry
from wxruntime.wire import JsonObject, Timestamp, integer, text, xml

Serve = Callable[[Answer], Server]
LIST = "/customservice/kfsession/getsessionlist"
WAIT = "/customservice/kfsession/getwaitcase"
CREATE = "/customservice/kfsession/create"
CLOSE = "/customservice/kfsession/close"
GET = "/customservice/kfsession/getsession"

CREATED = b"""<xml>
<ToUserName><![CDATA[gh_1]]></ToUserName>
<FromUserName><![CDATA[o6_a]]></FromUserName>
<CreateTime>1714037059</CreateTime>
<MsgType><![CDATA[event]]></MsgType>
<Event><![CDATA[kf_create_session]]></Event>
<KfAccount><![CDATA[sara@acme]]></KfAccount>
</xml>"""


def client_of(server: Server) -> Client:
    """Make a client of a server."""
    return Client(app_id=APP_ID, app_secret=APP_SECRET, base_url=server.base_url, timeout=20)


class TestChanxuehong:
    """github.com/chanxuehong/wechat, in Go."""

    def test_1_session_events_can_be_read(self) -> None:
        """It panics when a session event has a KfAccount; we give the event and the account."""
        event = events.decode(CREATED)

        assert event == events.KfCreateSessionEvent(
            "gh_1", "o6_a", Timestamp(1714037059), "sara@acme"
        )

    def test_1_a_session_event_without_its_account_is_an_error_of_ours(self) -> None:
        """It dereferences nil then; we name the field that is missing."""
        without = CREATED.replace(b"<KfAccount><![CDATA[sara@acme]]></KfAccount>", b"")

        with pytest.raises(errors.DecodeError, match="KfAccount"):
            events.decode(without)

    def test_2_fifty_first_calls_fetch_one_token(self, serve: Serve) -> None:
        """Fifty goroutines that start cold fetch fifty tokens; fifty threads of ours fetch one."""
        server = serve(Platform(script={GET: [http({"kf_account": ""})]}))
        with client_of(server) as client, ThreadPoolExecutor(50) as pool:
            sessions = list(pool.map(client.kf_session.get, ["o6_a"] * 50))

        assert len(sessions) == 50
        assert len(server.of(GET)) == 50
        assert len(server.of(TOKEN_PATH)) == 1

    def test_3_an_account_cannot_add_parameters(self, serve: Serve) -> None:
        """It puts `kf_account` into the address unescaped; ours stays one parameter."""
        server = serve(Platform())
        with client_of(server) as client:
            client.kf_session.list("x y&z@gh#1")

        assert server.of(LIST)[0].target.startswith(f"{LIST}?kf_account=x%20y%26z@gh%231&access_")

    def test_4_a_wait_case_keeps_its_time(self, serve: Serve) -> None:
        """It drops `latest_time`; a waiting customer of ours has it."""
        answer = http({"count": 1, "waitcaselist": [{"latest_time": 123456789, "openid": "o6_a"}]})
        server = serve(Platform(script={WAIT: [answer]}))
        with client_of(server) as client:
            queue = client.kf_session.wait_case_list()

        assert queue.items[0].latest_time == 123456789

    @pytest.mark.parametrize("signature", ["", "0" * 40, "no", "é", "\ud800"])
    def test_5_a_wrong_signature_is_an_error(self, signature: str) -> None:
        """It answers 200 to it, which reads as handled; ours is an error that none overlooks."""
        with pytest.raises(SignatureError):
            verify([Secret("callback-token-1")], signature, "1714037059", "486452656")

    def test_5_the_right_signature_is_none(self) -> None:
        """The official example's token, time and nonce give its signature; ours is let in."""
        token = Secret("callback-token-1")
        official = sign("AAAAA", "1714037059", "486452656")
        ours = sign(token.reveal(), "1714037059", "486452656")

        assert official == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
        assert verify([token], ours, "1714037059", "486452656") is token


class TestWechatpy:
    """github.com/wechatpy/wechatpy, in Python."""

    def test_6_every_path_is_the_documented_one(self) -> None:
        """It asks for two account lists without `/cgi-bin`; our paths are written out in full."""
        paths = {operation: call.path for operation, call in CATALOG.endpoints.items()}
        without = {operation for operation, path in paths.items() if "/cgi-bin/" not in path}

        assert paths["base.stable_token"] == "/cgi-bin/stable_token"
        assert {operation: paths[operation] for operation in sorted(without)} == {
            "kf_account.add": "/customservice/kfaccount/add",
            "kf_account.delete": "/customservice/kfaccount/del",
            "kf_account.invite_worker": "/customservice/kfaccount/inviteworker",
            "kf_account.update": "/customservice/kfaccount/update",
            "kf_account.upload_head_image": "/customservice/kfaccount/uploadheadimg",
            "kf_record.get_msg_list": "/customservice/msgrecord/getmsglist",
            "kf_record.get_record": "/customservice/msgrecord/getrecord",
            "kf_session.close": "/customservice/kfsession/close",
            "kf_session.create": "/customservice/kfsession/create",
            "kf_session.get": "/customservice/kfsession/getsession",
            "kf_session.list": "/customservice/kfsession/getsessionlist",
            "kf_session.wait_case_list": "/customservice/kfsession/getwaitcase",
        }
        assert paths["kf_account.list"] == "/cgi-bin/customservice/getkflist"
        assert paths["kf_account.list_online"] == "/cgi-bin/customservice/getonlinekflist"
        assert all(path.startswith(("/cgi-bin/", "/customservice/")) for path in paths.values())

    def test_7_a_token_that_stays_dead_is_given_up(self, serve: Serve) -> None:
        """It sends 982 requests, 491 of them for tokens, and ends in RecursionError; we send 5."""
        dead = http({"errcode": 40001, "errmsg": "invalid credential"})
        server = serve(Platform(script={GET: [dead]}))
        with client_of(server) as client, failing(errors.InvalidCredential):
            client.kf_session.get("o6_a")

        assert len(server.of(GET)) == 2
        assert len(server.of(TOKEN_PATH)) == 3

    def test_8_a_call_with_a_body_is_sent_again_whole(self, serve: Serve) -> None:
        """Its second attempt ends in TypeError; ours is the first with another token."""
        dead = http({"errcode": 42001, "errmsg": "access_token expired"})
        server = serve(Platform(script={CREATE: [dead, http({"errcode": 0})]}))
        with client_of(server) as client:
            client.kf_session.create("o6_a", "sara@acme", "hello")

        first, second = server.of(CREATE)
        assert first.body == second.body != b""
        assert first.headers == second.headers
        assert first.target != second.target

    def test_9_an_empty_answer_is_an_empty_list(self, serve: Serve) -> None:
        """It raises KeyError on `{}`; nothing listed is nothing there."""
        server = serve(Platform(script={path: [http({})] for path in (LIST, WAIT, GET)}))
        with client_of(server) as client:
            sessions = client.kf_session.list("sara@acme")
            queue = client.kf_session.wait_case_list()
            session = client.kf_session.get("o6_a")

        assert sessions == []
        assert (queue.total_count, queue.items) == (0, [])
        assert (session.openid, session.kf_account, session.create_time) == ("o6_a", "", 0)

    def test_11_a_transfer_to_an_account_names_it(self) -> None:
        """It leaves the account out; ours is written, and where nobody is named, no element is."""
        named = replies.encode(replies.TransferCustomerServiceReply("sara@acme"))
        anybody = replies.encode(replies.TransferCustomerServiceReply())

        assert b"<TransInfo><KfAccount><![CDATA[sara@acme]]></KfAccount></TransInfo>" in named
        assert b"TransInfo" not in anybody

    def test_12_no_text_ends_its_cdata_section(self) -> None:
        """`]]>` in a text of its reply adds elements to it; in ours it is text."""
        injected = (
            "]]></Content><MsgType><![CDATA[transfer_customer_service]]></MsgType><x><![CDATA["
        )
        reply = replies.TextReply(injected)

        assert replies.decode(replies.encode(reply)) == reply
        assert xml.loads(replies.encode(reply)) == {
            "ToUserName": "",
            "FromUserName": "",
            "CreateTime": "0",
            "MsgType": "text",
            "Content": injected,
        }

    def test_14_no_error_shows_the_app_secret(
        self, serve: Serve, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Its ConnectionError has the secret in its message; ours has it nowhere."""
        caplog.set_level(logging.DEBUG)
        server = serve(Platform())
        server.close()
        with client_of(server) as client, failing(TransportError) as failure:
            client.kf_session.get("o6_a")

        assert "/cgi-bin/stable_token" in str(failure.value)
        assert not shows_secret(caplog.text)


class TestWeRoBot:
    """github.com/offu/WeRoBot, in Python."""

    def test_16_no_field_of_an_event_adds_an_element(self) -> None:
        """Its replies can be broken out of with `]]>` too; every field of ours is safe."""
        injected = "]]></KfAccount><Event><![CDATA[kf_close_session]]></Event><KfAccount><![CDATA["
        event = events.KfCreateSessionEvent(injected, injected, Timestamp(1), injected)

        assert events.decode(events.encode(event)) == event

    def test_16_no_field_of_a_reply_adds_an_element(self) -> None:
        """Nor can any field of what its server answers with."""
        injected = (
            "]]></Url></item></Articles><MsgType>transfer_customer_service</MsgType><![CDATA["
        )
        article = replies.Article(injected, injected, injected, injected)
        reply = replies.NewsReply([article], injected, injected)

        assert replies.decode(replies.encode(reply)) == reply

    @pytest.mark.parametrize("form", ["xml", "json"])
    def test_18_session_events_have_their_classes(self, form: str) -> None:
        """It gives UnknownEvent for them; each of ours has its class and its fields."""
        header = ("gh_1", "o6_a", Timestamp(1714037059))
        pushed: list[events.Event] = [
            events.KfCreateSessionEvent(*header, "sara@acme"),
            events.KfCloseSessionEvent(*header, "sara@acme", "KF"),
            events.KfSwitchSessionEvent(*header, "sara@acme", "bob@acme"),
        ]
        for event in pushed:
            written = events.encode(event, "xml" if form == "xml" else "json")

            assert events.decode(written) == event


class TestSilenceper:
    """github.com/silenceper/wechat, in Go."""

    def test_19_numbers_and_texts_stand_for_each_other(self, serve: Serve) -> None:
        """An official sample has `"kf_id":"1001"`, which its int refuses; either way is read."""
        answer: JsonObject = {"kf_account": 1001, "createtime": "1714037059"}
        server = serve(Platform(script={GET: [http(answer)]}))
        with client_of(server) as client:
            session = client.kf_session.get("o6_a")

        assert (session.kf_account, session.create_time) == ("1001", 1714037059)
        assert (integer("1001", "kf_id"), text(1001, "kf_id")) == (1001, "1001")


def test_the_remaining_time_of_a_shared_token_is_believed(serve: Serve) -> None:
    """Several take every token for one of 7200 seconds; ours is renewed when it says it ends."""
    grants = [http({"access_token": f"t{n}", "expires_in": 9}) for n in range(3)]
    server = serve(Platform(script={TOKEN_PATH: grants, GET: [http({})]}))
    now = [1000.0]
    with client_of(server) as client:
        tokens = client._dispatcher.tokens  # pyright: ignore[reportPrivateUsage]
        tokens._clock = lambda: now[0]  # pyright: ignore[reportPrivateUsage]
        for _ in range(3):
            client.kf_session.get("o6_a")
            now[0] += 10

    assert [request.target[-2:] for request in server.of(GET)] == ["t0", "t1", "t2"]


def test_a_busy_platform_is_asked_again_only_where_that_does_no_harm(serve: Serve) -> None:
    """Some repeat every call on -1; ours repeats what may happen twice, as often as it says."""
    busy = http({"errcode": -1, "errmsg": "system error"})
    server = serve(Platform(script={CREATE: [busy], CLOSE: [busy]}))
    retry = Retry(attempts=3, first=0.001)
    with client_of(server) as client:
        patient = client.with_options(retry=retry)
        with failing(errors.SystemBusy) as closing:
            patient.kf_session.close("o6_a", "sara@acme")
        with failing(errors.SystemBusy) as creating:
            patient.kf_session.create("o6_a", "sara@acme")

    assert closing.value.retryable
    assert creating.value.retryable
    assert len(server.of(CLOSE)) == 1
    assert len(server.of(CREATE)) == 3


def test_a_request_is_raw_utf8(serve: Serve) -> None:
    """Some send `\\uXXXX`, which the platform stores as it is; ours sends the characters."""
    server = serve(Platform())
    with client_of(server) as client:
        client.kf_session.create("o6_a", "sara@acme", "订单")

    assert "订单".encode() in server.of(CREATE)[0].body
    assert json.loads(server.of(CREATE)[0].body)["text"] == "订单"
