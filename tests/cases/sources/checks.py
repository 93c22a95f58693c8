"""The page that describes a part of a module: its own, that of the module, or none."""

import inspect
from types import ModuleType

CHAT = "https://acme.example/docs/chat"
PAGES = {
    "chat.close": CHAT,
    "chat.open": "https://acme.example/docs/open",
    "chat.count": "",
    "lists.clear": "",
    "closed": CHAT,
    "opened": "https://acme.example/docs/opened",
    "text": "",
}


def test_a_part_has_the_page_of_its_module_unless_it_says_otherwise(package: ModuleType) -> None:
    """The catalog has it."""
    catalog = package.catalog.CATALOG
    parts = {**catalog.endpoints, **catalog.events, **catalog.messages}

    assert {name: part.source for name, part in parts.items() if name in PAGES} == PAGES
    assert catalog.replies["text"].source == CHAT


def test_a_docstring_ends_with_the_page(package: ModuleType) -> None:
    """Where there is one."""
    described = (package.chat.close, package.events.ClosedEvent, package.replies.TextReply)
    undocumented = (package.chat.count, package.lists.clear, package.events.TextMessage)

    assert all(f"Source: {CHAT}" in (inspect.getdoc(part) or "") for part in described)
    assert not any("Source:" in (inspect.getdoc(part) or "") for part in undocumented)
