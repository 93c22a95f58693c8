"""Resolve: references become what they refer to."""

from __future__ import annotations

from pathlib import Path

from tests.generator.specs import passed, small_spec
from wxspec import ir
from wxspec.passes.resolve import resolve

_CHAT = """\
module: chat
title: {en: Chat}
models:
  Session:
    doc: A session.
    fields:
      openid: {type: string, wire: openId}
      state: {type: State}
      next: {type: [Session]}
      extra: {type: any}
enums:
  State:
    doc: A state.
    values: {OPEN: {value: 1}}
endpoints:
  get:
    doc: Get.
    request: GET /get
    query: {openid: {type: string}}
    returns: {sessions: [Session]}
    fill: {openid: query.openid}
"""


def test_types_become_rows_models_and_enumerations(tmp_path: Path) -> None:
    """Each with the id of what it names."""
    whole, wrong = passed(small_spec(tmp_path, chat=_CHAT), resolve)
    model = whole.modules[1].models[0]
    types = {field.name: field.type for field in model.fields}

    assert wrong == []
    assert types["openid"] == ir.ScalarType("string")
    assert types["next"] == ir.ListType(ir.ModelType("chat.Session", "Session"))
    assert isinstance(types["state"], ir.EnumerationType)
    assert (types["state"].id, types["state"].of_text) == ("chat.State", False)


def test_anything_may_be_absent(tmp_path: Path) -> None:
    """No value says of itself that it is not there."""
    whole, _ = passed(small_spec(tmp_path, chat=_CHAT), resolve)
    fields = {field.name: field.optional for field in whole.modules[1].models[0].fields}

    assert fields == {"openid": False, "state": False, "next": False, "extra": True}


def test_a_fill_knows_the_name_on_the_wire(tmp_path: Path) -> None:
    """That is where the answer lacks it."""
    whole, _ = passed(small_spec(tmp_path, chat=_CHAT), resolve)

    assert [fill.wire for fill in whole.modules[1].endpoints[0].fill] == ["openId"]


def test_a_reference_to_what_was_wrong_is_no_second_mistake(tmp_path: Path) -> None:
    """The model that lost its documentation is gone, and not unknown."""
    wrong = _CHAT.replace("    doc: A session.\n", "")

    assert passed(small_spec(tmp_path, chat=wrong), resolve)[1] == ["4: missing-key"]


def test_a_reference_into_a_lost_file_is_no_second_mistake(tmp_path: Path) -> None:
    """Nobody can say which codes the file described."""
    spec = small_spec(tmp_path, chat=_CHAT + "    errors: [77]\n", errors="errors: [")

    assert passed(spec, resolve)[1] == ["2: not-yaml"]


def test_models_belong_to_their_module(tmp_path: Path) -> None:
    """Another module's are not known here."""
    other = "module: other\ntitle: {en: O}\nmodels:\n  A: {doc: A., fields: {s: {type: Session}}}\n"

    assert passed(small_spec(tmp_path, chat=_CHAT, other=other), resolve)[1] == ["4: unknown-type"]
