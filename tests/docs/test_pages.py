"""What the pages say is so: their Python runs, and what they name is there."""

from __future__ import annotations

import importlib
import inspect
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import wxoa
from tests.account import AES_KEY, APP_ID
from tests.docs.pages import ROOT, Page, block_with, run
from tests.redis_server import RedisServer
from tests.redis_server import redis_server as redis_server
from tests.runtime.servers import ProxyServer, Seen, http, serving
from tests.runtime.transports import CA
from wxoa import AsyncClient, Client, errors, events
from wxoa.catalog import CATALOG
from wxoa.kf_message import Text
from wxoa.kf_record import Record
from wxruntime.callback.asgi import AsgiApp
from wxruntime.callback.loopback import serve
from wxruntime.redact import Secret
from wxruntime.sandbox import Admin, LocalWeChat
from wxruntime.stores import TokenStore
from wxruntime.stores.state import Lease, StoredToken, begin, end
from wxruntime.wire import Timestamp

PAGES = {
    name: Page(name)
    for name in (
        "README.md",
        "README.zh-CN.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/architecture.md",
        "docs/callback.md",
        "docs/commands.md",
        "docs/desk.md",
        "docs/events.md",
        "docs/frameworks.md",
        "docs/production.md",
        "docs/stream.md",
    )
}
README, CHINESE = PAGES["README.md"], PAGES["README.zh-CN.md"]
PRODUCTION, ARCHITECTURE = PAGES["docs/production.md"], PAGES["docs/architecture.md"]

APP_SECRET = "0123456789abcdef0123456789abcdef"
PICTURE = b"\x89PNG\r\n\x1a\n a picture of nobody"
WRITER = "o6_…"
"""The customer of the README's short examples."""
SOURCE = Path(__file__).read_text("utf-8")


@pytest.fixture
def wechat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalWeChat]:
    """A local WeChat that clients without a `base_url` take for the platform.

    Sara serves there, and somebody waits; the working directory holds the files of the examples.
    """
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff a photo of nobody")
    (tmp_path / "acme-ca.pem").write_bytes(CA.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WXOA_APP_SECRET", APP_SECRET)
    with (
        LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET) as local,
        Admin(local.url) as admin,
    ):
        service = evolve(Client.service, hosts=(local.url,))
        monkeypatch.setattr(Client, "service", service)
        monkeypatch.setattr(AsyncClient, "service", service)
        admin.put_account("sara@acme")
        admin.write(WRITER)
        yield local


@pytest.fixture
def client(wechat: LocalWeChat) -> Iterator[Client]:
    """A client of the local WeChat."""
    with Client(app_id=APP_ID, app_secret=APP_SECRET) as client:
        yield client


# Both READMEs say the same.


def test_both_readmes_have_the_same_headings_and_links() -> None:
    """What one tells, the other tells, in the same order."""
    assert README.headings() == CHINESE.headings()
    assert README.links() - {"README.zh-CN.md"} == CHINESE.links() - {"README.md"}


@pytest.mark.parametrize("language", ["python", "sh"])
def test_both_readmes_have_the_same_code(language: str) -> None:
    """Comments apart, and the space before them."""

    def bare(page: Page) -> list[str]:
        return [re.sub(r" *#.*", "", block) for block in page.blocks(language)]

    assert bare(README) == bare(CHINESE)


def test_both_readmes_name_the_same_things() -> None:
    """What stands between backticks in one stands there in the other."""
    # A name that the other language writes in words.
    words = {"access_token"}

    assert README.quoted() - words == CHINESE.quoted() - words


def test_both_readmes_say_the_same_numbers() -> None:
    """Paragraph by paragraph, row by row."""

    def numbers(page: Page) -> list[list[str]]:
        return [re.findall(r"\d+(?:\.\d+)?", said) for said in page.paragraphs()]

    assert numbers(README) == numbers(CHINESE)


COVERED = re.compile(r"^\| ([^|`]+) \| (\d+) \| (.*) \|$", re.MULTILINE)


