"""The manual cannot lie: every command, option and setting is in it, and nothing else."""

import argparse
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from appliance import cli, config_file
from appliance.access.derived_plan import ODDS_A_DAY, odds_a_day
from appliance.access.throttle import WRONG_A_DAY
from appliance.boot.emulate import EMULATORS
from appliance.keys import backup_pins, pins
from appliance.keys.derived_pins import LIKELIEST, DerivedRules
from tests.house.tree import ROOT

COMMANDS = ROOT / "docs" / "commands.md"
CONFIGURATION = ROOT / "docs" / "configuration.md"
KEYS = ROOT / "docs" / "keys.md"
EXAMPLE = ROOT / "docs" / "portvakt.toml"


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """The options of one verb, without the one for help that all have."""
    return {text for action in parser._actions for text in action.option_strings if text.startswith("--")} - {"--help"}


def understood() -> dict[str, set[str]]:
    """What the program understands: each verb with its options. A device to emulate counts as a verb."""
    root = cli.parser()
    (verbs,) = (action for action in root._actions if isinstance(action, argparse._SubParsersAction))
    found = {name: options_of(parser) for name, parser in verbs.choices.items() if name != "emulate"}
    for device, module in EMULATORS.items():
        found[f"emulate {device}"] = options_of(import_module(module).parser())
    return found


def documented() -> dict[str, set[str]]:
    """What the manual says: each section headed by a verb, with the options named in it."""
    sections = re.split(r"^## `portvakt ([a-z -]+)`$", COMMANDS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    verbs, texts = sections[1::2], sections[2::2]
    return {verb: set(re.findall(r"`(--[a-z-]+)", text)) for verb, text in zip(verbs, texts, strict=True)}


def test_every_command_and_option_is_in_the_manual_and_nothing_else() -> None:
    assert documented() == understood()


def test_every_command_says_what_it_is_for() -> None:
    root = cli.parser()
    (verbs,) = (action for action in root._actions if isinstance(action, argparse._SubParsersAction))
    assert {choice.dest for choice in verbs._choices_actions if choice.help} == set(verbs.choices)


def test_the_documents_show_commands_that_exist() -> None:
    verbs = set(understood()) | {"emulate"}
    shown = {
        verb
        for page in pages()
        for verb in re.findall(r"`portvakt ((?:emulate )?[a-z][a-z-]+)", page.read_text(encoding="utf-8"))
    }
    assert shown <= verbs


def test_every_setting_is_in_the_manual_and_nothing_else() -> None:
    settings = {f"{section}.{key}" for section, keys in config_file.SETTINGS.items() for key in keys}
    documented = set(
        re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", CONFIGURATION.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert documented == settings


def test_the_example_holds_every_setting_and_is_accepted() -> None:
    """A setting that is off by default stands in the example behind a `#`."""
    example = EXAMPLE.read_text(encoding="utf-8")
    config_file.parse(tomllib.loads(example))
    config_file.parse(tomllib.loads(re.sub(r"^#([a-z_\[])", r"\1", example, flags=re.MULTILINE)))
    shown = tomllib.loads(re.sub(r"^#([a-z_\[])", r"\1", example, flags=re.MULTILINE))
    # A section that may stand there several times is a list.
    sections = {name: set(keys[0] if isinstance(keys, list) else keys) for name, keys in shown.items()}
    assert sections == {section: set(keys) for section, keys in config_file.SETTINGS.items()}


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


def test_the_published_odds_of_guessing_a_derived_pin_are_those_of_the_code() -> None:
    """AC-02: each cell of the table, and the bound that a site plan is held to."""
    manual = KEYS.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) min, (\d+) h \| (\d+) \|(.+)\|$", manual, re.MULTILINE)
    assert len(rows) == 5
    for grid, hours, windows, cells in rows:
        rules = DerivedRules(int(grid), 60 * int(hours), 1, 900, 900, 0)
        odds = [rules.windows * LIKELIEST, odds_a_day(rules, 1), odds_a_day(rules, 4)]
        assert (int(windows), [cell.strip() for cell in cells.split("|")]) == (
            rules.windows,
            [f"{chance:.2g}" for chance in odds],
        )
    assert "1 in 10,000" in manual
    assert ODDS_A_DAY == 1 / 10_000


def test_the_published_odds_of_guessing_a_backup_pin_are_those_of_the_code() -> None:
    """AC-19: of a full pool, in a day."""
    odds = pins.guess_odds(backup_pins.POOL, backup_pins.DIGITS, WRONG_A_DAY)
    assert f"make 40 guesses worth {odds:.2g}." in KEYS.read_text(encoding="utf-8")


def test_a_door_that_takes_pins_under_duress_is_twice_as_easy_to_guess() -> None:
    """AC-14: each PIN has two forms that open, and the page says what that comes to."""
    assert "these odds double" in KEYS.read_text(encoding="utf-8")
    for good in (1, 4, 10):
        alone, both = (
            pins.guess_odds(count, 6, WRONG_A_DAY, space=pins.STRONG_PINS_PER_ISSUER) for count in (good, 2 * good)
        )
        assert both == pytest.approx(2 * alone, rel=0.01)


def pages() -> list[Path]:
    """Every page of the manual."""
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "drivers").rglob("*.md")]


def test_links_between_the_pages_lead_somewhere() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in pages()
        for target in re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists() and "docs/images/" not in target
    ]
    assert broken == []
