"""Paper, pens, lights and cameras by arithmetic: how `samples.py` makes pictures that no one wrote or took.

A picture is made in the order of a real one: a sheet is printed, a pen lays ink on it, the sheet lies a little askew
under a light, a camera or a scanner takes it. Until the camera, values are linear light, RGB float32, 1 for white;
lengths are millimetres, and `k` is pixels a millimetre. This module does not know which pictures there are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FINE = 4  # sheets are drawn at this many times the picture's resolution
MARGIN = 1.3  # and are this much larger than it, so that an askew view finds paper in its corners

Floats = NDArray[np.float32]
Random = np.random.Generator
Points = list[tuple[float, float]]
Sheet = Callable[[Random, tuple[int, int], float], Floats]  # shape, pixels a millimetre -> (h, w, 3)
Ink = Callable[[Random, Floats, list[Floats], float], Floats]  # sheet, one coverage a stroke, pixels a mm -> sheet
Light = Callable[[Floats], Floats]
Camera = Callable[[Random, Floats], NDArray[np.uint8]]

# A digit is strokes; a stroke is curves that meet in corners; x to the right, y down, the height is 1.
DIGITS: dict[str, list[list[Points]]] = {
    "0": [[[(0.41, 0.02), (0.25, 0.05), (0.09, 0.27), (0.05, 0.58), (0.15, 0.9), (0.35, 0.99), (0.54, 0.8),
            (0.6, 0.46), (0.53, 0.16), (0.42, 0.045), (0.33, 0.05)]]],
    "1": [[[(0.02, 0.42), (0.16, 0.27), (0.36, 0.0)], [(0.36, 0.0), (0.35, 0.3), (0.315, 0.66), (0.3, 1.0)]]],
    "2": [[[(0.07, 0.22), (0.17, 0.06), (0.36, 0.0), (0.51, 0.12), (0.49, 0.33), (0.3, 0.64), (0.03, 0.95)],
           [(0.03, 0.95), (0.2, 0.92), (0.38, 0.96), (0.62, 0.9)]]],
    "3": [[[(0.07, 0.13), (0.24, 0.01), (0.44, 0.06), (0.46, 0.25), (0.34, 0.4), (0.2, 0.44)],
           [(0.2, 0.44), (0.42, 0.47), (0.55, 0.65), (0.48, 0.87), (0.27, 1.0), (0.02, 0.91)]]],
    "4": [[[(0.22, 0.0), (0.15, 0.25), (0.02, 0.57)], [(0.02, 0.57), (0.18, 0.6), (0.4, 0.57), (0.66, 0.54)]],
          [[(0.46, 0.27), (0.44, 0.55), (0.4, 0.8), (0.385, 1.05)]]],
    "5": [[[(0.15, 0.05), (0.12, 0.22), (0.08, 0.42)],
           [(0.08, 0.42), (0.26, 0.35), (0.46, 0.42), (0.55, 0.62), (0.46, 0.86), (0.25, 1.0), (0.0, 0.93)]],
          [[(0.13, 0.06), (0.33, 0.06), (0.6, 0.0)]]],
    "6": [[[(0.47, 0.0), (0.28, 0.13), (0.11, 0.4), (0.05, 0.7), (0.13, 0.94), (0.32, 1.0), (0.49, 0.86),
            (0.48, 0.65), (0.33, 0.55), (0.16, 0.65), (0.08, 0.8)]]],
    "7": [[[(0.03, 0.12), (0.08, 0.06), (0.28, 0.08), (0.57, 0.03)],
           [(0.57, 0.03), (0.46, 0.28), (0.33, 0.6), (0.24, 1.03)]],
          [[(0.13, 0.54), (0.3, 0.51), (0.55, 0.46)]]],
    "8": [[[(0.49, 0.1), (0.37, 0.01), (0.2, 0.03), (0.12, 0.19), (0.22, 0.37), (0.4, 0.51), (0.52, 0.7),
            (0.46, 0.92), (0.26, 1.0), (0.07, 0.88), (0.09, 0.68), (0.27, 0.49), (0.43, 0.34), (0.52, 0.19),
            (0.5, 0.11)]]],
    "9": [[[(0.5, 0.14), (0.33, 0.01), (0.13, 0.1), (0.05, 0.3), (0.16, 0.47), (0.34, 0.43), (0.51, 0.16)],
           [(0.51, 0.16), (0.52, 0.45), (0.46, 0.78), (0.3, 0.99), (0.06, 0.94)]]],
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """One picture: what lies there, who writes on it how, and how it is taken."""

    name: str
    digit: str
    what: str
    seed: int
    size: tuple[int, int]  # width, height in pixels
    view: float  # millimetres of paper that the height of the picture shows
    tall: float  # millimetres of the digit
    pen: float  # millimetres of the line's full width
    sheet: Sheet
    ink: Ink
    taper: float = 0.5  # 0: the line starts and ends blunt, 1: in a point
    slant: float = 0.1
    at: tuple[float, float] = (0.0, 0.0)  # of the digit's middle from the picture's, in millimetres
    turn: float = 0.0  # degrees of the sheet under the camera
    lean: tuple[float, float] = (0.0, 0.0)  # perspective: how much shorter the far side is, across and down
    lights: tuple[Light, ...] = ()
    camera: Camera | None = None  # None: a phone, in its ordinary mood


# --- noise and shapes -------------------------------------------------------------------------------------------------


def noise(rng: Random, shape: tuple[int, int], size: float, octaves: int = 3) -> Floats:
    """Return smooth noise (h, w), mean 0 and deviation 1; `size` in pixels is that of its largest features."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        step = max(size / 2**octave, 1.0)
        coarse = (int(shape[1] / step) + 3, int(shape[0] / step) + 3)
        grid = rng.standard_normal(coarse[::-1], np.float32) / 1.6**octave
        whole = cv2.resize(grid, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
        total += whole[: shape[0], : shape[1]]
    return (total - total.mean()) / total.std()


def ramp(low: float, high: float, values: Floats) -> Floats:
    """Return 0 below `low`, 1 above `high`, and a smooth rise between."""
    part = np.clip((values - low) / (high - low), 0, 1)
    return part * part * (3 - 2 * part)


def plane(shape: tuple[int, ...], angle: float) -> tuple[Floats, Floats]:
    """Return coordinates (h, w) from the middle, in picture heights, of axes turned by `angle` degrees."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    x, y = (x - shape[1] / 2) / shape[0], (y - shape[0] / 2) / shape[0]
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return (x * c + y * s).astype(np.float32), (y * c - x * s).astype(np.float32)


def box(
    shape: tuple[int, ...], angle: float, centre: tuple[float, float], half: tuple[float, float], corner: float = 0.04
) -> Floats:
    """Return the signed distance (h, w), in picture heights, to a rounded box: negative inside."""
    x, y = plane(shape, angle)
    dx, dy = np.abs(x - centre[0]) - half[0] + corner, np.abs(y - centre[1]) - half[1] + corner
    return np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0) - corner


def linear(red: float, green: float, blue: float) -> Floats:
    """Return the linear light of an sRGB colour, 0-255."""
    return (np.array((red, green, blue), np.float32) / 255) ** 2.2


# --- sheets -----------------------------------------------------------------------------------------------------------


def paper(rng: Random, shape: tuple[int, int], k: float, *, colour: Floats, rough: float = 1.0) -> Floats:
    """Blank paper: fibres that catch the light from one side, flocks that let it through, a sheet never quite flat."""
    relief = noise(rng, shape, 0.9 * k, 4) * 0.6 + noise(rng, shape, 0.3 * k, 2)
    slope = cv2.Sobel(relief, cv2.CV_32F, 1, 0, scale=0.12) + cv2.Sobel(relief, cv2.CV_32F, 0, 1, scale=0.12)
    flocks = noise(rng, shape, 1.5 * k, 3)
    waves = noise(rng, shape, 22 * k, 2)
    shade = 1 + rough * (0.02 * slope + 0.009 * flocks + 0.022 * waves)
    return shade[..., None] * colour


def rules(shape: tuple[int, int], k: float, pitch: float, width: float, axis: int, phase: float = 0.0) -> Floats:
    """Return lines (h, w) 0-1, every `pitch` mm and `width` mm wide; axis 0: horizontal, 1: vertical."""
    along = (np.arange(shape[axis], dtype=np.float32) - shape[axis] / 2) / k - phase
    away = np.abs((along + pitch / 2) % pitch - pitch / 2)
    line = np.clip((width / 2 - away) * k + 0.5, 0, 1)
    return np.broadcast_to(line[:, None] if axis == 0 else line[None, :], shape)


def printed(rng: Random, sheet: Floats, lines: Floats, colour: Floats, strength: float) -> Floats:
    """Print lines: the plate gives a little more ink here than there."""
    amount = strength * lines * np.clip(1 + 0.12 * noise(rng, lines.shape, 40), 0, 1.3)
    return sheet * (1 - amount[..., None] * (1 - colour))


def squared(rng: Random, shape: tuple[int, int], k: float) -> Floats:
    """5 mm squares."""
    sheet = paper(rng, shape, k, colour=linear(244, 243, 238))
    for axis, phase in ((0, 1.2), (1, -0.8)):
        sheet = printed(rng, sheet, rules(shape, k, 5.0, 0.17, axis, phase), linear(120, 140, 200), 0.62)
    return sheet


def seyes(rng: Random, shape: tuple[int, int], k: float, *, margin: float | None = None) -> Floats:
    """The French school sheet: 8 mm squares, three fine lines between, and a red margin at `margin` mm."""
    sheet = paper(rng, shape, k, colour=linear(247, 246, 243))
    sheet = printed(rng, sheet, rules(shape, k, 2.0, 0.12, 0), linear(130, 170, 225), 0.42)
    sheet = printed(rng, sheet, rules(shape, k, 8.0, 0.2, 0), linear(125, 120, 205), 0.45)
    sheet = printed(rng, sheet, rules(shape, k, 8.0, 0.17, 1, 2.4), linear(130, 120, 205), 0.42)
    if margin is not None:
        sheet = printed(rng, sheet, rules(shape, k, 1000.0, 0.3, 1, margin), linear(225, 90, 120), 0.75)
    return sheet


def wood(rng: Random, shape: tuple[int, int], k: float) -> Floats:
    """A desk: grain is noise drawn out along the board."""
    long = cv2.resize(noise(rng, (shape[0] // 10, shape[1]), 2.6 * k, 5), shape[::-1], interpolation=cv2.INTER_CUBIC)
    pores = cv2.resize(noise(rng, (shape[0] // 14, shape[1]), 0.5 * k, 2), shape[::-1], interpolation=cv2.INTER_LINEAR)
    rings = np.sin(long * 3.1) * 0.5 + 0.5
    base = linear(150, 98, 60) * (1 - rings[..., None]) + linear(183, 130, 84) * rings[..., None]
    return base * (1 - 0.16 * np.clip(pores, 0, 3))[..., None]


def sticky_note(rng: Random, shape: tuple[int, int], k: float) -> Floats:
    """A yellow note on a desk, its lower edge curled up a little off its own shadow."""
    desk = wood(rng, shape, k)
    note = paper(rng, shape, k, colour=linear(255, 224, 122), rough=0.8)
    _, down = plane(shape, 0)
    note *= (1 + 0.1 * ramp(0.1, 0.36, down) - 0.12 * ramp(0.28, 0.42, down))[..., None]
    edge = box(shape, 2.0, (0.0, 0.0), (0.345, 0.345), 0.002)
    shadow = box(shape, 3.0, (0.015, 0.025), (0.335, 0.345))
    desk *= (1 - 0.6 * (1 - ramp(-0.01, 0.035, shadow)))[..., None]
    inside = 1 - ramp(-0.0008, 0.0008, edge)
    return desk + (note - desk) * inside[..., None]


def envelope(rng: Random, shape: tuple[int, int], k: float) -> Floats:
    """Kraft paper with its laid lines, and the flap's edge across a corner."""
    sheet = paper(rng, shape, k, colour=linear(200, 164, 118), rough=1.7)
    fibres = noise(rng, shape, 0.7 * k, 2)
    sheet *= (1 - 0.3 * ramp(1.9, 3.0, fibres) + 0.12 * ramp(1.8, 3.0, -fibres))[..., None]
    sheet *= (1 + 0.02 * np.sin(np.arange(shape[0]) / k * 2 * np.pi / 0.9))[:, None, None].astype(np.float32)
    _, across = plane(shape, -24)
    flap = across + 0.36
    sheet *= (1 - 0.38 * ramp(-0.001, 0.001, flap) * np.exp(-np.maximum(flap, 0) / 0.014))[..., None]
    return sheet * (1 + 0.18 * np.exp(-((flap + 0.004) ** 2) / 0.000008))[..., None]


def smears(rng: Random, shape: tuple[int, int], angle: float) -> Floats:
    """Return what a wiping hand leaves (h, w), about -1 to 1: soft bands, slightly bent, along `angle` degrees."""
    along, across = plane(shape, angle)
    bend = across + 0.25 * along * along + 0.015 * noise(rng, shape, shape[0] / 2, 1)
    bands = smooth(rng.standard_normal(4096).astype(np.float32), 3) * 3 + smooth(rng.standard_normal(4096), 24) * 14
    place = np.clip((bend + 1.5) / 3 * 4095, 0, 4095).astype(np.intp)
    patches = ramp(-1.0, 1.6, noise(rng, shape, shape[0] / 2.5, 2))
    return (bands[place] * patches * 0.4).astype(np.float32)


def blackboard(rng: Random, shape: tuple[int, int], k: float) -> Floats:
    """A green board, wiped dry many times: chalk clouds, the sponge's bands, a fine grit."""
    clouds = 0.5 + 0.22 * noise(rng, shape, shape[0] / 3, 4)
    dust = clouds + 0.16 * smears(rng, shape, 24) + 0.12 * smears(rng, shape, -14)
    dust = np.clip(0.075 * dust + 0.012 * noise(rng, shape, 3.0 * k, 2), 0, 1)[..., None]
    base = linear(42, 62, 55)
    return base + (linear(220, 224, 218) - base) * dust


def whiteboard(rng: Random, shape: tuple[int, int], k: float) -> Floats:
    """Enamel: no grain, but a veil of old ink."""
    bumps = 0.004 * noise(rng, shape, 25 * k, 1)  # the sheet metal under it
    veil = 0.02 + bumps + 0.014 * smears(rng, shape, 18) + 0.01 * smears(rng, shape, -30)
    old = 0.012 * np.clip(noise(rng, shape, shape[0] / 4, 3), 0, 3)
    board = np.ones((*shape, 1), np.float32) * linear(240, 243, 245)
    return board * (1 - np.clip(veil + old, 0, 1)[..., None] * (1 - linear(90, 100, 150)))


# --- the hand and its pens --------------------------------------------------------------------------------------------


def curve(points: Points) -> Floats:
    """Return a centripetal Catmull-Rom curve (n, 2) through the points, the ends' neighbours mirrored."""
    p = np.array(points, np.float32)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    gaps = np.sqrt(np.linalg.norm(np.diff(p, axis=0), axis=1))[:, None]
    slopes = np.diff(p, axis=0) / gaps
    leave = slopes[:-1] + slopes[1:] - (p[2:] - p[:-2]) / (gaps[:-1] + gaps[1:])  # the tangent at each inner point
    t = np.linspace(0, 1, 60, endpoint=False, dtype=np.float32)[:, None]
    pieces = [
        (1 + 2 * t) * (1 - t) ** 2 * p[i] + t * (1 - t) ** 2 * gaps[i] * leave[i - 1]
        + t * t * (3 - 2 * t) * p[i + 1] + t * t * (t - 1) * gaps[i] * leave[i]
        for i in range(1, len(p) - 2)
    ]  # fmt: skip
    return np.vstack([*pieces, p[-2:-1]])


def smooth(values: Floats, steps: float) -> Floats:
    """Blur along the first axis, ends held."""
    columns, tall = values.reshape(len(values), -1), 1 + 2 * int(3 * steps)
    blurred = cv2.GaussianBlur(columns, (1, tall), 0.1, sigmaY=steps, borderType=cv2.BORDER_REPLICATE)
    return blurred.reshape(values.shape)


def written(rng: Random, scene: Scene) -> list[Floats]:
    """Return the strokes (n, 2) in mm from the digit's middle, evenly spaced, as one hand wrote them this once."""
    strokes = [np.vstack([curve(part) for part in stroke]) for stroke in DIGITS[scene.digit]]
    every = np.vstack(strokes)
    middle = (every.min(axis=0) + every.max(axis=0)) / 2
    stretch = scene.tall / np.ptp(every[:, 1])
    paths = []
    for stroke in strokes:
        path = (stroke - middle) * stretch
        along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        count = int(along[-1] / scene.tall * 400)
        even = np.linspace(0, along[-1], count)
        path = np.stack([np.interp(even, along, path[:, axis]) for axis in (0, 1)], axis=1).astype(np.float32)
        path = smooth(path, 5.0)  # a hand does not turn on the spot
        for steps, size in ((60, 0.016), (14, 0.0022)):  # a drift of the whole arm, a tremor of the fingers
            drift = smooth(rng.standard_normal((count, 2), np.float32), steps)
            path += drift / drift.std() * size * scene.tall
        path[:, 0] -= scene.slant * path[:, 1]
        paths.append(path)
    return paths


def widths(rng: Random, path: Floats, taper: float) -> Floats:
    """Return the share (n,) of the full width: slower in bends and so wider, thin where the pen lands and leaves."""
    heading = np.unwrap(np.arctan2(*np.gradient(path, axis=0).T[::-1]))
    bend = np.abs(np.gradient(smooth(heading.astype(np.float32), 6)))
    pressure = smooth(rng.standard_normal(len(path)).astype(np.float32), 25)
    width = 0.86 + 0.14 * ramp(0.0, 0.05, smooth(bend, 10)) + 0.06 * pressure / pressure.std()
    place = np.arange(len(path), dtype=np.float32)
    landing = 1 - taper * 0.5 * (1 - ramp(0, 22, place))
    leaving = 1 - taper * 0.75 * (1 - ramp(0, 70, place[::-1]))
    return np.clip(width, 0.4, 1.2) * landing * leaving


def coverage(rng: Random, path: Floats, scene: Scene, shape: tuple[int, int], k: float) -> Floats:
    """Return where the pen touched (h, w), 0-1, with edges that the fibres have frayed."""
    touched, given = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    middle = np.array(shape[::-1]) / 2 + np.array(scene.at) * k
    wide = widths(rng, path, scene.taper)
    flow = smooth(rng.standard_normal(len(path)).astype(np.float32), 9)
    flow = np.clip(1 + 0.1 * flow / flow.std() + 0.8 * (wide - wide.mean()), 0.55, 1.2)  # pressed means wide and dark
    for (x, y), width, ink in zip(path * k + middle, wide, flow, strict=True):
        spot = (round(x * 16), round(y * 16)), round(width * scene.pen * k * 8)
        cv2.circle(touched, *spot, 1.0, -1, cv2.LINE_8, 4)
        cv2.circle(given, *spot, float(ink), -1, cv2.LINE_8, 4)
    fray = 0.07 * scene.pen * k
    soft = cv2.GaussianBlur(touched, (0, 0), fray)
    frayed = ramp(0.3, 0.7, soft + 0.08 * noise(rng, shape, 6 * fray, 3) * (soft > 0))
    return frayed * cv2.GaussianBlur(given, (0, 0), 2 * fray) / np.maximum(cv2.GaussianBlur(soft, (0, 0), fray), 0.05)


def dye(rng: Random, sheet: Floats, strokes: list[Floats], k: float, *, colour: Floats, uneven: float) -> Floats:
    """Ink that stains: light passes through it twice, so strokes that cross are darker, by Beer and Lambert."""
    for stroke in strokes:
        grain = 1 + uneven * noise(rng, stroke.shape, 0.4 * k, 2)
        rim = stroke - cv2.GaussianBlur(stroke, (0, 0), 0.2 * k)  # ink dries last, and thickest, at the edge
        density = stroke * np.clip(grain, 0.2, 1.5) + uneven * np.clip(rim, 0, 1)
        sheet = sheet * colour ** density[..., None]
    return sheet


def grit(
    rng: Random,
    sheet: Floats,
    strokes: list[Floats],
    k: float,
    *,
    colour: Floats,
    size: float,
    soft: float,
    gaps: float,
) -> Floats:
    """Graphite or chalk: it stays on the hills of the ground, `size` mm apart, and more so where it is pressed.

    More `gaps`, less of it in the dales; a `soft` stick minds the hills less.
    """
    hills = noise(rng, strokes[0].shape, size * k, 3)
    for stroke in strokes:
        pressed = cv2.GaussianBlur(stroke, (0, 0), 0.7 * size * k)
        kept = ramp(-soft, soft, hills - gaps + 3.0 * (pressed - 0.5)) * ramp(0.05, 0.5, pressed)
        dust = 0.08 * cv2.GaussianBlur(stroke, (0, 0), 3 * size * k)
        amount = np.clip(0.9 * kept + dust, 0, 1)[..., None]
        sheet = sheet + (colour - sheet) * amount
    return sheet


# --- lights: on the picture, at its own resolution --------------------------------------------------------------------


def lamp(view: Floats, *, angle: float, fall: float, near: Floats, far: Floats) -> Floats:
    """Light from one side, of one colour near and another far, `fall` of it lost across the picture."""
    x, _ = plane(view.shape, angle)
    part = ramp(-0.75, 0.75, x)[..., None]
    return view * (1 - fall * part) * (near * (1 - part) + far * part)


def shadow(
    view: Floats, *, angle: float, centre: tuple[float, float], half: tuple[float, float],
    edge: float, deep: float,
) -> Floats:  # fmt: skip
    """The shadow of a phone, bluer than the light: `edge` is how wide its border is, in picture heights."""
    dark = 1 - ramp(-edge, edge, box(view.shape, angle, centre, half))
    return view * (1 - deep * dark[..., None] * np.array((1.0, 0.96, 0.88), np.float32))


def window(view: Floats, *, angle: float, deep: float) -> Floats:
    """Sun through a window: what its frame and bars keep off is darker and bluer."""
    x, y = plane(view.shape, angle)
    y = y + 0.25 * x
    bar = np.maximum(1 - ramp(0.018, 0.05, np.abs(x + 0.22)), 1 - ramp(0.018, 0.05, np.abs(y - 0.33)))
    frame = np.maximum(ramp(0.4, 0.44, np.abs(x)), ramp(0.55, 0.6, np.abs(y - 0.1)))
    dark = np.maximum(bar, frame)[..., None]
    return view * (1 - deep * dark * np.array((1.0, 0.93, 0.8), np.float32))


def glare(view: Floats, *, centre: tuple[float, float], half: tuple[float, float], much: float) -> Floats:
    """A ceiling light mirrored in a glossy board."""
    return view + much * (1 - ramp(-0.06, 0.11, box(view.shape, 12, centre, half)))[..., None]


# --- cameras ----------------------------------------------------------------------------------------------------------


def encode(light: Floats) -> Floats:
    """Return linear light as sRGB would store it, 0-1."""
    return np.clip(light, 0, 1) ** np.float32(1 / 2.2)


def phone(
    rng: Random, view: Floats, *, exposure: float = 0.75, blur: float = 0.55, grain: float = 1.0,
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0), focus: float = 0.0,
) -> NDArray[np.uint8]:  # fmt: skip
    """A phone: lens, sensor, and the sharpening that phones like.

    `exposure` is what white becomes, in linear light; `blur` in pixels; `focus` > 0 blurs towards the top.
    """
    shape = view.shape[:2]
    view = cv2.GaussianBlur(view, (0, 0), blur)
    x, y = plane(shape, 0)
    view = view + (cv2.GaussianBlur(view, (0, 0), 2.0) - view) * (focus * ramp(0.1, 0.5, -y))[..., None]
    view = view * (exposure * (1 - 0.32 * (x * x + y * y)))[..., None] * np.array(cast, np.float32)
    light = encode(view)
    shots = noise(rng, shape, 1.6, 1) * 0.007 + noise(rng, shape, 1.0, 1) * 0.004
    tint = np.stack([noise(rng, shape, 7, 2) for _ in range(3)], axis=-1) * 0.0035
    light = light + grain * (1.5 - light) * (shots[..., None] + tint)
    light = light + 0.55 * (light - cv2.GaussianBlur(light, (0, 0), 1.3))
    light = light + 0.06 * np.sin((light - 0.5) * np.pi) * (1 - light) * light * 4  # a little more contrast
    return (np.clip(light, 0, 1) * 255).round().astype(np.uint8)


