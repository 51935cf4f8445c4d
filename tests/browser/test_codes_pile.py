"""The pile of the page of numbers: its rows one kind at a time, and one that was removed by mistake put back."""

import csv
import io

import pytest

from calame.locale import text
from calame.locale.numbers import percent
from made_codes import answer_each, answer_with, bring, exported, ones, read_as

pytestmark = pytest.mark.browser
WRONG = {"error": {"title": "Damaged picture", "detail": "Damaged picture."}}


@pytest.fixture
def pile(codes, expect):
    """Open the page with five rows: accepted, to check, refused, to check, failed."""

    def open_pile(**settings):
        page = codes(**settings)
        none = read_as("", "refused", 0, guess=None, rejected="no_digits", reason="no digits found", box=None)
        doubt = [read_as("22", "check", 0.7), read_as("44", "check", 0.6)]
        told = {"a": read_as("11", written="1,1"), "b": doubt[0], "c": none, "d": doubt[1], "e": WRONG}
        answer_each(page, **told)
        files = [{"name": f"{name}.png", "mimeType": "image/png", "buffer": ones(2)} for name in told]
        page.set_input_files("#code-files", files)
        expect(page.locator(".code-table .code-badge")).to_have_count(5)
        return page

    return open_pile


def names(page):
    """The files of the rows that are in sight."""
    return page.locator(".cell-file:visible")


def show(page, kind):
    page.get_by_role("group", name="Rows to show").get_by_role("button", name=kind).click()


def test_rows_of_one_kind_are_shown_alone_and_exports_hold_all(pile, expect):
    page = pile()
    choices = page.locator("code-filter button")
    expect(choices).to_have_text(["All 5", "To check 3", "Accepted 1", "Failed 1"])
    expect(page.locator("#code-whole")).to_be_hidden()
    expect(page.locator(".cell-sure")).to_have_text(["90.0%", "70.0%", "", "60.0%", ""])
    show(page, "To check")
    expect(names(page)).to_have_text(["b.png", "c.png", "d.png"])
    expect(page.locator("code-filter [aria-pressed=true]")).to_have_text("To check 3")
    expect(page.get_by_role("button", name="CSV")).to_have_accessible_description("Exports hold all 5 rows.")
    assert len(exported(page)) == 5
    show(page, "Failed")
    expect(names(page)).to_have_text(["e.png"])
    show(page, "All")
    expect(names(page)).to_have_count(5)
    expect(page.locator("#code-whole")).to_be_hidden()


def test_the_words_count_as_the_filter_counts(pile, expect):
    page = pile()
    choices, status = page.locator("code-filter button"), page.locator("code-table [role=status]")
    expect(choices).to_have_text(["All 5", "To check 3", "Accepted 1", "Failed 1"])
    done = "Pictures done: 5 of 5 · "
    expect(status).to_have_text(f"{done}accepted: 1 · to check: 3 (refused: 1) · failed: 1")
    page.get_by_label("Code in b.png").press("Enter")
    expect(choices).to_have_text(["All 5", "To check 2", "Accepted 2", "Failed 1"])
    expect(status).to_have_text(f"{done}accepted: 2 (by hand: 1) · to check: 2 (refused: 1) · failed: 1")


@pytest.mark.parametrize(
    ("locale", "confirmed", "typed"), [("en-GB", "confirmed", "typed"), ("fr-FR", "confirmé", "saisi")]
)
def test_the_readers_confidence_is_not_shown_for_a_persons_word(pile, expect, locale, confirmed, typed):
    page = pile(locale=locale)
    boxes, sure = page.locator(".code-box"), page.locator(".cell-sure")
    boxes.nth(1).press("Enter")
    boxes.nth(2).fill("33")
    boxes.nth(3).fill("4x")
    expect(sure).to_have_text([percent(0.9, 1, locale[:2]), confirmed, typed, typed, ""])
    boxes.first.fill("")
    expect(sure.first).to_have_text("")
    boxes.first.fill("11")  # as it was read
    expect(sure.first).to_have_text(percent(0.9, 1, locale[:2]))


