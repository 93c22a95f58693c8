"""A proxy between client and platform that does what networks do."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from enum import Enum
from functools import partial
from urllib.parse import urlsplit

__all__ = ["Fault", "FaultyProxy", "faulty_proxy"]


class Fault(Enum):
    """What happens to one request on its way."""

    NONE = "it passes"
    RESET_BEFORE = "the connection is reset before the request is read"
    RESET_AFTER = "the platform acts, and the connection is reset before the answer"
    HALF_ANSWER = "the answer stops in the middle"
    HALF_HEADER = "the header of the answer stops in the middle"
    SILENCE = "the platform acts, and no answer comes"
    BAD_GATEWAY = "a gateway answers 502, and the platform never sees the request"
    BAD_GATEWAY_AFTER = "the platform acts, and a gateway answers 502"
    GARBAGE = "something that is no HTTP comes back"
    HTML = "a page comes back with status 200"
    CLOSED_AFTER = "it passes, and the connection is closed behind it without a word"


_PAGE = b"<html>please log in</html>"
_INSTEAD = {
    Fault.GARBAGE: b"\x00\xff\x16\x03 not http at all\r\n\r\n" * 10,
    Fault.HTML: b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b"
    % (len(_PAGE), _PAGE),
    Fault.BAD_GATEWAY: b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nbusy",
    Fault.BAD_GATEWAY_AFTER: b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nbusy",
}
_UNSEEN = (Fault.RESET_BEFORE, Fault.BAD_GATEWAY, Fault.GARBAGE, Fault.HTML)
"""The faults of which the platform notices nothing."""


class FaultyProxy:
    """Passes requests on, one after the other on each connection, and does what a plan says."""

    def __init__(self, url: str, plan: Callable[[str], Fault]) -> None:
        """Listen.

        Args:
            url: The platform's address.
            plan: Says for a path what happens to the next request for it; asked in any thread.
        """
        parts = urlsplit(url)
        self._platform = (parts.hostname or "", parts.port or 80)
        self._plan = plan
        self._stopped = threading.Event()
        self.hung_up = threading.Semaphore(0)
        """Released each time the proxy has closed a connection."""
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(client)
            self._start(partial(self._serve, client))

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            while self._pass_on(client):
                pass
        self.hung_up.release()

    def _pass_on(self, client: socket.socket) -> bool:
        """Do with one request what the plan says; whether the connection is still good."""
        start = client.recv(1 << 16, socket.MSG_PEEK)
        if not start:
            return False
        fault = self._plan(start.split(b" ")[1].decode().partition("?")[0])
        if fault is Fault.RESET_BEFORE:
            _reset(client)
            return False
        request = _message(client)
        answer = b"" if fault in _UNSEEN else self._ask(request)
        if fault is Fault.SILENCE:
            self._stopped.wait()
            return False
        if fault is Fault.RESET_AFTER:
            _reset(client)
            return False
        if fault is Fault.HALF_HEADER:
            answer = answer[:20]
        elif fault is Fault.HALF_ANSWER:
            answer = answer[: answer.index(b"\r\n\r\n") + 8]
        client.sendall(_INSTEAD.get(fault, answer))
        return fault in (Fault.NONE, Fault.HTML, Fault.BAD_GATEWAY, Fault.BAD_GATEWAY_AFTER)

    def _ask(self, request: bytes) -> bytes:
        with socket.create_connection(self._platform) as platform:
            platform.sendall(request)
            return _message(platform)

    def close(self) -> None:
        """Stop every thread and close every socket."""
        self._stopped.set()
        for connection in (self._listener, *self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

            assert not thread.is_alive()


def _message(connection: socket.socket) -> bytes:
    """Read one message with a Content-Length, or none."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += _more(connection)
    head, _, body = read.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    chunk = connection.recv(1 << 16)
    if not chunk:
        raise ConnectionAbortedError
    return chunk


def _reset(connection: socket.socket) -> None:
    """End a connection by RST and not by FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def faulty_proxy(url: str, plan: Callable[[str], Fault]) -> Generator[FaultyProxy]:
    """Run a proxy for the length of a block."""
    with ExitStack() as running:
        proxy = FaultyProxy(url, plan)
        running.callback(proxy.close)
        yield proxy
