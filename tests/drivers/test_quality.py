"""Every driver says what it keeps of the house's promises, and every page says it is there (DR-01)."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from drivers import registry

ROOT = Path(__file__).parents[2]
BUILT_IN = sorted(
    {
        module.split(".")[1]
        for kind in (registry.DOORS, registry.READERS, registry.CONTROLLERS)
        for module in kind.built_in.values()
    }
)
ASKED = re.compile(r"(?:section|reader)\.[a-z_]+\(\"([a-z_]+)\"|\(section, (?:controller, )?\"([a-z_]+)\"")
READERS = ("driver", "settings", "api_settings", "controller")
"""The modules of a driver that read settings."""
PROMISES = {
    "contract",
    "settings_checked_at_once",
    "safe_on_stop",
    "safe_on_crash",
    "reconnect",
    "health_says_what_to_do",
    "bad_input",
    "loaded_only_when_named",
    "signed_commands",
    "tried_on_hardware",
}


def lapses(promises: dict[str, dict[str, object]]) -> list[str]:
    """What is missing or wrong in one driver's quality.toml."""
    found = [f"{name} is not said" for name in sorted(PROMISES - set(promises))]
    found += [f"{name} is no promise" for name in sorted(set(promises) - PROMISES)]
    for name, word in promises.items():
        match word:
            case {"done": [*tests], **rest} if tests and not rest:
                found += [f"{name}: there is no {test}" for test in tests if not _exists(str(test))]
            case {"todo": True, **rest} if not rest:
                continue
            case {"exempt": str(reason), **rest} if reason and not rest:
                continue
            case _:
                found.append(f"{name} is neither done, todo nor exempt")
    return found


def _exists(test: str) -> bool:
    path, _, name = test.partition("::")
    if not (ROOT / path).is_file():
        return False
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_driver_says_of_each_promise_how_it_stands(name: str) -> None:
    """DR-01: done names tests that exist, exempt gives its reason."""
    promises = tomllib.loads((ROOT / "drivers" / name / "quality.toml").read_text(encoding="utf-8"))
    assert lapses(promises) == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_driver_has_its_section_with_settings_and_limits(name: str) -> None:
    """DR-01: an installer finds it in drivers/README.md, what was never tried included."""
    page = (ROOT / "drivers" / "README.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert "Known limits" in section
    modules = [path for path in (ROOT / "drivers" / name).glob("*.py") if path.stem in READERS]
    if any("by_mqtt" in path.read_text(encoding="utf-8") for path in modules):
        modules.append(ROOT / "drivers" / "gateway" / "by_mqtt.py")
    source = "".join(path.read_text(encoding="utf-8") for path in modules)
    quality = (ROOT / "drivers" / name / "quality.toml").read_text(encoding="utf-8")
    assert "setting |" in section or "No settings" in section
    assert ("Never tried on real hardware" in section) is ("[tried_on_hardware]\ntodo" in quality)
    asked = {first or second for first, second in ASKED.findall(source)}
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))
    assert asked <= documented
    # A name may be put together, as those of pins are.
    assert [one for one in documented if f'"{one}"' not in source and f'_{one.rpartition("_")[2]}"' not in source] == []


def test_a_promise_that_is_not_kept_is_found() -> None:
    """DR-01, control: each kind of lapse."""
    told: dict[str, dict[str, object]] = {name: {"todo": True} for name in PROMISES}
    assert lapses({**told, "contract": {"done": ["tests/none.py::test_x"]}}) == [
        "contract: there is no tests/none.py::test_x"
    ]
    assert lapses({**told, "contract": {"exempt": ""}}) == ["contract is neither done, todo nor exempt"]
    assert lapses({**told, "beauty": {"todo": True}}) == ["beauty is no promise"]
    assert lapses({name: word for name, word in told.items() if name != "contract"}) == ["contract is not said"]
