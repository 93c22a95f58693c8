"""`wxoa decode`: what a captured push, or an answer, says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.account import AES_KEY, APP_ID
from tests.callback.platform import Platform
from tests.commands.shell import Said, process, typed
from tests.docs.pages import ROOT
from wxoa import events
from wxoa.strategies import events as pushes
from wxruntime.wire import JsonObject, json, xml

SAMPLES = sorted((ROOT / "tests" / "samples").glob("[em]*/*.xml"))
ANSWER = ROOT / "tests/samples/customservice__kfsession__getsessionlist.response.json"
PUSH: JsonObject = {
    "ToUserName": "gh_acme",
    "FromUserName": "o6_ann",
    "CreateTime": 1399197672,
    "MsgType": "text",
    "Content": "你好\x1b[2J",
    "MsgId": 7,
    "Mood": {"Good": "very"},
}
SEALED = Platform(aes_key=AES_KEY).deliver(PUSH, "json")[1]


def decoding(capsys: pytest.CaptureFixture[str], path: Path, content: bytes, *words: str) -> Said:
    """Decode a body."""
    captured = path / "captured"
    captured.write_bytes(content)
    return typed(capsys, "decode", str(captured), *words)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_captured_push_is_read_as_a_callback_reads_it(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its class, its fields, and nothing that nobody described."""
    said = typed(capsys, "decode", str(path))
    push = events.decode(path.read_bytes())

    assert (said.code, said.err) == (0, "")
    assert said.json["class"] == type(push).__name__
    assert said.json["unknown"] == {}
    assert said.json["fields"]["from_user_name"] == push.from_user_name


