"""Numbers as a reader of English or French writes them: decimal sign, thousands, per cent."""

from decimal import ROUND_DOWN, Decimal

THIN = "\u202f"  # narrow no-break space: thousands and per cent in French
FRENCH = str.maketrans({",": THIN, ".": ","})


def number(value: float, digits: int = 0, language: str = "en") -> str:
    """Return `value` with `digits` decimals, thousands apart.

    Example:
        >>> number(1234.5, 1), number(1234.5, 1, "fr")
        ('1,234.5', '1\u202f234,5')
    """
    written = f"{value:,.{digits}f}"
    return written.translate(FRENCH) if language == "fr" else written


def percent(share: float, digits: int = 2, language: str = "en") -> str:
    """Return a share of 0-1 as a percentage; only a whole one is ever written as 100.

    Example:
        >>> percent(0.9974), percent(0.9974, language="fr"), percent(0.99999)
        ('99.74%', '99,74\u202f%', '99.99%')
    """
    exact = Decimal(repr(float(share))) * 100
    unit = Decimal(1).scaleb(-digits)
    rounded = exact.quantize(unit)
    if rounded == 100 and exact < 100:  # 1 error in 100,000 is not "100 %"
        rounded = exact.quantize(unit, rounding=ROUND_DOWN)
    return number(float(rounded), digits, language) + (f"{THIN}%" if language == "fr" else "%")
