"""The step `rules`: printed lines, dots, boxes and combs around a line of writing go, and the ink that crosses stays.

Before `pen`, so that a rule darker than the pen does not hide it. A rule is thin, straight and longer than any stroke
of a digit, or a box makes it one: at least two posts stand between it and another. The sides of boxes and the teeth of
combs stand on rules, alike in height; the dots of a dotted line are small and lie in a row. The lines of ruled and
squared paper go first: among them nothing says how high a digit is. What a digit is, this module does not know.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Frame, Grey, Known, Wall
from calame.imaging.framed import without_round_boxes
from calame.imaging.grid import without_grid
from calame.imaging.pen import Pen
from calame.imaging.rounded import rub_round_sides
from calame.imaging.rubbing import rub, taken_off
from calame.imaging.segment import FAINT
from calame.imaging.straight import NEAR, STEEP, THIN, Rule, has_runs, look_along, straight

EVEN = 0.015  # of a digit's height: its middle and its thickness change by no more along it
PLUMB, SOLID = 0.025, 0.95  # slope and cover from which on a line from rule to rule is the side of a box for sure
HAIR, FREE = 0.05, 0.6  # half the thickness in heights of a digit, and bare share, of a line that may be less even
POST = 0.8  # of a digit's height: the side of a box is no shorter
SHORT = 0.6  # of a digit's height: the upper or lower side of a box is no shorter
RULED = 0.4  # of the width: what is level and longer says nothing about the digits' height
SPECK, USUAL = 5, 0.8  # pixels, and share of the pieces that are no higher than writing: of a page
ALIKE, SOLID_DOT = 3.0, 0.5  # times as long as the others of its row, and less ink in its box: what is so is no dot
TALL = 0.25  # of the height of the tallest piece: what is lower says nothing about the digits' height
EMPTY, HOLLOW = 0.08, 0.25  # of its width times its height: a piece with less ink is a table, or may be one
CELLS, FEWEST = 0.7, 4  # when its cells have so much of that, and are so many, at least
OTHERS = 0.1  # of the tables' ink: where all else has less, digits may hang on their lines


Stats = NDArray[Any]
"""(n, 5) left, top, width, height, area of pieces."""


@dataclass(frozen=True)
class Rules:
    """Rub out printed lines, column by column, where no ink crosses them.

    Args:
        long: least length of a rule, in heights of a digit.
        wide: and as a share of the picture's width.
        cover: share of its length that shows.
        bare: share of its length that has nothing written close above or below it.
        tooth: least height of a box's side or a comb's tooth, in heights of a digit.
        dots: how many make a dotted line.
        page: 1 for a page: most of its pieces are as high as its writing, and a table or a logo has more ink than all.
    """

    long: float = 1.8
    wide: float = 0.4
    cover: float = 0.8
    bare: float = 0.4
    tooth: float = 0.35
    dots: float = 5
    page: float = 0

    def __call__(self, frame: Frame) -> Frame:
        pen = Pen()
        inked = pen(frame)
        if inked.rejected:
            return frame
        mask = (inked.pixels > FAINT).astype(np.uint8)
        without, grid = without_grid(mask)
        size = usual_height(without) if self.page else digit_height(without, ruled=True)
        without, framed = without_round_boxes(without, size)
        level, upright = self._printed(without, size)
        rubbed = rub(without, level, upright)
        sides = rub_round_sides(rubbed, level, size)
        self._rub_dots(rubbed, size)
        if np.array_equal(rubbed, mask):
            return frame._replace(known=Known(pen, frame.pixels, inked))
        gone = taken_off(mask, rubbed, max(1, round(inked.edge / 2)))
        walls = [Wall(rule.row, rule.slope, rule.start, rule.end) for rule in (*grid, *upright)]
        walls += framed + sides
        pixels = cv2.bitwise_or(frame.pixels, gone).astype(np.uint8, copy=False)
        return frame._replace(pixels=pixels, walls=tuple(walls), printed=bool(level or framed))

    def _printed(self, mask: Grey, size: float) -> tuple[list[Rule], list[Rule]]:
        """Return the level lines and the upright ones, these as lines of the turned picture, that are printed."""
        turned = np.ascontiguousarray(mask.T)
        long = max(self.long * size, self.wide * mask.shape[1])
        boxed = has_runs(turned, POST * size) and has_runs(mask, SHORT * size)
        lines = straight(mask, 0.75 * size, SHORT * size if boxed else long, size)
        level = [rule for rule in lines if rule.end - rule.start >= long and self._is_bare(rule, mask, size)]
        sure = set(level)
        likely = level + [one for one in lines if boxed and one not in sure and self._is_likely(one, mask)]
        through = cv2.blur(mask.mean(axis=0)[None], (5, 1))[0].max() * 5 > SOLID  # a column of ink, a little aslant
        if not (likely or through):
            return [], []
        tooth = self.tooth * size
        least = tooth if likely else max(tooth, len(mask) - 2)  # without rules, only what goes from border to border
        lengthwise = straight(turned, tooth, least, size, likely)
        if boxed:
            posts = [rule for rule in lengthwise if _is_post(turned, rule)]
            level += [rule for rule in _of_boxes(likely, posts, size) if rule not in sure]
        return level, self._upright(lengthwise, turned, level, size)

    def _is_bare(self, rule: Rule, mask: Grey, size: float) -> bool:
        covered, bare, uneven = look_along(mask, rule)
        whole = rule.start <= 1 and rule.end >= mask.shape[1] - 1  # from border to border: there is less to doubt
        clear = rule.half <= HAIR * size and covered >= SOLID and bare >= FREE
        doubtless = 2 if whole else 1.25 if clear else 1
        return covered >= self.cover and bare >= self.bare and uneven <= max(0.75, EVEN * size) * doubtless

    def _is_likely(self, rule: Rule, mask: Grey) -> bool:
        """Whether a short line may be a side of a box, if others say so."""
        covered, bare, _ = look_along(mask, rule)
        return covered >= SOLID and bare >= self.bare / 2 and abs(rule.slope) < STEEP / 2

    def _upright(self, lengthwise: list[Rule], turned: Grey, level: list[Rule], size: float) -> list[Rule]:
        """Return those that go from border to border, stand between two rules, or stand evenly spaced on one."""
        sides: list[Rule] = []
        teeth: list[Rule] = []
        cut: list[Rule] = []
        bases = np.array(level, np.float64).reshape(-1, 5)
        for rule in lengthwise:
            met = sum(bool(_meets(rule, end, bases).any()) for end in (rule.start, rule.end - 1))
            across = rule.start <= 1 and rule.end >= turned.shape[1] - 1
            if across and self._is_bare(rule, turned, size):
                sides.append(rule)
            elif met > 1 and _is_post(turned, rule):
                sides.append(rule)  # two boxes may stand so close that neither's side is bare
            elif met and abs(rule.slope) < STEEP / 2 and self._is_bare(rule, turned, size):
                if met > 1:
                    sides.append(rule)
                elif _is_free(turned, rule, 0.1 * size):
                    teeth.append(rule)
            elif met and (rule.start <= 1 or rule.end >= turned.shape[1] - 1) and _is_post(turned, rule):
                cut.append(rule)  # by the picture's border
        usual = float(np.median([rule.end - rule.start for rule in teeth])) if teeth else 0.0
        teeth = [rule for rule in teeth if abs(rule.end - rule.start - usual) < 0.15 * usual]
        for alike in (teeth, cut):
            sides += alike if _is_even([rule.row for rule in alike], 0.6 * size) else []
        thickest = max((rule.half for rule in level), default=THIN * size) + 0.5
        return [rule._replace(half=min(rule.half, thickest)) for rule in sides]

    def _rub_dots(self, rubbed: Grey, size: float) -> None:
        """Rub out small pieces in a row: at least `dots` of them, alike in size, not far from one to the next."""
        _, labels, stats, middles = cv2.connectedComponentsWithStats(rubbed, connectivity=8)
        small = np.flatnonzero((stats[:, 3] < THIN * size) & (stats[:, 2] < 0.5 * size))
        small = small[(small > 0) & (stats[small, 4] >= SOLID_DOT * stats[small, 2] * stats[small, 3])]
        if len(small) < self.dots:
            return
        order = small[np.argsort(middles[small, 0])]
        dotted = np.zeros(len(stats), np.bool_)
        for row in _rows(np.asarray(middles[order], np.float64), 1.5 * size, 0.08 * size):
            lengths = stats[order[row], 2:4].max(axis=1)
            alike = lengths <= ALIKE * np.median(lengths)
            dotted[order[row][alike]] = np.count_nonzero(alike) >= self.dots
        rubbed[dotted[np.asarray(labels, np.int32)]] = 0


def digit_height(mask: Grey, *, ruled: bool = False) -> float:
    """Return about how high the digits on (h, w) 0/1 ink are, in pixels.

    The upper part, by ink, of the heights of the pieces.

    Args:
        mask: the ink.
        ruled: whether there may be rules in it: what is long and level is left out then.
    """
    if ruled:
        mask = _without_tables(mask)
        long = max(15, round(RULED * mask.shape[1]))
        mask = cv2.subtract(mask, cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))).astype(np.uint8)
    return height_of(within(pieces_of(mask), mask.shape[0]), mask.shape[0])


def _without_tables(mask: Grey) -> Grey:
    """Return (h, w) 0/1 ink without the lines of tables and large boxes, where there is other ink."""
    _, labels, pieces, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    tables = [place for place, piece in enumerate(pieces) if place and _is_table(mask, piece)]
    lines = pieces[tables, 4].sum()
    if not tables or pieces[1:, 4].sum() - lines < OTHERS * lines:
        return mask
    return np.where(np.isin(labels, tables), np.uint8(0), mask)


def _is_table(mask: Grey, piece: NDArray[Any]) -> bool:
    """Whether a piece of ink is hardly more than lines, or lines around cells."""
    left, top, wide, high, area = piece.tolist()
    filled = area / (wide * high)
    if filled < EMPTY:
        return True
    if filled >= HOLLOW:
        return False
    holes = pieces_of((mask[top : top + high, left : left + wide] == 0).astype(np.uint8))
    x, y, width, height, inside = holes.T
    cells = (x > 0) & (y > 0) & (x + width < wide) & (y + height < high)
    return bool(np.count_nonzero(cells) >= FEWEST and inside[cells].sum() >= CELLS * wide * high)


def within(pieces: Stats, high: int) -> Stats:
    """Return the pieces of ink, `high` pixels high, without those from its upper to its lower border.

    A margin or an edge of the paper is no digit where the others have more ink than it.
    """
    through = (pieces[:, 1] <= 1) & (pieces[:, 1] + pieces[:, 3] >= high - 1)
    return pieces[~through] if pieces[~through, 4].sum() > pieces[through, 4].sum() else pieces


def usual_height(mask: Grey) -> float:
    """Return about how high the writing on a page is, (h, w) 0/1 ink: its pieces count one by one, specks do not."""
    heights = pieces_of(mask)[:, 3]
    large = heights[heights >= SPECK]
    return float(np.quantile(large, USUAL)) if large.size else float(len(mask))


def pieces_of(mask: Grey) -> Stats:
    """Return left, top, width, height and area of each connected piece of (h, w) 0/1 ink."""
    return cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:]


def height_of(pieces: Stats, otherwise: int) -> float:
    """Return the same from the pieces; `otherwise` when there is none."""
    heights, areas = pieces[:, 3], pieces[:, 4]
    if not len(heights):
        return float(otherwise)
    tall = heights >= TALL * heights.max()
    ordered = sorted(zip(heights[tall].tolist(), areas[tall].tolist(), strict=True))
    reached = accumulate(area for _, area in ordered)
    total = sum(area for _, area in ordered)
    return float(
        max(4, next(height for (height, _), area in zip(ordered, reached, strict=True) if area / total >= 0.6))
    )


def _of_boxes(lines: list[Rule], posts: list[Rule], size: float) -> list[Rule]:
    """Return the level lines that are above or below boxes: from one to the other stand at least two posts."""
    if len(lines) < 2 or len(posts) < 2:
        return []
    bases, columns = np.array(lines, np.float64), np.array([post.row for post in posts])
    begins = np.array([_meets(post, post.start, bases) for post in posts])  # (posts, lines)
    ends = np.array([_meets(post, post.end - 1, bases) for post in posts])
    found: set[int] = set()
    for top in np.flatnonzero(begins.sum(axis=0) > 1).tolist():
        for base in np.flatnonzero(ends[begins[:, top]].sum(axis=0) > 1).tolist():
            both = columns[begins[:, top] & ends[:, base]]
            if np.ptp(both) > SHORT / 2 * size and lines[base].row - lines[top].row > POST * size:
                found |= {top, base}
    return [lines[place] for place in sorted(found)]


def _meets(upright: Rule, end: int, bases: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) whether an upright line (of the turned picture) begins or ends, at row `end`, at each level one, (n, 5)."""
    start, stop, row, slope, half = bases.T
    column = upright.row + upright.slope * (upright.start + upright.end) / 2
    near = NEAR + half
    beside = (start - near <= column) & (column <= stop + near)
    return beside & (np.abs(end - row - slope * column) <= near)


