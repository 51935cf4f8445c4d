"""What holds for every page: weight, width, names for screen readers, contrast, silence."""

import pytest

pytestmark = pytest.mark.browser
PAGES = ("", "sheet", "architecture", "performance", "api", "help")
VIOLATIONS = "axe.run().then((all) => all.violations.map((one) => [one.id, one.nodes.map((node) => node.html)]))"
WEIGHT = 150_000  # bytes of the first view, nothing compressed


@pytest.fixture(scope="session")
def axe(npm):
    folder = npm("axe-core@4")
    return folder and (folder / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def test_the_first_view_weighs_less_than_150_kb(visit):
    page = visit()
    page.wait_for_timeout(500)
    sizes = page.evaluate("""() => ['resource', 'navigation'].flatMap((kind) => performance.getEntriesByType(kind))
      .map((one) => [one.name, one.decodedBodySize])""")
    assert sum(size for _, size in sizes) < WEIGHT, sizes


@pytest.mark.parametrize("width", [320, 360, 1000, 1600])
def test_nothing_is_wider_than_the_window(visit, draw, width):
    page = visit(viewport={"width": width, "height": 800})
    draw(page)
    for name in PAGES:
        show(page, name)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(leave_out, visit, draw, expect, axe, name, scheme):
    if axe is None:
        leave_out("npm and axe-core")
    page = visit(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    draw(page)
    page.locator("feature-grid").scroll_into_view_if_needed()
    page.wait_for_selector(".map")
    expect(page.locator(".kept")).not_to_be_empty()
    show(page, name)
    page.evaluate(axe)
    assert page.evaluate(VIOLATIONS) == []


@pytest.mark.parametrize("way", ["import", "camera", "data"])
def test_axe_finds_nothing_in_the_other_ways_in(leave_out, visit, axe, way):
    if axe is None:
        leave_out("npm and axe-core")
    page = visit(bypass_csp=True, reduced_motion="reduce")
    page.click(f"#tab-{way}")
    page.wait_for_timeout(500)
    page.evaluate(axe)
    assert page.evaluate(VIOLATIONS) == []


def test_everything_is_reached_by_tab_and_seen(page):
    seen = set()
    for _ in range(45):
        page.keyboard.press("Tab")
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
