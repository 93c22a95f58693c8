"""Homes: a model lives in one file, and no two that live in one have one name."""

from __future__ import annotations

from pathlib import Path

from tests.generator.specs import passed, small_spec
from wxspec.passes.check import check

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


def test_a_model_has_one_home(tmp_path: Path) -> None:
    """What is pushed and what is answered change apart from each other."""
    both = _CHAT.replace("returns: Session", "returns: Picture")

    assert passed(small_spec(tmp_path, chat=both), check)[1] == [
        *("6: two-homes", "7: two-homes"),
    ]


def test_two_modules_do_not_push_one_name(tmp_path: Path) -> None:
    """It all lives in one file, where names in snake case must differ too."""
    other = """\
module: other
title: {en: Other}
models:
  PICture: {doc: In snake case it is another., fields: {}}
  PIcture: {doc: In snake case it is another again., fields: {}}
  Picture: {doc: Called like the other module's., fields: {}}
  WHere: {doc: In snake case it is another., fields: {}}
events:
  left:
    doc: An event.
    fields:
      a: {type: PICture, wire: A}
      b: {type: PIcture, wire: B}
      c: {type: Picture, wire: C}
      d: {type: WHere, wire: D}
"""

    assert passed(small_spec(tmp_path, chat=_CHAT, other=other), check)[1] == ["6: name-taken"]


def test_a_model_is_not_called_like_an_event(tmp_path: Path) -> None:
    """`KFEvent` and the class of the event `kf` have codecs of one name."""
    clash = """\
module: other
title: {en: Other}
models:
  KFEvent: {doc: A model., fields: {}}
events:
  kf: {doc: An event., fields: {a: {type: KFEvent, wire: A}}}
"""
    # k_f_event would be another name, so this is what a run of capitals comes to.
    assert passed(small_spec(tmp_path, chat=clash), check)[1] == ["4: name-taken"]


_UNION = """
unions:
  Said: {doc: A union., tag: kind, of: {where: Where}}
"""


def test_what_nothing_uses_stands_in_its_module(tmp_path: Path) -> None:
    """So it cannot hold what stands beside the events: a union of it, or a model."""
    union = passed(small_spec(tmp_path / "union", chat=_CHAT + _UNION), check)[1]
    holder = _CHAT.replace("Used by nobody., fields: {}", "It., fields: {a: {type: [Where]}}")
    model = passed(small_spec(tmp_path / "model", chat=holder), check)[1]

    assert union == model == ["7: two-homes"]


def test_the_parts_of_a_pushed_union_are_elements(tmp_path: Path) -> None:
    """Tag and names of a union stand in XML; what the tag of an inline one says is text."""
    told = "entered: {doc: An event., fields: {told: {type: Told}, picture: "
    pushed = _CHAT.replace("entered: {doc: An event., fields: {picture: ", told)
    for inline, wrong in (("false", ["18: not-in-xml"] * 2), ("true", ["18: not-in-xml"])):
        union = f"  Told: {{doc: A., tag: a b, inline: {inline}, of: {{c d: Where}}}}\n"
        spec = small_spec(tmp_path / inline, chat=f"{pushed}unions:\n{union}")

        assert passed(spec, check)[1] == wrong


def test_two_modules_do_not_push_two_unions_of_one_name(tmp_path: Path) -> None:
    """Nor a model called like what nobody described of a union."""
    spec = """\
module: {module}
title: {{en: A module}}
models:
  A{module}: {{doc: A model., fields: {{}}}}
  {model}: {{doc: A model., fields: {{}}}}
unions:
  {union}: {{doc: A union., tag: kind, inline: true, of: {{a: A{module}}}}}
events:
  {module}: {{doc: An event., fields: {{a: {{type: {union}}}, b: {{type: {model}}}}}}}
"""
    one = spec.format(module="one", model="First", union="Told")
    two = spec.format(module="two", model="UnknownTold", union="TOld")
    three = spec.format(module="three", model="Third", union="Told")

    assert passed(small_spec(tmp_path / "2", one=one, two=two), check)[1] == ["5: name-taken"]
    assert passed(small_spec(tmp_path / "3", one=one, three=three), check)[1] == [
        *("7: name-taken", "7: name-taken"),
    ]