def _is_free(mask: Grey, upright: Rule, near: float) -> bool:
    """Whether nothing goes on from one end of a line (level, in `mask`): a tooth ends there, the side of a 0 bends."""
    wide, beyond = round(upright.half + near + 1), round(near + 1)
    row = round(upright.row + upright.slope * upright.start)
    top, bottom = max(0, row - wide), row + wide + 1
    before = mask[top:bottom, max(0, upright.start - beyond) : upright.start]
    after = mask[top:bottom, upright.end : upright.end + beyond]
    return not before.any() or not after.any()


def _is_post(mask: Grey, rule: Rule) -> bool:
    """Whether a line, level in `mask`, is straight up and without a gap."""
    return abs(rule.slope) < PLUMB and look_along(mask, rule)[0] >= SOLID


def _is_even(places: list[float], least: float) -> bool:
    """Whether there are at least three places, as far from one to the next as comb's teeth, some perhaps missing."""
    apart = np.diff(sorted(places))
    apart = apart[apart > least / 2]  # the sides of neighbouring boxes are one place
    if len(apart) < 2 or apart.min() < least:
        return False
    steps = apart / apart.min()
    return bool((np.abs(steps - np.rint(steps)) < 0.2).all())


def _rows(middles: NDArray[np.float64], far: float, off: float) -> list[list[int]]:
    """Group points, from left to right, each near in height and not far from the last of its group."""
    groups: list[list[int]] = []
    last = np.empty_like(middles)  # of each group
    for place, middle in enumerate(middles):
        ahead = middle - last[: len(groups)]
        near = np.flatnonzero((ahead[:, 0] <= far) & (np.abs(ahead[:, 1]) <= off))
        if near.size:
            groups[near[0]].append(place)
        else:
            groups.append([place])
        last[near[0] if near.size else len(groups) - 1] = middle
    return groups
