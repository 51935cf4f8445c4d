"""The page Train: a network put together with + and −, trained on digits made here, watched, kept, drawn with."""

import importlib.util

import pytest

from made_digits import make_sets

pytestmark = pytest.mark.browser
LONG = 240_000  # milliseconds for a training on a machine that is busy


@pytest.fixture(scope="module")
def address(tmp_path_factory, serving):
    """A service with digits to learn from."""
    with serving(make_sets(tmp_path_factory.mktemp("learning"))) as served:
        yield served


@pytest.fixture
def train(visit, leave_out):
    if importlib.util.find_spec("tensorflow") is None:
        leave_out("the extra `train`")

    def opened(**settings):
        page = visit("/#/train", **settings)
        page.wait_for_selector(".network input")
        return page

    return opened


def test_a_small_network_is_trained_watched_compared_and_drawn_with(train, visit, expect):
    page = train()
    page.check("input[value=own]")
    for _ in range(6):
        page.click(".stack-remove >> nth=0")
    page.click("[data-kind=conv]")
    page.click("[data-kind=pool]")
    expect(page.locator(".stack-total")).to_contain_text("27,210 parameters")
    page.locator("#train-share").press("Home")
    expect(page.locator("train-page output")).to_have_text("100 digits")
    page.fill("#train-epochs", "2")
    page.select_option("#train-rate", "0.01")
    page.click("text=Start training")
    expect(page.locator("live-run h2")).to_have_text("Run 1")
    other = visit("/#/train")  # another page sees it go on
    expect(other.locator("live-run h2")).to_have_text("Run 1")
    for one in (page, other):
        expect(one.locator("live-run .live-where")).to_contain_text("the best, is kept", timeout=LONG)
        expect(one.locator(".live-charts svg polyline")).not_to_have_count(0)
        expect(one.locator(".live-filters .map")).to_have_count(16)
        expect(one.locator(".live-times")).not_to_contain_text("to go")  # nothing is left when it is over
    other.close()
    row = page.locator(".runs tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator(".run-network")).to_contain_text("conv 16 3, pool 2")
    expect(row.locator(".run-parameters")).to_have_text("27,210")
    expect(row.locator(".run-epochs")).to_have_text("2 of 2")
    page.reload()
    expect(page.locator("live-run .totals")).to_contain_text("own@1")  # it is kept, with its curves, and shown
    expect(page.locator(".live-charts svg polyline")).not_to_have_count(0)
    expect(page.locator(".run-look")).to_have_attribute("aria-pressed", "true")
    page.click("live-run >> text=Draw with it")
    expect(page.locator("#studio model-choice select")).to_have_value("own@1")
    page.click("nav a[href='#/train']")
    page.click(".run-act .tool")
    page.click("dialog[open] .danger")
    expect(page.locator(".runs tbody tr")).to_have_count(0)


def test_layers_that_make_no_network_cannot_be_started(train, expect):
    page = train(forgiven="422")
    page.check("input[value=own]")
    size = page.locator("li[data-at='2'] input >> nth=1")
    size.fill("9")
    expect(page.locator(".stack-total")).to_contain_text("parameters in all")
    page.fill("li[data-at='1'] input", "4")
    expect(page.locator(".stack-problem")).to_contain_text("smaller than a filter of 9 × 9")
    expect(page.locator("text=Start training")).to_be_disabled()
    page.click("#speak-fr")
    expect(page.locator(".stack-problem")).to_contain_text("moins qu’un filtre de 9 × 9")
    size.fill("3")
    expect(page.locator(".stack-problem")).to_be_empty()
    expect(page.locator("text=Lancer l’entraînement")).to_be_enabled()


def test_layers_are_put_together_by_keyboard(train, expect):
    page = train()
    page.locator("input[value=course]").focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    expect(page.locator("layer-stack")).to_be_visible()
    page.focus(".stack-remove >> nth=5")
    page.keyboard.press("Enter")
    expect(page.locator(".stack li[data-at]")).to_have_count(5)
    page.keyboard.press("Enter")  # the focus went to the next one
    expect(page.locator(".stack li[data-at]")).to_have_count(4)
    page.focus("[data-kind=dense]")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("32")
    expect(page.locator("li[data-at='4'] .stack-shape")).to_have_text("32")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_one_trains(train, violations, expect, scheme):
    page = train(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    page.check("input[value=own]")
    expect(page.locator(".stack-total")).to_contain_text("225,034")
    assert violations(page) == []
