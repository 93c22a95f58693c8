"""Plain, compatible and safe mode: the pushes, and the answers that are understood."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Literal

import pytest

from tests.account import AES_KEY, APP_ID, APP_SECRET, TOKEN
from tests.runtime.servers import Reply, http
from tests.sandbox.callbacks import OTHER_KEY, Pushed, Wire, envelope, signature, success
from wxoa.catalog import CATALOG
from wxruntime.redact import Secret
from wxruntime.sandbox import LocalWeChat
from wxruntime.sandbox.sealing import Sealing
from wxruntime.wire import JsonObject, json, xml

Mode = Literal["plain", "compatible", "safe"]
Form = Literal["xml", "json"]


def written(wire: JsonObject, form: Form) -> bytes:
    """Write a document in one of the two forms."""
    return xml.dumps(wire) if form == "xml" else json.dumps(wire)


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_a_push_goes_out_as_its_mode_says(mode: Mode, form: Form) -> None:
    """The query is signed, and the body has the fields, their encryption or both."""
    with Pushed(success, mode=mode, form=form) as pushed:
        push = pushed.push()
        (wire,) = pushed.seen

    query, body, fields = wire.query, wire.body, wire.fields
    assert push.answered_on == 1
    assert wire.seen.body.startswith(b"<xml>" if form == "xml" else b"{")
    assert wire.seen.headers["content-type"].startswith(
        "text/xml" if form == "xml" else "application/json"
    )
    assert query["signature"] == signature(query["timestamp"], query["nonce"])
    assert query["openid"] == fields["FromUserName"] == "o6_ann"
    assert (fields["MsgType"], fields["Content"], fields["ToUserName"]) == (
        "text", "hi", "gh_local",
    )  # fmt: skip
    encrypted = body.pop("Encrypt", None)
    if mode == "plain":
        assert encrypted is None
        assert query.keys() == {"signature", "timestamp", "nonce", "openid"}
        return
    assert query["encrypt_type"] == "aes"
    assert query["msg_signature"] == signature(query["timestamp"], query["nonce"], str(encrypted))
    assert body == (fields if mode == "compatible" else {"ToUserName": "gh_local"})


@pytest.mark.parametrize("answer", [b"", b"success"])
@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_a_push_may_be_handled_without_a_reply(mode: Mode, answer: bytes) -> None:
    """The text `success` and an empty body are understood in every mode."""
    with Pushed(lambda wire: http(answer), mode=mode) as pushed:
        push = pushed.push()

    assert (push.answered_on, push.reply, push.problem) == (1, None, "")


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize(
    ("mode", "encrypted"),
    [("plain", False), ("compatible", False), ("compatible", True), ("safe", True)],
)
def test_a_reply_is_read(mode: Mode, form: Form, encrypted: bool) -> None:
    """A reply is encrypted in safe mode, plain in plain mode, either in compatible mode."""

    def play(wire: Wire) -> Reply:
        reply = wire.reply(MsgType="text", Content="你好 ]]>")
        content = written(reply, form)
        return http(written(envelope(content), form) if encrypted else content)

    with Pushed(play, mode=mode, form=form) as pushed:
        push = pushed.push()

    assert push.problem == ""
    assert push.reply is not None
    assert (push.reply["Content"], push.reply["ToUserName"]) == ("你好 ]]>", "o6_ann")


def test_a_json_envelope_may_be_in_lower_case() -> None:
    """The names in an encrypted JSON reply may be in lower case."""

    def play(wire: Wire) -> Reply:
        sealed = envelope(json.dumps(wire.reply(MsgType="text", Content="hello")))
        return http(json.dumps({name.lower(): value for name, value in sealed.items()}))

    with Pushed(play, mode="safe", form="json") as pushed:
        push = pushed.push()

    assert push.problem == ""
    assert push.reply is not None


def _text(wire: Wire) -> bytes:
    return xml.dumps(wire.reply(MsgType="text", Content="hello"))


_MISUNDERSTOOD: list[tuple[Mode, Callable[[Wire], bytes], str]] = [
    ("safe", _text, "expected an encrypted reply in safe mode, got a plain one"),
    (
        "plain",
        lambda wire: xml.dumps(envelope(_text(wire))),
        "expected a plain reply in plain mode, got an encrypted one",
    ),
    (
        "safe",
        lambda wire: xml.dumps(envelope(_text(wire)) | {"MsgSignature": "0" * 40}),
        "the signature does not fit the callback token",
    ),
    (
        "safe",
        lambda wire: xml.dumps(envelope(_text(wire)) | {"Nonce": "another"}),
        "the signature does not fit the callback token",
    ),
    (
        "safe",
        lambda wire: xml.dumps(envelope(_text(wire), key=OTHER_KEY)),
        "the content cannot be decrypted with the configured EncodingAESKey",
    ),
    (
        "safe",
        lambda wire: xml.dumps(envelope(_text(wire), app_id="wx_other")),
        "the reply is encrypted for another AppID",
    ),
    (
        "safe",
        lambda wire: xml.dumps({"Encrypt": envelope(_text(wire))["Encrypt"]}),
        "$.MsgSignature: expected a string, got nothing: the field is required",
    ),
    ("safe", lambda wire: xml.dumps(envelope(b"success")), "expected XML: "),
    ("safe", lambda wire: json.dumps(envelope(_text(wire))), "expected XML: "),
    ("plain", lambda wire: json.dumps(wire.reply(MsgType="text")), "expected XML: "),
    ("plain", lambda wire: b"ok", "expected XML: "),
    ("plain", lambda wire: b"success\n", "expected XML: "),
    ("plain", lambda wire: _text(wire)[:-1], "expected XML: "),
    ("plain", lambda wire: b"<xml></xml>", "$.ToUserName: expected a string, got nothing"),
]


@pytest.mark.parametrize(("mode", "play", "problem"), _MISUNDERSTOOD)
def test_an_answer_that_is_not_understood_is_a_problem(
    mode: Mode, play: Callable[[Wire], bytes], problem: str
) -> None:
    """The customer sees that the account is out of service; the push is not tried again."""
    with Pushed(lambda wire: http(play(wire)), mode=mode) as pushed:
        push = pushed.push()

    assert (len(push.attempts), push.answered_on, push.reply) == (1, 1, None)
    assert push.problem.startswith(problem)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"callback_mode": "safe"}, "callback_aes_key: expected the EncodingAESKey that safe mode"),
        ({"callback_mode": "compatible"}, "callback_aes_key: expected the EncodingAESKey that"),
        (
            {"callback_mode": "secret"},
            "callback_mode: expected one of plain, compatible, safe",
        ),
        ({"callback_form": "yaml"}, "callback_form: expected one of xml, json, got 'yaml'"),
        ({"callback_aes_key": AES_KEY[1:]}, "callback_aes_key: expected 43 letters and digits"),
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, str], problem: str) -> None:
    """The error names the setting and does not show the key."""
    settings: dict[str, object] = {"callback_url": "http://x/", "callback_token": TOKEN, **given}
    with pytest.raises(ValueError, match=problem):
        LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(("aes_key", "encrypted"), [(None, False), (AES_KEY, True)])
def test_a_key_alone_means_safe_mode(aes_key: str | None, encrypted: bool) -> None:
    """With a key and without a mode, pushes are encrypted."""
    key = None if aes_key is None else Secret(aes_key)
    sealing = Sealing.of(APP_ID, Secret(TOKEN), key, None, "xml")
    sealed = sealing.seal({"ToUserName": "gh", "FromUserName": "o6", "Content": "h i"}, 1)

    assert (b"<Encrypt>" in sealed.body) is encrypted
    assert (b"h i" in sealed.body) is not encrypted


def test_only_encryption_needs_cryptography() -> None:
    """Plain mode needs no cryptography; with a key, the error names the extra to install."""
    script = f"""
import sys
sys.modules["cryptography"] = None
from wxoa.catalog import CATALOG
from wxruntime.sandbox import LocalWeChat
given = dict(app_id="wx1", app_secret="x", callback_url="http://127.0.0.1:9/")
LocalWeChat(CATALOG, **given).close()
try:
    LocalWeChat(CATALOG, **given, callback_aes_key={AES_KEY!r})
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "pip install 'wxoa[crypto]'" in done.stdout
