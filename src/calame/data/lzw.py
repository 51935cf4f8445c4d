"""Unpacks Unix `compress` files (.Z), in which some old archives still keep their data and which Python cannot read.

Knows the format and nothing of files or data sets.

Source: T. A. Welch, "A Technique for High-Performance Data Compression", IEEE Computer 17(6), 1984, with the
layout of codes that `compress` 4.0 writes: little-endian, in groups of eight codes of one width.
"""

MAGIC = b"\x1f\x9d"
CLEAR = 256  # in block mode: forget the table
FIRST_WIDTH = 9  # bits of the first codes
GROUP = 8  # codes; what is left of a group is padding when the width changes


class BadCompressError(ValueError):
    """The bytes are not what `compress` writes; the message says where."""


def decompress(data: bytes, limit: int) -> bytes:
    """Unpack the bytes of a .Z file into at most `limit` bytes.

    Raises:
        BadCompressError: not a .Z file, a code that no table has, or more than `limit` bytes.
    """
    widest = data[2] & 0x1F if len(data) > 2 else 0
    # At most 9 bits (`compress -b 9`) is left out: the format's own tools disagree on it, gzip included.
    if data[:2] != MAGIC or not FIRST_WIDTH < widest <= 16:
        raise BadCompressError(f"starts with {data[:3].hex()}, expected 1f9d90")
    block_mode = bool(data[2] & 0x80)
    first_free = CLEAR + 1 if block_mode else CLEAR

    previous = b""
    out = bytearray()
    width = FIRST_WIDTH
    position = start = 3 * 8  # bits: of the next code, and of the first code of this width
    table = _fresh_table(first_free)
    while True:
        if len(table) >= 1 << width and width < widest:
            position = start = _next_group(position, start, width)
            width += 1
        if position + width > len(data) * 8:
            return bytes(out)
        byte, bit = divmod(position, 8)
        code = int.from_bytes(data[byte : byte + 3], "little") >> bit & (1 << width) - 1
        position += width
        if code == CLEAR and block_mode:
            position = start = _next_group(position, start, width)
            width, previous, table = FIRST_WIDTH, b"", _fresh_table(first_free)
            continue
        if code > len(table) or (code == len(table) and not previous):
            raise BadCompressError(f"code {code} at byte {byte} is not in the table")
        entry = table[code] if code < len(table) else previous + previous[:1]
        if previous and len(table) < 1 << widest:
            table.append(previous + entry[:1])
        out += entry
        previous = entry
        if len(out) > limit:
            raise BadCompressError(f"more than the expected {limit} bytes")


def _fresh_table(first_free: int) -> list[bytes]:
    return [bytes([value]) for value in range(256)] + [b""] * (first_free - 256)


def _next_group(position: int, start: int, width: int) -> int:
    """Return where the next group of codes begins; groups are counted from the first code of this width."""
    group = GROUP * width
    return start + -(-(position - start) // group) * group
