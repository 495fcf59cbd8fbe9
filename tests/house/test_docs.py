"""The manual cannot lie: every command, option and setting is in it, and nothing else."""

import ast
import re
import tomllib

from appliance import config
from appliance.keys import pins
from tests.house.tree import ROOT, modules, tree_of

COMMANDS = ROOT / "docs" / "commands.md"
CONFIGURATION = ROOT / "docs" / "configuration.md"
KEYS = ROOT / "docs" / "keys.md"
EXAMPLE = ROOT / "docs" / "portvakt.toml"


def literals(method: str, source: ast.AST) -> set[str]:
    """The literal texts given to every call of `method`, such as the verbs given to `add_parser`."""
    return {
        argument.value
        for call in ast.walk(source)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == method
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def command_line() -> list[ast.Module]:
    """The modules that read the command line."""
    readers = [path for path in modules("appliance") if path.parent.name == "cli" or path.stem.startswith("cli")]
    return [tree_of(path) for path in [*readers, *modules("drivers/emulators")]]


def verbs_and_options() -> tuple[set[str], set[str]]:
    """What the program understands: verbs, and options with two dashes."""
    verbs = set().union(*(literals("add_parser", module) for module in command_line()))
    options = set().union(*(literals("add_argument", module) for module in command_line()))
    return verbs, {option for option in options if option.startswith("--")}


def test_every_command_is_in_the_manual_and_nothing_else() -> None:
    documented = set(
        re.findall(r"^##+ `portvakt (?:emulate )?([a-z-]+)", COMMANDS.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert documented == verbs_and_options()[0]


def test_every_option_is_in_the_manual_and_nothing_else() -> None:
    documented = set(re.findall(r"`(--[a-z-]+)", COMMANDS.read_text(encoding="utf-8")))
    assert documented == verbs_and_options()[1]


def test_the_readme_shows_commands_that_exist() -> None:
    shown = set(re.findall(r"\bportvakt ([a-z][a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert shown <= verbs_and_options()[0]


def test_every_setting_is_in_the_manual_and_nothing_else() -> None:
    settings = {f"{section}.{key}" for section, keys in config.SETTINGS.items() for key in keys}
    documented = set(
        re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", CONFIGURATION.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert documented == settings


def test_the_example_holds_every_setting_and_is_accepted() -> None:
    """A setting that is off by default stands in the example behind a `#`."""
    example = EXAMPLE.read_text(encoding="utf-8")
    config.parse(tomllib.loads(example))
    config.parse(tomllib.loads(re.sub(r"^#([a-z_\[])", r"\1", example, flags=re.MULTILINE)))
    shown = tomllib.loads(re.sub(r"^#([a-z_\[])", r"\1", example, flags=re.MULTILINE))
    assert {section: set(keys) for section, keys in shown.items()} == {
        section: set(keys) for section, keys in config.SETTINGS.items()
    }


def test_the_published_odds_of_guessing_a_pin_are_those_of_the_code() -> None:
    """AC-01: each cell of the table, to the two figures it is printed with."""
    manual = KEYS.read_text(encoding="utf-8")
    header = re.search(r"^\| good PINs \|(.+)\|$", manual, re.MULTILINE)
    assert header
    guesses = [int(number) for number in re.findall(r"\d+", header[1].replace("one", "1"))]
    rows = re.findall(r"^\| (\d+) \|(.+)\|$", manual, re.MULTILINE)
    assert rows
    for good, cells in rows:
        odds = [f"{pins.guess_odds(int(good), 6, tries, space=pins.STRONG_PINS_PER_ISSUER):.2g}" for tries in guesses]
        assert [cell.strip() for cell in cells.split("|")] == odds
    assert f"{pins.STRONG_PINS_PER_ISSUER:,}" in manual


def test_links_between_the_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "drivers").glob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists() and "docs/images/" not in target
    ]
    assert broken == []
