"""Check: the rules beyond names and references that a specification must hold to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from wxspec.diagnostics import Report
from wxspec.ir import Ir
from wxspec.passes.check.calls import check_calls
from wxspec.passes.check.documents import check_documents
from wxspec.passes.check.fields import check_fields
from wxspec.passes.check.files import check_files
from wxspec.passes.check.homes import check_homes
from wxspec.passes.check.models import check_models
from wxspec.passes.check.pages import check_pages
from wxspec.passes.check.reserved import check_reserved
from wxspec.passes.check.service import check_service
from wxspec.passes.check.twins import check_twins
from wxspec.passes.check.unions import check_unions
from wxspec.passes.check.wires import check_wires

__all__ = ["RULES", "Rule", "check"]

Rule: TypeAlias = Callable[[Ir, Report], None]

RULES: tuple[Rule, ...] = (
    check_service,  # the facts of the service, and the calls that fetch tokens
    check_fields,  # each field by itself, and the order of fields
    check_models,  # models that contain themselves, and the values of enumerations
    check_unions,  # what tells the models of a union apart, and where a union may stand
    check_documents,  # what is pushed and replied
    check_calls,  # the body, the query and the answer of a call
    check_files,  # where a file may stand, and what a form and a raw body must hold to
    check_twins,  # the older request of a call
    check_pages,  # the way from one page to the next
    check_wires,  # names on the wire
    check_reserved,  # names on the wire that a client takes for itself
    check_homes,  # the file that a model lives in
)
"""Every rule; their order does not matter, because a report sorts its diagnostics."""


def check(whole: Ir, report: Report) -> Ir:
    """Apply every rule; nothing is changed."""
    for rule in RULES:
        rule(whole, report)
    return whole
