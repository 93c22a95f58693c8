"""Receiving pushes: the callback, its handlers, and its servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wxruntime.lazy import lazy

if TYPE_CHECKING:
    from wxruntime.callback.answer import Answer as Answer
    from wxruntime.callback.base import BaseCallback as BaseCallback
    from wxruntime.callback.joining import Schedule as Schedule
    from wxruntime.callback.router import Proceed as Proceed
    from wxruntime.callback.router import Router as Router
    from wxruntime.callback.several import ByUserName as ByUserName

__all__ = ["Answer", "BaseCallback", "ByUserName", "Proceed", "Router", "Schedule"]

__getattr__, __dir__ = lazy(
    __name__,
    (),
    {
        "Answer": "answer",
        "BaseCallback": "base",
        "ByUserName": "several",
        "Proceed": "router",
        "Router": "router",
        "Schedule": "joining",
    },
)
