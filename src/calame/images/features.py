"""What the frozen base says of each photo, computed once and kept: several views of it, as the last layer sees them.

The views stand in for augmentation: the middle, the whole square mirrored, closer and darker, mirrored and lighter.
They are kept by the photo's own bytes, so that a folder to which photos were added costs only the new ones. This
module knows nothing of classes.
"""

import hashlib
import os
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calame.artifact import MODEL, ModelFolder
from calame.engine.graph import read_graph
from calame.engine.session import Inspector
from calame.errors import InputError
from calame.images.mobilenet import FEATURES, HEAD, Floats, plan
from calame.imaging.codec import Limits, decode
from calame.imaging.middle import Middle, fingerprint

VIEWS = 4
CLOSER, DARKER, LIGHTER = 9 / 8, 0.8, 1.2
Progress = Callable[[int, int], None]  # photos so far, photos in all
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Row:
    """What is kept of a photo: width and height, its fingerprint, and its features, (VIEWS, width), the plain first."""

    size: tuple[int, int]
    fingerprint: int
    features: Floats


def views(pixels: Pixels, prepare: Middle) -> list[Pixels]:
    """Return the views of a photo, each (side, side, 3), the one that a reading sees first."""
    closer = Middle(round(prepare.shorter * CLOSER), prepare.side)
    plain, whole = prepare(pixels), Middle(prepare.side, prepare.side)(pixels)
    return [plain, whole[:, ::-1], _lit(closer(pixels), DARKER), _lit(plain[:, ::-1], LIGHTER)]


def _lit(pixels: Pixels, factor: float) -> Pixels:
    return np.minimum(pixels.astype(np.float32) * np.float32(factor), 255).astype(np.uint8)


def arrays_of(folder: ModelFolder) -> dict[str, Floats]:
    """Return the weights of a network for pictures by Keras's names, read from its file.

    Raises:
        DamagedModel: the file is no ONNX.
    """
    found = read_graph(folder, MODEL).weights
    layers = {layer.name: layer for layer in plan(found, ())}
    arrays: dict[str, Floats] = {}
    for name, values in found.items():
        layer = layers.get(name.partition("/")[0])
        if layer is not None and name.endswith("/kernel"):
            arrays[name] = values.transpose((2, 3, 0, 1) if layer.depthwise else (2, 3, 1, 0))
        elif layer is not None or name.startswith(f"{HEAD}/"):
            arrays[name] = values
    return arrays


class Store:
    """Features by the bytes of the photos, in one file; without a path nothing is kept.

    A file that is not whole is as good as none: it is written anew.
    """

    def __init__(self, path: Path | None) -> None:
        self.path, self.rows = path, dict[str, Row]()
        if path is None or not path.is_file():
            return
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
                columns = [kept[name] for name in ("digests", "sizes", "fingerprints", "features")]
        except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile):
            return
        for digest, size, mark, features in zip(*columns, strict=True):
            self.rows[str(digest)] = Row((int(size[0]), int(size[1])), int(mark), features.astype(np.float32))

    def write(self) -> None:
        """Keep what is known, whole or not at all."""
        if self.path is None or not self.rows:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        making = self.path.with_name(f".{self.path.name}.{os.getpid()}.npz")
        rows = list(self.rows.values())
        np.savez(
            making,
            digests=np.array(list(self.rows)),
            sizes=np.array([row.size for row in rows]),
            fingerprints=np.array([row.fingerprint for row in rows], np.uint64),
            features=np.stack([row.features for row in rows]).astype(np.float16),
        )
        os.replace(making, self.path)


def extract(
    paths: Sequence[Path], base: ModelFolder, store: Store, progress: Progress | None = None
) -> list[Row | InputError]:
    """Return what the base says of each photo, in order; what cannot be read has its error in its place."""
    prepare, inspector, done = Middle.parse(base.manifest.preparation), Inspector(base), [0]

    def one(path: Path) -> Row | InputError:
        try:
            content = path.read_bytes() if path.is_file() else b""
            digest = hashlib.sha256(content).hexdigest()
            if digest not in store.rows:
                enough = round(prepare.shorter * CLOSER)
                pixels = decode(content or path, limits=Limits(enough=enough)).pixels
                shown = np.stack(views(pixels, prepare))
                told = inspector.activations(shown, [FEATURES])[FEATURES].astype(np.float16).astype(np.float32)
                store.rows[digest] = Row((pixels.shape[1], pixels.shape[0]), fingerprint(pixels), told)
            return store.rows[digest]
        except InputError as error:
            return type(error)(**{**error.values, "name": path})
        finally:
            done[0] += 1
            if progress is not None:
                progress(done[0], len(paths))

    with ThreadPoolExecutor(os.cpu_count(), "calame-features") as workers:
        rows = list(workers.map(one, paths))
    store.write()
    return rows
