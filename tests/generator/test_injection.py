"""Nothing of a specification's text becomes code: the shape of the output does not depend on it."""

from __future__ import annotations

import ast
import hashlib
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.generator.specs import PROJECT, replace
from wxspec.compiler import compile_spec
from wxspec.diagnostics import SpecError

# Every text that a specification may hold, marked <name>; what stands in another place is a name.
_FILES = {
    "service": """
service: acme
title: {en: <title>, zh: <title_zh>}
source: <source>
hosts: [{url: "https://api.acme.example", doc: <host_doc>}]
token: {query: <token_query>, call: base.token, force: {a_day: 20, apart: 30}, dead: [40001]}
envelope: {code: <code>, message: <message>, wrong_method: [43001]}
query: {raw: "@"}
push:
  kind: MsgType
  event_kind: <event_kind>
  event: Event
  header:
    to_user_name:
      type: string
      wire: ToUserName
      doc: <header_doc>
      notes: <header_notes>
      why: <header_why>
  receiver: to_user_name
  message_id: MsgId
""",
    "errors": """
groups:
  Trouble: {doc: <group_doc>, remedy: <group_remedy>}
errors:
  40001:
    name: InvalidCredential
    doc: <error_doc>
    remedy: <remedy>
    group: Trouble
    source: <error_source>
    why: <error_why>
  43001: {name: WrongMethod, doc: Another method is wanted.}
""",
    "base": """
module: base
title: {en: <module_title>, zh: <module_title_zh>}
source: <module_source>
models:
  AccessToken:
    doc: <model_doc>
    notes: <model_notes>
    why: <model_why>
    fields:
      access_token:
        type: string
        secret: true
        wire: <wire>
        doc: <field_doc>
        notes: <field_notes>
        why: <field_why>
      said: {type: Said}
      expires_in: {type: integer, default: 0, wire: <other_wire>}
      remark: {type: string, default: <default>, wire: <third_wire>}
      hidden: {type: string, default: <secret_default>, secret: true}
      state: {type: State, default: <value>}
      other: {type: AccessToken, optional: true, wire: <model_wire>}
      others: {type: [AccessToken], wire: <list_wire>}
      ids: {type: [integer], wire: <scalars_wire>}
      absent: {type: timestamp, optional: true, wire: <absent_wire>, doc: <absent_doc>}
      number: {count: others, doc: <count_doc>, notes: <count_notes>, why: <count_why>}
      least: {type: integer, default: 0, wire: <inner_wire>, within: <within>}
      most: {type: integer, optional: true, wire: <other_inner_wire>, within: <within>}
      sums: {type: [integer], wire: <inner_list_wire>, within: <within>, item: <inner_item>}
      sum_count: {count: sums, wire: <count_wire>, within: <within>, doc: <inner_count_doc>}
      deep: {type: string, optional: true, wire: <deep_wire>, within: <optional_within>}
      tags: {type: [string], wire: <wrapped_wire>, item: <item>}
      texts: {type: [AccessToken], as_text: true, wire: <text_wire>, also: [<also>, <other_also>]}
      buttons: {type: [Button], wire: <buttons_wire>}
      level_count: {count: tags, wire: <level_count_wire>}
  Text:
    doc: A text.
    fields: {text: {type: string, wire: <variant_wire>}}
  Page:
    doc: A page.
    fields:
      items: {type: [Text], wire: <items_wire>}
      next: {type: string, default: <next_default>}
  Pushed:
    doc: What is pushed.
    fields: {text: {type: string, wire: Text, default: <pushed_default>}}
unions:
  Said:
    doc: <union_doc>
    notes: <union_notes>
    why: <union_why>
    tag: <union_tag>
    of: {? <variant> : Text}
  Button:
    doc: <inline_doc>
    tag: <inline_tag>
    inline: true
    of: {? <inline_variant> : Text}
  Told:
    doc: <pushed_union_doc>
    tag: Kind
    inline: true
    of: {? <pushed_variant> : Pushed}
enums:
  State:
    doc: <enum_doc>
    notes: <enum_notes>
    why: <enum_why>
    values:
      ONE: {value: <value>, doc: <value_doc>}
  Level:
    doc: A level.
    values:
      HIGH: {value: <event_value>}
endpoints:
  token:
    doc: <call_doc>
    notes: <call_notes>
    why: <call_why>
    source: <call_source>
    deprecated: <deprecated>
    request: POST /token
    token: false
    query:
      kind: {type: string, const: <query_const>, wire: <query_wire>}
    body:
      grant: {type: string, const: <const>, wire: <body_wire>}
      app_id: {type: string, doc: <parameter_doc>, notes: <parameter_notes>, why: <parameter_why>}
      app_secret: {type: string, secret: true, wire: <secret_wire>}
      force: {type: boolean, default: false}
    returns: AccessToken
    fill: {access_token: body.app_id}
    errors: [40001]
  listed:
    doc: <list_doc>
    request: GET /list
    returns: {? <key> : [AccessToken]}  # a key that may be of any length
    fill: {access_token: query.app_id}
    query:
      app_id: {type: string}
      text: {type: string, default: <parameter_default>}
      state: {type: State, optional: true, wire: <optional_wire>}
  paged:
    doc: <paged_doc>
    notes: <paged_notes>
    why: <paged_why>
    source: <paged_source>
    request: POST /paged
    query:
      where: {type: Button, as_text: true, wire: <where_wire>}
      version: {type: string, const: <twin_const>}
    body:
      others: {type: [Text], as_text: true, wire: <texts_wire>, doc: <texts_doc>}
      kind: {type: string, default: <kind_default>, wire: <kind_wire>}
      cursor: {type: string, default: <cursor_default>, wire: <cursor_wire>, doc: <cursor_doc>}
    returns: Page
    pages: {name: all_items, doc: <pages_doc>, items: items, next: {cursor: next}}
    twin: GET /older
  deep:
    doc: A body with elements.
    request: POST /deep
    body:
      said: {type: Said}
      least: {type: integer, wire: <body_inner_wire>, within: <body_within>}
      sums: {type: [integer], wire: <body_list_wire>, within: <body_within>, item: <body_item>}
  upload:
    doc: <upload_doc>
    request: POST /upload
    form:
      media: {type: file, wire: <file_wire>, doc: <file_doc>, notes: <file_notes>, why: <file_why>}
      label: {type: string, default: <form_default>, wire: <form_wire>}
      kind: {type: string, const: <form_const>}
      cover: {type: file, optional: true, wire: <optional_file_wire>}
    returns: file
  put:
    doc: <put_doc>
    request: POST /put
    raw:
      content: {type: file, doc: <raw_doc>}
events:
  happened:
    doc: <event_doc>
    source: <event_source>
    notes: <event_notes>
    why: <event_why>
    fields:
      reason: {type: string, default: <event_default>, wire: Reason, doc: <event_field_doc>}
      level: {type: Level, default: <event_value>, wire: Level}
      told: {type: Told, wire: Told, within: Around, bare: json, also: [Tell]}
      texts: {type: [Pushed], as_text: true, wire: Texts}
  Odd Event:
    name: odd
    kind: <event_kind_of_its_own>
    doc: <odd_doc>
messages:
  told:
    doc: <message_doc>
    source: <message_source>
    notes: <message_notes>
    why: <message_why>
    fields:
      reason: {type: string, default: <message_default>, wire: Reason, doc: <message_field_doc>}
replies:
  answered:
    doc: <reply_doc>
    source: <reply_source>
    notes: <reply_notes>
    why: <reply_why>
    fields:
      reason: {type: string, default: <reply_default>, within: In, doc: <reply_field_doc>}
      number: {count: reasons, wire: Number, doc: <reply_count_doc>}
      reasons: {type: [string], wire: Reasons, item: item}
""",
}

