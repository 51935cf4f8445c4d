"""The import table of ARCHITECTURE.md, held: what each part may import of calame, and who may use which package."""

import ast
import sys
from pathlib import Path

import pytest

import calame

ROOT = Path(calame.__file__).parent
BASE = {"types", "errors", "locale"}
ALL = {
    "imaging",
    "data",
    "models",
    "training",
    "explain",
    "export",
    "engine",
    "reader",
    "images",
    "artifact",
    "shelf",
    "drawing",
    "perturb",
    "odds",
} | BASE
MAY_IMPORT = {
    "locale": set(),
    "errors": {"locale"},
    "types": {"errors"},
    "config": {"errors", "locale"},
    "imaging": BASE,
    "artifact": BASE,
    "shelf": {"artifact"} | BASE,
    "drawing": set(),
    "perturb": set(),
    "odds": set(),
    "models": BASE,
    "data": {"imaging"} | BASE,
    "engine": {"artifact"} | BASE,
    "reader": {"imaging", "engine", "artifact", "shelf", "odds"} | BASE,
    "training": {"models", "data", "imaging", "perturb", "odds"} | BASE,
    "explain": {"models", "engine", "artifact", "shelf", "drawing", "perturb"} | BASE,
    "export": {"models", "training", "artifact", "shelf", "engine"} | BASE,
    # config, since `ImageClassifier()` finds its weights by itself; models and export inside the transfer alone
    "images": {"imaging", "engine", "artifact", "shelf", "data", "config", "models", "training", "export"} | BASE,
    "service": ALL | {"config"},
    "scale": ALL | {"config"},
    "cli": ALL | {"config", "service", "scale"},
}
FENCES = {
    "keras": {"models", "training", "explain", "export"},
    "tensorflow": {"models", "training", "explain", "export"},
    "onnx": {"export"},
    "onnxruntime": {"engine", "export"},
    "fastapi": {"service"},
    "starlette": {"service"},
    "prometheus_client": {"service"},
    "sqlalchemy": {"service"},
    "xlsxwriter": {"service"},
    "uvicorn": {"cli", "service"},
    "redis": {"service"},
    "typer": {"cli"},
    "rich": {"cli", "training", "data"},
    "ray": {"scale"},
    "cv2": {"imaging", "data", "perturb"},
    "PIL": {"imaging", "data", "drawing"},
    "pypdfium2": {"imaging"},
    "zlib_ng": {"imaging"},
    "matplotlib": {"training", "explain"},
    "h5py": {"export"},
    "stdnum": {"reader"},
}


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def part(path: Path) -> str:
    """The part of calame a file belongs to: its folder, or its own name at the top."""
    inside = path.relative_to(ROOT)
    return inside.parts[0].removesuffix(".py")


def imports(path: Path, *, top_level: bool) -> set[str]:
    """Dotted names a file imports; `top_level` leaves out those inside functions and under TYPE_CHECKING."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.iter_child_nodes(tree)) if top_level else list(ast.walk(tree))
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_only_what_the_table_allows(path):
    here = part(path)
    if here in {"__init__", "__main__"}:  # the public face resolves names of every part, lazily
        return
    for name in imports(path, top_level=False):
        if not name.startswith("calame."):
            continue
        target = name.split(".")[1]
        assert target in MAY_IMPORT[here] | {here, "__version__"}, f"{here} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_third_party_packages_stay_behind_their_fences(path):
    for name in imports(path, top_level=False):
        package = name.split(".")[0]
        if package in FENCES:
            assert part(path) in FENCES[package], f"{path.relative_to(ROOT)} imports {package}"


def test_no_import_cycles():
    graph = {}
    for path in modules():
        name = ".".join(("calame", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        graph[name] = {found for found in imports(path, top_level=True) if found.startswith("calame.")}
    graph = {name: {longest(target, graph) for target in targets} - {None, name} for name, targets in graph.items()}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path, name))
        if name not in done:
            for target in graph[name]:
                visit(target, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def longest(target: str, graph: dict[str, set[str]]) -> str | None:
    """The module that a dotted import names: `calame.types.Box` is `calame.types`."""
    while target not in graph and "." in target:
        target = target.rpartition(".")[0]
    return target if target in graph and target != "calame" else None


def test_only_config_reads_the_environment():
    for path in modules():
        if part(path) != "config":
            assert "os.environ" not in path.read_text(encoding="utf-8"), path
            assert "getenv" not in path.read_text(encoding="utf-8"), path


def test_python_is_new_enough_for_the_code():
    assert sys.version_info >= (3, 11)
