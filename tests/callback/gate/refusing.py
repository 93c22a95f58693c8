"""What it means that a delivery is refused."""

from __future__ import annotations

import pytest

from tests.callback.gate.scheme import Request
from wxruntime.callback.gate import Gate
from wxruntime.errors import SignatureError

__all__ = ["assert_refused", "refusal_of"]


def refusal_of(gate: Gate, request: Request) -> SignatureError:
    """Return the error with which a gate refuses a delivery; any other one fails the test."""
    with pytest.raises(SignatureError) as refused:
        gate.admit(request.query, request.body)
    assert type(refused.value) is SignatureError
    return refused.value


def assert_refused(gate: Gate, request: Request) -> None:
    """Check that a gate refuses a delivery, and drags nothing along that says more."""
    error = refusal_of(gate, request)
    assert error.__cause__ is None
