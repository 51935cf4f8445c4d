"""The page Inside: live while one draws, every value written out, by mouse and by keyboard alone."""

import base64
import io
import re
from importlib import resources
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from calame.drawing.colours import painted

pytestmark = pytest.mark.browser
SAMPLES = resources.files("calame") / "samples"
SECOND = ".net-column:nth-child(4) .net-map >> nth=1"  # a map of the second convolution
THREE = [[(95, 75), (150, 48), (182, 92), (132, 130), (190, 165), (150, 228), (90, 204)]]


@pytest.fixture
def inside(visit):
    """Open the page, with its own pad alone: `inside(locale=…)`."""

    def open_page(**settings):
        page = visit("/#/inside", **{"reduced_motion": "reduce", **settings})
        page.wait_for_selector(".net-map")
        page.wait_for_selector(".maker-row")
        return page

    return open_page


def scribble(page):
    box = page.locator("inside-pad .pad-paper").bounding_box()
    for stroke in THREE:
        points = [(box["x"] + x / 280 * box["width"], box["y"] + y / 280 * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=3)
        page.mouse.up()


def number(words):
    return float(words.replace("−", "-").replace("+ ", "").replace(" ", ""))


def test_there_is_a_digit_to_look_at_from_the_start(inside, expect):
    page = inside()
    expect(page.locator(".inside-answer")).to_contain_text("Read as a 3")
    assert page.locator(".net-column").count() == 11
    assert page.locator(".net-class").count() == 10
    expect(page.locator(".net-class.best")).to_contain_text("3")
    expect(page.locator(".credit, .inside-paper")).to_contain_text("CC BY-SA")


PAINTED = """import("/static/js/inside/paint.js").then(({ shade }) => {
    const steps = [...Array(21).keys()];
    return [steps.map((at) => shade(at / 10 - 1)[0]), steps.map((at) => shade(at / 20, false)[0])];
})"""


def test_the_page_has_the_two_palettes_of_the_files(inside):
    page = inside(color_scheme="light")
    signed, amounts = ([re.findall(r"\d+", one) for one in some] for some in page.evaluate(PAINTED))
    shares = np.linspace(0, 1, 21)
    np.testing.assert_allclose(np.array(signed, int), painted(shares, 0, 1, "balance"), atol=3)  # other steps
    np.testing.assert_allclose(np.array(amounts, int), painted(shares, 0, 1, "viridis"), atol=3)


def test_what_can_be_negative_is_orange_and_blue_and_what_cannot_violet_to_yellow(inside, expect):
    page = inside(color_scheme="light")
    expect(page.locator(".inside-key")).to_contain_text("One rule for all colours")
    columns = page.locator(".net-column")
    read = "(scale) => [...scale.getContext('2d').getImageData(0, 0, 64, 1).data]"
    before, after = (columns.nth(at).locator(".net-scale").evaluate(read) for at in (1, 2))  # the ReLU is between them
    assert before[2] > before[0]
    assert before[-4] > before[-2]
    assert after[:3] == [71, 1, 85]
    assert after[-4] > 240


def test_what_the_page_read_says_stands_beside_the_shares_of_the_network(inside, expect):
    page = inside()
    own = float(re.search(r"[\d.]+(?=%)", page.locator(".inside-answer").inner_text())[0])
    said = page.locator(".inside-reader")
    expect(said).to_contain_text("The page Read calibrates them")
    assert float(re.findall(r"[\d.]+(?=%)", said.inner_text())[-1]) > own


def test_a_column_says_what_is_done_before_its_values_are_shown(inside, expect):
    titles = inside().locator(".net-short")
    expect(titles.nth(1)).to_have_text("looks for patterns, ReLU not yet")
    expect(titles.nth(2)).to_have_text("keeps the strongest, normalises, then ReLU")


def test_what_is_chosen_is_brought_into_view_and_the_focus_stays(inside, expect):
    page = inside(viewport={"width": 1440, "height": 900})
    for place, opened in {SECOND: "map-maker h3", ".net-class >> nth=3": "class-origin h3"}.items():
        page.evaluate("scrollTo(0, 0)")
        page.locator(place).click()
        expect(page.locator(opened)).to_be_in_viewport()
        expect(page.locator(place)).to_be_focused()
    page.locator(".term").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".maker-map")).to_be_focused()


