"""The Official Account that the local WeChat serves."""

from __future__ import annotations

from attrs import Attribute, field, frozen

from wxruntime.credentials import check_credential

__all__ = ["Account"]


def _check(instance: object, attribute: Attribute[str], value: str) -> None:
    """Refuse a credential that the client would refuse as well."""
    check_credential(attribute.name, value)


@frozen
class Account:
    """The one Official Account of a local WeChat."""

    app_id: str = field(validator=_check)
    app_secret: str = field(validator=_check, repr=False)
    user_name: str = "gh_local"
    """The original id of the account, which is the receiver of every push."""
