"""Chinese in documentation, in names on the wire and in values."""

from types import ModuleType


def test_names_on_the_wire_are_whatever_they_are(package: ModuleType) -> None:
    """Only what Python sees has to be a Python name."""
    call = package.kefu.send("你好")

    assert call.body == {"内容": "你好", "分组": "默认"}
    assert call.decode({"回复": {"内容": "好"}}).content == "好"


def test_documentation_stays_as_it_is(package: ModuleType) -> None:
    """Nobody escapes what can be read."""
    assert package.kefu.__doc__.startswith("Customer service (客服消息).")
    assert "要发送的内容，最多六百个汉字。" in package.kefu.send.__doc__
    assert "回复时间超过限制。" in package.kefu.send.__doc__
