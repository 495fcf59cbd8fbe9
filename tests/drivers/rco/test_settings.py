"""The settings of an R-CARD system: every mistake at once, and templates by the doors that they open (DR-04)."""

import pytest

from appliance.foundation.documents import Section
from drivers.contract import DriverRefused, Site
from drivers.controller_contract import ControllerSettings
from drivers.rco.driver import CONTROLLER
from drivers.rco.templates import parse_templates, template_for

KEY = "ab" * 32
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


def test_a_template_opens_exactly_the_doors_of_a_grant_or_is_asked_for() -> None:
    """DR-04: a template that opens more would let a guest in where he has not booked."""
    templates = parse_templates(Section("settings", {"templates": TEMPLATES}).sections("templates", 9))
    assert template_for(templates, ["D1"]) == "Gym"
    assert template_for(templates, ["D1", "D2"]) == "Gym and hall"
    with pytest.raises(DriverRefused, match="opens exactly D2; make one"):
        template_for(templates, ["D2"])
