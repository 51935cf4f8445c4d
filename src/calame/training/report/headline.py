"""The top of the report: the accuracy, what it means in a sentence, its interval, and a few figures beside it."""

from calame.training.findings import Evaluation
from calame.training.report.elements import el, listed
from calame.training.report.plots import interval_plot
from calame.training.report.words import Words

Fact = tuple[str, str, str]  # name, figure, what more there is to say


def headline(found: Evaluation, words: Words) -> str:
    """Return the section."""
    share, digits = found.scores.share, words.decimals(found.scores.share.count)
    mark = el(
        "div",
        el("p", words.percent(share.accuracy, digits), class_="figure"),
        el("p", words.text("report.accuracy"), class_="label"),
        interval_plot(share.accuracy, share.interval, words),
    )
    first, *others = _sentences(found, words, digits)
    says = el("div", el("p", el("strong", first)), *(el("p", other) for other in others), class_="says")
    facts = listed(
        ((name, el("b", figure) + " " + el("span", more)) for name, figure, more in _facts(found, words, digits)),
        "facts",
    )
    return el("section", mark, says, facts, class_="headline")


def _sentences(found: Evaluation, words: Words, digits: int) -> list[str]:
    share = found.scores.share
    wrong = share.count - share.right
    low, high = (words.percent(end, digits) for end in share.interval)
    counts = {"count": words.number(share.count), "right": words.number(share.right), "wrong": words.number(wrong)}
    if not wrong:
        said = [words.text("report.headline_perfect", count=counts["count"])]
    elif share.count >= 2 * wrong:
        said = [words.text("report.headline", every=words.number(share.count / wrong), **counts)]
    else:
        said = [words.text("report.headline_many", **counts)]
    said += [words.text("report.interval", low=low, high=high)]
    if found.refused:
        refused, offered = words.number(len(found.refused)), words.number(found.offered)
        forced = words.percent(found.forced.accuracy, digits)
        said += [words.text("report.refused_sentence", refused=refused, offered=offered, forced=forced)]
    if found.writers:
        low, high = (words.percent(end, digits) for end in found.writers.interval)
        worst = words.percent(found.writers.worst_share.accuracy, 0)
        writers = words.number(found.writers.count)
        said += [words.text("report.writers_sentence", low=low, high=high, count=writers, worst=worst)]
    return said


def _facts(found: Evaluation, words: Words, digits: int) -> list[Fact]:
    scores, share = found.scores, found.scores.share
    of = words.text("report.fact.of", count=words.number(share.count))
    facts = [(words.text("report.fact.errors"), words.number(share.count - share.right), of)]
    if found.undisputed:
        rest = found.undisputed
        wrong, count = words.number(rest.count - rest.right), words.number(rest.count)
        more = words.text("report.fact.undisputed_of", wrong=wrong, count=count)
        facts += [(words.text("report.fact.undisputed"), words.percent(rest.accuracy, digits), more)]
    if found.refused:
        more = words.text(
            "report.fact.coverage_of", count=words.number(share.count), offered=words.number(found.offered)
        )
        facts += [(words.text("report.fact.coverage"), words.percent(found.coverage, 1), more)]
    third = words.text("report.fact.top3", share=words.percent(scores.top3, digits))
    low, high = (words.percent(end) for end in scores.width.interval)
    return [
        *facts,
        (words.text("report.fact.second"), words.percent(scores.top2, digits), third),
        (
            words.text("report.fact.ece"),
            words.percent(scores.width.error),
            words.text("report.fact.ece_of", low=low, high=high),
        ),
    ]
