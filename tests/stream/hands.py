"""One worker with a short lease, of the desk that its first argument names; SIGTERM ends it."""

from __future__ import annotations

import asyncio
import importlib
import logging
import signal
import sys
from typing import Any

from wxruntime.callback.base import BaseCallback
from wxruntime.stream import Worker

LEASE = 2.0
TRIES = 3


async def main(desk: str) -> None:
    """Work until SIGTERM."""
    callback: BaseCallback[Any, Any] = importlib.import_module(desk).callback
    assert callback.stream is not None
    worker = Worker(callback, callback.stream, concurrency=16, lease=LEASE, tries=TRIES)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    await worker.run()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(main(sys.argv[1]))
