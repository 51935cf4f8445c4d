"""What every sheet keeps to: text that no spreadsheet takes for a formula, UTF-8 that Excel knows, a PNG's size."""

FORMULA = frozenset("=+-@\t\r\n＝＋－＠")  # first characters by which a spreadsheet knows one, wide ones included
BOM = "\ufeff"  # by which Excel knows UTF-8


def harmless(typed: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe before one that could be.

    Example:
        >>> harmless("=HYPERLINK(1)"), harmless("seven")
        ("'=HYPERLINK(1)", 'seven')
    """
    return f"'{typed}" if typed.lstrip(" \u00a0")[:1] in FORMULA else typed


def as_typed(cell: str) -> str:
    """Return what `harmless` made a cell of."""
    return cell[1:] if cell[:1] == "'" and harmless(cell[1:]) == cell else cell


def png_size(picture: bytes) -> tuple[int, int]:
    """Return the width and height of a PNG, in pixels."""
    return int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])
