"""The wheel by itself: what a user installs, without extras, and works with."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

USE = """
import importlib.util, json, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

for name in ("aiohttp", "redis", "opentelemetry", "jinja2", "yaml", "hypothesis", "pytest"):
    assert importlib.util.find_spec(name) is None, name

class Platform(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"access_token": "t", "expires_in": 7200})

    def do_GET(self):
        self.answer({"kf_account": "sara@acme", "createtime": 12, "path": self.path})

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

import wxoa, wxruntime.stores, wxruntime.transport
from wxoa import Client, events, kf_session
from wxruntime.wire import Timestamp

for missing, use in (
    ("wxoa[async]", "wxoa.AsyncClient"),
    ("wxoa[async]", "wxruntime.transport.AiohttpTransport"),
    ("wxoa[redis]", "wxruntime.stores.RedisStore.from_url('redis://h')"),
    ("wxoa[otel]", "__import__('wxruntime.telemetry')"),
):
    try:
        eval(use)
    except ImportError as error:
        assert missing in str(error), error
    else:
        raise AssertionError(use)

event = events.KfCreateSessionEvent("gh_1", "o6_a", Timestamp(12), "sara@acme")
assert events.decode(events.encode(event)) == event
assert kf_session.get("o6_a").query == {"openid": "o6_a"}

server = HTTPServer(("127.0.0.1", 0), Platform)
thread = threading.Thread(target=server.serve_forever)
thread.start()
address = f"http://127.0.0.1:{server.server_port}"
with Client(app_id="wx1", app_secret="s", base_url=address) as client:
    session = client.kf_session.get("o6_a")
server.shutdown()
thread.join()
server.server_close()
assert session.kf_account == "sara@acme"
assert session.unknown == {"path": "/customservice/kfsession/getsession?openid=o6_a&access_token=t"}
print(wxoa.__file__)
"""


def run(*command: str | Path, **environment: str) -> str:
    """Run a command outside of the repository and return what it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT.anchor,
        env={**clean, **environment},
    )

    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.xdist_group("wheel")
def test_the_wheel_alone_is_enough_for_the_client(tmp_path: Path) -> None:
    """Installed without extras it reads a push and makes a call, and brings no compiler's needs."""
    wheels = tmp_path / "wheels"
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", wheels, ROOT)
    (wheel,) = wheels.glob("wxoa-*.whl")
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(python, "-m", "pip", "install", "-q", wheel)

    where = run(python, "-W", "error", "-c", USE)

    assert Path(where.strip()).is_relative_to(home)
    assert Path(where.strip()).with_name("py.typed").exists()
