"""HTML as nested calls: `el("p", "text", class_="note")`. Children are markup already: escape with `Words` first."""

from collections.abc import Iterable, Sequence

VOID = {"img", "meta"}


def el(name: str, /, *children: str, **attributes: object) -> str:
    """Return one element; `class_` and `stroke_width` become `class` and `stroke-width`, None leaves one out.

    Example:
        >>> el("p", "two ", el("b", "words"), class_="note")
        '<p class="note">two <b>words</b></p>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{value}"' for key, value in attributes.items() if value is not None
    )
    return f"<{name}{written}>" if name in VOID else f"<{name}{written}>{''.join(children)}</{name}>"


def each(name: str, children: Iterable[str], /, **attributes: object) -> str:
    """Return one element for each child."""
    return "".join(el(name, child, **attributes) for child in children)


def table(heads: Sequence[str], rows: Iterable[str], *, foot: str = "", class_: str | None = None) -> str:
    """Return a table: column heads, rows from `row`, and perhaps a last row apart."""
    head = el("thead", el("tr", each("th", heads, scope="col")))
    return el("table", head, el("tbody", *rows), el("tfoot", foot) if foot else "", class_=class_)


def row(head: str, *cells: str) -> str:
    """Return a table row: its head, then `cells`, plain text or whole `<td>` elements."""
    return el(
        "tr", el("th", head, scope="row"), *(cell if cell.startswith("<td") else el("td", cell) for cell in cells)
    )


def listed(rows: Iterable[tuple[str, str]], class_: str) -> str:
    """Return a description list, each term with its description in a `<div>`."""
    return el("dl", *(el("div", el("dt", term), el("dd", said)) for term, said in rows), class_=class_)


def section(title: str, *children: str, class_: str | None = None) -> str:
    """Return a section under its second-level heading."""
    return el("section", el("h2", title), *children, class_=class_)


def head(title: str, style: str) -> str:
    """Return the head of a page that stands alone, in the colours of the reader's system."""
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{title} · Calame"),
        el("style", style),
    )