@pytest.mark.parametrize("write", [xml.dumps, json.dumps])
def test_what_nobody_described_is_said(
    write: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In either form of the push, and of the output."""
    push = {**PUSH, "Content": "你好"}
    body = xml.dumps(push) if write is xml.dumps else json.dumps(push)
    as_json = decoding(capsys, tmp_path, body)
    as_table = decoding(capsys, tmp_path, body, "--output", "table")

    assert as_json.json["unknown"] == {"Mood": {"Good": "very"}}
    assert as_json.json["fields"]["content"] == "你好"
    assert as_table.out.startswith("TextMessage: A customer sent a text (文本消息).\n")
    assert as_table.out.endswith("\nnot described:\nMood.Good  very\n")


def test_a_push_that_nobody_described_shows_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the names on the wire."""
    push: JsonObject = {**PUSH, "MsgType": "smell"}
    said = decoding(capsys, tmp_path, json.dumps(push), "--output", "table")

    assert said.code == 0
    assert said.out.startswith("UnknownEvent: The specification does not describe this push.\n")
    assert r"\x1b[2J" in said.out
    assert "\x1b" not in said.out


def test_json_holds_nothing_that_a_terminal_obeys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And is the same text to whoever reads it."""
    hostile = "\x9b2J \u202e \x7f \x1b 👋 客"
    said = decoding(capsys, tmp_path, json.dumps({**PUSH, "Content": hostile}))

    assert said.out.replace("\n", "").isprintable()
    assert said.json["fields"]["content"] == hostile
    assert "👋 客" in said.out


class TestEncrypted:
    @pytest.mark.parametrize("form", ["xml", "json"])
    def test_it_is_opened_with_the_key(
        self,
        form: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """From the environment, or from a file."""
        push = {**PUSH, "Content": "hello"}
        _, body = Platform(aes_key=AES_KEY).deliver(push, form)
        (tmp_path / "key").write_text(f"{AES_KEY}\n")
        from_file = decoding(
            capsys, tmp_path, body, "--encoding-aes-key-file", str(tmp_path / "key")
        )
        monkeypatch.setenv("WXOA_AES_KEY", AES_KEY)
        from_environment = decoding(capsys, tmp_path, body)

        assert from_file == from_environment
        assert from_file.json["fields"]["content"] == "hello"

    def test_fields_beside_it_are_read_without_a_key(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As they stand there in compatible mode."""
        body = json.dumps({**PUSH, "Encrypt": json.loads_object(SEALED)["Encrypt"]})
        said = decoding(capsys, tmp_path, body)

        assert said.json["class"] == "TextMessage"
        assert [*said.json["unknown"]] == ["Mood"]

    @pytest.mark.parametrize(
        ("key", "app_id", "code", "problem"),
        [
            ("", APP_ID, 2, "put the EncodingAESKey into the variable WXOA_AES_KEY"),
            ("short", APP_ID, 2, "EncodingAESKey in WXOA_AES_KEY: expected 43 letters and digits"),
            (AES_KEY[::-1], APP_ID, 1, "cannot be decrypted with the configured EncodingAESKey"),
            (AES_KEY, "wxother", 1, "encrypted for another AppID"),
        ],
    )
    def test_a_wrong_key_is_one_line(
        self,
        key: str,
        app_id: str,
        code: int,
        problem: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """Which says what to do, and does not repeat it."""
        monkeypatch.setenv("WXOA_AES_KEY", key)
        said = decoding(capsys, tmp_path, SEALED, "--app-id", app_id)

        assert (said.code, said.out) == (code, "")
        assert problem in said.line


class TestAnswers:
    def test_an_answer_is_read_as_a_client_reads_it(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What it does not repeat is marked as what was asked."""
        said = typed(capsys, "decode", str(ANSWER), "--answer", "kf_session.list")

        assert said.code == 0
        assert {one["kf_account"] for one in said.json} == {"(as asked)"}
        assert all(one["openid"] for one in said.json)

    def test_a_secret_in_an_answer_is_masked(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Unless it is asked for."""
        body = b'{"access_token": "a-token-of-nobody", "expires_in": 7200}'
        words = ["--answer", "base.stable_token"]
        masked = decoding(capsys, tmp_path, body, *words)
        shown = decoding(capsys, tmp_path, body, *words, "--reveal")

        assert masked.json == {"access_token": "***", "expires_in": 7200}
        assert shown.json["access_token"] == "a-token-of-nobody"

    @pytest.mark.parametrize("form", ["json", "table"])
    def test_a_secret_where_nobody_described_it_is_masked(
        self, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """However deep, in answers and in pushes."""
        inside: JsonObject = {"Deep": [{"access_token": "a-token-of-nobody", "other": "shown"}]}
        push = json.dumps({**PUSH, **inside})
        nobodys = json.dumps({**PUSH, **inside, "MsgType": "smell"})
        answer = json.dumps({"sessionlist": [{"createtime": 1, "openid": "o6_ann", **inside}]})
        words = ["--output", form]
        for body, more in ((push, []), (nobodys, []), (answer, ["--answer", "kf_session.list"])):
            masked = decoding(capsys, tmp_path, body, *words, *more)
            shown = decoding(capsys, tmp_path, body, *words, *more, "--reveal")

            assert "***" in masked.out
            assert "shown" in masked.out
            assert "a-token-of-nobody" not in masked.out
            assert "a-token-of-nobody" in shown.out

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("kf_record.iterate", "give --answer kf_record.get_msg_list"),
            ("media.get", "what media.get answers is a file"),
        ],
    )
    def test_what_has_no_answer_of_its_own_says_so(
        self, name: str, problem: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """And what to give instead, where there is something."""
        said = typed(capsys, "decode", str(ANSWER), "--answer", name)

        assert (said.code, said.out) == (2, "")
        assert problem in said.line

    @pytest.mark.parametrize(
        ("body", "code", "problem"),
        [
            (b'{"errcode": 65416, "errmsg": "no"}', 1, "65416 InvalidRecordParameter"),
            (b"<html>", 1, "expected JSON"),
            (b'{"sessionlist": 7}', 1, "$.sessionlist[0]: expected an object"),
        ],
    )
    def test_an_error_is_what_it_means(
        self,
        body: bytes,
        code: int,
        problem: str,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """In one line."""
        said = decoding(capsys, tmp_path, body, "--answer", "kf_session.list")

        assert (said.code, said.out) == (code, "")
        assert problem in said.line

    def test_an_unknown_endpoint_is_answered_with_the_nearest(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Before anything is read."""
        said = typed(capsys, "decode", str(ANSWER), "--answer", "kf_session.lst")

        assert said.code == 2
        assert "did you mean kf_session.list?" in said.line


class TestBroken:
    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            (b"", "expected a body to decode, got nothing in standard input"),
            (b"\xff\xfe\x00", "expected a push in XML or JSON, got neither"),
            (b"<xml><a>\xff</a></xml>", "expected XML"),
            (b'{"MsgType": "text"', "expected JSON"),
            (b"<xml>" * 40, "nested elements"),
            (b'<!DOCTYPE a [<!ENTITY b "c">]><xml/>', "expected no document type"),
            (b"{" + b" " * (1 << 20) + b"}", "expected a push of at most"),
        ],
    )
    def test_broken_input_is_one_line(self, body: bytes, problem: str) -> None:
        """From standard input as well; never a traceback."""
        said = process("decode", "-", stdin=body)

        assert (said.code, said.out) == (1, "")
        assert problem in said.line

    def test_a_push_that_is_not_as_described_is_shown_as_a_callback_gets_it(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The push is shown as an unknown one, with what does not match its description."""
        mismatch = (
            "the push does not match its description: "
            "$.ToUserName: expected a string, got nothing: the field is required"
        )
        said = decoding(capsys, tmp_path, b'{"MsgType": "text", "Content": "hello"}')
        table = decoding(capsys, tmp_path, b'{"MsgType": "text"}', "--output", "table")

        assert (said.code, table.code) == (1, 1)
        assert said.json["class"] == "UnknownEvent"
        assert said.json["fields"]["fields"] == {"MsgType": "text", "Content": "hello"}
        assert f"{mismatch}; a callback gets it as shown" in said.line
        assert table.out.startswith(f"UnknownEvent: {mismatch}\n")
        assert table.line == said.line

    @pytest.mark.parametrize("path", ["none.xml", ".", "a\x00b", "\x1b[2J"])
    def test_a_file_that_cannot_be_read_is_named(
        self, path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As what is wrong with the arguments."""
        said = typed(capsys, "decode", path)

        assert said.code == 2
        assert said.line.startswith("wxoa: cannot read ")

    @pytest.mark.parametrize("wire", [{}, {"ToUserName": "g"}, {"errcode": 40001}])
    def test_an_object_that_is_no_push_is_refused(
        self, wire: JsonObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The line names the option for answers."""
        said = decoding(capsys, tmp_path, json.dumps(wire))

        assert (said.code, said.out) == (1, "")
        assert said.line.startswith("wxoa: expected a push, with MsgType and CreateTime, got")
        assert said.line.endswith("give --answer ENDPOINT")

    def test_an_empty_file_is_named(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """There is nothing to decode in it."""
        path = tmp_path / "empty.xml"
        path.touch()
        said = typed(capsys, "decode", str(path))

        assert (said.code, said.out) == (1, "")
        assert said.line == f"wxoa: expected a body to decode, got nothing in {path}"

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(push=pushes.event(), data=st.data())
    def test_property_every_push_is_read_or_refused_in_one_line(
        self,
        push: events.Event,
        data: st.DataObject,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """A cut is refused wherever it is, and so is an object that has nothing of a push."""
        body = events.encode(push)
        of_a_push = {"MsgType", "CreateTime"} & {*events.FORMAT.fields(push)}
        whole = decoding(capsys, tmp_path, body)
        cut = decoding(capsys, tmp_path, body[: data.draw(st.integers(0, len(body) - 1))])

        assert whole.code == (0 if of_a_push else 1)
        assert not of_a_push or whole.json["class"] == type(push).__name__
        assert cut.code == 1
        assert cut.line
