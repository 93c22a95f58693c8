"""The page about frameworks shows the recipes that are tested, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from tests.callback.skins.servers import APPS
from tests.docs.pages import Page
from wxruntime.callback.asgi import BODY_SECONDS

RECIPES = Path(__file__).parent / "apps"
NOT_SHOWN = {"django_settings.py", "django_site.py"}
"""What Django itself prescribes."""

PAGE = Page("docs/frameworks.md")


def test_the_page_shows_the_recipes() -> None:
    """Line by line; only where the shared module lies is a matter of the reader's."""
    recipes = [
        path.read_text("utf-8").replace(f"{APPS}.", "")
        for path in RECIPES.glob("*.py")
        if path.name not in NOT_SHOWN
    ]

    assert sorted(PAGE.blocks()) == sorted(recipes)


def test_the_page_leads_to_its_own_sections() -> None:
    """Each section is listed at the top, and nothing that is not there."""
    sections = {link[1:] for link in PAGE.links() if link.startswith("#")}

    assert sections == PAGE.anchors() - {"the-callback-in-your-framework"}


def test_the_page_says_how_long_a_body_has() -> None:
    """The time for a whole body on the page is `BODY_SECONDS`."""
    (told,) = re.findall(r"a whole body has (\d+) s", PAGE.text)

    assert float(told) == BODY_SECONDS
