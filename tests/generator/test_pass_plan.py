"""Plan: where models live, and what local variables are called."""

from __future__ import annotations

from pathlib import Path

from tests.generator.specs import passed, small_spec
from wxspec.passes.plan import plan

_CHAT = """\
module: chat
title: {en: Chat}
models:
  Session: {doc: Answered., fields: {answer: {type: string}, inner: {type: Inner}}}
  Inner: {doc: Inside of what is answered., fields: {type: {type: string}}}
  Picture: {doc: Pushed., fields: {pop: {type: string}, where: {type: [Where]}}}
  Where: {doc: Inside of what is pushed., fields: {x: {type: integer}}}
  Nobody: {doc: Used by nobody., fields: {}}
endpoints:
  get:
    doc: Get.
    request: GET /get
    query: {found: {type: string}}
    returns: Session
events:
  entered: {doc: An event., fields: {picture: {type: Picture, wire: Picture}}}
"""


def test_what_is_pushed_lives_beside_the_events(tmp_path: Path) -> None:
    """With whatever it leads to; what nobody uses stays in its module."""
    whole, wrong = passed(small_spec(tmp_path, chat=_CHAT), plan)

    assert wrong == []
    assert whole.modules[1].pushed == {"chat.Picture", "chat.Where"}


def test_local_names_stay_out_of_the_way(tmp_path: Path) -> None:
    """A field, or a parameter, called like what a decoder uses gets a variable of another name."""
    whole, _ = passed(small_spec(tmp_path, chat=_CHAT), plan)
    chat = whole.modules[1]
    locals_ = {field.name: field.local for model in chat.models for field in model.fields}

    assert locals_["answer"] == "answer_"
    assert locals_["type"] == "type_"
    assert locals_["pop"] == "pop_"
    assert locals_["x"] == "x"
    assert chat.endpoints[0].query[0].local == "found_"


def test_an_event_begins_with_the_header(tmp_path: Path) -> None:
    """Its own fields come behind."""
    whole, _ = passed(small_spec(tmp_path, chat=_CHAT), plan)

    assert [field.name for field in whole.modules[1].events[0].fields] == [
        *("to_user_name", "from_user_name", "create_time", "picture"),
    ]
