"""The record beside every run: what made it, from what, how long it took, what came out."""

import hashlib
import json
import os
import platform
import sys
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = (
    "calame",
    "numpy",
    "keras",
    "tensorflow",
    "tensorflow-cpu",
    "opencv-python-headless",
    "onnxruntime",
)


def environment() -> dict[str, Any]:
    """Return versions, processor and command of this process."""
    return {
        "command": " ".join([_program(Path(sys.argv[0])), *map(_short, sys.argv[1:])]),
        "python": platform.python_version(),
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "source": source_hash(),
        "date": time.strftime("%Y-%m-%d"),
    }


def source_hash() -> str:
    """Return the SHA-256 of all Python files of the package, by name: what code made the run."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write `value` to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    part.replace(path)


def _program(path: Path) -> str:
    """Return what was called: `calame`, `recipe.py`, or `python -m calame`, which is called `calame/__main__.py`."""
    return f"python -m {path.parent.name}" if path.name == "__main__.py" else path.name


def _short(word: str) -> str:
    """Keep only the last part of an absolute path: where a person keeps their files is nobody's business."""
    return f"…/{Path(word).name}" if Path(word).is_absolute() else word


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
