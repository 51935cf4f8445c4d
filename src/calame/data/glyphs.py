"""Digit shapes as Europeans write them, and MNIST's Americans hardly ever: drawn from a few points each.

A form is a list of strokes, each a smooth curve through control points in a box 1 high; every control point has
its own play, so that no two drawings are alike. The forms are our own, after what French, German, Italian and
Austrian schools teach: the 1 with an upstroke, the crossed 7, the open 4, the 9 with a straight leg.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Stroke = NDArray[np.float32]
Form = Callable[[np.random.Generator], list[Stroke]]

PLAY = 0.025  # standard deviation of a control point, of a height of 1
SMOOTH = 12  # points between two control points


def draw(digit: int, rng: np.random.Generator, *, among: bool = False) -> list[Stroke]:
    """Return the strokes, each (k, 2), x to the right and y down, of one of the forms of a digit.

    Args:
        digit: 0-9.
        rng: where all that is random comes from.
        among: whether it stands among other digits, where forms are read that alone could be a letter.

    Raises:
        KeyError: there is no form of `digit`.
    """
    forms = FORMS[digit] + (AMONG.get(digit, ()) if among else ())
    return forms[rng.integers(len(forms))](rng)


def curve(points: list[tuple[float, float]], rng: np.random.Generator, *, play: float = PLAY) -> Stroke:
    """Return a smooth stroke through the points, each moved a little (a uniform Catmull-Rom spline)."""
    at = np.array(points) + rng.normal(0, play, (len(points), 2))
    ends = np.concatenate([[2 * at[0] - at[1]], at, [2 * at[-1] - at[-2]]])
    before, here, there, after = ends[:-3, None], ends[1:-2, None], ends[2:-1, None], ends[3:, None]
    t = np.linspace(0, 1, SMOOTH, endpoint=False)[None, :, None]
    path = 0.5 * (
        2 * here
        + (there - before) * t
        + (2 * before - 5 * here + 4 * there - after) * t**2
        + (3 * here - before - 3 * there + after) * t**3
    )
    return np.concatenate([path.reshape(-1, 2), at[-1:]]).astype(np.float32)


def corner(points: list[tuple[float, float]], rng: np.random.Generator, *, play: float = PLAY) -> Stroke:
    """Return a stroke of straight parts through the points, each moved a little."""
    return (np.array(points) + rng.normal(0, play, (len(points), 2))).astype(np.float32)


def one_upstroke(rng: np.random.Generator) -> list[Stroke]:
    """A 1 with an upstroke of any length and steepness, upright or leaning far, up to Λ; sometimes with a foot."""
    lean = rng.normal(0.0, 0.06) if rng.random() < 0.6 else -rng.uniform(0.05, 0.6)
    reach = rng.uniform(0.12, 0.6) if lean > -0.3 else rng.uniform(0.08, 0.35)
    drop = rng.uniform(0.04 + 0.5 * reach, 0.95 if rng.random() < 0.7 else 0.15 + 0.7 * reach)  # flatter is a 7's head
    start = lean * drop - reach
    if rng.random() < 0.5:
        sag = rng.uniform(-0.35, 0.35) * drop * reach  # bent either way, as a hand swings up
        up = curve([(start, drop), (start / 2 + sag, drop / 2 + sag), (0, 0)], rng, play=0.015)
    else:
        up = corner([(start, drop), (0, 0)], rng, play=0.015)
    return _with_leg(up, lean, rng)


def one_flagged(rng: np.random.Generator) -> list[Stroke]:
    """A 1 with a small flag, flat or hanging, too narrow for a 7."""
    lean, reach = rng.normal(-0.05, 0.08), rng.uniform(0.08, 0.25)
    hook = [(-reach, rng.uniform(max(-0.03, reach - 0.2), 0.14)), (0, 0)]
    if rng.random() < 0.4:
        hook.insert(0, (-reach - rng.uniform(0, 0.05), hook[0][1] + rng.uniform(0.03, 0.12)))
    return _with_leg(corner(hook, rng, play=0.015), lean, rng)


def one_looped(rng: np.random.Generator) -> list[Stroke]:
    """A 1 whose upstroke turns into the leg in a narrow loop, like an ℓ; it may go on to the right at its foot."""
    drop, reach, wide = rng.uniform(0.35, 0.8), rng.uniform(0.15, 0.4), rng.uniform(0.08, 0.2)
    lean = rng.uniform(-0.25, 0.05)
    leg = [(lean * 0.35 - wide * 0.2, 0.35), (lean * 0.8, 0.8), (lean, 1.0)]
    if rng.random() < 0.35:
        leg[-1] = (lean, 0.95)
        leg.extend([(lean + 0.08, 1.0), (lean + rng.uniform(0.12, 0.25), rng.uniform(0.85, 0.95))])
    up = [(lean * drop - reach, drop), (0.0, drop * 0.6), (wide, rng.uniform(0.08, 0.2)), (wide * 0.5, 0.0)]
    return [curve([*up, (-wide * rng.uniform(0.0, 0.4), 0.12), *leg], rng, play=0.012)]


def one_bare(rng: np.random.Generator) -> list[Stroke]:
    """A 1 that is one straight stroke, upright or leaning a little."""
    return [corner([(0, 0), (rng.normal(0.0, 0.06), 1)], rng, play=0.01)]


def _with_leg(head: Stroke, lean: float, rng: np.random.Generator) -> list[Stroke]:
    """Return a 1: its head and, from where that ends, the leg; sometimes round at the top, sometimes with a foot."""
    leg = [(lean / 2 + rng.normal(0, 0.015), 0.5), (lean, 1)]
    if rng.random() < 0.25:
        top = rng.uniform(0.02, 0.07)
        leg = [(head[-1, 0] + top, top), *leg]
        strokes = [np.concatenate([head, curve(leg, rng, play=0.01)])]
    else:
        strokes = [np.concatenate([head, corner(leg, rng)])]
    if rng.random() < 0.15:
        half = rng.uniform(0.12, 0.35)
        foot = corner([(lean - half, 1), (lean + half * rng.uniform(0.3, 1), 1)], rng)
        strokes = [np.concatenate([strokes[0], foot])] if rng.random() < 0.2 else [*strokes, foot]
    return strokes


def seven_crossed(rng: np.random.Generator) -> list[Stroke]:
    """A 7 with a bar through its leg, its head straight or wavy, sometimes with a small serif at its start."""
    wide, foot, bow = rng.uniform(0.4, 0.75), rng.uniform(-0.15, 0.3), rng.uniform(-0.08, 0.08)
    head = [(0.0, rng.uniform(-0.02, 0.08)), (wide / 2, rng.uniform(-0.03, 0.06)), (wide, 0.0)]
    if rng.random() < 0.4:
        head.insert(0, (rng.uniform(-0.02, 0.04), rng.uniform(0.08, 0.2)))
    leg = curve([(wide, 0.0), ((wide + foot) / 2 + bow, 0.5), (foot + 0.1, 1.0)], rng, play=0.015)
    strokes = [np.concatenate([corner(head, rng, play=0.015), leg])]
    if rng.random() < 0.85:
        height, half = rng.uniform(0.38, 0.62), rng.uniform(0.12, 0.3)
        middle = wide + (foot + 0.1 - wide) * height + bow
        tilt = rng.normal(0, 0.05)
        strokes.append(corner([(middle - half, height + tilt), (middle + half, height - tilt)], rng, play=0.015))
    return strokes


def seven_bare(rng: np.random.Generator) -> list[Stroke]:
    """A 7 of two straight strokes, not crossed."""
    wide, foot = rng.uniform(0.35, 0.65), rng.uniform(-0.05, 0.25)
    return [corner([(0, rng.uniform(-0.02, 0.08)), (wide, 0), (foot, 1)], rng, play=0.01)]


def seven_curled(rng: np.random.Generator) -> list[Stroke]:
    """A 7 in a hurry, crossed: a head with a wave or a hook, a leg that bends, and perhaps a curl at its foot."""
    wide, foot = rng.uniform(0.35, 0.65), rng.uniform(-0.1, 0.25)
    dip = rng.uniform(0.05, 0.2)
    head = [(0.0, rng.uniform(0.02, 0.2)), (wide * 0.15, 0.0), (wide * 0.5, dip), (wide, rng.uniform(-0.05, 0.06))]
    knee = ((wide + foot) / 2 + rng.uniform(-0.05, 0.12), 0.5)
    leg = [(wide, head[-1][1]), knee, (foot + 0.05, 0.95)]
    if rng.random() < 0.4:
        leg[-1] = (foot + 0.05, 0.9)
        leg.extend([(foot - 0.1, 1.0), (foot - 0.25, rng.uniform(0.85, 0.98))])
    height, half = rng.uniform(0.38, 0.65), rng.uniform(0.12, 0.3)
    middle = knee[0] + (height - 0.5) * (foot - wide)
    bar = corner([(middle - half, height + 0.03), (middle + half, height + rng.normal(-0.03, 0.05))], rng, play=0.015)
    return [np.concatenate([curve(head, rng, play=0.015), curve(leg, rng, play=0.015)]), bar]


def four_open(rng: np.random.Generator) -> list[Stroke]:
    """A 4 open above: an L or a slanting line and a bar, and a leg of its own that may be short or long."""
    bar, leg = rng.uniform(0.45, 0.75), rng.uniform(0.35, 0.65)
    wide, top = leg + rng.uniform(0.02, 0.3), rng.uniform(-0.05, 0.5)
    start = rng.uniform(0.0, 0.4)
    first = corner([(start, 0.0), (0.0, bar), (wide, bar + rng.normal(0, 0.03))], rng)
    second = corner([(leg + rng.normal(0, 0.04), top), (leg + rng.normal(0, 0.05), 1.0)], rng)
    return [first, second]


def four_closed(rng: np.random.Generator) -> list[Stroke]:
    """A 4 in one line: down, across, and up to the leg that closes it."""
    bar, leg = rng.uniform(0.5, 0.75), rng.uniform(0.35, 0.55)
    return [
        corner([(leg, 0.0), (0.0, bar), (leg + rng.uniform(0.05, 0.3), bar)], rng),
        corner([(leg, rng.uniform(0.0, 0.1)), (leg, 1.0)], rng),
    ]


def four_lightning(rng: np.random.Generator) -> list[Stroke]:
    """A 4 in one line that never comes back: down, across or a little up, and down again, far or but a little."""
    turn, wide = rng.uniform(0.35, 0.8), rng.uniform(0.25, 0.55)
    top = rng.uniform(0.1, 0.5)
    rise = rng.uniform(-0.02, 0.1) + max(0.0, turn - 0.55)  # the lower it turns, the more it has to rise
    foot = wide - rng.uniform(-0.05, 0.12)  # further back it would be a 5
    line = [(top, 0.0), (0.0, turn), (wide, turn - rise), (foot, 1.0)]
    round_enough = turn > 0.55 and rng.random() < 0.5  # a round one that turns early is an S, and a 5
    return [curve(line, rng, play=0.015) if round_enough else corner(line, rng)]


def four_cup(rng: np.random.Generator) -> list[Stroke]:
    """A 4 like a cup with a leg at its right, in one line or two; a deep cup has a short leg, as an h has."""
    wide, deep = rng.uniform(0.3, 0.55), rng.uniform(0.45, 0.85)
    rim = rng.uniform(0.0, 0.3) if deep < 0.6 else rng.uniform(0.25, 0.5)
    slope = min(0.5 * wide, rng.uniform(0.0, 0.3) if deep < 0.6 else rng.uniform(0.05, 0.3))  # closed, it would be a 9
    left = [(slope, 0.0), (0.0, deep * 0.7), (wide * 0.35, deep), (wide * 0.85, max(rim + 0.05, deep * 0.8))]
    leg = [(wide, rim), (wide - rng.uniform(-0.05, 0.15), 1.0)]
    if rng.random() < 0.5:
        return [np.concatenate([curve([*left, leg[0]], rng, play=0.018), corner(leg, rng)])]
    return [curve(left, rng, play=0.018), corner(leg, rng)]


def nine_straight(rng: np.random.Generator) -> list[Stroke]:
    """A 9 with a round or flat head and a straight leg, upright or leaning, sometimes with a hook at its foot."""
    r, tall = rng.uniform(0.2, 0.32), rng.uniform(0.18, 0.3)
    join = rng.uniform(-0.05, 0.1)
    head = [
        (r * 0.95, tall * 0.7), (r * 0.2, 0.0), (-r, tall * 0.8), (-r * 0.3, 2 * tall), (r * 0.9, tall * (1.1 + join)),
    ]  # fmt: skip
    lean = rng.normal(0.0, 0.06)
    leg = [(r, tall * 0.5), (r + lean / 2, 0.6), (r + lean, 1.0)]
    if rng.random() < 0.3:
        leg[-1] = (r + lean, 0.9)
        leg.extend([(r * 0.5, 1.0), (-r * 0.6, 0.95)])
        return [curve(head, rng), curve(leg, rng)]
    return [curve(head, rng), corner(leg, rng, play=0.015)]


def nine_open(rng: np.random.Generator) -> list[Stroke]:
    """A 9 begun at its foot, like a P: up the stem, round to the right and back to it, or nearly."""
    r, tall = rng.uniform(0.16, 0.29), rng.uniform(0.18, 0.28)  # half the width and half the height of the head
    lean = float(np.clip(rng.normal(0.0, 0.17), -0.35, 0.35))
    foot = (-r - lean, 1.0)
    stem = [foot, (-r - lean * 0.5, 0.6), (-r, tall)]
    if rng.random() < 0.3:
        stem = [(foot[0] - rng.uniform(0.08, 0.25), rng.uniform(0.85, 0.97)), (foot[0] - 0.02, 0.99), *stem[1:]]
    end = rng.uniform(-1.6, -0.6) * r  # past the stem, or short of it
    head = [(0.0, 0.0), (r, tall * 0.9), (r * 0.45, tall * 1.8), (end, tall * rng.uniform(1.7, 2.1))]
    if rng.random() < 0.6:
        return [curve([*stem, *head], rng, play=0.018)]
    start = (-r * rng.uniform(0.7, 1.5), rng.uniform(0.0, 0.15))
    return [corner([stem[-1], (-r - lean * 0.5, 0.6), foot], rng, play=0.015), curve([start, *head], rng, play=0.018)]


def zero_plain(rng: np.random.Generator) -> list[Stroke]:
    """A 0, round to narrow, not quite closed or closed with a tail."""
    wide, turn = rng.uniform(0.2, 0.48), rng.uniform(0, 0.8)
    angles = np.linspace(-np.pi / 2 - turn, 1.5 * np.pi - turn + rng.uniform(-0.3, 0.5), 9)
    return [curve([(wide * np.cos(a), 0.5 + 0.5 * np.sin(a)) for a in angles], rng, play=0.018)]


def two_plain(rng: np.random.Generator) -> list[Stroke]:
    """A 2 with a sharp foot, a loop or a wave."""
    wide, foot = rng.uniform(0.3, 0.55), rng.uniform(0.2, 0.75)
    bow = [(0.0, rng.uniform(0.15, 0.3)), (wide * 0.5, 0.0), (wide, rng.uniform(0.2, 0.3)), (wide * 0.5, 0.65)]
    if rng.random() < 0.5:
        base = corner([(0.0, 1.0), (foot, 1.0 + rng.normal(0, 0.03))], rng)
        return [np.concatenate([curve([*bow, (0.0, 1.0)], rng), base])]
    return [curve([*bow, (0.02, 0.97), (0.1, 0.85), (foot * 0.5, 0.93), (foot, 1.0)], rng)]


def two_rolled(rng: np.random.Generator) -> list[Stroke]:
    """A 2 whose head is rolled in, up to a closed ring, with a short foot: level, waved or looped."""
    wide, high = rng.uniform(0.22, 0.55), rng.uniform(0.42, 0.66)
    inside = (wide * rng.uniform(0.2, 0.95), high * rng.uniform(0.65, 0.95))  # where the pen comes down
    head = [inside, (wide * 0.08, high * 0.75), (0.0, high * 0.4), (wide * 0.45, 0.0), (wide, high * 0.35)]
    heel, foot = wide * rng.uniform(0.0, 0.35), rng.uniform(0.15, 0.6)
    down = [(wide * 0.85, high * 0.8), (heel + 0.03, 0.96)]
    if rng.random() < 0.5:
        level = 1.0 + rng.normal(0, 0.03)
        base = corner([(heel, 0.99), (heel + foot, level)], rng, play=0.015)
        return [np.concatenate([curve([*head, *down], rng, play=0.018), base])]
    loop = [(heel - rng.uniform(0.03, 0.12), rng.uniform(0.88, 0.96)), (heel + foot * 0.3, rng.uniform(0.86, 0.94))]
    return [curve([*head, *down[:1], (heel + 0.02, 0.98), *loop, (heel + foot, 1.0)], rng, play=0.018)]


def three_flat(rng: np.random.Generator) -> list[Stroke]:
    """A 3 with a flat top and a corner, or two bows."""
    wide, waist = rng.uniform(0.35, 0.55), rng.uniform(0.38, 0.48)
    if rng.random() < 0.4:
        back = wide * rng.uniform(0.1, 0.5)
        top = corner([(0.0, 0.0), (wide, 0.0), (back, waist)], rng)
        low = curve([(back, waist), (wide, 0.62), (wide * 0.6, 0.98), (0.0, 0.92)], rng)
        return [np.concatenate([top, low])]
    top = curve([(0.0, 0.1), (wide * 0.5, 0.0), (wide * 0.95, 0.2), (wide * 0.3, waist)], rng)
    return [np.concatenate([top, curve([(wide * 0.3, waist), (wide, 0.68), (wide * 0.5, 1.0), (0.0, 0.88)], rng)])]


def five_parts(rng: np.random.Generator) -> list[Stroke]:
    """A 5 of neck and bow with its flag apart, or in one line like an S or a √."""
    wide, neck = rng.uniform(0.35, 0.55), rng.uniform(0.35, 0.48)
    left = rng.uniform(0.0, 0.1)
    bow = [(left, neck), (wide * 0.6, neck - 0.03), (wide, 0.68), (wide * 0.5, 1.0), (0.0, rng.uniform(0.85, 0.98))]
    far = rng.uniform(1.2, 2.2) if rng.random() < 0.25 else rng.uniform(0.75, 1.2)
    flag = (far * wide, rng.normal(0, 0.04) - (0.1 * (far - 1) if far > 1.2 else 0))
    if rng.random() < 0.5:
        return [
            np.concatenate([corner([(left + 0.04, 0.0), (left, neck)], rng, play=0.015), curve(bow, rng)]),
            corner([(left + 0.04 + rng.uniform(-0.03, 0.1), 0.0), flag], rng, play=0.015),
        ]
    return [np.concatenate([corner([flag, (left + 0.05, 0.0), (left, neck)], rng), curve(bow, rng)])]


def five_root(rng: np.random.Generator) -> list[Stroke]:
    """A 5 in a hurry: like a √ with its roof, or a flag on a hook or on a bare leg."""
    far, rise = rng.uniform(0.35, 1.1), rng.normal(-0.02, 0.05)
    if rng.random() < 0.4:
        foot, top = rng.uniform(0.1, 0.25), rng.uniform(0.3, 0.6)
        start = (foot - rng.uniform(0.1, 0.25), rng.uniform(0.3, 0.75))
        return [corner([start, (foot, 1.0), (top, 0.0), (top + far, rise)], rng, play=0.018)]
    leg = rng.normal(0.0, 0.06)
    hook = [(leg - rng.uniform(0.05, 0.15), 1.0), (leg - rng.uniform(0.2, 0.4), rng.uniform(0.78, 0.95))]
    body = curve([(0.0, 0.0), (leg / 2 + 0.03, 0.45), (leg, 0.85), *(hook if rng.random() < 0.7 else [])], rng)
    return [body, corner([(rng.uniform(-0.05, 0.05), 0.02), (far, rise)], rng, play=0.015)]


def six_plain(rng: np.random.Generator) -> list[Stroke]:
    """A 6 from a bent or straight back into a round or flat bowl."""
    r, tall, back = rng.uniform(0.2, 0.34), rng.uniform(0.17, 0.27), rng.uniform(0.1, 0.45)
    return [
        curve([(back, 0.0), (-r * 0.7, 0.45), (-r, 1 - tall), (0.0, 1.0), (r, 1 - tall), (r * 0.1, 1 - 2 * tall),
               (-r * 0.8, 1 - tall * 0.9)], rng)
    ]  # fmt: skip


def eight_plain(rng: np.random.Generator) -> list[Stroke]:
    """An 8 in one crossing line, or of two rings."""
    r, waist = rng.uniform(0.17, 0.3), rng.uniform(0.4, 0.5)
    if rng.random() < 0.3:
        rings = [(0.0, waist / 2, r * 0.9, waist / 2), (0.0, (1 + waist) / 2, r, (1 - waist) / 2)]
        around = np.linspace(-np.pi / 2, 1.5 * np.pi, 9)
        return [curve([(x + a * np.cos(t), y + b * np.sin(t)) for t in around], rng) for x, y, a, b in rings]
    return [
        curve([(r * 0.8, 0.1), (0.0, 0.0), (-r * 0.9, waist * 0.45), (0.0, waist), (r, (1 + waist) / 2), (0.0, 1.0),
               (-r, (1 + waist) / 2), (0.0, waist), (r * 0.9, waist * 0.4), (r * 0.5, 0.03)], rng)
    ]  # fmt: skip


FORMS: dict[int, tuple[Form, ...]] = {
    0: (zero_plain,),
    1: (one_upstroke, one_upstroke, one_upstroke, one_upstroke, one_upstroke, one_flagged),
    2: (two_plain,),
    3: (three_flat,),
    4: (four_open, four_open, four_closed, four_lightning, four_lightning, four_cup, four_cup),
    5: (five_parts, five_parts, five_root),
    6: (six_plain,),
    7: (seven_crossed, seven_crossed, seven_curled),
    8: (eight_plain,),
    9: (nine_straight,),
}
# Alone, the P is a letter, the ℓ too, and a reader of single digits learns to refuse them.
AMONG: dict[int, tuple[Form, ...]] = {
    1: (one_looped, one_bare),
    2: (two_rolled,),
    7: (seven_bare,),
    9: (nine_open,),
}
