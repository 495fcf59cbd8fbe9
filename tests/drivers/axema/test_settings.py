"""The settings of an Axema controller (DR-05)."""

from drivers.axema.driver import CONTROLLER
from drivers.axema.settings import BASE_URL, TOKEN_URL, read_settings
from drivers.contract import Site
from drivers.controller_contract import ControllerSettings, Takes

LEAST: dict[str, object] = {
    "client_id": "me",
    "client_secret": "client.txt",
    "api_key": "key.txt",
    "hook_secret": "hook.txt",
}

SECRETS = {"client_secret": "c", "api_key": "k\n", "hook_secret": "h"}


def given(**settings: object) -> ControllerSettings:
    return ControllerSettings("id", "vaka", "hall", {**LEAST, **settings}, SECRETS)


def mistakes(controller: ControllerSettings) -> dict[str, str]:
    return {error.field: error.code for error in CONTROLLER.check(controller, Site())}


def test_the_addresses_are_the_vendors_unless_said_otherwise() -> None:
    """DR-05: only what an installer alone can know must be given."""
    assert mistakes(given()) == {}
    settings, _ = read_settings(given())
    assert settings.api.host in BASE_URL
    assert TOKEN_URL.endswith(settings.tokens.prefix)
    assert settings.api_key == "k"
    assert settings.zone.key == "Europe/Stockholm"


def test_every_mistake_is_told_at_once() -> None:
    """DR-05: nobody mends a configuration one error at a time."""
    wrong = given(
        base_url="http://vendor.example",
        client_id=7,
        resources={"door-1": "a/b", "door-2": "res"},
        schedules={"door-3": "s"},
        time_zone="Mars",
        emulated="yes",
        colour="red",
    )
    assert mistakes(wrong) == {
        "settings.base_url": "malformed",
        "settings.client_id": "malformed",
        "settings.resources": "malformed",
        "settings.schedules": "unknown",
        "settings.system_id": "missing",
        "settings.user_id": "missing",
        "settings.time_zone": "not_an_option",
        "settings.emulated": "malformed",
        "settings.colour": "unknown",
    }
    assert {error.field for error in CONTROLLER.check(ControllerSettings("id", "vaka", "hall", {}), Site())} == {
        f"settings.{name}" for name in LEAST
    }
    absent = ControllerSettings("id", "vaka", "hall", LEAST, {**SECRETS, "api_key": " \n"})
    assert mistakes(absent) == {"settings.api_key": "no_secret"}


def test_what_a_system_can_do_follows_from_its_settings() -> None:
    """DR-05: without resources it only unlocks; and steel is steel unless it is declared an emulator."""
    bare, holding = given(), given(resources={"d": "r"}, system_id="s", user_id="u", emulated=True)
    assert CONTROLLER.capabilities(bare).takes == frozenset()
    assert CONTROLLER.capabilities(holding).takes == {Takes.NOBODY}
    assert not CONTROLLER.capabilities(bare).lists
    assert CONTROLLER.is_real(bare, Site())
    assert not CONTROLLER.is_real(holding, Site())
    assert CONTROLLER.secrets == {"client_secret", "api_key", "hook_secret"}
