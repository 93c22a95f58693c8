"""Characters that queries leave as they are, because the platform wants them so."""

from importlib import import_module
from types import ModuleType

from wxruntime.request import write_target, write_url
from wxruntime.service import Service


def _service(package: ModuleType) -> Service:
    service = import_module(f"{package.__name__}._service").SERVICE
    assert isinstance(service, Service)
    return service


def _address(package: ModuleType, account: str) -> str:
    service = _service(package)
    target = write_target(service, package.chat.get(account))
    return write_url(service, "https://api.acme.example", target, None)


def test_what_is_named_stands_as_it_is(package: ModuleType) -> None:
    """In values alone: a name is escaped, and so is every other character."""
    assert _address(package, "sara@acme") == (
        "https://api.acme.example/get?kf%40account=sara@acme&at=12:30&open=0"
    )
    assert _address(package, "x y&z=@gh#1/2?+%客").endswith(
        "=x%20y%26z%3D@gh%231%2F2%3F%2B%25%E5%AE%A2&at=12:30&open=0"
    )


def test_the_service_says_which(package: ModuleType) -> None:
    """So that whatever sends its calls writes the same."""
    assert _service(package).raw_in_query == "@:"
