"""A second way to a token, and how often a new one may be forced."""

from types import ModuleType


def test_the_service_has_both_calls(package: ModuleType) -> None:
    """Functions of one name from two modules."""
    service = package.Client.service

    assert service.grant is package.base.token
    assert service.plain_grant is package.plain.token
    assert (service.forces_a_day, service.force_apart) == (3, 0.5)


def test_the_plain_call_shows_no_secret(package: ModuleType) -> None:
    """Though it goes into the query; and it is not sent again as if nothing had happened."""
    call = package.plain.token("wx1", "hush")

    assert call.query == {"grant_type": "client_credential", "appid": "wx1", "secret": "hush"}
    assert "hush" not in repr(call)
    assert not call.token
    assert not call.idempotent


def test_the_catalog_marks_the_credentials(package: ModuleType) -> None:
    """A parameter is a credential if the call that fetches tokens has one of the same name."""
    endpoints = package.catalog.CATALOG.endpoints
    base, plain = endpoints["base.token"], endpoints["plain.token"]

    assert [field.credential for field in base.body] == ["app_id", "app_secret", ""]
    assert [field.credential for field in plain.query] == ["", "app_id", "app_secret"]
