"""What docs/stream.md says is so."""

from __future__ import annotations

import importlib
import re

import pytest

from tests.docs.pages import Page
from wxruntime.callback.asgi import AsgiApp
from wxruntime.stream import Stream

PAGE = Page("docs/stream.md")
UNITS = {"": 1, " s": 1, " MiB": 1 << 20}
NUMBERS = re.findall(r"^\| [^|]+ \| ([\d.]+)( s| MiB|) \| `([\w.]+)` \|$", PAGE.text, re.MULTILINE)


@pytest.mark.parametrize(("number", "unit", "name"), NUMBERS)
def test_its_numbers_are_those_of_the_code(number: str, unit: str, name: str) -> None:
    """Each row names where its number stands."""
    module, _, constant = name.rpartition(".")

    assert getattr(importlib.import_module(module), constant) == float(number) * UNITS[unit]


def test_all_its_numbers_are_looked_at() -> None:
    """None is written so that it is passed over."""
    assert len(NUMBERS) == PAGE.text.partition("## Numbers")[2].count("| `wxruntime.")


def test_its_module_is_an_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the web tier, and for the workers."""
    monkeypatch.setenv("WXOA_TOKEN", "the-callback-token")
    monkeypatch.setenv("WXOA_AES_KEY", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    names: dict[str, object] = {"__name__": "app"}
    (block,) = PAGE.blocks()
    exec(compile(block, "app.py", "exec", dont_inherit=True), names)

    assert isinstance(names["application"], AsgiApp)
    assert isinstance(getattr(names["callback"], "stream", None), Stream)
