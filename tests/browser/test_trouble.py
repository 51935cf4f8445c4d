"""A service that is busy, gone or slow: the page says so, and goes on by itself when it can."""

import json

import pytest

pytestmark = pytest.mark.browser
DIGITS = "**/v1/digits*"


@pytest.mark.parametrize(("status", "code"), [(503, "overloaded"), (429, "too_many_requests")])
def test_a_busy_service_is_asked_again(visit, draw, answer, expect, status, code):
    page = visit(forgiven="Failed to load resource")
    problem = json.dumps({"title": "Busy", "detail": "too many pictures are waiting; try again in 1 s", "code": code})
    page.route(DIGITS, lambda route: route.fulfill(status=status, headers={"Retry-After": "1"}, body=problem))
    draw(page, [[(140, 50), (140, 230)]])
    expect(page.locator(".answer-reason")).to_contain_text("Too many pictures are waiting")
    page.unroute(DIGITS)
    answer(page, "1")
    expect(page.locator(".kept")).not_to_be_empty()


def test_a_service_that_is_gone_is_said_and_found_again(visit, draw, answer, expect, violations):
    page = visit(forgiven="Failed to load resource", bypass_csp=True, reduced_motion="reduce")
    back: list[bool] = []  # no unroute: a request that it meets on its way is never answered
    page.route(DIGITS, lambda route: route.continue_() if back else route.abort())
    draw(page)
    expect(page.locator(".answer-reason")).to_contain_text("does not answer")
    assert violations(page) == []
    back.append(True)
    answer(page, "7")


def test_a_test_sheet_whose_service_is_gone_says_so_in_words(visit, draw, expect):
    page = visit(forgiven="Failed to load resource")
    draw(page)
    expect(page.locator(".kept")).not_to_be_empty()
    page.click("nav a[href='#/sheet']")
    page.wait_for_selector("input.truth")
    page.route("**/v1/history/*", lambda route: route.abort())
    page.focus("input.truth")
    page.keyboard.press("7")
    expect(page.locator("sheet-page [role=status]")).to_contain_text("does not answer")


def test_a_page_that_does_not_come_can_be_asked_for_again(visit, expect):
    page = visit(forgiven="Failed to load resource")
    page.route("**/v1/performance", lambda route: route.abort())
    page.click("nav a[href='#/performance']")
    expect(page.locator("#trouble")).to_contain_text("does not answer")
    page.unroute("**/v1/performance")
    page.click("#trouble-again")
    expect(page.locator(".chart h3").first).to_be_visible()
    expect(page.locator("#trouble")).to_be_hidden()


def test_a_slow_service_is_said_to_read_and_answers_in_the_end(page, draw, answer, expect):
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 900, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", slow)
    draw(page)
    expect(page.locator("digit-answer.waiting .answer-sure")).to_have_text("Reading…")
    answer(page, "7")


def test_a_file_that_is_too_large_does_not_stop_the_others(visit, expect, tmp_path):
    page = visit(forgiven="Failed to load resource")
    huge, text = tmp_path / "huge.jpg", tmp_path / "text.png"
    huge.write_bytes(bytes(21_000_000))
    text.write_text("no picture")
    page.click("#tab-import")
    page.set_input_files("#files", [str(huge), str(text)])
    words = page.locator(".import-words")
    expect(words.nth(0)).to_contain_text("20,000,000 bytes")
    expect(words.nth(1)).to_contain_text("Not a picture that Calame reads")


def test_a_refusal_is_told_in_the_language_of_now(visit, expect, speak_french):
    page = visit(forgiven="status of")
    page.click("#tab-import")
    page.set_input_files("import-list input", [{"name": "no.png", "mimeType": "image/png", "buffer": b"no picture"}])
    expect(page.locator(".answer-reason")).to_contain_text("Not a picture that Calame reads")
    sent = speak_french(page)
    expect(page.locator(".answer-reason")).to_contain_text("Pas une image que Calame lit")
    assert all("/locale/" in url for url in sent)
