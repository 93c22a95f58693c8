"""What a customer-service desk needs beyond single calls.

`Desk` and `AsyncDesk` use a client to assign waiting customers, to move a customer from one account
to another, and to show a customer the typing state. An `Allowance` counts the messages that a
customer may still be sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wxruntime.lazy import lazy

if TYPE_CHECKING:
    from wxruntime.desk.aio import AsyncDesk as AsyncDesk
    from wxruntime.desk.aio import AsyncTyping as AsyncTyping
    from wxruntime.desk.allowance import Allowance as Allowance
    from wxruntime.desk.allowance import AsyncAllowance as AsyncAllowance
    from wxruntime.desk.assignment import Agent as Agent
    from wxruntime.desk.assignment import Assigned as Assigned
    from wxruntime.desk.assignment import Assignment as Assignment
    from wxruntime.desk.assignment import AssignmentFailed as AssignmentFailed
    from wxruntime.desk.assignment import MaxCustomers as MaxCustomers
    from wxruntime.desk.assignment import Reason as Reason
    from wxruntime.desk.assignment import StillWaiting as StillWaiting
    from wxruntime.desk.assignment import Strategy as Strategy
    from wxruntime.desk.assignment import least_loaded as least_loaded
    from wxruntime.desk.client import AsyncDeskClient as AsyncDeskClient
    from wxruntime.desk.client import DeskClient as DeskClient
    from wxruntime.desk.client import WaitingCase as WaitingCase
    from wxruntime.desk.desk import Desk as Desk
    from wxruntime.desk.desk import Typing as Typing
    from wxruntime.desk.grants import UNLIMITED as UNLIMITED
    from wxruntime.desk.memory import MemoryAllowance as MemoryAllowance
    from wxruntime.desk.redis import AsyncRedisAllowance as AsyncRedisAllowance
    from wxruntime.desk.redis import RedisAllowance as RedisAllowance
    from wxruntime.desk.rules import RULES as RULES
    from wxruntime.desk.rules import Push as Push
    from wxruntime.desk.rules import Rule as Rule
    from wxruntime.desk.transfer import SessionEvent as SessionEvent
    from wxruntime.desk.transfer import Standing as Standing
    from wxruntime.desk.transfer import Transfer as Transfer
    from wxruntime.desk.transfer import TransferFailed as TransferFailed

__all__ = [
    "RULES",
    "UNLIMITED",
    "Agent",
    "Allowance",
    "Assigned",
    "Assignment",
    "AssignmentFailed",
    "AsyncAllowance",
    "AsyncDesk",
    "AsyncDeskClient",
    "AsyncRedisAllowance",
    "AsyncTyping",
    "Desk",
    "DeskClient",
    "MaxCustomers",
    "MemoryAllowance",
    "Push",
    "Reason",
    "RedisAllowance",
    "Rule",
    "SessionEvent",
    "Standing",
    "StillWaiting",
    "Strategy",
    "Transfer",
    "TransferFailed",
    "Typing",
    "WaitingCase",
    "least_loaded",
]

__getattr__, __dir__ = lazy(
    __name__,
    (),
    {
        "RULES": "rules",
        "UNLIMITED": "grants",
        "Agent": "assignment",
        "Allowance": "allowance",
        "Assigned": "assignment",
        "Assignment": "assignment",
        "AssignmentFailed": "assignment",
        "AsyncAllowance": "allowance",
        "AsyncDesk": "aio",
        "AsyncDeskClient": "client",
        "AsyncRedisAllowance": "redis",
        "AsyncTyping": "aio",
        "Desk": "desk",
        "DeskClient": "client",
        "MaxCustomers": "assignment",
        "MemoryAllowance": "memory",
        "Push": "rules",
        "Reason": "assignment",
        "RedisAllowance": "redis",
        "Rule": "rules",
        "SessionEvent": "transfer",
        "Standing": "transfer",
        "StillWaiting": "assignment",
        "Strategy": "assignment",
        "Transfer": "transfer",
        "TransferFailed": "transfer",
        "Typing": "desk",
        "WaitingCase": "client",
        "least_loaded": "assignment",
    },
)
