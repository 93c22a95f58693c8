"""What holds for every model and every union, whatever is in it."""

from __future__ import annotations

import copy
import pickle
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.client.described import (
    Generated,
    class_of_id,
    class_of_push,
    class_of_reply,
    codec,
    generated,
    modules,
    pushes,
    strategy_of,
)
from tests.client.spelling import Spelling
from tests.client.wires import Meaning, agree, exactly, meanings_of, variants, written
from wxoa import events, strategies
from wxoa.catalog import CATALOG
from wxruntime.errors import DecodeError, WeChatError
from wxruntime.wire import JsonObject, Timestamp
from wxruntime.wire import json as wire_json
from wxruntime.wire.types import Codec, codec_of_union

SEEDS = st.integers(0, 2**32)


FEW = settings(max_examples=settings().max_examples // 5)
"""For what is proved for each of many classes: enough together, and in reasonable time."""


def keeps_unknown(model: Generated) -> bool:
    """Return whether a class keeps unknown fields beside others, and is not of an unknown kind."""
    return "unknown" in {field.name for field in attrs.fields(model)}


def title(model: type) -> str:
    """Name a class for a test's id."""
    return model.__name__


def test_every_class_is_described() -> None:
    """The catalog knows each class that is read and written, but for those that keep the rest."""
    described = {class_of_id(id) for id in CATALOG.models}
    described |= {class_of_push(push) for push in pushes()}
    described |= {class_of_reply(reply) for reply in CATALOG.replies.values()}
    unknown = {union.id.replace(".", ".Unknown") for union in CATALOG.unions.values()}

    rest = {*generated()} - described

    assert described <= {*generated()}
    assert {title(model) for model in rest} == {"UnknownEvent", *map(_last, unknown)}
    assert dir(strategies) == sorted({*vars(strategies), *modules()})


def _last(id: str) -> str:
    return id.partition(".")[2]


@pytest.mark.parametrize("model", generated(), ids=title)
@FEW
@given(data=st.data())
def test_values_come_back_property(model: Generated, data: st.DataObject) -> None:
    """What is written is read again as it was; writing, copying and showing change nothing."""
    value = data.draw(strategy_of(model))
    before = copy.deepcopy(value)

    wire = wire_json.loads_object(wire_json.dumps(codec(model).encode(value)))

    assert codec(model).decode(wire) == value == before
    assert copy.copy(value) == value
    assert pickle.loads(pickle.dumps(value)) == value
    assert repr(value).startswith(f"{model.__name__}(")
    inside = copy.deepcopy(value)
    undescribed(inside)["x-new"] = 1
    assert inside != value


@pytest.mark.parametrize("model", generated(), ids=title)
def test_a_model_has_slots(model: Generated) -> None:
    """A misspelt field is an error and not a new attribute."""
    value = object.__new__(model)
    with pytest.raises(AttributeError):
        value.no_such_field = 1

    assert not hasattr(value, "__dict__")


@pytest.mark.parametrize("model", [m for m in generated() if keeps_unknown(m)], ids=title)
@settings(max_examples=1)
@given(data=st.data())
def test_two_values_share_no_dictionary_property(model: Generated, data: st.DataObject) -> None:
    """Each value keeps its unknown fields in a dictionary of its own."""
    value = data.draw(strategy_of(model))
    given = {field.name: getattr(value, field.name) for field in attrs.fields(model)}
    del given["unknown"]

    assert model(**given).unknown is not model(**given).unknown


def test_values_of_two_classes_differ() -> None:
    """Two values are equal only if they have the same class."""
    given = ("gh_1", "o6_a", Timestamp(12), "sara@acme")
    opened: Generated = events.KfCreateSessionEvent(*given)
    closed: Generated = events.KfCloseSessionEvent(*given)

    assert opened != closed


def undescribed(value: Generated) -> JsonObject:
    """Return where a value keeps its unknown fields; one of an unknown kind keeps all of them."""
    kept: JsonObject = value.unknown if keeps_unknown(type(value)) else value.fields
    return kept


@pytest.mark.parametrize("id", CATALOG.models)
class TestModels:
    @FEW
    @given(data=st.data(), seed=SEEDS)
    def test_every_spelling_means_the_same_property(
        self, id: str, data: st.DataObject, seed: int
    ) -> None:
        """However a document is spelled, it is read as what it says and written in our one way."""
        meaning = data.draw(meanings_of(id))
        model = class_of_id(id)
        wire = Spelling(Random(seed)).document(meaning)
        again = copy.deepcopy(wire)

        value = codec(model).decode(wire)

        assert agree(value, meaning)
        assert exactly(codec(model).encode(value)) == exactly(written(meaning))
        assert codec(model).decode(again) == value
        assert codec(model).decode(written(meaning)) == value

    @FEW
    @given(data=st.data(), seed=SEEDS)
    def test_a_required_field_is_missed_property(
        self, id: str, data: st.DataObject, seed: int
    ) -> None:
        """Without it, or with null in its place, there is no value; the error names the field."""
        wire = Spelling(Random(seed)).document(data.draw(meanings_of(id)))
        for described in CATALOG.models[id].fields:
            if described.required:
                names = (described.wire, *described.also)
                without = {name: value for name, value in wire.items() if name not in names}
                for missing in (without, {**without, described.wire: None}):
                    with pytest.raises(DecodeError, match=r"required|got nothing") as failure:
                        codec(class_of_id(id)).decode(copy.deepcopy(missing))

                    assert failure.value.path == (described.wire,)


def test_models_are_described_without_elements() -> None:
    """The test above looks for a required field where its name is: beside the others."""
    fields = [field for model in CATALOG.models.values() for field in model.fields]

    assert not [field for field in fields if field.within and field.required]


@pytest.mark.parametrize("id", CATALOG.unions)
class TestUnions:
    @given(data=st.data(), seed=SEEDS)
    def test_every_variant_in_every_spelling_property(
        self, id: str, data: st.DataObject, seed: int
    ) -> None:
        """Each model is read behind its tag and written behind it, and so is what nobody knows."""
        said = data.draw(variants(id))
        union = union_codec(id)

        value = union.decode(Spelling(Random(seed)).variant(said))

        if said.content is None:
            assert value.__class__.__name__ == f"Unknown{_last(id)}"
        else:
            assert type(value) is class_of_id(said.union.variants[said.kind])
            assert agree(value, said.content)
        assert exactly(union.encode(value)) == exactly(written(said))
        assert union.decode(copy.deepcopy(written(said))) == value

    @pytest.mark.parametrize("tag", [None, {}, [], True])
    def test_a_tag_that_says_nothing(self, id: str, tag: Any) -> None:
        """Without a tag nobody can say which model it is."""
        name = CATALOG.unions[id].tag
        with pytest.raises(DecodeError) as failure:
            union_codec(id).decode({name: tag})

        assert failure.value.path == (name,)


def union_codec(id: str) -> Codec[Any]:
    """Find how a union is read and written."""
    found: Codec[Any] | None = codec_of_union(class_of_id(id))

    assert found is not None
    return found


@FEW
@given(data=st.data())
def test_what_a_decoder_mistakes_is_seen_property(data: st.DataObject) -> None:
    """The proofs of this folder tell a meaning from one that differs in a field."""
    meaning = data.draw(meanings_of("kf_record.RecordPage"))
    other = Meaning(meaning.fields, {**meaning.values, "msg_id": data.draw(others_than(meaning))})
    page = codec(class_of_id("kf_record.RecordPage")).decode(written(meaning))

    assert agree(page, meaning)
    assert not agree(page, other)
    assert exactly(written(meaning)) != exactly(written(other))


def others_than(meaning: Meaning) -> st.SearchStrategy[int]:
    """Make numbers of pages that a meaning does not say."""
    said = meaning.values.get("msg_id", 0)

    assert isinstance(said, int)
    return st.integers(1, 9).map(lambda more: said + more)


@given(st.integers() | st.integers(-(10**15), 10**15))
@example(10**5000)
@example(-(10**5000))
@example(253402300799)
@example(253402300800)
@example(-62135596800)
@example(-62135596801)
def test_the_moment_of_any_timestamp_property(seconds: int) -> None:
    """Within the years 1 to 9999 it is exact; beyond them it is an error of the one root."""
    if -62135596800 <= seconds <= 253402300799:
        assert Timestamp.of(Timestamp(seconds).utc) == seconds
    else:
        with pytest.raises(WeChatError, match="years 1 to 9999"):
            _ = Timestamp(seconds).utc
