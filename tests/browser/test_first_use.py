"""What someone new does: corrects, copies an example, leaves a drawing, doubts an answer."""

import subprocess
import sys
from importlib import resources

import pytest

pytestmark = pytest.mark.browser
SAMPLES = resources.files("calame") / "samples"
SURES = [1, 0.99999, 0.9975, 0.9985, 0.9974, 0.0005]
ROUNDED = (
    "async all => { const page = await import('/static/js/words.js'); return all.map((one) => page.percent(one)); }"
)
DIGITS = "**/v1/digits*"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_digit_stays_legible_under_the_pointer(visit, draw, answer, expect, theme):
    page = visit(color_scheme=theme)
    draw(page)
    answer(page, "7")
    key = page.locator(".digit-key").nth(8)
    key.click()
    expect(key).to_have_attribute("aria-pressed", "true")
    style = "key => { const { color, backgroundColor } = getComputedStyle(key); return [color, backgroundColor]; }"
    under = key.evaluate(style)
    page.mouse.move(0, 0)
    assert key.evaluate(style) == under
    assert key.get_attribute("aria-label") == "It was an 8"


def test_the_python_example_runs_as_it_stands(visit):
    page = visit("/#/api", ready="api-page .code")
    code = page.locator(".code", has_text="import base64").locator("code").text_content()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.startswith("7 "), done.stderr


def test_shares_are_rounded_as_the_commands_round_them(page):
    from calame.locale.numbers import percent

    told = page.evaluate(
        ROUNDED,
        SURES,
    )
    assert told == [percent(one, 1) for one in SURES]


def test_a_drawing_is_kept_when_a_file_is_imported_over_it(page, draw, answer, expect):
    draw(page)
    answer(page, "7")
    page.click("#tab-import")
    page.set_input_files("#files", str(SAMPLES / "fax-two.png"))
    answer(page, "2")
    page.click("nav a[href='#/sheet']")
    expect(page.locator(".sheet-digit")).to_have_count(2)
    assert set(page.locator(".sheet-digit").all_text_contents()) == {"7", "2"}


@pytest.mark.parametrize(
    ("language", "said"), [("en-GB", "check it: 7, or 1?"), ("fr-FR", "à vérifier\u202f: 7, ou 1\u202f?")]
)
def test_an_unsure_answer_says_what_else_it_may_be(visit, draw, expect, language, said):
    page = visit(locale=language)

    def doubt(route):
        reading = route.fetch().json()
        route.fulfill(json={**reading, "confidence": 0.7, "top": [[7, 0.7], [1, 0.295], [2, 0.005]]})

    page.route(DIGITS, doubt)
    draw(page)
    expect(page.locator(".answer-check")).to_have_text(said)
    expect(page.locator(".badge")).to_contain_text("icture: " if language == "en-GB" else "Image\u202f: ")
    page.unroute_all(behavior="ignoreErrors")


@pytest.mark.parametrize(("language", "said"), [
    ("en-GB", "The picture by itself: excellent"), ("fr-FR", "L’image en elle-même\u00a0: excellente"),
])  # fmt: skip
def test_beneath_a_refusal_a_good_picture_is_no_cause_for_joy(visit, draw, expect, language, said):
    page = visit(locale=language)

    def refuse(route):
        reading = route.fetch().json()
        quality = {**reading["quality"], "level": "excellent"}
        route.fulfill(json={**reading, "digit": None, "rejected": "not_a_digit", "reason": "", "quality": quality})

    page.route(DIGITS, refuse)
    draw(page)
    badge = page.locator(".badge")
    expect(badge).to_have_text(said)
    quiet = page.locator(".answer-meta").evaluate("meta => getComputedStyle(meta).color")
    expect(badge).to_have_css("color", quiet)
    expect(page.locator(".quality dd")).to_have_count(4)
    page.unroute_all(behavior="ignoreErrors")
