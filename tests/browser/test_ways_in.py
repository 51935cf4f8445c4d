"""Files, the camera and the samples."""

import re
from importlib import resources

import pytest

pytestmark = pytest.mark.browser
SAMPLES = resources.files("calame") / "samples"


def test_several_files_are_answered_in_their_places(page, expect, answer):
    page.click("#tab-import")
    page.set_input_files("#files", [str(SAMPLES / name) for name in ("scan-seven.png", "labels.csv", "fax-two.png")])
    expect(page.locator(".import-answer")).to_have_text(["7", "!", "2"])
    assert page.locator("li.failed").count() == 1
    answer(page, "7")
    page.click(".imports li:last-child button")
    answer(page, "2")


def test_a_dropped_file_opens_the_import(page, expect):
    page.evaluate("""async () => {
      const blob = await (await fetch('/v1/samples/scan-seven.png')).blob();
      const data = new DataTransfer();
      data.items.add(new File([blob], 'dropped.png', { type: 'image/png' }));
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, dataTransfer: data }));
    }""")
    expect(page.locator(".import-answer")).to_have_text("7")
    assert page.get_attribute("#tab-import", "aria-selected") == "true"


def test_a_refused_camera_is_said(page, expect):
    page.click("#tab-camera")
    page.click("camera-view .button")
    expect(page.locator("camera-view [role=status]")).to_contain_text(re.compile("refused|found"))


def test_a_camera_is_shown_in_its_frame_and_read(visit):
    page = visit(permissions=["camera"])
    page.click("#tab-camera")
    page.click("camera-view .button")
    page.wait_for_selector("camera-view.on .camera-guide")
    page.wait_for_selector("digit-answer:not(.empty)")
    page.click("text=Take it")
    page.wait_for_selector(".camera-taken:not([hidden])")


def test_a_sample_is_read_and_compared_with_its_label(page, expect):
    page.click("#tab-data")
    page.click(".sample[data-label='8']")
    expect(page.locator("data-browser [role=status]")).to_contain_text("read right")
    assert page.locator(".sample").count() == 12


def test_a_pdf_is_for_the_page_of_codes(page, expect):
    page.locator("#tab-import").click()
    page.set_input_files("#files", [{"name": "order.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}])
    expect(page.locator(".imports li")).to_contain_text("Codes reads every page of a PDF")
    page.get_by_role("link", name="Open Codes").click()
    expect(page.locator("#code-tab-draw")).to_be_visible()
