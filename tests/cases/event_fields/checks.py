"""Events: single values, some of which may be absent."""

from types import ModuleType

_XML = """<xml><ToUserName><![CDATA[gh_1]]></ToUserName>
<FromUserName><![CDATA[o6_abc]]></FromUserName>
<CreateTime>1399197672</CreateTime>
<MsgType><![CDATA[event]]></MsgType>
<Event><![CDATA[kf_rate]]></Event>
<KfAccount><![CDATA[sara@acme]]></KfAccount>
<Mood><![CDATA[{mood}]]></Mood>
{more}</xml>"""


def test_the_scanner_gives_what_the_reference_gives(package: ModuleType) -> None:
    """With and without what may be absent, and with values nobody described."""
    events = package.events
    for mood in ("good", "furious", ""):
        for more in ("", "<Star>6</Star>\n", "<Remark><![CDATA[]]></Remark>\n<Last>5</Last>\n"):
            body = _XML.format(mood=mood, more=more).encode()
            scanned = events.FORMAT.scan(body)

            assert scanned is not None
            assert scanned == events.FORMAT.decode_reference(body)


def test_an_event_without_fields_of_its_own_is_scanned(package: ModuleType) -> None:
    """Its pattern ends with its name."""
    events = package.events
    scan = events.ScanEvent("gh_1", "o6_abc", 1)

    assert scan.event_type is events.EventType.SCAN
    assert events.FORMAT.scan(events.encode(scan)) == scan


def test_what_no_pattern_can_match_has_no_scanner(package: ModuleType) -> None:
    """The reference reads it."""
    assert set(package.events.FORMAT.scanners[b"event"]) == {b"kf_rate", b"SCAN"}


def test_an_event_nobody_described_is_kept(package: ModuleType) -> None:
    """It knows the header, and everything else by its name on the wire."""
    event = package.events.decode(b"<xml><CreateTime>x</CreateTime><Event>VIEW</Event><A/></xml>")

    assert type(event) is package.events.UnknownEvent
    assert (event.event, event.kind, event.create_time) == ("VIEW", "", 0)
    assert event.fields["A"] == ""
