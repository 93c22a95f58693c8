"""How what is secret is compared: in a time that does not tell how much of it was right."""

from __future__ import annotations

import ast
import hmac
import inspect
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType

import pytest

from tests.callback.gate.receiving import gate_of, text_push
from tests.callback.gate.scheme import Request, Sender
from wxruntime.callback import account, crypto, gate, signature
from wxruntime.errors import SignatureError

FIRST, SECOND = Sender(token="the-current-token"), Sender(token="the-previous-token")
STRANGER = Sender(token="nobodys-token-at-all")
TOKENS = [FIRST.token, SECOND.token]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, bytes]]:
    """Return what `hmac.compare_digest` is asked from now on."""
    asked: list[tuple[bytes, bytes]] = []
    compare: Callable[[bytes, bytes], bool] = hmac.compare_digest

    def keep(ours: bytes, theirs: bytes) -> bool:
        asked.append((ours, theirs))
        return compare(ours, theirs)

    monkeypatch.setattr(hmac, "compare_digest", keep)
    return asked


def _admit(request: Request, *, encrypted: bool) -> None:
    keys = [FIRST.encoding_aes_key] if encrypted else []
    with suppress(SignatureError):
        gate_of(TOKENS, keys, FIRST.app_id).admit(request.query, request.body)


@pytest.mark.parametrize("sender", [FIRST, SECOND, STRANGER])
def test_every_token_is_compared_whichever_fits(
    sender: Sender, compared: list[tuple[bytes, bytes]]
) -> None:
    """The number of comparisons does not tell which token fits, nor whether one does."""
    for request in (sender.plain(text_push()), sender.check("echo")):
        compared.clear()
        _admit(request, encrypted=False)
        assert [theirs for _, theirs in compared] == [request.query["signature"].encode()] * 2


@pytest.mark.parametrize("sender", [FIRST, SECOND])
def test_both_signatures_and_the_app_id_are_compared_that_way(
    sender: Sender, compared: list[tuple[bytes, bytes]]
) -> None:
    """Two tokens, two signatures, one AppID: five comparisons of a push in safe mode."""
    request = sender.safe(text_push())

    _admit(request, encrypted=True)

    signatures = [request.query[name].encode() for name in ("signature", "msg_signature")]
    expected = [signatures[0], signatures[0], signatures[1], signatures[1], sender.app_id.encode()]
    assert [theirs for _, theirs in compared] == expected


@pytest.mark.parametrize("right", [0, 1, 39])
def test_a_signature_is_compared_as_a_whole_however_much_of_it_is_right(
    right: int, compared: list[tuple[bytes, bytes]]
) -> None:
    """What came is never looked at before the comparison, whatever its length."""
    request = FIRST.safe(text_push())
    cut = request.query["msg_signature"][:right]
    for came in (cut, f"{cut}{'x' * (40 - right)}", "", "x" * 4000):
        compared.clear()
        _admit(request.asking(msg_signature=came), encrypted=True)
        assert [theirs for _, theirs in compared[2:]] == [came.encode()] * 2


@pytest.mark.parametrize("module", [signature, crypto, account, gate])
def test_no_signature_token_or_app_id_is_compared_otherwise(module: ModuleType) -> None:
    """No `==`, `!=` or `in` of these modules has one of them on either side."""
    secret = ("signature", "token", "app_id", "came", "key")
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if not isinstance(node, ast.Compare):
            continue
        if any(isinstance(operator, (ast.Is, ast.IsNot)) for operator in node.ops):
            continue
        sides = {ast.unparse(side).lower() for side in (node.left, *node.comparators)}
        assert not any(name in side for side in sides for name in secret), ast.unparse(node)
