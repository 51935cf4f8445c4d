"""Drawing by mouse, touch and keys, and the answer that comes while one draws."""

import pytest

pytestmark = pytest.mark.browser
WIDE = """y => {
  const paper = document.querySelector('.pad-ink'), { width } = paper;
  const row = paper.getContext('2d').getImageData(0, Math.round(y / 280 * width), width, 1).data;
  return row.filter((value, at) => at % 4 === 0 && value < 128).length;
}"""  # how many pixels of a row have ink
FOUR = [[(165, 60), (160, 225)], [(105, 60), (85, 150), (190, 150)]]  # the leg first


def test_a_seven_drawn_with_the_mouse_is_read(page, draw, answer):
    draw(page)
    answer(page, "7")
    assert "sure" in page.text_content(".answer-sure")
    assert page.locator(".answer-top li").count() == 3
    page.wait_for_selector(".step-picture:not([hidden])")
    assert page.locator(".step").count() >= 16


def test_the_answer_comes_before_the_pen_is_lifted(page, answer):
    box = page.locator(".pad-paper").bounding_box()
    place = lambda x, y: (box["x"] + x / 280 * box["width"], box["y"] + y / 280 * box["height"])  # noqa: E731
    page.mouse.move(*place(140, 50))
    page.mouse.down()
    page.mouse.move(*place(140, 230), steps=8)
    answer(page, "1")
    page.mouse.up()


def test_a_four_drawn_with_keys_alone_is_read(page, answer):
    page.focus(".pad-paper")
    keys(page, "ArrowUp", 2, "ArrowLeft", 4)
    held(page, "ArrowDown", 11, "ArrowRight", 12)
    keys(page, "ArrowUp", 7, "ArrowLeft", 3)
    page.keyboard.press("Space")
    keys(page, "ArrowDown", 15)
    page.keyboard.press("Space")
    answer(page, "4")


def test_a_pen_draws_as_wide_as_it_is_pressed_and_its_palm_does_not(visit, answer):
    page = visit(has_touch=True)
    device, box = page.context.new_cdp_session(page), page.locator(".pad-paper").bounding_box()

    def pen(kind, y, force):
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + y / 280 * box["height"], "button": "left", "buttons": 1}
        device.send("Input.dispatchMouseEvent", {"type": kind, "pointerType": "pen", "force": force, **at})

    pen("mousePressed", 50, 0.1)
    for step in range(1, 19):
        pen("mouseMoved", 50 + 10 * step, 0.05 * step)
    pen("mouseReleased", 230, 0)
    answer(page, "1")
    assert 0 < page.evaluate(WIDE, 70) < page.evaluate(WIDE, 210)
    palm = [{"x": box["x"] + 60, "y": box["y"] + 60}]
    device.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": palm})
    device.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert page.evaluate("document.querySelector('.pad-tools .tool:nth-of-type(4)').disabled")  # nothing more to redo


def test_a_digit_drawn_with_a_finger_is_read_and_a_second_finger_draws_nothing(visit, answer):
    page = visit(has_touch=True, viewport={"width": 360, "height": 780})
    device, box = page.context.new_cdp_session(page), page.locator(".pad-paper").bounding_box()

    def touch(kind, *places):
        points = [
            {"x": box["x"] + x / 280 * box["width"], "y": box["y"] + y / 280 * box["height"], "id": number}
            for number, (x, y) in enumerate(places)
        ]
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (140, 50))
    touch("touchMove", (140, 120))
    touch("touchStart", (140, 120), (230, 250))
    touch("touchMove", (140, 230), (250, 200))
    touch("touchEnd")
    answer(page, "1")
    assert page.text_content("#echo").startswith("1")


def keys(page, *moves):
    for key, count in zip(moves[::2], moves[1::2], strict=True):
        for _ in range(count):
            page.keyboard.press(key)


