"""A process that is forked begins anew where sharing would be wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

CONNECTIONS = """
import os, sys, warnings
warnings.simplefilter("ignore")
from wxruntime.httpd import LoopbackServer, Outgoing
from wxruntime.transport import Bytes, HttpRequest, Timeout
from wxruntime.transport.urllib3 import Urllib3Transport

def answer(body):
    return transport.send(HttpRequest("POST", url, Bytes(body)), Timeout(10, 10)).body

def wrong_answers(mark):
    asked = (f"{mark}-{number}".encode() for number in range(200))
    return sum(answer(body) != body for body in asked)

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
from wxoa import Client
from wxruntime.transport import HttpResponse

asking, answer, parent = threading.Event(), threading.Event(), os.getpid()

class Canned:
    def send(self, request, timeout):
        if "stable_token" not in request.url:
            return HttpResponse(200, {}, b'{"errcode": 0}')
        if os.getpid() == parent:
            asking.set()
            answer.wait()
        return HttpResponse(200, {}, b'{"access_token": "granted", "expires_in": 7200}')
    def close(self):
        pass

client = Client(app_id="wx1", app_secret="the-app-secret", transport=Canned())
thread = threading.Thread(target=client.kf_session.close, args=("o6", "sara@acme"))
thread.start()
asking.wait()
child = os.fork()
if child == 0:
    client.kf_session.close("o6", "sara@acme")
    client.close()
    os._exit(0)
code = os.waitpid(child, 0)[1]
answer.set()
thread.join()
client.close()
sys.exit(code != 0)
"""


@pytest.mark.parametrize("script", [CONNECTIONS, RENEWAL], ids=["connections", "renewal"])
def test_a_forked_process_shares_no_connection_and_no_renewal(script: str) -> None:
    """Neither reads the other's answers, and nobody waits for a thread that is not there."""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )

    assert run.returncode == 0, run.stderr
