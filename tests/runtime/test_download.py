"""Answers on their way to a file: whole or not there, whoever else writes beside it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import BinaryIO, cast

import pytest

from tests.runtime.callers import CALLERS, Caller, callers
from tests.runtime.leaks import APP_SECRET
from tests.runtime.servers import Answer, Platform, Server, http
from wxoa import errors
from wxruntime.call import Call
from wxruntime.download import FileSink, looks_like_json, whole_file

PATH = "/cgi-bin/media/get"
ERROR = b'{"errcode":40007,"errmsg":"invalid media_id"}'
BOM = b"\xef\xbb\xbf"
PAGE = b"<html>" + b"please log in " * 100

download = Call("GET", PATH, "media.get", query={"media_id": "m"}, file=whole_file, idempotent=True)


@pytest.fixture(params=list(CALLERS))
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., Caller]]:
    """Make clients of either kind."""
    for make_any in callers(request.param):
        yield partial(make_any, app_secret=APP_SECRET)


Serve = Callable[[Answer], Server]


def test_downloads_to_one_path_at_once_are_each_whole(serve: Serve, tmp_path: Path) -> None:
    """The file is one of them, and nothing is left beside it."""
    contents = [bytes([65 + number]) * (1_000_000 + number) for number in range(4)]
    images = [http(content, content_type="image/jpeg") for content in contents]
    server = serve(Platform(script={PATH: images}))
    target = tmp_path / "a.jpg"
    for make_any in callers("blocking"):
        caller = make_any(base_url=server.base_url, app_secret=APP_SECRET)
        with ThreadPoolExecutor(4) as pool:
            saved = [*pool.map(caller.download, [download] * 4, [target] * 4)]

        assert sorted(each.size for each in saved) == [len(content) for content in contents]
    assert target.read_bytes() in contents
    assert os.listdir(tmp_path) == ["a.jpg"]


def test_sinks_of_one_path_write_beside_each_other(tmp_path: Path) -> None:
    """Each keeps what it was given, whatever order the pieces come in."""
    target = tmp_path / "a.bin"
    together = Barrier(8)

    def save(number: int) -> None:
        sink = FileSink(target)
        sink.restart()
        for _ in range(50):
            together.wait()
            sink.write(bytes([number]) * 100)
        sink.keep()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, range(8)))

    content = target.read_bytes()
    assert content == content[:1] * 5000
    assert os.listdir(tmp_path) == ["a.bin"]


def test_what_stands_beside_the_target_is_nobodys_to_write_to(tmp_path: Path) -> None:
    """Neither a file of the same name and `.part` nor what a link of that name leads to."""
    (tmp_path / "a.bin.part").write_bytes(b"mine")
    (tmp_path / "precious").write_bytes(b"mine too")
    (tmp_path / "b.bin.part").symlink_to(tmp_path / "precious")
    for name in ("a.bin", "b.bin"):
        sink = FileSink(tmp_path / name)
        sink.restart()
        sink.write(b"theirs")
        sink.keep()
        sink.drop()

    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes() == b"theirs"
    assert (tmp_path / "a.bin.part").read_bytes() == b"mine"
    assert (tmp_path / "precious").read_bytes() == b"mine too"


def test_the_longest_name_that_the_system_takes_can_be_saved_to(tmp_path: Path) -> None:
    """What stands beside it until it is whole has a short name."""
    target = tmp_path / ("n" * 255)
    sink = FileSink(target)
    sink.write(b"content")
    sink.keep()

    assert target.read_bytes() == b"content"


@pytest.mark.skipif(sys.platform == "win32", reason="a Windows file has no such mode")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_the_umask_decides_who_may_read_a_file(tmp_path: Path, umask: int, mode: int) -> None:
    """As for any file that a program makes."""
    before = os.umask(umask)
    try:
        sink = FileSink(tmp_path / "a.bin")
        sink.write(b"content")
        sink.keep()
    finally:
        os.umask(before)

    assert (tmp_path / "a.bin").stat().st_mode & 0o777 == mode


@pytest.mark.skipif(sys.platform == "win32", reason="a Windows file has no such mode")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    """Whoever may not read the old content may not read the new."""
    target = tmp_path / "a.bin"
    target.write_bytes(b"before")
    target.chmod(mode)
    sink = FileSink(target)
    sink.write(b"content")
    (part,) = tmp_path.glob("*.part")
    modes = [part.stat().st_mode & 0o777]
    sink.keep()

    assert [*modes, target.stat().st_mode & 0o777] == [mode, mode]
    assert target.read_bytes() == b"content"


@pytest.mark.skipif(sys.platform == "win32", reason="a link needs a privilege on Windows")
@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_one(tmp_path: Path, there: bool) -> None:
    """The file that it leads to gets the content, whether it is there already or not."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if there:
        (elsewhere / "real.bin").write_bytes(b"before")
    link = tmp_path / "link"
    link.symlink_to(Path("elsewhere") / "real.bin")
    sink = FileSink(link)
    sink.write(b"content")
    sink.keep()

    assert link.is_symlink()
    assert (elsewhere / "real.bin").read_bytes() == b"content"
    assert os.listdir(elsewhere) == ["real.bin"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """Whoever reads it gets the content, it stays a pipe, and nothing is left beside it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(pipe.read_bytes)
        sink = FileSink(pipe)
        sink.restart()
        sink.write(b"con")
        sink.write(b"tent")
        sink.keep()
        sink.drop()

        assert reading.result(60) == b"content"
    assert pipe.is_fifo()
    assert os.listdir(tmp_path) == ["pipe"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_what_a_pipe_got_cannot_be_taken_back(tmp_path: Path) -> None:
    """An answer that broke off is not begun again behind its first half."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(pipe.read_bytes)
        sink = FileSink(pipe)
        sink.restart()
        sink.write(b"half")
        with pytest.raises(errors.EncodeError, match="cannot be rewound"):
            sink.restart()
        sink.drop()

        assert reading.result(60) == b"half"
    assert pipe.is_fifo()


def test_a_restart_begins_the_same_file_again(tmp_path: Path) -> None:
    """A longer answer that broke off leaves nothing behind the next one."""
    sink = FileSink(tmp_path / "a.bin")
    sink.restart()
    sink.write(b"first and long")
    parts = os.listdir(tmp_path)
    sink.restart()
    sink.write(b"second")

    assert os.listdir(tmp_path) == parts
    sink.keep()
    assert (tmp_path / "a.bin").read_bytes() == b"second"
    assert sink.size == 6


def test_what_is_dropped_is_gone_and_stays_gone(tmp_path: Path) -> None:
    """A piece that comes late, from a thread that was not waited for, makes no new file."""
    (tmp_path / "a.bin").write_bytes(b"before")
    sink = FileSink(tmp_path / "a.bin")
    sink.restart()
    sink.write(b"half")
    sink.drop()

    with pytest.raises(OSError, match="the download is over"):
        sink.write(b"late")
    with pytest.raises(OSError, match="the download is over"):
        sink.restart()
    assert os.listdir(tmp_path) == ["a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == b"before"


def test_a_path_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    """The error names the path, and what is wrong with it."""
    with pytest.raises(IsADirectoryError, match="it is a folder; name a file in it") as folder:
        FileSink(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no folder") as missing:
        FileSink(tmp_path / "none" / "a.bin")

    assert str(folder.value).startswith(f"cannot write {tmp_path}: ")
    assert str(missing.value).startswith(f"cannot write {tmp_path / 'none' / 'a.bin'}: ")


def test_a_target_that_cannot_be_replaced_leaves_nothing_beside_it(tmp_path: Path) -> None:
    """A folder appears where the file was wanted, while the answer comes."""
    sink = FileSink(tmp_path / "folder")
    sink.write(b"content")
    (tmp_path / "folder").mkdir()

    with pytest.raises(OSError):  # noqa: PT011 - which one, the system decides
        sink.keep()
    sink.drop()

    assert os.listdir(tmp_path) == ["folder"]


class Sipping(io.RawIOBase):
    """A raw file that takes a few bytes at a time, and then no more."""

    def __init__(self, then: int | None, room: int) -> None:
        self.content = b""
        self._then = then
        self._room = room

    def writable(self) -> bool:
        return True

    def write(self, chunk: object) -> int:
        taken = bytes(cast("bytes", chunk))[: min(3, self._room - len(self.content))]
        self.content += taken
        return len(taken) or cast("int", self._then)


def test_a_raw_file_gets_every_byte() -> None:
    """However few it takes at a time."""
    file = Sipping(0, 1000)
    sink = FileSink(cast("BinaryIO", file))
    sink.restart()
    sink.write(b"0123456789")
    sink.write(b"abcdefgh")
    sink.keep()

    assert file.content == b"0123456789abcdefgh"


@pytest.mark.parametrize("then", [None, 0])
def test_a_raw_file_that_takes_nothing_is_an_error(then: int | None) -> None:
    """No byte is lost in silence, and nobody waits for ever."""
    sink = FileSink(cast("BinaryIO", Sipping(then, 5)))
    sink.restart()

    with pytest.raises(OSError, match="takes no more bytes"):
        sink.write(b"0123456789")


@pytest.mark.parametrize("beginning", [b"", BOM[:1], BOM[:2], BOM, BOM + b" \n", BOM + b"{", b" {"])
def test_what_could_become_json_is_held_back(beginning: bytes) -> None:
    """Even if a mark of its encoding stands before it, or only half of one came."""
    assert looks_like_json(beginning)


@pytest.mark.parametrize("beginning", [b"\xef\xbb{", b"\xff\xd8", b"<html>", BOM + b"text"])
def test_what_is_no_json_is_written(beginning: bytes) -> None:
    """A file, as far as anybody knows."""
    assert not looks_like_json(beginning)


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
@pytest.mark.parametrize("mark", [b"", BOM, BOM + b"\r\n"])
def test_an_error_behind_a_mark_of_its_encoding_is_seen(
    make: Callable[..., Caller], serve: Serve, tmp_path: Path, mark: bytes, kind: str
) -> None:
    """In memory and on its way to a path, where nothing is left."""
    server = serve(Platform(script={PATH: [http(mark + ERROR, content_type=kind)]}))
    caller = make(base_url=server.base_url)

    with pytest.raises(errors.ApiError) as in_memory:
        caller.send(download)
    with pytest.raises(errors.ApiError) as to_a_path:
        caller.download(download, tmp_path / "m.jpg")

    assert in_memory.value.code == to_a_path.value.code == 40007
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("kind", ["text/html", "Text/HTML; charset=utf-8"])
def test_a_web_page_is_no_file(
    make: Callable[..., Caller], serve: Serve, tmp_path: Path, kind: str
) -> None:
    """Something between here and the platform answered; nothing is left at the path."""
    server = serve(Platform(script={PATH: [http(PAGE, content_type=kind)]}))
    caller = make(base_url=server.base_url)

    with pytest.raises(errors.DecodeError, match=f"expected a file, got 200 {kind}: '<html>please"):
        caller.send(download)
    with pytest.raises(errors.DecodeError, match=f"got 200 {kind} of {len(PAGE)} bytes"):
        caller.download(download, tmp_path / "m.jpg")

    assert not os.listdir(tmp_path)
