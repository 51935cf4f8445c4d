"""The page of numbers: written, brought in, checked, handed to a person, taken away as a table; by keyboard too."""

import csv
import io
import re
import zipfile

import pytest
from PIL import Image

from calame.locale import text
from calame.locale.numbers import percent
from made_codes import OF_PICTURE, answer_with, bring, exported, ones, read_as

pytestmark = pytest.mark.browser


def write(page, count=3):
    """Draw sevens on the line, with the mouse."""
    box = page.locator("line-pad .pad-paper").bounding_box()
    for place in range(count):
        x = box["x"] + box["width"] * (0.2 + 0.15 * place)
        page.mouse.move(x - 35, box["y"] + box["height"] * 0.2)
        page.mouse.down()
        page.mouse.move(x + 25, box["y"] + box["height"] * 0.18, steps=6)
        page.mouse.move(x - 20, box["y"] + box["height"] * 0.8, steps=6)
        page.mouse.up()


def test_a_number_is_read_while_it_is_written(codes, expect):
    page = codes()
    write(page)
    expect(page.locator(".code-text")).to_have_text("777")
    expect(page.locator(".code-badge").first).to_have_text("accepted")
    expect(page.locator(".code-boxes .digit, .code-boxes .weak")).to_have_count(3)
    expect(page.locator(".code-bars")).to_have_count(3)
    expect(page.locator(".code-seen img")).to_be_visible()
    expect(page.locator(".code-readers dd").first).to_contain_text("777")


def test_by_keyboard_alone(codes, expect):
    page = codes()
    page.locator("line-pad .pad-paper").focus()
    for _ in range(3):
        page.keyboard.press("Space")
        for _ in range(14):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        for _ in range(14):
            page.keyboard.press("ArrowUp")
        for _ in range(9):
            page.keyboard.press("ArrowRight")
    expect(page.locator(".code-text")).to_have_text(re.compile(r"\d\d"))
    page.keyboard.press("Delete")
    expect(page.locator(".code-text")).to_have_text("")
    page.locator("#code-tab-draw").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#code-way-import")).to_be_visible()


def test_a_check_that_fails_is_in_plain_sight_and_no_answer(codes, expect):
    page = codes(forgiven="422")
    write(page)
    page.select_option(".check-kind", "length")
    page.fill(".check-what", "9")
    expect(page.locator(".code-badge").first).to_have_text("check it")
    expect(page.locator(".code-reason")).to_contain_text("length(9)")
    page.fill(".check-what", "9, 8")
    expect(page.locator(".code-reason")).to_contain_text("length(9, 8)")
    page.select_option(".check-kind", "none")
    expect(page.locator(".code-badge").first).to_have_text("accepted")


@pytest.mark.parametrize(("locale", "words"), [("en-GB", "Not checked yet"), ("fr-FR", "Pas encore contrôlé")])
def test_a_check_that_is_not_filled_in_checks_nothing(codes, expect, locale, words):
    page, asked = codes(locale=locale), []
    page.on("request", lambda one: "/v1/codes?" in one.url and asked.append(one.url))
    bring(page, 3)
    expect(page.locator(".code-badge.accepted").first).to_be_visible()
    page.select_option(".check-kind", "length")
    what, unset = page.locator(".check-what"), page.locator(".check-unset")
    expect(what).to_have_value("")
    expect(what).to_have_attribute("placeholder", re.compile("10$"))
    expect(what).to_have_accessible_description(re.compile(words))
    what.fill("three")
    expect(what).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".code-table .code-badge")).to_have_class("code-badge accepted")
    assert not [url for url in asked if "check=" in url]
    what.fill("4")
    expect(page.locator(".code-table .code-badge")).to_have_class("code-badge check")
    expect(unset).to_be_hidden()
    assert {url.partition("check=")[2].partition("&")[0] for url in asked if "check=" in url} == {"length%284%29"}


def test_a_wish_for_few_wrong_answers_says_what_it_costs(codes, expect):
    page = codes(forgiven="400")
    write(page)
    expect(page.locator("#code-input")).to_be_hidden()
    page.select_option("#code-wish", "1/20")
    expect(page.locator("code-answer")).to_contain_text("At this limit")
    page.select_option("#code-input", "six")
    expect(page.locator("code-answer")).to_contain_text("six digits")
    page.evaluate("document.querySelector('#code-wish').append(new Option('1/1000', '1/1000'))")
    page.select_option("#code-wish", "1/1000")
    expect(page.locator(".code-reason")).to_contain_text("cannot be promised")


