"""What is on a photo: decode, prepare, ask the network, name the classes; and which places the answer rests on.

The weights are the user's (`weights`); the engine, the model folder and the decoder are those of the digits. This
module knows neither files of weights nor requests.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calame.artifact import INSPECT, MODEL, ModelFolder
from calame.config import Settings, read_settings
from calame.engine.piles import a_few_at_a_time
from calame.engine.session import Inspector, Session
from calame.errors import CalameError, InputError, Unexplained, UsageError
from calame.images.mobilenet import EVIDENCE
from calame.images.weights import Places, open_network
from calame.imaging.codec import Limits, Source, decode
from calame.imaging.middle import Middle
from calame.locale import Phrase

TOGETHER = 16  # photos decoded before the network is asked
CHUNK = 4  # photos that the network sees at once: its first maps take 5 MB each
NONE = "none_of_these"  # why a photo is refused, and in a manifest's calibration: the last class is that

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo made ready: what the network sees, (side, side, 3) uint8, and which part of it that is.

    `seen` are left, top, width and height as shares of the photo, 0-1.
    """

    pixels: NDArray[np.uint8]
    seen: tuple[float, float, float, float]
    name: str = "<bytes>"


@dataclass(frozen=True, eq=False)
class PictureReading:
    """The answer for one photo; never an exception, so that a pile of photos loses none.

    Attributes:
        classes: what there is to say, in the order of `probabilities`.
        probabilities: (classes,) float32; what is left to 1 is the share of "none of these".
        rejected: None, or "none_of_these" where the network has learned to say so.
        error: why it could not be read at all.
        name: the photo's name.
    """

    classes: tuple[str, ...]
    probabilities: Floats = field(repr=False)
    rejected: str | None = None
    error: CalameError | None = None
    name: str = "<bytes>"

    def top(self, count: int = 5) -> list[tuple[str, float]]:
        """Return the `count` most probable classes with their probabilities, best first."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(self.classes[place], float(self.probabilities[place])) for place in order]


@dataclass(frozen=True, eq=False)
class ClassMap:
    """Which places speak for a class.

    Attributes:
        label: the class.
        evidence: (h, w) float32: what each place adds; its mean is exactly the number that the softmax is given.
        photo: which part of the photo the places divide.
    """

    label: str
    evidence: Floats
    photo: Photo


class ImageClassifier:
    """Says what is on a photo.

    Args:
        model: None for MobileNetV2 with the thousand classes of ImageNet, found, or fetched and made at the first
            use; `mobilenetv2-int8` for the same in eight bits; the name or folder of a network that `calame train
            pictures` made; or an opened `ModelFolder`.
        limits: the largest file and picture that are read.
        settings: where weights and models are; None: as the command line finds them.

    Raises:
        MissingData, DownloadFailed: the weights are nowhere, and could not be fetched.
        MissingModel, DamagedModel, OtherTask: there is no such model, or it is none for pictures.

    Example:
        >>> ImageClassifier().classify("pug.jpg", top=5)[0]
        ('pug', 0.93)
    """

    def __init__(
        self,
        model: str | Path | ModelFolder | None = None,
        *,
        limits: Limits | None = None,
        settings: Settings | None = None,
    ) -> None:
        if not isinstance(model, ModelFolder):
            model = open_network(model, Places.of(settings or read_settings()))
        self.folder = model
        self._session = Session(model, MODEL)
        self.prepare = Middle.parse(model.manifest.preparation)
        self.limits = replace(limits or Limits(), enough=self.prepare.shorter)
        refuses = bool(model.manifest.calibration.get(NONE))
        self.classes = model.manifest.classes[:-1] if refuses else model.manifest.classes

    def classify(self, source: Source, top: int = 5) -> list[tuple[str, float]]:
        """Return the `top` most probable classes of one photo, best first.

        Args:
            source: a path, encoded bytes, an open file, a PIL image, or an array (h, w), (h, w, 1) or (h, w, 3) uint8.
            top: how many.

        Raises:
            InputError: the picture cannot be read; the message says what came and the way out.
        """
        return self.read(source).top(top)

    def read(self, source: Source) -> PictureReading:
        """Read one photo. Raises InputError as `classify`."""
        (reading,) = self.stream([source])
        if reading.error is not None:
            raise reading.error
        return reading

    def read_many(self, sources: Iterable[Source]) -> list[PictureReading]:
        """Read photos, in order; one that cannot be read is a reading whose `error` says why.

        Raises:
            UsageError: a single picture in the place of the list. An array of pictures, (n, h, w) or (n, h, w, c), is a
                list of them; (h, w, 1), (h, w, 3) and (h, w, 4) are one picture.
        """
        return list(self.stream(sources))

    def stream(self, sources: Iterable[Source]) -> Iterator[PictureReading]:
        """Read photos as `read_many` does, a few at a time: a pile of any size in the memory of a few."""
        for few in a_few_at_a_time(sources, self._ready, TOGETHER):
            yield from self.look(few)

    def ready(self, source: Source) -> Photo:
        """Decode and prepare one photo. Raises InputError."""
        picture = decode(source, limits=self.limits)
        height, width = picture.pixels.shape[:2]
        box = self.prepare.box(width, height)
        seen = box.left / width, box.top / height, box.width / width, box.height / height
        return Photo(self.prepare(picture.pixels), seen, picture.name)

    def look(self, photos: Sequence[Photo | InputError]) -> list[PictureReading]:
        """Ask the network for photos made ready, in order; an error in the place of one stays there."""
        answers = iter(self.ask([photo.pixels for photo in photos if isinstance(photo, Photo)]))
        return [
            self._decide(photo, next(answers)) if isinstance(photo, Photo) else self._failed(photo) for photo in photos
        ]

    def ask(self, pixels: Sequence[NDArray[np.uint8]]) -> Floats:
        """Return what the network says of prepared photos, (n, outputs)."""
        starts = range(0, len(pixels), CHUNK)
        found = [self._session(np.stack(pixels[start : start + CHUNK])) for start in starts]
        return np.concatenate(found) if found else np.empty((0, len(self.folder.manifest.classes)), np.float32)

    @cached_property
    def inspector(self) -> Inspector:
        """The network that also tells features and evidence; opened when it is first asked for.

        Raises:
            Unexplained: one that does not end in a mean over its places, as VGG16: it has none that speak for a class.
        """
        if INSPECT not in self.folder.manifest.files:
            raise Unexplained(name=self.folder.manifest, problem=Phrase("images.no_places"))
        return Inspector(self.folder)

    def why(self, source: Source | Photo, label: str | None = None) -> ClassMap:
        """Return which places of a photo speak for a class, the most probable when none is named.

        Raises:
            InputError: the picture cannot be read; Unexplained: see `inspector`.
            UsageError: no class of this name.
        """
        photo = source if isinstance(source, Photo) else self.ready(source)
        if label is None:
            ((label, _),) = self._decide(photo, self.ask([photo.pixels])[0]).top(1)
        places = [place for place, name in enumerate(self.classes) if name == label]  # ImageNet has two cranes
        if not places:
            raise UsageError(problem=Phrase("images.no_class", label=label[:60]))
        evidence = self.inspector.activations(photo.pixels[None], [EVIDENCE])[EVIDENCE][0][..., places]
        return ClassMap(label, evidence[..., evidence.mean(axis=(0, 1)).argmax()], photo)

    def _ready(self, source: Source) -> Photo | InputError:
        try:
            return self.ready(source)
        except InputError as error:
            return error

    def _decide(self, photo: Photo, answer: Floats) -> PictureReading:
        """Return the reading; it is refused when "none of these" is more probable than all classes together."""
        known = answer[: len(self.classes)]
        refused = len(answer) > len(known) and float(answer[-1]) > 1 / 2
        return PictureReading(self.classes, known, NONE if refused else None, name=photo.name)

    def _failed(self, error: InputError) -> PictureReading:
        nothing = np.zeros(len(self.classes), np.float32)
        return PictureReading(self.classes, nothing, error=error, name=str(error.values.get("name", "<array>")))
