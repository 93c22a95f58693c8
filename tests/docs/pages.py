"""The pages as the tests read them: headings, blocks of code, what stands between backticks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "Page", "block_with", "run"]

ROOT = Path(__file__).parents[2]


class Page:
    """One page of the documentation."""

    def __init__(self, path: str) -> None:
        self.text = (ROOT / path).read_text("utf-8")
        self._prose = re.sub(r"^```.*?^```$", "", self.text, flags=re.MULTILINE | re.DOTALL)

    def blocks(self, language: str = "python") -> list[str]:
        """Return its blocks of code in one language."""
        fenced = rf"^```{language}\n(.*?)^```$"
        return re.findall(fenced, self.text, re.MULTILINE | re.DOTALL)

    def headings(self) -> list[str]:
        """Return the marks of its headings, without their words."""
        return re.findall(r"^(#+) ", self._prose, re.MULTILINE)

    def quoted(self) -> set[str]:
        """Return what stands between backticks, outside of blocks."""
        return set(re.findall(r"`([^`\n]+)`", self._prose))

    def paragraphs(self) -> list[str]:
        """Return its paragraphs, lists and tables, outside of blocks."""
        return [said for said in re.split(r"\n\s*\n", self._prose) if said.strip()]

    def anchors(self) -> set[str]:
        """Return what links into the page may name."""
        titles = re.findall(r"^#+ (.*)$", self._prose, re.MULTILINE)
        return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}

    def links(self) -> set[str]:
        """Return where its links lead, those on the web left out."""
        found: list[str] = re.findall(r"\]\(([^)]+)\)", self._prose)
        return {link for link in found if "://" not in link}


def run(block: str, **given: object) -> dict[str, Any]:
    """Run a block of code, and return the names that it leaves behind."""
    names: dict[str, Any] = {"__name__": "page", **given}
    exec(compile(block, "a page", "exec", dont_inherit=True), names)
    return names


def block_with(page: Page, text: str) -> str:
    """Return the only block of a page that holds a text."""
    (found,) = (block for block in page.blocks() if text in block)
    return found
