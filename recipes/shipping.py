"""How a recipe puts something into the package: what it is asked, and a model folder in the place of its namesake."""

import argparse
import shutil
from pathlib import Path

from calame.artifact import SHIPPED, ModelFolder


def parser(about: str | None, shipped: str) -> argparse.ArgumentParser:
    """Return a parser of what every recipe asks that makes lines and has something to ship."""
    made = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    made.add_argument("--data", type=Path, required=True)
    made.add_argument("--share", type=float, default=1.0, help="of the lines: less for a quick look")
    made.add_argument("--ship", action="store_true", help=f"replace the {shipped} in the package")
    return made


def ship(folder: ModelFolder, name: str | None = None) -> Path:
    """Copy the folder into the package, under its own name or another, and return where it is."""
    target = SHIPPED / (name or folder.manifest.name)
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(folder.path, target))
