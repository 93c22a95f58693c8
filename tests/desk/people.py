"""Who comes to the desk, and how the local WeChat stands."""

from __future__ import annotations

from wxruntime.sandbox import Admin
from wxruntime.wire import JsonObject, models, text

__all__ = ["JUDY", "MIKE", "SARA", "come", "served", "waiting"]

SARA, MIKE, JUDY = "sara@acme", "mike@acme", "judy@acme"


def come(admin: Admin, number: int, *accounts: str) -> list[str]:
    """Let accounts come online, and customers write to the desk; the customers."""
    for account in accounts:
        admin.put_account(account)
    customers = [f"o6_{n:03}" for n in range(number)]
    for openid in customers:
        admin.write(openid)
    return customers


def served(admin: Admin) -> list[tuple[str, str]]:
    """Return each conversation: customer and account."""

    def pair(conversation: JsonObject) -> tuple[str, str]:
        given = conversation.get
        return text(given("openid"), "openid"), text(given("kf_account"), "kf_account")

    return models(admin.state()["conversations"], "conversations", pair)


def waiting(admin: Admin) -> list[str]:
    """Return who waits."""
    found = admin.state()["waiting"]
    assert isinstance(found, list)
    return [str(openid) for openid in found]
