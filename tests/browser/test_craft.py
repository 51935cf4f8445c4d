"""What holds for every page: weight, width, names for screen readers, contrast, silence."""

import re

import pytest

pytestmark = pytest.mark.browser
PAGES = ("", "inside", "sheet", "train", "architecture", "performance", "api", "help")
WEIGHT = 150_000  # bytes of the first view as they come, with their headers, nothing compressed
FILES = (".json", ".onnx")
KEY = re.compile(r"[a-z]+(\.[a-z_]+)+")  # of the catalogue, where words should be


def test_the_first_view_weighs_less_than_150_kb(visit, address):
    page = visit("/health/live", ready="body", forgiven="404")
    bytes_of, network = {}, page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda one: bytes_of.update({one["requestId"]: one["encodedDataLength"]}))
    page.goto(address)
    page.wait_for_selector(".step")
    page.wait_for_timeout(1500)
    assert 0 < sum(bytes_of.values()) < WEIGHT


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_every_word_is_in_the_catalogue(visit, draw, locale):
    page = visit(locale=locale)
    draw(page)
    for name in PAGES:
        show(page, name)
        words = page.locator("body").inner_text().split() + page.locator("[aria-label]").evaluate_all(
            "all => all.map((one) => one.getAttribute('aria-label'))"
        )
        assert [word for word in words if KEY.fullmatch(word) and not word.endswith(FILES)] == [], name


@pytest.mark.parametrize("width", [320, 360, 1000, 1600])
def test_nothing_is_wider_than_the_window(visit, draw, width):
    page = visit(viewport={"width": width, "height": 800})
    draw(page)
    for name in PAGES:
        show(page, name)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(visit, draw, expect, violations, name, scheme):
    page = visit(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    draw(page)
    page.locator("feature-grid").scroll_into_view_if_needed()
    page.wait_for_selector(".map")
    expect(page.locator(".kept")).not_to_be_empty()
    show(page, name)
    assert violations(page) == []


@pytest.mark.parametrize("way", ["import", "camera", "data"])
def test_axe_finds_nothing_in_the_other_ways_in(visit, violations, way):
    page = visit(bypass_csp=True, reduced_motion="reduce")
    page.click(f"#tab-{way}")
    page.wait_for_timeout(500)
    assert violations(page) == []


def test_everything_is_reached_by_tab_and_seen(page):
    seen = set()
    for _ in range(55):
        page.keyboard.press("Tab")
        page.wait_for_timeout(50)  # what lies below is fetched when one comes near it
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"skip", "speak-fr", "tab-draw", "pad-paper", "tta", "effect-rotate"} <= seen


def test_targets_are_at_least_24_pixels(visit):
    page = visit(viewport={"width": 360, "height": 800})
    small = page.evaluate("""() => [...document.querySelectorAll('button, select, input, summary, nav a')]
      .filter((one) => one.checkVisibility()).map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
      .filter(([, box]) => box.width < 24 || box.height < 24).map(([html]) => html)""")
    assert small == []


def test_the_theme_can_be_chosen_and_is_remembered(visit):
    page = visit(color_scheme="light")
    page.select_option("theme-choice select", "dark")
    page.reload()
    page.wait_for_selector("html.ready")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 28)"


def show(page, name):
    page.evaluate(f"location.hash = '#/{name}'")
    page.wait_for_timeout(600)
