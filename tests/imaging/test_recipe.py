"""Recipes are text that round-trips, is never evaluated, and names what it does not know."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from calame.errors import BadRecipe
from calame.imaging.recipe import COLOURED, DEFAULT, name_of, parse, run
from calame.imaging.steps import STEPS
from calame.types import Picture


def drawing():
    pixels = np.full((120, 90), 235, np.uint8)
    pixels[20:100, 40:50] = 30
    return Picture(pixels)


def test_text_round_trips():
    assert str(parse("grey|limit( 320 )")) == "grey | limit(longer=320)"
    assert str(parse("limit")) == "limit(longer=400)"  # a stored recipe outlives our defaults
    assert str(parse(str(parse(DEFAULT)))) == str(parse(DEFAULT))
    assert parse("limit(320)") == parse("limit(longer=320)")


@pytest.mark.parametrize("name", STEPS)
def test_every_step_is_known_by_its_name_and_can_be_written(name):
    step = STEPS[name]()
    assert name_of(step) == name
    assert parse(name).steps == (step,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("grey | sharpen", "'sharpen'; known: background, grey"),
        ("", "known: background"),
        ("limit(wider=3)", "wider; parameters: longer"),
        ("limit(1, 2)", "limit"),
        ("limit(__import__('os').getcwd())", "cannot read"),
        ("limit([1])", "longer"),
        ("limit('a')", "longer"),
        ("limit(True)", "longer"),
        ("limit(640", "limit"),
        ("limit({[]})", "cannot read"),
        ("limit(" + 3000 * "-" + "30)", "cannot read"),
        ("limit(" + 3000 * "(" + "30" + 3000 * ")" + ")", "cannot read"),
        ("limit(0)", "longer is 0, between 28 and 10000"),
        ("limit(-5)", "longer is -5"),
        ("denoise(1e9)", "between 0 and 10"),
        ("ink(noise=-1)", "noise is -1"),
        ("centre(28.0)", "side is 28.0, and takes a whole number"),
        ("flatten(rounds=2.5)", "whole number"),
        ("ink(faint=5)", "faint is 5, between 0 and 1"),
        ("close(gap=5000)", "gap is 5000"),
        ("polarity(near=1000)", "near is 1000"),
        ("lines(thin=5000)", "thin is 5000"),
        ("stroke(side=0)", "side is 0"),
        ("stroke(least=1000)", "least is 1000"),
        ("ink(least=0)", "least is 0"),
        ("stroke(side=9)(most=4)", "cannot read"),
        ("limit(30, longer=40)", "cannot read"),
        ("limit(longer=30, longer=40)", "cannot read"),
        ("limit({[]: 1})", "cannot read"),
        (f"limit({'-' * 3000}30)", "cannot read"),
        (f"limit({'-' * 300_000}30)", "cannot read"),
    ],
)
def test_what_is_wrong_is_named(text, said):
    with pytest.raises(BadRecipe, match="preparation recipe") as error:
        parse(text)
    assert said in str(error.value)


def test_the_recorder_sees_every_step_and_changes_nothing():
    seen = []
    recipe = parse(DEFAULT)
    watched = run(recipe, drawing(), lambda *step: seen.append(step))
    assert [name for name, _, _ in seen] == [name_of(step) for step in recipe.steps]
    assert all(time >= 0 for _, time, _ in seen)
    np.testing.assert_array_equal(seen[-1][2], watched.pixels)
    np.testing.assert_array_equal(watched.pixels, run(recipe, drawing()).pixels)


def test_a_blank_sheet_ends_the_run_early():
    seen = []
    prepared = run(parse(DEFAULT), Picture(np.full((50, 50), 200, np.uint8)), lambda *step: seen.append(step[0]))
    assert prepared.rejected in {"blank", "no_ink"}
    assert prepared.pixels is None
    assert "centre" not in seen


def test_a_recipe_that_ends_in_another_shape_is_refused():
    with pytest.raises(BadRecipe, match=r"recipe 'grey': .*28"):
        run(parse("grey"), drawing())


@pytest.mark.parametrize("name", sorted(STEPS.keys() - COLOURED))
def test_colour_that_reaches_a_step_for_grey_is_refused(name):
    with pytest.raises(BadRecipe, match=f"'limit.*': step {name} takes grey pixels"):
        run(parse(f"limit | {name}"), Picture(np.zeros((50, 50, 3), np.uint8)))


def test_steps_leave_what_they_are_given():
    picture = drawing()
    before = picture.pixels.copy()
    run(parse(DEFAULT), picture)
    np.testing.assert_array_equal(picture.pixels, before)


def test_opencv_stays_in_the_thread_and_is_as_it_was_afterwards():
    seen, before = [], cv2.getNumThreads()
    watch = lambda *_: seen.append(cv2.getNumThreads())  # noqa: E731
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: run(parse(DEFAULT), drawing(), watch), range(8)))
    assert set(seen) == {1}
    assert cv2.getNumThreads() == before
