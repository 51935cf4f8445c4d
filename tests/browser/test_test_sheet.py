"""What is kept, corrected with one key, counted, searched and deleted."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def kept(page, draw, expect):
    """A page on its test sheet, a seven on it."""
    draw(page)
    expect(page.locator(".kept")).not_to_be_empty()
    page.click("nav a[href='#/sheet']")
    page.wait_for_selector("input.truth")
    return page


def test_one_key_on_the_paper_corrects(page, draw, expect):
    draw(page)
    page.wait_for_selector("digit-answer:not(.empty)")
    page.keyboard.press("1")
    expect(page.locator(".kept")).to_contain_text("it was a 1")
    page.click("nav a[href='#/sheet']")
    page.wait_for_selector(".verdict.wrong")
    assert page.locator("input.truth").count() == 1


def test_one_key_on_the_sheet_corrects_and_the_matrix_follows(kept, expect):
    kept.focus("input.truth")
    kept.keyboard.press("7")
    kept.wait_for_selector(".verdict.right")
    expect(kept.locator(".matrix td.right").nth(7)).to_have_text("1")
    assert "100" in kept.text_content(".totals .large")


def test_a_remark_is_kept_and_found(kept):
    kept.fill(".remark", "crossed at night")
    kept.keyboard.press("Tab")
    kept.wait_for_timeout(200)
    kept.fill("input[type=search]", "night")
    kept.wait_for_timeout(600)
    assert kept.locator("input.truth").count() == 1
    kept.fill("input[type=search]", "nothing like it")
    kept.wait_for_selector(".sheet-empty:not([hidden])")


def test_deleting_one_or_all(kept):
    kept.click("text=Delete all")
    kept.click("text=Keep them")
    assert kept.locator("input.truth").count() == 1
    kept.click(".sheet-delete button")
    kept.wait_for_selector(".sheet-empty:not([hidden])")


def test_nothing_is_kept_when_keeping_is_off(kept, draw, expect):
    kept.click("sheet-page .toggle")
    kept.click("nav a[href='#/']")
    kept.click("text=Clear")
    draw(kept)
    kept.wait_for_timeout(2200)
    kept.click(".digit-key >> nth=4")
    expect(kept.locator(".kept")).to_contain_text("not kept now")
    kept.click("nav a[href='#/sheet']")
    kept.wait_for_timeout(400)
    assert kept.locator("input.truth").count() == 1
    kept.click("sheet-page .toggle")
    kept.wait_for_timeout(200)


def test_a_drawing_that_goes_on_is_kept_once(page, draw, expect):
    draw(page, [[(80, 75), (195, 75), (150, 150), (125, 215)]])
    expect(page.locator(".kept")).not_to_be_empty()
    first = page.text_content(".kept")
    draw(page, [[(115, 150), (185, 145)]])
    expect(page.locator(".kept")).not_to_have_text(first)
    page.click("nav a[href='#/sheet']")
    page.wait_for_selector("input.truth")
    assert page.locator("input.truth").count() == 1
