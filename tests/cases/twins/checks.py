"""Calls that have an older form of another method, for a platform that wants it."""

from types import ModuleType

from wxruntime.call import Call


def _older(call: Call[object]) -> Call[object]:
    """Return the older form of a call, which has none itself."""
    assert call.twin is not None
    assert call.twin.twin is None
    return call.twin


def test_a_body_becomes_a_query(package: ModuleType) -> None:
    """Written as text, with what stood in the query already; what is absent stays so."""
    call = package.chat.delete("sara@acme", sure=True)
    older = _older(call)

    assert (call.method, call.path) == ("POST", "/account/del")
    assert call.query == {"v": "2"}
    assert call.body == {"account": "sara@acme", "sure": True, "really": 1}
    assert (older.method, older.path, older.body) == ("GET", "/account/olddel", None)
    assert older.query == {"v": "2", "account": "sara@acme", "sure": "1", "really": "1"}
    assert _older(package.chat.delete("sara@acme", kind=2)).query["kind"] == "2"


def test_a_query_becomes_a_body(package: ModuleType) -> None:
    """Written as JSON; text that holds JSON stays text."""
    chat = package.chat
    call = chat.search("sara@acme", chat.Filter("tea"), [1, 2], since=9)
    older = _older(call)

    assert call.body is None
    assert call.query == {
        "kf_account": "sara@acme",
        "filter": '{"word":"tea","hidden":""}',
        "ids": "[1,2]",
        "kind": "1",
        "since": "9",
        "offset": "0",
        "v": "3",
    }
    assert (older.method, older.path, older.query) == ("POST", "/oldsearch", {})
    assert older.body == {
        "kf_account": "sara@acme",
        "filter": '{"word":"tea","hidden":""}',
        "ids": "[1,2]",
        "kind": 1,
        "since": 9,
        "offset": 0,
        "v": 3,
    }


def test_both_forms_are_one_call(package: ModuleType) -> None:
    """One answer, one name, one word on whether it may be sent again, and the same secrets."""
    chat = package.chat
    call = chat.search("sara@acme", chat.Filter("tea", "swordfish-word"), [])
    older = _older(call)

    for form in (call, older):
        assert form.decode({"ids": [7]}) == chat.Found("sara@acme", [7])
        assert form.operation == "chat.search"
        assert form.secrets == ("filter",)
        assert "swordfish-word" not in repr(form)
    ping = chat.ping()
    assert (ping.token, _older(ping).token) == (False, False)
    assert (ping.idempotent, _older(ping).idempotent) == (True, True)
    assert not _older(chat.delete("sara@acme")).idempotent


def test_the_catalog_knows_the_older_form(package: ModuleType) -> None:
    """And the service by which codes the platform asks for it."""
    endpoints = package.catalog.CATALOG.endpoints

    assert endpoints["chat.delete"].twin == "GET /account/olddel"
    assert endpoints["base.token"].twin == ""
    assert package.catalog.CATALOG.errors[43001].name == "GetWanted"
