"""Both transports behind one face, so that one test can hold both to their contract."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any, Protocol

from wxruntime.transport import HttpRequest, HttpResponse, Timeout
from wxruntime.transport.aiohttp import AiohttpTransport
from wxruntime.transport.urllib3 import Urllib3Transport

TLS = Path(__file__).parent / "tls"
CA = TLS / "ca.pem"
"""What has signed the certificates of the test servers."""


class Driven(Protocol):
    """A transport as the tests of the contract use it."""

    def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class OnLoop:
    """An asynchronous transport and its event loop, which runs while something is asked of it."""

    def __init__(self, **options: Any) -> None:
        self.transport = AiohttpTransport(**options)
        self.loop = asyncio.new_event_loop()
        self.loop.set_debug(True)

    def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request, and leave no task behind."""
        try:
            return self.loop.run_until_complete(self.transport.send(request, timeout))
        finally:
            self.loop.run_until_complete(self._settled())

    async def _settled(self) -> None:
        this = asyncio.current_task()
        if others := [task for task in asyncio.all_tasks() if task is not this]:
            _, left = await asyncio.wait(others, timeout=10)

            assert not left

    def close(self) -> None:
        """Close every connection."""
        self.loop.run_until_complete(self.transport.close())

    def stop(self) -> None:
        """Close everything, the event loop included."""
        self.close()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


KINDS = {"urllib3": Urllib3Transport, "aiohttp": OnLoop}


def server_context(certificate: str = "server.pem") -> ssl.SSLContext:
    """Return what a test server encrypts with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / certificate)
    return context
