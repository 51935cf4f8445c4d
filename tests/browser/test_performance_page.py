"""The page Performance draws what the records hold, and nothing that they do not."""

import pytest

pytestmark = pytest.mark.browser
SHIPPED = ["By data set", "One wrong answer in so many", "What is no digit", "The ladder", "Learning time"]
COUNTS = [[3 if truth == digit else int(digit == 10) for digit in range(11)] for truth in range(10)]


@pytest.fixture
def opened(visit):
    """Open the page, its records changed by a function."""

    def open_with(change, **settings):
        page = visit(**settings)

        def answer(route):
            told = route.fetch().json()
            change(told["records"])
            route.fulfill(json=told)

        page.route("**/v1/performance", answer)
        page.evaluate("location.hash = '#/performance'")
        page.wait_for_selector("performance-page h1")
        return page

    return open_with


def more(records):
    """What the records may hold besides."""
    records["reader"]["curves"] = {"loss": [1.5, 0.9, 0.7], "rate": [0.001, 0.002, 0.001], "accuracy": [0.9]}
    for one in records["trust"]["read"].values():
        one.pop("confusion", None)  # so that one set alone has it
    records["trust"]["read"]["cvl_valid"]["confusion"] = COUNTS
    records["trust"]["steady_curves"] = {"turned": {"at": [-30, 0, 30], "changed": [0.2, 0, 0.1]}}


def test_what_ships_is_drawn_with_its_figures(opened, expect):
    page = opened(dict.copy)
    expect(page.locator(".chart h3", has_text="By data set")).to_be_visible()
    titles = page.locator(".chart h3").all_text_contents()
    assert set(SHIPPED) <= set(titles)
    drawn = page.locator(".chart:has(.plot)")
    expect(drawn.locator(".plot svg").first).to_be_visible()
    assert drawn.locator("details.figures table").count() == drawn.count()
    assert page.locator(".plot text").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 11


def test_each_figure_is_of_the_record_that_it_names(opened, expect):
    """The same drawings are in two records: 3,000 of them, as the README says, and 6,000 by the recipe that trained."""

    def differ(records):
        records["trust"]["read"]["drawn"] |= {"n": 3000, "accuracy": 0.991, "interval": [0.9869, 0.9938]}
        records["reader"]["kinds"]["as_drawn"] |= {"n": 6000, "accuracy": 0.992}
        records["dev-sets"]["sets"]["cvl_valid"]["accuracy"] = 0.5  # another record than the one that is named

    page = opened(differ)
    chart = page.locator(".chart", has=page.locator("h3", has_text="By data set"))
    expect(chart.locator(".source")).to_contain_text("recipes/trust.py")
    chart.locator("summary").click()
    rows = chart.locator("tbody tr")
    expect(rows.filter(has_text="Drawings, unseen hands")).to_have_text(
        ["Drawings, unseen hands99.10%98.69% – 99.38%3,000"]
    )
    expect(rows.filter(has_text="European hands")).not_to_contain_text("50.00%")
    expect(page.locator("#set option", has_text="Drawings, unseen hands")).to_have_count(1)
    source = page.locator("set-panel > .source")
    for name, recipe in (("Drawings, unseen hands", "recipes/trust.py"), ("Scans", "recipes/reader.py")):
        page.select_option("#set", label=name)
        expect(source).to_contain_text(recipe)


def test_what_a_record_brings_besides_is_drawn(opened, expect):
    page = opened(more)
    expect(page.locator("set-panel .matrix td.right").first).to_have_text("3")
    assert page.locator("set-panel .matrix thead th").count() == 11
    panels = page.locator(".panel h4")
    expect(panels).to_have_text(["Turned", "Loss", "Learning rate"])  # one number is no curve
    page.select_option("#set", label="Phone photos")
    expect(page.locator("set-panel .matrix")).to_have_count(0)


def test_nothing_is_made_up(opened, expect):
    page = opened(dict.clear)
    expect(page.locator(".chart h3")).to_have_text(["By data set"])  # the model's own scores


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_charts(opened, violations, expect, scheme):
    page = opened(more, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    expect(page.locator(".plot svg").first).to_be_visible()
    for summary in page.locator(".figures summary").all():
        summary.click()
    assert violations(page) == []


def test_the_charts_fit_a_phone(opened, expect):
    page = opened(more, viewport={"width": 360, "height": 780}, locale="fr-FR")
    expect(page.locator(".plot svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
