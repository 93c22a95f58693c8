"""The language as a JSON Schema: every key, and no specification of ours that it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.generator.specs import BASE, PROJECT, REAL, wxspec
from wxspec import schema
from wxspec.diagnostics import Report
from wxspec.exports.jsonschema import json_schema
from wxspec.source import read
from wxspec.values import Map, Seq

DOCUMENT: dict[str, Any] = json.loads(json_schema())
_KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
}


def _problems(value: Any, rule: dict[str, Any], at: str) -> list[str]:
    """Validate by the few keywords that the schema uses; another one is a problem too."""
    found: list[str] = []
    for word, says in rule.items():
        if word == "$ref":
            found += _problems(value, DOCUMENT["$defs"][says.rpartition("/")[2]], at)
        elif word in ("anyOf", "oneOf"):
            fits = [not _problems(value, choice, at) for choice in says].count(True)
            if fits == 0 or (word == "oneOf" and fits > 1):
                found.append(f"{at}: fits {fits} of {word}")
        elif word == "type":
            kind: Any = (int, float) if says == "number" else _KINDS[says]
            if not isinstance(value, kind) or (says != "boolean" and isinstance(value, bool)):
                found.append(f"{at}: is no {says}")
        elif type(value) is Map:
            found += _problems_of_object(value, word, rule, at)
        elif type(value) is Seq:
            if word == "items":
                for index, item in enumerate(value):
                    found += _problems(item, says, f"{at}[{index}]")
            elif (word == "minItems" and len(value) < says) or (
                word == "maxItems" and len(value) > says
            ):
                found.append(f"{at}: {word}")
        elif word in ("minimum", "exclusiveMinimum"):
            below = isinstance(value, (int, float)) and value < says
            if below or (word == "exclusiveMinimum" and value == says):
                found.append(f"{at}: {word}")
        elif word == "pattern":
            if not re.search(says, str(value)):
                found.append(f"{at}: is not like {says}")
        elif word not in ("description", "title", "$schema", "$defs"):
            found.append(f"{at}: {word} is not known to this test")
    return found


def _problems_of_object(value: Any, word: str, rule: dict[str, Any], at: str) -> list[str]:
    says = rule[word]
    if word == "required":
        return [f"{at}: lacks {key}" for key in says if key not in value]
    if word == "properties":
        inside = ((key, says[key]) for key in value if key in says)
        return [line for key, r in inside for line in _problems(value[key], r, f"{at}.{key}")]
    if word == "additionalProperties":
        extra = [key for key in value if key not in rule.get("properties", {})]
        if says is False:
            return [f"{at}: may not have {key}" for key in extra]
        return [line for key in extra for line in _problems(value[key], says, f"{at}.{key}")]
    if word == "propertyNames":
        return [line for key in value for line in _problems(str(key), says, f"{at}.{key}")]
    if word in ("minProperties", "maxProperties"):
        fits = len(value) >= says if word == "minProperties" else len(value) <= says
        return [] if fits else [f"{at}: {word}"]
    return [] if word in ("description", "title", "$schema", "$defs") else [f"{at}: {word}"]


def _loaded(path: Path) -> object:
    return read(path.name, path.read_bytes(), Report())


@pytest.mark.parametrize(
    "path", sorted((*REAL.rglob("*.yaml"), *BASE.glob("*.yaml"))), ids=lambda path: path.name
)
def test_a_right_file_fits_the_schema(path: Path) -> None:
    """An editor shows no mistake where the compiler sees none."""
    assert _problems(_loaded(path), DOCUMENT, "$") == []


@pytest.mark.parametrize(
    "case", ["unknown_key", "missing_key", "wrong_type_of_value", "two_services"]
)
def test_a_wrong_file_does_not_fit(case: str) -> None:
    """An editor shows what the compiler would say."""
    folder = PROJECT / "tests" / "cases" / case / "spec"
    wrong = [path for path in folder.glob("*.yaml") if path.name != "other.yaml"]

    assert all(_problems(_loaded(path), DOCUMENT, "$") for path in wrong)


def _constructs() -> list[type]:
    values: list[object] = [getattr(schema, name) for name in schema.__all__]
    return [v for v in values if isinstance(v, type) and attrs.has(v) and not hasattr(v, "parse")]


@pytest.mark.parametrize("construct", _constructs(), ids=lambda kind: kind.__name__)
def test_every_key_is_there_with_its_documentation(construct: type) -> None:
    """What must be given is required, and nothing else is allowed."""
    described = DOCUMENT["$defs"][construct.__name__]
    fields = attrs.fields(construct)

    assert list(described["properties"]) == [field.name for field in fields]
    assert all(rule["description"] for rule in described["properties"].values())
    assert described["required"] == [f.name for f in fields if f.default is attrs.NOTHING]
    assert described["additionalProperties"] is False


def test_the_schema_is_the_same_everywhere(tmp_path: Path) -> None:
    """It is a committed file, so its bytes must not depend on who exports it."""
    exported = [
        wxspec("export", "jsonschema", cwd=tmp_path, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("0", "77")
    ]

    assert exported == [json_schema()] * 2
    assert (REAL / "wxspec.schema.json").read_text("utf-8") == json_schema()