_MARK = re.compile("<([a-z_]+)>")
SLOTS = sorted({name for text in _FILES.values() for name in _MARK.findall(text)})

_FRAGMENTS = (
    *(
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        '\\"',
        "\\\\",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "\b",
        "\0",
        "\x1b[31m",
    ),
    *(
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{{ 7*7 }}",
        "{% raw %}",
        "{0}",
        "%s",
        "$x",
        "`",
        "#",
        "# noqa",
    ),
    *(
        "\x85",
        "\u2028",
        "\u2029",
        "\x0c",
        "\x1c",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\xa0",
        "\u3000",
    ),
    *(
        "客户",
        "😀",
        "e\u0301",
        "\ufffe",
        "\uffff",
        "\ue000",
        "\U000e0001",
        "\x7f",
        "\xad",
        "]]>",
        "<![CDATA[",
    ),
    *(
        "]",
        "\\N{DIGIT ONE}",
        "\\x41",
        "\\u0041",
        "\\",
        "__import__('os')",
        "):",
        "import os",
        "\n\nimport os\n",
    ),
    *(
        " ",
        "a",
        "word ",
        "a long text of many words ",
        "anUnbreakableText" * 8,
        "-",
        "- ",
        "type: ignore",
    ),
    *(
        "fmt: off",
        "fmt: skip",
        "1",
        "0",
        "true",
        "null",
        "\\\n",
        '"""\nimport os\n"""',
        "'" * 3 + '"' * 3,
    ),
)
HOSTILE = st.lists(st.sampled_from(_FRAGMENTS) | st.text(max_size=3), min_size=1, max_size=6).map(
    "".join
)


