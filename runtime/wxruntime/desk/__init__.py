"""What a customer-service desk needs beyond single calls.

`Desk` and `AsyncDesk` stand on a client and assign waiting customers, move a customer from one
account to another, and show that somebody types. An `Allowance` counts the messages that a customer
may still be sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wxruntime.lazy import lazy

if TYPE_CHECKING:
    from wxruntime.desk.aio import AsyncDesk as AsyncDesk
    from wxruntime.desk.allowance import Allowance as Allowance
    from wxruntime.desk.allowance import AsyncAllowance as AsyncAllowance
    from wxruntime.desk.assignment import Agent as Agent
    from wxruntime.desk.assignment import Assigned as Assigned
    from wxruntime.desk.assignment import Assignment as Assignment
    from wxruntime.desk.assignment import AssignmentFailed as AssignmentFailed
    from wxruntime.desk.assignment import Reason as Reason
    from wxruntime.desk.assignment import StillWaiting as StillWaiting
    from wxruntime.desk.assignment import least_loaded as least_loaded
    from wxruntime.desk.client import WaitingCase as WaitingCase
    from wxruntime.desk.desk import Desk as Desk
    from wxruntime.desk.memory import MemoryAllowance as MemoryAllowance
    from wxruntime.desk.redis import AsyncRedisAllowance as AsyncRedisAllowance
    from wxruntime.desk.redis import RedisAllowance as RedisAllowance
    from wxruntime.desk.rules import RULES as RULES
    from wxruntime.desk.rules import Rule as Rule
    from wxruntime.desk.transfer import SessionEvent as SessionEvent
    from wxruntime.desk.transfer import Standing as Standing
    from wxruntime.desk.transfer import Transfer as Transfer
    from wxruntime.desk.transfer import TransferFailed as TransferFailed

__all__ = [
    "RULES",
    "Agent",
    "Allowance",
    "Assigned",
    "Assignment",
    "AssignmentFailed",
    "AsyncAllowance",
    "AsyncDesk",
    "AsyncRedisAllowance",
    "Desk",
    "MemoryAllowance",
    "Reason",
    "RedisAllowance",
    "Rule",
    "SessionEvent",
    "Standing",
    "StillWaiting",
    "Transfer",
    "TransferFailed",
    "WaitingCase",
    "least_loaded",
]

__getattr__, __dir__ = lazy(
    __name__,
    (),
    {
        "RULES": "rules",
        "Agent": "assignment",
        "Allowance": "allowance",
        "Assigned": "assignment",
        "Assignment": "assignment",
        "AssignmentFailed": "assignment",
        "AsyncAllowance": "allowance",
        "AsyncDesk": "aio",
        "AsyncRedisAllowance": "redis",
        "Desk": "desk",
        "StillWaiting": "assignment",
        "MemoryAllowance": "memory",
        "Reason": "assignment",
        "RedisAllowance": "redis",
        "Rule": "rules",
        "SessionEvent": "transfer",
        "Standing": "transfer",
        "Transfer": "transfer",
        "TransferFailed": "transfer",
        "WaitingCase": "client",
        "least_loaded": "assignment",
    },
)
