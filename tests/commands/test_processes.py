"""The commands as processes: on terminals, in pipes, and with what nobody may see."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.account import AES_KEY, APP_ID, TOKEN
from tests.commands.shell import APP_SECRET, process
from tests.docs.pages import ROOT
from tests.runtime.servers import TOKEN_PATH, Reply, Seen, Server, http
from wxruntime.sandbox import LocalWeChat


class Terminal:
    """A command whose input and output are a terminal."""

    def __init__(self, *words: str, **environment: str) -> None:
        self._master, slave = pty.openpty()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("WXOA_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wxoa", *words],
            env={**inherited, "PYTHONIOENCODING": "utf-8", **environment},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.said = b""

    def until(self, text: bytes) -> None:
        """Read until something is said."""
        while text not in self.said:
            self.said += os.read(self._master, 1024)

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._master, f"{text}\n".encode())

    def end(self) -> int:
        """Read until the end; return the exit code."""
        try:
            while chunk := os.read(self._master, 1024):
                self.said += chunk
        except OSError:  # how a terminal says that nobody writes to it any more
            pass
        os.close(self._master)
        return self.process.wait(60)


class TestSecrets:
    def test_a_secret_is_asked_for_on_a_terminal(self, wechat: LocalWeChat) -> None:
        """And not shown while it is typed."""
        terminal = Terminal(
            "call", "base.get_callback_ip", "--base-url", wechat.url, WXOA_APP_ID=APP_ID
        )
        terminal.until(b"AppSecret: ")
        terminal.type(APP_SECRET)

        assert terminal.end() == 0
        assert b"127.0.0.1" in terminal.said
        assert APP_SECRET.encode() not in terminal.said

    def test_a_secret_may_stand_in_a_file(self, wechat: LocalWeChat, tmp_path: Path) -> None:
        """A line end or a byte order mark is no part of the secret; an empty file has none."""
        (tmp_path / "secret").write_text(f"{APP_SECRET}\n")
        (tmp_path / "marked").write_text(f"{APP_SECRET}\r\n", "utf-8-sig")
        (tmp_path / "two words").write_text(f"{APP_SECRET} {APP_SECRET}\n")
        (tmp_path / "empty").write_text("\n")
        (tmp_path / "binary").write_bytes(b"\xff\xfe")
        words = ["call", "base.get_callback_ip", "--base-url", wechat.url, "--app-id", APP_ID]

        def given(name: str) -> tuple[int, str]:
            said = process(*words, "--app-secret-file", str(tmp_path / name))
            return said.code, said.err

        assert given("secret") == given("marked") == (0, "")
        assert f"wxoa: AppSecret in {tmp_path / 'two words'}: expected " in given("two words")[1]
        assert given("empty")[0] == given("binary")[0] == 2
        assert "expected a secret in " in given("empty")[1]

    def test_a_secret_on_the_command_line_is_refused(self) -> None:
        """Wherever it would belong, and it is not repeated."""
        for words in (
            ["call", "base.get_callback_ip", "--app-secret", APP_SECRET],
            ["call", "base.stable_token", f"--app_secret={APP_SECRET}"],
            ["call", "base.clear_quota_by_app_secret", "--app-secret", APP_SECRET],
            ["decode", "-", "--encoding-aes-key", AES_KEY],
            ["push", "text", "--url", "http://127.0.0.1:1", "--token", TOKEN],
        ):
            said = process(*words)

            assert said.code == 2
            assert "a secret is not taken from the command line" in said.line

    def test_the_secret_of_the_account_is_a_parameter_as_well(self, wechat: LocalWeChat) -> None:
        """It comes from the same place."""
        said = process("call", "base.token", "--base-url", wechat.url, app_secret=APP_SECRET)

        assert (said.code, said.err) == (0, "")
        assert said.json["access_token"] == "***"


class TestTerminals:
    def test_a_table_is_what_a_terminal_gets(self, wechat: LocalWeChat) -> None:
        """And JSON where there is none."""
        words = ["call", "kf_session.wait_case_list", "--base-url", wechat.url]
        terminal = Terminal(*words, WXOA_APP_ID=APP_ID, WXOA_APP_SECRET=APP_SECRET)

        assert terminal.end() == 0
        assert terminal.said.startswith(b"total_count  1\r\n")
        assert process(*words, app_secret=APP_SECRET).json["total_count"] == 1

    def test_a_file_is_no_text_for_a_terminal(self, wechat: LocalWeChat, tmp_path: Path) -> None:
        """It says where to put it, before it is fetched."""
        photo = tmp_path / "photo.jpg"
        photo.write_bytes(b"\xff\xd8\xff a photo of nobody")
        base = ["--base-url", wechat.url]
        sent = process(
            "call", "media.upload", "--type", "image", "--media", "-", *base,
            stdin=photo.read_bytes(), app_secret=APP_SECRET,
        )  # fmt: skip
        get = ["call", "media.get", "--media-id", sent.json["media_id"], *base]
        terminal = Terminal(*get, WXOA_APP_ID=APP_ID, WXOA_APP_SECRET=APP_SECRET)

        assert terminal.end() == 2
        assert b"give --save PATH" in terminal.said
        assert b"a photo" not in terminal.said
        saved = process(*get, "--save", str(tmp_path / "copy.jpg"), app_secret=APP_SECRET)
        assert saved.code == 0
        assert (tmp_path / "copy.jpg").read_bytes() == photo.read_bytes()

    def test_a_terminal_without_chinese_is_no_failure(self) -> None:
        """What it cannot show is escaped, and JSON stays JSON."""
        body = '{"MsgType": "smell", "Text": "客服 \\u00e9 \\ud83d\\udc4b"}'.encode()
        for form in ("json", "table"):
            said = process("decode", "-", "--output", form, stdin=body, encoding="ascii")
            assert (said.code, said.err) == (0, "")
            assert "\\u5ba2" in said.out
            if form == "json":
                assert said.json["fields"]["fields"]["Text"] == "客服 é 👋"

    def test_help_is_shown_on_any_terminal(self) -> None:
        """Whatever language it speaks."""
        for words in (["--help"], ["call", "--help"], ["call", "kf_account.add", "--help"]):
            said = process(*words, encoding="ascii")
            assert (said.code, said.err) == (0, "")
            assert said.out.isascii()


WRITING = [["decode", "-"], ["call", "--help"], ["push", "--list"], ["--help"]]
"""Commands that print: some line by line, others at once."""


def printing_to(out: int, words: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Run a command whose standard output is a file descriptor."""
    return subprocess.run(
        [sys.executable, "-m", "wxoa", *words],
        input=(ROOT / "tests/samples/messages/text.xml").read_bytes(),
        stdout=out,
        stderr=subprocess.PIPE,
        timeout=60,
    )


