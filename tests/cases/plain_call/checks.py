"""A call is a value: what goes out, and what comes of the answer."""

from types import ModuleType


def test_get_puts_its_parameter_into_the_query(package: ModuleType) -> None:
    """A GET has a query and no body, and may be sent again."""
    call = package.chat.get("o6_abc")

    assert (call.method, call.path, call.operation) == ("GET", "/session/get", "chat.get")
    assert call.query == {"openid": "o6_abc"}
    assert call.body is None
    assert call.idempotent


def test_create_puts_its_parameter_into_the_body(package: ModuleType) -> None:
    """A POST has a body, returns nothing and is not sent twice."""
    call = package.chat.create("o6_abc")

    assert call.body == {"openid": "o6_abc"}
    assert call.decode({}) is None
    assert not call.idempotent


def test_an_answer_becomes_the_model(package: ModuleType) -> None:
    """What an answer holds beyond the model is kept."""
    session = package.chat.get("o6_abc").decode({"openid": "o6_abc", "extra": 1})

    assert session == package.chat.Session("o6_abc", unknown={"extra": 1})
    assert session.create_time == 0


def test_the_facade_sends_the_call_of_the_function(package: ModuleType) -> None:
    """The façade adds nothing but the sending."""
    sent: list[object] = []

    class Sender:
        def send(self, call: object) -> str:
            sent.append(call)
            return "answer"

    answer = package.chat.Chat(Sender()).get(openid="o6_abc")

    assert answer == "answer"
    assert sent == [package.chat.get("o6_abc")]
