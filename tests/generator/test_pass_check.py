"""Check: what each construct must hold to; nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.specs import passed, small_spec
from wxspec.passes.check import check
from wxspec.passes.plan import plan

_HEAD = "module: chat\ntitle: {en: Chat}\n"


def _wrong(tmp_path: Path, chat: str) -> list[str]:
    return passed(small_spec(tmp_path, chat=_HEAD + chat), check)[1]


def test_nothing_is_changed(tmp_path: Path) -> None:
    """It only looks."""
    spec = small_spec(tmp_path)

    assert passed(spec, check) == passed(spec, plan)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("{type: string}", []),
        ("{type: string, default: 7}", ["6: wrong-default"]),
        ("{type: integer, default: 7}", []),
        ("{type: integer, default: 7.0}", ["6: wrong-default"]),
        ("{type: integer, default: true}", ["6: wrong-default"]),
        ("{type: number, default: 7}", []),
        ("{type: flag, default: false}", []),
        ("{type: flag, default: 0}", ["6: wrong-default"]),
        ("{type: timestamp, default: 0}", []),
        ("{type: State, default: b}", ["6: wrong-default"]),
        ("{type: State, default: a}", []),
        ("{type: any, default: a}", ["6: wrong-default"]),
        ("{type: string, default: a, optional: true}", ["6: contradiction"]),
        ("{type: string, const: a}", ["6: contradiction"]),
        ("{type: [string], optional: true}", ["6: contradiction"]),
        ("{type: Session, optional: true}", []),
        ("{type: Session}", ["6: endless-model"]),
        ("{type: [Session]}", []),
    ],
)
def test_a_field_says_what_can_be(field: str, expected: list[str], tmp_path: Path) -> None:
    """A default of its type, and no two answers to one question."""
    model = f"models:\n  Session:\n    doc: A session.\n    fields: {{f: {field}}}\n"
    enum = "enums:\n  State: {doc: A state., values: {A: {value: a}}}\n"

    assert _wrong(tmp_path, f"{model}{enum}") == expected


@pytest.mark.parametrize("type_", ["Session", "[string]", "any"])
def test_a_query_holds_single_values(type_: str, tmp_path: Path) -> None:
    """What has no text cannot stand there."""
    model = "models: {Session: {doc: A., fields: {}}}\n"
    call = f"endpoints:\n  get: {{doc: G., request: GET /g, query: {{q: {{type: {type_}}}}}}}\n"

    assert _wrong(tmp_path, model + call) == ["5: not-in-query"]


def test_each_part_of_a_request_has_an_order_of_its_own(tmp_path: Path) -> None:
    """What must be given comes first in the function, wherever it is sent."""
    call = """endpoints:
  put:
    doc: Put.
    request: POST /put
    query: {page: {type: integer, default: 1}}
    body: {openid: {type: string}, tags: {type: [string]}}
"""
    whole, wrong = passed(small_spec(tmp_path, chat=_HEAD + call), check)

    assert wrong == []
    assert [field.name for field in whole.modules[1].endpoints[0].parameters] == [
        *("openid", "tags", "page"),
    ]


def test_an_event_s_fields_are_elements(tmp_path: Path) -> None:
    """Their names are such as XML allows."""
    event = "events:\n  entered: {doc: E., fields: {a: {type: string, wire: 'a b'}}}\n"

    assert _wrong(tmp_path, event) == ["4: not-in-xml"]
