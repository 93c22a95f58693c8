"""The platform's error codes, each a class with its meaning and its remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.runtime.leaks import APP_SECRET, failing
from tests.runtime.servers import Answer, Platform, Server, http
from wxoa import Client, errors
from wxoa.catalog import CATALOG
from wxruntime.retry import Retry

Serve = Callable[[Answer], Server]
GET = "/customservice/kfsession/getsession"


def spread(ranges: str) -> Iterator[int]:
    """Spread out codes and ranges of them, such as `-1 40001-40003`."""
    for part in ranges.split():
        first, _, last = part.partition("-") if part[0] != "-" else (part, "", "")
        yield from range(int(first), int(last or first) + 1)


KNOWN = frozenset(
    spread(
        """
        -1000 -1 40001-40033 40035 40037-40039 40048 40050-40051 40053-40055 40060 40066 40102
        40117-40121 40125 40132 40137 40155 40163-40164 40200-40203 40243 41001-41009 41030
        42001-42003 42007 43001-43005 43019 43100-43101 44001-44004 45001-45011 45015-45018
        45026-45027 45047 45064-45067 45072 45080-45081 45083-45084 45159 45166 46001-46004
        47001 47003 48001-48006 48008 50001-50002 50005 53500-53502 53600 61003 61007 61023
        61450-61459 61500 63001-63002 65301-65314 65316-65317 65400-65417 76001-76003
        76021-76022 87009 87014 89501 89503 89506-89507 9001001-9001010 9001020-9001036
        """
    )
)
"""The codes that the platform's pages, and clients in use, know of."""

RETRYABLE = frozenset({-1000, -1, 45011, 45066, 53501, 61450, 9001002, 9001010})
"""The codes after which waiting, and nothing else, may help."""

PAUSES = {45011: 60, 45066: 60, 45081: 15, 89506: 86400, 89507: 3600}
"""The codes whose pause the platform names, in seconds."""

GROUPS = {
    "TokenRejected": "40001 40014 41001 42001",
    "AccessDenied": """
        40013 40125 40164 40200 40243 41002 41004 48001 48003-48004 48008 50002 53500 65306 65309
        65400 89501 89503 89506-89507 9001020
        """,
    "ThirdPartyNotAuthorized": "61003 61007 61023",
    "UserMustAuthorize": "40029-40030 40163 42002-42003 42007 50001",
    "RateLimited": "43100 45009 45011 45066 48006 53501",
    "LimitReached": "45010 45018 45026 61456 65305 65405",
    "TooManyAtOnce": "40032 45008 9001024 9001028 9001030",
    "RequestIncomplete": "41003 41006 41008-41009 44002-44004 45084 63001",
    "InvalidLength": "40039 45002-45006 45017 45067 61454 9001034",
    "InvalidFile": """
        40004-40006 40009-40012 40137 41005 44001 45001 45007 61457 9001007-9001009
        """,
    "InvalidMenu": """
        40015-40027 40054-40055 40119-40120 41007 45064 65304 65307-65308 65310-65314 65316-65317
        """,
    "InvalidShakeParameter": "9001001 9001022 9001025-9001027 9001031-9001033 9001035-9001036",
    "ContentRefused": "40155 45166 87014",
    "CustomerMustWriteFirst": "45015 45047 45080",
    "CustomerUnreachable": "43004-43005 43019 43101 48002 50005",
    "KfAccountUnavailable": "61452 61459 65401-65402 65415",
    "SessionConflict": "61458 65413-65414",
}
"""Which codes ask for the same reaction."""


def test_every_known_code_has_a_class() -> None:
    """Each known code can be caught by its name, and the catalog describes each; 0 is no error."""
    assert len(KNOWN) == 227
    assert not KNOWN - errors.BY_CODE.keys()
    assert errors.BY_CODE.keys() == CATALOG.errors.keys()
    assert 0 not in errors.BY_CODE
    assert all(kind.code == code for code, kind in errors.BY_CODE.items())


