"""The step `table`: a sheet on a darker table is cut out, so that what follows sees paper up to every border.

It looks for the sheet, not for the table: light, with straight sides, with a little that is dark on it, and something
darker around it. Where no one tone parts the two, the sheet is looked for by its edge (`edges`). What is written on the
sheet, this module does not know.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.crossing import is_crossed
from calame.imaging.edges import found_by_edge, has_straight_sides
from calame.imaging.frame import Frame, Grey
from calame.imaging.paper import around as locally
from calame.imaging.paper import halved, shrink

SOLID = 0.85  # share of the hull of a sheet that is sheet, what is written on it included
INK = 0.85  # of the sheet's tone: what is darker may be ink
WRITTEN = 0.003, 0.5  # share of a sheet that is: less, and it may be a stroke of light ink; more, and it is a ring
SECOND = 0.15  # of the largest light part: another one as large must be a sheet as well
TABLE, SOOT = 40, 12  # what the table's tone becomes, and grey levels that make no difference
LOCAL = 0.4  # of the shorter side: what is around a pixel of the sheet
UNLIKE, LIGHTER = 0.05, 1.6  # share of a second tone around the sheet, and how many times lighter: a shadow
FINER = 4  # times as many pixels as the small copy has are averaged, a side
RIM = 1  # pixels of the small copy around the sheet that are its edge and the shadow that it throws


@dataclass(frozen=True)
class Table:
    """Cut a sheet, or several, out of the darker table on which they lie; what is left of the table becomes paper.

    Args:
        small: pixels of the longer side of the copy on which the sheet is looked for; twice as many by its edge.
        darker: tone of the table as a share of the sheet's, where it is all around: both are told beside the border's
            then, so that a shadow on both does not count.
        deep: the same where it is not: above it, it could be paper in a shadow.
        least: share of the picture that the largest sheet covers.
        around: share of the picture's border that is table, at least; and
        all_around: all but corners of the sheet.
    """

    small: int = 120
    darker: float = 0.6
    deep: float = 0.28
    least: float = 0.06
    around: float = 0.3
    all_around: float = 0.85

    def __call__(self, frame: Frame) -> Frame:
        if frame.even:
            return frame
        finer = shrink(halved(frame.pixels, FINER * int(self.small)), 2 * int(self.small))
        small = shrink(finer, self.small)
        sheets = self._sheets(small)
        if sheets is None or _is_lit(finer, sheets):
            small = finer
            sheets = found_by_edge(small)
        if sheets is None:
            return frame
        height, width = frame.pixels.shape
        mask = cv2.resize(sheets, (width, height), interpolation=cv2.INTER_NEAREST)
        left, top, wide, high = cv2.boundingRect(mask)
        part = slice(top, top + high), slice(left, left + wide)
        paper = np.uint8(np.quantile(small[sheets > 0], 0.95))  # no darker than any part: it would look like ink
        pixels = np.where(mask[part] > 0, frame.pixels[part], paper)
        across, down = round(left / frame.scale), round(top / frame.scale)
        return frame._replace(pixels=pixels, left=frame.left + across, top=frame.top + down)

    def _sheets(self, small: Grey) -> Grey | None:
        """Return 255 where a sheet is, 0 on the table; None when there is no table, or something else that is light."""
        border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
        split, light = _in_two(small)
        shown = float((border <= split).mean())
        if shown < self.around:
            return None
        seen = small
        if shown >= self.all_around:
            seen = _against_table(small)
            light = _in_two(seen)[1]
        whole = _outlined(light, self.least * small.size)
        if whole is None:
            return None
        inner = np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)
        sheets = cv2.erode(whole, inner, borderType=cv2.BORDER_CONSTANT, borderValue=255)
        beyond = cv2.dilate(whole, inner) == 0
        if not sheets.any() or not beyond.any():
            return None
        tone = float(np.median(small[sheets > 0]))
        written = float((small < INK * locally(small, LOCAL))[sheets > 0].mean())
        blank = max(written, float((small < INK * tone)[sheets > 0].mean())) < WRITTEN[0]
        darker = self.darker if shown >= self.all_around else self.deep
        apart = float(np.median(seen[beyond])) <= darker * float(np.median(seen[sheets > 0]))
        if not apart or blank or written > WRITTEN[1] or _has_two_tones(seen[beyond]):
            return None
        return sheets.astype(np.uint8, copy=False)


def _is_lit(finer: Grey, sheets: Grey) -> bool:
    """Whether what was found is only where light falls: writing goes on beyond it."""
    height, width = finer.shape
    return is_crossed(finer, cv2.resize(sheets, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.uint8))


def _in_two(tones: Grey) -> tuple[float, Grey]:
    """Return the tone that parts light from dark (Otsu, 1979), and 1 where it is light, 0 where it is dark."""
    split, light = cv2.threshold(tones, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return split, np.asarray(light, np.uint8)


def _outlined(light: Grey, least: float) -> Grey | None:
    """Return 255 on the hulls of the large light parts; None when one is no sheet, or none has `least` pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(light, connectivity=4)
    areas = stats[1:, cv2.CC_STAT_AREA]
    if not areas.size or areas.max() < least:
        return None
    whole = np.zeros_like(light)
    for label in 1 + np.flatnonzero(areas >= SECOND * areas.max()):
        part = (labels == label).astype(np.uint8)
        outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        hull = np.asarray(cv2.convexHull(outlines[0]), np.int32)
        if cv2.contourArea(outlines[0]) < SOLID * cv2.contourArea(hull) or not has_straight_sides(hull):
            return None
        cv2.fillConvexPoly(whole, hull, 255)
    return whole


def _against_table(small: Grey) -> Grey:
    """Return how light each pixel is beside the table, as the picture's border shows it: `TABLE` is as light.

    A shadow that falls on table and sheet falls on the border as well. What counts most is the border that is near.
    """
    height, width = small.shape
    x, y = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    sides = (
        (_smoothed(small[:, 0])[:, None], x),
        (_smoothed(small[:, -1])[:, None], width - 1 - x),
        (_smoothed(small[0])[None], y),
        (_smoothed(small[-1])[None], height - 1 - y),
    )
    near = [1 / (away + 1) ** 2 for _, away in sides]
    table = sum(tone * weight for (tone, _), weight in zip(sides, near, strict=True)) / sum(near)
    return np.clip(TABLE * (small.astype(np.float32) + SOOT) / (table + SOOT), 0, 255).astype(np.uint8)


def _smoothed(side: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a side of the picture without what is short on it."""
    return cv2.medianBlur(np.ascontiguousarray(side)[None], 9)[0].astype(np.float32)


def _has_two_tones(table: NDArray[np.uint8]) -> bool:
    """Whether what is around the sheet is of two tones far apart: a shadow, and some of it could be the sheet's."""
    split, light = _in_two(table[None])
    if not UNLIKE <= float(light.mean()) <= 1 - UNLIKE:
        return False
    return float(np.median(table[table > split])) > LIGHTER * float(np.median(table[table <= split])) + SOOT
