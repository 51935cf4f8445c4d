"""`calame doctor`: does everything work here? One line a check, with the way out of what is missing or broken.

The base must be whole: packages, shipped model, a digit read right, a home that can be written. The extra
`train` and the data sets may be missing: then they are named with the command that gets them.
"""

import importlib.metadata
import importlib.util
import platform
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from calame import __version__
from calame.cli.common import Context, Lang, check_writable, emit
from calame.errors import BadOutput, CalameError, DamagedData, MissingData, MissingError
from calame.locale.numbers import percent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from calame.types import DigitReading

PYTHON = (3, 11)
BASE = ("numpy", "onnxruntime", "cv2", "PIL", "pypdfium2", "rich", "typer")
TRAIN = ("keras", "tensorflow", "matplotlib", "h5py", "onnx")
DRAWN = 7
MISSING, BROKEN = 4, 5  # exit codes

Status = Literal["ok", "missing", "failed"]


@dataclass(frozen=True)
class Check:
    """One finding.

    Attributes:
        name: what was looked at.
        status: "missing" is no failure where `exit_code` is 0.
        detail: what was found.
        way_out: what to do about it, or "".
        exit_code: what the command returns because of it.
    """

    name: str
    status: Status
    detail: str
    way_out: str = ""
    exit_code: int = 0


def register(app: typer.Typer, context: Context) -> None:
    """Declare the command in the context's language."""

    @app.command("doctor", help=context.text("cli.doctor.help"), short_help=context.text("cli.doctor.short"))
    def doctor(  # pyright: ignore[reportUnusedFunction]
        json: Annotated[bool, typer.Option("--json", help=context.text("cli.doctor.json"))] = False, lang: Lang = None
    ) -> None:
        run(context, as_json=json)


def run(context: Context, *, as_json: bool) -> None:
    """Print every check; exit with the gravest code among them."""
    worst = 0
    labels: dict[Status, str] = {
        "ok": context.text("cli.doctor.ok"),
        "missing": context.text("cli.doctor.missing"),
        "failed": context.text("cli.doctor.failed"),
    }
    for check in checks(context):
        worst = max(worst, check.exit_code)
        if as_json:
            emit({"check": check.name, "status": check.status, "detail": check.detail, "way_out": check.way_out})
        else:
            width = max(map(len, labels.values()))
            line = context.text("cli.doctor.line", name=check.name, detail=check.detail)
            print(f"{labels[check.status]:<{width}}  {line}", flush=True)
            if check.way_out:
                print(f"{'':<{width}}  → {check.way_out}")
    if worst:
        raise typer.Exit(worst)


def checks(context: Context) -> Generator[Check]:
    """Look at everything in turn, what the base needs first."""
    yield Check("calame", "ok", __version__)
    yield check_python(context, sys.version_info[:2])
    yield from (check_package(context, name) for name in BASE)
    yield check_reading(context)
    yield check_home(context)
    yield Check(context.text("cli.doctor.language"), "ok", context.settings.language)
    yield check_extra(context, "train", TRAIN)
    yield from check_data(context)


def check_python(context: Context, version: tuple[int, ...]) -> Check:
    """Whether this Python is new enough."""
    if version >= PYTHON:
        return Check("Python", "ok", platform.python_version())
    wanted = ".".join(map(str, PYTHON))
    return Check(
        "Python", "failed", ".".join(map(str, version)), context.text("cli.doctor.python", wanted=wanted), BROKEN
    )


def check_package(context: Context, name: str) -> Check:
    """Whether a package is installed, by the name it is imported under; it is not imported."""
    if importlib.util.find_spec(name) is None:
        absent, way_out = context.text("cli.doctor.not_installed"), context.text("cli.doctor.reinstall")
        return Check(name, "missing", absent, way_out, MISSING)
    return Check(name, "ok", " + ".join(_distributions(name)))


def check_extra(context: Context, extra: str, packages: Sequence[str]) -> Check:
    """Whether all packages of an extra are installed: one line, as one command gets them all."""
    name = context.text("cli.doctor.extra", extra=extra)
    absent = [package for package in packages if importlib.util.find_spec(package) is None]
    if absent:
        detail = f"{context.text('cli.doctor.not_installed')} ({', '.join(absent)})"
        return Check(name, "missing", detail, f"pip install 'calame[{extra}]'")
    return Check(name, "ok", ", ".join(found for package in packages for found in _distributions(package)))


def _distributions(package: str) -> list[str]:
    """Name what brings a package, with its version."""
    owners = importlib.metadata.packages_distributions().get(package, [])
    return [f"{owner} {importlib.metadata.version(owner)}" for owner in sorted(set(owners))]


def read_with_shipped_model(picture: "NDArray[np.uint8]") -> "DigitReading":
    """Read one picture as `calame read` does."""
    import calame

    return calame.DigitReader().read(picture)


def check_reading(
    context: Context, read: "Callable[[NDArray[np.uint8]], DigitReading]" = read_with_shipped_model
) -> Check:
    """Whether a digit that is drawn here and now is read right."""
    name, reinstall = context.text("cli.doctor.reading"), context.text("cli.doctor.reinstall")
    try:
        reading = read(drawn_digit())
    except CalameError as error:
        code = MISSING if isinstance(error, MissingError) else BROKEN
        return Check(name, "failed", error.message(context.settings.language), reinstall, code)
    except Exception as error:  # whatever breaks here is what was asked for
        return Check(name, "failed", f"{type(error).__name__}: {error}", reinstall, BROKEN)
    if reading.digit != DRAWN:
        found = reading.rejected if reading.digit is None else reading.digit
        detail = context.text("cli.doctor.misread", expected=DRAWN, found=found)
        return Check(name, "failed", detail, reinstall, BROKEN)
    confidence = percent(reading.confidence, 1, context.settings.language)
    return Check(name, "ok", context.text("cli.doctor.read", digit=reading.digit, confidence=confidence))


def drawn_digit() -> "NDArray[np.uint8]":
    """Draw a seven, black on white, (280, 280) uint8."""
    import numpy as np

    from calame.data.strokes import render

    return render([np.array([[0.0, 0.0], [10.0, 0.0], [4.0, 16.0]])])


def check_home(context: Context) -> Check:
    """Whether cache, models and history can be written; nothing is left behind."""
    home = context.settings.home
    try:
        check_writable(home, "CALAME_HOME")
    except BadOutput as error:
        detail = f"{home}: {error.values['problem']}"
        return Check("CALAME_HOME", "failed", detail, context.text("cli.doctor.home"), MISSING)
    return Check("CALAME_HOME", "ok", str(home))


def check_data(context: Context) -> Generator[Check]:
    """Where each data set is."""
    from calame.data.catalogue import SOURCES
    from calame.data.fetch import locate

    settings = context.settings
    for source in SOURCES.values():
        name = context.text("cli.doctor.data", title=source.title)
        try:
            yield Check(name, "ok", str(locate(source.name, settings.data, settings.cache)))
        except (MissingData, DamagedData) as error:
            status: Status = "missing" if isinstance(error, MissingData) else "failed"
            looked = ", ".join(str(Path(root)) for root in (settings.data, settings.cache) if root)
            if status == "missing" and source.has_mirrors:
                detail, way_out = context.text("cli.doctor.nowhere", folders=looked), f"calame data fetch {source.name}"
            else:
                detail, way_out = error.message(settings.language), ""
            yield Check(name, status, detail, way_out)
