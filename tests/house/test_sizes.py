"""A module has one job and fits in one reading; a function fits on one screen; nothing is called a drawer."""

import ast
from pathlib import Path

from tests.house import tree
from tests.house.tree import ALL_PYTHON, DRAWERS, name_of, tree_of

LONGEST_MODULE = 350
LONGEST_FUNCTION = 40

# A migration is a record of what was, in one piece; it is never edited and so not divided.
MODULES = [path for path in tree.modules(*ALL_PYTHON) if "/migrations/versions/" not in path.as_posix()]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def lines_of(function: Function) -> int:
    """Lines from the def to the last one, without the docstring and without functions inside, which count alone."""
    nested = [node for node in ast.walk(function) if isinstance(node, Function) and node is not function]
    inside = {line for node in nested for line in _span(node)}
    doc = set(_span(function.body[0])) if ast.get_docstring(function) is not None else set()
    return len(set(_span(function)) - inside - doc)


def _span(node: Function | ast.stmt) -> range:
    first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", []))])
    return range(first, (node.end_lineno or node.lineno) + 1)


def long_functions(module: ast.Module) -> list[str]:
    """The functions that do not fit, with their lengths."""
    functions = [node for node in ast.walk(module) if isinstance(node, Function)]
    return [f"{node.name} has {lines_of(node)} lines" for node in functions if lines_of(node) > LONGEST_FUNCTION]


def drawers(path: Path, module: ast.Module) -> list[str]:
    """Names of folders, files and classes that say nothing about what is inside."""
    parts = [word for part in Path(name_of(path)).with_suffix("").parts for word in part.split("_")]
    classes = [node.name for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    return [word for word in parts if word in DRAWERS] + [
        name for name in classes if name.lower().endswith(tuple(DRAWERS - {"base"}))
    ]


def test_no_module_is_longer_than_350_lines() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    found = {name_of(path): long_functions(tree_of(path)) for path in MODULES}
    assert {name: functions for name, functions in found.items() if functions} == {}


def test_nothing_is_called_a_drawer() -> None:
    found = {name_of(path): drawers(path, tree_of(path)) for path in MODULES}
    assert {name: names for name, names in found.items() if names} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [name_of(path) for path in MODULES if ast.get_docstring(tree_of(path)) is None]
    assert silent == []


def test_a_long_function_is_found() -> None:
    body = "\n".join("    x = 1" for _ in range(LONGEST_FUNCTION))
    assert long_functions(ast.parse(f"def f():\n{body}\n")) == ["f has 41 lines"]
    assert long_functions(ast.parse(f'def f():\n    """One\n    two."""\n{body[:-9]}\n')) == []