@pytest.mark.parametrize("page", [README, CHINESE], ids=["en", "zh"])
def test_what_is_covered_is_in_the_package(page: Page) -> None:
    """Each row of the table, and each family of calls."""
    calls, events, messages, replies, kinds, codes = COVERED.findall(page.text)
    families = Counter(operation.partition(".")[0] for operation in CATALOG.endpoints)
    groups = {code.group for code in CATALOG.errors.values()} - {""}

    assert int(calls[1]) == len(CATALOG.endpoints)
    assert dict(re.findall(r"`client\.(\w+)` (\d+)", calls[2])) == {
        family: str(number) for family, number in families.items()
    }
    assert int(events[1]) == len(CATALOG.events)
    assert int(messages[1]) == len(CATALOG.messages)
    assert int(replies[1]) == len(CATALOG.replies)
    assert int(kinds[1]) == len(CATALOG.unions["kf_message.Message"].variants)
    assert int(codes[1]) == len(CATALOG.errors)
    assert re.findall(r"\d+", codes[0]) == [str(len(groups))]


# The examples of the README.


def filled_in(block: str) -> str:
    """Put an account where a block leaves it open."""
    keyed = block.replace('aes_key="…"', f'aes_key="{AES_KEY}"')
    return keyed.replace('"wx…"', f'"{APP_ID}"').replace('"…"', f'"{APP_SECRET}"')


