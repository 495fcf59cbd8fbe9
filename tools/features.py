"""The list of promised features (`tests/features.toml`) against the tests that show them.

`python -m tools.features` prints, for each feature still to do, the tests that already carry its id. A test carries an
id in its name (`test_ac_10_...`), its docstring, its class's or module's docstring, or a `feature` mark.
"""

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
LIST: Final = Path("tests/features.toml")
ID: Final = re.compile(r"[A-Z]{2,3}-[0-9]{2}")
_ID_IN_NAME: Final = re.compile(r"(?<![a-z])([a-z]{2,3})_([0-9]{2})(?![0-9])")
_SPAN: Final = re.compile(r"([A-Z]{2,3})-([0-9]{2}) to (?:[A-Z]{2,3}-)?([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Carrier:
    """One test: its address as pytest writes it, without parameters, and the feature ids that it carries."""

    address: str
    ids: frozenset[str]


def ids_in(text: str) -> frozenset[str]:
    """The ids that a text names, one by one or as a span (`AC-07 to AC-11`)."""
    found = set(ID.findall(text))
    for family, first, last in _SPAN.findall(text):
        found |= {f"{family}-{number:02}" for number in range(int(first), int(last) + 1)}
    return frozenset(found)


def carriers(root: Path) -> list[Carrier]:
    """Every test of the tree, read without importing it."""
    found: list[Carrier] = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        name = path.relative_to(root).as_posix()
        found.extend(_tests_of(module, name, ids_in(ast.get_docstring(module) or "")))
    return found


def _tests_of(scope: ast.Module | ast.ClassDef, address: str, inherited: frozenset[str]) -> Iterator[Carrier]:
    for node in scope.body:
        if isinstance(node, ast.ClassDef):
            yield from _tests_of(node, f"{address}::{node.name}", inherited | _ids_of(node))
            if any(base for base in node.bases if "RuleBasedStateMachine" in ast.unparse(base)):
                yield Carrier(f"{address}::{node.name}", inherited | _ids_of(node))
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            yield Carrier(f"{address}::{node.name}", inherited | _ids_of(node))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            # `TestDoor = Machine.TestCase` is how hypothesis names the test of a state machine.
            name = node.targets[0].id
            if name.startswith("Test"):
                yield Carrier(f"{address}::{name}", inherited)


def _ids_of(node: ast.ClassDef | ast.FunctionDef) -> frozenset[str]:
    in_name = {f"{family.upper()}-{number}" for family, number in _ID_IN_NAME.findall(node.name)}
    marks = " ".join(ast.unparse(mark) for mark in node.decorator_list if "mark.feature" in ast.unparse(mark))
    return ids_in(f"{ast.get_docstring(node) or ''} {marks}") | in_name


def read_list(root: Path) -> dict[str, Any]:
    """The list, as it is written."""
    return tomllib.loads((root / LIST).read_text(encoding="utf-8"))


def faults(listed: dict[str, Any], tests: list[Carrier]) -> list[str]:
    """Everything wrong with a list: wrong ids, entries with no or two states, tests that are not there."""
    entries = {name: entry for name, entry in listed.items() if name != "expected"}
    found = [f"{name} is no feature id" for name in entries if not ID.fullmatch(name)]
    counted = Counter(name.partition("-")[0] for name in entries)
    expected: dict[str, int] = listed["expected"]
    for family in sorted(set(counted) | set(expected)):
        wanted = {f"{family}-{number:02}" for number in range(1, expected.get(family, 0) + 1)}
        present = {name for name in entries if name.startswith(f"{family}-")}
        found.extend(f"{name} is missing" for name in sorted(wanted - present))
        found.extend(f"{name} is not on the list of features" for name in sorted(present - wanted))
    carried = {test.address: test.ids for test in tests}
    for name, entry in entries.items():
        if not str(entry.get("title", "")).strip():
            found.append(f"{name}: has no title")
        found.extend(f"{name}: {fault}" for fault in _state_faults(name, entry, carried))
    return found


def _state_faults(name: str, entry: dict[str, Any], carried: dict[str, frozenset[str]]) -> Iterator[str]:
    match sorted(set(entry) - {"title"}):
        case ["done"]:
            if not entry["done"]:
                yield "done needs a test"
            for address in entry["done"]:
                yield from _test_faults(name, address, carried)
        case ["todo"]:
            if entry["todo"] is not True:
                yield "todo is true or absent"
        case ["not_software"]:
            if not str(entry["not_software"]).strip():
                yield "not_software needs a reason"
        case _:
            yield "needs a title and exactly one of done, todo, not_software"


def _test_faults(name: str, address: str, carried: dict[str, frozenset[str]]) -> Iterator[str]:
    if address not in carried:
        yield f"there is no test {address}"
    elif name not in carried[address]:
        yield f"{address} does not carry the id {name} in its name, its docstring or a feature mark"


def main() -> int:
    """Print the tests that carry the id of a feature still to do."""
    listed, tests = read_list(ROOT), carriers(ROOT)
    for name, entry in listed.items():
        if entry.get("todo"):
            print(f"{name} {entry['title']}")
            for test in tests:
                if name in test.ids:
                    print(f"    {test.address}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
