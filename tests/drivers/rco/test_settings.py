"""The settings of an R-CARD system: every mistake at once, and templates by the doors that they open (DR-04)."""

from importlib import resources

import pytest

from appliance.foundation.documents import Section
from drivers.contract import DriverRefused, Site
from drivers.controller_contract import ControllerSettings
from drivers.rco.driver import CONTROLLER
from drivers.rco.templates import parse_templates, template_for

KEY = "ab" * 32
EXAMPLE = (resources.files("drivers.rco") / "example_mapping.toml").read_text(encoding="utf-8")
TEMPLATES: list[dict[str, object]] = [
    {"name": "Gym", "devices": ["D1"]},
    {"name": "Gym and hall", "devices": ["D2", "D1"]},
]


def settings(secret: str = KEY, **values: object) -> ControllerSettings:
    base: dict[str, object] = {"port": "/dev/ttyUSB0", "link_key": "rco.key", "templates": TEMPLATES}
    return ControllerSettings("c", "rco", "hall", {**base, **values}, {"link_key": secret})


def codes(controller: ControllerSettings) -> dict[str, str]:
    return {error.field: error.code for error in CONTROLLER.check(controller, Site())}


def test_what_is_right_is_accepted() -> None:
    """DR-04."""
    assert codes(settings()) == {}
    assert CONTROLLER.claims(settings()) == {"serial port /dev/ttyUSB0"}


def test_every_mistake_is_told_at_once() -> None:
    """DR-04: nobody mends a configuration one error at a time."""
    wrong = [*TEMPLATES, {"name": "Twice", "devices": ["D1"]}]
    found = codes(settings("short", port="ttyUSB0", baud=1200, templates=wrong, resolution_s=0, colour="red"))
    assert found == {
        "settings.port": "malformed",
        "settings.baud": "out_of_range",
        "settings.link_key": "bad_secret_file",
        "settings.templates.2.devices": "repeated",
        "settings.resolution_s": "out_of_range",
        "settings.colour": "unknown",
    }
    assert set(codes(ControllerSettings("c", "rco", "hall", {"transport": "mqtt"}))) == {"driver"}


def by_api(mapping: str = EXAMPLE, secret: str = "hush\n", **values: object) -> ControllerSettings:
    where = {"transport": "http", "base_url": "https://rcard.example", "mapping": "rco.toml", "user": "portvakt"}
    base: dict[str, object] = {**where, "secret": "rco.txt", "templates": TEMPLATES}
    return ControllerSettings("c", "rco", "hall", {**base, **values}, {"mapping": mapping, "secret": secret})


def test_the_licensed_api_is_checked_with_its_mapping_file() -> None:
    """DR-04: settings, secret and file together, every mistake at once."""
    assert codes(by_api()) == {}
    assert CONTROLLER.claims(by_api()) == frozenset()
    broken = EXAMPLE.replace('"PUT"', '"STEAL"').replace("{card}", "{person}")
    assert codes(by_api(broken, secret="a\nb", base_url="http://rcard.example", user=None, port="/dev/ttyS0")) == {
        "settings.base_url": "malformed",
        "settings.user": "missing",
        "settings.secret": "no_secret",
        "settings.port": "unknown",
        "settings.mapping.upsert.0.method": "not_an_option",
        "settings.mapping.upsert.0.body": "unknown_placeholder",
    }
    assert codes(by_api("")) == {"settings.mapping": "no_secret"}


def test_what_a_mapping_file_leaves_out_cannot_be_done() -> None:
    """BM-27: capabilities follow from the file."""
    whole = CONTROLLER.capabilities(by_api())
    assert (whole.lists, whole.unlocks, whole.sees_doors, whole.events) == (True, True, True, True)
    least = """
        upsert = [{ method = "PUT", path = "/a/{grant}", body = { card = "{card}", rev = "{revision}" } }]
        revoke = [{ method = "DELETE", path = "/a/{grant}" }]
        list = { path = "/a", items = "all", fields = { grant = "id", revision = "rev" } }
    """
    assert codes(by_api(least)) == {}
    bare = CONTROLLER.capabilities(by_api(least))
    assert (bare.lists, bare.unlocks, bare.sees_doors, bare.events) == (True, False, False, False)


def test_a_template_opens_exactly_the_doors_of_a_grant_or_is_asked_for() -> None:
    """DR-04: a template that opens more would let a guest in where he has not booked."""
    templates = parse_templates(Section("settings", {"templates": TEMPLATES}).sections("templates", 9))
    assert template_for(templates, ["D1"]) == "Gym"
    assert template_for(templates, ["D1", "D2"]) == "Gym and hall"
    with pytest.raises(DriverRefused, match="opens exactly D2; make one"):
        template_for(templates, ["D2"])
