"""How a recipe puts a model folder into the package, in the place of the one of that name."""

import shutil
from pathlib import Path

from calame.artifact import SHIPPED, ModelFolder


def ship(folder: ModelFolder, name: str | None = None) -> Path:
    """Copy the folder into the package, under its own name or another, and return where it is."""
    target = SHIPPED / (name or folder.manifest.name)
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(folder.path, target))
