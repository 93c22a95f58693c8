"""What holds for every event, every message and every reply, whatever is in it."""

from __future__ import annotations

import copy
from random import Random

import pytest
from attrs import fields
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.client.described import (
    Generated,
    class_of_push,
    class_of_reply,
    marks_of,
    pushes,
    strategy_of,
)
from tests.client.spelling import Spelling
from tests.client.wires import Meaning, agree, exactly, json_form, meanings, written
from tests.client.xmltext import in_xml, spelled_in_xml
from wxoa import events, replies
from wxoa.catalog import CATALOG
from wxruntime.catalog import Document, Field, Reply
from wxruntime.errors import DecodeError
from wxruntime.strategies import texts, unknown_elements
from wxruntime.wire import JsonObject, JsonValue
from wxruntime.wire import json as wire_json
from wxruntime.wire import xml as wire_xml
from wxruntime.wire.document import Form

SEEDS = st.integers(0, 2**32)
FEW = settings(max_examples=settings().max_examples // 5)
"""For what is proved for each of many classes: enough together, and in reasonable time."""

FORMS: tuple[Form, ...] = ("xml", "json")
DOCUMENTS: tuple[Document, ...] = (*pushes(), *CATALOG.replies.values())


def title(document: Document) -> str:
    """Name a document for a test's id."""
    return document.class_name


def decode(document: Document, body: bytes) -> Generated:
    """Read a push or a reply."""
    return replies.decode(body) if isinstance(document, Reply) else events.decode(body)


def encode(document: Document, value: Generated, form: Form) -> bytes:
    """Write a push or a reply."""
    of_reply = isinstance(document, Reply)
    return replies.encode(value, form) if of_reply else events.encode(value, form)


def class_of(document: Document) -> Generated:
    """Find the class of a push or a reply."""
    return class_of_reply(document) if isinstance(document, Reply) else class_of_push(document)


def whole(document: Document, meaning: Meaning) -> JsonObject:
    """Write a document in our one way, with what tells it from all others."""
    return {**written(meaning), **marks_of(document)}


def spelled(document: Document, meaning: Meaning, random: Random, form: Form) -> bytes:
    """Write a document in one of the ways of the platform."""
    wire = {**Spelling(random, form).document(meaning), **marks_of(document)}
    names = random.sample([*wire], len(wire))
    mixed = {name: wire[name] for name in names}
    return spelled_in_xml(random, mixed) if form == "xml" else wire_json.dumps(mixed)


@pytest.mark.parametrize("document", DOCUMENTS, ids=title)
class TestDocuments:
    @FEW
    @given(data=st.data(), seed=SEEDS)
    def test_every_spelling_means_the_same_property(
        self, document: Document, data: st.DataObject, seed: int
    ) -> None:
        """In XML and JSON, however it is spelled, it says the same and is written in one way."""
        meaning = data.draw(meanings(document.fields, "elements"))
        random = Random(seed)

        value = decode(document, wire_json.dumps(whole(document, meaning)))

        assert type(value) is class_of(document)
        assert agree(value, meaning)
        for form in FORMS:
            assert decode(document, spelled(document, meaning, random, form)) == value
            assert decode(document, encode(document, value, form)) == value
        expected = whole(document, meaning)
        assert wire_xml.loads(encode(document, value, "xml")) == in_xml(expected)
        in_our_json = wire_json.loads_object(encode(document, value, "json"))
        assert exactly(in_our_json) == exactly(json_form(document.fields, expected))

    @FEW
    @given(data=st.data(), seed=SEEDS)
    def test_a_required_field_is_missed_property(
        self, document: Document, data: st.DataObject, seed: int
    ) -> None:
        """Without it there is no value, and the error names the field and its element.

        An element without content is no value either; it may have another name of the field.
        """
        meaning = data.draw(meanings(document.fields, "elements"))
        for described in document.fields:
            if described.required:
                values = {n: v for n, v in meaning.values.items() if n != described.name}
                without = Meaning(meaning.fields, values, meaning.beside, meaning.inside)
                for form in FORMS:
                    body = spelled(document, without, Random(seed), form)
                    with pytest.raises(DecodeError, match="required") as failure:
                        decode(document, body)

                    assert failure.value.path in [(path,) for path in paths_of(described)]

    @FEW
    @given(data=st.data())
    def test_values_come_back_in_both_forms_property(
        self, document: Document, data: st.DataObject
    ) -> None:
        """XML and JSON bring the same, and writing changes nothing."""
        value = data.draw(strategy_of(class_of(document)))
        before = copy.deepcopy(value)

        for form in FORMS:
            assert decode(document, encode(document, value, form)) == value == before


def test_an_item_always_says_something() -> None:
    """XML has no way to write an item with nothing in it, so each has a field that it needs."""
    documents = [field for document in DOCUMENTS for field in document.fields]
    inside = [
        CATALOG.models[field.type.of] for field in documents if field.type.of in CATALOG.models
    ]
    every = documents + [field for model in inside for field in model.fields]
    items = {f.type.of for f in every if f.type.many and f.type.of in CATALOG.models}

    assert items
    for id in items:
        assert any(field.required for field in CATALOG.models[id].fields), id


def paths_of(described: Field) -> list[str]:
    """Return what an error may call a field: its usual path, then those of its other names."""
    element = f"{described.within}." if described.within else ""
    return [f"{element}{wire}" for wire in (described.wire, *described.also)]


@given(data=st.data())
def test_a_push_that_nobody_described_comes_back_property(data: st.DataObject) -> None:
    """In both forms, with all that it holds."""
    event = data.draw(strategy_of(events.UnknownEvent))

    for form in FORMS:
        assert events.decode(events.encode(event, form)) == event


INJECTED = (
    "]]></Content><MsgType><![CDATA[transfer_customer_service]]></MsgType><Content><![CDATA[",
    "]]></MediaId></Image><MsgType>transfer_customer_service</MsgType><Image><MediaId><![CDATA[",
    "]]>", "]]]]><![CDATA[>", "<![CDATA[", "]]", "&", "<", "\r",
)  # fmt: skip


def hostile_texts() -> st.SearchStrategy[str]:
    """Make texts that would end their section and go on with elements of their own."""
    return st.lists(st.sampled_from(INJECTED) | texts(), min_size=1, max_size=3).map("".join)


def lists_of(value: Generated) -> list[Generated]:
    """List a document and the models in its lists."""
    found: list[Generated] = [value]
    for field in fields(value.__class__):
        inside: Generated = getattr(value, field.name)
        found += inside if isinstance(inside, list) else []
    return found


@pytest.mark.parametrize("reply", CATALOG.replies.values(), ids=title)
class TestReplies:
    @FEW
    @given(data=st.data())
    def test_no_text_adds_an_element_property(self, reply: Reply, data: st.DataObject) -> None:
        """The tree of a reply is the same, whatever its texts hold; each comes back as it was."""
        value = data.draw(strategy_of(class_of_reply(reply)))
        harmless, hostile = copy.deepcopy(value), copy.deepcopy(value)
        for changed, strategy in ((harmless, st.just("a")), (hostile, hostile_texts())):
            for item in lists_of(changed):
                for field in fields(item.__class__):
                    if isinstance(getattr(item, field.name), str):
                        setattr(item, field.name, data.draw(strategy))

        tree = wire_xml.loads(replies.encode(hostile))

        assert replies.decode(replies.encode(hostile)) == hostile
        assert shape(tree) == shape(wire_xml.loads(replies.encode(harmless)))
        assert tree["MsgType"] == reply.name

    @FEW
    @given(data=st.data())
    def test_what_nobody_described_stays_where_it_was_property(
        self, reply: Reply, data: st.DataObject
    ) -> None:
        """Inside of the elements that fields share, too."""
        value = data.draw(strategy_of(class_of_reply(reply)))
        wire = replies.FORMAT.fields(value)
        for inside in wire.values():
            if isinstance(inside, dict):
                inside.update(data.draw(unknown_elements()))
        body = data.draw(st.sampled_from([wire_xml.dumps, wire_json.dumps]))(wire)

        assert replies.FORMAT.fields(replies.decode(body)) == wire


def shape(value: JsonValue) -> JsonValue:
    """Blank out the texts of a document."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else ""
