"""The head that every page wears, from one fragment: the app's page, and those that are written on the server.

In the app a script speaks its words, and changes them; on a page that the server writes they are there from the start,
and all but the choice of the theme works without a script.
"""

from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from calame.locale import LANGUAGES, text
from calame.service.problems import TABS

HERE = Path(__file__).parent
PLACE = "<!-- masthead -->"  # of the fragment, in the app's page
NAMES = {"en": "English", "fr": "français"}  # of the languages, each in its own


@cache
def app_page() -> str:
    """Return the app's page, its head filled in."""
    choices = (
        f'<button type="button" id="speak-{one}" lang="{one}" aria-label="{one.upper()}, {NAMES[one]}">'
        f"{one.upper()}</button>"
        for one in LANGUAGES
    )
    head = _filled(LANGUAGES[0], "", choices)
    return (HERE / "index.html").read_text(encoding="utf-8").replace(PLACE, head)


@cache
def masthead(language: str) -> str:
    """Return the head of a page that the server writes, beside the tab API; its languages are addresses."""
    choices = (
        f'<a href="?lang={one}" lang="{one}" aria-label="{one.upper()}, {NAMES[one]}" '
        f'aria-current="{str(one == language).lower()}">{one.upper()}</a>'
        for one in LANGUAGES
    )
    return _filled(language, "/", choices, current="api")


def _filled(language: str, home: str, choices: Iterable[str], current: str | None = None) -> str:
    """Return the fragment in a language; `home` is the address of the app as seen from the page."""
    say = {key: escape(text(f"page.{key}", language)) for key in ("skip", "language", "nav.label", "nav.menu")}
    tabs = (_tab(tab, language, home, current=tab == current) for tab in ("", *TABS))
    return Template((HERE / "masthead.html").read_text(encoding="utf-8").rstrip()).substitute(
        home=home, skip=say["skip"], label=say["nav.label"], menu=say["nav.menu"], language=say["language"],
        tabs="\n".join(tabs), languages="\n".join(f"      {choice}" for choice in choices),
    )  # fmt: skip


def _tab(tab: str, language: str, home: str, *, current: bool) -> str:
    key = f"nav.{tab or 'read'}"
    mark = ' aria-current="true"' if current else ""
    return f'    <a href="{home}#/{tab}" data-t="{key}"{mark}>{escape(text(f"page.{key}", language))}</a>'
