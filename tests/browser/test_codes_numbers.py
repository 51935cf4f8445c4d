"""The numbers of one page in the pile: a row each, under a line for their page."""

import pytest

from made_codes import OF_PICTURE, answer_with, bring, exported, ones, read_as

pytestmark = pytest.mark.browser
NUMBERS = (("11", "accepted", 0.97), ("22", "check", 0.3), ("33", "check", 0.8))


def numbers(*some):
    """Numbers below each other, as the service tells them."""
    told = enumerate(some or NUMBERS)
    return {"numbers": [read_as(*one, box=[10, 30 * place, 60, 30 * place + 20]) for place, one in told]}


def place(row):
    """Where the number of a row is, as a table tells it."""
    return f"10 {30 * row} 60 {30 * row + 20}"


@pytest.fixture
def pile(codes, expect):
    """Open the page with one picture of three numbers: accepted, likely wrong, to check."""

    def open_pile(**settings):
        page = codes(**settings)
        page.locator("code-checks .switch").check()
        answer_with(page, numbers())
        bring(page, 3)
        expect(page.locator(".code-number")).to_have_count(3)
        return page

    return open_pile


def test_each_number_is_read_confirmed_and_told_by_itself(pile, expect):
    page = pile()
    boxes, badges = page.locator(".code-box"), page.locator(".code-number .code-badge")
    expect(page.locator(".code-page-about")).to_contain_text("3.png3 numbers · to check: 2")
    expect(badges).to_have_text(["accepted", "check it", "check it"])
    expect(boxes.first).to_have_value("11")
    expect(boxes.nth(1)).to_have_accessible_description("perhaps 22")
    expect(boxes.nth(2)).to_have_attribute("placeholder", "33")
    first, last = (
        ("3.png", "11", "97.00", "accepted", "", place(0)),
        ("3.png", "", "80.00", "check it", "33", place(2)),
    )
    assert exported(page) == [first, ("3.png", "", "30.00", "check it", "22", place(1)), last]
    boxes.first.focus()
    page.keyboard.press("Enter")
    expect(boxes.nth(1)).to_be_focused()
    page.keyboard.press("Enter")  # likely wrong: it is not taken
    expect(boxes.nth(2)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.type("27")
    expect(badges).to_have_text(["accepted", "by hand", "by hand"])
    mended = [("3.png", "27", "30.00", "by hand", "22", place(1)), ("3.png", "33", "80.00", "by hand", "33", place(2))]
    assert exported(page) == [first, *mended]


def test_the_number_of_a_row_is_the_one_that_is_looked_at(pile, expect):
    page = pile()
    chosen = page.locator(".code-number.shown .code-box")
    page.locator(".code-box").nth(2).focus()
    expect(page.locator(".code-text")).to_have_text("33")
    expect(chosen).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".code-text")).to_have_text("22")
    page.locator(".code-numbers button").first.click()
    expect(chosen).to_have_value("11")


def test_what_is_no_number_of_use_is_left_out_and_stays_out(pile, expect):
    page = pile()
    boxes = page.locator(".code-box")
    page.get_by_role("button", name="Leave out number 1 of 3.png").press("Enter")
    expect(boxes.first).to_be_focused()
    expect(page.locator(".code-removed")).to_have_text("Left out: 11, of 3.png. Undo")
    assert [row[4] for row in exported(page)] == ["22", "33"]
    page.select_option(".check-kind", "luhn")  # all is read anew
    expect(page.locator(".code-number .code-badge")).to_have_count(2)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(boxes.first).to_be_focused()
    expect(boxes.first).to_have_value("11")
    expect(boxes).to_have_count(3)


def test_a_number_that_was_not_seen_is_added(pile, expect):
    page = pile()
    page.get_by_role("button", name="Add a number of 3.png").press("Enter")
    added = page.get_by_label("Number 4 of 3.png", exact=True)
    expect(added).to_be_focused()
    expect(page.locator(".code-badge.added")).to_have_text("to type")  # nobody has refused anything
    expect(page.locator(".code-page-about")).to_contain_text("3 numbers · to check: 2")
    expect(page.locator("code-filter button").first).to_have_text("All 3")
    expect(page.locator(".code-number .code-open").nth(3)).to_be_hidden()  # a page as small as a number says nothing
    expect(page.locator(".code-crop")).to_be_visible()  # all of it, beside the words
    expect(page.locator(".code-state")).to_have_text("Type the number that is missing in its row of the pile.")
    assert len(exported(page)) == 3  # nothing is typed yet
    added.press("Backspace")
    expect(page.locator(".code-badge.added")).to_have_text("to type")
    added.fill("44")
    assert exported(page)[3] == ("3.png", "44", "", "by hand", "", "")
    expect(page.locator(".cell-sure").nth(3)).to_have_text("typed")


def test_what_was_typed_stays_at_its_place_when_all_is_read_anew(pile, expect):
    page = pile()
    boxes = page.locator(".code-box")
    boxes.nth(2).fill("37")
    page.unroute("**/v1/codes?*")
    answer_with(page, {"numbers": numbers(*NUMBERS[:1])["numbers"] + [read_as("33", box=[12, 58, 66, 82])]})
    page.select_option(".check-kind", "luhn")
    expect(boxes).to_have_count(2)
    expect(boxes.nth(1)).to_have_value("37")
    page.unroute("**/v1/codes?*")
    answer_with(page, numbers(*NUMBERS[:1]))  # what it was said of is not read any more
    page.select_option(".check-kind", "siren")
    expect(page.locator(".cell-sure").nth(1)).to_have_text("typed")
    expect(boxes.nth(1)).to_have_value("37")


