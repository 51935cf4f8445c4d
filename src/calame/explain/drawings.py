"""What the functions of this part find, drawn: each takes a finding and gives a `Plate`, or one for each layer.

In a notebook a plate shows itself; `plate.png()` is for a file. Nothing is computed here but colours and words.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from calame.drawing.colours import Palette, fitting, inked, painted, widest
from calame.drawing.plate import WIDEST, Plate, Scale, Tile
from calame.engine.session import Floats
from calame.explain.activation import ClassMap
from calame.explain.ascent import Liking
from calame.explain.attack import Flip
from calame.explain.neighbours import Credit, Neighbours
from calame.explain.network import Model, Picture, opened
from calame.explain.occlusion import Occlusion
from calame.explain.sweep import Sweep
from calame.locale import catalogue, text
from calame.locale.numbers import number, percent
from calame.types import DIGITS

ZOOM = 6  # of a digit: 168 pixels
ROW = 7  # digits in a row
SMALL = 16  # cells: of maps that are no wider, sixteen stand in a row, of others eight
BLOCK = 14  # pixels of one value
CELL = 64  # pixels of one probability
WHOLE = 1e-3  # probabilities add up to 1 to within this
GREATEST = 12  # zoom
GAP = 214  # grey between the patterns of a filter
DEGREES = {"rotation": "°"}


def draw_seen(picture: Picture, language: str = "en") -> Plate:
    """Draw a picture as the network sees it."""
    return _plate("seen", "explain.seen", (_digit(picture),), language)


def draw_filters(found: Mapping[str, Floats], language: str = "en") -> list[Plate]:
    """Draw the filters of each convolution (from `filters`), each layer on one scale: orange for, blue against."""
    layers = enumerate(found.items())
    return [_filters_of(layer, kernels, language, first=place == 0) for place, (layer, kernels) in layers]


def _filters_of(layer: str, kernels: Floats, language: str, *, first: bool) -> Plate:
    height, width, inputs, count = kernels.shape
    most = widest(kernels)
    values = {"layer": layer, "count": count, "inputs": inputs, "height": height, "width": width}
    scale = _scale("balance", -most, most, language)
    if inputs == 1:
        tiles = tuple(Tile(painted(kernels[:, :, 0, one], -most, most, "balance")) for one in range(count))
        columns, zoom = min(count, 16), _zoom(width, min(count, 16), 60)
        key = "explain.filters" if first else "explain.filters_of_own"
        return _plate(f"filters-{layer}", key, tiles, language, values, scale, columns, zoom)
    page = np.full((count, height + 1, inputs, width + 1, 3), GAP, np.uint8)
    page[:, :height, :, :width] = painted(kernels, -most, most, "balance").transpose(3, 0, 2, 1, 4)
    sheet = page.reshape(count * (height + 1), inputs * (width + 1), 3)[:-1, :-1]
    zoom = _zoom(sheet.shape[1], 1, WIDEST)
    name = f"filters-{layer}"
    return _plate(name, "explain.filters_of_maps", (Tile(sheet),), language, values, scale, 1, min(zoom, 3))


def draw_maps(model: Model, found: Mapping[str, Floats], language: str = "en") -> list[Plate]:
    """Draw what each layer made of a picture (from `feature_maps`), each layer on one scale of its own."""
    network = opened(model)
    layers = enumerate(found.items(), start=1)
    return [_maps_of(place, layer, network.graph.layer(layer).kind, maps, language) for place, (layer, maps) in layers]


def _maps_of(place: int, layer: str, kind: str, maps: Floats, language: str) -> Plate:
    palette, low, high = fitting(maps)
    if maps.shape == (DIGITS,) and abs(float(maps.sum()) - 1) < WHOLE:
        return _shares_of(place, layer, kind, maps, language)
    blocks = _blocks(maps)
    count, single = blocks.shape[-1], blocks.shape[-1] == 1
    tiles = tuple(Tile(painted(blocks[..., one], low, high, palette)) for one in range(count))
    columns = min(count, 8 if blocks.shape[1] > SMALL else 16)
    zoom = _zoom(blocks.shape[1], columns, BLOCK * 16 if single else WIDEST)
    key = f"explain.maps.{kind}"
    sentence = text(key if key in catalogue(language) else "explain.maps.other", language)
    values = {"layer": layer, "kind": kind, "shape": " × ".join(map(str, maps.shape)), "sentence": sentence}
    scale = _scale(palette, low, high, language)
    return _plate(f"maps-{place:02d}-{layer}", "explain.maps", tiles, language, values, scale, columns, zoom)


def _shares_of(place: int, layer: str, kind: str, shares: Floats, language: str) -> Plate:
    """The last layer: one square for each digit, with its probability."""
    captions = [f"{digit}\n{percent(float(share), 1, language)}" for digit, share in enumerate(shares)]
    cells = (painted(share.reshape(1, 1), 0, 1) for share in shares)
    tiles = tuple(Tile(cell, caption) for cell, caption in zip(cells, captions, strict=True))
    sentence = text("explain.maps.Softmax", language)
    values = {"layer": layer, "kind": kind, "shape": str(len(shares)), "sentence": sentence}
    scale = _scale("viridis", 0, 1, language, 0)
    return _plate(f"maps-{place:02d}-{layer}", "explain.maps", tiles, language, values, scale, DIGITS, CELL)


def draw_class(found: ClassMap, picture: Picture, language: str = "en") -> Plate:
    """Draw where the score of a class comes from, over the digit.

    Of an exact head its parts too, all on one scale; beside Grad-CAM, which has units of its own, each has its own.
    """
    values = {
        "digit": found.digit,
        "logit": _signed(found.logit, language),
        "bias": _signed(found.bias, language),
        "layer": found.layer,
        "places": " × ".join(map(str, found.values.shape)),
    }
    if found.exact:
        tiles, scale = _exact_tiles(found, picture, language)
        return _plate("cam", "explain.cam", tiles, language, values, scale)
    pictures = {"fine": found.fine, "gradient": found.picture}
    tiles = tuple(_own_scale(f"explain.cam.{name}", one, picture, language) for name, one in pictures.items())
    scale = Scale("balance", text("explain.cam.low", language), text("explain.cam.high", language), "0")
    return _plate("cam", "explain.grad_cam", tiles, language, values, scale)


def _exact_tiles(found: ClassMap, picture: Picture, language: str) -> tuple[tuple[Tile, ...], Scale]:
    grids = {"": found.values} | dict(found.parts)
    most = widest(np.stack([found.grid.spread(values) for values in grids.values()]))
    tiles = [Tile(inked(painted(found.fine, -most, most, "balance"), picture), text("explain.cam.fine", language))]
    for name, values in grids.items():
        colours = inked(painted(found.grid.spread(values), -most, most, "balance"), picture)
        caption = text("explain.cam.all" if not name else _part(found.kinds[name], language), language, name=name)
        tiles.append(Tile(colours, f"{caption}\n{_signed(float(values.sum()), language)}"))
    return tuple(tiles), _scale("balance", -most, most, language)


def _own_scale(key: str, values: Floats, picture: Picture, language: str) -> Tile:
    most, reached = widest(values), float(np.abs(values).max())
    said = text("explain.cam.most", language, most=_number(reached, 3 if reached < 0.1 else 2, language))
    return Tile(inked(painted(values, -most, most, "balance"), picture), f"{text(key, language)}\n{said}")


def _part(kind: str, language: str) -> str:
    key = f"explain.cam.{kind}"
    return key if key in catalogue(language) else "explain.cam.part"


def draw_occlusion(found: Occlusion, picture: Picture, language: str = "en") -> Plate:
    """Draw by how much the probability of a class falls where the digit is covered."""
    falls = found.picture
    most = widest(falls)
    rises, falls_by = (_share(value, language) for value in (most, -most))
    colours = inked(painted(falls, -most, most, "balance"), picture)
    values = {
        "digit": found.digit,
        "size": found.size,
        "before": percent(found.before, 1, language),
        "mean": _share(float(falls.max()), language).lstrip("+−"),
        "most": _share(float(found.values.max()), language).lstrip("+−"),
    }
    scale = Scale("balance", rises, falls_by, "0")
    return _plate("occlusion", "explain.occlusion", (Tile(colours),), language, values, scale)


def draw_neighbours(
    found: Neighbours, picture: Picture, language: str = "en", *, credit: Sequence[Credit] = ()
) -> Plate:
    """Draw the nearest training digits beside the picture."""
    tiles = [_digit(picture, text("explain.neighbours.yours", language))]
    for one, label, distance in zip(found.pictures, found.labels, found.distances, strict=True):
        far = text("explain.neighbours.distance", language, distance=number(float(distance), 2, language))
        tiles.append(_digit(one, f"{label}\n{far}"))
    sources = ", ".join(f"{one['name']}, {one['licence']}" for one in credit) or "MNIST"
    values = {"among": number(found.among, 0, language), "source": sources}
    columns = -(-len(tiles) // 2) if len(tiles) > ROW else len(tiles)
    return _plate("neighbours", "explain.neighbours", tuple(tiles), language, values, columns=columns)


def draw_liking(found: Liking, language: str = "en", *, classes: bool = False) -> Plate:
    """Draw the pictures that excite units most; `classes` when the units are digits."""
    tiles: list[Tile] = []
    for unit, picture, response, noise in zip(found.units, found.pictures, found.responses, found.noise, strict=True):
        said = text(
            "explain.visualise.raised",
            language,
            value=_number(float(response), 1, language),
            noise=_number(float(noise), 1, language),
        )
        tiles.append(_digit(picture, f"{unit}\n{said}"))
    key = "explain.visualise_classes" if classes else "explain.visualise"
    name = f"visualise-{'classes' if classes else found.layer}"
    columns, zoom = (5, 5) if classes else (ROW, 4)
    return _plate(name, key, tuple(tiles), language, {"layer": found.layer}, columns=columns, zoom=zoom)


def draw_flip(found: Flip, picture: Picture, language: str = "en") -> Plate:
    """Draw a digit, the change, and the digit that is read as another."""
    shares = [percent(float(row[digit]), 1, language) for row, digit in
              zip(found.probabilities, (found.before, found.after), strict=True)]  # fmt: skip
    most = max(found.level, 1)
    change = painted(found.change, -most, most, "balance")
    tiles = (
        _digit(picture, f"{found.before}\n{shares[0]}"),
        Tile(change, f"{text('explain.flip.change', language)}\n± {found.level}"),
        _digit(found.picture, f"{found.after}\n{shares[1]}"),
    )
    values = {"before": found.before, "after": found.after, "level": found.level, "method": found.method}
    return _plate("flip", "explain.flip", tiles, language, values, _scale("balance", -most, most, language, 0))


def draw_sweep(found: Sweep, language: str = "en") -> Plate:
    """Draw a digit at every amount of a change, with what is read and how sure it is."""
    tiles: list[Tile] = []
    for value, picture, row in zip(found.values, found.pictures, found.probabilities, strict=True):
        said = text(
            "explain.sweep.read",
            language,
            digit=int(row.argmax()),
            share=percent(float(row.max()), 0, language),
        )
        amount = _number(value, 0 if value.is_integer() else 2, language)
        tiles.append(_digit(picture, f"{amount}{DEGREES.get(found.kind, '')}\n{said}"))
    kind = text(f"explain.sweep.{found.kind}", language)
    return _plate(f"sweep-{found.kind}", "explain.sweep", tuple(tiles), language, {"kind": kind}, zoom=5)


def _plate(
    name: str,
    key: str,
    tiles: tuple[Tile, ...],
    language: str,
    values: Mapping[str, object] | None = None,
    scale: Scale | None = None,
    columns: int = ROW,
    zoom: int = ZOOM,
) -> Plate:
    """Make a plate of pictures, and the title and sentence that the catalogue has under `key`."""
    title, sentence = (text(f"{key}.{part}", language, **(values or {})) for part in ("title", "sentence"))
    return Plate(re.sub(r"[^A-Za-z0-9_-]+", "-", name), title, sentence, tiles, columns, zoom, scale)


def _digit(picture: Picture, caption: str = "") -> Tile:
    return Tile(painted(picture, 0, 255, "ink"), caption)


def _blocks(maps: Floats) -> Floats:
    """Return maps (h, w, n); a row of values, (n,), becomes one block, as square as its length allows."""
    if maps.ndim == 3 and maps.shape[0] * maps.shape[1] > 1:
        return maps
    values = maps.reshape(-1)
    columns = max(one for one in range(1, values.size + 1) if one * one <= 2 * values.size and values.size % one == 0)
    return values.reshape(-1, values.size if values.size <= SMALL or columns == 1 else columns, 1)


def _zoom(width: int, columns: int, most: int) -> int:
    """The largest whole zoom at which a picture is at most `most` pixels wide and a row of them fits the plate."""
    return max(1, min(GREATEST, most // width, (WIDEST // columns - 3) // width))


def _scale(palette: Palette, low: float, high: float, language: str, digits: int = 2) -> Scale:
    if 0 < high - low < 0.1:
        digits = 3
    first, last = (_number(value, digits if value else 0, language) for value in (low, high))
    return Scale(palette, first, last, "0" if palette == "balance" else "")


def _number(value: float, digits: int, language: str) -> str:
    """Write a number with a true minus sign, and never as −0."""
    return number(round(value, digits) + 0.0, digits, language).replace("-", "−")


def _signed(value: float, language: str, digits: int = 2) -> str:
    return ("+" if value >= 0 else "−") + number(abs(value), digits, language)


def _share(value: float, language: str) -> str:
    """A change of a probability in points; small ones keep what tells them from 0."""
    digits = 0 if abs(value) >= 0.1 else 1 if abs(value) >= 0.01 else 3
    return text("explain.points", language, points=_signed(value * 100, language, digits))
