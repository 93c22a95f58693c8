"""`wxoa push`: what WeChat would send arrives as the same class, signed and encrypted."""

from __future__ import annotations

import json as standard_json
import queue
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from tests.account import AES_KEY, APP_ID, TOKEN
from tests.commands.shell import typed
from tests.runtime.servers import Reply, Seen, http, serving
from wxoa import Callback, events, replies
from wxoa.catalog import CATALOG
from wxruntime.callback.loopback import serve
from wxruntime.catalog import Document
from wxruntime.closing import Closing

PUSHES = [*CATALOG.events.values(), *CATALOG.messages.values()]
every_push = pytest.mark.parametrize("push", PUSHES, ids=lambda push: push.class_name)


class Receiver(Closing):
    """A callback over a socket, which keeps what it is pushed."""

    def __init__(self, aes_key: str | None) -> None:
        self.pushed: queue.SimpleQueue[events.Event] = queue.SimpleQueue()
        self._callback = Callback(token=TOKEN, encoding_aes_key=aes_key, app_id=APP_ID)
        self._callback.on(self._greet)
        self._callback.default(self.pushed.put)
        self._server = serve(self._callback)
        self.url = self._server.url

    def _greet(self, message: events.TextMessage) -> replies.TextReply:
        self.pushed.put(message)
        return replies.TextReply(content=f"You wrote: {message.content}")

    def close(self) -> None:
        """Stop."""
        self._server.close()
        self._callback.close()


@pytest.fixture
def safe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A callback in safe mode, and the environment of whoever pushes to it."""
    monkeypatch.setenv("WXOA_TOKEN", TOKEN)
    monkeypatch.setenv("WXOA_AES_KEY", AES_KEY)
    with closing(Receiver(AES_KEY)) as receiver:
        yield receiver


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A callback in plain mode, and the environment of whoever pushes to it."""
    monkeypatch.setenv("WXOA_TOKEN", TOKEN)
    with closing(Receiver(None)) as receiver:
        yield receiver


