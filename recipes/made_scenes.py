"""Made photos of one handwritten number amid what else such photos have: scene by scene, by hands that are unseen.

A scene is what a user photographs: a note on a table, an envelope, a price tag. Each is drawn from a generator alone,
with its number or, `bare`, without. All were made before anything was read of them; nothing was set on them.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

import studio
from calame.data import prints
from calame.data.hands import Hands
from made_pages import WORDS
from samples import BALL_BLACK, BALL_BLUE, FELT, MARKER, PENCIL
from snapshot import (
    LENGTHS,
    Photo,
    Point,
    Sheet,
    Shot,
    aimed,
    blank,
    exposed,
    fitting,
    hand,
    hand_shadow,
    ink_it,
    round_off,
    sheet_of,
    smaller,
    table,
    taken,
    write,
    written,
)
from studio import Floats, Random, linear

Scene = Callable[[Hands, Random, bool], Photo]

LABELS = (
    *(
        "N°",
        "N°",
        "No.",
        "No",
        "Nr.",
        "Ref.",
        "Réf.",
        "Ref",
        "N° client",
        "Code",
        "Code client",
        "Commande n°",
        "Total",
    ),
    *("Order no.", "Dossier", "Compteur", "Index", "ID", "Lot", "Table", "Badge", "Facture N°", "Invoice"),
)
PEOPLE = "Marie Lambert", "J. Perrin", "Mme Claire Dubois", "Paul Renard", "Sté Martin et Fils", "A. Keller"
STREETS = "rue de la Gare", "rue Victor Hugo", "avenue du Parc", "place du Marché", "chemin des Vignes"
TOWNS = "LYON", "Dijon", "NANTES", "Genève", "BORDEAUX", "Lausanne", "LILLE", "Annecy"
ON_TAGS = "Prix", "PRIX", "Lot", "Promo", "Réf.", "Taille", "Soldes", "Stand", "Article"
TAGS = ((250, 250, 247), (255, 238, 150), (253, 226, 190), (228, 240, 250), (240, 232, 215))
BRIGHT = ((170, 52, 48), (40, 92, 150), (44, 112, 78), (150, 96, 40), (150, 130, 104), (196, 140, 60), (60, 60, 66))
PRINTED = ((40, 40, 44), (40, 40, 44), (60, 60, 66), (40, 70, 140), (150, 60, 50))
PENCILS = ((224, 172, 48), (40, 90, 60), (170, 44, 44), (40, 60, 120), (36, 36, 38))
COIL = 8.5  # mm from hole to hole of a spiral
ROOMY = 1.4  # of the picture: a sheet whose edges are hardly seen
WIDE_LABEL = 0.78  # of the picture's width: the printed word and the number behind it
FAR = 0.021, 0.039  # of the picture's height
TABLES_BARE = ((190, 186, 180), (120, 96, 74), (70, 78, 88))


def note(known: Hands, rng: Random, bare: bool) -> Photo:
    """A note on a darker table, its edges in the picture, at an angle."""
    shot = aimed(known, rng, bare, (110, 200))
    sheet = blank(shot, shot.between(0.55, 0.85) * shot.wide, shot.between(0.45, 0.75) * shot.view)
    spot = shot.between(0.4, 0.6) * sheet.wide, shot.between(0.35, 0.65) * sheet.high
    write(sheet, spot, shot.between(6, 13))
    return taken(sheet, table(shot), aim=(sheet.wide / 2, sheet.high / 2), at=about_the_middle(shot), crooked=6)


def shade(known: Hands, rng: Random, bare: bool) -> Photo:
    """A sheet that fills the picture, under the soft shadow of the hand or the phone."""
    shot = aimed(known, rng, bare, (60, 130))
    sheet = blank(shot, ROOMY * shot.wide, ROOMY * shot.view)
    write(sheet, (sheet.wide / 2, sheet.high / 2), shot.between(6, 11))
    towards = shot.between(-0.3, 0.3) * shot.wide / shot.view, shot.between(-0.35, 0.15)
    return taken(sheet, table(shot), lights=[hand_shadow(shot, towards)])


def pencil(known: Hands, rng: Random, bare: bool) -> Photo:
    """A thin grey number, and the pencil or the pen beside it, with its shadow."""
    shot = aimed(known, rng, bare, (70, 140))
    sheet = blank(shot, ROOMY * shot.wide, ROOMY * shot.view)
    write(sheet, (sheet.wide / 2, sheet.high / 2), shot.between(6, 11), pen=PENCIL, thin=True)
    lay_down(sheet)
    return taken(sheet, table(shot))


def squares(known: Hands, rng: Random, bare: bool) -> Photo:
    """Squared paper, or the French school sheet."""
    shot = aimed(known, rng, bare, (45, 110))
    shape = shot.pixels(ROOMY * shot.wide, ROOMY * shot.view)
    ruled = studio.squared if shot.chance(0.65) else studio.seyes
    sheet = sheet_of(shot, ruled(rng, shape, shot.k).astype(np.float32))
    write(sheet, (sheet.wide / 2, sheet.high / 2), shot.between(5.5, 11))
    return taken(sheet, table(shot))


def notebook(known: Hands, rng: Random, bare: bool) -> Photo:
    """A ruled or dotted notebook with a spiral at its left."""
    shot = aimed(known, rng, bare, (80, 150))
    shape = shot.pixels(1.2 * shot.wide, ROOMY * shot.view)
    paper = studio.paper(rng, shape, shot.k, colour=shot.white())
    colour, pitch = linear(*((130, 140, 170), (150, 150, 150))[rng.integers(2)]), shot.between(6, 8.5)
    rules = studio.rules(shape, shot.k, pitch, 0.25, 0)
    if shot.chance(0.4):
        rules = studio.rules(shape, shot.k, 5, 0.5, 0) * studio.rules(shape, shot.k, 5, 0.5, 1)
    sheet = sheet_of(shot, studio.printed(rng, paper, rules, colour, shot.between(0.4, 0.8)).astype(np.float32))
    middle = shot.between(0.5, 0.62) * shot.wide, sheet.high / 2
    write(sheet, middle, shot.between(6, 11), room=0.62 * shot.wide)
    bind(sheet)
    return taken(sheet, table(shot), aim=(0, sheet.high / 2), at=(shot.between(0.0, 0.1), 0.5), crooked=2.5)


def envelope(known: Hands, rng: Random, bare: bool) -> Photo:
    """An envelope with a printed address, and a number that somebody has written on it."""
    shot = aimed(known, rng, bare, (100, 150), upright=0.0)
    wide = shot.between(0.9, 1.15) * shot.wide
    high = min(0.55 * wide, 0.85 * shot.view)
    if shot.chance(0.3):
        sheet = sheet_of(shot, studio.envelope(rng, shot.pixels(wide, high), shot.k).astype(np.float32))
    else:
        sheet = blank(shot, wide, high)
    left, top = shot.between(0.48, 0.56) * wide, shot.between(0.42, 0.52) * high
    lines = [str(rng.choice(PEOPLE)), f"{rng.integers(1, 120)} {rng.choice(STREETS)}",
             f"{rng.integers(1000, 96000):05d} {rng.choice(TOWNS)}"]  # fmt: skip
    sheet.set(lines, left, top, shot.between(3.4, 4.2), shot.between(5, 6.2), linear(44, 44, 48))
    if shot.chance(0.6):
        stamp(sheet, wide - shot.between(26, 30), shot.between(5, 8))
    spot = shot.between(0.22, 0.28) * wide, shot.between(0.3, 0.75) * high
    write(sheet, spot, shot.between(7, 13), room=0.4 * wide)
    return taken(sheet, table(shot), aim=(wide / 2, high / 2), at=about_the_middle(shot))


def tag(known: Hands, rng: Random, bare: bool) -> Photo:
    """A price tag or a label with a light ground on a coloured table."""
    shot = aimed(known, rng, bare, (70, 140))
    wide = shot.between(0.5, 0.75) * shot.wide
    high = shot.between(0.45, 0.65) * wide
    sheet = blank(shot, wide, high, linear(*TAGS[rng.integers(len(TAGS))]))
    round_off(sheet, shot.between(0.5, 4))
    foot = 0.0
    if shot.chance(0.6):
        foot = 0.24 * high
        sheet.say(str(rng.choice(ON_TAGS)), shot.between(0.08, 0.6) * wide, foot, 0.11 * high,
                  linear(*PRINTED[rng.integers(len(PRINTED))]))  # fmt: skip
    middle = wide / 2 + shot.between(-0.03, 0.03) * wide, foot + 0.52 * (high - foot)
    pen = (FELT, FELT, MARKER, BALL_BLACK, BALL_BLUE)[rng.integers(5)]
    write(sheet, middle, shot.between(0.3, 0.5) * high, pen=pen, room=0.86 * wide, most=6)
    ground = table(shot, BRIGHT, wooden=0.1)
    return taken(sheet, ground, aim=(wide / 2, high / 2), crooked=6)


def boxes(known: Hands, rng: Random, bare: bool) -> Photo:
    """Boxes or a comb on a form, a digit in each."""
    shot = aimed(known, rng, bare, (60, 120), upright=0.3)
    sheet = blank(shot, ROOMY * shot.wide, ROOMY * shot.view)
    text, spare = shot.number(), int(rng.integers(0, 3))
    number = written(shot, hand(shot), text, shot.between(4, 8), cell=shot.between(0.85, 1.35))
    step = float(np.median(np.diff(number.middles))) if len(text) > 1 else 1.1 * number.foot
    scale = min(1.0, 0.8 * shot.size[0] / (number.ink.shape[1] + (spare + 1) * step))
    number, step = smaller(number, scale), step * scale
    high, wide = number.ink.shape
    left, top = (sheet.wide - wide / shot.k) / 2, (sheet.high - high / shot.k) / 2
    ink_it(sheet, number, left, top, shot.pen())
    size = 0.8 * high
    colour, tone = linear(*PRINTED[rng.integers(len(PRINTED))]), shot.between(0.5, 0.95)
    first = float(np.mean(number.middles - step * np.arange(len(text))))
    room = round(2 * step), round(1.2 * size)
    middles = [room[0] + first + step * place for place in range(len(text) + spare)]
    across = wide + round((spare + 4) * step)
    printed = prints.cells(high + 2 * room[1], across, room[1] + number.foot, size, middles, step, rng)
    start = round(sheet.box[0] * shot.k) - room[0], round(sheet.box[1] * shot.k) - room[1]
    sheet.print(printed, *start, colour, tone)
    if shot.chance(0.7):
        left, foot = room[0] + first - step / 2 + start[0], sheet.box[1] * shot.k - 0.45 * size
        sheet.say(
            str(rng.choice(LABELS)), left / shot.k, foot / shot.k - shot.between(2, 4), shot.between(2.2, 3), colour
        )
    return taken(sheet, table(shot), crooked=2.5)


def label(known: Hands, rng: Random, bare: bool) -> Photo:
    """A number behind a printed word, or under it."""
    shot = aimed(known, rng, bare, (50, 110), upright=0.35)
    sheet = blank(shot, ROOMY * shot.wide, ROOMY * shot.view)
    colour, words = linear(*PRINTED[rng.integers(len(PRINTED))]), str(rng.choice(LABELS))
    caps, x, y = shot.between(2.4, 4.2), 0.4 * sheet.wide, 0.5 * sheet.high
    if shot.chance(0.6):
        words += str(rng.choice(["", ":", " :", ""]))
        end = sheet.say(words, x, y, caps, colour) + shot.between(2, 6)
    else:
        sheet.say(words, x, y - shot.between(9, 14), caps, colour)
        end = x + shot.between(-2, 5)
    room = WIDE_LABEL * shot.wide - (end - x)
    number = fitting(shot, hand(shot), shot.between(5, 10), max(10.0, room), shot.number())
    ink_it(sheet, number, end, y + shot.between(-0.5, 1) - number.foot / shot.k, shot.pen())
    right = sheet.box[2]
    if shot.chance(0.4):
        size = 7 * shot.k
        rule = prints.base_line(round(size), round((right + 8 - end) * shot.k), 0.5 * size, size, rng)
        sheet.print(rule, round(end * shot.k), round((y + 0.8) * shot.k - 0.5 * size), colour, 0.7)
    return taken(sheet, table(shot), aim=((x + right) / 2, y - 3), crooked=3)


def below(known: Hands, rng: Random, bare: bool) -> Photo:
    """A number, and the upper part of the next line of writing at the lower edge of the picture."""
    shot = aimed(known, rng, bare, (45, 90), upright=0.3)
    sheet = blank(shot, ROOMY * shot.wide, 1.6 * shot.view)
    who, pen, tall = hand(shot), shot.pen(), shot.between(5.5, 9)
    number = fitting(shot, who, tall, sheet.wide, shot.number())
    tall *= min(1.0, number.ink.shape[0] / (tall * shot.k))  # the next line is no larger
    under = fitting(shot, who, tall, sheet.wide, shot.number())
    x, foot = 0.5 * sheet.wide - number.ink.shape[1] / shot.k / 2, 0.6 * sheet.high
    row = foot + shot.between(0.35, 0.9) * tall
    cut = row + shot.between(0.15, 0.45) * tall
    ink_it(sheet, under, x + shot.between(-4, 4), row, pen)
    sheet.ink[:], sheet.text = 0, ""
    ink_it(sheet, number, x, foot - number.ink.shape[0] / shot.k, pen)
    return taken(sheet, table(shot), aim=(sheet.middle[0], cut), at=(shot.between(0.45, 0.55), 1.0), crooked=1.5)


def far(known: Hands, rng: Random, bare: bool) -> Photo:
    """A large sheet from far away: digits 2 to 4 % as high as the picture."""
    tall = float(rng.uniform(6, 9))
    view = tall / float(rng.uniform(*FAR))
    shot = aimed(known, rng, bare, (view, view * 1.001), longer=(1400, 1600))
    wide, high = (148, 210) if shot.chance(0.5) else (210, 148)
    sheet = blank(shot, wide, high)
    write(sheet, (shot.between(0.3, 0.7) * wide, shot.between(0.25, 0.75) * high), tall)
    return taken(sheet, table(shot), aim=(wide / 2, high / 2), at=about_the_middle(shot), crooked=6)


def printed_page(known: Hands, rng: Random, bare: bool) -> Photo:
    """A page of print, the number at its margin."""
    shot = aimed(known, rng, bare, (110, 230), upright=0.65)
    sheet = blank(shot, min(210.0, 1.35 * shot.wide), min(297.0, 1.35 * shot.view))
    aside = shot.chance(0.4)
    high = shot.between(2.9, 3.9)
    left, top = (shot.between(30, 40), 18.0) if aside else (shot.between(12, 20), shot.between(28, 38))
    pitch, end = high * shot.between(1.35, 1.8), sheet.wide * shot.between(0.9, 0.98)
    text = [sentence(rng, round((end - left) / high * 1.9)) for _ in range(int((sheet.high - top) / pitch))]
    sheet.set([one if rng.random() > 0.12 else "" for one in text], left, top, high, pitch, linear(46, 46, 50))
    tall = shot.between(5, 9)
    if aside:
        spot, room = (left / 2, shot.between(0.2, 0.6) * min(sheet.high, shot.view)), left - 7
    else:
        spot, room = (shot.between(0.25, 0.75) * min(sheet.wide, shot.wide), top * shot.between(0.42, 0.55)), 70.0
    write(sheet, spot, tall, room=room, most=4 if aside else len(LENGTHS))
    corner = shot.between(-0.02, 0.06), shot.between(-0.02, 0.06)
    return taken(sheet, table(shot), aim=(0.0, 0.0), at=corner, crooked=1.5)


def bare_table(known: Hands, rng: Random, _: bool) -> Photo:
    """A table with a shadow, and nothing on it."""
    shot = aimed(known, rng, True, (100, 300))
    ground = table(shot, (*TABLES_BARE, *BRIGHT))
    towards = shot.between(-0.4, 0.4), shot.between(-0.2, 0.4)
    none = np.zeros(shot.size[::-1], np.float32)
    return exposed(shot, ground.astype(np.float32), "", none, [hand_shadow(shot, towards)])


SCENES: dict[str, Scene] = {
    "note": note, "shadow": shade, "pencil": pencil, "squares": squares, "notebook": notebook, "envelope": envelope,
    "tag": tag, "boxes": boxes, "label": label, "next line": below, "far": far, "printed page": printed_page,
}  # fmt: skip
NOTHING: dict[str, Scene] = {**SCENES, "table": bare_table}


def made(known: Hands, name: str, number: int, *, bare: bool = False) -> Photo:
    """Make the photo of a scene that has this number; `bare`, it has nothing written on it."""
    scene = (NOTHING if bare else SCENES)[name]
    return scene(known, np.random.default_rng((number, int(bare), *map(ord, name))), bare)


# --- what else lies there ---------------------------------------------------------------------------------------------


def about_the_middle(shot: Shot) -> Point:
    """Return where the middle of a sheet comes that is to be seen whole, in widths and heights of the picture."""
    return shot.between(0.46, 0.54), shot.between(0.46, 0.54)


def sentence(rng: Random, letters: int) -> str:
    """Return some words, now and then a number among them, of about so many letters."""
    words = str(rng.choice(WORDS)).capitalize()
    while len(words) < letters:
        words += f" {rng.integers(1, 2030)}" if rng.random() < 0.03 else f" {rng.choice(WORDS)}"
    return words + "."


def stamp(sheet: Sheet, left: float, top: float) -> None:
    """Stick a stamp on: a pale rim, a coloured field, something light on it."""
    k, rng = sheet.shot.k, sheet.shot.rng
    wide, high = 20.0, 24.0
    for inset, colour in ((0.0, (244, 242, 236)), (1.5, BRIGHT[rng.integers(len(BRIGHT))])):
        shape = sheet.shot.pixels(wide - 2 * inset, high - 2 * inset)
        rows, columns = sheet.place(round((left + inset) * k), round((top + inset) * k), shape)
        part = sheet.light[rows, columns]
        sheet.light[rows, columns] = 0.1 * part + 0.9 * linear(*colour)
    cloud = studio.ramp(0.2, 0.9, studio.noise(rng, shape, 6 * k, 2))[: part.shape[0], : part.shape[1], None]
    sheet.light[rows, columns] += 0.5 * cloud * (linear(240, 230, 205) - sheet.light[rows, columns])


def bind(sheet: Sheet) -> None:
    """Punch holes along the left edge, with the table seen through them, and run a wire through."""
    k = sheet.shot.k
    left = round(5 * k)  # of the table beside the sheet: what the wire needs
    pads = ((0, 0), (left, 0))
    sheet.light = np.pad(sheet.light, (*pads, (0, 0)), mode="edge")
    sheet.cover, sheet.ink = np.pad(sheet.cover, pads), np.pad(sheet.ink, pads)
    moved = left / k
    sheet.box = (sheet.box[0] + moved, sheet.box[1], sheet.box[2] + moved, sheet.box[3])
    holes = np.zeros(sheet.ink.shape, np.uint8)
    wire = np.zeros(sheet.ink.shape, np.uint8)
    shine = np.zeros(sheet.ink.shape, np.uint8)
    for y in np.arange(COIL / 2, sheet.high, COIL):
        at = round((moved + 4.5) * k), round(y * k)
        cv2.circle(holes, at, round(1.9 * k), 255, -1, cv2.LINE_AA)
        ends = [(at[0], at[1]), (round(0.8 * k), round((y - 1.6) * k))]
        cv2.line(wire, *ends, 255, max(2, round(0.9 * k)), cv2.LINE_AA)
        cv2.line(shine, *ends, 255, max(1, round(0.3 * k)), cv2.LINE_AA)
    hole, coil, light = (part.astype(np.float32) / np.float32(255) for part in (holes, wire, shine))
    sheet.cover = np.maximum(sheet.cover * (1 - hole), coil)
    colour = linear(120, 120, 124) * (1 - light[..., None]) + linear(225, 225, 228) * light[..., None]
    sheet.light += coil[..., None] * (colour - sheet.light)


def lay_down(sheet: Sheet) -> None:
    """Lay a pencil or a pen beside the number, clear of it, with its shadow."""
    shot, k, rng = sheet.shot, sheet.shot.k, sheet.shot.rng
    angle = shot.between(-25, 25) if shot.chance(0.6) else shot.between(60, 120)
    along = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    across = np.array([-along[1], along[0]])
    x, y = sheet.middle
    half = np.array([sheet.box[2] - sheet.box[0], sheet.box[3] - sheet.box[1]]) / 2
    thick = shot.between(6.5, 9) / 2
    away = float(np.abs(across) @ half + thick + shot.between(4, 12))
    point = np.array([x, y]) + across * away * (1 if shot.chance(0.7) else -1) + along * shot.between(-60, -5)
    colour = linear(*PENCILS[rng.integers(len(PENCILS))])
    tip, body, tail = point, point + along * 16, point + along * 160
    if shot.chance(0.5):
        tip, body, tail = 2 * point - tip, 2 * point - body, 2 * point - tail

    def polygon(points: list[NDArray[np.float64]], blur: float = 0.0) -> Floats:
        drawn = np.zeros(sheet.ink.shape, np.uint8)
        ends = np.rint(np.array(points) * k * 16).astype(np.int32)
        cv2.fillPoly(drawn, [ends], 255, cv2.LINE_AA, 4)
        soft = cv2.GaussianBlur(drawn, (0, 0), blur * k) if blur else drawn
        return (soft / np.float32(255)).astype(np.float32)[..., None]

    side = across * thick
    fall = np.array([shot.between(-4, 4), shot.between(1, 4)])
    whole = [tip + fall, body + side + fall, tail + side + fall, tail - side + fall, body - side + fall]
    sheet.light *= 1 - shot.between(0.3, 0.6) * polygon(whole, shot.between(0.8, 2))
    for edges, tone in (((-1.0, 1.0), 0.75), ((-0.45, 0.45), 1.0), ((-0.35, -0.15), 1.35), ((0.5, 1.0), 0.5)):
        first, last = side * edges[0], side * edges[1]
        strip = polygon([body + first, tail + first, tail + last, body + last])
        sheet.light += strip * (np.minimum(colour * tone, 1) - sheet.light)
    cone = polygon([tip, body + side, body - side])
    sheet.light += cone * (linear(214, 178, 132) * shot.between(0.7, 1) - sheet.light)
    lead = polygon([tip, tip + 0.28 * (body + side - tip), tip + 0.28 * (body - side - tip)])
    sheet.light += lead * (linear(52, 52, 56) - sheet.light)
