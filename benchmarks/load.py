"""Load from a process of its own: each connection asks again as soon as it is answered.

`python -m benchmarks.load PORT MODE CONNECTIONS REQUESTS FIRST` signs and encrypts its pushes,
sends them, and prints a line of JSON.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from statistics import quantiles

from attrs import asdict, frozen

from benchmarks.sealed import MODES, Mode, deliver, text_message

__all__ = ["Load"]


@frozen
class Load:
    """What became of a load."""

    rate: float
    """How many requests were answered a second."""
    p50: float
    """How long half of them took at most, in seconds."""
    p99: float
    body: str
    """The last answer's."""


class _Connection:
    """Sends one request after the other."""

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""
        self._began = 0.0
        self.body = b""

    def fileno(self) -> int:
        return self._socket.fileno()

    def ask(self) -> bool:
        """Send the next request; say whether there is one."""
        request = next(self._requests, None)
        if request is None:
            self._socket.close()
            return False
        self._began = time.perf_counter()
        self._socket.sendall(request)
        return True

    def read(self) -> float | None:
        """Read what is there, and return how long the answer took when it is whole."""
        piece = self._socket.recv(65536)
        if not piece:
            raise ConnectionError(f"the server ended a connection behind {self._read!r}")
        self._read += piece
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return None
        if not head.startswith(b"HTTP/1.1 200 "):
            raise AssertionError(f"expected the status 200, got {head!r}")
        self.body, self._read = body, b""
        return time.perf_counter() - self._began


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0])


def requests(mode: Mode, count: int, first: int) -> list[bytes]:
    """Write requests, each with a message, a nonce and a signature of its own."""
    written: list[bytes] = []
    for number in range(first, first + count):
        push = deliver(text_message(number)[0], mode, f"{number:010}")
        head = (
            f"POST {push.target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(push.body)}\r\n\r\n"
        )
        written.append(head.encode() + push.body)
    return written


def load(port: int, mode: Mode, connections: int, count: int, first: int) -> Load:
    """Send requests over connections that are kept open."""
    waiting = iter(requests(mode, count, first))
    taken: list[float] = []
    body = b""
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            connection = _Connection(port, waiting)
            if connection.ask():
                selector.register(connection, selectors.EVENT_READ, connection)
        began = time.perf_counter()
        while selector.get_map():
            for key, _ in selector.select():
                connection = key.data
                took = connection.read()
                if took is None:
                    continue
                taken.append(took)
                body = connection.body
                selector.unregister(connection)
                if connection.ask():
                    selector.register(connection, selectors.EVENT_READ, connection)
        whole = time.perf_counter() - began
    cuts = quantiles(taken, n=100)
    return Load(len(taken) / whole, cuts[49], cuts[98], body.decode())


if __name__ == "__main__":
    port, mode, *numbers = sys.argv[1:]
    modes: dict[str, Mode] = {mode: mode for mode in MODES}
    print(json.dumps(asdict(load(int(port), modes[mode], *map(int, numbers)))))