def scanner(rng: Random, view: Floats, *, white: float = 0.985) -> NDArray[np.uint8]:
    """A flatbed in greyscale: even light, hardly any noise, 64 levels to stay small."""
    grey = encode(cv2.GaussianBlur(view, (0, 0), 0.6).mean(axis=-1)) / white
    grey = grey + 0.003 * noise(rng, grey.shape, 1.0, 1)
    return (np.clip(grey, 0, 1) * 63).round().astype(np.uint8) * 4 + 3


def fax(rng: Random, view: Floats) -> NDArray[np.uint8]:
    """Black or white, nothing between, with the specks that a dirty glass adds."""
    grey = encode(view.mean(axis=-1)) + 0.05 * noise(rng, view.shape[:2], 2, 2)
    specks = noise(rng, view.shape[:2], 3, 2) > 4.0
    return np.where((grey < 0.62) | specks, 0, 255).astype(np.uint8)


def seen(scene: Scene, sheet: Floats) -> Floats:
    """Return the picture's view (h, w, 3) of a sheet: turned, leaning away, and brought down to pixels."""
    width, height = (side * FINE for side in scene.size)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32) * np.array((width, height)) / 2
    turn = np.radians(scene.turn)
    turned = corners @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    far = 1 + turned[:, 0] / width * scene.lean[0] + turned[:, 1] / height * scene.lean[1]
    source = (corners + np.array(sheet.shape[1::-1]) / 2).astype(np.float32)
    target = (turned / far[:, None] + np.array((width, height)) / 2).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    view = cv2.warpPerspective(sheet, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return cv2.resize(view, scene.size, interpolation=cv2.INTER_AREA)


def render(scene: Scene) -> NDArray[np.uint8]:
    """Return the finished picture, (h, w, 3) RGB or (h, w) grey, uint8."""
    rng = np.random.default_rng(scene.seed)
    k = scene.size[1] * FINE / scene.view
    shape = (int(scene.size[1] * FINE * MARGIN), int(scene.size[0] * FINE * MARGIN))
    sheet = scene.sheet(rng, shape, k)
    strokes = [coverage(rng, path, scene, shape, k) for path in written(rng, scene)]
    view = seen(scene, scene.ink(rng, sheet, strokes, k))
    for light in scene.lights:
        view = light(view)
    return (scene.camera or phone)(rng, view)