def test_what_waits_for_a_person_is_what_the_filter_counts(pile, expect):
    page = pile()
    status = page.locator("code-table [role=status]")
    for left in ("3 still wait", "2 still wait", "1 still waits"):
        exported(page)
        expect(status).to_have_text(f"Exported; {left} for you.")
        expect(page.locator("code-filter button").nth(1)).to_have_text(f"To check {left[0]}")
        page.locator(".code-table tr:has(:is(.check, .refused)) .code-box").first.fill("7")
    exported(page)
    expect(status).to_contain_text("failed: 1")  # there is nothing to look at


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_a_pile_is_exported_without_the_service_as_with_it(pile, expect, locale):
    page = pile(forgiven="Failed to load resource", locale=locale)
    page.locator(".code-table textarea, .code-table input").nth(1).fill('=2"2')

    def saved(form=0):
        with page.expect_download() as download:
            page.locator(".code-table-head button").nth(form).click()
        assert download.value.suggested_filename.endswith(".csv")
        return download.value.path().read_bytes()

    with_it = saved()
    page.route("**/v1/codes/sheet.*", lambda route: route.abort())
    for form in (0, 1):  # no workbook: the same rows as CSV, and the page says so
        assert saved(form) == with_it
        expect(page.locator(".code-alone")).to_contain_text("XLSX")
    page.unroute("**/v1/codes/sheet.*")
    assert saved() == with_it
    expect(page.locator(".code-alone")).to_be_empty()


def test_a_column_says_how_each_row_was_read(pile):
    page = pile()
    with page.expect_download() as download:
        page.locator(".code-table-head button").first.click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    assert {row[10] for row in rows} == {"Read with", "model=digits@1"}


def test_what_is_confirmed_stays_until_the_filter_is_chosen_again(pile, expect):
    page = pile()
    choice = page.locator("code-filter button").nth(1)
    choice.press("Enter")
    page.get_by_label("Code in b.png").press("Enter")  # takes the guess, and goes on
    expect(page.get_by_label("Code in c.png")).to_be_focused()
    page.keyboard.type("33")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Code in d.png")).to_be_focused()
    page.keyboard.press("Enter")  # no row follows that is shown
    expect(page.get_by_label("Code in d.png")).to_be_focused()
    expect(names(page)).to_have_text(["b.png", "c.png", "d.png"])
    expect(choice).to_have_text("To check 0")
    expect(page.get_by_text("Rows that change stay in sight")).to_be_visible()
    choice.press("Space")
    expect(names(page)).to_have_count(0)
    expect(page.get_by_text("There is nothing to check.")).to_be_visible()
    expect(page.get_by_text("Rows that change stay in sight")).to_be_hidden()
    show(page, "Accepted")
    expect(names(page)).to_have_text(["a.png", "b.png", "c.png", "d.png"])


def test_one_row_alone_needs_no_filter_and_a_cleared_pile_begins_with_all(pile, expect):
    page = pile()
    show(page, "Failed")
    page.get_by_role("button", name="Clear the list").click()
    page.unroute("**/v1/codes?*")
    answer_with(page, read_as("12"))
    bring(page, 2)
    expect(names(page)).to_have_text(["2.png"])
    expect(page.locator("code-filter")).to_be_hidden()
    bring(page, 3)
    expect(page.locator("code-filter [aria-pressed=true]")).to_have_text("All 2")


HOLD = """() => {
  const decode = createImageBitmap;
  window.held = [];
  window.createImageBitmap = (blob) => new Promise((resolve) => held.push(resolve)).then(() => decode(blob));
}"""
WATCH = """() => {
  window.told = [];
  const [answer, number] = ["code-answer", ".code-text"].map((one) => document.querySelector(one));
  const tell = () => told.push([document.activeElement.ariaLabel, number.textContent]);
  new MutationObserver(tell).observe(answer, { subtree: true, childList: true });
}"""
INK = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"


def test_no_number_is_seen_beside_the_picture_of_another(codes, expect):
    page = codes(forgiven="Canvas2D")
    told = {name: read_as(guess, "check", 0.8) for name, guess in (("a", "11"), ("b", "22"), ("c", "33"), ("d", "44"))}
    answer_each(page, **told)
    files = [{"name": f"{name}.png", "mimeType": "image/png", "buffer": ones(2)} for name in told]
    page.set_input_files("#code-files", files)
    boxes, number, picture = (page.locator(f".code-{part}") for part in ("box", "text", "picture"))
    boxes.first.focus()
    expect(number).to_have_text("11")
    expect(page.locator(".code-table .code-badge")).to_have_count(4)
    assert picture.evaluate(INK)
    page.evaluate(HOLD)
    page.evaluate(WATCH)
    for _ in range(3):
        page.keyboard.press("Enter")
    expect(boxes.nth(3)).to_be_focused()
    expect(page.locator(".code-table tr.shown .cell-file")).to_have_text("d.png")
    expect(number).to_have_text("44")
    assert not picture.evaluate(INK)  # it is not decoded yet
    page.evaluate("held.forEach((release) => release())")
    page.wait_for_load_state("networkidle")  # the answers are there that were asked for
    assert picture.evaluate(INK)
    seen = {(label, told) for label, told in page.evaluate("told")}
    assert seen == {(f"Code in {name}.png", told[name]["guess"]) for name in "bcd"}


