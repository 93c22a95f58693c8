"""What docs/events.md says is so: its Python runs, and its tables are the package's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from attrs import fields_dict

from tests.docs.pages import ROOT, Page, block_with, run
from wxoa import events, replies
from wxoa.catalog import CATALOG
from wxruntime.wire import Timestamp

PAGE = Page("docs/events.md")
GETTERS = re.findall(r"^\| `(\w+\.Get\w+)` \| `events\.(\w+)` \| (.*) \|$", PAGE.text, re.MULTILINE)
FUNCTIONS = re.findall(r"^\| `response\.New(\w+)` \| `replies\.(\w+)` \|$", PAGE.text, re.MULTILINE)

# Its functions from a `MixedMsg` to one kind of push, in the order of its packages.
REFERENCE = {
    "request": (
        *("Text", "Image", "Voice", "Video", "ShortVideo", "Location", "Link"),
        *("SubscribeEvent", "UnsubscribeEvent", "ScanEvent", "LocationEvent"),
    ),
    "menu": (
        *("ClickEvent", "ViewEvent", "ScanCodePushEvent", "ScanCodeWaitMsgEvent"),
        *("PicSysPhotoEvent", "PicPhotoOrAlbumEvent", "PicWeixinEvent", "LocationSelectEvent"),
    ),
    "mass": ("MassSendJobFinishEvent",),
    "template": ("TemplateSendJobFinishEvent",),
    "session": ("KfCreateSessionEvent", "KfCloseSessionEvent", "KfSwitchSessionEvent"),
    "account": (
        *("QualificationVerifySuccessEvent", "QualificationVerifyFailEvent"),
        *("NamingVerifySuccessEvent", "NamingVerifyFailEvent"),
        *("AnnualRenewEvent", "VerifyExpiredEvent"),
    ),
    "poi": ("PoiCheckNotifyEvent",),
    "card": (
        *("CardPassCheckEvent", "CardNotPassCheckEvent", "UserGetCardEvent"),
        *("UserGiftingCardEvent", "UserDelCardEvent", "UserConsumeCardEvent"),
        *("UserViewCardEvent", "UserEnterSessionFromCardEvent", "CardSkuRemindEvent"),
        *("GiftCardPayDoneEvent", "GiftCardUserAcceptEvent"),
    ),
    "bizwifi": ("WifiConnectedEvent",),
    "shakearound": ("UserShakeEvent",),
}
DIFFERENTLY_CALLED = {"UserShakeEvent": "ShakearoundUserShakeEvent"}


def pushes() -> set[str]:
    """List the classes of all pushes that are described."""
    return {
        push.class_name for kind in (CATALOG.events, CATALOG.messages) for push in kind.values()
    }


def test_the_table_has_every_getter() -> None:
    """44 of them, each once."""
    expected = [f"{room}.Get{name}" for room, names in REFERENCE.items() for name in names]

    assert [getter for getter, _, _ in GETTERS] == expected
    assert len(expected) == 44


@pytest.mark.parametrize(("getter", "name", "notes"), GETTERS)
def test_a_getter_has_its_class(getter: str, name: str, notes: str) -> None:
    """The class is there, is called alike, and has the fields that the row names."""
    told = getter.split(".Get")[1]
    told = DIFFERENTLY_CALLED.get(told, told if told.endswith("Event") else f"{told}Message")
    fields = set(fields_dict(getattr(events, name)))

    assert name in pushes()
    assert name.lower() == told.lower()
    named = set(re.findall(r"`([a-z_]+)`", notes)) - {"bool", "bizmsgmenuid"}
    assert named <= fields


@pytest.mark.parametrize(("function", "name"), FUNCTIONS)
def test_a_reply_has_its_class(function: str, name: str) -> None:
    """It can be made without addresses and time."""
    told = {"TransferToCustomerService": "TransferCustomerService"}.get(function, function)
    kinds = {reply.class_name for reply in CATALOG.replies.values()}

    assert name == f"{told}Reply"
    assert name in kinds
    assert hasattr(replies, name)


def test_every_reply_of_the_reference_is_there() -> None:
    """Seven of them, each once."""
    names = ["Text", "Image", "Voice", "Video", "Music", "News", "TransferToCustomerService"]

    assert [function for function, _ in FUNCTIONS] == names


def test_the_union_is_as_large_as_the_page_says() -> None:
    """The first lines count what there is."""
    counted = re.search(r"(\d+) events, (\d+) messages", PAGE.text)

    assert counted is not None
    assert [*map(int, counted.groups())] == [len(CATALOG.events), len(CATALOG.messages)]


def test_every_class_that_is_named_is_there() -> None:
    """Of pushes, of replies, of constants."""
    for quoted in PAGE.quoted():
        found = re.fullmatch(r"(events|replies)((?:\.\w+)+)", quoted)
        if found is None:
            continue
        thing: object = {"events": events, "replies": replies}[found[1]]
        for step in found[2].split(".")[1:]:
            thing = getattr(thing, step)


def test_what_the_page_links_to_is_there() -> None:
    """Pages, and headings of this one."""
    for link in PAGE.links():
        path, _, anchor = link.partition("#")
        assert not path or (ROOT / "docs" / path).exists(), link
        assert not anchor or anchor in PAGE.anchors(), link
    for quoted in PAGE.quoted():
        assert not quoted.startswith("tests/") or (ROOT / quoted).exists(), quoted


def test_matching() -> None:
    """Each case says what happened."""
    told = run(block_with(PAGE, "def told"))["told"]
    head = ("gh_1", "o6_a", Timestamp(1))

    assert told(events.SubscribeEvent(*head)) == "came"
    assert told(events.SubscribeEvent(*head, event_key="qrscene_7")) == "came by code 7"
    assert told(events.ScanEvent(*head, "7", "ticket")) == "scanned 7"
    assert told(events.ClickEvent(*head, "HOURS")) == "chose HOURS"
    with pytest.raises(AssertionError):
        told(events.ViewEvent(*head, "https://shop.example"))


def test_what_nobody_described() -> None:
    """Nothing of it is lost."""
    run(block_with(PAGE, "newer"))


def test_both_forms() -> None:
    """A list outside of its element, and a list of one, are read."""
    run(block_with(PAGE, "popups[0]"))


def test_every_block_is_run() -> None:
    """A block that is added gets a test."""
    run_above = re.findall(r"block_with\(PAGE, ", Path(__file__).read_text("utf-8"))

    assert len(run_above) == len(PAGE.blocks())