def test_a_pile_is_read_corrected_and_taken_away(codes, expect):
    page = codes()
    page.select_option(".check-kind", "length")
    page.fill(".check-what", "3")
    bring(page, 3, 4)
    boxes = page.locator(".code-box")
    expect(boxes.first).to_have_value("111")
    expect(page.locator(".code-table tr .code-badge")).to_have_text(["accepted", "check it"])
    boxes.first.focus()
    page.keyboard.press("Enter")  # accepted already: goes on
    expect(boxes.nth(1)).to_be_focused()
    page.keyboard.press("Enter")  # fits no check: passed by
    page.keyboard.press("ArrowRight")  # it is meant
    expect(page.locator(".code-table tr .code-badge")).to_have_text(["accepted", "by hand"])
    with page.expect_download() as download:
        page.locator(".code-table-head button").first.click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    assert next((row[0], row[1], row[3]) for row in rows[1:]) == ("3.png", "111", "accepted")
    assert rows[2][3] == "by hand"
    with page.expect_download() as download:
        page.locator(".code-table-head button").nth(1).click()
    assert zipfile.is_zipfile(download.value.path())
    page.locator(".code-table-head .quietly").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep it").click()  # what was typed is not lost by a slip
    expect(page.locator(".code-table tr .code-badge")).to_have_count(2)
    page.locator(".code-table-head .quietly").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear the list").click()
    expect(page.locator("code-table")).to_be_hidden()


def test_a_heavy_file_is_in_no_other_files_way_and_can_be_tried_again(codes, expect):
    page = codes(forgiven="413")
    files = [{"name": f"{name}.png", "mimeType": "image/png", "buffer": content}
             for name, content in (("a", ones(3)), ("heavy", bytes(20_100_000)), ("b", ones(4)))]  # fmt: skip
    page.set_input_files("#code-files", files)
    badges = page.locator(".code-table tr .code-badge")
    expect(badges.nth(1)).to_have_text("failed")
    expect(page.locator(".code-box").first).to_have_value("111")
    expect(page.locator(".code-box").nth(2)).to_have_value("1111")
    expect(page.locator("code-table [role=status]")).to_contain_text("Pictures done: 3 of 3")
    expect(page.locator("code-table [role=status]")).to_contain_text("failed: 1")
    page.locator(".cell-state button").click()
    expect(badges.nth(1)).to_have_text("failed")


def document(kind, *counts):
    """Pages with so many ones each, as a scanner makes them."""
    pages, content = [Image.open(io.BytesIO(ones(count))) for count in counts], io.BytesIO()
    pages[0].save(
        content, kind, save_all=True, append_images=pages[1:], **({"resolution": 200} if kind == "PDF" else {})
    )
    return {"name": f"scan.{kind.lower()}", "mimeType": "", "buffer": content.getvalue()}


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_each_page_of_a_document_is_a_row_of_its_own(codes, expect, kind):
    page = codes(locale="fr-FR")
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": ones(2)}
    page.set_input_files("#code-files", [document(kind, 3, 4, 5), picture])
    names = [*(f"scan.{kind.lower()} · p. {place}" for place in (1, 2, 3)), "a.png"]
    expect(page.locator(".code-table tr .code-badge")).to_have_count(4)
    expect(page.locator(".cell-file")).to_have_text(names)
    for place, read in enumerate(("111", "1111", "11111", "11")):
        expect(page.locator(".code-box").nth(place)).to_have_value(read)
    expect(page.locator(".code-open img.unshown")).to_have_count(0)
    expect(page.locator(".code-open img").first).to_have_css("object-view-box", re.compile("inset"))  # the number alone
    page.locator(".code-box").nth(2).focus()
    expect(page.locator(".code-text")).to_have_text("11111")
    expect(page.locator(".code-table tr.shown .cell-file")).to_have_text(names[2])
    page.locator(".cell-file").first.click()
    expect(page.locator(".code-text")).to_have_text("111")
    with page.expect_download() as download:
        page.locator(".code-table-head button").first.click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig")), delimiter=";"))
    for place in (1, 2, 3):  # the same as a program is told of the document
        told = read_by_api(page, document(kind, 3, 4, 5), place)
        assert float(rows[place][2].replace(",", ".")) == pytest.approx(100 * told["confidence"], abs=0.006)
        assert rows[place][9] == " ".join(map(str, told["box"]))
    assert [row[0] for row in rows[1:]] == [*(f"scan.{kind.lower()}#page={place}" for place in (1, 2, 3)), "a.png"]