def test_a_row_shows_where_its_number_was_read_or_else_all_of_its_picture(codes, expect):
    page = codes()
    box, none = [600, 10, 700, 60], read_as("", "refused", 0, guess=None, rejected="no_digits")
    wide = {"size": [1200, 100], "milliseconds": {"decode": 1, "read": 5}, "model": "digits@1"}
    readings = {"readings": [{**read_as("17", box=box), **wide}, {**none, "box": box, **wide}]}
    page.route("**/v1/codes?*", lambda route: route.fulfill(json=readings))
    bring(page, 2, 3)
    pictures = page.locator(".code-open img")
    expect(pictures.first).to_have_css("object-view-box", "inset(0% 36.67% 20% 45%)")  # room for a digit at either end
    expect(pictures.nth(1)).to_have_css("object-view-box", "none")  # ink, and no number: a person looks for it
    for place in (0, 1):
        expect(pictures.nth(place)).to_have_css("object-fit", "contain")


def test_a_row_comes_back_with_what_was_typed(pile, expect):
    page = pile()
    page.get_by_label("Code in b.png").fill("27")
    page.get_by_role("button", name="Remove b.png").click()
    expect(page.get_by_label("Code in c.png")).to_be_focused()
    expect(page.locator(".code-removed")).to_have_text("Row removed: b.png. Undo")
    expect(page.locator("code-filter button").first).to_have_text("All 4")
    page.get_by_role("button", name="Undo").click()
    expect(names(page)).to_have_text(["a.png", "b.png", "c.png", "d.png", "e.png"])
    expect(page.get_by_label("Code in b.png")).to_be_focused()
    expect(page.get_by_label("Code in b.png")).to_have_value("27")
    expect(page.locator(".code-table tr.shown .cell-file")).to_have_text("b.png")
    expect(page.locator(".code-removed")).to_have_count(0)


def test_the_last_removal_alone_is_undone_by_keyboard(pile, expect):
    page = pile()
    show(page, "To check")
    page.get_by_role("button", name="Remove b.png").press("Enter")
    page.get_by_role("button", name="Remove d.png").press("Enter")
    expect(page.get_by_label("Code in c.png")).to_be_focused()  # the one before, as none that follows is shown
    expect(page.locator(".code-removed")).to_have_text("Row removed: d.png. Undo")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_label("Code in d.png")).to_be_focused()
    expect(names(page)).to_have_text(["c.png", "d.png"])
    assert [row[0] for row in exported(page)] == ["a.png", "c.png", "d.png", "e.png"]
    page.get_by_role("button", name="Remove c.png").press("Enter")
    page.get_by_role("button", name="Clear the list").click()
    expect(page.locator("code-table")).to_be_hidden()


def test_the_only_row_comes_back_and_is_read_as_is_wished_now(codes, expect):
    page = codes()
    answer_with(page, read_as("12"))
    bring(page, 2)
    expect(page.locator(".code-table .code-badge")).to_have_text("accepted")
    page.get_by_role("button", name="Remove 2.png").press("Enter")
    expect(page.get_by_role("button", name="CSV")).to_be_hidden()
    page.unroute("**/v1/codes?*")
    answer_with(page, read_as("12", "check", 0.3))
    page.select_option(".check-kind", "luhn")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_label("Code in 2.png")).to_be_focused()
    expect(page.locator(".code-table .code-badge")).to_have_text("check it")


def test_reasons_are_told_in_the_language_of_now(pile, expect):
    page = pile()
    page.get_by_role("button", name="Remove a.png").click()
    page.click("#speak-fr")
    expect(page.locator(".cell-state").nth(1)).to_have_text("refusé Aucun chiffre trouvé")
    expect(page.locator("code-filter button").nth(1)).to_have_text("À vérifier 3")
    expect(page.locator(".code-removed")).to_have_text("Ligne retirée\u202f: a.png. Annuler")


