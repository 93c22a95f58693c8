"""One description, two façades: one that waits, and one that is awaited."""

import asyncio
from types import ModuleType
from typing import Any

from wxspec.names import MODULE_SCOPE


def test_the_async_facade_awaits_the_call_of_the_function(package: ModuleType) -> None:
    """It sends what the other façade sends."""
    sent: list[object] = []

    class Sender:
        async def send(self, call: object) -> str:
            sent.append(call)
            return "answer"

    async def use() -> list[Any]:
        chat = package.chat.AsyncChat(Sender())
        return [await chat.get(openid="o6_abc"), await chat.close("o6_abc"), await chat.list()]

    answers = asyncio.run(use())

    assert answers == ["answer", None, "answer"]
    assert sent == [package.chat.get("o6_abc"), package.chat.close("o6_abc"), package.chat.list()]


def test_both_clients_know_the_same_service(package: ModuleType) -> None:
    """The package offers both; each has a property for every module with calls."""
    assert package.Client.service is package.AsyncClient.service
    for client in (package.Client, package.AsyncClient):
        assert isinstance(vars(client)["chat"], property)
        assert isinstance(vars(client)["async_chat"], property)


def test_no_module_hides_what_a_client_can_do(package: ModuleType) -> None:
    """What both clients have by birth is reserved."""
    for client in (package.Client, package.AsyncClient):
        inherited = {name for base in client.__bases__ for name in dir(base)}

        assert {name for name in inherited if not name.startswith("_")} <= MODULE_SCOPE


def test_a_class_is_found_in_its_own_module(package: ModuleType) -> None:
    """Two modules may each have a class of one name."""
    assert package.chat.AsyncChat is not package.async_chat.AsyncChat
    assert package.Client.async_chat.fget(None).ping.__doc__ == "Say hello."
    assert type(package.AsyncClient.chat.fget(None)) is package.chat.AsyncChat
    assert type(package.AsyncClient.async_chat.fget(None)) is package.async_chat.AsyncAsyncChat