def read_by_api(page, document, number):
    """What `POST /v1/codes` says of a page of a document."""
    sent = {"image": {**document, "mimeType": "application/octet-stream"}}
    return page.request.post(page.url.split("/#")[0] + f"/v1/codes?page={number}", multipart=sent).json()


def test_a_bad_document_and_a_page_that_does_not_come_stop_no_other(codes, expect):
    page = codes(forgiven="status of")
    page.route("**/v1/pages?page=2", lambda route: route.fulfill(status=503, json={"detail": "Full."}))
    bad = {"name": "bad.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 and no more"}
    page.set_input_files("#code-files", [bad, document("PDF", 3), document("PDF", 4, 5, 3)])
    badges = page.locator(".code-table tr .code-badge")
    expect(badges).to_have_text(["failed", "accepted", "accepted", "failed", "accepted"])
    expect(page.locator(".cell-file")).to_have_text(["bad.pdf", "scan.pdf", *(f"scan.pdf · p. {n}" for n in (1, 2, 3))])
    expect(page.locator(".cell-state").first).to_contain_text("Damaged picture")
    expect(page.locator("code-table [role=status]")).to_contain_text("Pictures done: 5 of 5")
    page.unroute("**/v1/pages?page=2")
    page.locator(".cell-state button").nth(1).click()
    expect(badges).to_have_text(["failed", "accepted", "accepted", "accepted", "accepted"])
    expect(page.locator(".code-box").nth(3)).to_have_value("11111")


def test_what_is_typed_is_checked_and_its_picture_is_shown(codes, expect):
    page = codes()
    page.select_option(".check-kind", "length")
    page.fill(".check-what", "3")
    bring(page, 3, 4)
    expect(page.locator(".code-table tr .code-badge").nth(1)).to_have_text("check it")
    box = page.locator(".code-box").nth(1)
    box.fill("11 11")
    expect(page.locator(".code-table tr").nth(2)).to_have_class("shown")
    expect(page.locator(".cell-state").nth(1)).to_contain_text("length(3)")
    box.fill("11-1")
    expect(page.locator(".cell-state").nth(1)).not_to_contain_text("length(3)")
    expect(page.locator(".code-badge.person")).to_have_text("by hand")


def test_several_numbers_of_a_picture_and_a_file_that_is_none(codes, expect):
    page = codes(forgiven="415")
    page.locator("code-checks .switch").check()
    bring(page, 4)
    expect(page.locator(".code-text")).to_have_text("1111")
    page.set_input_files("#code-files", [{"name": "no.png", "mimeType": "image/png", "buffer": b"no picture"}])
    expect(page.locator(".code-page .code-badge")).to_have_text("failed")


def test_an_emptied_box_says_that_there_is_no_number(codes, expect):
    page = codes()
    answer_with(page, read_as("1234"))
    bring(page, 3)
    box, state = page.locator(".code-box"), page.locator(".cell-state")
    expect(box).to_have_value("1234")
    box.fill("")
    expect(state).to_contain_text("by hand No number here")
    expect(box).to_have_attribute("placeholder", "")
    assert exported(page) == [("3.png", "", "90.00", "by hand", "1234", "1 2 3 4")]
    box.fill("1235")
    expect(state).to_have_text("by hand")
    assert exported(page) == [("3.png", "1235", "90.00", "by hand", "1234", "1 2 3 4")]
    box.fill("1234")  # as it was read
    assert exported(page) == [("3.png", "1234", "90.00", "accepted", "", "1 2 3 4")]


