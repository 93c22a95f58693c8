"""The Official Account that the local WeChat serves."""

from __future__ import annotations

from attrs import Attribute, field, frozen

from wxruntime.credentials import check_credential

__all__ = ["Account"]


def _shown(instance: object, attribute: Attribute[str], value: str) -> None:
    """Refuse what no client can be given."""
    check_credential(attribute.name, value)


@frozen
class Account:
    """The Official Account that the local WeChat knows."""

    app_id: str = field(validator=_shown)
    app_secret: str = field(validator=_shown, repr=False)
    user_name: str = "gh_local"
    """Its original id, the receiver of every push."""
