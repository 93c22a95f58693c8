"""Plain columns, and what of others' texts a terminal is given."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxoa.kf_account import OnlineStatus
from wxruntime.commands.table import Rows, cell, table
from wxruntime.commands.terminal import harmless, padded, width
from wxruntime.wire import JsonValue, Timestamp


@pytest.fixture
def shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock is Shanghai's."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class TestTexts:
    @given(st.text())
    def test_property_a_harmless_text_does_nothing_but_stand_there(self, text: str) -> None:
        """One line, all of it printable, and the same again when it is asked for twice."""
        shown = harmless(text)

        assert shown.isprintable()
        assert harmless(shown) == shown
        assert shown == text or not text.isprintable()

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("\x1b[2J", r"\x1b[2J"),
            ("a\nb", r"a\nb"),
            ("\x9b31m", r"\x9b31m"),
            ("\u202egnp.exe", r"\u202egnp.exe"),
            ("\udcff", r"\udcff"),
            ("客服 ok", "客服 ok"),
        ],
    )
    def test_what_a_terminal_obeys_is_escaped(self, text: str, shown: str) -> None:
        """And everything else is left as it is."""
        assert harmless(text) == shown

    @pytest.mark.parametrize(
        ("text", "columns"),
        [("", 0), ("abc", 3), ("客服", 4), ("Ａ1", 3), ("e\u0301", 1), ("👋", 2)],
    )
    def test_a_chinese_character_takes_two_columns(self, text: str, columns: int) -> None:
        """An accent that is written behind its letter takes none."""
        assert width(text) == columns
        assert padded(text, 6) == text + " " * (6 - columns)


class TestCells:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (None, "-"),
            (True, "true"),
            (False, "false"),
            (1.5, "1.5"),
            ("two\twords", r"two\twords"),
            (OnlineStatus.BOTH, "3 BOTH"),
            (OnlineStatus(9), "9"),
            (["a", 1], "a, 1"),
            ({"a": ["客"]}, '{"a": ["客"]}'),
        ],
    )
    def test_a_value_is_one_line(self, value: JsonValue, shown: str) -> None:
        """Whatever it is."""
        assert cell(value) == shown

    @pytest.mark.usefixtures("shanghai")
    def test_a_moment_is_readable_and_has_its_zone(self) -> None:
        """One that no calendar has stays a number."""
        assert cell(Timestamp(1399197672)) == "2014-05-04 18:01:12 +0800"
        assert cell(Timestamp(10**15)) == str(10**15)


def from_column(line: str, column: int) -> str:
    """Return what a terminal shows of a line from a column on."""
    before = (line[:end] for end in range(len(line) + 1))
    return next((line[len(cut) :] for cut in before if width(cut) == column), "")


class TestTables:
    def test_columns_line_up_behind_wide_characters(self) -> None:
        """By what a terminal shows, and not by the number of characters."""
        values: JsonValue = [
            {"name": "客服", "state": "on"},
            {"name": "a", "state": "off", "since": {"day": 1}},
        ]

        assert [*table(values)] == [
            "name  state  since.day",
            "客服  on",
            "a     off    1",
        ]

    def test_an_object_is_a_row_for_each_field(self) -> None:
        """Inner ones by their way there, and lists of objects below."""
        value: JsonValue = {"quota": {"used": 1}, "ok": True, "waiting": [{"who": "a"}], "tags": []}

        assert [*table(value)] == [
            "quota.used  1",
            "ok          true",
            "tags",
            "",
            "waiting:",
            "who",
            "a",
        ]

    @pytest.mark.parametrize("value", [{}, []])
    def test_nothing_is_said(self, value: JsonValue) -> None:
        """An empty output would leave the question whether it worked."""
        assert [*table(value)] == ["(none)"]

    def test_rows_come_one_by_one(self) -> None:
        """The header stands before the first; what only others have says its name."""
        rows = Rows()

        assert [*rows.next({"a": "xyz", "b": 1})] == ["a    b", "xyz  1"]
        assert [*rows.next({"a": "much longer", "c": "\x1b"})] == [r"much longer     c=\x1b"]
        assert [*rows.next("a text")] == ["a text"]

    @given(
        st.lists(
            st.dictionaries(st.sampled_from(["a", "b", "名"]), st.text(max_size=8), min_size=1),
            min_size=1,
        )
    )
    def test_property_a_column_begins_at_one_place(self, values: list[dict[str, str]]) -> None:
        """Each cell begins where the name of its column does; no line moves the cursor."""
        header, *lines = table([{**value} for value in values])

        for name in dict.fromkeys(name for value in values for name in value):
            start = width(header[: header.index(name)])
            for value, line in zip(values, lines, strict=True):
                assert from_column(line, start).startswith(cell(value.get(name, "")).rstrip())
        assert all(line.isprintable() for line in (header, *lines))