def test_a_french_table_has_the_words_of_the_commands(codes, expect):
    page = codes(locale="fr-FR")
    reason = text("reading.doubt.likely", "fr")
    doubtful = {"rejected": None, "doubt": "likely", "reason": reason, "alternatives": [["17", 0.024], ["11", 0.0009]]}
    answer_with(page, read_as("12", "check", 0.3, **doubtful))
    bring(page, 2)
    expect(page.locator(".code-table .code-badge")).to_have_count(1)
    with page.expect_download() as download:
        page.locator(".code-table-head button").first.click()
    (row,) = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig")), delimiter=";"))[1:]
    expect(page.locator("code-table [role=status]")).to_have_text("Exporté\u202f; 1 attend encore votre réponse.")
    assert (row[4], row[6]) == (reason, f"17 ({percent(0.024, 1, 'fr')})")


@pytest.mark.parametrize(("locale", "words"), [("en-GB", "Written 619,08"), ("fr-FR", "Écrit 619,08")])
def test_what_stands_between_the_digits_is_told(codes, expect, locale, words):
    page = codes(locale=locale)
    written = page.locator(".code-written")
    answer_with(page, read_as("61908", "check", 0.6, written="619,08"))
    bring(page, 5)
    expect(written).to_have_text(words)
    assert last_cells(page) == ["619,08"]
    beside = page.locator(".cell-code .code-as")
    expect(beside).to_have_text(words)
    page.locator(".code-box").press("Enter")
    assert last_cells(page) == ["619,08"]
    page.locator(".code-box").fill("61909")  # how that is written nobody has read
    assert last_cells(page) == [""]
    expect(beside).to_be_hidden()
    page.unroute("**/v1/codes?*")
    answer_with(page, read_as("12"))
    bring(page, 2)
    page.locator(".code-box").nth(1).focus()
    expect(page.locator(".code-text")).to_have_text("12")
    expect(written).to_be_hidden()


@pytest.mark.parametrize("typed", ["619,09", "6 19.09", "619/0-9"])
@pytest.mark.parametrize("alone", [False, True])
def test_of_what_is_typed_as_on_the_form_the_code_has_the_digits_alone(codes, expect, typed, alone):
    page = codes(forgiven="Failed to load resource" if alone else None)
    answer_with(page, read_as("61908", "check", 0.6, written="619,08"))
    bring(page, 5)
    expect(page.locator(".code-table .code-badge")).to_have_text("check it")
    if alone:
        page.route("**/v1/codes/sheet.*", lambda route: route.abort())
    page.locator(".code-box").fill(typed)
    assert exported(page) == [("5.png", "61909", "60.00", "by hand", "61908", "1 2 3 4")]
    assert last_cells(page) == [typed]
    page.locator(".code-box").fill("619O9")
    assert [row[1] for row in exported(page)] == [""]


def last_cells(page):
    with page.expect_download() as download:
        page.locator(".code-table-head button").first.click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()[1:]
    return [re.split('[,;](?=")', line)[-1].strip('"') for line in lines]


def test_a_guess_is_taken_away_by_one_key(codes, expect):
    page = codes()
    answer_with(page, read_as("12", "check", 0.6))
    bring(page, 2)
    box = page.locator(".code-box")
    expect(box).to_have_attribute("placeholder", "12")
    box.press("Backspace")
    expect(page.locator(".cell-state")).to_contain_text("No number here")
    assert exported(page) == [("2.png", "", "60.00", "by hand", "12", "1 2 3 4")]


def test_one_alone_is_told_as_one(codes, expect):
    page = codes(locale="fr-FR")
    status = page.locator("code-table [role=status]")
    for name, state in (("1", "accepted"), ("2", "accepted"), ("3", "refused")):
        answer_with(page, read_as("12", state))
        page.set_input_files("#code-files", [{"name": name, "mimeType": "image/png", "buffer": ones(2)}])
        expect(status).to_contain_text(f"{name} sur {name}")
        if name == "1":
            expect(status).to_contain_text("acceptée\u00a0: 1")
    expect(status).to_contain_text("acceptées\u00a0: 2 · à vérifier\u00a0: 1 (refusée\u00a0: 1)")


