"""Other libraries, as far as they are installed, and the classes that cattrs fills."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from operator import attrgetter
from types import ModuleType, SimpleNamespace
from typing import Protocol, cast

from attrs import define

from wxruntime.wire import JsonObject, Timestamp

__all__ = [
    "PUSHES",
    "JsonRoom",
    "OrJson",
    "Push",
    "Session",
    "SessionList",
    "WaitCase",
    "WaitCaseList",
    "WeChatPy",
    "XmlToDict",
    "installed",
    "json_on_orjson",
    "json_on_standard",
    "orjson",
    "versions",
    "wechatpy",
    "xmltodict",
]


class OrJson(Protocol):
    """What is used of orjson."""

    def loads(self, body: bytes, /) -> JsonObject:
        """Read JSON."""
        ...


class XmlToDict(Protocol):
    """What is used of xmltodict."""

    def parse(self, xml_input: bytes) -> dict[str, dict[str, str]]:
        """Read a document."""
        ...

    def unparse(self, input_dict: Mapping[str, Mapping[str, str]], *, full_document: bool) -> str:
        """Write a document."""
        ...


class WeChatPy:
    """What is used of wechatpy."""

    def __init__(self, parser: ModuleType, client: ModuleType, crypto: ModuleType) -> None:
        """Take it from its modules.

        Args:
            parser: `wechatpy.parser`.
            client: `wechatpy.client`.
            crypto: `wechatpy.crypto`.
        """
        self._crypto = crypto
        self.parse_message = cast("Callable[[bytes], object]", parser.parse_message)
        """Reads a push; it converts a field when that is asked for."""
        self._client = client
        made: object = client.WeChatClient("wx", "", access_token="")
        decode: Callable[[object], JsonObject] = attrgetter("_decode_result")(made)
        self._decode_result = decode

    def reader(self, body: bytes) -> Callable[[], JsonObject]:
        """Return what reads an answer, as its client does with an HTTP response."""
        response = SimpleNamespace(content=body)
        decode = self._decode_result
        return lambda: decode(response)

    def caller(self, base_url: str, path: str) -> Callable[[], object]:
        """Return what sends a GET, with a token that it holds.

        Args:
            base_url: Where the platform is, with a slash at its end.
            path: The path below it.
        """
        client = self._client.WeChatClient("wx1", "the-secret", access_token="a-token")
        client.API_BASE_URL = base_url
        client.expires_at = 2**40
        get: Callable[[str], object] = client.get
        return lambda: get(path)

    def opener(self, token: str, key: str, app_id: str) -> Callable[[bytes, str, str, str], object]:
        """Return what opens a push in safe mode: body, signature, timestamp, nonce → message."""
        crypto = self._crypto.WeChatCrypto(token, key, app_id)
        decrypt: Callable[[bytes, str, str, str], bytes] = crypto.decrypt_message
        parse = self.parse_message

        def open_it(body: bytes, signature: str, timestamp: str, nonce: str) -> object:
            return parse(decrypt(body, signature, timestamp, nonce))

        return open_it

    @staticmethod
    def fields(message: object) -> Mapping[str, str]:
        """Return what a message holds, by the names on the wire."""
        return cast("Mapping[str, str]", attrgetter("_data")(message))


def installed(name: str) -> bool:
    """Say whether a package is here."""
    return importlib.util.find_spec(name) is not None


def _found(*names: str) -> list[ModuleType] | None:
    """Import modules; None when one is not installed, or not able to run here."""
    try:
        return [importlib.import_module(name) for name in names]
    except Exception:  # wechatpy raises no less where it finds no cryptography
        return None


def orjson() -> OrJson | None:
    """Find orjson."""
    found = _found("orjson")
    return cast("OrJson", found[0]) if found else None


def xmltodict() -> XmlToDict | None:
    """Find xmltodict."""
    found = _found("xmltodict")
    return cast("XmlToDict", found[0]) if found else None


def wechatpy() -> WeChatPy | None:
    """Find wechatpy."""
    found = _found("wechatpy.parser", "wechatpy.client", "wechatpy.crypto")
    return WeChatPy(*found) if found else None


def versions() -> dict[str, str]:
    """Return the version of each peer that is here."""
    found = {"orjson": orjson(), "wechatpy": wechatpy(), "xmltodict": xmltodict()}
    here = [name for name in ("cattrs", *found) if found.get(name, True)]
    here += [name for name in ("uvicorn", "gunicorn") if installed(name)]
    return {name: version(name) for name in here}


# Our own JSON takes orjson where it is installed. A second copy that finds none shows the other.


class JsonRoom(Protocol):
    """What is used of `wxruntime.wire.json`."""

    def loads_object(self, body: bytes) -> JsonObject:
        """Read a JSON object."""
        ...


def json_on_orjson() -> JsonRoom | None:
    """Return our JSON as it reads with orjson; None where that is not installed."""
    if orjson() is None:
        return None
    return cast("JsonRoom", importlib.import_module("wxruntime.wire.json"))


def json_on_standard() -> JsonRoom:
    """Return our JSON as it reads without orjson."""
    spec = importlib.util.find_spec("wxruntime.wire.json")
    assert spec is not None  # wxruntime is what is measured
    assert spec.loader is not None
    room = importlib.util.module_from_spec(spec)
    with _without("orjson"):
        spec.loader.exec_module(room)
    return cast("JsonRoom", room)


@contextmanager
def _without(name: str) -> Generator[None, None, None]:
    """Let a module look as if it were not installed."""
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    before = {name: modules[name]} if name in modules else {}
    modules[name] = None
    try:
        yield
    finally:
        del modules[name]
        modules.update(before)


# Classes equal to ours but for two things: their names are those of the wire, so that a plain
# converter fits, and they do not keep what nobody described.


@define
class Push:
    """What every push has."""

    ToUserName: str
    FromUserName: str
    CreateTime: Timestamp
    MsgType: str
    Event: str


@define
class CreateSession(Push):
    """`kf_create_session`."""

    KfAccount: str


@define
class CloseSession(Push):
    """`kf_close_session`."""

    KfAccount: str
    CloseType: str | None = None


@define
class SwitchSession(Push):
    """`kf_switch_session`."""

    FromKfAccount: str
    ToKfAccount: str


PUSHES: dict[str, type[Push]] = {
    "kf_create_session": CreateSession,
    "kf_close_session": CloseSession,
    "kf_switch_session": SwitchSession,
}
"""Event → class."""


@define
class Session:
    """One conversation."""

    openid: str
    kf_account: str = ""
    createtime: Timestamp = Timestamp(0)


@define
class SessionList:
    """The answer that lists conversations."""

    sessionlist: list[Session]


@define
class WaitCase:
    """One customer who waits."""

    openid: str
    latest_time: Timestamp = Timestamp(0)
    kf_account: str | None = None
    createtime: Timestamp | None = None


@define
class WaitCaseList:
    """The answer that lists who waits."""

    count: int
    waitcaselist: list[WaitCase]