def test_every_class_has_a_name_of_its_own() -> None:
    """No two codes share a class, and each class is listed and found by its name."""
    names = [kind.__name__ for kind in errors.BY_CODE.values()]

    assert len(set(names)) == len(names)
    assert set(names) <= set(errors.__all__)
    assert all(getattr(errors, kind.__name__) is kind for kind in errors.BY_CODE.values())
    assert not [name for name in names if not re.fullmatch(r"([A-Z][a-z]+|A(?=[A-Z]))+", name)]
    assert max(map(len, names)) <= 40


@pytest.mark.parametrize("code", sorted(KNOWN))
def test_every_code_says_what_it_means_and_what_to_do(code: int) -> None:
    """A meaning of its own, in a sentence; a remedy, its own or its group's."""
    kind = errors.BY_CODE[code]
    meaning = " ".join(vars(kind)["__doc__"].split("\n\n")[0].split())

    assert meaning.endswith(".")
    assert meaning == CATALOG.errors[code].doc
    assert kind.remedy.endswith(".")


def test_only_what_waiting_cures_is_retryable() -> None:
    """Busy, broken for a moment, or too fast; a client repeats nothing else by itself."""
    retryable = {code for code, kind in errors.BY_CODE.items() if kind.retryable}
    pauses = {code: kind.retry_after for code, kind in errors.BY_CODE.items() if kind.retry_after}

    assert retryable == RETRYABLE
    assert pauses == PAUSES


def test_the_groups_are_these() -> None:
    """No group has come or gone, and none has taken or lost a member, without a word here."""
    members = {name: set(spread(ranges)) for name, ranges in GROUPS.items()}
    found: dict[str, set[int]] = {}
    for code, error in CATALOG.errors.items():
        if error.group:
            found.setdefault(error.group, set()).add(code)

    assert found == members


@pytest.mark.parametrize("code", sorted(errors.BY_CODE))
def test_the_members_of_a_group_share_its_class(code: int) -> None:
    """Whoever catches the group catches the member; what is in no group is under the root."""
    group = next((name for name, ranges in GROUPS.items() if code in spread(ranges)), "ApiError")

    assert errors.BY_CODE[code].__bases__ == (getattr(errors, group),)


def test_an_answer_with_a_code_raises_its_class(serve: Serve) -> None:
    """By a real socket: the class that BY_CODE has is the one that arrives."""
    codes = sorted(KNOWN - set(spread(GROUPS["TokenRejected"])))
    answers = [http({"errcode": code, "errmsg": f"said {code}"}) for code in codes]
    server = serve(Platform(script={GET: answers}))
    with client_of(server) as client:
        for code in codes:
            with failing(errors.ApiError) as caught:
                client.kf_session.get("o6_a")
            assert type(caught.value) is errors.BY_CODE[code]
            assert (caught.value.code, caught.value.message) == (code, f"said {code}")


@pytest.mark.parametrize("code", [1, -2, 40034, 9001037, 99999999])
def test_a_code_that_nobody_described_is_a_plain_error(serve: Serve, code: int) -> None:
    """It arrives with its number and the platform's words, and is not sent again."""
    server = serve(Platform(script={GET: [http({"errcode": code, "errmsg": "so it is"})]}))
    with client_of(server) as client, failing(errors.ApiError) as caught:
        client.kf_session.get("o6_a")

    assert code not in errors.BY_CODE
    assert type(caught.value) is errors.ApiError
    assert (caught.value.code, caught.value.message) == (code, "so it is")
    assert not caught.value.retryable
    assert len(server.of(GET)) == 1


def client_of(server: Server) -> Client:
    """Make a client of a server, which sends each call once where a new token is no cure."""
    return Client(
        app_id="wx0123456789abcdef",
        app_secret=APP_SECRET,
        base_url=server.base_url,
        retry=Retry.never(),
    )
