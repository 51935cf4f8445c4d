import base64
import random

import pytest

from calame.data.lzw import BadCompressError, decompress

BY_NCOMPRESS = base64.b64decode("H52QYcSMCThQIEGC")  # printf abcabcabcabcabc | compress, ncompress 4.2.4


def compress(text: bytes, widest: int, forget_every: int = 1 << 30) -> bytes:
    """What `compress` may write for `text`; ncompress and gzip unpack it."""
    codes: list[tuple[int, int]] = []  # code, bits
    table, word, width, since = {bytes([i]): i for i in range(256)} | {b"clear": 256}, b"", 9, 0

    def put(code: int) -> None:
        codes.append((code, width))

    def pad() -> None:
        nonlocal since
        codes.extend([(0, width)] * (-(len(codes) - since) % 8))
        since = len(codes)

    for place, value in enumerate(text):
        longer = word + bytes([value])
        if longer in table:
            word = longer
            continue
        put(table[word])
        if len(table) < 1 << widest:
            table[longer] = len(table)
            if len(table) - 1 == 1 << width and width < widest:  # the reader's table is one behind
                pad()
                width += 1
        if place % forget_every == forget_every - 1:
            put(256)
            pad()
            table, width = {bytes([i]): i for i in range(256)} | {b"clear": 256}, 9
        word = bytes([value])
    put(table[word])
    packed = bits = 0
    for code, wide in codes:
        packed |= code << bits
        bits += wide
    return bytes([0x1F, 0x9D, 0x80 | widest]) + packed.to_bytes((bits + 7) // 8, "little")


def sample(length: int) -> bytes:
    return random.Random(1).randbytes(length)


def test_what_ncompress_has_written():
    assert decompress(BY_NCOMPRESS, 100) == b"abcabcabcabcabc"


@pytest.mark.parametrize("widest", [10, 12, 16])
@pytest.mark.parametrize("forget_every", [1 << 30, 700])
def test_codes_of_every_width_and_a_table_that_is_forgotten(widest, forget_every):
    text = b"a" * 3000 + sample(9000) + b"0110" * 500
    assert decompress(compress(text, widest, forget_every), len(text)) == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "starts with"),
        (b"\x1f\x8b\x08", "starts with 1f8b08"),
        (b"\x1f\x9d\x89aaaa", "starts with 1f9d89"),
        (b"\x1f\x9d\x90\xff\xff\xff", "code 511 at byte 3 is not in the table"),
    ],
)
def test_foreign_bytes_are_refused(data, message):
    with pytest.raises(BadCompressError, match=message):
        decompress(data, 100)


def test_no_more_than_the_limit_is_unpacked():
    with pytest.raises(BadCompressError, match="more than the expected 14 bytes"):
        decompress(BY_NCOMPRESS, 14)
