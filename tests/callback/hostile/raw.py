"""A client that holds to nothing: bytes out, bytes in."""

from __future__ import annotations

import socket
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress

from tests.callback.skins.pushes import Signed
from tests.callback.skins.servers import PATIENCE

__all__ = ["connected", "end", "head", "send_until_answered", "status_of"]


@contextmanager
def connected(port: int) -> Generator[socket.socket]:
    """Hold a connection for the length of a block."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        yield connection


def head(request: Signed, *headers: str) -> bytes:
    """Write the header of a push, with these lines in it."""
    lines = (f"POST /wechat?{request.query} HTTP/1.1", "Host: 127.0.0.1", *headers, "", "")
    return "\r\n".join(lines).encode()


def end(connection: socket.socket) -> None:
    """Say that nothing more comes; the other side may have ended already."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)


def status_of(connection: socket.socket) -> int | None:
    """Read the status of the next answer; None if the connection ends without one."""
    read = b""
    with suppress(ConnectionError):
        while b"\r\n" not in read:
            piece = connection.recv(1)
            if not piece:
                break
            read += piece
    return int(read.split()[1]) if b"\r\n" in read else None


def send_until_answered(connection: socket.socket, pieces: Iterable[bytes]) -> tuple[int, int]:
    """Send, until an answer or the end of the connection comes, or there is nothing left to send.

    Returns:
        How many bytes went out; the status, 0 where the connection ended without one.
    """
    sent = 0
    with suppress(ConnectionError):
        for piece in pieces:
            if _something_came(connection):
                break
            connection.sendall(piece)
            sent += len(piece)
    return sent, status_of(connection) or 0


def _something_came(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    finally:
        connection.settimeout(PATIENCE)
    return True