def test_readme_first_example(wechat: LocalWeChat, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever waits is served by Sara."""
    run(filled_in(README.blocks()[0]))

    assert f"openid={WRITER!r}" in capsys.readouterr().out


def test_readme_call_as_a_value(client: Client) -> None:
    """It can be looked at before it is sent."""
    names = run(block_with(README, "Call[Session]"), client=client)

    assert names["session"].openid == WRITER


def test_readme_asyncio(wechat: LocalWeChat, capsys: pytest.CaptureFixture[str]) -> None:
    """One waits, nobody is served."""
    run(filled_in(block_with(README, "AsyncClient")))

    assert capsys.readouterr().out == "1 0\n"


def test_readme_messages(client: Client, wechat: LocalWeChat) -> None:
    """Both arrive, one as the account's and one as Sara's."""
    run(block_with(README, "kf_message.Text"), client=client)
    with Admin(wechat.url) as admin:
        chat = admin.chat(WRITER)

    assert [said.kf_account for said in chat.messages] == ["", "sara@acme"]
    assert chat.messages[0].content == {"content": "Good morning!"}


def test_readme_accounts_and_records(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """Mike is invited, Sara is online, and what the account said is on record."""
    client.kf_message.send(WRITER, Text("hello"))
    run(block_with(README, "kf_record.iterate"), client=client)
    online, record = capsys.readouterr().out.splitlines()

    assert [one.kf_account for one in client.kf_account.list()] == ["sara@acme", "mike@acme"]
    assert online == "sara@acme serves 0"
    assert record.endswith(f"{WRITER} hello")


def test_readme_desk(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """Who waits is assigned."""
    run(block_with(README, "Desk(client"), client=client)

    assert capsys.readouterr().out == "1 0\n"


def test_readme_stores(client: Client) -> None:
    """Nothing is connected before it is needed."""
    names = run(filled_in(block_with(README, "FileStore")))
    names["client"].close()
    names["store"].close()


def test_readme_errors(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """The comments say which codes are meant."""
    run(block_with(README, "errors.TransportError"), client=client)

    assert capsys.readouterr().out == ""
    assert errors.SessionNotFound.code == 65413
    limited = {kind.code for kind in errors.RateLimited.__subclasses__()}
    assert limited >= {45009, 45011}


def test_readme_files(client: Client) -> None:
    """What was sent comes back, in memory and on disk."""
    names = run(block_with(README, "client.download"), client=client)

    assert names["photo"].content == Path("copy.jpg").read_bytes()
    assert names["saved"].size == len(names["photo"].content)


def test_readme_callback(capsys: pytest.CaptureFixture[str]) -> None:
    """A text is replied to, a conversation that begins is noted."""
    names = run(filled_in(block_with(README, "Callback(")))
    with (
        closing(names["callback"]) as callback,
        serve(callback) as server,
        LocalWeChat(
            CATALOG,
            app_id=APP_ID,
            app_secret=APP_SECRET,
            callback_url=server.url,
            callback_token=APP_SECRET,
            callback_aes_key=AES_KEY,
        ) as local,
        Admin(local.url) as admin,
    ):
        text = admin.wait_for_delivery(admin.send_message(WRITER, content="hello"))
        opened = admin.push_event("kf_create_session", WRITER, {"KfAccount": "sara@acme"})
        assert admin.wait_for_delivery(opened).answered_on == 1

    assert text.reply is not None
    assert text.reply["Content"] == "You wrote: hello"
    assert isinstance(names["app"], AsgiApp)
    assert capsys.readouterr().out == f"sara@acme serves {WRITER}\n"


def test_readme_matching() -> None:
    """Described or not, each push has its case."""
    told = run(block_with(README, "match push"))["told"]
    head = ("gh_1", WRITER, Timestamp(1))

    assert told(events.TextMessage(*head, "hello", 7)) == "wrote hello"
    assert told(events.SubscribeEvent(*head)) == "came"
    assert told(events.ClickEvent(*head, "HOURS")) == "ClickEvent"
    hummed = events.encode(events.ClickEvent(*head, "HOURS")).replace(b"CLICK", b"HUM")
    assert told(events.decode(hummed)) == "unknown event HUM"


def test_readme_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    """A customer who has written can be served."""
    block = block_with(README, "Admin")
    with LocalWeChat(CATALOG, app_id="wx-local", app_secret="local-secret") as local:
        run(block.replace("http://127.0.0.1:8030", local.url))

    assert "kf_account='sara@acme'" in capsys.readouterr().out


def test_readme_strategies() -> None:
    """A test of the reader's own is called with events."""
    run(block_with(README, "hypothesis"))["test_my_handler"]()


def test_every_block_of_the_readme_is_run() -> None:
    """A block that is added gets a test."""
    run_above = re.findall(r"(?:block_with\(README, |README\.blocks\(\)\[)", SOURCE)

    assert len(run_above) == len(README.blocks())


# The recipes.


def test_recipe_several_processes(
    wechat: LocalWeChat,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The second process, which awaits, finds the token of the first, which blocks."""
    redis_server.ask("FLUSHALL")
    monkeypatch.setenv("REDIS_URL", redis_server.url)

    run(block_with(PRODUCTION, "import RedisStore\n"))
    run(block_with(PRODUCTION, "AsyncRedisStore"))

    assert capsys.readouterr().out == "1\n1 0\n"
    assert redis_server.ask("EXISTS", f"wxoa:token:{APP_ID}%3Astable") == 1
    with Admin(wechat.url) as admin:
        assert admin.state()["tokens_fetched"] == 1


def test_recipe_proxy(wechat: LocalWeChat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything goes by way of it."""
    proxy = ProxyServer()
    monkeypatch.setenv("DESK_PROXY", f"http://127.0.0.1:{proxy.port}")
    try:
        run(block_with(PRODUCTION, "Urllib3Transport"))
    finally:
        proxy.close()

    assert [seen.path.removeprefix(wechat.url) for seen in proxy.seen] == [
        "/cgi-bin/stable_token",
        "/cgi-bin/getcallbackip",
    ]


def test_recipe_token_service(
    client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is asked, told that nothing was refused, and its token serves."""
    grant = client.base.stable_token(APP_ID, APP_SECRET)
    asked: list[bytes] = []

    def answer(request: Seen) -> Any:
        asked.append(request.body)
        content = {"access_token": grant.access_token, "expires_in": grant.expires_in}
        return http(json.dumps(content).encode(), keep=False)

    with serving(answer) as service:
        monkeypatch.setenv("TOKEN_SERVICE", service.base_url)
        run(block_with(PRODUCTION, "TOKEN_SERVICE"))

    assert asked == [b'{"refused": null}']
    assert capsys.readouterr().out == "1\n"


def test_recipe_no_answer(client: Client) -> None:
    """A call that is answered says how the conversation stands."""
    close = run(block_with(PRODUCTION, "error.sent"))["close"]
    client.kf_session.create(WRITER, "sara@acme")

    assert close(client, WRITER, "sara@acme") == "closed"
    assert close(client, WRITER, "sara@acme") == "was closed before"


def test_recipe_patience(client: Client) -> None:
    """Both kinds of patience end with the same answer."""
    names = run(block_with(PRODUCTION, "with_options"))

    assert names["overnight"](client) == names["at_once"](client) == 1


def test_recipe_files(client: Client) -> None:
    """Two pictures go there and back."""
    mirrored = run(block_with(PRODUCTION, "Upload.of"))["mirrored"]
    there = len(Path("photo.jpg").read_bytes())

    assert mirrored(client, PICTURE) == there + len(PICTURE)
    assert Path("copy.png").read_bytes() == PICTURE


def test_recipe_records(client: Client, wechat: LocalWeChat) -> None:
    """What was said on three days is copied, and a failure says from when on to go on."""
    copied = run(block_with(PRODUCTION, "kf_record.iterate"))["copied"]
    since = int(time.time()) - 1
    with Admin(wechat.url) as admin:
        for said in ("on Monday", "on Tuesday", "on Wednesday"):
            admin.write(WRITER)
            client.kf_message.send(WRITER, Text(said))
            admin.advance(86400)
    until = since + 4 * 86400
    kept: list[Record] = []

    def keep_one(record: Record) -> None:
        kept.append(record)
        client.close()

    assert copied(client, since, until, kept.append) == until
    assert [record.text for record in kept] == ["on Monday", "on Tuesday", "on Wednesday"]
    assert copied(client, since, until, keep_one) == kept[0].time
    assert len(kept) == 4


def test_recipe_watching(wechat: LocalWeChat, capsys: pytest.CaptureFixture[str]) -> None:
    """Token requests are seen as well."""
    logger = logging.getLogger("wxoa")
    level = logger.level
    try:
        names = run(block_with(PRODUCTION, "CallEvent"))
    finally:
        logger.setLevel(level)

    assert names["attempts"] == {
        ("base.stable_token", "ok", 0): 1,
        ("kf_session.wait_case_list", "ok", 0): 1,
    }


def test_recipe_own_store(wechat: LocalWeChat, tmp_path: Path) -> None:
    """A table holds the token, and a lease is for one."""
    names = run(block_with(PRODUCTION, "class TableStore"))
    connect = names["sqlite3"].connect

    def connection() -> Any:
        return connect(tmp_path / "own.db", isolation_level=None)

    first = connection()
    first.execute("CREATE TABLE tokens (account TEXT PRIMARY KEY, state TEXT)")
    first.close()
    store: TokenStore = names["TableStore"](connection)
    for _ in range(2):
        with Client(app_id=APP_ID, app_secret=APP_SECRET, token_store=store) as client:
            client.kf_session.wait_case_list()
    with Admin(wechat.url) as admin:
        assert admin.state()["tokens_fetched"] == 1

    def wanted(owner: str) -> Callable[..., Any]:
        return begin(owner, 10.0, refused=(), spare=10.0, longest=86400.0)

    lease = store.update("another", wanted("a"))
    assert isinstance(lease, Lease)
    assert not isinstance(store.update("another", wanted("b")), Lease)
    store.update("another", end(lease, Secret("a token of nobody"), 7200))
    assert isinstance(store.update("another", wanted("b")), StoredToken)


def test_every_block_of_the_recipes_is_run() -> None:
    """A block that is added gets a test."""
    run_above = re.findall(r"block_with\(PRODUCTION, ", SOURCE)

    assert len(run_above) == len(PRODUCTION.blocks())


# What the pages name.


SIZES = {"": 1, "s": 1, "MiB": 1 << 20}
NUMBERED = {
    page: PAGES[page] for page in ("docs/callback.md", "docs/desk.md", "docs/production.md")
}
ROW = re.compile(r"^\| [^|]+ \| ([0-9.,]+(?: \w+)?) \| `(wx[^`]+)` \|$", re.MULTILINE)


def found(name: str) -> object:
    """Return what a dotted name stands for; a class may be called on the way."""
    modules, rest = name.split("."), list[str]()
    while True:
        try:
            thing: object = importlib.import_module(".".join(modules))
            break
        except ModuleNotFoundError:
            rest.insert(0, modules.pop())
    for step in rest:
        thing = getattr(thing, step.removesuffix("()"))
        thing = thing() if step.endswith("()") and callable(thing) else thing
    return thing


def number_at(name: str) -> object:
    """Return what stands there in the code: `wxoa.Callback(threads)` is an argument's default."""
    argument = re.fullmatch(r"(.*)\((\w+)\)", name)
    if argument is None:
        return found(name)
    function = found(argument[1])
    assert callable(function)
    return inspect.signature(function).parameters[argument[2]].default


@pytest.mark.parametrize(
    ("told", "name"), [row for page in NUMBERED.values() for row in ROW.findall(page.text)]
)
def test_the_numbers_are_the_codes(told: str, name: str) -> None:
    """Each row of the tables says what the code does."""
    number, _, unit = told.replace(",", "").partition(" ")

    assert float(number) * SIZES[unit] == number_at(name)


@pytest.mark.parametrize("page", NUMBERED.values(), ids=NUMBERED)
def test_the_table_of_numbers_is_read(page: Page) -> None:
    """A row that is written otherwise would not be compared."""
    table = page.text.split("## The numbers")[1].split("\n## ")[0]

    assert len(ROW.findall(page.text)) == len(re.findall(r"^\| .* \|$", table, re.MULTILINE)) - 1


DOTTED = re.compile(
    r"(wxoa|wxruntime|client|errors|events|media|replies|callback|Admin)((?:\.\w+)+)"
)
LOGGERS = {"wxoa.call", "wxoa.token", "wxoa.desk", "wxoa.stream"}
CLASSES = {
    "client": "wxoa.client.Client",
    "callback": "wxoa.callback.Callback",
    "Admin": "wxruntime.sandbox.Admin",
}


@pytest.mark.parametrize("name", PAGES)
def test_every_dotted_name_is_there(name: str) -> None:
    """Of a package, a module or a client; what a call is given does not matter."""
    for quoted in PAGES[name].quoted():
        dotted = DOTTED.match(quoted)
        if dotted is None or quoted in LOGGERS or quoted.endswith(".py"):
            continue
        head, rest = dotted.groups()
        if head == "client" and not hasattr(Client, rest.removeprefix(".")):
            head = "wxoa"  # a family of calls
        elif head in CLASSES:
            head = CLASSES[head]
        elif head in ("errors", "events", "media", "replies"):
            head = f"wxoa.{head}"

        assert found(head + rest) is not None, quoted


FOLDERS = "tests|docs|spec|generator|generated|runtime|benchmarks"


@pytest.mark.parametrize("name", PAGES)
def test_every_path_is_there(name: str) -> None:
    """Files and folders that a page names, and where its links lead."""
    folder = (ROOT / name).parent
    for quoted in PAGES[name].quoted():
        if re.fullmatch(
            r"(tests|docs|spec|generator|generated|runtime|benchmarks)/[\w./]*", quoted
        ):
            assert (ROOT / quoted).exists(), quoted
    for link in PAGES[name].links():
        path, _, anchor = link.partition("#")
        assert not path or (folder / path).exists(), link
        if anchor:
            target = PAGES[name] if not path else Page(str((folder / path).relative_to(ROOT)))
            assert anchor in target.anchors(), link


LARGE_ROOMS = (
    *(f"runtime/wxruntime/{room}" for room in ("callback", "inbox", "stream", "sandbox")),
    *(f"runtime/wxruntime/{room}" for room in ("desk", "commands", "wire", "stores")),
    *(f"runtime/wxruntime/sandbox/{room}" for room in ("families", "stage", "admin")),
    *(f"generator/wxspec/{room}" for room in ("passes", "passes/check", "printing")),
)


@pytest.mark.parametrize("room", LARGE_ROOMS)
def test_every_module_of_a_large_room_is_described(room: str) -> None:
    """Without its ending, because the room is named before it."""
    modules = {path.stem for path in (ROOT / room).glob("[!_]*.py")}

    assert not modules - ARCHITECTURE.quoted()


CHANGES = PAGES["CHANGELOG.md"]


def test_the_changelog_counts_what_there_is() -> None:
    """Calls, pushes, kinds of messages, error codes and their groups."""
    said = " ".join(CHANGES.text.split())
    found = re.search(
        r"(\d+) calls, .* one of (\d+) kinds: .* (\d+) events and (\d+) messages .*"
        r" (\d+) of them, .* one of (\d+) groups",
        said,
    )
    groups = {code.group for code in CATALOG.errors.values()} - {""}

    assert found is not None
    assert [*map(int, found.groups())] == [
        len(CATALOG.endpoints),
        len(CATALOG.unions["kf_message.Message"].variants),
        len(CATALOG.events),
        len(CATALOG.messages),
        len(CATALOG.errors),
        len(groups),
    ]


def test_every_group_of_errors_is_in_the_table() -> None:
    """Each once, and no other."""
    table = PRODUCTION.text.split("\n## Errors\n")[1].split("\n## ")[0]
    named = re.findall(r"^\| `(\w+)` \| ", table, re.MULTILINE)

    assert sorted(named) == sorted({code.group for code in CATALOG.errors.values()} - {""})
    assert all(issubclass(getattr(errors, name), errors.ApiError) for name in named)


@pytest.mark.parametrize("package", ["generator/wxspec", "runtime/wxruntime"])
def test_every_room_is_described(package: str) -> None:
    """A module or folder of a package stands in the page about the architecture."""
    folder = ROOT / package
    rooms = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in folder.iterdir()
        if not path.name.startswith(("_", "py.typed"))
    }
    named = ARCHITECTURE.quoted()

    assert not rooms - named


def test_the_package_offers_both_clients() -> None:
    """As every page says."""
    assert {"Client", "AsyncClient"} <= set(wxoa.__all__)
