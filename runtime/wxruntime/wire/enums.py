"""Enumerations that stay open: the platform may send a value nobody described.

Such a value becomes a pseudo-member, equal to its value and kept through encoding, and it
says of itself that it is unknown.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["OpenEnum", "OpenIntEnum"]

E = TypeVar("E", bound=Enum)


def _unknown(member: E, value: object) -> E:
    """Dress a new instance as a member that no class attribute names."""
    member._name_ = f"UNKNOWN_{value}"
    member._value_ = value
    return member


class _Open(Enum):
    """What both kinds have in common."""

    @property
    def known(self) -> bool:
        """Whether the specification describes this value."""
        return type(self).__members__.get(self._name_) is self

    def __reduce_ex__(self, protocol: object) -> tuple[type[Self], tuple[object]]:
        # By value: some versions of Python look a member up by a name that is none here.
        return type(self), (self._value_,)


class OpenEnum(str, _Open):
    """Text that is usually one of a few values."""

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        return _unknown(str.__new__(cls, value), value) if isinstance(value, str) else None

    __str__ = str.__str__


class OpenIntEnum(int, _Open):
    """A number that is usually one of a few values."""

    @classmethod
    def _missing_(cls, value: object) -> OpenIntEnum | None:
        return _unknown(int.__new__(cls, value), value) if isinstance(value, int) else None

    __str__ = int.__repr__  # int's own __str__ asks for the repr, and that is the member's

    def __format__(self, format_spec: str) -> str:
        return int.__format__(self, format_spec)
