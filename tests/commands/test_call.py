"""`wxoa call`: every endpoint has a page and a request, and an answer is printed as asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.account import APP_ID
from tests.commands.shell import Said, typed
from tests.runtime.servers import TOKEN_PATH, Reply, Seen, http, serving
from wxoa import Client
from wxoa.catalog import CATALOG
from wxruntime.commands.account import add_account_options, connected
from wxruntime.commands.examples import example
from wxruntime.commands.operations import Operation, module_of, operations
from wxruntime.commands.parser import Parser
from wxruntime.sandbox import LocalWeChat
from wxruntime.stores import FileStore
from wxruntime.surface import load
from wxruntime.transport import Timeout
from wxruntime.wire import JsonValue

OPERATIONS = operations(CATALOG)
every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda it: it.name)
PICTURE = b"\x89PNG\r\n\x1a\n a picture of nobody"


def shown(value: JsonValue) -> str:
    """Write a value as it is typed."""
    return value if isinstance(value, str) else json.dumps(value)


def options(operation: Operation, file: Path) -> list[str]:
    """Give every parameter that is no secret an example."""
    words: list[str] = []
    for field in operation.parameters:
        flag = f"--{field.name.replace('_', '-')}"
        if field.secret:
            continue
        if field.type.name in ("boolean", "flag") and not field.type.many:
            words.append(flag)
        elif field.type.name == "file":
            words += [flag, str(file)]
        else:
            words += [flag, shown(example(CATALOG, field))]
    return words


def record(number: int, text: str) -> dict[str, JsonValue]:
    """Return what was said, as the wire has it."""
    return {
        "openid": "o6_ann", "opercode": 2003, "text": text, "time": 1464710400 + number,
        "worker": "sara@acme",
    }  # fmt: skip


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture to send."""
    path = tmp_path / "photo.png"
    path.write_bytes(PICTURE)
    return path


