"""Digit by digit: the scores of each, and the confusion matrix."""

import numpy as np
from numpy.typing import NDArray

from calame.training.findings import Evaluation
from calame.training.report.elements import each, el, row, section, table
from calame.training.report.words import Words
from calame.types import DIGITS

PAIRS = 4  # confusions named in words
HOT = 0.62  # heat from which white is read better than black


def by_digit(found: Evaluation, words: Words) -> str:
    """Return the section."""
    return section(
        words.text("report.classes.title"),
        el("p", words.text("report.classes.intro"), class_="intro"),
        el("div", _scores(found, words), _confusion(found.scores.matrix, words), class_="pair digits"),
    )


def _scores(found: Evaluation, words: Words) -> str:
    classes, matrix = found.scores.classes, found.scores.matrix
    errors = matrix.sum(1) - np.diag(matrix)
    most = max(1, int(errors.max()))
    decimals = words.decimals(found.scores.share.count)
    names = ("digit", "support", "errors", "precision", "recall", "f1")
    rows = [
        row(
            str(digit),
            words.number(classes.support[digit]),
            el("td", words.number(errors[digit]), class_="bars", style=f"--share:{errors[digit] / most:.3f}"),
            *(
                words.percent(float(values[digit]), decimals)
                for values in (classes.precision, classes.recall, classes.f1)
            ),
        )
        for digit in range(DIGITS)
    ]
    macro = [words.percent(mean, decimals) for mean in classes.macro()]
    foot = row(words.text("report.classes.macro"), words.number(matrix.sum()), words.number(errors.sum()), *macro)
    made = table([words.text(f"report.classes.{name}") for name in names], rows, foot=foot)
    return el("div", el("h3", words.text("report.classes.scores")), made)


def _confusion(matrix: NDArray[np.int64], words: Words) -> str:
    wrong = matrix - np.diag(np.diag(matrix))
    most = max(1, int(wrong.max()))
    corner = el("td", words.text("report.confusion.true"), "<br>", words.text("report.confusion.read"), class_="corner")
    head = el("thead", el("tr", corner, each("th", map(str, range(DIGITS)), scope="col")))
    rows = [
        row(str(true), *(_cell(int(matrix[true, read]), most, true == read) for read in range(DIGITS)))
        for true in range(DIGITS)
    ]
    caption = el("caption", words.text("report.confusion.caption"), _most_often(wrong, words))
    made = el("table", caption, head, el("tbody", *rows), class_="confusion")
    return el("div", el("h3", words.text("report.confusion.title")), made)


def _cell(count: int, most: int, diagonal: bool) -> str:
    """One count; the heat is its square root, so that one error is still seen beside fifty."""
    if diagonal or not count:
        return el("td", str(count), class_="hit" if diagonal else "zero")
    heat = (count / most) ** 0.5
    return el("td", str(count), class_="miss hot" if heat > HOT else "miss", style=f"--heat:{heat:.2f}")


def _most_often(wrong: NDArray[np.int64], words: Words) -> str:
    order = [divmod(int(place), DIGITS) for place in np.argsort(-wrong, axis=None, kind="stable")[:PAIRS]]
    pairs = [(true, read, int(wrong[true, read])) for true, read in order if wrong[true, read] > 1]
    if not pairs:
        return ""
    named = ", ".join(
        words.text("report.confusion.pair", true=true, read=read, count=count) for true, read, count in pairs
    )
    return " " + words.text("report.confusion.most", pairs=named)
