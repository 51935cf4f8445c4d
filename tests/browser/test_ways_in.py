"""Files, the camera and the samples."""

import re
from importlib import resources
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from calame.drawing.png import png
from calame.imaging.codec import decode

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


def test_the_rows_of_the_list_are_told_in_the_language_of_now_and_not_sent_again(page, expect):
    page.click("#tab-import")
    blank = png(np.full((90, 90), 255, np.uint8))
    files = [("shown.png", blank), ("blank.png", blank), ("no.png", b"no picture"), ("order.pdf", b"%PDF-1.7")]
    page.set_input_files("#files", [{"name": name, "mimeType": "", "buffer": content} for name, content in files])
    words = page.locator(".import-words")
    expect(words).to_contain_text(["blank", "blank", "Not a picture that Calame reads", "Here one digit is read"])
    sent = []
    page.on("request", lambda one: sent.append(one.post_data_buffer or b""))
    page.click("#speak-fr")
    expect(words).to_contain_text(["vide", "vide", "Pas une image que Calame lit", "Ici se lit un seul chiffre"])
    page.wait_for_load_state("networkidle")
    assert not any(b"blank.png" in body or b"no.png" in body for body in sent)


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


@pytest.mark.parametrize("gone", ["#tab-draw", "[href='#/help']"])
def test_a_camera_goes_off_when_it_is_out_of_sight(visit, expect, gone):
    page = visit(permissions=["camera"])
    page.click("#tab-camera")
    page.click("camera-view .button")
    page.click("text=Take it")
    page.click(gone)
    expect(page.locator("camera-view video")).to_have_js_property("srcObject", None)


def test_the_camera_for_photos_goes_off_when_it_is_out_of_sight(visit, expect):
    page = visit("/#/pictures", forgiven="503 (Service Unavailable)", permissions=["camera"])  # without weights
    page.click("photo-camera .button")
    page.click("text=Take it")
    page.click("[href='#/help']")
    expect(page.locator("photo-camera video")).to_have_js_property("srcObject", None)
    page.go_back()
    page.click("photo-camera .button")  # it can be turned on again


def test_a_sample_is_read_and_compared_with_its_label(page, expect):
    page.click("#tab-data")
    page.click(".sample[data-label='8']")
    expect(page.locator("data-browser [role=status]")).to_contain_text("read right")
    assert page.locator(".sample").count() == 12


def test_mnist_begins_with_its_first_digit(visit, expect, answer):
    page = visit()
    eight = (SAMPLES / "blackboard-eight.jpg").read_bytes()
    page.route("**/v1/samples", lambda route: route.fulfill(json={"samples": [], "mnist": True}))
    page.route("**/v1/mnist/0", lambda route: route.fulfill(body=eight, headers={"X-Label": "8"}))
    page.click("#tab-data")
    page.click(".mnist [aria-label=Next]")
    expect(page.locator("#mnist-index")).to_have_value("0")
    answer(page, "8")


def test_a_pdf_is_for_the_page_of_codes(page, expect):
    page.locator("#tab-import").click()
    page.set_input_files("#files", [{"name": "order.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}])
    expect(page.locator(".imports li")).to_contain_text("Codes reads every page of a PDF")
    page.get_by_role("link", name="Open Codes").click()
    expect(page.locator("#code-tab-draw")).to_be_visible()


def test_a_transparent_picture_and_a_strip_are_harmed_as_they_are_read(page, expect, answer):
    seven = decode((SAMPLES / "scan-seven.png").read_bytes()).pixels
    ink = np.zeros((*seven.shape[:2], 4), np.uint8)  # black, and opaque where the sample is dark
    ink[..., 3] = 255 - seven.reshape(*seven.shape[:2], -1)[..., 0]
    Image.fromarray(ink).save(through := BytesIO(), "PNG")
    pictures = {"through.png": through.getvalue(), "strip.png": png(np.full((3, 4000), 255, np.uint8))}
    page.click("#tab-import")
    page.set_input_files("#files", [{"name": name, "mimeType": "", "buffer": it} for name, it in pictures.items()])
    answer(page, "7")
    expect(page.locator(".import-picture").first).to_have_css("background-color", "rgb(255, 255, 255)")
    page.locator("effect-panel").scroll_into_view_if_needed()
    page.fill("#effect-x", "-3")
    expect(page.locator("#effect-x + output")).to_have_text("−3%")
    page.fill("#effect-rotate", "5")
    answer(page, "7")
    page.click(".imports li:last-child button")
    expect(page.locator(".answer-reason")).to_have_text("the picture is blank")
