"""The page is whole, asks nothing of the network, says the figures in both languages, and has its JSON beside it."""

import base64
import json
import re
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest

from calame.errors import DamagedPicture
from calame.locale import LANGUAGES
from calame.training.evaluation import evaluate, evaluate_readings
from calame.training.report import Card, page, write_report
from calame.training.report.elements import VOID, el
from calame.training.report.png import ink_png, ink_uri
from calame.training.report.words import Words
from calame.types import DigitReading

MADE = {"command": "calame evaluate", "date": "2026-01-01", "versions": {"calame": "0.1"}}
CARD = Card("tiny@1", "tiny <net>", 1234, [("MNIST", 50000, "CC BY-SA 3.0")], "grey | crop", "2026-01-01")


class Outline(HTMLParser):
    """Checks nesting and gathers what the page is made of."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(markup)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID | {"br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words += data + " "

    def all(self, tag: str, class_: str | None = None) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag and class_ in (None, attrs.get("class"))]


def guess(images: np.ndarray) -> np.ndarray:
    """Sure and right on bright pictures, unsure and off by one on dark ones, whose digit is in the corner."""
    digit, sure = images[:, 0, 0] % 10, np.where(images[:, 0, 1] > 100, 0.99, 0.6)
    read = np.where(sure > 0.9, digit, (digit + 1) % 10)
    probabilities = np.repeat(((1 - sure) / 9)[:, None], 10, 1)
    probabilities[np.arange(len(images)), read] = sure
    return probabilities


def found(wrong: int = 5, count: int = 300, **options):
    images = np.zeros((count, 28, 28), np.uint8)
    labels = np.arange(count) % 10
    images[:, 0, 0] = labels
    images[wrong:, 0, 1] = 255
    return evaluate(
        guess, images, labels, name="tiny@1", data_name="corners & dots", **({"robustness": False} | options)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_well_formed_and_asks_nothing_of_the_network(language):
    markup = page(found(robustness=True, disputed={0}), CARD, MADE, language)
    outline = Outline(markup)
    assert outline.all("html") == [{"lang": language}]
    assert not re.search(r"https?://|@import|<script|<link|url\(", markup)
    for image in outline.all("img"):
        assert image["src"].startswith("data:image/png;base64,")
        assert image["alt"] is not None
    assert all(drawing["aria-label"] for drawing in outline.all("svg"))
    assert len(outline.all("svg")) == 3 + 7
    assert "{" not in outline.words


def test_figures_and_words_in_english():
    words = Outline(page(found(), CARD, MADE)).words
    assert "98.3%" in words
    assert "Of 300 digits, 295 were read right and 5 wrong: about one error in 60." in words
    assert "MNIST, 50,000 examples (CC BY-SA 3.0)" in words
    assert "corners & dots" in words


def test_figures_and_words_in_french():
    words = Outline(page(found(), CARD, MADE, "fr")).words
    assert "98,3\u202f%" in words
    assert "Sur 300 chiffres, 295 sont bien lus et 5 mal lus\u00a0: environ une erreur sur 60." in words
    assert not re.search(r"\w [;:!?»]", words), "a sign of punctuation could fall to the next line"


def test_sheet_shows_the_errors_with_true_and_read():
    outline = Outline(page(found(disputed={1}), CARD, MADE))
    pictures = [image for image in outline.all("img") if image["alt"]]
    assert [image["alt"] for image in pictures] == [f"a {digit} that was read as {digit + 1}" for digit in range(5)]
    assert len(outline.all("span", "disputed")) == 1


def test_matrix_is_coloured_by_errors_and_quiet_where_there_are_none():
    outline = Outline(page(found(), CARD, MADE))
    assert len(outline.all("td", "hit")) == 10
    assert len(outline.all("td", "zero")) == 85
    assert [cell["style"] for cell in outline.all("td", "miss hot")] == ["--heat:1.00"] * 5


def test_no_error_one_error_and_more_than_the_sheet_holds():
    assert "All 300 digits were read right." in page(found(wrong=0), CARD, MADE)
    assert "There is one: true digit" in page(found(wrong=1), CARD, MADE)
    assert "The 90 surest of 200" in page(found(wrong=200), CARD, MADE)


def test_a_model_that_is_mostly_wrong_is_told_without_a_rate():
    words = Outline(page(found(wrong=200), CARD, MADE)).words
    assert "Of 300 digits, 100 were read right and 200 wrong." in words


@pytest.mark.parametrize(
    ("language", "steps"), [("en", "Grey → Shrink → unheard-of →"), ("fr", "Gris → Réduction → unheard-of →")]
)
def test_the_preparation_is_named_in_words_and_its_numbers_are_folded(language, steps):
    made = page(found(), Card("m", preparation="grey | limit(longer=400) | unheard-of(<1>) | crop"), MADE, language)
    assert steps in made
    folded = re.search(r"<details><summary>[^<]+</summary><code>(.*?)</code></details>", made)
    assert folded[1] == "grey | limit(longer=400) | unheard-of(&lt;1&gt;) | crop"


def test_refused_pictures_and_writers_have_their_place():
    read = DigitReading(3, 0.9, np.eye(10, dtype=np.float32)[3], prepared=np.ones((28, 28), np.uint8), name="a.png")
    none = DigitReading(None, 0.1, rejected="no_ink", name="<b>.png")
    bad = DigitReading(None, 0.1, error=DamagedPicture(name="c.png", problem="cut"), name="c.png")
    names = [one.name for one in (read, none, bad)]
    found = evaluate_readings(
        [read, none, bad],
        np.array([3, 4, 5]),
        name="m",
        data_name="photos",
        names=names,
        writers=np.array(["x", "y", "y"]),
    )
    words = Outline(page(found, Card("m", way="pictures"), MADE)).words
    assert "Refused pictures: 2 of 3." in words
    assert "no ink found" in words
    assert "damaged picture" in words
    assert "image abîmée" in Outline(page(found, Card("m", way="pictures"), MADE, "fr")).words
    assert "<b>.png" in words  # escaped in the markup, whole for the reader
    assert "For new writers" in words
    assert "pictures, preparation included" in words
    assert "not known" in words  # what the card does not say


def test_folder_gets_the_page_and_its_figures(tmp_path):
    path = write_report(found(), tmp_path / "new" / "report", CARD, "fr")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    figures = json.loads((path.parent / "evaluation.json").read_text(encoding="utf-8"))
    assert figures["right"] == 295
    assert figures["made"]["date"]
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["evaluation.json", "report.html"]


def test_png_holds_the_picture_as_opacity():
    from PIL import Image

    picture = np.random.default_rng(0).integers(0, 256, (28, 20), np.uint8)
    with Image.open(BytesIO(ink_png(picture))) as image:
        assert image.mode == "LA"
        grey, alpha = np.asarray(image).transpose(2, 0, 1)
    assert np.array_equal(alpha, picture)
    assert not grey.any()
    assert base64.b64decode(ink_uri(picture).partition(",")[2]) == ink_png(picture)


def test_elements_and_words():
    assert el("p", "two ", el("b", "words"), class_="note", id=None) == '<p class="note">two <b>words</b></p>'
    assert Words("fr").safe('a < "b" : c') == "a &lt; &quot;b&quot;\u00a0: c"
    assert (Words("en").short(-0.5), Words("fr").short(12.0), Words("en").percent(float("nan"))) == ("−0.5", "12", "–")
