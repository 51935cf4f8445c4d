"""A folder of photos, one folder inside for each class: what there is, what is twice there, and who learns from what.

Two photos whose fingerprints are nearly the same are one photo, saved twice: they go to the same side of the split,
so that no network is praised for what it has seen. This module knows files and counts; nothing of networks.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.errors import UsageError
from calame.imaging.codec import SUFFIXES
from calame.locale import Phrase

LEAST = 6  # photos of a class: four to learn from, one to stop by, one to judge by
SHARE = 0.15  # of a class that is held out to stop by, and again to judge by
NEAR = 4  # bits of 64 that two fingerprints of one photo may differ in
MOST_CLASSES = 1000


class Pile(NamedTuple):
    """The photos of a folder: class names in order, paths, the class of each; and what is passed over.

    These are files that are no photos, folders without photos by name, and photos outside the folders, of no class.
    """

    classes: tuple[str, ...]
    paths: list[Path]
    labels: list[int]
    others: int
    empty: tuple[str, ...]
    astray: int


@dataclass(frozen=True, eq=False)
class Split:
    """Which photos (numbers) are learned from, which stop the training, and which judge it."""

    learn: NDArray[np.intp]
    stop: NDArray[np.intp]
    judge: NDArray[np.intp]


def gather(folder: Path) -> Pile:
    """Return the photos of each class: the folders inside are the classes, photos may lie deeper.

    Raises:
        UsageError: no such folder, or fewer than two classes in it.
    """
    if not folder.is_dir():
        raise UsageError(problem=Phrase("transfer.no_folder", folder=folder))
    inner = sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))
    found = {one.name: list(_photos(one)) for one in inner}
    classes = tuple(name for name, (*paths,) in found.items() if any(photo for _, photo in paths))
    if len(classes) < 2:
        key = "transfer.no_classes" if not classes else "transfer.one_class"
        raise UsageError(problem=Phrase(key, folder=folder, name=", ".join(classes)))
    if len(classes) > MOST_CLASSES:
        raise UsageError(problem=Phrase("transfer.many_classes", found=len(classes), limit=MOST_CLASSES))
    paths = [(path, number) for number, name in enumerate(classes) for path, photo in found[name] if photo]
    others = sum(not photo for entries in found.values() for _, photo in entries)
    empty = tuple(sorted(set(found) - set(classes)))
    astray = sum(_may_be_photo(one.name) for one in folder.iterdir() if one.is_file())
    return Pile(classes, [path for path, _ in paths], [number for _, number in paths], others, empty, astray)


def _photos(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield the files below a folder in order, and whether each may be a photo."""
    for place, inner, names in os.walk(folder):
        inner[:] = sorted(one for one in inner if not one.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(place) / name, _may_be_photo(name)


def _may_be_photo(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def check_counts(classes: Sequence[str], labels: Iterable[int]) -> None:
    """Make sure that each class has photos enough.

    Raises:
        UsageError: one has not; the message says which, how many it has and how many it needs.
    """
    counts = Counter(labels)
    few = [(name, counts[number]) for number, name in enumerate(classes) if counts[number] < LEAST]
    if few:
        told = ", ".join(f"{name} ({count})" for name, count in few[:10])
        raise UsageError(problem=Phrase("transfer.few", classes=told, least=LEAST))


def doubles(fingerprints: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of photos that are one photo saved twice: each with the one before it that it is most like."""
    prints = np.array(fingerprints, np.uint64)
    found: list[tuple[int, int]] = []
    for number in range(1, len(prints)):
        apart = np.unpackbits((prints[:number] ^ prints[number]).view(np.uint8).reshape(number, 8), axis=1).sum(axis=1)
        if apart.min() <= NEAR:
            found.append((int(apart.argmin()), number))
    return found


def distinct(labels: NDArray[np.int64], same: Sequence[tuple[int, int]]) -> list[int]:
    """Return the class of each photo, those that are the same counted once: eight copies teach and judge as one."""
    return [int(labels[one[0]]) for one in _groups(len(labels), same)]


def split(labels: NDArray[np.int64], same: Sequence[tuple[int, int]], seed: int) -> Split:
    """Hold out a share of each class to stop by and another to judge by; photos that are the same stay together.

    Args:
        labels: (n,) the class of each photo.
        same: pairs from `doubles`.
        seed: of the shuffle.
    """
    random, groups = np.random.default_rng(seed), _groups(len(labels), same)
    sides: tuple[list[int], list[int], list[int]] = ([], [], [])
    for label in np.unique(labels):
        members = [one for one in groups if labels[one[0]] == label]
        total = sum(map(len, members))
        held = max(1, round(SHARE * total))
        room = [total - 2 * held, held, held]
        for place in sorted(random.permutation(len(members)), key=lambda one: -len(members[one])):
            side = int(
                np.argmax([left / full for left, full in zip(room, (total - 2 * held, held, held), strict=True)])
            )
            sides[side].extend(members[place])
            room[side] -= len(members[place])
    learn, stop, judge = (np.array(sorted(side), np.intp) for side in sides)
    return Split(learn, stop, judge)


def _groups(count: int, same: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the photos in groups of those that are the same, each group under the class of its first."""
    first = list(range(count))
    for one, other in same:
        first[other] = first[one]
    groups: dict[int, list[int]] = {}
    for number, head in enumerate(first):
        groups.setdefault(head, []).append(number)
    return list(groups.values())
