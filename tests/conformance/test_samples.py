"""Captured payloads through the client: all are whole, and no loss goes unseen."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from wxruntime.cli import run
from wxruntime.conformance.difference import first_loss
from wxruntime.conformance.report import report_samples
from wxruntime.surface import load
from wxruntime.wire import JsonValue

SAMPLES = Path(__file__).parents[1] / "samples"
INDEX: dict[str, dict[str, Any]] = json.loads((SAMPLES / "index.json").read_text("utf-8"))


def report(folder: Path) -> tuple[bool, str]:
    """Send the payloads of a folder through the client."""
    out = io.StringIO()
    return report_samples(load("wxoa"), folder, out), out.getvalue()


def folder_of(tmp_path: Path, said: dict[str, Any], body: str) -> Path:
    """Make a folder with one payload."""
    (tmp_path / "index.json").write_text(json.dumps({"sample": said}), "utf-8")
    (tmp_path / "sample").write_text(body, "utf-8")
    return tmp_path


def test_every_payload_comes_through_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Every payload of the index is described and whole, and one line after the demo says so."""
    assert run("wxoa", ["demo", "--samples", str(SAMPLES)]) == 0

    printed = capsys.readouterr().out
    counted = f"captured payloads of {SAMPLES}: {len(INDEX)} of {len(INDEX)} came through whole"
    assert printed.splitlines()[-2:] == ["", counted]


WAITING = {
    "method": "GET",
    "path": "/customservice/kfsession/getwaitcase",
    "direction": "response",
}
RECORDS = {
    "method": "POST",
    "path": "/customservice/msgrecord/getmsglist",
    "direction": "request",
}
TOKEN = {"method": "GET", "path": "/cgi-bin/token", "direction": "request"}
LIST = {"method": "GET", "path": "/cgi-bin/customservice/getkflist", "direction": "response"}
SCAN = {"msg_type": "event", "event": "SCAN", "direction": "event"}
HEADER = "<ToUserName>a</ToUserName><FromUserName>b</FromUserName><CreateTime>1</CreateTime>"


@pytest.mark.parametrize(
    ("said", "body", "problem"),
    [
        (
            WAITING,
            '{"waitcaselist": [{"latest_time": 5}]}',
            "$.waitcaselist[0].openid: expected a string, got nothing",
        ),
        (
            LIST,
            '{"kf_list": [{"kf_account": "a"}], "next": 1}',
            "$.next: sent 1, got nothing back",
        ),
        (LIST, '{"kf_lists": [{"kf_account": "a"}]}', "$.kf_lists: sent 1 items, got back 0"),
        (
            RECORDS,
            '{"starttime": 1}',
            "the call asks for endtime, which is not there",
        ),
        (
            TOKEN,
            '{"grant_type": "password", "appid": "wx1", "secret": "given"}',
            "$.grant_type: sent 'password', got back 'client_credential'",
        ),
        (
            SCAN,
            f"<xml>{HEADER}<MsgType>event</MsgType><Event>LOCATION</Event></xml>",
            "$.Latitude: expected a number, got nothing",
        ),
        (
            SCAN,
            f"<xml>{HEADER}<MsgType>event</MsgType><Event>unsubscribe</Event></xml>",
            "expected a ScanEvent, got a UnsubscribeEvent",
        ),
    ],
)
def test_a_loss_is_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    said: dict[str, Any],
    body: str,
    problem: str,
) -> None:
    """The payload, its first loss and the count are printed, and the exit code is 1."""
    folder = folder_of(tmp_path, said, body)

    assert run("wxoa", ["demo", "--samples", str(folder)]) == 1
    printed = capsys.readouterr().out
    assert f"BROKEN  sample: {problem}" in printed
    assert "0 of 1 came through whole" in printed


def test_a_payload_that_is_not_described_is_not_counted(tmp_path: Path) -> None:
    """The payload of an unknown endpoint is left out."""
    whole, printed = report(folder_of(tmp_path, {"method": "GET", "path": "/other"}, "{}"))

    assert whole
    assert printed.endswith("0 of 0 came through whole\n")


SENT: JsonValue = {
    "text": "007",
    "number": "0.50",
    "flag": "true",
    "count": 3,
    "list": [{"a": "1"}, {"a": "2"}],
    "one": {"b": "x"},
    "empty": "",
}


def changed(**by: JsonValue) -> JsonValue:
    """Return what came back, changed in one place."""
    back: dict[str, JsonValue] = {
        "text": "007",
        "number": 0.5,
        "flag": 1,
        "count": 3,
        "list": [{"a": 1}, {"a": 2}],
        "one": [{"b": "x"}],
    }
    back |= by
    return back


class TestDifference:
    @pytest.mark.parametrize(
        "back",
        [
            changed(),
            changed(empty={}),
            changed(more=None, nothing=[], zero=0, inside={"none": ""}),
        ],
    )
    def test_what_is_the_same(self, back: JsonValue) -> None:
        """Numbers spelled as text, flags as words, a list of one, and fields that say nothing."""
        assert first_loss(SENT, back) == ""

    @pytest.mark.parametrize(
        ("back", "where"),
        [
            (changed(text=7), "$.text"),
            (changed(text="7"), "$.text"),
            (changed(text="008"), "$.text"),
            (changed(number=0.51), "$.number"),
            (changed(number="0.5"), "$.number"),
            (changed(flag=0), "$.flag"),
            (changed(count=4), "$.count"),
            (changed(count=None), "$.count"),
            (changed(list=[{"a": 1}]), "$.list"),
            (changed(list=[{"a": 1}, {"a": 2}, {"a": 2}]), "$.list"),
            (changed(list=[{"a": 2}, {"a": 1}]), "$.list[0].a"),
            (changed(list=[{"a": 1}, {}]), "$.list[1].a"),
            (changed(one=[]), "$.one"),
            (changed(one=[{"b": "y"}]), "$.one[0].b"),
            (changed(more="something"), "$.more"),
            (changed(inside={"some": {"deep": 1}}), "$.inside"),
            ("", "$"),
        ],
    )
    def test_a_loss_is_seen(self, back: JsonValue, where: str) -> None:
        """A field dropped, a value changed, an item lost, swapped or added: each is named."""
        assert first_loss(SENT, back).partition(": ")[0] == where

    @pytest.mark.parametrize("name", ["text", "number", "flag", "count", "list", "one"])
    def test_a_dropped_field_is_seen(self, name: str) -> None:
        """A field that is missing in what came back is named."""
        back = changed()

        assert isinstance(back, dict)
        del back[name]
        assert first_loss(SENT, back).startswith(f"$.{name}: sent ")
