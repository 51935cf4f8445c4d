"""The documents say what is true: their commands run, their links lead somewhere, the two READMEs agree."""

import json
import re
import runpy
import shlex
import shutil
from pathlib import Path

import pytest

import calame
from calame.cli import main
from calame.imaging.steps import STEPS
from calame.locale.numbers import percent
from calame.reader.checks import CHECKS, MOD97, ORDERS, PHONES, parse_check

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.fr.md")
SAMPLES = Path(calame.__file__).parent / "samples"
SCORES = ("n", "accuracy", "interval")
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def commands(readme: str) -> list[str]:
    """The `calame …` lines of a README's shell blocks, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("calame ")]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with the files that the READMEs talk of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALAME_HOME", str(tmp_path / "home"))
    sample = next(SAMPLES.glob("*.jpg"))
    shutil.copy(sample, tmp_path / "photo.jpg")
    for name in ("scans", "forms"):
        (tmp_path / name).mkdir()
        shutil.copy(sample, tmp_path / name / "one.jpg")
    return tmp_path


def test_the_readmes_give_the_same_commands():
    assert commands("README.md") == commands("README.fr.md") != []


@pytest.mark.parametrize(
    "page", [ROOT / "README.fr.md", *sorted(ROOT.glob("docs/fr/*.md"))], ids=lambda page: page.name
)
def test_french_has_its_own_apostrophe(page):
    assert re.findall(r".{0,9}[^\W\d_]'[^\W\d_].{0,9}", page.read_text(encoding="utf-8")) == []


def timed(line: str):
    """A command as a parameter of a test: what takes seconds is slow."""
    return pytest.param(line, marks=pytest.mark.slow) if "explain" in line else line


@pytest.mark.parametrize("line", [timed(line) for line in commands("README.md")])
def test_a_readme_command_runs(line, desk, capsys):
    words = shlex.split(line)[1:]
    heavy = words[0] in {"calibrate", "classify", "serve", "train", "evaluate"} or words[:2] in (
        ["data", "fetch"],
        ["models", "import"],
    )
    # What serves, trains, downloads or needs a file of the reader's own is only checked for its options.
    assert main([*words, "--help"] if heavy else words) == 0


def test_the_page_of_commands_is_that_of_the_help():
    made = runpy.run_path(str(ROOT / "docs" / "make_cli.py"))["page"]()
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == made, "run: python docs/make_cli.py"


@pytest.mark.parametrize("page", ["codes.md", "fr/codes.md"])
def test_every_check_is_told_with_what_it_takes(page):
    rows = re.findall(
        r"^\| (`.*`)? ?\| (.*?) \| .* \|$", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE
    )
    told: dict[str, str] = {}
    for names, takes in rows:
        names = re.findall(r"`(\w+)`", names) or [*told][-1:]
        told |= {name: told.get(name, "") + takes for name in names}
    assert set(told) == set(CHECKS) - {"nir"}  # which is off, and told below
    choices = {"mod97": MOD97, "phone": PHONES, "date": ORDERS, "ean": "8 13", "isbn": "10 13", "mod11": ["iso"]}
    for name, words in choices.items():
        for word in words.split() if isinstance(words, str) else words:
            assert f"`{word}`" in told[name]
            assert parse_check(f"{name}({word})")


def test_the_table_of_steps_has_all_of_them_in_their_files():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    part = page.partition("## The preparation")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ((?:`\w+` ?)+) \| ((?:`\w+`(?:, )?)+) \|", part, re.MULTILINE)
    told = {name: re.findall(r"\w+", files) for names, files in rows for name in re.findall(r"\w+", names)}
    assert set(told) == set(STEPS)
    for name, files in told.items():
        assert STEPS[name].__module__.rpartition(".")[2] in files


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_repository_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def measured() -> dict[int, tuple[float, ...]]:
    """Of each set of the table of scores, by its number of pictures: accuracy and interval."""
    records = {name: json.loads((ROOT / f"docs/records/{name}.json").read_text()) for name in ("trust", "dev-sets")}
    trust, sets = records["trust"], records["dev-sets"]["sets"]
    for name, one in sets.items():  # measured twice, by the two commands that the table names
        assert [trust["read"][name][key] for key in one if key in SCORES] == [one[key] for key in one if key in SCORES]
    told = [*trust["read"].values(), trust["mnist"]]
    return {one["n"]: (one["accuracy"], *one["interval"]) for one in told}


@pytest.mark.parametrize("readme", READMES)
def test_the_scores_of_a_readme_are_those_of_the_records(readme):
    page = (ROOT / readme).read_text(encoding="utf-8")
    lines = re.findall(r"^\| .*? \| ([\d,\s]+) \| ([\d.,]+).% \(([\d.,]+)–([\d.,]+)\) \| ", page, re.MULTILINE)
    rows = {int(re.sub(r"\D", "", count)): figures for count, *figures in lines}
    for count, shares in measured().items():
        for figure, share in zip(rows[count], shares, strict=True):
            decimals = len(re.split("[.,]", figure)[1])
            assert figure.replace(",", ".") + "%" == percent(share, decimals)  # as the page and the commands say it


def test_the_places_that_contributing_names_are_there():
    spans = re.findall(r"`([^`\n]+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    paths = {word for span in spans for word in span.split() if "/" in word and "NAME" not in word and word[0] != "."}
    assert len(paths) > 20
    for path in paths:
        assert any((place / path).exists() for place in (ROOT, ROOT / "src" / "calame")), path
