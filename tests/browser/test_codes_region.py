"""One place of every picture: drawn on one of them or typed, by keyboard too, read on all, and given up again."""

import pytest

from made_codes import bring, exported

pytestmark = pytest.mark.browser


@pytest.fixture
def pile(codes, expect):
    """Open the page with a picture of four strokes."""

    def open_pile(**settings):
        page = codes(**settings)
        bring(page, 4)
        expect(page.locator(".code-box")).to_have_value("1111")
        return page

    return open_pile


def draw(page, *, left, right):
    """Draw a box as high as the picture, between two shares of its width."""
    page.get_by_role("button", name="Choose a place").click()
    box = page.locator(".region-paper").bounding_box()
    page.mouse.move(box["x"] + left * box["width"], box["y"] + 3)
    page.mouse.down()
    page.mouse.move(box["x"] + right * box["width"], box["y"] + box["height"] - 3, steps=4)
    page.mouse.up()


def test_a_place_that_is_drawn_is_read_on_every_picture(pile, expect):
    page = pile()
    draw(page, left=0.5, right=0.9)
    page.get_by_role("button", name="Read this place").click()
    expect(page.locator(".code-box")).to_have_value("11")
    expect(page.locator(".code-boxes .digit")).to_have_count(2)
    assert page.locator(".code-picture").evaluate("one => one.width / one.height") == pytest.approx(1.6, abs=0.2)
    ((_, text, _, state, _, place),) = exported(page)
    assert (text, state) == ("11", "accepted")
    assert 150 <= int(place.split()[0]) <= 200  # in pixels of the whole picture
    bring(page, 2)  # and on those that come later
    expect(page.locator(".code-box").nth(1)).to_have_value("1")
    page.get_by_role("button", name="The whole picture").click()
    expect(page.locator(".code-box").first).to_have_value("1111")
    expect(page.get_by_role("button", name="The whole picture")).to_be_hidden()


def test_a_place_is_typed_by_keyboard_alone(pile, expect):
    page = pile(locale="fr-FR")
    page.get_by_role("button", name="Choisir une zone").press("Enter")
    for side in ("50", "0", "60", "100"):
        page.keyboard.type(side)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Tracez un cadre")).to_be_visible()
    page.get_by_role("spinbutton", name="Largeur").fill("40")
    expect(page.locator(".region-mark")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".code-box")).to_have_value("11")
    expect(page.locator(".region-now")).to_have_text("50,0,40,100")
    another = page.get_by_role("button", name="Une autre zone")
    expect(another).to_be_focused()
    another.press("Enter")
    expect(page.get_by_role("spinbutton", name="Largeur")).to_have_value("40")
    page.keyboard.press("Escape")
    expect(another).to_be_focused()
    expect(page.locator(".code-box")).to_have_value("11")


def test_a_drawing_is_read_whole(pile, expect):
    page = pile()
    draw(page, left=0.5, right=0.9)
    page.get_by_role("button", name="Read this place").click()
    expect(page.locator(".code-box")).to_have_value("11")
    with page.expect_request("**/v1/codes?*") as request:
        page.locator("#code-tab-draw").click()
        pad = page.locator("line-pad .pad-paper").bounding_box()
        page.mouse.move(pad["x"] + 80, pad["y"] + 40)
        page.mouse.down()
        page.mouse.move(pad["x"] + 78, pad["y"] + 150, steps=5)
        page.mouse.up()
    assert "region" not in request.value.url
    expect(page.locator(".code-text")).to_have_text("1")


@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_and_all_is_in_the_window(pile, expect, violations, width):
    page = pile(bypass_csp=True, reduced_motion="reduce", viewport={"width": width, "height": 800})
    draw(page, left=0.5, right=0.9)
    expect(page.locator(".region-mark")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Read this place").click()
    expect(page.locator(".code-box")).to_have_value("11")
    assert violations(page) == []
