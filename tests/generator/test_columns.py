"""Columns: what a text takes where each character has its place."""

from __future__ import annotations

import pytest

from wxspec.columns import width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("会话", 4),
        ("，", 2),
        ("e\u0301", 1),  # a mark that stands on the letter before it
        ("\u20dd", 0),  # a mark around the letter before it
        ("\u0903", 1),  # a mark that takes a place of its own
    ],
)
def test_a_text_takes_columns(text: str, columns: int) -> None:
    """Wide characters take two, and marks on others none."""
    assert width(text) == columns
