"""The web tier of the desk: `callback.asgi` under uvicorn, on a port that it prints."""

from __future__ import annotations

import socket

import uvicorn

from tests.stream.desk import callback


def main() -> None:
    """Serve until SIGTERM."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(callback.asgi, log_level="error", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
