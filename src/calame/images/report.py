"""The report of a training on one's own classes: a page that opens anywhere, and the same as JSON.

Nothing is computed here; every word comes from the catalogue of sentences, every name is escaped.
"""

import json
from html import escape
from pathlib import Path
from typing import Any

from calame.locale import text
from calame.locale.numbers import number, percent

META = "<meta charset=utf-8><meta name=viewport content='width=device-width'>"
STYLE = """:root{color-scheme:light dark}
body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.55 system-ui,sans-serif}
h1{font:400 2.2rem/1.2 Georgia,serif}h2{font:400 1.4rem/1.3 Georgia,serif;margin-top:2.2rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .8rem;text-align:start;border-bottom:1px solid #8886}
td.n{text-align:end}.wide{overflow-x:auto}
.right{background:#22418f33}.wrong{background:#a5341a33}
p.large{font:400 1.6rem/1.35 Georgia,serif}
.quiet{opacity:.75}"""


def write_report(report: dict[str, Any], folder: Path, language: str) -> Path:
    """Write `report.html` and `report.json` into a folder; return the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    page = folder / "report.html"
    page.write_text(html(report, language), encoding="utf-8")
    return page


def html(report: dict[str, Any], language: str) -> str:
    """Return the page."""

    def word(key: str, **values: object) -> str:
        return escape(text(f"transfer.report.{key}", language, **values))

    def share(value: float | None) -> str:
        return "–" if value is None else percent(value, 1, language)

    found, refused, sure = report["accuracy"], report["refused"], report["confidence"]
    ends = {"low": share(found["low"]), "high": share(found["high"])}
    parts = [f"<h1>{word('title', folder=report['folder'])}</h1>"]
    parts.append(f"<p class=large>{word('accuracy', share=share(found['share']), n=found['n'], **ends)}</p>")
    parts.append(f"<p>{word('confidence', mean=share(sure['mean']), gap=share(sure['error']))}</p>")
    parts.append(f"<p>{word('refused', share=share(refused['share']))}</p>")
    sides = {name: number(count, 0, language) for name, count in report["split"].items()}
    parts.append(f"<p class=quiet>{word('split', **sides)}</p>")
    rows = [(one["name"], one["photos"], share(one["precision"]), share(one["recall"])) for one in report["classes"]]
    parts += [
        f"<h2>{word('classes')}</h2>",
        table([word(name) for name in ("class", "photos", "precision", "recall")], rows),
    ]
    parts += [f"<h2>{word('confusion')}</h2>", f"<p class=quiet>{word('confusion.about')}</p>", matrix(report)]
    if report["errors"]:
        rows = [(one["path"], one["truth"], one["said"], share(one["sure"])) for one in report["errors"]]
        parts += [
            f"<h2>{word('errors')}</h2>",
            table([word(name) for name in ("photo", "truth", "said", "sure")], rows),
        ]
    passed = [word("empty", names=", ".join(report["empty"]))] if report["empty"] else []
    passed += [word("astray", count=report["astray"])] if report["astray"] else []
    if passed:
        parts += [f"<h2>{word('passed')}</h2>", *(f"<p>{one}</p>" for one in passed)]
    if report["unread"]:
        parts += [f"<h2>{word('unread')}</h2>", table([word("problem")], [(one,) for one in report["unread"]])]
    if report["same"]:
        parts += [
            f"<h2>{word('same')}</h2>",
            f"<p>{word('same.about')}</p>",
            table([word("photo"), word("photo")], report["same"]),
        ]
    title = word("title", folder=report["folder"])
    head = f"<!doctype html><html lang={language}>{META}<title>{title}</title><style>{STYLE}</style>"
    return "\n".join([head, *parts, "</html>"]) + "\n"


def table(heads: list[str], rows: list[Any]) -> str:
    """Return a table; its heads are escaped already, its cells are not."""
    top = "".join(f"<th scope=col>{head}" for head in heads)
    lines = ["".join(f"<td>{escape(str(cell))}" for cell in row) for row in rows]
    return f"<div class=wide><table><tr>{top}" + "".join(f"<tr>{line}" for line in lines) + "</table></div>"


def matrix(report: dict[str, Any]) -> str:
    """Return the confusion matrix: a row for what a photo shows, a column for what was said."""
    names = [escape(one["name"]) for one in report["classes"]]
    lines = [f"<tr><th>{''.join(f'<th scope=col>{name}' for name in names)}"]
    for place, (name, counts) in enumerate(zip(names, report["confusion"], strict=True)):
        cells = [
            f"<td class='n {'right' if other == place else 'wrong' if count else ''}'>{count}"
            for other, count in enumerate(counts)
        ]
        lines.append(f"<tr><th scope=row>{name}{''.join(cells)}")
    return f"<div class=wide><table>{''.join(lines)}</table></div>"
