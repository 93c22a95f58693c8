"""Open enumerations: the platform may send a value that the specification does not describe.

Such a value becomes a pseudo-member that equals the value, is encoded unchanged, and whose `known`
is False.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["OpenEnum", "OpenIntEnum"]

E = TypeVar("E", bound=Enum)


def _unknown(member: E, value: object) -> E:
    """Turn a new instance into a member that is no attribute of the class."""
    member._name_ = f"UNKNOWN_{value}"
    member._value_ = value
    return member


class _Open(Enum):
    """The common part of both kinds."""

    @property
    def known(self) -> bool:
        """Whether the specification describes this value."""
        return type(self).__members__.get(self._name_) is self

    def __reduce_ex__(self, protocol: object) -> tuple[type[Self], tuple[object]]:
        # By value: some versions of Python look a member up by name, and an unknown one has none.
        return type(self), (self._value_,)


class OpenEnum(str, _Open):
    """An open enumeration of text values."""

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        return _unknown(str.__new__(cls, value), value) if isinstance(value, str) else None

    __str__ = str.__str__


class OpenIntEnum(int, _Open):
    """An open enumeration of numbers."""

    @classmethod
    def _missing_(cls, value: object) -> OpenIntEnum | None:
        return _unknown(int.__new__(cls, value), value) if isinstance(value, int) else None

    __str__ = int.__repr__  # int.__str__ would use the member's __repr__

    def __format__(self, format_spec: str) -> str:
        return int.__format__(self, format_spec)
