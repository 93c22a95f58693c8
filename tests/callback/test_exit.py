"""A program that ends while replies are still to be sent."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio, atexit, sys, threading

from tests.account import TOKEN
from tests.callback.platform import Platform, text_message
from wxoa import Callback, events, replies
from wxruntime.callback import Schedule

released = threading.Event()
callback = Callback(token=TOKEN, schedule=Schedule(cut=0.1, tries=1, spare=0.05))
atexit.register(callback.close)


@callback.on
def slow(event: events.TextMessage) -> replies.TextReply:
    released.wait()
    return replies.TextReply("here you are")


@callback.late
{hook}


assert callback.handle(*Platform().deliver(text_message("hello"))).body == b"success"
released.set()
"""
HOOKS = {
    "blocking": "def late(event, reply):\n    print('late:', reply.content, flush=True)",
    "awaiting": "async def late(event, reply):\n    print('late:', reply.content, flush=True)",
}


def late(hook: str) -> str:
    """Return what a program says whose callback is closed when the interpreter ends."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM.format(hook=HOOKS[hook])]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr == ""
    assert ended.returncode == 0
    return ended.stdout


def test_a_reply_is_still_sent_when_the_program_ends() -> None:
    """By a hook of either kind: at that moment Python's pools of threads are closed already."""
    assert [late(hook) for hook in HOOKS] == ["late: here you are\n"] * 2
