"""The page Inside with a dense layer: its values are units of it, and no maps."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.train]
KERAS = Path(__file__).parents[1] / "fixtures" / "keras" / "3.15.zip"


@pytest.fixture(scope="module")
def address(tmp_path_factory, serving):
    """A service with the shipped model, and the course's network in small."""
    home = tmp_path_factory.mktemp("course")
    file = zipfile.ZipFile(KERAS).extract("course.keras", home)
    command = [sys.executable, "-m", "calame", "models", "import", file]
    subprocess.run(command, env={**os.environ, "CALAME_HOME": str(home)}, check=True, capture_output=True)
    with serving(home) as served:
        yield served


def test_the_values_of_a_dense_layer_are_units_and_its_classes_have_scores(visit, expect):
    page = visit("/#/inside", reduced_motion="reduce")
    page.wait_for_selector(".maker-row")
    page.select_option("inside-page model-choice select", "course@1")
    expect(page.locator(".inside-reader")).to_contain_text("not calibrated")
    expect(page.locator(".net-short").nth(1)).to_have_text("looks for patterns, then ReLU")  # both in one layer
    page.locator("why-answer").scroll_into_view_if_needed()
    expect(page.locator(".near img")).to_have_count(8)  # of the package's digits, by what this network makes of them
    expect(page.locator("label[for=why-exact]")).to_have_text("Grad-CAM, coarse")
    page.locator(".net-class").first.click()
    expect(page.locator("class-origin .about").first).to_contain_text("values of the dense layer before it")
    expect(page.locator("class-origin filter-taste")).to_contain_text("the score of this class is")
    page.locator(".term").first.click()
    expect(page.locator("map-maker h3")).to_contain_text("Unit ")
    expect(page.locator("map-maker filter-taste")).to_contain_text("this one value is")
