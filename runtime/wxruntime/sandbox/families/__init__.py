"""The families of calls that the local WeChat serves, named as in the catalog.

To serve another family, write its class in a module with the name of the family, and add it to
`FAMILIES`.
"""

from __future__ import annotations

from collections.abc import Mapping

from wxruntime.sandbox.calls import Handler, Handlers
from wxruntime.sandbox.families.base import BaseCalls
from wxruntime.sandbox.families.family import Family
from wxruntime.sandbox.families.kf_account import KfAccountCalls
from wxruntime.sandbox.families.kf_message import KfMessageCalls
from wxruntime.sandbox.families.kf_record import KfRecordCalls
from wxruntime.sandbox.families.kf_session import KfSessionCalls
from wxruntime.sandbox.families.media import MediaCalls
from wxruntime.sandbox.families.voice import VoiceCalls
from wxruntime.sandbox.state import PlatformState

__all__ = ["handlers"]

FAMILIES: Mapping[str, type[Family]] = {
    "base": BaseCalls,
    "kf_account": KfAccountCalls,
    "kf_message": KfMessageCalls,
    "kf_record": KfRecordCalls,
    "kf_session": KfSessionCalls,
    "media": MediaCalls,
    "voice": VoiceCalls,
}
"""Family → the class that answers its calls."""


def handlers(state: PlatformState) -> Handlers:
    """Return the handler of each operation in the catalog that a family serves."""
    families = {name: kind(state) for name, kind in FAMILIES.items()}
    found: Handlers = {}
    for operation in state.catalog.endpoints:
        family, _, call = operation.partition(".")
        handler: Handler | None = getattr(families.get(family), call, None)
        if handler is not None:
            found[operation] = handler
    return found
