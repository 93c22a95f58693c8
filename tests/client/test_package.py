"""The generated package as its users see it."""

from __future__ import annotations

import ast
import copy
import importlib
import json
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import define

import wxoa
import wxruntime
from wxoa import Client, converter, errors, events, kf_session, replies
from wxoa.base import AccessToken
from wxoa.kf_session import Session, WaitCase, WaitCaseListResult
from wxruntime.call import Call
from wxruntime.errors import DecodeError, EncodeError, HttpError, SignatureError, TransportError
from wxruntime.wire import JsonObject, Timestamp


def folder_of(package: Any) -> Path:
    """Find the folder of a package."""
    return Path(package.__file__).parent


def run(code: str) -> Any:
    """Run code in a fresh interpreter; what it prints is JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )

    assert done.stderr == ""
    return json.loads(done.stdout)


MODULES = [name for name in wxoa.__all__ if isinstance(getattr(wxoa, name), ModuleType)]


class TestImport:
    def test_importing_the_package_loads_next_to_nothing(self) -> None:
        """Neither HTTP nor attrs nor any family; each comes with its first use."""
        loaded = run(
            "import sys, json; import wxoa; "
            "print(json.dumps([name for name in sys.modules if name.split('.')[0] in "
            "('wxoa', 'wxruntime', 'urllib3', 'attr', 'attrs', 'cattrs', 'hypothesis')]))"
        )

        assert sorted(loaded) == ["wxoa", "wxruntime", "wxruntime.lazy"]

    def test_one_family_loads_no_other(self) -> None:
        """Whoever reads pushes pays neither for HTTP nor for the calls."""
        loaded = run(
            "import sys, json; from wxoa import events; events.decode; "
            "print(json.dumps([name for name in sys.modules if name.split('.')[0] in "
            "('wxoa', 'urllib3', 'cattrs', 'hypothesis')]))"
        )

        assert sorted(loaded) == ["wxoa", "wxoa._patterns", "wxoa.events"]

    def test_replies_load_neither_pushes_nor_calls(self) -> None:
        """Whoever writes replies pays for nothing else."""
        loaded = run(
            "import sys, json; from wxoa import replies; replies.encode; "
            "print(json.dumps([name for name in sys.modules if name.split('.')[0] in "
            "('wxoa', 'urllib3', 'cattrs', 'hypothesis', 'cryptography')]))"
        )

        assert sorted(loaded) == ["wxoa", "wxoa.replies"]

    def test_the_client_loads_a_family_on_first_use(self) -> None:
        """`client.kf_session` is where its module is loaded."""
        before, after = run(
            "import sys, json; from wxoa import Client; "
            "client = Client(app_id='wx1', app_secret='s'); "
            "before = 'wxoa.kf_session' in sys.modules; "
            "client.kf_session; print(json.dumps([before, 'wxoa.kf_session' in sys.modules]))"
        )

        assert (before, after) == (False, True)

    def test_a_star_import_brings_what_is_listed(self) -> None:
        """Everything in `__all__` is there, and nothing else."""
        names = run(
            "import json; space = {}; exec('from wxoa import *', space); "
            "print(json.dumps(sorted(set(space) - {'__builtins__'})))"
        )

        assert names == sorted(wxoa.__all__)

    @pytest.mark.parametrize("name", wxoa.__all__)
    def test_every_listed_name_is_an_attribute(self, name: str) -> None:
        """It is found by attribute, by `dir()` and again as the same object."""
        assert getattr(wxoa, name) is getattr(wxoa, name)
        assert name in dir(wxoa)

    def test_an_unknown_name_is_an_attribute_error(self) -> None:
        """In the words Python has for it, for `getattr`, `hasattr` and `from … import`."""
        with pytest.raises(AttributeError, match="module 'wxoa' has no attribute 'nothing'"):
            _ = wxoa.nothing  # pyright: ignore
        with pytest.raises(ImportError, match="nothing"):
            exec("from wxoa import nothing")

        assert not hasattr(wxoa, "nothing")

    @pytest.mark.parametrize("module", MODULES)
    def test_every_module_lists_what_it_has(self, module: str) -> None:
        """Each name in `__all__` of a public module is an attribute of the module."""
        found = importlib.import_module(f"wxoa.{module}")

        assert [name for name in found.__all__ if not hasattr(found, name)] == []

    def test_the_package_is_typed(self) -> None:
        """Both packages say so to type checkers."""
        assert (folder_of(wxoa) / "py.typed").exists()
        assert (folder_of(wxruntime) / "py.typed").exists()


def test_a_token_is_not_shown() -> None:
    """The repr of a grant has its lifetime and no token."""
    assert repr(AccessToken("the-token", 7200)) == "AccessToken(expires_in=7200)"


def test_the_events_of_the_catalog_are_the_event_types() -> None:
    """Each class knows its name on the wire."""
    catalog = wxoa.catalog.CATALOG
    known = {
        name: getattr(events, event.class_name).event_type for name, event in catalog.events.items()
    }

    assert known == {name: events.EventType(name) for name in catalog.events}
    assert set(known) == set(events.EventType)


def test_the_kinds_of_the_catalog_are_those_of_the_classes() -> None:
    """Each message and each reply knows its kind on the wire."""
    catalog = wxoa.catalog.CATALOG
    messages = {
        kind: getattr(events, message.class_name).message_type
        for kind, message in catalog.messages.items()
    }
    replied = {
        kind: getattr(replies, reply.class_name).reply_type
        for kind, reply in catalog.replies.items()
    }

    assert messages == {kind: kind for kind in events.MessageType}
    assert replied == {kind: kind for kind in replies.ReplyType}


class TestCalls:
    def test_a_call_is_a_value(self) -> None:
        """It is equal to one that asks the same, can be shown and sent to another process."""
        call = kf_session.create("o6_a", "sara@acme", text="order 1234")
        again = pickle.loads(pickle.dumps(call))

        assert isinstance(again, Call)
        assert again == call == kf_session.create("o6_a", "sara@acme", "order 1234")
        assert call != kf_session.create("o6_a", "sara@acme")
        assert call != kf_session.close("o6_a", "sara@acme", "order 1234")
        assert "order 1234" in repr(call)

    def test_a_call_that_travelled_decodes_as_before(self) -> None:
        """What the request knows goes with it."""
        call = pickle.loads(pickle.dumps(kf_session.get("o6_a")))

        assert call.decode({"kf_account": "sara@acme"}) == Session("o6_a", "sara@acme")

    def test_a_call_says_what_may_be_repeated(self) -> None:
        """Reading and opening may; closing may not."""
        assert kf_session.get("o").idempotent
        assert kf_session.create("o", "a").idempotent
        assert not kf_session.close("o", "a").idempotent

    def test_every_endpoint_of_the_catalog_is_a_property_of_the_client(self) -> None:
        """Each as a function of its module and as a method of its family."""
        client = Client(app_id="wx1", app_secret="s")
        for operation in wxoa.catalog.CATALOG.endpoints:
            family, _, function = operation.partition(".")

            assert callable(getattr(getattr(client, family), function))
            assert callable(getattr(getattr(wxoa, family), function))


ERRORS = [
    errors.SessionNotFound(65413, "no session", "rid-1", "kf_session.close"),
    errors.ApiError(99999999),
    TransportError("no connection"),
    HttpError("expected status 200", 502),
    DecodeError("expected a string", ("items", 0, "openid")),
    EncodeError("expected text"),
    SignatureError("no"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_copy_and_pickle(error: errors.WeChatError) -> None:
    """With everything it says, so that it crosses threads and processes."""
    for again in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert again.args == error.args
        assert vars(again) == vars(error)


@define
class Desk:
    """A class of a user, around generated ones."""

    name: str
    current: Session
    queue: WaitCaseListResult
    others: list[Session]
    spare: Session | None = None


class TestConverter:
    wire: JsonObject = {  # noqa: RUF012
        "name": "front",
        "current": {"openid": "o6_a", "createtime": "12", "new": {"x": [1]}},
        "queue": {"count": 1, "waitcaselist": [{"openid": "o6_b", "latest_time": 5}]},
        "others": [{"openid": "o6_c"}],
        "spare": None,
    }
    desk = Desk(
        "front",
        Session("o6_a", "", Timestamp(12), {"new": {"x": [1]}}),
        WaitCaseListResult(1, [WaitCase("o6_b", Timestamp(5))]),
        [Session("o6_c")],
    )

    def test_models_fit_inside_other_classes(self) -> None:
        """By their names on the wire, both ways."""
        structured = converter.structure(self.wire, Desk)
        unstructured = converter.unstructure(structured)

        assert structured == self.desk
        assert type(structured.current.create_time) is Timestamp
        assert unstructured["current"] == {
            "openid": "o6_a",
            "kf_account": "",
            "createtime": 12,
            "new": {"x": [1]},
        }
        assert converter.structure(unstructured, Desk) == self.desk

    def test_what_is_structured_stays_as_it_was(self) -> None:
        """Decoders take apart what they are given, so they are given a copy."""
        before = copy.deepcopy(self.wire)

        structured = converter.structure(self.wire, Desk)
        structured.current.unknown["x-new"] = 1

        assert self.wire == before
        assert converter.structure(self.wire, Desk) == self.desk

    def test_a_wrong_shape_is_a_decode_error(self) -> None:
        """For a model by itself; inside other classes it is part of the converter's own."""
        with pytest.raises(DecodeError, match="expected an object, got a list"):
            converter.structure([], Session)
        with pytest.raises(DecodeError, match="required"):
            converter.structure({}, Session)


IMPORTS = (
    ("wxruntime", ("wxoa", "wxspec", "jinja2", "yaml")),
    ("wxoa", ("wxspec", "jinja2", "yaml")),
)


@pytest.mark.parametrize(("package", "forbidden"), IMPORTS)
def test_imports_go_one_way(package: str, forbidden: tuple[str, ...]) -> None:
    """No file imports from above itself or from the compiler, not even for its types."""
    found: list[str] = []
    files = sorted(folder_of(importlib.import_module(package)).rglob("*.py"))
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                names = [node.module]
            found += [
                f"{file.name}: {name}" for name in names if name.partition(".")[0] in forbidden
            ]

    assert len(files) > 5
    assert found == []


def test_a_stranger_is_told_what_it_lacks() -> None:
    """A required argument that is missing is Python's own error, by its name."""
    with pytest.raises(TypeError, match="openid"):
        kf_session.get()  # type: ignore[call-arg]  # pyright: ignore
