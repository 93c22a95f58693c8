"""What a refusal of the platform means, in one line."""

from __future__ import annotations

from wxruntime.catalog import Catalog
from wxruntime.errors import ApiError

__all__ = ["refusal"]


def refusal(error: ApiError, catalog: Catalog) -> str:
    """Say which code it is, what it means, what to do, and what the platform said."""
    described = catalog.errors.get(error.code)
    meaning = described.doc if described else "The specification does not describe this code."
    remedy = f" {error.remedy}" if error.remedy else ""
    said = f" WeChat says: {error.message}" if error.message else ""
    rid = f" (rid {error.rid})" if error.rid and error.rid not in error.message else ""
    where = f"{error.operation}: " if error.operation else ""
    return f"{where}{error.code} {type(error).__name__}: {meaning}{remedy}{said}{rid}"
