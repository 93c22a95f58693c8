"""Lists inside an object, and answers of which one key is wanted."""

from types import ModuleType

import pytest

from wxruntime.errors import DecodeError


def test_a_count_is_the_length_of_its_list(package: ModuleType) -> None:
    """It is a property, so that it cannot disagree with the list."""
    head = package.queue.Head(items=[package.queue.Case("a"), package.queue.Case("b")])

    assert head.item_count == 2


def test_one_key_of_the_answer_is_returned(package: ModuleType) -> None:
    """A list, a model or a number may stand under the key."""
    queue = package.queue

    assert queue.cases().decode({"caselist": [{"openid": "a"}]}) == [queue.Case("a")]
    assert queue.cases().decode({}) == []
    assert queue.first().decode({"case": {"openid": "a"}}) == queue.Case("a")
    assert queue.size().decode({"count": "7"}) == 7


def test_an_error_names_the_item(package: ModuleType) -> None:
    """The path of a decode error leads to the value."""
    with pytest.raises(DecodeError, match=r"caselist\[1\]\.openid"):
        package.queue.cases().decode({"caselist": [{"openid": "a"}, {}]})
