"""An evaluation as a compact table for a terminal."""

from collections.abc import Generator, Sequence

from calame.training.findings import Evaluation, Share
from calame.training.intervals import Interval
from calame.training.report.words import Words
from calame.training.selective import Point
from calame.types import DIGITS

SHOWN = 10  # errors listed; all of them when they are files to look at, up to FILES
FILES = 50


def lines(found: Evaluation, way: str, words: Words) -> Generator[str]:
    """Yield the lines: what was measured, the figures, the digits, the errors, the harms."""
    yield f"{found.name} · {found.data} · {words.number(found.offered)} · {words.plain(f'report.way.{way}')}"
    yield ""
    yield from _columns(_figures(found, words), "<>><")
    for budget, point in found.scores.budgets:
        if point:
            most = words.plain("report.confidence.budget", count=words.number(1 / budget))
            yield words.plain("cli.evaluate.table.budget", budget=most, said=_kept(point, words))
    yield ""
    yield from _columns(_digits(found, words), ">>>>>>")
    if found.errors:
        yield ""
        yield from _columns(_errors(found, words), "<>>>")
        rest = len(found.errors) - _shown(found)
        if rest:
            yield words.plain("cli.evaluate.table.more", count=words.number(rest))
    if found.refused:
        yield ""
        for reason, count in found.reasons():
            yield words.plain("cli.evaluate.table.refused", count=words.number(count), reason=words.reason(reason))
    if found.curves:
        yield ""
        yield words.plain("cli.evaluate.table.harms", count=words.number(found.curves[0].levels[0].count))
        yield from _harms(found, words)


def _figures(found: Evaluation, words: Words) -> list[tuple[str, ...]]:
    scores = found.scores

    def share(name: str, value: Share) -> tuple[str, ...]:
        errors = words.plain(
            "cli.evaluate.table.errors", wrong=words.number(value.count - value.right), count=words.number(value.count)
        )
        return (
            words.plain(f"cli.evaluate.table.{name}"),
            words.percent(value.accuracy),
            _range(value.interval, words),
            errors,
        )

    rows = [share("accuracy", scores.share)]
    if found.undisputed:
        rows += [share("undisputed", found.undisputed)]
    if found.writers:
        name = words.plain("cli.evaluate.table.writers", count=words.number(found.writers.count))
        worst = words.plain("cli.evaluate.table.worst", worst=words.percent(found.writers.worst_share.accuracy, 0))
        rows += [(name, "", _range(found.writers.interval, words), worst)]
    if found.refused:
        answered = words.plain(
            "cli.evaluate.table.of", count=words.number(scores.share.count), offered=words.number(found.offered)
        )
        rows += [(words.plain("cli.evaluate.table.answered"), words.percent(found.coverage), "", answered)]
        rows += [share("forced", found.forced)]
    rows += [(words.plain("cli.evaluate.table.top2"), words.percent(scores.top2), "", "")]
    rows += [
        (
            words.plain("cli.evaluate.table.ece"),
            words.percent(scores.width.error),
            _range(scores.width.interval, words),
            "",
        )
    ]
    if scores.auroc is not None:
        rows += [(words.plain("cli.evaluate.table.auroc"), words.percent(scores.auroc), "", "")]
    return rows


def _kept(point: Point, words: Words) -> str:
    if point.coverage == 1:
        return words.plain("report.confidence.budget_all")
    return words.plain(
        "report.confidence.budget_kept",
        threshold=words.percent(point.threshold, 1),
        share=words.percent(point.coverage, 1),
        person=words.percent(1 - point.coverage, 1),
    )


def _digits(found: Evaluation, words: Words) -> list[tuple[str, ...]]:
    classes, matrix = found.scores.classes, found.scores.matrix
    heads = tuple(
        words.plain(f"report.classes.{name}") for name in ("digit", "support", "errors", "precision", "recall", "f1")
    )
    rows, decimals = [heads], words.decimals(found.scores.share.count)
    for digit in range(DIGITS):
        support = int(classes.support[digit])
        shares = (
            words.percent(float(values[digit]), decimals) for values in (classes.precision, classes.recall, classes.f1)
        )
        rows += [(str(digit), words.number(support), words.number(support - int(matrix[digit, digit])), *shares)]
    means = (words.percent(mean, decimals) for mean in classes.macro())
    wrong = words.number(found.scores.share.count - found.scores.share.right)
    return [*rows, (words.plain("report.classes.macro"), words.number(found.scores.share.count), wrong, *means)]


def _errors(found: Evaluation, words: Words) -> list[tuple[str, ...]]:
    rows = [("", *(words.plain(f"cli.evaluate.table.{name}") for name in ("true", "read", "sure")))]
    for error in found.errors[: _shown(found)]:
        where = error.name or words.plain("report.errors.index", index=error.index)
        rows += [(where, str(error.true), str(error.read), words.percent(error.confidence, 1))]
    return rows


def _shown(found: Evaluation) -> int:
    return min(len(found.errors), FILES if any(error.name for error in found.errors) else SHOWN)


def _harms(found: Evaluation, words: Words) -> Generator[str]:
    """Two lines a harm: its levels, and the share read right at each."""
    wide = max(len(words.plain(f"report.harm.{curve.name}")) for curve in found.curves)
    for curve in found.curves:
        levels = "".join(f"{words.short(level.level):>7}" for level in curve.levels)
        rights = "".join(f"{words.number(level.accuracy * 100, 1):>7}" for level in curve.levels)
        yield f"{words.plain(f'report.harm.{curve.name}'):<{wide}}{levels}  {words.plain(f'report.unit.{curve.name}')}"
        yield f"{'':<{wide}}{rights}  %"


def _columns(rows: Sequence[tuple[str, ...]], sides: str) -> Generator[str]:
    """Align columns: `<` left, `>` right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(f"{cell:{side}{wide}}" for cell, side, wide in zip(row, sides, widths, strict=True)).rstrip()


def _range(interval: Interval, words: Words) -> str:
    return f"{words.percent(interval.low)} – {words.percent(interval.high)}"