def _quoted(text: str) -> str:
    """Write a text in YAML so that every character arrives, whatever it is."""
    return '"{}"'.format("".join(rf"\U{ord(c):08x}" for c in text))


def _write(folder: Path, texts: dict[str, str]) -> Path:
    spec = folder / "spec"
    spec.mkdir(exist_ok=True)
    for name, text in _FILES.items():
        filled = _MARK.sub(lambda mark: _quoted(texts.get(mark[1], f"{mark[1]} word")), text)
        (spec / f"{name}.yaml").write_text(filled, "utf-8")
    return spec


class _Blank(ast.NodeTransformer):
    """Takes the values out of constants, so that what is left is the shape."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.copy_location(ast.Constant(type(node.value).__name__), node)


def _shape(files: dict[str, bytes]) -> dict[str, str]:
    """Return a digest of each module's tree, its constants blanked."""
    trees = {
        path: ast.dump(_Blank().visit(ast.parse(content)))
        for path, content in files.items()
        if path.endswith(".py")
    }
    return {path: hashlib.sha256(tree.encode()).hexdigest()[:12] for path, tree in trees.items()}


def _verdict(spec: Path) -> dict[str, str] | str:
    """Return the shape of what comes of a specification, or that it is refused."""
    try:
        return _shape(compile_spec(spec).files)
    except SpecError as error:
        return "refused" if len(error.report) > 0 else "refused without a reason"


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the shape that the output has with harmless texts."""
    return _shape(compile_spec(_write(tmp_path_factory.mktemp("harmless"), {})).files)


def test_texts_arrive(tmp_path: Path) -> None:
    """Each place takes part: its text stands somewhere in the output, or in a digest of it."""
    before = compile_spec(_write(tmp_path, {})).files
    for slot in SLOTS:
        assert compile_spec(_write(tmp_path, {slot: "something else"})).files != before, slot


@settings(max_examples=max(30, settings().max_examples // 3))
@given(st.dictionaries(st.sampled_from(SLOTS), HOSTILE, min_size=1))
def test_property_no_text_changes_the_shape_of_the_code(
    tmp_path_factory: pytest.TempPathFactory, harmless: dict[str, str], texts: dict[str, str]
) -> None:
    """It compiles to the same tree, constants apart, or it is refused with a diagnostic."""
    assert _verdict(_write(tmp_path_factory.mktemp("spec"), texts)) in (harmless, "refused")


def test_every_text_may_hold_anything(harmless: dict[str, str], tmp_path: Path) -> None:
    """One place at a time, with what would break out of a string, a comment or a template."""
    text = "a'\"\"\"'''\\ {{ x }} {% y %} # \u2028\u202e\n\nimport os\n客户 \\"
    for slot in SLOTS:
        assert _shape(compile_spec(_write(tmp_path, {slot: text})).files) == harmless, slot


def test_no_text_unsettles_the_format(harmless: dict[str, str], tmp_path: Path) -> None:
    """A formatter leaves the output as it is, whatever all the texts hold at once."""
    out = tmp_path / "generated"
    for seed in range(25):
        chance = random.Random(seed)
        texts = {
            slot: f"{seed}{slot}{''.join(chance.choices(_FRAGMENTS, k=chance.randint(1, 8)))}"
            for slot in SLOTS
        }
        texts["event_value"] = "value"
        files = compile_spec(_write(tmp_path, texts)).files

        assert _shape(files) == harmless
        for path, content in files.items():
            target = out / f"p{seed}" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "ruff", "format", "--no-cache", "--diff"),
            *("--config", str(PROJECT / "pyproject.toml"), str(out)),
        ],
        cwd=tmp_path, capture_output=True, encoding="utf-8",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "\\U00110000", "\\xd8\\u0000"])
def test_a_text_that_is_no_unicode_is_refused_or_harmless(
    half: str, harmless: dict[str, str], tmp_path: Path
) -> None:
    """Half of a surrogate pair cannot be written to any file."""
    spec = _write(tmp_path, {})
    replace(spec / "base.yaml", _quoted("model_doc word"), f'"{half}"')

    assert _verdict(spec) in (harmless, "refused")
