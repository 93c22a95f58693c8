"""Fields of an answer that repeat what was asked."""

from types import ModuleType


def test_the_answer_gets_what_was_asked(package: ModuleType) -> None:
    """A field that the answer does not repeat comes from the request."""
    session = package.chat.get("o6_abc").decode({"kfAccount": "sara@acme"})

    assert session == package.chat.Session("o6_abc", "sara@acme")


def test_what_the_answer_says_itself_wins(package: ModuleType) -> None:
    """A field that the answer does repeat is left alone."""
    assert package.chat.get("asked").decode({"openid": "answered"}).openid == "answered"


def test_every_item_of_a_list_is_filled(package: ModuleType) -> None:
    """Parameters keep their values though they are called like a reader's own variables."""
    call = package.chat.search(package.chat.Level.HIGH, answer="sara@acme", found="o6_abc")

    assert call.query == {"level": "2"}
    assert call.body == {"answer": "sara@acme", "found": "o6_abc", "page": 1}
    assert call.decode({"sessions": [{}, {"level": 1}]}) == [
        package.chat.Session("o6_abc", "sara@acme", package.chat.Level.HIGH),
        package.chat.Session("o6_abc", "sara@acme", package.chat.Level.LOW),
    ]
