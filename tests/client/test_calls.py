"""What holds for every endpoint: how its calls are made, what they carry, what they read."""

from __future__ import annotations

import copy
import importlib
import inspect
from random import Random
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.client.calls import answer_of, arguments, plain_call, request
from tests.client.described import class_of_id, codec
from tests.client.spelling import Spelling
from tests.client.wires import Meaning, agree, exactly, meanings
from wxoa.catalog import CATALOG
from wxruntime.call import Call
from wxruntime.catalog import Endpoint, Field, Type
from wxruntime.errors import DecodeError, EncodeError
from wxruntime.upload import Form, Upload
from wxruntime.wire import JsonObject, JsonValue

FILE = Type("file")
ENDPOINTS = list(CATALOG.endpoints.values())
ANSWERING = [endpoint for endpoint in ENDPOINTS if endpoint.returns not in (None, FILE)]
PAGED = [endpoint for endpoint in ENDPOINTS if endpoint.paging is not None]
SEEDS = st.integers(0, 2**32)
FEW = settings(max_examples=settings().max_examples // 5)
"""For what is proved for each of many calls: enough together, and in reasonable time."""


def title(endpoint: Endpoint) -> str:
    """Name an endpoint for a test's id."""
    return endpoint.operation


def carried(fields: tuple[Field, ...], given: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent of the arguments, by the names on the wire; what is absent is not."""
    said = {f.name: given.get(f.name, f.default) if f.const is None else f.const for f in fields}
    return {f.wire: said[f.name] for f in fields if said[f.name] is not None}


def in_query(fields: tuple[Field, ...], given: dict[str, Any]) -> dict[str, str]:
    """Return what a query or a form has: text."""
    sent = carried(tuple(f for f in fields if f.type != FILE), given)
    return {
        name: str(int(value)) if isinstance(value, bool) else str(value)
        for name, value in sent.items()
    }


def in_body(fields: tuple[Field, ...], given: dict[str, Any]) -> JsonObject:
    """Return the JSON body: values as they are, in their elements, and a union's among them."""
    body: JsonObject = {}
    for f in fields:
        sent = carried((f,), given)
        if f.type.of in CATALOG.unions and sent:
            body |= _behind_its_tag(f, sent[f.wire])
        elif sent and f.within:
            body[f.within] = {**_opened(body.get(f.within)), **sent}
        else:
            body |= sent
    return body


def _behind_its_tag(f: Field, value: Any) -> JsonObject:
    union = CATALOG.unions[f.type.of]
    content = codec(type(value)).encode(value)
    kinds = [kind for kind, id in union.variants.items() if class_of_id(id) is type(value)]
    if not kinds:
        return content  # a model that nobody described has its tag in it
    (kind,) = kinds
    return {union.tag: kind, **(content if union.inline else {kind: content})}


def _opened(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=title)
class TestRequests:
    def test_the_function_asks_for_what_is_described(self, endpoint: Endpoint) -> None:
        """By these names, with these defaults, and what must be given first."""
        asked = inspect.signature(request(endpoint)).parameters
        described = {field.name: field for field in endpoint.parameters}
        needed = [name for name, p in asked.items() if p.default is inspect.Parameter.empty]

        assert {*asked} == {*described}
        assert needed == [name for name in asked if described[name].required]
        assert [*asked][: len(needed)] == needed
        for name in asked.keys() - {*needed}:
            assert asked[name].default == described[name].default

    @FEW
    @given(data=st.data())
    def test_a_call_carries_what_is_described_property(
        self, endpoint: Endpoint, data: st.DataObject
    ) -> None:
        """Query, body or form are the arguments by their names on the wire, and nothing else."""
        given = data.draw(arguments(endpoint))
        call = request(endpoint)(**given)

        assert (call.method, call.path) == (endpoint.method, endpoint.path)
        assert call.operation == endpoint.operation
        assert (call.token, call.idempotent) == (endpoint.token, endpoint.idempotent)
        assert call.query == in_query(endpoint.query, given)
        if endpoint.body:
            assert isinstance(call.body, dict)
            assert exactly(call.body) == exactly(in_body(endpoint.body, given))
        elif endpoint.form:
            assert isinstance(call.body, Form)
            assert call.body.fields == in_query(endpoint.form, given)
            files = {f.wire: given[f.name] for f in endpoint.form if f.type == FILE}
            assert {name: content(file) for name, file in call.body.files.items()} == files
        elif endpoint.raw:
            assert isinstance(call.body, Upload)
            assert content(call.body) == given[endpoint.raw[0].name]
        else:
            assert call.body == (None if endpoint.method == "GET" else {})

    @FEW
    @given(data=st.data())
    def test_a_call_is_a_value_property(self, endpoint: Endpoint, data: st.DataObject) -> None:
        """Equal when it asks the same, and shown without what must not be shown."""
        given = data.draw(arguments(endpoint))
        before = copy.deepcopy(given)
        call = request(endpoint)(**given)

        assert call == request(endpoint)(**copy.deepcopy(given))
        assert repr(call).startswith(f"<Call {endpoint.operation}(")
        assert given == before
        for parameter in endpoint.parameters:
            if parameter.secret and parameter.name in given:
                assert given[parameter.name] not in repr(call)

    @FEW
    @given(data=st.data())
    def test_an_older_request_asks_the_same_property(
        self, endpoint: Endpoint, data: st.DataObject
    ) -> None:
        """With the same parameters, in a query where it is a GET."""
        given = data.draw(arguments(endpoint))
        twin: Call[Any] | None = request(endpoint)(**given).twin

        assert ("" if twin is None else f"{twin.method} {twin.path}") == endpoint.twin
        if twin is not None:
            asked = (*endpoint.query, *endpoint.body)
            in_twin_s_query = asked if twin.method == "GET" else endpoint.query
            assert twin.query == in_query(in_twin_s_query, given)
            assert twin.body == (None if twin.method == "GET" else in_body(endpoint.body, given))


@pytest.mark.parametrize("endpoint", PAGED, ids=title)
def test_pages_are_asked_for_without_their_cursor(endpoint: Endpoint) -> None:
    """The function that goes through all pages knows itself where each begins."""
    paging = endpoint.paging

    assert paging is not None
    module = importlib.import_module(request(endpoint).__module__)
    asked = {*inspect.signature(getattr(module, paging.name)).parameters}

    assert paging.cursor
    assert asked == {field.name for field in endpoint.parameters} - {paging.cursor}


def test_an_endpoint_has_pages() -> None:
    """The test above runs for one endpoint at least."""
    assert PAGED


def content(file: Upload) -> bytes:
    """Read a file as it is sent."""
    return b"".join(file.body().chunks())


def answered(endpoint: Endpoint) -> Field:
    """Describe the content of an answer like a field of it."""
    assert endpoint.returns is not None
    return Field("answer", endpoint.returns, wire=answer_of(endpoint).key or "answer")


@st.composite
def answers(draw: st.DrawFn, endpoint: Endpoint, asked: dict[str, Any]) -> tuple[Meaning, Meaning]:
    """Make what an answer says, and what is read from it once it is filled.

    A field that the answer does not say and the request asked for is filled; what it says wins.
    """
    described = answered(endpoint)
    if described.type.of not in CATALOG.models:
        said = draw(meanings((described,)))
        return said, said
    fill = {name: asked[parameter] for name, parameter in answer_of(endpoint).fill.items()}
    fields = CATALOG.models[described.type.of].fields
    spoken = tuple(f for f in fields if f.name not in fill)
    its_own = st.fixed_dictionaries(dict.fromkeys(fill, st.just("what the platform says")))
    says_itself = draw(st.booleans())

    def pair(meaning: Meaning, own: dict[str, str]) -> tuple[Meaning, Meaning]:
        others = {**meaning.values, **(own if says_itself else fill)}
        read = Meaning(fields, others, meaning.beside, meaning.inside)
        return (read if says_itself else meaning), read

    one = st.builds(pair, meanings(spoken), its_own)
    if not described.type.many:
        said, read = draw(one)
        if not answer_of(endpoint).key:
            return said, read
        return Meaning((described,), {"answer": said}), Meaning((described,), {"answer": read})
    items = draw(st.lists(one, max_size=3))
    return (
        Meaning((described,), {"answer": [said for said, _ in items]}),
        Meaning((described,), {"answer": [read for _, read in items]}),
    )


@frozen
class _Read:
    """The content of an answer, held as a model holds a field."""

    answer: Any


@pytest.mark.parametrize("endpoint", ANSWERING, ids=title)
@FEW
@given(data=st.data(), seed=SEEDS)
def test_an_answer_is_read_however_it_is_spelled_property(
    endpoint: Endpoint, data: st.DataObject, seed: int
) -> None:
    """What it says is what the call gives back, filled where the request knows it."""
    asked = data.draw(arguments(endpoint))
    said, read = data.draw(answers(endpoint, asked))

    got = request(endpoint)(**asked).decode(Spelling(Random(seed)).document(said))

    assert agree(_Read(got) if answer_of(endpoint).key else got, read)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=title)
def test_an_answer_without_content(endpoint: Endpoint) -> None:
    """A call that returns nothing takes any answer, one that returns a file takes no JSON."""
    call = plain_call(endpoint)

    assert (call.file is not None) == (endpoint.returns == FILE)
    if endpoint.returns is None:
        assert call.decode({"anything": 1}) is None
    elif endpoint.returns == FILE:
        with pytest.raises(DecodeError, match="expected a file"):
            call.decode({"anything": 1})


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=title)
@settings(max_examples=1)
@given(data=st.data())
def test_none_is_no_argument_of_a_required_parameter_property(
    endpoint: Endpoint, data: st.DataObject
) -> None:
    """It is neither left out nor sent; the error names the call and the parameter."""
    given_all = data.draw(arguments(endpoint))
    signature = inspect.signature(request(endpoint))
    for name, parameter in signature.parameters.items():
        if "None" not in str(parameter.annotation) and "Json" not in str(parameter.annotation):
            with pytest.raises(EncodeError) as failure:
                request(endpoint)(**{**given_all, name: None})

            assert (failure.value.operation, failure.value.path) == (endpoint.operation, (name,))
