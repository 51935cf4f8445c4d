"""Readings that nobody read: of a number whose digits stand where the test says."""

from calame.types import Box, CodeDigit, CodeReading

LINE = Box(100, 100, 400, 150)


def read(guess, confidence, box=LINE, **more):
    text = guess if confidence >= 0.5 and not more.get("failed") else None
    return CodeReading(text, confidence, guess=guess, box=box, **more)


def placed(guess, high, *, uneven=0, top=100, confidence=0.95, **more):
    """A number of digits so high, of which every other is so much lower."""
    digits = tuple(
        CodeDigit(int(digit), 1.0, Box(30 * place, top + uneven * (place % 2), 30 * place + 20, top + high))
        for place, digit in enumerate(guess)
    )
    return read(guess, confidence, Box(0, top, 30 * len(guess), top + high), digits=digits, **more)
