"""The page's JSDoc types hold, by TypeScript's checker."""

import subprocess
from importlib import resources

import pytest

pytestmark = pytest.mark.browser
STATIC = resources.files("calame") / "service" / "static"
OPTIONS = ["--allowJs", "--checkJs", "--noEmit", "--strict", "--target", "es2022", "--module", "es2022"]
OPTIONS += ["--moduleResolution", "bundler", "--lib", "es2023,dom,dom.iterable"]


def test_the_types_of_the_page_hold(leave_out, npm):
    folder = npm("typescript@~7.0")
    if folder is None:
        leave_out("npm and typescript")
    files = [str(path) for path in STATIC.rglob("*.js")]
    done = subprocess.run([folder / ".bin" / "tsc", *OPTIONS, *files], capture_output=True, text=True)
    assert done.stdout == ""
