"""Captured payloads through the decoders: whatever goes in has to come out again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from attrs import frozen

from wxruntime.catalog import Endpoint
from wxruntime.errors import DecodeError, WeChatError
from wxruntime.surface import Surface
from wxruntime.wire import JsonObject, JsonValue, json, text, xml
from wxruntime.wire.types import codec_of

__all__ = ["report_samples"]

FAMILY = "kf_session"


@frozen
class _Sample:
    """One payload and what it is: a request or an answer of an endpoint, or an event."""

    name: str
    body: bytes
    endpoint: Endpoint | None
    direction: str


def report_samples(surface: Surface, folder: Path, out: TextIO) -> bool:
    """Feed the session family's payloads of a folder through the decoders, and print the count.

    Args:
        surface: The generated package.
        folder: Where `index.json` says what each file is.
        out: Where to print.

    Returns:
        Whether every payload came through whole.
    """
    samples = [*_session_family(surface, folder)]
    print(f"\ncaptured payloads of the session family, from {folder}", file=out)
    whole = 0
    for sample in samples:
        problem = _problem(surface, sample)
        whole += not problem
        print(f"  {'whole ' if not problem else 'BROKEN'}  {sample.name}{problem}", file=out)
    print(f"{whole} of {len(samples)} came through whole", file=out)
    return whole == len(samples)


def _session_family(surface: Surface, folder: Path) -> Iterator[_Sample]:
    """Find the payloads by what the catalog describes."""
    endpoints = {
        (endpoint.method, endpoint.path): endpoint
        for endpoint in surface.catalog.endpoints.values()
        if endpoint.operation.startswith(f"{FAMILY}.")
    }
    index = json.loads_object((folder / "index.json").read_bytes())
    for name, said in sorted(index.items()):
        if not isinstance(said, dict):
            continue
        endpoint = endpoints.get((text(said.get("method"), "", ""), text(said.get("path"), "", "")))
        described = text(said.get("event"), "", "") in surface.catalog.events
        if endpoint is not None or described:
            direction = text(said.get("direction"), "", "event")
            yield _Sample(name, (folder / name).read_bytes(), endpoint, direction)


def _problem(surface: Surface, sample: _Sample) -> str:
    """Say what was lost of a payload; empty when nothing was."""
    try:
        if sample.endpoint is None:
            sent, back = _event(surface, sample.body)
        else:
            sent = json.loads_object(sample.body)
            if sample.direction == "request":
                back = _request(surface, sample.endpoint, sent)
            else:
                back = _answer(surface, sample.endpoint, sample.body)
    except WeChatError as error:
        return f": {error}"
    return "" if _within(sent, back) else f": sent {sent!r}, got back {back!r}"


def _event(surface: Surface, body: bytes) -> tuple[JsonValue, JsonValue]:
    event = surface.decode(body)
    sent = json.loads(body) if body.lstrip()[:1] == b"{" else xml.loads(body)
    return sent, xml.loads(surface.encode(event))


def _request(surface: Surface, endpoint: Endpoint, sent: JsonObject) -> JsonValue:
    """Build the call with the sample's values, and return what it would send."""
    given = {f.name: sent[f.wire] for f in (*endpoint.query, *endpoint.body) if f.wire in sent}
    call = surface.call(endpoint.operation, **given)
    return {**call.query, **(call.body if isinstance(call.body, dict) else {})}


def _answer(surface: Surface, endpoint: Endpoint, body: bytes) -> JsonValue:
    """Decode the sample as an answer, and return it encoded again."""
    required = {f.name: "" for f in (*endpoint.query, *endpoint.body) if f.required}
    answer = json.loads_object(body)
    keys = [key for key, value in answer.items() if isinstance(value, list)]
    decoded = surface.call(endpoint.operation, **required).decode(answer)
    if isinstance(decoded, list):
        items: list[object] = [*decoded]
        return {keys[0]: [_encoded(item) for item in items]} if keys else {}
    return _encoded(decoded)


def _encoded(value: object) -> JsonValue:
    codec = codec_of(type(value))
    if codec is None:
        raise DecodeError(f"expected a model of the package, got {type(value).__name__}")
    return codec.encode(value)


def _within(sent: JsonValue, back: JsonValue) -> bool:
    """Say whether all that was sent came back, be it beside what the client filled in."""
    if isinstance(sent, dict) and isinstance(back, dict):
        return all(key in back and _within(value, back[key]) for key, value in sent.items())
    if isinstance(sent, list) and isinstance(back, list):
        return len(sent) == len(back) and all(map(_within, sent, back))
    return str(sent) == str(back)