def test_what_was_typed_as_one_is_several_where_several_are_read(codes, expect):
    page = codes()
    answer_with(page, read_as("1122", "check", 0.4, doubt="lines", rejected=None))
    bring(page, 3)
    page.locator(".code-box").fill("12 22")
    page.unroute("**/v1/codes?*")
    answer_with(page, numbers(*NUMBERS[:2]))
    page.locator("code-checks .switch").check()
    expect(page.locator(".code-number")).to_have_count(2)
    assert [row[1] for row in exported(page)] == ["12", "22"]


def test_who_comes_back_to_several_numbers_finds_what_they_said_of_each(pile, expect):
    page = pile()
    boxes, switch = page.locator(".code-box"), page.locator("code-checks .switch")
    boxes.first.fill("17")
    boxes.nth(1).press("Backspace")
    boxes.nth(2).press("Enter")
    page.unroute("**/v1/codes?*")
    answer_with(page, read_as("112233", "check", 0.4, box=[10, 0, 60, 80]))
    switch.uncheck()
    expect(boxes).to_have_count(1)
    assert [row[4] for row in exported(page)] == ["112233"]
    page.unroute("**/v1/codes?*")
    answer_with(page, numbers())
    switch.check()
    expect(page.locator(".code-number")).to_have_count(3)
    expect(page.locator(".code-number .code-badge")).to_have_text(["by hand"] * 3)
    assert [row[1] for row in exported(page)] == ["17", "", "33"]


def test_all_that_was_left_out_comes_back(pile, expect):
    page = pile()
    for _ in range(2):
        page.get_by_role("button", name="Leave out number 1 of 3.png").press("Enter")
    page.get_by_role("button", name="Put back what was left out (2)").press("Enter")
    expect(page.locator(".code-number")).to_have_count(3)
    expect(page.locator(".code-box").first).to_have_value("11")
    expect(page.get_by_role("button", name="Put back")).to_have_count(0)


def test_enter_takes_no_number_that_fits_no_check(codes, expect):
    page = codes()
    answer_with(page, read_as("142", "check", 0.9, rejected="check", failed=["length(8)"]))
    bring(page, 2)
    box = page.locator(".code-box")
    expect(box).to_have_accessible_description("perhaps 142")
    box.press("Enter")
    expect(page.locator(".code-table .code-badge")).to_have_text("check it")


def test_a_page_without_a_number_says_so_and_keeps_its_row(codes, expect):
    page = codes()
    page.locator("code-checks .switch").check()
    answer_with(page, {"numbers": []})
    bring(page, 2, 3)
    expect(page.locator(".code-page-about").first).to_contain_text("No number found on this picture.")
    expect(page.locator("code-filter button")).to_have_text(["All 2", "To check 2", "Accepted 0", "Failed 0"])
    assert [row[3] for row in exported(page)] == ["refused", "refused"]
    page.get_by_role("button", name="Add a number of 3.png").click()
    page.keyboard.type("12")
    assert [row[1] for row in exported(page)] == ["", "12"]


def test_a_page_goes_with_its_numbers_and_comes_back_with_what_was_typed(pile, expect):
    page = pile()
    bring(page, 2)
    expect(page.locator(".code-number")).to_have_count(6)
    page.locator(".code-box").nth(1).fill("27")
    page.get_by_role("button", name="Remove 3.png").press("Enter")
    expect(page.locator(".code-page-name")).to_have_text(["2.png"])
    expect(page.get_by_label("Number 1 of 2.png", exact=True)).to_be_focused()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator(".code-page-name")).to_have_text(["3.png", "2.png"])
    expect(page.locator(".code-box").nth(1)).to_have_value("27")
    expect(page.locator(".code-number")).to_have_count(6)


def test_a_filter_shows_the_numbers_of_a_kind_under_their_pages(pile, expect):
    page = pile()
    page.get_by_role("button", name="To check 2").click()
    expect(page.locator(".code-number:visible .cell-file")).to_have_text(["2", "3"])
    expect(page.locator(".code-page:visible")).to_have_count(1)
    page.get_by_role("button", name="Failed 0").click()
    expect(page.locator(".code-page:visible")).to_have_count(0)


def test_pictures_and_their_numbers_are_counted_apart(codes, expect):
    page = codes(locale="fr-FR")
    page.locator("code-checks .switch").check()
    none = read_as("", "refused", 0, guess=None, rejected="no_digits", box=None)
    answer_with(page, {"numbers": [read_as("11"), read_as("22"), none]})
    bring(page, 1, 2)
    status = page.locator("code-table [role=status]")
    expect(status).to_contain_text("Images traitées\u00a0: 2 sur 2 (nombres qu’elles portent\u00a0: 4)")


def test_a_page_that_fails_can_be_read_again(codes, expect):
    page = codes(forgiven="Failed to load resource")
    page.locator("code-checks .switch").check()
    page.route("**/v1/codes?*", lambda route: route.abort())
    page.set_input_files("#code-files", [{"name": "a.png", "mimeType": "image/png", "buffer": ones(2)}])
    expect(page.locator(".code-page .code-badge")).to_have_text("failed")
    page.unroute("**/v1/codes?*")
    answer_with(page, {**numbers(), **OF_PICTURE})
    page.locator(".code-page").get_by_role("button", name="Again").click()
    expect(page.locator(".code-number")).to_have_count(3)


@pytest.mark.parametrize("width", [360, 1600])
def test_axe_finds_nothing_and_all_is_in_the_window(pile, expect, violations, width):
    page = pile(bypass_csp=True, reduced_motion="reduce", viewport={"width": width, "height": 800})
    page.get_by_role("button", name="Leave out number 1 of 3.png").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
