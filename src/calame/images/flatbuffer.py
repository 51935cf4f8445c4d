"""Reads a FlatBuffer (https://flatbuffers.dev/internals/): tables, their fields by number, vectors. Nothing else.

Every offset is checked by `struct` and NumPy against the bytes that there are; nothing is copied and nothing run.
What the fields mean is not known here.
"""

import struct
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Table:
    """A table at a place of the buffer.

    Its methods raise struct.error or ValueError where the bytes are no FlatBuffer.
    """

    buffer: memoryview
    place: int

    def whole(self, number: int, default: int = 0, kind: str = "i") -> int:
        """Return a whole number of a field; `kind` is `struct`'s letter of it."""
        place = self._field(number)
        return default if place is None else int(struct.unpack_from(f"<{kind}", self.buffer, place)[0])

    def text(self, number: int) -> str:
        """Return a field that is a text, empty where there is none."""
        return self.array(number, np.uint8).tobytes().decode("utf-8", "replace")

    def table(self, number: int) -> "Table | None":
        """Return a field that is a table."""
        place = self._field(number)
        return None if place is None else Table(self.buffer, self._refer(place))

    def tables(self, number: int) -> "list[Table]":
        """Return a field that is a vector of tables."""
        place = self._field(number)
        if place is None:
            return []
        start = self._refer(place)
        count = self._unsigned(start)
        if count > len(self.buffer) // 4:
            raise ValueError(count)
        return [Table(self.buffer, self._refer(start + 4 + 4 * one)) for one in range(count)]

    def array(self, number: int, kind: type[Number]) -> NDArray[Number]:
        """Return a field that is a vector of numbers, (n,), empty where there is none."""
        place = self._field(number)
        if place is None:
            return np.empty(0, kind)
        start = self._refer(place)
        return np.frombuffer(self.buffer, kind, self._unsigned(start), start + 4)

    def _field(self, number: int) -> int | None:
        """Return where a field lies; None: it has its default."""
        entry = self.place - struct.unpack_from("<i", self.buffer, self.place)[0]
        if entry < 0:
            raise ValueError(entry)
        size = struct.unpack_from("<H", self.buffer, entry)[0]
        if 4 + 2 * number >= size:
            return None
        offset = struct.unpack_from("<H", self.buffer, entry + 4 + 2 * number)[0]
        return self.place + offset if offset else None

    def _refer(self, place: int) -> int:
        return place + self._unsigned(place)

    def _unsigned(self, place: int) -> int:
        return int(struct.unpack_from("<I", self.buffer, place)[0])


def root(content: bytes) -> Table:
    """Return the table that a buffer begins with."""
    buffer = memoryview(content)
    return Table(buffer, int(struct.unpack_from("<I", buffer, 0)[0]))
