"""The parts of `calame explain`: each found by `calame.explain`, drawn, put into a line and into plain values."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from calame import explain
from calame.cli.common import Context
from calame.cli.evaluate import progress
from calame.drawing.plate import Plate
from calame.errors import CalameError, MissingData, OtherIndex, UnsupportedModel
from calame.explain import drawings
from calame.explain.neighbours import SHIPPED, Index
from calame.explain.network import Network, Picture
from calame.locale.numbers import number, percent
from calame.types import DIGITS

NEAREST = 13  # with the picture itself, two rows
FILTERS = 7  # of each layer whose liking is shown: a row


@dataclass(frozen=True, eq=False)
class Subject:
    """What is explained: a picture as a network sees it, and the digit that it is thought to be."""

    network: Network
    picture: Picture
    digit: int
    context: Context

    @property
    def language(self) -> str:
        """Of the words."""
        return self.context.settings.language


@dataclass(frozen=True, eq=False)
class Part:
    """One part of the explanation: its plates, a line for a person, plain values for a program."""

    name: str
    plates: list[Plate] = field(default_factory=list[Plate])
    said: str = ""
    facts: Any = None


def parts(subject: Subject, what: tuple[str, ...]) -> tuple[list[Part], list[CalameError]]:
    """Return what the network sees, every part that is asked for, in order, and why others are not there."""
    found = [Part("seen", [drawings.draw_seen(subject.picture, subject.language)])]
    errors: list[CalameError] = []
    for name in what:
        try:
            found.append(PARTS[name](subject))
        except (UnsupportedModel, OtherIndex) as error:  # a network without maps has neighbours all the same
            errors.append(error)
    return found, errors


def maps(subject: Subject) -> Part:
    """The feature maps of every layer."""
    found = explain.feature_maps(subject.network, subject.picture)
    facts = {
        name: {"shape": list(one.shape), "low": float(one.min()), "high": float(one.max())}
        for name, one in found.items()
    }
    plates = drawings.draw_maps(subject.network, found, subject.language)
    return Part("maps", plates, subject.context.text("cli.explain.maps", layers=len(found)), facts)


def filters(subject: Subject) -> Part:
    """The filters of every convolution."""
    found = explain.filters(subject.network)
    facts = {name: list(one.shape) for name, one in found.items()}
    plates = drawings.draw_filters(found, subject.language)
    return Part("filters", plates, subject.context.text("cli.explain.filters", layers=len(found)), facts)


def cam(subject: Subject) -> Part:
    """Where the score comes from."""
    found = explain.class_activation(subject.network, subject.picture, subject.digit)
    plate = drawings.draw_class(found, subject.picture, subject.language)
    key = "cli.explain.cam" if found.exact else "cli.explain.grad_cam"
    logit = number(found.logit, 2, subject.language)
    facts = {name: getattr(found, name) for name in ("digit", "exact", "layer", "logit", "bias")}
    facts |= {"peak": list(found.peak), "values": found.values.tolist()}
    facts |= {"parts": {name: float(values.sum()) for name, values in found.parts.items()}}
    return Part("cam", [plate], subject.context.text(key, logit=logit, layer=found.layer), facts)


def occlusion(subject: Subject) -> Part:
    """What the answer rests on."""
    found = explain.occlusion(subject.network, subject.picture, subject.digit)
    plate = drawings.draw_occlusion(found, subject.picture, subject.language)
    fall = float(found.values.max())
    rows, columns = found.peak
    facts = {name: getattr(found, name) for name in ("digit", "before", "size", "stride")}
    facts |= {"fall": fall, "peak": [rows.start, columns.start, rows.stop, columns.stop]}
    facts |= {"values": found.values.tolist()}
    before, after = (percent(share, 1, subject.language) for share in (found.before, found.before - fall))
    return Part("occlusion", [plate], subject.context.text("cli.explain.occlusion", before=before, after=after), facts)


def neighbours(subject: Subject) -> Part:
    """The training digits that it looks like."""
    index = index_for(subject.network, subject.context)
    found = explain.nearest(subject.network, subject.picture, NEAREST, index=index)
    plate = drawings.draw_neighbours(found, subject.picture, subject.language, credit=index.credit)
    near = zip(found.labels.tolist(), found.distances.tolist(), found.places.tolist(), strict=True)
    facts = {
        "among": found.among,
        "data": list(index.credit),
        "nearest": [{"label": label, "distance": distance, "place": place} for label, distance, place in near],
    }
    among = number(found.among, 0, subject.language)
    digits = " ".join(map(str, found.labels))
    said = subject.context.text("cli.explain.neighbours", digits=digits, among=among)
    return Part("neighbours", [plate], said, facts)


def index_for(network: Network, context: Context) -> Index:
    """Return the digits to compare with: those kept for this model, or all of MNIST, then kept, or the shipped ones."""
    from calame.data.catalogue import credit
    from calame.data.fetch import locate
    from calame.data.sets import load_mnist

    kept = context.settings.neighbours(network.digest)
    if kept.is_file():
        return explain.load_index(kept, network)
    try:
        return explain.load_index(SHIPPED, network)
    except OtherIndex:
        try:
            root = locate("mnist", context.settings.data, context.settings.cache)
        except MissingData:  # then the digits that come with the package, for this model too
            return explain.shipped_index(network)
    mnist = load_mnist(root)
    sources = [dict(one) for one in credit(mnist=len(mnist.train_labels))]
    with progress(context, context.text("cli.explain.indexing")) as watch:
        index = explain.make_index(network, mnist.train_images, mnist.train_labels, credit=sources, progress=watch)
    explain.save_index(index, kept)
    return index


def visualise(subject: Subject) -> Part:
    """What the digits and some filters of each layer would like to see."""
    network, plates, facts = subject.network, list[Plate](), dict[str, object]()
    last = list(network.layers)[-1]
    asked = [
        (last, range(DIGITS)),
        *((layer, range(min(FILTERS, network.layers[layer][-1]))) for layer in _bent(network)),
    ]
    with progress(subject.context, subject.context.text("cli.explain.visualising")) as watch:
        for done, (layer, units) in enumerate(asked, start=1):
            found = explain.visualise(network, layer, units)
            plates.append(drawings.draw_liking(found, subject.language, classes=layer == last))
            values = zip(found.units, found.responses.tolist(), found.noise.tolist(), strict=True)
            facts[layer] = [{"unit": unit, "response": value, "noise": noise} for unit, value, noise in values]
            if watch:
                watch(done, len(asked))
    said = subject.context.text("cli.explain.visualise", count=sum(len(units) for _, units in asked[1:]))
    return Part("visualise", plates, said, facts)


def _bent(network: Network) -> list[str]:
    """The layers of maps that end in an activation: where a filter is heard by the next."""
    maps = [name for name, shape in network.layers.items() if len(shape) == 3 and shape[0] * shape[1] > 1]
    makers = {name: network.maker(network.inner(name)) for name in maps}
    bent = [name for name, node in makers.items() if node is not None and node.operation in explain.ACTIVATIONS]
    return bent or [name for name, node in makers.items() if node is not None and node.operation == "Conv"]


def flip(subject: Subject) -> Part:
    """The smallest change that flips the answer."""
    with progress(subject.context, subject.context.text("cli.explain.flipping")) as watch:
        found = explain.flip(subject.network, subject.picture, progress=watch)
    if found is None:
        return Part("flip", [], subject.context.text("cli.explain.no_flip"))
    plate = drawings.draw_flip(found, subject.picture, subject.language)
    names = ("before", "after", "level", "method")
    facts = {name: getattr(found, name) for name in names} | {"probabilities": found.probabilities.tolist()}
    said = subject.context.text("cli.explain.flip", **{name: facts[name] for name in names})
    return Part("flip", [plate], said, facts)


PARTS: dict[str, Callable[[Subject], Part]] = {
    part.__name__: part for part in (maps, filters, cam, occlusion, neighbours, visualise, flip)
}
