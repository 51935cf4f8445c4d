"""A second model on the shelf: it is chosen, remembered, named in every request, and said of every reading."""

import shutil

import pytest

from calame.artifact import SHIPPED

pytestmark = pytest.mark.browser
CHOICE = "#studio model-choice select"


@pytest.fixture(scope="module")
def address(tmp_path_factory, serving):
    """A service with the shipped model, and the same under another name."""
    home = tmp_path_factory.mktemp("two")
    twin = home / "models" / "twin" / "1"
    shutil.copytree(SHIPPED / "digits", twin)
    manifest = (twin / "manifest.json").read_text(encoding="utf-8")
    (twin / "manifest.json").write_text(manifest.replace('"name": "digits"', '"name": "twin"'), encoding="utf-8")
    with serving(home) as served:
        yield served


def test_the_chosen_model_reads_and_the_history_says_so(page, draw, expect):
    draw(page)
    expect(page.locator(".kept")).not_to_be_empty()
    with page.expect_request(lambda one: "/v1/digits" in one.url and "model=twin%401" in one.url):
        page.select_option(CHOICE, "twin@1")
    expect(page.locator(".answer-meta")).to_contain_text("twin@1")
    expect(page.locator(".kept")).to_be_empty()  # that was the other one's reading
    page.locator("feature-grid").scroll_into_view_if_needed()
    with page.expect_request("**/v1/model/filters?model=twin%401"):
        page.click("summary")
    page.click(".digit-key >> nth=7")
    expect(page.locator(".kept")).to_contain_text("it was a 7")
    page.click("nav a[href='#/sheet']")
    expect(page.locator(".sheet .model")).to_have_text(["twin@1", "digits@1"])


def test_the_choice_is_remembered_and_the_pages_follow_it(page, expect):
    page.select_option(CHOICE, "twin@1")
    page.reload()
    expect(page.locator(CHOICE)).to_have_value("twin@1")
    page.click("nav a[href='#/architecture']")
    expect(page.locator("architecture-page .lede")).to_contain_text("twin")
    page.click("nav a[href='#/performance']")
    expect(page.locator("performance-page .lede")).to_contain_text("twin@1")
    page.select_option("performance-page model-choice select", "digits@1")
    expect(page.locator("set-panel")).to_be_visible()


def test_a_choice_that_is_gone_is_forgotten(page, expect):
    page.evaluate("localStorage.setItem('calame.model', 'lost@3')")
    page.reload()
    expect(page.locator(CHOICE)).to_have_value("digits@1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_a_choice(visit, violations, scheme):
    page = visit(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    page.wait_for_selector(CHOICE)
    assert violations(page) == []
