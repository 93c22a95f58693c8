"""What is measured: each kind of work, and every way to do it.

Each way is run once and its result compared with what it should be before anything is timed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias, TypeVar
from xml.parsers import expat

from cattrs import Converter

from benchmarks import peers
from benchmarks.measure import Row, Table, Way
from benchmarks.payloads import ANSWERS, EVENTS, KF_ACCOUNT, Answer, Push
from wxoa import events, kf_session
from wxruntime.wire import JsonObject
from wxruntime.wire.json import dumps

__all__ = ["WrongResult", "tables"]

T = TypeVar("T")

NONE = "none"
"""The library does no such thing."""
MISSING = "missing"
"""The library is not installed here."""


class WrongResult(Exception):
    """A way does not do what it is timed for."""


def checked(run: Callable[[], T], means: Callable[[T], object], expected: object) -> Way:
    """Run a way once and look at what comes.

    Args:
        run: The way.
        means: Brings what it gives into a form that can be compared.
        expected: What that should be.
    """
    found = means(run())
    if found != expected:
        raise WrongResult(f"expected {expected!r}, got {found!r}")
    return run


def same(value: T) -> T:
    """Compare a result as it is."""
    return value


def tables() -> tuple[Table, ...]:
    """Return everything there is to time."""
    return (
        _decode_events(),
        _encode_events(),
        *_decode_answers(),
        _encode_answers(),
    )


# Pushes.


def _decode_events() -> Table:
    return Table(
        "Decode a push (XML)",
        tuple(push.name for push in EVENTS),
        (
            Row("expat without handlers: the floor", tuple(map(_expat, EVENTS))),
            Row("wxoa, scanner", tuple(map(_scanner, EVENTS))),
            Row("wxoa, reference decoder", tuple(map(_reference, EVENTS))),
            Row("xmltodict: a dict, no types", tuple(map(_xmltodict_parse, EVENTS))),
            *(
                Row(
                    f"xmltodict + cattrs, {says}detailed",
                    tuple(
                        _xmltodict_structure(push, Converter(detailed_validation=on))
                        for push in EVENTS
                    ),
                )
                for says, on in (("not ", False), ("", True))
            ),
            Row("wechatpy.parse_message: types on access", tuple(map(_wechatpy_parse, EVENTS))),
        ),
    )


def _expat(push: Push) -> Way:
    def parse() -> int:
        return expat.ParserCreate("utf-8").Parse(push.body, True)

    return checked(parse, same, 1)


def _scanner(push: Push) -> Way:
    checked(partial(events.FORMAT.scan, push.body), same, push.event)
    return checked(partial(events.decode, push.body), same, push.event)


def _reference(push: Push) -> Way:
    return checked(partial(events.FORMAT.decode_reference, push.body), same, push.event)


def _xmltodict_parse(push: Push) -> Way:
    xmltodict = peers.xmltodict()
    if xmltodict is None:
        return MISSING
    return checked(partial(xmltodict.parse, push.body), same, {"xml": push.fields})


def _pushed(push: Push, converter: Converter) -> peers.Push:
    """Make the event of cattrs."""
    return converter.structure(push.fields, peers.PUSHES[push.name])


def _xmltodict_structure(push: Push, converter: Converter) -> Way:
    xmltodict = peers.xmltodict()
    if xmltodict is None:
        return MISSING
    parse, kind = xmltodict.parse, peers.PUSHES[push.name]

    def structure() -> peers.Push:
        return converter.structure(parse(push.body)["xml"], kind)

    def fields(event: peers.Push) -> object:
        return {name: str(value) for name, value in converter.unstructure(event).items()}

    return checked(structure, fields, push.fields)


def _wechatpy_parse(push: Push) -> Way:
    wechatpy = peers.wechatpy()
    if wechatpy is None:
        return MISSING
    return checked(partial(wechatpy.parse_message, push.body), wechatpy.fields, push.fields)


def _encode_events() -> Table:
    return Table(
        "Encode a push (XML)",
        tuple(push.name for push in EVENTS),
        (
            Row("a format string, nothing escaped: the floor", tuple(map(_format, EVENTS))),
            Row("wxoa", tuple(map(_encode, EVENTS))),
            Row("xmltodict.unparse of a dict", tuple(map(_xmltodict_unparse, EVENTS))),
            Row("cattrs + xmltodict.unparse", tuple(map(_unstructure_xmltodict, EVENTS))),
            Row("wechatpy: writes replies, no events", (NONE,) * len(EVENTS)),
        ),
    )


def _writes(run: Callable[[], bytes], push: Push) -> Way:
    return checked(run, events.FORMAT.decode_reference, push.event)


def _format(push: Push) -> Way:
    template = push.body.decode()
    for name in push.fields:
        template = template.replace(f">{push.fields[name]}<", f">{{{name}}}<")
        template = template.replace(f"[{push.fields[name]}]", f"[{{{name}}}]")
    return _writes(lambda: template.format_map(push.fields).encode(), push)


def _encode(push: Push) -> Way:
    return _writes(partial(events.encode, push.event), push)


def _xmltodict_unparse(push: Push) -> Way:
    xmltodict = peers.xmltodict()
    if xmltodict is None:
        return MISSING
    unparse = xmltodict.unparse
    return _writes(lambda: unparse({"xml": push.fields}, full_document=False).encode(), push)


def _unstructure_xmltodict(push: Push) -> Way:
    xmltodict = peers.xmltodict()
    if xmltodict is None:
        return MISSING
    unparse, converter = xmltodict.unparse, Converter()
    event = _pushed(push, converter)

    def write() -> bytes:
        document = {"xml": converter.unstructure(event)}
        return unparse(document, full_document=False).encode()

    return _writes(write, push)


# Answers.

Loads: TypeAlias = "Callable[[bytes], JsonObject]"


def _decode_answers() -> tuple[Table, ...]:
    columns = tuple(answer.name for answer in ANSWERS)
    wechatpy = Row("wechatpy: a dict, no types", tuple(map(_wechatpy_read, ANSWERS)))
    on_json = Table(
        "Decode an answer (JSON by json)",
        columns,
        (*_rows("json.loads", json.loads, peers.json_on_standard()), wechatpy),
    )
    orjson, room = peers.orjson(), peers.json_on_orjson()
    if orjson is None or room is None:
        return (on_json,)
    title = "Decode an answer (JSON by orjson)"
    return on_json, Table(title, columns, _rows("orjson.loads", orjson.loads, room))


def _rows(name: str, loads: Loads, room: peers.JsonRoom) -> tuple[Row, ...]:
    """Return the ways that stand on one reader of JSON."""
    return (
        Row(f"{name}: the floor, a dict", tuple(_loads(answer, loads) for answer in ANSWERS)),
        Row("wxoa", tuple(_decode(answer, room) for answer in ANSWERS)),
        *(
            Row(
                f"{name} + cattrs, {says}detailed",
                tuple(
                    _structure(answer, loads, Converter(detailed_validation=on))
                    for answer in ANSWERS
                ),
            )
            for says, on in (("not ", False), ("", True))
        ),
    )


def _loads(answer: Answer, loads: Loads) -> Way:
    return checked(partial(loads, answer.body), lambda read: read[answer.key], answer.items)


def _decode(answer: Answer, room: peers.JsonRoom) -> Way:
    if isinstance(answer.means, list):
        decode_list = kf_session.list(KF_ACCOUNT).decode
        return checked(lambda: decode_list(room.loads_object(answer.body)), same, answer.means)
    decode = kf_session.wait_case_list().decode
    return checked(lambda: decode(room.loads_object(answer.body)), same, answer.means)


def _peer_class(answer: Answer) -> type[peers.SessionList | peers.WaitCaseList]:
    return peers.SessionList if isinstance(answer.means, list) else peers.WaitCaseList


def _as_sent(answer: peers.SessionList | peers.WaitCaseList) -> object:
    """Bring what cattrs made back into the form of the items."""
    if isinstance(answer, peers.SessionList):
        return [{"createtime": s.createtime, "openid": s.openid} for s in answer.sessionlist]
    return [{"latest_time": c.latest_time, "openid": c.openid} for c in answer.waitcaselist]


def _structure(answer: Answer, loads: Loads, converter: Converter) -> Way:
    kind = _peer_class(answer)

    def structure() -> peers.SessionList | peers.WaitCaseList:
        return converter.structure(loads(answer.body), kind)

    return checked(structure, _as_sent, answer.items)


def _wechatpy_read(answer: Answer) -> Way:
    wechatpy = peers.wechatpy()
    if wechatpy is None:
        return MISSING
    return checked(wechatpy.reader(answer.body), lambda read: read[answer.key], answer.items)


def _encode_answers() -> Table:
    return Table(
        "Encode an answer (JSON)",
        tuple(answer.name for answer in ANSWERS),
        (
            Row("json.dumps of a dict: the floor", tuple(map(_dumps, ANSWERS))),
            Row("wxoa", tuple(map(_encode_answer, ANSWERS))),
            Row("cattrs + json.dumps", tuple(map(_unstructure, ANSWERS))),
            Row("wechatpy: writes no answers", (NONE,) * len(ANSWERS)),
        ),
    )


def _items(answer: Answer) -> Callable[[bytes], object]:
    """Make what reads the items back, as far as the platform writes them."""

    def read(body: bytes) -> object:
        written: list[Mapping[str, object]] = json.loads(body)[answer.key]
        return [{name: item[name] for name in answer.items[0]} for item in written]

    return read


def _wire(answer: Answer) -> JsonObject:
    """Return an answer as an object, with all that ours writes."""
    means = answer.means
    if not isinstance(means, list):
        return kf_session.CODECS[kf_session.WaitCaseListResult].encode(means)
    encode = kf_session.CODECS[kf_session.Session].encode
    return {answer.key: [encode(session) for session in means]}


def _dumps(answer: Answer) -> Way:
    wire = _wire(answer)
    return checked(lambda: json.dumps(wire).encode(), _items(answer), answer.items)


def _encode_answer(answer: Answer) -> Way:
    return checked(lambda: dumps(_wire(answer)), _items(answer), answer.items)


def _unstructure(answer: Answer) -> Way:
    converter = Converter()
    made = converter.structure(json.loads(answer.body), _peer_class(answer))
    return checked(
        lambda: json.dumps(converter.unstructure(made)).encode(), _items(answer), answer.items
    )
