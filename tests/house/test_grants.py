"""AC-09: only the decision says yes. A `Grant` is made in one module of the product, and a door opens only for one."""

import ast

from tests.house.tree import PRODUCT, modules, name_of, tree_of

THE_DECISION = "appliance/access/decision.py"


def grants_made(tree: ast.Module) -> list[int]:
    """The lines that make a `Grant`, by any of the names under which the module knows it."""
    names = {"Grant"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname for alias in node.names if alias.name == "Grant" and alias.asname}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if _called(call) in names or _copies_a_grant(call)]


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _copies_a_grant(call: ast.Call) -> bool:
    first = ast.unparse(call.args[0]) if call.args else ""
    return _called(call) in {"replace", "__replace__"} and "grant" in first.lower()


def test_only_the_decision_makes_a_grant() -> None:
    made = {name_of(path): grants_made(tree_of(path)) for path in modules(*PRODUCT)}
    assert {name: lines for name, lines in made.items() if lines and name != THE_DECISION} == {}


def test_a_grant_made_elsewhere_is_found() -> None:
    for source in (
        "Grant('p', 'd')",
        "grants.Grant('p', 'd')",
        "from appliance.foundation.grants import Grant as Yes\nYes('p')",
        "dataclasses.replace(grant, release_s=600)",
    ):
        assert grants_made(ast.parse(source)), source
    assert grants_made(ast.parse("def release(grant: Grant) -> None: ...")) == []