@pytest.mark.parametrize("column", [2, 4, 5, 9, 10])
def test_the_whole_sum_of_a_value_fits_a_window_of_900_pixels(inside, expect, column):
    page = inside(viewport={"width": 1440, "height": 900})
    page.locator(f".net-column:nth-child({column}) button").first.click()
    expect(page.locator("map-maker h3")).not_to_contain_text("Convolution 1" if column > 2 else "Convolution 2")
    expect(page.locator(".maker-more figure img, .maker-more canvas").last).to_be_visible()
    assert page.locator(".inside-how").bounding_box()["height"] < 860
    expect(page.locator(".maker-chain li").last).to_be_in_viewport(ratio=0.95)
    expect(page.locator("map-maker h3")).to_be_in_viewport(ratio=0.95)


def test_the_parameters_of_the_layers_add_up_to_those_of_the_network(visit):
    page = visit("/#/architecture")
    page.wait_for_selector(".layers tbody tr")
    told = page.locator(".layers td:nth-child(3)").all_inner_texts()
    assert sum(int(one.replace(",", "")) for one in told if one.strip() != "–") == 437_034


def test_a_block_says_which_layers_it_stands_for(visit):
    page = visit("/#/architecture")
    page.wait_for_selector(".layers tbody tr")
    layers = page.locator(".layers th .kind").count()
    blocks = page.locator(".flow-figure .block").count()
    counts = page.locator(".flow-count").all_text_contents()
    assert sum(int(one.split()[0]) for one in counts) + blocks - len(counts) == layers + 1  # and the picture
    assert "9 layers, 3 × Conv2D" in counts
    page.locator(".blocks summary").click()
    assert "stage3_3" in page.locator(".blocks dd").nth(5).inner_text().split(", ")


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_a_layer_has_both_its_names_wherever_it_is_named(visit, draw, expect, locale):
    page = visit(locale=locale)
    draw(page)
    page.locator("feature-grid").scroll_into_view_if_needed()
    page.wait_for_selector(".map")
    read = page.locator("#layer option").all_text_contents()
    page.evaluate("location.hash = '#/inside'")
    expect(page.locator(".net-last")).to_be_visible()
    both = [" · ".join(one.evaluate("head => [head.firstChild.data, head.querySelector('.net-name').textContent]"))
            for one in page.locator(".net-title:has(.net-name)").all()]  # fmt: skip
    page.evaluate("location.hash = '#/architecture'")
    expect(page.locator(".layers tbody tr")).not_to_have_count(0)
    rows = page.locator(".layers tbody th").evaluate_all("all => all.map((one) => one.firstChild.data)")
    both = [one for one in both if "," not in one]  # of one layer
    assert both[0] == "Convolution 1 · stage1_conv"
    assert set(both) <= set(rows)
    assert set(both) <= {option.rpartition(" · ")[0] for option in read}
    page.click("#speak-fr" if locale == "en-GB" else "#speak-en")
    page.evaluate("location.hash = '#/'")
    expect(page.locator("#layer option").last).to_contain_text(
        "Dix classes · output" if locale == "en-GB" else "Ten classes · output"
    )


def test_a_map_tells_its_number_before_it_is_chosen(inside):
    page = inside()
    number = "(one) => getComputedStyle(one, '::after').content"
    one = page.locator(".net-map").nth(1)
    assert one.evaluate(number) == "none"
    one.hover()
    assert one.evaluate(number) == '"3"'
    page.locator(".net-more").first.click()
    assert page.locator(".all-grid .net-map").nth(30).evaluate(number) == '"30"'


def test_the_maps_follow_the_drawing(inside, expect):
    page = inside()
    page.locator(".sample-digit").nth(7).click()
    expect(page.locator(".inside-answer")).to_contain_text("Read as a 7")
    before = page.evaluate("document.querySelector('.net-map canvas').toDataURL()")
    scribble(page)
    expect(page.locator(".inside-answer")).to_contain_text("Read as a 3")
    assert page.evaluate("document.querySelector('.net-map canvas').toDataURL()") != before
    page.locator("inside-pad .quietly").click()
    expect(page.locator(".inside-answer")).to_have_text("Draw a digit to begin")


def test_the_sum_that_is_written_out_is_the_value_of_the_map(inside, expect):
    page = inside()
    page.locator(".net-map").first.click()
    expect(page.locator("map-maker h3")).to_contain_text("Convolution 1")
    seen, weights = (
        [number(cell) for cell in page.locator(".maker-row .cells").nth(place).locator(".cell").all_inner_texts()]
        for place in (0, 1)
    )
    assert len(seen) == len(weights) == 25
    total = sum(one * other for one, other in zip(seen, weights, strict=True))
    assert number(page.locator(".maker-chain .last b").inner_text()) == pytest.approx(total, abs=0.1)
    expect(page.locator(".maker-out figcaption")).to_contain_text(page.locator(".maker-chain .last b").inner_text())