def test_enter_passes_by_a_guess_that_is_more_likely_wrong_than_right(codes, expect):
    page = codes()
    weak, even = read_as("0", "check", 0.26), read_as("27", "check", 0.5)
    answer_each(page, a=weak, b=even, c=weak, d=weak)
    files = [{"name": f"{name}.png", "mimeType": "image/png", "buffer": ones(2)} for name in "abcd"]
    page.set_input_files("#code-files", files)
    boxes, badges = page.locator(".code-box"), page.locator(".code-table .code-badge")
    expect(badges).to_have_text(["check it"] * 4)
    expect(boxes.first).to_have_attribute("placeholder", "")
    expect(boxes.first).to_have_accessible_description("perhaps 0")
    expect(boxes.nth(1)).to_have_attribute("placeholder", "27")
    boxes.first.focus()
    page.keyboard.press("Enter")
    expect(boxes.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(boxes.nth(2)).to_be_focused()
    page.keyboard.press("ArrowRight")  # this one is meant
    expect(boxes.nth(2)).to_have_value("0")
    page.keyboard.press("Enter")
    expect(boxes.nth(3)).to_be_focused()
    expect(badges).to_have_text(["check it", "by hand", "by hand", "check it"])
    page.locator(".code-perhaps").nth(3).click()
    expect(boxes.nth(3)).to_be_focused()
    expect(badges).to_have_text(["check it", "by hand", "by hand", "by hand"])
    expect(page.locator(".code-perhaps:visible")).to_have_count(1)
    where = "1 2 3 4"
    assert exported(page) == [
        ("a.png", "", "26.00", "check it", "0", where), ("b.png", "27", "50.00", "by hand", "27", where),
        ("c.png", "0", "26.00", "by hand", "0", where), ("d.png", "0", "26.00", "by hand", "0", where),
    ]  # fmt: skip


SLIPS = [
    {"digit": digit, "confidence": 0.99, "box": [left, top, left + 40, top + 60], "probabilities": None}
    for digit, left, top in ((4, 0, 0), (2, 60, 0), (1, 0, 90), (7, 60, 90))
]
LINES = {"doubt": "lines", "rejected": None, "reason": text("reading.doubt.lines", "en")}


@pytest.mark.parametrize(
    ("digits", "doubt", "beside", "taken"),
    [(SLIPS, LINES, "on 2 lines: 42 17", "42 17"), ([], LINES, "on several lines: 4217", "4217"),
     ([], LINES | {"doubt": "several"}, "perhaps several: 4217", "4217")],
)  # fmt: skip
def test_enter_takes_no_number_that_may_be_several(codes, expect, digits, doubt, beside, taken):
    page = codes()
    answer_with(page, {**read_as("4217", "check", 0.97, **doubt, digits=digits), "text": "4217"})
    bring(page, 2, 3)
    boxes, badges = page.locator(".code-box"), page.locator(".code-table .code-badge")
    expect(badges).to_have_text(["check it"] * 2)
    expect(boxes.first).to_have_value("")
    expect(boxes.first).to_have_accessible_description(beside)
    expect(page.locator(".cell-state").first.get_by_role("button", name="Read several numbers")).to_be_visible()
    assert exported(page)[0] == ("2.png", "", "97.00", "check it", "4217", "1 2 3 4")  # as the page shows it
    boxes.first.focus()
    page.keyboard.press("Enter")
    expect(boxes.nth(1)).to_be_focused()
    expect(badges).to_have_text(["check it"] * 2)
    page.keyboard.press("ArrowRight")
    expect(boxes.nth(1)).to_have_value(taken)
    expect(badges.first).to_have_text("check it")


@pytest.mark.parametrize(
    ("locale", "typed", "told"),
    [("en-GB", "12O4l", "“12O4l” holds O l: digits are expected, and between them only spaces or"),
     ("fr-FR", "- -", "«\u202f- -\u202f» n’a aucun chiffre\u00a0: on attend des chiffres et, entre eux")],
)  # fmt: skip
def test_what_is_no_number_is_told_and_kept_and_enter_stays_at_it(codes, expect, locale, typed, told):
    page = codes(locale=locale)
    answer_with(page, read_as("1204", "check", 0.8))
    bring(page, 2, 3)
    box, cell = page.locator(".code-box").first, page.locator(".cell-code").first
    box.fill(typed)
    expect(cell).to_contain_text(told)  # at once, under it
    box.press("Enter")
    expect(box).to_be_focused()
    expect(box).to_have_value(typed)
    expect(box).to_have_attribute("aria-describedby", cell.locator(".code-foreign").get_attribute("id"))
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(page.locator("code-table > .unseen")).to_contain_text(told)
    assert box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)") == (
        "O" if "O" in typed else typed
    )
    expect(page.locator("code-filter button").nth(1)).to_contain_text("2")
    page.locator(".code-table-head button").first.click()
    expect(page.locator("code-table [role=status]")).to_contain_text("2")
    box.fill("12 04-1/1,1.1")
    expect(cell).not_to_contain_text(told)
    box.press("Enter")
    expect(page.locator(".code-box").nth(1)).to_be_focused()
    expect(page.locator("code-filter button").nth(1)).to_contain_text("1")


