"""Calls that need no access token, are safe to repeat or not, or are no longer to be used."""

from types import ModuleType


def test_a_call_says_whether_it_wants_a_token(package: ModuleType) -> None:
    """The call for a token cannot want one."""
    base = package.base

    assert base.ping().token
    assert not base.token("a", "b").token
    assert not base.old_token("a").token


def test_a_call_says_whether_it_may_be_repeated(package: ModuleType) -> None:
    """A GET may, a POST may not, and either may say otherwise."""
    base = package.base

    assert base.ping().idempotent
    assert base.token("a", "b").idempotent
    assert not base.old_token("a").idempotent


def test_the_client_fetches_its_token_with_the_call_that_the_service_names(
    package: ModuleType,
) -> None:
    """What a dead token looks like is known as well."""
    service = package.Client.service

    assert service.grant is package.base.token
    assert service.dead_token == {40001}
    assert service.token_parameter == "access_token"


def test_the_docstring_says_what_a_caller_has_to_know(package: ModuleType) -> None:
    """Deprecation, doubts, arguments, errors and the page, in this order."""
    doc = package.base.old_token.__doc__
    said = (
        "Fetch the access token as one used to.",
        "Deprecated: It ends the token of everybody else; use token.",
        "The page says otherwise.",
        "app_id: The account. Documentation: It was called app once.",
        "InvalidCredential: 40001. The credential is wrong.",
        "InvalidOpenid: 40003. Nobody has this openid.",
        "Source: https://acme.example/docs/old",
    )

    assert [doc.find(text) for text in said] == sorted(doc.find(text) for text in said)
    assert all(text in doc for text in said)
