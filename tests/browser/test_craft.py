"""What holds for every page: weight, width, names for screen readers, contrast, silence."""

import re

import pytest

pytestmark = pytest.mark.browser
WHOLE = "[...document.querySelectorAll('pre')].every((one) => one.scrollWidth <= one.clientWidth)"  # no code is cut off
PAGES = ("", "codes", "inside", "sheet", "train", "architecture", "performance", "api", "help")
WEIGHT = 100_000  # bytes of the first view as they come, with their headers
FILES = (".json", ".onnx", ".xlsx")
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
        assert page.evaluate(WHOLE), name


def test_the_buttons_beside_the_layer_stay_beside_it_on_a_phone(visit, draw):
    page = visit(viewport={"width": 390, "height": 844})
    draw(page)
    page.locator("feature-grid").scroll_into_view_if_needed()
    page.wait_for_selector("feature-grid .layer-choice:not([hidden])")
    boxes = [one.bounding_box() for one in page.locator("feature-grid .layer-choice").locator("button, select").all()]
    assert len(boxes) == 3
    assert max(box["y"] for box in boxes) < min(box["y"] + box["height"] for box in boxes)


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


def place(element):
    """Return where an element begins, and its width: its height grows with what is fetched after the page is ready."""
    box = element.bounding_box()
    return box["x"], box["y"], box["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_menu_of_a_phone_is_used_by_keyboard_and_moves_nothing(visit, violations, expect, scheme):
    page = visit(viewport={"width": 390, "height": 844}, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    menu, links = page.locator(".menu"), page.locator("nav a")
    expect(links.first).to_be_hidden()
    assert page.locator(".masthead").bounding_box()["height"] < 70  # one row
    before = place(page.locator("main"))
    menu.focus()
    page.keyboard.press("Enter")
    expect(links).to_have_count(10)
    for link in links.all():
        expect(link).to_be_in_viewport(ratio=1)
    assert place(page.locator("main")) == before
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(links.first).to_be_hidden()
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the second
    page.wait_for_selector("codes-page h1")
    expect(links.first).to_be_hidden()


def last_of_the_menu(page, expect):
    """Open the phone's menu, and go to its last link, by keyboard; return its links."""
    links = page.locator("nav a")
    page.locator(".menu").focus()
    page.keyboard.press("Enter")
    for _ in range(10):
        page.keyboard.press("Tab")
    expect(links.last).to_be_focused()
    return links


def test_the_menu_closes_behind_the_focus_and_fits_a_phone_held_sideways(visit, expect):
    page = visit(viewport={"width": 844, "height": 390}, reduced_motion="reduce")
    links = last_of_the_menu(page, expect)
    expect(links.last).to_be_in_viewport(ratio=1)
    page.keyboard.press("Tab")
    expect(links.first).to_be_hidden()


def test_a_wide_window_has_its_pages_in_a_row_and_no_menu(visit, expect):
    page = visit(viewport={"width": 1000, "height": 800})
    expect(page.locator(".menu")).to_be_hidden()
    assert len({link.bounding_box()["y"] for link in page.locator("nav a").all()}) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["/docs", "/problems", "/problems/nothing", "/problems/internal"])
def test_axe_finds_nothing_in_the_documentation_and_it_keeps_to_the_window(visit, violations, path, width, scheme):
    settings = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme, "bypass_csp": True}
    page = visit(f"{path}?lang=fr", forgiven="404" if path.endswith("nothing") else None, **settings)
    page.wait_for_selector("theme-choice select")
    for summary in page.locator("details > summary").all()[:3]:
        summary.focus()
        page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(WHOLE)
    assert violations(page) == []


def test_the_theme_can_be_chosen_and_is_remembered(visit):
    page = visit(color_scheme="light")
    page.select_option("theme-choice select", "dark")
    page.reload()
    page.wait_for_selector("html.ready")
    dark = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(dark) == "rgb(21, 23, 28)"
    page.goto(page.url.split("#")[0] + "docs")
    assert page.evaluate(dark) == "rgb(21, 23, 28)"


@pytest.mark.parametrize("path", ["/docs", "/problems", "/problems/internal"])
def test_a_written_page_has_the_theme_and_the_menu_of_the_app(visit, expect, path):
    page = visit(path, color_scheme="light", viewport={"width": 390, "height": 844})
    dark = "getComputedStyle(document.body).backgroundColor"
    theme = page.get_by_label("Theme")
    expect(theme.locator("option")).to_have_text(["System", "Light", "Dark"])
    theme.select_option("dark")
    assert page.evaluate(dark) == "rgb(21, 23, 28)"
    page.reload()
    expect(theme).to_have_value("dark")
    assert page.evaluate(dark) == "rgb(21, 23, 28)"
    links = last_of_the_menu(page, expect)
    page.keyboard.press("Tab")
    expect(links.first).to_be_hidden()


def test_a_written_page_keeps_the_language_that_was_chosen(visit, expect):
    page = visit("/problems/internal")
    page.get_by_role("link", name="FR, français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_label("Thème").locator("option").first).to_have_text("Système")
    page.goto(page.url.split("/problems")[0] + "/docs#Reading")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert page.url.endswith("/docs?lang=fr#Reading")
    page.goto(page.url.split("/docs")[0])
    expect(page.get_by_role("link", name="Lire", exact=True)).to_be_visible()


def show(page, name):
    page.evaluate(f"location.hash = '#/{name}'")
    page.wait_for_selector(f"{name}-page h1" if name else "#studio")
    page.wait_for_timeout(600)
