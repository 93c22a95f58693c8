"""What else a caller has to know, and how the wire differs from its documentation."""

import inspect
import re
from types import ModuleType

CLOSE = """Close a conversation.

Deprecated: Conversations end by themselves.

The customer is not told.

Documentation: The page says POST.

Args:
    openid: The customer. Starts with o. Documentation: One client sends OpenID.
    at: When, in Unix seconds
    state: For tests.

Returns:
    {returns}

Source: https://acme.example/docs/close"""

CLASSES = {
    "chat.Session": "One conversation.|A customer has at most one.|The page calls it a chat.",
    "chat.State": "Phase of a conversation.|It never goes back.|The page has two values.",
    "events.ClosedEvent": "A conversation was closed.|It comes once.|The page shows two.",
    "events.TextMessage": "A customer wrote.|Emoji are text.|The page forgets them.",
    "replies.TextReply": "The customer gets a text.|At most 600.|The page says 2048 bytes.",
}

FIELDS = {
    "openid": "The customer. Starts with o. Documentation: One client reads OpenID.",
    "account": "The account (客服; by id). Documentation: On no page.",
    "began": "Time of the first message (首次; a.m.), in Unix seconds; 0 before it. It stays.",
    "ended": "End of it in Unix seconds.",
    "silent": "In Unix seconds.",
    "texts": "The messages.",
}


def test_a_call_has_a_paragraph_for_each(package: ModuleType) -> None:
    """Function and methods have the same docstring but for what they return."""
    chat = package.chat
    result = "`Session`: One conversation."
    returns = {
        chat.close: f"The call; a client that sends it returns {result}",
        chat.Chat.close: result,
        chat.AsyncChat.close: result,
    }

    for described, text in returns.items():
        assert inspect.getdoc(described) == CLOSE.format(returns=text)


def test_a_class_has_a_paragraph_for_each(package: ModuleType) -> None:
    """What differs from the documentation comes last, and the page after it."""
    for name, said in CLASSES.items():
        module, _, cls = name.partition(".")
        doc, notes, why = said.split("|")
        expected = f"{doc}\n\n{notes}\n\nDocumentation: {why}"
        written = inspect.getdoc(getattr(getattr(package, module), cls))

        assert (written or "").partition("\n\nSource: ")[0] == expected


def test_a_field_has_a_sentence_for_each(package: ModuleType) -> None:
    """Behind its own, which names the unit; a sentence is ended before another one follows."""
    source = inspect.getsource(package.chat.Session).split('"""', 2)[2]
    found = re.findall(r'^    (\w+): .*\n    """((?:.|\n)*?)"""', source, re.MULTILINE)
    count = inspect.getdoc(package.chat.Session.text_count)

    assert {name: " ".join(text.split()) for name, text in found[:-1]} == FIELDS
    assert found[-1][0] == "unknown"
    assert count == "Number of messages. At most 100. Documentation: The page allows 50."


def test_a_union_has_a_paragraph_for_each(package: ModuleType) -> None:
    """They stand below its type."""
    paragraphs = "What is sent.\n\nOne kind for now.\n\nDocumentation: The page has more.\n"

    assert f'"""{paragraphs}"""' in inspect.getsource(package.chat)
