"""Which modules may import which: packages import from lower layers alone, and no modules import
each other in a circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import jamline_training

ROOT = Path(jamline_training.__file__).parent
# From the bottom up. A package may import from itself and from those before it.
LAYERS = (
    "errors", "data", "network", "reference", "training", "agent", "evaluation", "rl", "studies",
)  # fmt: skip

Imports = dict[str, set[str]]  # by module: `data.frames` and so on


def modules(root: Path = ROOT) -> dict[str, Path]:
    """The files of all modules by name, but for the packages' own __init__.py."""
    paths = (path for path in root.rglob("*.py") if path.name != "__init__.py")
    return {".".join(path.relative_to(root).with_suffix("").parts): path for path in paths}


def imported_by(module: str, source: str, known: set[str]) -> set[str]:
    """The known modules that a module imports, anywhere in its source."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # One dot is the module's own package, two are the one around it.
            package = ["jamline_training", *module.split(".")][: -node.level or None]
            origin = [*(package if node.level else []), *([node.module] if node.module else [])]
            names = [".".join([*origin, alias.name]) for alias in node.names]
            names += [".".join(origin)]
        else:
            continue
        parts = (name.removeprefix("jamline_training.") for name in names)
        found |= {name for name in parts if name in known}
    return found


def imports(root: Path = ROOT) -> Imports:
    files = modules(root)
    return {
        name: imported_by(name, path.read_text(encoding="utf-8"), set(files))
        for name, path in files.items()
    }


def layer_of(module: str) -> int:
    return LAYERS.index(module.split(".")[0])


def against_the_order(imports: Imports) -> list[str]:
    """Imports of a higher layer, as text."""
    return [
        f"{module} imports {other}"
        for module, others in sorted(imports.items())
        for other in sorted(others)
        if layer_of(other) > layer_of(module)
    ]


def circle(imports: Imports) -> list[str]:
    """Modules that import each other in turn; none where there is no such circle."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_every_module_has_a_layer() -> None:
    assert {name.split(".")[0] for name in modules()} == set(LAYERS)
    assert len(modules()) > 60, "the modules were found"
    packages = [path.parent.name for path in ROOT.rglob("__init__.py")]
    assert sorted(packages) == sorted(["jamline_training", *LAYERS[1:]])


def test_imports_follow_the_layers() -> None:
    assert against_the_order(imports()) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle(imports()) == []


def test_an_import_against_the_order_is_found(tmp_path: Path) -> None:
    for name, text in {
        "data/frames.py": "from __future__ import annotations\nfrom ..network import model\n",
        "network/model.py": "def late():\n    from ..training.recipe import Recipe\n",
        "training/recipe.py": "from ..data.frames import ONSET\nimport numpy\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = imports(tmp_path)
    assert against_the_order(found) == [
        "data.frames imports network.model", "network.model imports training.recipe",
    ]  # fmt: skip
    assert set(circle(found)) == {"data.frames", "network.model", "training.recipe"}


def test_a_circle_within_a_package_is_found(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/one.py").write_text("from .other import X\n")
    (tmp_path / "data/other.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import one\n"
    )
    found = imports(tmp_path)
    assert against_the_order(found) == []
    assert set(circle(found)) == {"data.one", "data.other"}
