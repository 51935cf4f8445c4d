"""What is printed beside a number on forms: its name before it, its currency or unit behind it. No digits.

Returns coverage as `prints` does. The faces are Pillow's own and, where the extra `train` is installed, those that
Matplotlib brings (DejaVu, STIX, Computer Modern: with and without serifs, bold, italic, typewriter).
"""

import re
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from calame.data.pens import Coverage
from calame.data.prints import FINE

FACES = (
    *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic"),
    *("DejaVuSansMono", "STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic"),
)
PLAIN_FACES = "cmr10", "cmss10", "cmtt10", "cmb10"  # which have no accents and no signs
PLAIN = re.compile(r"[A-Za-z .:()]*")
CAPITAL = 0.72  # height of a capital, in sizes of its face
NAMES = (
    *(
        "No",
        "Nr.",
        "Réf.",
        "Ref",
        "Code",
        "Client",
        "Nom",
        "Date",
        "Tel",
        "Total",
        "ID",
        "Art.",
        "Qté",
        "Prix",
        "Kunde",
    ),
    *(
        "Number",
        "Order no.",
        "Customer",
        "Name",
        "Account",
        "Amount",
        "Invoice",
        "Student ID",
        "Code client",
        "Commande",
    ),
    *("Matricule", "Numéro", "Montant", "Facture", "Livraison", "Produit", "Telefon", "Datum", "Betrag", "Fecha"),
    *("Cantidad", "Importe", "Compte", "Quantité", "Article", "Quantity", "Reference", "Phone", "Ville", "Adresse"),
    *("Rechnung", "Menge", "Valor", "Banco", "Cheque", "Conta", "Pedido", "Page", "Zip", "Serial", "Badge", "Lot"),
)
CURRENCIES = ("EUR", "€", "$", "R$", "£", "CHF", "Fr.", "USD", "US$")
BEHIND = (*CURRENCIES, "kg", "g", "km", "cm", "m", "h", "%", "pcs", "St.", "francs", "HT", "TTC", "unités", "euros")
LETTERS = "aaabcdeeeeefghiiijklmnnnoooprrrsssttuuvxyzéèàçABCDEFGHIJKLMNOPQRSTUVWXYZ&()'"
BARS = "iljtfrI()'"  # letters that are hardly more than a stroke: alone, or cut off, they are a 1
ENDS = ("", "", ":", " :", ".", "...", "?")  # a name alone, with a colon, with dots that lead to the number


def word(rng: np.random.Generator) -> str:
    """Return a word that forms have, or letters that are none; neither begins nor ends in strokes that could be 1s."""
    if rng.random() < 0.6:
        return str(rng.choice(NAMES))
    letters = rng.choice(list(LETTERS), int(rng.integers(1, 10)))
    broad = [letter for letter in LETTERS if letter not in BARS]
    letters[[0, -1]] = rng.choice(broad, 2)
    return "".join(letters)


def name(rng: np.random.Generator) -> str:
    """Return what stands before a number: its name, in one of the cases people use, or a currency."""
    if rng.random() < 0.2:
        return str(rng.choice(CURRENCIES))
    said, case = word(rng), rng.random()
    return (said.upper() if case < 0.2 else said.lower() if case < 0.3 else said) + str(rng.choice(ENDS))


def unit(rng: np.random.Generator) -> str:
    """Return what stands behind a number."""
    return str(rng.choice(BEHIND))


def printed(words: str, high: float, rng: np.random.Generator) -> tuple[Coverage, int]:
    """Return coverage (h, w) of words in some face, hardly larger than they are, and the row that they stand on.

    Args:
        words: one line.
        high: height of a capital, in pixels.
        rng: of the face.
    """
    faces = _faces() if PLAIN.fullmatch(words) else _faces()[: -len(PLAIN_FACES)] or _faces()
    font = _face(faces[rng.integers(len(faces))], max(4, round(FINE * high / CAPITAL)))
    left, top, right, bottom = (round(edge) for edge in font.getbbox(words, anchor="ls"))
    width, height = (-(-(end - start) // FINE) + 2 for start, end in ((left, right), (top, bottom)))
    image = Image.new("L", (width * FINE, height * FINE))
    ImageDraw.Draw(image).text((FINE - left, FINE - top), words, font=font, fill=255, anchor="ls")
    fine: NDArray[np.uint8] = np.asarray(image)
    covered = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA) / np.float32(255)
    return covered.astype(np.float32), 1 - round(top / FINE)


@cache
def _faces() -> tuple[Path | None, ...]:
    """Return the files of the faces that are here, the plain ones last; None is Pillow's own."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return (None,)
    folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    return (None, *(folder / f"{face}.ttf" for face in FACES + PLAIN_FACES))


@lru_cache(maxsize=256)
def _face(path: Path | None, size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size) if path is None else ImageFont.truetype(path, size)
    if not isinstance(font, ImageFont.FreeTypeFont):  # a Pillow without FreeType has bitmaps of one size alone
        raise RuntimeError("Pillow was built without FreeType")
    return font
