"""Enumerations of text and of numbers, which stay open."""

from types import ModuleType


def test_an_unknown_value_says_so(package: ModuleType) -> None:
    """The platform may send a value that nobody described."""
    (order,) = package.orders.query(package.orders.State.OPEN).decode(
        {"orders": [{"state": "lost", "priority": 99}]}
    )

    assert (order.state, order.priority) == ("lost", 99)
    assert not order.state.known
    assert not order.priority.known


def test_a_number_as_text_is_the_same_member(package: ModuleType) -> None:
    """Digits in a string are read as the number."""
    (order,) = package.orders.query(package.orders.State.OPEN).decode(
        {"orders": [{"state": "open", "priority": "10"}]}
    )

    assert order.priority is package.orders.Priority.HIGH


def test_members_go_out_as_their_values(package: ModuleType) -> None:
    """A query holds text, a body holds the value, a constant needs nobody to say it."""
    orders = package.orders

    assert orders.query(orders.State.OPEN, orders.Priority.NEGATIVE).query == {
        "state": "open",
        "priority": "-1",
    }
    assert orders.query(orders.State.DONE).query == {"state": 'done "and" dusted'}
    assert orders.push().body == {"state": "open", "priority": 10}
    assert type(orders.push(orders.State.DONE).body["state"]) is str