def test_a_pooling_shows_its_four_values_and_the_largest(inside, expect):
    page = inside()
    page.locator(".net-column:nth-child(3) .net-map").first.click()
    expect(page.locator("map-maker h3")).to_contain_text("Pooling 1")
    cells = page.locator(".maker-row .cell")
    expect(cells).to_have_count(4)
    expect(page.locator(".cell.chosen")).to_have_text(page.locator(".maker-chain li:first-child b").inner_text())
    assert number(page.locator(".cell.chosen").inner_text()) == max(map(number, cells.all_inner_texts()))


def test_a_class_tells_where_its_score_comes_from(inside, expect):
    page = inside()
    page.locator(".net-class").nth(3).click()
    expect(page.locator("class-origin h3")).to_contain_text("3")
    expect(page.locator(".term")).to_have_count(8)
    expect(page.locator("map-maker")).to_be_hidden()
    value, weight, product = map(
        number,
        re.match(r"(\S+) × (\S+) =\s*(\S+)", page.locator(".term").first.inner_text().split("\n", 1)[1]).groups(),
    )
    assert value * weight == pytest.approx(product, abs=0.02)
    page.locator(".term").first.click()
    expect(page.locator("map-maker")).to_be_visible()


def test_all_maps_of_a_column_can_be_seen_and_chosen(inside, expect):
    page = inside()
    page.locator(".net-more").first.click()
    expect(page.locator(".all-grid .net-map")).to_have_count(32)
    page.locator(".all-grid .net-map").nth(30).click()
    expect(page.locator("map-maker h3")).to_contain_text("Map 30 of Convolution 1")  # counted from 0 …
    expect(page.locator(".inside-key")).to_contain_text("counted from 0, as in Python")
    page.locator(".maker-map").focus()
    for key in ("ArrowUp", "ArrowLeft") * 28:
        page.keyboard.press(key)
    expect(page.locator(".maker-out figcaption")).to_contain_text("Row 0, column 0")  # … as are the places on it