class TestHelp:
    @every_operation
    def test_every_operation_has_a_page(
        self, operation: Operation, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The page names each parameter, each error and the source."""
        endpoint = operation.endpoint
        said = typed(capsys, "call", operation.name, "--help")

        assert (said.code, said.err) == (0, "")
        words = said.out.split()
        for field in operation.parameters:
            assert f"--{field.name.replace('_', '-')}" in said.out
            known = (
                CATALOG.enums[field.type.of].values.values()
                if field.type.of in CATALOG.enums
                else ()
            )
            assert all(str(value) in said.out for value in known)
        assert all(str(code) in words for code in endpoint.errors if code in CATALOG.errors)
        assert endpoint.source in said.out
        assert ("deprecated:" in words) == bool(endpoint.deprecated)
        assert " ".join(endpoint.deprecated.split()) in " ".join(words)
        assert " ".join(operation.doc.split()) in " ".join(words)

    def test_all_operations_are_listed_by_module(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Each with its one line."""
        said = typed(capsys, "call", "--help")

        printed = " ".join(said.out.split())
        assert said.code == 0
        deprecated = 0
        for name, operation in OPERATIONS.items():
            mark = " (deprecated)" if operation.endpoint.deprecated else ""
            assert f"{name} {operation.doc}{mark}" in printed
            deprecated += bool(mark)
        assert printed.count("(deprecated)") == deprecated > 0

    def test_what_goes_through_pages_says_what_it_asks_for(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The limit of one page is no limit of what goes through all of them."""
        page = " ".join(typed(capsys, "call", "kf_record.get_msg_list", "--help").out.split())
        pages = " ".join(typed(capsys, "call", "kf_record.iterate", "--help").out.split())

        assert "at most 24 hours after start_time" in page
        assert "--number INTEGER Maximum number of records per page" in page
        assert "--end-time TIME End of the time range, which may have any length." in pages
        assert "--number INTEGER How many items to ask for at once, 1 to 10000." in pages

    @pytest.mark.parametrize("module", sorted({*map(module_of, OPERATIONS)}))
    def test_a_module_lists_its_own(self, module: str, capsys: pytest.CaptureFixture[str]) -> None:
        """On standard output when it is asked for, else as what is wrong."""
        asked = typed(capsys, "call", module, "--help")
        left_out = typed(capsys, "call", module)

        assert (asked.code, asked.err) == (0, "")
        assert (left_out.code, left_out.out) == (2, "")
        assert asked.out == left_out.err
        for operation in OPERATIONS:
            assert (f"\n  {operation} " in asked.out) == (module_of(operation) == module)

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("kf_sesion.get", "kf_sesion.get'; did you mean kf_session.get"),
            ("kf_session.gte", "kf_session.gte'; did you mean kf_session.get"),
            ("kf_session.zzz", "kf_session.zzz'; see wxoa call kf_session --help"),
            ("zzz", "zzz'; see wxoa call --help"),
            ("\x1b[2Jget", "\\x1b[2Jget'; see wxoa call --help"),
        ],
    )
    def test_an_unknown_name_is_answered_with_the_nearest(
        self, name: str, problem: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Or with where to look."""
        said = typed(capsys, "call", name)

        assert said.code == 2
        assert said.line.startswith(f"wxoa: there is no endpoint '{problem}")

    def test_without_a_name_they_are_listed_as_what_is_wrong(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Nothing goes to standard output."""
        said = typed(capsys, "call")

        assert (said.code, said.out) == (2, "")
        assert "kf_session.get" in said.err


class TestRequests:
    @every_operation
    def test_every_operation_has_a_request(
        self, operation: Operation, photo: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The request holds each parameter by its name on the wire, and is not sent."""
        endpoint = operation.endpoint
        said = typed(capsys, "call", operation.name, "--dry-run", *options(operation, photo))

        assert (said.code, said.err) == (0, "")
        request = said.json
        assert (request["method"], request["path"]) == (endpoint.method, endpoint.path)
        places = {"query": endpoint.query, "body": (*endpoint.body, *endpoint.form)}
        for place, fields in places.items():
            there = request.get(place, {})
            for field in fields:
                if field.secret and not field.required:
                    assert field.wire not in there
                    continue
                inside = there[field.within] if field.within else there
                names = {field.wire}
                if field.type.of in CATALOG.unions:  # it stands among the others
                    names = {CATALOG.unions[field.type.of].tag}
                assert names <= inside.keys()
                assert not field.secret or inside[field.wire] == "***"

    def test_names_may_have_underscores(self, capsys: pytest.CaptureFixture[str]) -> None:
        """As in Python; values keep theirs."""
        with_hyphens = typed(
            capsys, "call", "kf_session.create",
            "--dry-run", "--openid", "o_a", "--kf-account", "s_a",
        )  # fmt: skip
        with_underscores = typed(
            capsys, "call", "kf-session.create", "--dry_run", "--openid=o_a", "--kf_account=s_a"
        )

        assert with_hyphens.json["body"] == {"openid": "o_a", "kf_account": "s_a"}
        assert with_underscores == with_hyphens

    def test_a_secret_that_may_be_left_out_is_not_asked_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It is taken where somebody gives it, and shown as none."""
        words = ("call", "kf_account.add", "--dry-run", "--kf-account", "s@a", "--nickname", "S")
        without = typed(capsys, *words)
        path = tmp_path / "password"
        path.write_text("5f4dcc3b5aa765d61d8327deb882cf99\n")
        by_file = typed(capsys, *words, "--password-file", str(path))
        monkeypatch.setenv("WXOA_PASSWORD", "5f4dcc3b5aa765d61d8327deb882cf99")
        by_variable = typed(capsys, *words)

        assert "password" not in without.json["body"]
        assert by_file.json["body"]["password"] == "***"
        assert by_variable.json == by_file.json

    @pytest.mark.parametrize("option", ["--force-refresh", "--no-force-refresh", None])
    def test_a_flag_is_set_or_unset(
        self, option: str | None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Nothing said is what the specification says."""
        words = [] if option is None else [option]
        said = typed(capsys, "call", "base.stable_token", "--dry-run", *words)

        assert said.json["body"]["force_refresh"] is (option == "--force-refresh")

    @pytest.mark.parametrize(
        ("time", "seconds"),
        [
            ("1399197672", 1399197672),
            ("2014-05-04T18:01:12+08:00", 1399197672),
            ("2014-05-04T10:01:12Z", 1399197672),
        ],
    )
    def test_a_time_is_seconds_or_a_moment_with_its_zone(
        self, time: str, seconds: int, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Both are the same on the wire."""
        said = typed(
            capsys, "call", "kf_record.get_record", "--dry-run",
            "--start-time", time, "--end-time", "1399200000",
        )  # fmt: skip

        assert said.json["body"]["starttime"] == seconds

    def test_a_value_that_nobody_described_is_sent(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Enumerations are open."""
        said = typed(
            capsys, "call", "kf_message.typing", "--dry-run", "--openid", "o", "--command", "Sing"
        )

        assert said.json["body"]["command"] == "Sing"

    @pytest.mark.parametrize("from_file", [False, True])
    def test_a_message_is_json_or_a_file_of_it(
        self, from_file: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As the pages of the platform show it."""
        message = '{"msgtype": "text", "text": {"content": "你好"}}'
        (tmp_path / "message.json").write_text(message, "utf-8")
        given = f"@{tmp_path / 'message.json'}" if from_file else message
        said = typed(
            capsys, "call", "kf_message.send", "--dry-run", "--openid", "o", "--message", given
        )

        assert said.json["body"] == {
            "touser": "o", "msgtype": "text", "text": {"content": "你好"},
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("given", "problem"),
        [
            ("{", "argument --message: expected JSON"),
            ("@/nowhere/at/all", "argument --message: cannot read /nowhere/at/all"),
            ("[]", "message: expected an object, got a list"),
            ('{"msgtype": "text", "text": {}}', "message: $.text.content: expected a string"),
            ("null", "message: expected an object, got nothing"),
            (
                '{"msgtype": "text", "text": {"content": "x"}, "customservice": {}}',
                "under 'text', got 'customservice' as well; leave out what it does not say",
            ),
            (
                '{"msgtype": "txt", "text": {"content": "x"}}',
                "under 'txt', got 'text' as well; did you mean text?",
            ),
            (r'{"msgtype": "\ud83d"}', r"half of one, \ud83d, at byte 13"),
        ],
    )
    def test_a_message_that_is_none_is_one_line(
        self, given: str, problem: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """And nothing is sent."""
        said = typed(capsys, "call", "kf_message.send", "--openid", "o", "--message", given)

        assert (said.code, said.out) == (2, "")
        assert problem in said.line

    def test_a_message_of_a_new_kind_is_sent(self, capsys: pytest.CaptureFixture[str]) -> None:
        """With its content, and whole characters however they are written."""
        given = r'{"msgtype": "smell", "smell": {"of": "\ud83d\udc4b", "path": "\\ud83d"}}'
        said = typed(
            capsys, "call", "kf_message.send", "--dry-run", "--openid", "o", "--message", given
        )

        assert said.json["body"]["smell"] == {"of": "👋", "path": r"\ud83d"}

    def test_a_file_in_another_encoding_is_refused(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """With its name and the byte, and nothing is replaced."""
        path = tmp_path / "gbk.json"
        path.write_bytes('{"msgtype": "text", "text": {"content": "你好"}}'.encode("gbk"))
        said = typed(
            capsys, "call", "kf_message.send", "--openid", "o", "--message", f"@{path}", "--dry-run"
        )

        assert (said.code, said.out) == (2, "")
        assert f"got the byte 0xc4 at byte 41 of {path}; write it in UTF-8" in said.line

    def test_the_account_is_a_parameter_as_well(self, capsys: pytest.CaptureFixture[str]) -> None:
        """It is the one of the environment, unless another is named."""
        own = typed(capsys, "call", "base.clear_quota", "--dry-run")
        other = typed(capsys, "call", "base.clear_quota", "--dry-run", "--app-id", "wxother")

        assert own.json["body"] == {"appid": APP_ID}
        assert other.json["body"] == {"appid": "wxother"}

    @pytest.mark.parametrize(
        ("words", "problem"),
        [
            (["kf_session.get"], "--openid"),
            (["kf_session.get", "--openid", "o", "--opnid", "p"], "arguments: --opnid"),
            (["kf_session.get", "--openid", "o", "\x1b[2J"], r"unrecognized arguments: \x1b[2J"),
            (["kf_session.get", "--openid", "\udcff"], "expected text in UTF-8"),
            (["kf_record.get_record", "--start-time", "yesterday"], "expected Unix seconds"),
            (["kf_record.get_record", "--start-time", "2014-05-04T10:00:00"], "with its zone"),
            (["kf_record.get_record", "--page-size", "many"], "expected a whole number"),
            (["media.upload", "--type", "image", "--media", "none.png"], "cannot read none.png"),
            (["base.token", "--output", "xml"], "--output"),
        ],
    )  # fmt: skip
    def test_a_wrong_argument_is_named_in_one_line(
        self, words: list[str], problem: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """And nothing is sent."""
        said = typed(capsys, "call", *words)

        assert (said.code, said.out) == (2, "")
        assert problem in said.line


def calling(
    capsys: pytest.CaptureFixture[str], wechat: LocalWeChat, operation: str, *words: str
) -> Said:
    """Call an endpoint of the local WeChat."""
    return typed(capsys, "call", operation, "--base-url", wechat.url, *words)


class TestAnswers:
    def test_an_answer_is_json_where_no_terminal_is(
        self, wechat: LocalWeChat, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """By the names in Python, and times as they are."""
        opened = calling(
            capsys, wechat, "kf_session.create", "--openid", "o6_ann", "--kf-account", "sara@acme"
        )
        said = calling(capsys, wechat, "kf_session.get", "--openid", "o6_ann")

        assert (opened.code, opened.json, opened.err) == (0, None, "")
        assert {**said.json, "create_time": 0} == {
            "openid": "o6_ann", "kf_account": "sara@acme", "create_time": 0,
        }  # fmt: skip
        assert said.json["create_time"] > 1_700_000_000

    def test_a_list_is_a_table_with_a_row_for_each(
        self, wechat: LocalWeChat, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Its moments have their zone."""
        calling(
            capsys, wechat, "kf_session.create", "--openid", "o6_ann", "--kf-account", "sara@acme"
        )
        words = ["--kf-account", "sara@acme", "--output", "table"]
        said = calling(capsys, wechat, "kf_session.list", *words)
        nobody = calling(
            capsys, wechat, "kf_session.list", "--kf-account", "bob@acme", "--output", "table"
        )

        header, row = said.out.splitlines()
        assert header.split() == ["openid", "kf_account", "create_time"]
        assert row.split()[:2] == ["o6_ann", "sara@acme"]
        assert row[-5] in "+-"
        assert [header.index("kf_account"), header.index("create_time")] == [
            row.index("sara@acme"), row.index(row.split()[2]),
        ]  # fmt: skip
        assert nobody.code in (0, 1)

    def test_what_is_not_flat_stands_below(
        self, wechat: LocalWeChat, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The queue is a count, and a row for each who waits."""
        said = calling(capsys, wechat, "kf_session.wait_case_list", "--output", "table")

        count, empty, name, header, row = said.out.splitlines()
        assert count.split() == ["total_count", "1"]
        assert (empty, name) == ("", "items:")
        assert {"openid", "latest_time"} <= {*header.split()}
        assert row.split()[0] == "o6_ann"

    def test_raw_is_what_the_wire_has(
        self, wechat: LocalWeChat, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """By its names there."""
        said = calling(capsys, wechat, "kf_session.wait_case_list", "--output", "raw")

        assert [one["openid"] for one in said.json["waitcaselist"]] == ["o6_ann"]

    @pytest.mark.parametrize("form", ["json", "table", "raw"])
    def test_a_secret_is_masked_unless_it_is_asked_for(
        self, form: str, wechat: LocalWeChat, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """In every form of output."""
        words = ["base.stable_token", "--output", form]
        masked = calling(capsys, wechat, *words)
        shown = calling(capsys, wechat, *words, "--reveal")

        assert masked.code == shown.code == 0
        assert "***" in masked.out
        assert "local-" not in masked.out
        assert "local-" in shown.out

    def test_a_file_comes_back_as_it_went(
        self,
        wechat: LocalWeChat,
        photo: Path,
        tmp_path: Path,
        capsysbinary: pytest.CaptureFixture[bytes],
    ) -> None:
        """To where it is wanted, or to standard output where that is no terminal."""
        from wxruntime.cli import run

        base = ["--base-url", wechat.url]
        run("wxoa", ["call", "media.upload", "--type", "image", "--media", str(photo), *base])
        sent = json.loads(capsysbinary.readouterr().out)
        get = ["call", "media.get", "--media-id", sent["media_id"], *base]
        assert run("wxoa", get) == 0
        assert capsysbinary.readouterr().out == PICTURE
        assert run("wxoa", [*get, "--save", str(tmp_path / "copy.png")]) == 0

        assert json.loads(capsysbinary.readouterr().out)["size"] == len(PICTURE)
        assert (tmp_path / "copy.png").read_bytes() == PICTURE
        assert run("wxoa", [*get, "--save", "-"]) == 0
        assert capsysbinary.readouterr().out == PICTURE
        assert not Path("-").exists()

    @pytest.mark.parametrize(
        ("name", "problem"),
        [(".", "it is a folder; name a file in it"), ("none/a.jpg", "there is no folder")],
    )
    def test_a_place_that_no_file_can_have_is_refused(
        self, name: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The path is named before anything is asked for, be it a token."""
        path = str(tmp_path / name)
        with serving(lambda seen: http({})) as server:
            words = ["--media-id", "m", "--base-url", server.base_url, "--save", path]
            said = typed(capsys, "call", "media.get", *words)

        assert (said.code, said.out) == (2, "")
        assert said.line.startswith(f"wxoa: cannot write {path}: {problem}")
        assert not server.seen

    @pytest.mark.parametrize("by", ["option", "variable"])
    def test_processes_may_share_the_token(
        self,
        by: str,
        wechat: LocalWeChat,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """The second call finds the token of the first one in the store."""
        store = str(tmp_path / "tokens.db")
        words = ["--token-store", store] if by == "option" else []
        if by == "variable":
            monkeypatch.setenv("WXOA_TOKEN_STORE", store)
        for _ in range(2):
            said = calling(capsys, wechat, "base.get_callback_ip", *words)
            assert said.code == 0
        with FileStore(store) as tokens:
            held = tokens.update(f"{APP_ID}:stable", lambda state, now: (state, state.stored))

        assert held is not None


class TestTime:
    def test_a_whole_answer_may_take_as_long_as_the_option_says(self) -> None:
        """The time of all attempts grows with it, the time to connect does not."""
        settings: dict[str, Any] = {}

        def client(**given: Any) -> Client:
            settings.update(given)
            return Client(**given)

        surface = evolve(load("wxoa"), client=client)
        parser = Parser()
        add_account_options(parser)
        with connected(surface, parser.parse_args(["--timeout", "600"]), token=True):
            pass

        assert settings["timeout"] == Timeout(connect=10.0, read=600.0)
        assert settings["retry"].deadline == 600.0

    @pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon", "86401"])
    def test_a_time_that_is_none_is_refused(
        self, seconds: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The line says what a time may be, and no request is sent."""
        said = typed(capsys, "call", "base.get_callback_ip", "--timeout", seconds)

        assert said.code == 2
        assert "--timeout: expected seconds, from above 0 to 86400" in said.line


class TestManyPages:
    @pytest.mark.parametrize("form", ["json", "table"])
    def test_each_item_is_printed_as_it_comes(
        self, form: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A line for each, of all pages; what came before a refusal is there."""
        pages = [
            http({"recordlist": [record(1, "hello"), record(2, "客服")], "msgid": 20}),
            http({"recordlist": [record(3, "\x1b[2J"), record(4, "bye")], "msgid": 30}),
            http({"errcode": 65416, "errmsg": "no more"}),
        ]

        def answer(seen: Seen) -> Reply:
            if seen.path == TOKEN_PATH:
                return http({"access_token": "7oken/+c0ffee-1", "expires_in": 7200})
            return pages.pop(0)

        with serving(answer) as server:
            said = typed(
                capsys, "call", "kf_record.iterate", "--base-url", server.base_url,
                "--start-time", "1464710400", "--end-time", "1464710500", "--number", "2",
                "--output", form,
            )  # fmt: skip

        lines = said.out.splitlines()
        assert said.code == 1
        assert "65416 InvalidRecordParameter" in said.line
        if form == "json":
            texts = [json.loads(line)["text"] for line in lines]
            assert texts == ["hello", "客服", "\x1b[2J", "bye"]
        else:
            assert lines[0].split()[:3] == ["openid", "oper_code", "text"]
            assert [line.split()[3] for line in lines[2:4]] == ["客服", r"\x1b[2J"]
            assert len(lines) == 5

    def test_the_first_request_is_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Where nothing is to be sent."""
        said = typed(
            capsys, "call", "kf_record.iterate", "--dry-run",
            "--start-time", "1464710400", "--end-time", "1465000000",
        )  # fmt: skip

        assert said.json["path"] == "/customservice/msgrecord/getmsglist"
        assert said.json["body"]["endtime"] == 1464710400 + 86400

    def test_a_time_that_ends_before_it_begins_is_one_line(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """And nothing is sent."""
        said = typed(
            capsys, "call", "kf_record.iterate", "--start-time", "1464710400", "--end-time", "7"
        )

        assert said.code == 2
        assert "expected an end at 1464710400 or later, got 7" in said.line


class TestRefusals:
    def test_a_refusal_is_one_line_with_everything(
        self, wechat: LocalWeChat, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Code, class, meaning, remedy, and what the platform said."""
        said = calling(
            capsys, wechat, "kf_session.close", "--openid", "o6_ann", "--kf-account", "sara@acme"
        )

        assert (said.code, said.out) == (1, "")
        assert said.line.startswith(
            "wxoa: kf_session.close: 65413 SessionNotFound: There is no conversation between"
        )
        assert "Ask who serves the customer with kf_session.get first." in said.line

    def test_what_the_platform_says_moves_no_cursor(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Escapes are shown as such, and the rid is kept."""

        def answer(seen: Seen) -> Reply:
            if seen.path == TOKEN_PATH:
                return http({"access_token": "7oken/+c0ffee-1", "expires_in": 7200})
            said = "no \x1b[2J such \u202e thing rid: 5f1a2b3c-0d4e5f6a-7b8c9d0e"
            return http({"errcode": 999999, "errmsg": said})

        with serving(answer) as server:
            said = typed(capsys, "call", "base.get_callback_ip", "--base-url", server.base_url)

        assert said.code == 1
        assert "999999 ApiError: The specification does not describe this code." in said.line
        assert r"no \x1b[2J such \u202e thing" in said.line
        assert "rid: 5f1a2b3c-0d4e5f6a-7b8c9d0e" in said.line

    def test_nobody_at_the_address_is_one_line(
        self, closed_port: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A failure, and no wrong argument."""
        said = typed(capsys, "call", "base.get_callback_ip", "--base-url", closed_port)

        assert said.code == 1
        assert "no connection" in said.line

    @pytest.mark.parametrize(
        ("words", "problem"),
        [
            (["--base-url", "ftp://me:hidden@example"], "expected an http:// or https:// address"),
            (["--token-store", "redis://[::1"], "expected an address such as redis://"),
            (["--token-store", "redis://me:hidden@host"], "put the whole address into WXOA_TOKEN_"),
            (["--token-store", "redis://:a/hidden@host"], "put the whole address into WXOA_TOKEN_"),
            (["--token-store", "rediss://host?password=hidden"], "not taken from the command line"),
            (["--app-secret-file", "/nowhere/secret"], "cannot read /nowhere/secret"),
            (["--app-id", "wx 1"], "--app-id: expected ASCII text"),
        ],
    )
    def test_an_account_that_cannot_work_is_one_line(
        self, words: list[str], problem: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Which option it is can be read from it."""
        said = typed(capsys, "call", "base.get_callback_ip", *words)

        assert said.code in (1, 2)
        assert problem in said.line
        assert "hidden" not in said.line

    def test_a_store_in_the_environment_that_is_none_is_named(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The line names the variable, and does not show what it holds."""
        monkeypatch.setenv("WXOA_TOKEN_STORE", "redis://me:hidden@[::1")
        said = typed(capsys, "call", "base.get_callback_ip")

        assert said.code == 2
        assert said.line.startswith("wxoa: WXOA_TOKEN_STORE: expected an address such as redis://")
        assert "hidden" not in said.line

    def test_without_an_account_nothing_is_sent(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It says which variable, and which option."""
        monkeypatch.delenv("WXOA_APP_SECRET")
        no_secret = typed(capsys, "call", "base.get_callback_ip")
        monkeypatch.delenv("WXOA_APP_ID")
        no_id = typed(capsys, "call", "base.get_callback_ip")

        assert (no_secret.code, no_id.code) == (2, 2)
        assert "WXOA_APP_SECRET" in no_secret.line
        assert "--app-id" in no_id.line
