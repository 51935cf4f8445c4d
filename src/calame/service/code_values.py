"""A reading of a code as plain values, for a program: the same names on the command line and in the API."""

from calame.locale import text
from calame.service.code_sheet import reason_of
from calame.types import Answer, Budget, CodeReading

Json = dict[str, object]
PLACES = 6  # decimals of a probability
ROUNDED = 4  # of a share of readings


def code_json(reading: CodeReading, language: str) -> Json:
    """Return a reading as plain values; the names are a contract. `field` is there for a field of a form alone."""
    return {
        **({"field": reading.field} if reading.field else {}),
        "text": reading.text,
        "confidence": round(reading.confidence, PLACES),
        "state": reading.state,
        "digits": digits_json(reading),
        "rejected": reading.rejected,
        "doubt": reading.doubt,
        "reason": reason_of(reading, language) or None,
        "guess": reading.guess or None,
        "alternatives": [[other, round(share, PLACES)] for other, share in reading.alternatives],
        "repaired": reading.repaired,
        "suggestion": reading.suggestion or None,
        "changes": [change._asdict() for change in reading.changes],
        "failed": list(reading.failed),
        "separators": [
            {"mark": mark, "after": after, "box": None if box is None else list(box)}
            for mark, after, box in reading.separators
        ],
        "written": reading.written or None,
        "box": None if reading.box is None else list(reading.box),
        "readers": [answer_json(answer, language) for answer in reading.readers],
    }


def answer_json(answer: Answer, language: str) -> Json:
    """Return what one of the two readers answered by itself."""
    name = text(f"reading.reader.{answer.reader}", language)
    return {
        "reader": answer.reader, "name": name, "text": answer.text, "confidence": round(answer.confidence, PLACES),
    }  # fmt: skip


def digits_json(reading: CodeReading) -> list[Json]:
    """Return the digits of the best guess, each with its place and how probable each of 0-9 is in it."""
    rows = [[round(share, PLACES) for share in row] for row in reading.probabilities.tolist()]
    known = len(rows) == len(reading.digits)
    return [
        {
            "digit": digit, "confidence": round(sure, PLACES), "box": list(box),
            "probabilities": rows[place] if known else None,
        }
        for place, (digit, sure, box) in enumerate(reading.digits)
    ]  # fmt: skip


def budget_json(budget: Budget) -> Json:
    """Return what a wish for few wrong answers costs, as plain values."""
    names = ("max_wrong", "kind", "threshold", "refused", "bound", "count", "answered", "wrong")
    values: Json = {name: getattr(budget, name) for name in names}
    return {**values, "refused": round(budget.refused, ROUNDED)}
