"""Calls of every endpoint, made of what the catalog says about their parameters."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from attrs import field, frozen
from hypothesis import strategies as st

from tests.client.described import class_of_id
from wxoa import strategies
from wxoa.catalog import CATALOG
from wxruntime.call import Call
from wxruntime.catalog import Endpoint, Field
from wxruntime.strategies import integers, texts

__all__ = ["Answer", "answer_of", "arguments", "plain_call", "request"]

SPEC = Path(__file__).parents[2] / "spec"


@frozen
class Answer:
    """Where the content of an answer stands, which only the specification says."""

    key: str
    """The key that it stands under; empty when it is the whole answer."""
    fill: Mapping[str, str] = field(factory=dict[str, str])
    """Field of the content → the parameter that it repeats where the answer does not say it."""


@cache
def _described() -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for path in sorted(SPEC.rglob("*.yaml")):
        module: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        endpoints: dict[str, dict[str, Any]] = module.get("endpoints", {})
        for name, endpoint in endpoints.items():
            returns: str | dict[str, Any] = endpoint.get("returns", "")
            (key,) = ("",) if isinstance(returns, str) else returns
            fill: dict[str, str] = endpoint.get("fill", {})
            asked = {field: parameter.partition(".")[2] for field, parameter in fill.items()}
            found[f"{module['module']}.{name}"] = Answer(key, asked)
    return found


def answer_of(endpoint: Endpoint) -> Answer:
    """Say where the content of an endpoint's answer stands."""
    return _described()[endpoint.operation]


def request(endpoint: Endpoint) -> Callable[..., Call[Any]]:
    """Find the function that makes an endpoint's calls."""
    module, _, function = endpoint.operation.partition(".")
    made: Callable[..., Call[Any]] = getattr(importlib.import_module(f"wxoa.{module}"), function)
    return made


def arguments(endpoint: Endpoint) -> st.SearchStrategy[dict[str, Any]]:
    """Make arguments by name: those that must be given, and others there or not."""
    asked = endpoint.parameters
    needed = {field.name: _values(field) for field in asked if field.required}
    optional = {field.name: _values(field) for field in asked if not field.required}
    return st.fixed_dictionaries(needed, optional=optional)


def _values(parameter: Field) -> st.SearchStrategy[Any]:
    if parameter.secret:
        return st.builds("a-secret-of-tests-{}".format, st.text("abc", max_size=4))
    if parameter.type.of in CATALOG.enums:
        kind = class_of_id(parameter.type.of)
        return st.sampled_from(kind) | (texts() if issubclass(kind, str) else integers())
    if parameter.type.of in CATALOG.unions:
        module, _, name = parameter.type.of.partition(".")
        made: st.SearchStrategy[Any] = getattr(getattr(strategies, module), name.lower())()
        return made
    singles: dict[str, st.SearchStrategy[Any]] = {
        "string": texts(),
        "integer": integers(),
        "timestamp": integers(),
        "boolean": st.booleans(),
        "file": st.binary(max_size=8),
    }
    return singles[parameter.type.name]


def plain_call(endpoint: Endpoint) -> Call[Any]:
    """Make a call with whatever must be given, for a test that is about its answer."""
    given: dict[str, Any] = {"string": "given", "integer": 1, "timestamp": 1, "file": b"file"}
    made = {
        field.name: given.get(field.type.name, field.type.of and class_of_any(field.type.of))
        for field in endpoint.parameters
        if field.required
    }
    return request(endpoint)(**made)


def class_of_any(id: str) -> Any:
    """Make some value of an enumeration or a union."""
    if id in CATALOG.enums:
        return next(iter(class_of_id(id)))
    model = next(iter(CATALOG.unions[id].variants.values()))
    needed = [field.name for field in CATALOG.models[model].fields if field.required]
    return class_of_id(model)(**dict.fromkeys(needed, "given"))
