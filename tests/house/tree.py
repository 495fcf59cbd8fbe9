"""The files of the repository, as the house tests read them: by name and as syntax trees, never by import."""

import ast
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PRODUCT: Final = ("appliance", "drivers", "kiosk_ui", "cloud_bridge")
ALL_PYTHON: Final = (*PRODUCT, "tests", "tools")
# Names by which a drawer for odds and ends gives itself away.
DRAWERS: Final = frozenset(
    {"base", "common", "const", "constants", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
)

# Folders whose files are made by a program, or copied in whole.
MADE: Final = frozenset({"vendor", "build", "dist", "demo-data", "test-output", "node_modules", "__pycache__"})


def modules(*folders: str) -> list[Path]:
    """The Python files of some top-level folders, in order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    """A file's name from the root of the repository, with slashes."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> frozenset[str]:
    """The top-level names of everything that a module imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return frozenset(found)


def files(*suffixes: str) -> list[Path]:
    """The files kept by hand anywhere in the repository that end in one of `suffixes`, in order."""
    found: list[Path] = []
    for top in sorted(ROOT.iterdir()):
        if top.is_dir() and (not top.name.startswith(".") or top.name == ".ci"):
            found.extend(path for path in sorted(top.rglob("*")) if not MADE & set(path.relative_to(ROOT).parts))
        # In a second work tree the repository itself is a file, which says where on the machine it lies.
        elif top.name != ".git":
            found.append(top)
    return [path for path in found if path.is_file() and path.suffix in suffixes]
