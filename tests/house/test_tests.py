"""Tests pass fakes in and move time by hand: nothing is patched, and nothing sleeps."""

import ast

from tests.house.tree import modules, name_of, tree_of

FORBIDDEN_CALLS = frozenset(
    {"time.sleep", "asyncio.sleep", "sleep", "mock.patch", "patch", "patch.object", "mocker.patch"}
)
FORBIDDEN_MODULES = frozenset({"unittest.mock", "mock", "pytest_mock", "freezegun", "time_machine"})


def lapses(tree: ast.Module) -> list[str]:
    """What a test module does that it should not, with the line."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in FORBIDDEN_CALLS:
            found.append(f"{node.lineno}: {ast.unparse(node.func)}")
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found.extend(f"imports {name}" for name in names if name in FORBIDDEN_MODULES)
        if isinstance(node, ast.ImportFrom) and node.module == "unittest":
            found.extend("imports unittest.mock" for alias in node.names if alias.name == "mock")
    return found


def test_no_test_sleeps_or_patches() -> None:
    found = {name_of(path): lapses(tree_of(path)) for path in modules("tests")}
    assert {name: things for name, things in found.items() if things} == {}


def test_a_test_that_sleeps_or_patches_is_found() -> None:
    for source in ("time.sleep(1)", "from unittest.mock import patch", "from unittest import mock", "patch('a.b')"):
        assert lapses(ast.parse(source)), source
    assert lapses(ast.parse("stop.wait(1)")) == []