class TestLeaving:
    @pytest.mark.parametrize("words", WRITING, ids=" ".join)
    def test_a_reader_that_leaves_is_no_failure(self, words: list[str]) -> None:
        """The command ends with 0 and says nothing, as with `| head`."""
        reading, writing = os.pipe()
        os.close(reading)
        done = printing_to(writing, words)
        os.close(writing)

        assert done.returncode == 0
        assert done.stderr == b""

    @pytest.mark.parametrize("words", WRITING, ids=" ".join)
    def test_a_full_disk_is_named_as_that_of_the_output(self, words: list[str]) -> None:
        """The command fails in one line, which says that standard output cannot be written."""
        with open("/dev/full", "wb") as full:
            done = printing_to(full.fileno(), words)

        assert done.returncode == 1
        assert done.stderr.startswith(b"wxoa: cannot write to standard output: ")
        assert done.stderr.count(b"\n") == 1

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_a_download_that_is_stopped_leaves_nothing(
        self, number: signal.Signals, tmp_path: Path
    ) -> None:
        """Whoever stops it, and the exit code says how."""
        half, leave = threading.Event(), threading.Event()

        def endless() -> Iterator[bytes]:
            yield b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 99999999\r\n\r\n"
            for _ in range(48):  # more than the sockets hold: some of it has been read
                yield bytes(1 << 20)
            half.set()
            leave.wait()

        def answer(seen: Seen) -> Reply:
            if seen.path == TOKEN_PATH:
                return http({"access_token": "7oken/+c0ffee-1", "expires_in": 7200})
            return Reply(endless(), keep=False)

        words = ["call", "media.get", "--media-id", "m", "--save", str(tmp_path / "out.jpg")]
        server = Server(answer)
        try:
            with subprocess.Popen(
                [sys.executable, "-m", "wxoa", *words, "--base-url", server.base_url],
                env={**os.environ, "WXOA_APP_ID": APP_ID, "WXOA_APP_SECRET": APP_SECRET},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as running:
                assert half.wait(60)
                assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
                running.send_signal(number)
                out, err = running.communicate(timeout=60)
        finally:
            leave.set()
            server.close()

        assert (running.returncode, out, err) == (128 + number, b"", b"")
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize(
        ("closed", "code"), [("<&-", 1), (">&-", 0), ("2>&-", 0), ("<&- >&- 2>&-", 1)]
    )
    def test_a_closed_stream_is_no_traceback(self, closed: str, code: int) -> None:
        """It is as one with nothing in it, and as one that nobody reads."""
        done = subprocess.run(
            [
                "/bin/sh",
                "-c",
                f'exec "$@" {closed}',
                "sh",
                sys.executable,
                "-m",
                "wxoa",
                "decode",
                "-",
            ],
            input=(ROOT / "tests/samples/messages/text.xml").read_bytes(),
            capture_output=True,
            timeout=60,
        )

        assert done.returncode == code
        assert b"Traceback" not in done.stderr
        assert (b"TextMessage" in done.stdout) == (closed == "2>&-")

    def test_an_interrupted_push_is_no_traceback(self) -> None:
        """The exit code says so, and nothing else is said."""
        came, leave = threading.Event(), threading.Event()

        def answer(seen: Seen) -> Reply:
            came.set()
            leave.wait()
            return http(b"success")

        server = Server(answer)
        try:
            with subprocess.Popen(
                [sys.executable, "-m", "wxoa", "push", "text", "--url", server.base_url],
                env={**os.environ, "WXOA_TOKEN": TOKEN},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as running:
                assert came.wait(60)
                running.send_signal(signal.SIGINT)
                leave.set()
                out, err = running.communicate(timeout=60)
        finally:
            leave.set()
            server.close()

        assert (running.returncode, out, err) == (130, b"", b"")
