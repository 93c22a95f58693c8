"""The service: its hosts, the header of its pushes, its codes, and the calls that fetch tokens."""

from __future__ import annotations

import re

from wxspec import ir
from wxspec.diagnostics import Report, Span
from wxspec.types import SCALARS, scalar_row, type_name

__all__ = ["check_service"]

_TOKEN_PARAMETERS = (
    {"app id": "string", "app secret": "string", "whether to force": "boolean"},
    {"app id": "string", "app secret": "string"},
)
"""The parameters of the calls that fetch tokens, and their types."""
_RAW = "!$'()*,;:@/?"
"""The characters that RFC 3986 allows in a query, except those that separate its parts."""
_PART = r"[^\s\"'<>?#\\"
"""A character of a URL that begins neither a query nor a fragment."""
_URL = re.compile(rf"https?://{_PART}@/]+(/{_PART}]*{_PART}/])?", re.ASCII)


def check_service(whole: ir.Ir, report: Report) -> None:
    """Report facts of the service that contradict each other or cannot hold."""
    service = whole.service
    if service is None:
        return
    _check_hosts(service, report)
    _check_raw(service.query, report)
    _check_codes(service, report)
    _check_header(service.push, report)
    _check_roles(service.push, report)
    _check_token_calls(whole, service.token, report)


def _check_hosts(service: ir.Service, report: Report) -> None:
    if not service.hosts:
        report.error(service.span, "no-host", "expected at least one host, got none")
    first: dict[str, Span] = {}
    for url in (host.url for host in service.hosts):
        if not _URL.fullmatch(url):
            message = (
                "expected a base URL without a user, a query, a fragment "
                f"or a slash at its end, got {url!r}"
            )
            report.error(url.span, "bad-url", message)
        elif url in first:
            message = f"the host {url!r} is named a second time"
            report.error(url.span, "bad-url", message, f"the first is at {first[url]}")
        first.setdefault(url, url.span)


def _check_raw(query: ir.Query, report: Report) -> None:
    wrong = "".join(sorted({*query.raw} - {*_RAW}))
    if wrong:
        message = f"expected characters that a value in a query may have, got {wrong!r}"
        hint = f"those that may be left as they are: {' '.join(_RAW)}"
        report.error(query.raw.span, "not-in-query", message, hint)


def _check_codes(service: ir.Service, report: Report) -> None:
    """Report a code that would ask for another token and for another method."""
    dead = {code: code.span for code in service.token.dead}
    for code in service.envelope.wrong_method:
        if code in dead:
            message = f"the code {code} cannot ask for another token and for another method"
            report.error(code.span, "contradiction", message, f"the first is at {dead[code]}")


def _check_header(push: ir.Push, report: Report) -> None:
    for field in push.header:
        if not field.required or scalar_row(field.type).empty is None:
            which = " and ".join(row.name for row in SCALARS.values() if row.empty is not None)
            message = f"a header field is always there and of a simple type: {which}"
            report.error(field.span, "bad-header", message)


def _check_roles(push: ir.Push, report: Report) -> None:
    types = {field.name: type_name(field.type) for field in push.header}
    for role in push.roles:
        asked = "timestamp" if role.name == "time" else "string"
        if role.field in types and types[role.field] != asked:
            message = f"the {role.name} of a push is a {asked}, and {role.field!r} is none"
            report.error(role.field.span, "bad-header", message)


def _check_token_calls(whole: ir.Ir, token: ir.Token, report: Report) -> None:
    calls = {e.id: (e, module) for module in whole.modules for e in module.endpoints}
    for id, takes in zip(token.calls, _TOKEN_PARAMETERS, strict=False):
        if id in calls and not _grants(*calls[id], [*takes.values()]):
            parameters = ", ".join(f"{what} ({type_})" for what, type_ in takes.items())
            report.error(
                id.span, "bad-token-call",
                f"{id} cannot fetch access tokens",
                f"it needs token: false, the parameters {parameters}, "
                "and a model with access_token and expires_in",
            )  # fmt: skip


def _grants(endpoint: ir.Endpoint, module: ir.Module, takes: list[str]) -> bool:
    """Return whether a call with parameters of these types fetches access tokens."""
    types = [type_name(field.type) for field in endpoint.parameters]
    returns = endpoint.returns.type if endpoint.returns is not None else None
    model = next((m for m in module.models if returns == ir.ModelType(m.id, m.name)), None)
    fields = {f.name: type_name(f.type) for f in model.fields} if model else {}
    granted = fields.get("access_token") == "string" and fields.get("expires_in") == "integer"
    return types == takes and granted and not endpoint.token
