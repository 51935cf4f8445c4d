"""Calibrating on one's own pictures: how often readings of such confidence are wrong, on this paper, with these pens.

What was measured on made pictures does not carry over to real ones. A folder of a few hundred labelled pictures of the
kind that will be read is worth more than any figure of ours: 300 answers without an error carry "at most 1 wrong in
50", 6,000 carry "at most 1 in 1,000" (see `budget`).
"""

from collections.abc import Callable, Sequence

from calame.errors import UsageError
from calame.imaging.codec import Source
from calame.locale import Phrase
from calame.reader.budget import Calibration, curve, steady
from calame.reader.code import CodeReader
from calame.types import CodeReading

FEWEST = 20  # readings: fewer say nothing


def calibrate(
    reader: CodeReader,
    pictures: Sequence[Source],
    texts: Sequence[str],
    *,
    name: str,
    progress: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Read labelled pictures and measure how sure is sure enough.

    Args:
        reader: with the model and the checks that will be used; one without a calibration of its own.
        pictures: of one number each, of the kind that will be read, not chosen for being clear.
        texts: what each says, digits alone.
        name: what to call this kind of input.
        progress: told after each picture how many are read, and of how many.

    Returns:
        What to `save`, and to give to `CodeReader(calibration=…)`.

    Raises:
        UsageError: too few pictures, or not one label each; a reader with a calibration of its own, on top of
            which this one would be fitted, and in whose place it would be used.

    Example:
        >>> calibrate(CodeReader(), paths, texts, name="order forms").save(Path("orders.json"))
    """
    if len(pictures) != len(texts) or len(pictures) < FEWEST:
        raise UsageError(problem=Phrase("reader.few_labels", pictures=len(pictures), labels=len(texts), least=FEWEST))
    if reader.calibration is not None:
        raise UsageError(problem=Phrase("reader.calibrated", name=reader.calibration.name))
    readings: list[CodeReading] = []
    for reading in reader.stream(pictures):
        readings.append(reading)
        if progress is not None:
            progress(len(readings), len(pictures))
    return measured(reader, readings, texts, name=name)


def measured(reader: CodeReader, readings: Sequence[CodeReading], texts: Sequence[str], *, name: str) -> Calibration:
    """Return the calibration that follows from readings; arguments as for `calibrate`.

    What is refused for another reason than too little confidence is never answered: it counts as the least sure.
    """
    able = [reading.error is None and reading.rejected in (None, "unsure") for reading in readings]
    rights = [one and reading.guess == text for one, reading, text in zip(able, readings, texts, strict=True)]
    fitted = steady(
        [reading.confidence for one, reading in zip(able, readings, strict=True) if one],
        [right for one, right in zip(able, rights, strict=True) if one],
    )
    sure = [fitted(reading.confidence) if one else 0.0 for one, reading in zip(able, readings, strict=True)]
    return Calibration(name, reader.readers, fitted, {name: curve(name, sure, rights)})
