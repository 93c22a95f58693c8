"""The receiving side of the tests: gates and callbacks whose clock stands still."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from contextlib import closing, contextmanager

from tests.callback.gate.scheme import Request, Sender
from wxoa import Callback
from wxoa.events import Event
from wxruntime.callback.account import Account
from wxruntime.callback.answer import Answer
from wxruntime.callback.gate import Gate
from wxruntime.inbox import Inbox
from wxruntime.inbox.memory import MemoryInbox
from wxruntime.inbox.nonce import Nonce, NonceChange
from wxruntime.redact import Secret

__all__ = ["NOW", "Receiver", "StandingInbox", "gate_for", "gate_of", "receiving", "text_push"]

NOW = 1_700_000_000.0


def gate_of(
    tokens: Sequence[str],
    keys: Sequence[str],
    app_ids: str | Collection[str] = (),
    *,
    now: float = NOW,
    window: float = 300.0,
) -> Gate:
    """Return a gate, at a time that stands still."""
    account = Account.of([Secret(t) for t in tokens], [Secret(k) for k in keys], app_ids)
    return Gate(account, window, lambda: now)


def gate_for(sender: Sender, *, encrypted: bool = True) -> Gate:
    """Return the gate that a sender sends to, at the time of its signature."""
    keys = [sender.encoding_aes_key] if encrypted else []
    return gate_of([sender.token], keys, sender.app_id, now=float(sender.timestamp))


def text_push(content: str = "hello", number: int = 1) -> bytes:
    """Write what a customer says."""
    return (
        "<xml><ToUserName><![CDATA[gh_account]]></ToUserName>"
        "<FromUserName><![CDATA[o6_customer]]></FromUserName>"
        "<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content><MsgId>{number}</MsgId></xml>"
    ).encode()


class StandingInbox(MemoryInbox):
    """Remembers nonces by a clock that a test moves."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._met: dict[str, Nonce] = {}

    async def meet(self, nonce: str, change: NonceChange) -> bool:
        self._met[nonce], may = change(self._met.get(nonce, Nonce()), self.now)
        return may


class Receiver:
    """A callback, and what its handler was given."""

    def __init__(self, callback: Callback) -> None:
        self.callback = callback
        self.handled: list[Event] = []
        callback.default(self.handled.append)

    def take(self, request: Request) -> Answer:
        """Deliver to it as a server does, by the query as it stands in an address."""
        return self.callback.handle(request.encoded, request.body)


@contextmanager
def receiving(
    sender: Sender, *, encrypted: bool = True, inbox: Inbox | None = None, now: float = NOW
) -> Generator[Receiver]:
    """Run the callback that a sender sends to."""
    keys = [sender.encoding_aes_key] if encrypted else []
    callback = Callback(
        token=sender.token,
        encoding_aes_key=keys,
        app_id=sender.app_id,
        inbox=inbox,
        clock=lambda: now,
    )
    with closing(callback):
        yield Receiver(callback)
