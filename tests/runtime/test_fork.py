"""A process that is forked begins anew where sharing would be wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

CONNECTIONS = """
import os, sys, warnings
warnings.simplefilter("ignore")
from wxruntime.httpd import LoopbackServer, Outgoing
from wxruntime.transport import HttpRequest, Urllib3Transport

def wrong_answers(mark):
    asked = (f"{mark}-{number}".encode() for number in range(200))
    return sum(transport.send(HttpRequest("POST", url, body), 10).body != body for body in asked)

with LoopbackServer(lambda incoming: Outgoing(200, "text/plain", incoming.body)) as server:
    url, transport = server.url, Urllib3Transport()
    assert wrong_answers("warm") == 0
    child = os.fork()
    wrong = wrong_answers("child" if child == 0 else "parent")
    if child == 0:
        os._exit(wrong != 0)
    code = os.waitpid(child, 0)[1]
    transport.close()
sys.exit(code != 0 or wrong != 0)
"""

RENEWAL = """
import os, sys, threading, warnings
warnings.simplefilter("ignore")
from attrs import frozen
from wxruntime.token import AccessTokens

@frozen
class Grant:
    access_token: str = "granted"
    expires_in: int = 7200

asking, answer, parent = threading.Event(), threading.Event(), os.getpid()

def fetch(force):
    if os.getpid() == parent:
        asking.set()
        answer.wait()
    return Grant()

tokens = AccessTokens(fetch)
thread = threading.Thread(target=tokens.get)
thread.start()
asking.wait()
child = os.fork()
if child == 0:
    os._exit(tokens.get().reveal() != "granted")
code = os.waitpid(child, 0)[1]
answer.set()
thread.join()
sys.exit(code != 0)
"""


@pytest.mark.parametrize("script", [CONNECTIONS, RENEWAL], ids=["connections", "renewal"])
def test_a_forked_process_shares_no_connection_and_no_renewal(script: str) -> None:
    """Neither reads the other's answers, and nobody waits for a thread that is not there."""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )

    assert run.returncode == 0, run.stderr