@every_push
@pytest.mark.parametrize("form", ["xml", "json"])
def test_every_push_arrives_as_its_class(
    push: Document, form: str, safe: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    """In safe mode and in either form, with every field that has to be there."""
    said = typed(
        capsys, "push", push.class_name, "--url", safe.url, "--form", form, "--openid", "o6_客"
    )
    arrived = safe.pushed.get_nowait()

    assert (said.code, said.err) == (0, "")
    assert type(arrived).__name__ == push.class_name
    assert arrived.from_user_name == "o6_客"
    assert said.json["handled"]
    assert [attempt["status"] for attempt in said.json["attempts"]] == [200]


def test_the_reply_is_shown_in_the_clear(
    safe: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its class and its fields."""
    words = ["push", "text", "--url", safe.url, "--field", "content=a=b 你好"]
    as_json = typed(capsys, *words)
    as_table = typed(capsys, *words, "--output", "table")

    assert as_json.json["reply"]["class"] == "TextReply"
    assert as_json.json["reply"]["fields"]["content"] == "You wrote: a=b 你好"
    tried, replied, *fields = as_table.out.splitlines()
    assert tried.startswith("text, attempt 1: 200 after 0.")
    assert replied == "replied: TextReply"
    assert any(line.endswith("  You wrote: a=b 你好") for line in fields)


@pytest.mark.parametrize(
    ("field", "name", "value"),
    [
        ("content=\x07hi", "content", None),
        ("idx=3", "idx", 3),
        ("Idx=3", "idx", 3),
        ("create_time=2014-05-04T18:01:12+08:00", "create_time", 1399197672),
        ("MoodOfTheDay=good", "unknown", {"MoodOfTheDay": "good"}),
    ],
)
def test_a_field_is_given_by_its_name(
    field: str,
    name: str,
    value: object,
    plain: Receiver,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In Python or on the wire; what XML cannot hold is refused before anything is sent."""
    said = typed(capsys, "push", "text", "--url", plain.url, "--field", field)

    if value is None:
        assert said.code == 2
        assert "expected text that XML can hold" in said.line
        assert plain.pushed.empty()
    else:
        assert said.code == 0
        assert attrs.asdict(plain.pushed.get_nowait())[name] == value


def test_deliveries_are_repeated_as_they_were(
    safe: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    """The callback handles the push once, and replies to each."""
    said = typed(
        capsys, "push", "text", "--url", safe.url, "--repeat", "3", "--field", "content=hi"
    )
    delivered = [standard_json.loads(line) for line in said.out.splitlines()]

    assert said.code == 0
    assert [one["reply"]["fields"]["content"] for one in delivered] == ["You wrote: hi"] * 3
    assert safe.pushed.get_nowait()
    assert safe.pushed.empty()


class TestCaptured:
    SAMPLE = Path(__file__).parents[1] / "samples" / "events" / "kf_create_session.xml"

    def test_a_captured_push_is_sent_as_it_is(
        self, safe: Receiver, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Signed and encrypted anew."""
        said = typed(capsys, "push", "--file", str(self.SAMPLE), "--url", safe.url)

        assert said.code == 0
        assert safe.pushed.get_nowait() == events.decode(self.SAMPLE.read_bytes())

    def test_for_another_customer(
        self, plain: Receiver, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """And another account, in the other form."""
        said = typed(
            capsys, "push", "--file", str(self.SAMPLE), "--url", plain.url,
            "--openid", "o6_ann", "--to", "gh_acme", "--form", "json",
        )  # fmt: skip
        arrived = plain.pushed.get_nowait()

        assert said.code == 0
        assert (arrived.from_user_name, arrived.to_user_name) == ("o6_ann", "gh_acme")

    @pytest.mark.parametrize(
        ("content", "code", "problem"),
        [
            (b"", 1, "expected a push in XML or JSON"),
            (b"<xml><MsgType>text</MsgType></xml>", 1, "FromUserName"),
            (b"<xml><Encrypt>abc</Encrypt></xml>", 1, "cannot be decrypted"),
        ],
    )
    def test_what_is_no_push_is_one_line(
        self,
        content: bytes,
        code: int,
        problem: str,
        safe: Receiver,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """And nothing is sent."""
        (tmp_path / "captured").write_bytes(content)
        said = typed(capsys, "push", "--file", str(tmp_path / "captured"), "--url", safe.url)

        assert said.code == code
        assert problem in said.line
        assert safe.pushed.empty()


class TestNotHandled:
    def test_another_token_is_refused_three_times(
        self, safe: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Each attempt is answered with 403, and the command says what to compare."""
        monkeypatch.setenv("WXOA_TOKEN", "a-token-of-others")
        said = typed(capsys, "push", "text", "--url", safe.url)

        assert said.code == 1
        assert said.line.startswith("wxoa: a callback that answers 403 refuses the signature")
        assert [one["status"] for one in said.json["attempts"]] == [403] * 3
        assert not said.json["handled"]

    def test_nobody_at_the_address(
        self, closed_port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Each attempt says that there was no connection."""
        monkeypatch.setenv("WXOA_TOKEN", TOKEN)
        url = f"{closed_port}/push?key=of-the-callback"
        said = typed(capsys, "push", "text", "--url", url, "--output", "table")

        assert said.code == 1
        assert said.out.count(f"POST {closed_port}/push: no connection") == 3
        assert "of-the-callback" not in said.out
        assert "signature=" not in said.out
        assert said.out.endswith("not handled: none of 3 attempts was answered with 200\n")

    def test_an_answer_that_is_no_reply(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It is answered with 200, and the customer would see an error; escapes are harmless."""

        def answer(seen: Seen) -> Reply:
            return http(b"<xml><ToUserName>\xc2\x9b2J</ToUserName></xml>")

        monkeypatch.setenv("WXOA_TOKEN", TOKEN)
        with serving(answer) as server:
            said = typed(capsys, "push", "text", "--url", server.base_url, "--output", "table")

        assert said.code == 1
        assert "not handled: $.ToUserName: expected the push's FromUserName" in said.out
        assert said.out.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["txet"], "there is no event or message 'txet'; did you mean text?"),
        (["scan"], "there is no event or message 'scan'; did you mean SCAN or ScanEvent?"),
        (["\x1b[2J"], r"there is no event or message '\x1b[2J'; --list lists them"),
        ([], "expected either EVENT or --file"),
        (["text", "--file", "a"], "expected either EVENT or --file"),
        (["text", "--field", "content"], "--field: expected name=value, got 'content'"),
        (["text", "--field", "contnt=a"], "TextMessage has no 'contnt'; did you mean content?"),
        (["text", "--field", "idx=a"], "--field: idx: expected a whole number"),
        (["text", "--repeat", "0"], "--repeat: expected a number of times, from 1 to 100"),
        (["text", "--mode", "safe"], "EncodingAESKey: expected the EncodingAESKey that safe mode"),
        (["text", "--url", "ftp://x"], "--url: expected an http:// or https:// address"),
        (["text", "--token-file", "/nowhere/at/all"], "cannot read /nowhere/at/all"),
        (["text", "--token", "a-secret-of-nobody"], "put it into WXOA_TOKEN"),
        (["text", "--openid", "\udcff"], "expected text that"),
        (["text", "--openid", ""], "--openid: expected an id, got an empty text"),
        (["text", "--to", ""], "--to: expected an id, got an empty text"),
    ],
)
def test_a_wrong_argument_is_named_in_one_line(
    words: list[str],
    problem: str,
    plain: Receiver,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And nothing is sent."""
    said = typed(capsys, "push", "--url", plain.url, *words)

    assert (said.code, said.out) == (2, "")
    assert problem in said.line
    assert "a-secret-of-nobody" not in said.line
    assert plain.pushed.empty()


def test_what_can_be_pushed_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """With what it says; of one push, its fields."""
    everything = typed(capsys, "push", "--list")
    fields = typed(capsys, "push", "kf_close_session", "--list")
    nowhere = typed(capsys, "push", "text")

    assert (everything.code, fields.code, nowhere.code) == (0, 0, 2)
    printed = " ".join(everything.out.split())
    assert all(f"{push.name} {' '.join(push.doc.split())}" in printed for push in PUSHES)
    assert fields.out.startswith("KfCloseSessionEvent: A conversation was closed.\n")
    shown = " ".join(fields.out.split())
    assert "kf_account (string) Customer-service account that served the customer." in shown
    assert "close_type (string) How the conversation was closed. Optional." in shown
    assert "give --url" in nowhere.line


def test_the_fields_of_objects_are_listed_as_they_are_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By their names on the wire, below those of the push."""
    said = typed(capsys, "push", "pic_weixin", "--list")

    own, inside = said.out.split("\nSentPicture, as JSON:\n")
    pictures = "pictures ([SentPicture])  Pictures that the customer sent. Optional."
    assert f"{pictures} Give it once for each." in own
    assert inside.startswith("  PicMd5Sum (string)  MD5 of the picture's content")


def test_a_key_wants_the_account(
    safe: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For it stands in what is encrypted; and a token there must be."""
    monkeypatch.delenv("WXOA_APP_ID")
    no_account = typed(capsys, "push", "text", "--url", safe.url)
    monkeypatch.delenv("WXOA_TOKEN")
    no_token = typed(capsys, "push", "text", "--url", safe.url)

    assert (no_account.code, no_token.code) == (2, 2)
    assert "give --app-id" in no_account.line
    assert "WXOA_TOKEN" in no_token.line