def test_a_table_says_what_is_wrong_with_what_was_typed(codes, expect):
    page = codes()
    answer_with(page, read_as("1204", "check", 0.8))
    bring(page, 2)
    expect(page.locator(".code-table .code-badge")).to_have_text("check it")
    typed = "12O4" + 50 * " 5"  # kept whole, and in no column of codes
    page.locator(".code-box").fill(typed)
    assert exported(page) == [("2.png", "", "80.00", "check it", "1204", "1 2 3 4")]
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert f"“{typed}” holds O" in download.value.path().read_text(encoding="utf-8-sig")


def test_errors_are_told_in_the_language_of_now_and_nothing_is_sent_again(codes, expect, speak_french):
    page = codes(forgiven="Failed to load resource")
    bad = {"name": "bad.png", "mimeType": "image/png", "buffer": b"no picture"}
    cut = {"name": "cut.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 and no more"}
    page.set_input_files("#code-files", [bad, {**bad, "name": "a.png", "buffer": ones(3)}, cut])
    states = page.locator(".cell-state")
    expect(states.first).to_contain_text("Not a picture that Calame reads")
    expect(states.nth(2)).to_contain_text("Damaged picture")
    expect(page.locator(".code-reason")).to_contain_text("Not a picture that Calame reads")
    sent = speak_french(page)
    expect(states.first).to_contain_text("Pas une image que Calame lit")
    expect(states.nth(2)).to_contain_text("Image abîmée")
    expect(page.locator(".code-reason")).to_contain_text("Pas une image que Calame lit")
    page.click("#speak-en")
    expect(states.nth(2)).to_contain_text("Damaged picture")
    expect(states.first).to_contain_text("failed Not a picture that Calame reads")
    assert all("/locale/" in url for url in sent)


@pytest.mark.parametrize("width", [390, 1280])
def test_how_a_pile_is_read_stands_before_it_however_long_it_is(codes, expect, width):
    page = codes(viewport={"width": width, "height": 900})
    bring(page, 2, 2, 2)
    expect(page.locator(".code-table .code-badge")).to_have_count(3)
    tops = [page.locator(f"section.codes-{part}").bounding_box()["y"] for part in ("paper", "checks", "pile", "line")]
    assert tops == sorted(tops)
    assert page.locator("section.codes-answer").bounding_box()["y"] < tops[1]  # who draws sees the answer first


def test_a_row_shows_its_number_and_no_more_than_a_little_beside_it_dimmed(codes, expect):
    page = codes()
    answer_with(page, read_as("11", box=[60, 20, 110, 60]))
    bring(page, 3)  # 240 pixels wide, as it is told, and 80 high
    picture = page.locator(".code-open img.part")
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    assert box["width"] / box["height"] == pytest.approx((158 - 12) / (76 - 4), rel=0.02)
    clear = [picture.evaluate(f"picture => picture.style.getPropertyValue('--{end}')") for end in ("from", "to")]
    assert clear == [f"{100 * (side - 12) / 146:.2f}%" for side in (54, 116)]
    assert "linear-gradient" in picture.evaluate("picture => getComputedStyle(picture).maskImage")


@pytest.mark.parametrize("width", [360, 1600])
def test_axe_finds_nothing_under_a_filter_and_all_is_in_the_window(pile, expect, violations, width):
    page = pile(bypass_csp=True, reduced_motion="reduce", viewport={"width": width, "height": 800})
    show(page, "To check")
    page.get_by_label("Code in b.png").press("Enter")
    page.get_by_role("button", name="Remove c.png").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    show(page, "Failed")
    page.get_by_role("button", name="Remove e.png").click()
    expect(page.get_by_text("No row has failed.")).to_be_visible()
    assert violations(page) == []
