"""What an editor shows about the client: the docstrings of functions, methods and fields."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import wxoa
from wxoa import kf_record
from wxoa.catalog import CATALOG
from wxruntime.catalog import Endpoint

ENDPOINTS = sorted(CATALOG.endpoints)
PAGED = sorted(name for name, endpoint in CATALOG.endpoints.items() if endpoint.paging is not None)


def documented(module: str, name: str) -> dict[str, Callable[..., Any]]:
    """Find a request function, and the methods of both façades that send its call."""
    owner = importlib.import_module(f"wxoa.{module}")
    facade = "".join(part.title() for part in module.split("_"))
    return {
        "function": getattr(owner, name),
        "method": getattr(getattr(owner, facade), name),
        "async method": getattr(getattr(owner, f"Async{facade}"), name),
    }


def sections(described: Callable[..., Any]) -> dict[str, list[str]]:
    """Split a docstring into its sections; a line that continues another is joined to it."""
    found: dict[str, list[str]] = {"": []}
    title = ""
    for line in (inspect.getdoc(described) or "").split("\n"):
        if re.fullmatch("(Args|Returns|Raises):", line):
            title = line[:-1]
            found[title] = []
        elif line.startswith("        ") or (line.startswith("    ") and title == "Returns"):
            found[title][-1:] = [" ".join((*found[title][-1:], line.strip()))]
        elif line.startswith("    "):
            found[title].append(line.strip())
        elif line:
            title = ""
            found[title].append(line)
    return found


def quoted(text: str) -> str:
    """Write a text as docstrings do, in which double quotes could end the string."""
    return text.replace('"', "'")


def assert_documented(endpoint: Endpoint, described: Callable[..., Any]) -> None:
    """Compare a docstring with the signature and with the catalog."""
    found = sections(described)
    parameters = [name for name in inspect.signature(described).parameters if name != "self"]
    errors = [CATALOG.errors[code] for code in endpoint.errors]

    assert [line.partition(": ")[0] for line in found.get("Args", [])] == parameters
    assert found.get("Raises", []) == [f"{e.name}: {e.code}. {quoted(e.doc)}" for e in errors]
    assert endpoint.source in found[""][-1]
    assert found[""][-1].startswith("Source: ") or found[""][-2] == "Source:"


@pytest.mark.parametrize("operation", ENDPOINTS)
def test_a_call_is_documented_wherever_it_is_made(operation: str) -> None:
    """Function and methods say the same: arguments, errors with their codes, and the page."""
    endpoint = CATALOG.endpoints[operation]
    for kind, described in documented(*operation.split(".")).items():
        found = sections(described)

        assert_documented(endpoint, described)
        assert " ".join(found[""]).startswith(quoted(endpoint.doc))
        assert ("Returns" in found) == (kind == "function" or bool(endpoint.returns))


@pytest.mark.parametrize("operation", PAGED)
def test_pages_are_documented_wherever_they_are_read(operation: str) -> None:
    """With the errors of the call that asks for each page."""
    endpoint = CATALOG.endpoints[operation]
    pages = endpoint.paging

    assert pages is not None
    for described in documented(operation.split(".")[0], pages.name).values():
        found = sections(described)

        assert_documented(endpoint, described)
        assert " ".join(found[""]).startswith(quoted(pages.doc))
        assert "yields" in found["Returns"][0]


def test_a_time_has_its_unit() -> None:
    """A caller gives an `int`, and reads in the docstring what it counts."""
    for described in documented("kf_record", "get_msg_list").values():
        arguments = dict(line.split(": ", 1) for line in sections(described)["Args"])

        assert "Unix seconds" in arguments["start_time"]
        assert "Unix seconds" in arguments["end_time"]
        assert "Unix seconds" not in arguments["number"]
    source = inspect.getsource(kf_record.Record)

    assert re.search(r'time: Timestamp = .*\n    """.*Unix seconds.*"""', source)


def test_docstrings_keep_to_the_convention() -> None:
    """The summary stands alone on one line, and the sections are those of Google's style."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "ruff", "check", "--no-cache", "--isolated", "--quiet"),
            # How an object is made needs no words of its own.
            *("--select", "D", "--ignore", "D107"),
            *("--config", 'lint.pydocstyle.convention = "google"'),
            str(Path(wxoa.__file__).parent),
        ],
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