def test_by_keyboard_alone(inside, expect):
    page = inside()
    page.locator(".sample-digit").last.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.net-scroll, .net-map')")
    if page.evaluate("document.activeElement.matches('.net-scroll')"):
        page.keyboard.press("Tab")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator("map-maker h3")).to_contain_text("Convolution 2")
    expect(page.locator(".maker-map")).to_be_focused()
    said = page.locator("map-maker [role=status].unseen")
    for key in ("ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    expect(said).to_contain_text("ReLU")
    expect(said).to_contain_text("Row")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.net-map[aria-pressed=true]')")


def test_the_kernel_slides_unless_motion_is_not_wanted(inside, expect):
    page = inside(reduced_motion="no-preference")
    page.locator(SECOND).click()
    expect(page.locator(".maker-out .button")).to_have_text("Stop")
    page.locator(".maker-out .button").click()
    expect(page.locator(".maker-out .button")).to_have_text("Slide over the whole map")
    still = inside()
    still.locator(SECOND).click()
    expect(still.locator("map-maker h3")).to_contain_text("Convolution 2")
    expect(still.locator(".maker-out .button")).not_to_have_text("Stop")
    still.locator(".maker-out .button").click()  # … but may be asked for
    expect(still.locator(".maker-out figcaption")).to_contain_text("Row 1,")
    still.locator(".maker-map").press("Escape")
    expect(still.locator(".maker-out .button")).not_to_have_text("Stop")


def test_why_and_what_if(inside, expect):
    page = inside()
    page.locator("why-answer").scroll_into_view_if_needed()
    expect(page.locator(".near img")).to_have_count(8)
    origin, covered = page.locator(".why-figures figure").nth(0), page.locator(".why-figures figure").nth(1)
    expect(origin.locator(".net-range")).to_have_text(re.compile(r"^against −(\d\.\d+)\1 for$"))
    mean, most = re.search(r"at most ([\d.]+) points; a single square takes ([\d.]+)", covered.inner_text()).groups()
    expect(covered.locator(".net-range")).to_contain_text(mean)  # the scale's end is the mean, and said to be
    assert float(most) > float(mean)
    page.locator("label[for=why-exact]").click()
    expect(page.locator(".why-figures figcaption").first).to_contain_text("7 × 7")
    page.locator("what-if").scroll_into_view_if_needed()
    slider = page.locator("#what-rotation")
    expect(slider).to_be_enabled()
    expect(slider).to_have_value("15")
    slider.focus()
    for _ in range(13):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^78°: read as"))
    turns = page.locator(".sweep-panel", has=slider).locator(".quiet").first.inner_text()
    amounts = [number(one) for one in re.findall(r"from (\S+)° on", turns)]
    assert amounts == sorted(amounts, key=abs)
    page.locator(".flip .button").click()
    expect(page.locator(".flip-figures img")).to_have_count(2)
    broken = page.locator(".flip [role=status]")
    expect(broken).to_contain_text(re.compile(r"one look of the network answers \d .*The reader of the page Read"))


def test_a_digit_has_its_name_at_the_end_of_its_curve_and_one_colour_in_every_chart(inside, expect):
    page = inside()
    page.locator("what-if").scroll_into_view_if_needed()
    expect(page.locator(".sweep-panel .name").first).to_be_visible()
    every = (
        "(all, part) => all.map((one) => [one.textContent, getComputedStyle(one.querySelector(part)).backgroundColor])"
    )
    keys = [tuple(one) for one in page.locator(".sweep-panel .legend li").evaluate_all(every, ".key")]
    assert len(keys) > len(set(keys))  # the same digits, in several charts …
    assert len({digit for digit, _ in keys}) == len({colour for _, colour in keys}) == len(set(keys))
    for panel in page.locator(".sweep-panel").all():
        names = panel.locator(".name")
        assert sorted(names.all_text_contents()) == panel.locator(".legend li").all_inner_texts()
        heights = sorted(name.bounding_box()["y"] for name in names.all())
        assert all(below - above > 10 for above, below in pairwise(heights))  # … and no name lies on another


DROP = """async ([name, type, body]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(body), (one) => one.charCodeAt(0))], name, { type }));
  document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, dataTransfer: data }));
}"""


@pytest.mark.parametrize(("form", "kind"), [("png", "image/png"), ("pdf", "application/pdf"), ("tif", "image/tiff")])
def test_what_is_dropped_here_is_looked_into_here(inside, expect, form, kind):
    page, made = inside(), io.BytesIO()
    with Image.open(SAMPLES / "scan-seven.png") as seven:
        seven.convert("L").save(made, {"png": "PNG", "pdf": "PDF", "tif": "TIFF"}[form])
    scribble(page)
    page.evaluate(DROP, [f"seven.{form}", kind, base64.b64encode(made.getvalue()).decode()])
    expect(page.locator(".inside-answer")).to_contain_text("Read as a 7")
    expect(page.locator(".inside-file")).to_have_text(f"seven.{form}")
    assert page.evaluate("location.hash") == "#/inside"
    assert page.locator("inside-pad").evaluate("(pad) => pad.strokes.length") == 0
    scribble(page)
    expect(page.locator(".inside-file")).to_be_hidden()


def test_a_picture_can_be_chosen_and_what_is_none_is_said(visit, expect):
    page = visit("/#/inside", forgiven="415", ready=".maker-row", reduced_motion="reduce")
    page.set_input_files("#inside-file", str(SAMPLES / "scan-seven.png"))
    expect(page.locator(".inside-answer")).to_contain_text("Read as a 7")
    page.set_input_files("#inside-file", {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.locator(".inside-network .danger")).to_contain_text("Not a picture")
    expect(page.locator(".inside-answer")).not_to_contain_text("7")


def test_what_was_drawn_on_the_first_page_is_looked_into(visit, draw, answer, expect):
    page = visit()
    draw(page)
    answer(page, "7")
    page.evaluate("location.hash = '#/inside'")
    page.wait_for_selector(".maker-row")
    expect(page.locator(".inside-answer")).to_contain_text("Read as a 7")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens(inside, violations, expect, scheme):
    page = inside(color_scheme=scheme, bypass_csp=True)
    page.locator("why-answer").scroll_into_view_if_needed()
    expect(page.locator(".near img")).to_have_count(8)
    opens = {SECOND: ".maker-row", ".net-class >> nth=3": ".term", ".net-more >> nth=3": ".all-grid .net-map"}
    for place, opened in opens.items():
        page.locator(place).click()
        page.locator(opened).first.wait_for()
        assert violations(page) == []