def held(page, *moves):
    """Draw with the space bar held down."""
    page.keyboard.down("Space")
    keys(page, *moves)
    page.keyboard.up("Space")


def test_undo_redo_eraser_and_clear(page, draw, answer):
    draw(page, FOUR)
    answer(page, "4")
    page.click("[aria-label=Undo]")
    answer(page, "1")
    page.click("[aria-label=Redo]")
    answer(page, "4")
    page.click("[aria-label=Eraser]")
    draw(page, [[(x, y) for y in range(40, 250, 12) for x in (60, 220)]])
    page.wait_for_selector("digit-answer.refused")
    page.click("text=Clear")
    page.wait_for_selector("digit-answer.empty")
    assert page.is_visible(".pad-hint")


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_undo_with_the_pen_down_lifts_it(page, answer, by):
    if by == "keys":
        page.focus(".pad-paper")
        page.keyboard.press("Space")
        keys(page, "ArrowDown", 15)
    else:
        box = page.locator(".pad-paper").bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 200, steps=4)
    answer(page, "1")
    page.keyboard.press("Control+z")
    page.mouse.move(box["x"] + 90, box["y"] + 90) if by == "mouse" else keys(page, "ArrowLeft", 5)
    page.wait_for_selector("digit-answer.empty")
    assert page.is_visible(".pad-hint")
    assert not any(page.evaluate(WIDE, y) for y in range(0, 280, 4))


def test_a_step_turned_off_is_left_out(page, draw, answer):
    draw(page)
    page.wait_for_selector(".step-picture:not([hidden])")
    page.click("[aria-label^='Denoise']")
    page.wait_for_selector(".step.off")
    answer(page, "7")
    page.click("step-list > .quietly")
    page.wait_for_selector(".step.off", state="detached")


def test_sliders_change_what_is_read(page, draw, expect):
    draw(page)
    expect(page.locator(".kept")).not_to_be_empty()  # the last stroke is read
    before = page.text_content(".answer-top")
    page.locator("effect-panel").scroll_into_view_if_needed()
    page.fill("#effect-rotate", "45")
    expect(page.locator(".answer-top")).not_to_have_text(before)
    page.click("effect-panel .quietly")
    expect(page.locator(".answer-top")).to_have_text(before)


def test_maps_come_with_every_layer_and_can_be_walked_by_keys(page, draw):
    draw(page)
    page.locator("feature-grid").scroll_into_view_if_needed()
    page.wait_for_selector(".map")
    assert page.locator("#layer option").count() > 10
    page.focus(".map")
    page.keyboard.press("ArrowRight")
    assert page.text_content(".map-figure figcaption").startswith("Map 1 of")  # the second, counted from 0
    page.click("summary")
    page.wait_for_selector(".filters .map")


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_a_weight_of_nothing_has_the_colour_of_the_page(visit, draw, scheme, dark):
    page = visit(color_scheme=scheme)
    draw(page)
    page.locator("feature-grid").scroll_into_view_if_needed()
    page.wait_for_selector(".map")  # of the first convolution, before its ReLU; in its corner there is no ink
    page.wait_for_timeout(100)  # until it is painted
    corner = "(canvas) => canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0]"
    assert (page.locator(".map canvas").first.evaluate(corner) < 60) == dark
    assert page.locator(".map-figure .map-scale").first.bounding_box()["width"] < 200  # it keeps to its figure


def test_the_language_changes_and_the_drawing_stays(page, draw, answer, expect):
    draw(page)
    answer(page, "7")
    ink = "document.querySelector('.pad-ink').toDataURL()"
    before = page.evaluate(ink)
    page.click("#speak-fr")
    expect(page.locator(".answer-sure")).to_contain_text("sûr à")
    assert page.evaluate(ink) == before
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert page.text_content("#answer-title") == "La lecture"
    page.goto(page.url.split("#")[0] + "#/help")
    page.wait_for_selector("help-page h1")
    assert page.text_content("help-page h1") == "Aide"