def test_a_row_is_taken_out_by_keyboard(codes, expect):
    page = codes()
    answer_with(page, read_as("12"))
    bring(page, 1, 2, 3)
    expect(page.locator(".code-table .code-badge")).to_have_count(3)
    page.get_by_role("button", name="Remove 2.png").press("Enter")
    expect(page.locator(".cell-file")).to_have_text(["1.png", "3.png"])
    expect(page.get_by_label("Code in 3.png")).to_be_focused()
    expect(page.locator("code-table [role=status]")).to_contain_text("Pictures done: 2 of 2")
    page.get_by_role("button", name="Remove 3.png").press("Enter")  # the last one: back to the one before
    expect(page.get_by_label("Code in 1.png")).to_be_focused()
    expect(page.locator(".code-table tr.shown .cell-file")).to_have_text("1.png")
    page.get_by_role("button", name="Remove 1.png").press("Enter")
    expect(page.locator(".code-box")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_focused()


@pytest.mark.parametrize(
    ("locale", "told", "why"),
    [("en-GB", {"doubt": "lines", "rejected": None}, "Perhaps several numbers."),
     ("fr-FR", {"size": [1654, 2339]}, "Peut-être une page entière de nombres.")],
)  # fmt: skip
def test_one_button_reads_again_for_several_numbers(codes, expect, locale, told, why):
    page, asked = codes(locale=locale), []
    one = {**OF_PICTURE, **read_as("1122", "check", 0.4), **told}
    many = {**OF_PICTURE, "numbers": [read_as("11", box=[20, 10, 70, 60]), read_as("22", "check")]}

    def fulfil(route):
        asked.append("several" in route.request.url)
        route.fulfill(json=many if asked[-1] else one)

    page.route("**/v1/codes?*", fulfil)
    bring(page, 4)
    propose, switch = page.locator(".code-propose"), page.locator("code-checks .switch")
    expect(propose.locator("span")).to_have_text(why)
    propose.locator("button").press("Enter")
    expect(page.locator(".code-numbers .code-choice")).to_have_text(["11", "22"])
    expect(page.locator(".code-choice.check")).to_have_text("22")
    crop = page.locator(".code-crop")  # the one that is looked at, large
    assert crop.evaluate("crop => [crop.width, crop.height]") == [95, 80]
    assert crop.evaluate("crop => new Set(crop.getContext('2d').getImageData(0, 0, 95, 80).data).size") > 1
    expect(page.locator(".code-box").first).to_have_value("11")
    expect(propose).to_be_hidden()
    expect(switch).to_be_checked()
    expect(switch).to_be_focused()
    page.unroute("**/v1/codes?*")
    answer_with(page, read_as("12", "check", 0.4))  # the picture of a line
    switch.uncheck()
    expect(page.locator(".code-text")).to_have_text("12")
    expect(propose).to_be_hidden()
    expect(crop).to_be_hidden()


def test_a_row_of_a_page_that_is_read_as_one_number_has_the_button_too(codes, expect):
    page = codes()
    answer_with(page, read_as("12345678901", "check", 0.14))
    state = page.locator(".cell-state")
    bring(page, 2)
    expect(page.locator(".cell-state")).to_have_text("check it Not sure enough to answer")  # the picture of a line
    page.locator(".code-table-head .quietly").click()
    scan = {**read_as("12345678901", "check", 0.14), "size": [1654, 2339]}
    page.unroute("**/v1/codes?*")
    page.route("**/v1/codes?*", lambda route: route.fulfill(json={**OF_PICTURE, **scan}))
    bring(page, 3)
    expect(state).to_contain_text("Not sure enough to answer. Perhaps a whole page of numbers.")
    page.locator(".code-box").press("ArrowRight")
    expect(state.locator("button")).to_have_count(0)
    bring(page, 4)
    seek = state.nth(1).get_by_role("button", name="Read several numbers")
    expect(seek).to_be_visible()
    page.unroute("**/v1/codes?*")
    answer_with(page, {"numbers": [read_as("11"), read_as("22")]})
    seek.press("Enter")
    expect(page.locator(".code-number")).to_have_count(4)
    expect(page.locator("code-checks .switch")).to_be_checked()
    expect(page.locator("code-checks .switch")).to_be_focused()


DIGITS = [
    {"digit": digit, "confidence": 0.9, "box": [60 * place, 10, 60 * place + 40, 70], "probabilities": [0.1] * 10}
    for place, digit in enumerate((1, 7))
]
REPAIRED = {
    "text": None, "confidence": 0.7, "state": "check", "digits": DIGITS, "rejected": "repaired",
    "reason": "it would have to be otherwise", "guess": "11", "alternatives": [["17", 0.2]],
    "repaired": True, "suggestion": "17",
    "changes": [{"place": 1, "read": "1", "instead": "7"}],
    "failed": ["luhn"], "separators": [], "box": [0, 10, 100, 70],
    "readers": [{"reader": "line", "name": "line network", "text": "11", "confidence": 0.7},
                {"reader": "cutting", "name": "cut into digits", "text": "17", "confidence": 0.6}],
    "size": [240, 80], "milliseconds": {"decode": 1, "read": 5}, "model": "digits@1",
}  # fmt: skip


def test_a_change_that_a_check_asks_for_is_seen_and_is_no_answer(codes, expect):
    page = codes()
    page.route("**/v1/codes?*", lambda route: route.fulfill(json=REPAIRED))
    write(page, 2)
    expect(page.locator(".code-text mark")).to_have_text("1")
    expect(page.locator(".code-badge").first).to_have_text("check it")
    expect(page.locator(".code-changes li")).to_have_text(["place 21→7"])
    expect(page.locator(".code-change")).to_have_text(["would have to be: 7"])
    expect(page.locator(".code-readers .verdict")).to_have_text("They differ: look yourself.")


def differing(state, cutting, sure=0.967):
    """A number that the line network reads as 11, and the other reader otherwise, with this share."""
    readers = [{"reader": "line", "name": "line network", "text": "11", "confidence": 0.95},
               {"reader": "cutting", "name": "cut into digits", "text": cutting, "confidence": 0.06}]  # fmt: skip
    return read_as("11", state, sure, readers=readers)


COUNTED = {
    "en-GB": "They differ: by itself, “cut into digits” reads 17 (6.0%). The confidence of 96.7% already takes this "
    "into account; no look is asked for.",
    "fr-FR": "Ils ne sont pas d’accord\u202f: seul, «\u202fdécoupe en chiffres\u202f» lit 17 (6,0\u202f%). La "
    "confiance de 96,7\u202f% en tient déjà compte\u202f; aucune vérification n’est demandée.",
}


@pytest.mark.parametrize(("locale", "nothing"), [("en-GB", "” reads nothing (6"), ("fr-FR", "» lit rien (6")])
def test_a_number_is_accepted_and_no_look_is_asked_for_where_the_readers_differ(codes, expect, locale, nothing):
    page = codes(locale=locale)
    answer_with(page, differing("accepted", "17"))
    bring(page, 2)
    expect(page.locator(".code-readers .verdict")).to_have_text(COUNTED[locale])
    page.unroute("**/v1/codes?*")
    answer_with(page, differing("accepted", ""))
    bring(page, 3)
    page.locator(".code-box").nth(1).focus()
    expect(page.locator(".code-readers .verdict")).to_contain_text(nothing)


@pytest.mark.parametrize(
    ("locale", "words"), [("en-GB", "Neither read a number."), ("fr-FR", "Aucun des deux n’a lu de nombre.")]
)
def test_readers_that_say_nothing_do_not_agree(codes, expect, locale, words):
    page = codes(locale=locale)
    silent = [{"reader": name, "name": name, "text": "", "confidence": 0.9} for name in ("line", "cutting")]
    answer_with(page, read_as("", "refused", 0, guess=None, rejected="no_digits", box=None, readers=silent))
    bring(page, 2)
    expect(page.locator(".code-readers .verdict")).to_have_text(words)
    expect(page.locator(".code-readers .right")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_of_what_is_read(codes, expect, violations, scheme):
    page = codes(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    page.route("**/v1/codes?*", lambda route: route.fulfill(json=REPAIRED))
    write(page)
    expect(page.locator(".code-changes")).to_be_visible()
    assert violations(page) == []
    bring(page, 3)
    expect(page.locator(".code-table .code-badge")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("width", [360, 1600])
def test_nothing_is_wider_than_the_window_when_it_is_full(codes, expect, width):
    page = codes(viewport={"width": width, "height": 800}, locale="fr-FR")
    bring(page, 16, 2)
    expect(page.locator(".code-table tr .code-badge")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
