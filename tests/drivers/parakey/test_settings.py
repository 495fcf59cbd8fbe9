"""The settings of a Parakey controller (DR-06)."""

import pytest

from drivers.contract import Site
from drivers.controller_contract import ControllerSettings, Takes
from drivers.parakey.driver import CONTROLLER
from drivers.parakey.settings import read_settings

LEAST: dict[str, object] = {
    "base_url": "https://vendor.example/v1",
    "manage_path": "/domains/{domain}/manageAccess",
    "events_path": "/eventLogs",
    "domain": "d-1",
    "token_header": "X-Token",
    "token": "token.txt",
    "alias_prefix": "hall-1-",
}


def given(**settings: object) -> ControllerSettings:
    kept = {name: value for name, value in {**LEAST, **settings}.items() if value is not None}
    return ControllerSettings("id", "parakey", "hall", kept, {"token": "t\n"})


def mistakes(controller: ControllerSettings) -> dict[str, str]:
    return {error.field: error.code for error in CONTROLLER.check(controller, Site())}


def test_what_is_not_public_must_be_given_and_nothing_else() -> None:
    """DR-06: nothing is invented."""
    assert mistakes(given()) == {}
    settings, _ = read_settings(given(token_prefix="Bearer "))
    assert settings.manage_path == "/domains/d-1/manageAccess"
    assert settings.token == "Bearer t"
    assert mistakes(given(hook_secret="hook.txt")) == {"settings.hook_secret": "no_secret"}
    assert set(mistakes(ControllerSettings("id", "p", "hall", {}))) == {
        f"settings.{name}" for name in LEAST if name != "domain"
    }


def test_every_mistake_is_told_at_once() -> None:
    """DR-06: nobody mends a configuration one error at a time."""
    wrong = given(
        base_url="vendor.example",
        manage_method="PATCH",
        events_path="eventLogs?x=1",
        keys_path="/x/{place}",
        token_header="X Token",
        alias_prefix="",
        accesses={"court": 7},
        event_fields={"created_at": "a..b", "colour": "red"},
        poll_s=59,
        send_push="no",
        colour="red",
    )
    assert mistakes(wrong) == {
        "settings.base_url": "malformed",
        "settings.manage_method": "not_an_option",
        "settings.events_path": "malformed",
        "settings.keys_path": "malformed",
        "settings.token_header": "malformed",
        "settings.alias_prefix": "malformed",
        "settings.accesses": "malformed",
        "settings.event_fields.created_at": "malformed",
        "settings.event_fields.colour": "unknown",
        "settings.poll_s": "out_of_range",
        "settings.send_push": "malformed",
        "settings.colour": "unknown",
    }


@pytest.mark.parametrize("domain", [None, "a/b"])
def test_a_path_with_a_domain_needs_one(domain: str | None) -> None:
    """DR-06."""
    assert mistakes(given(domain=domain))


def test_what_a_domain_can_do_follows_from_its_settings() -> None:
    """DR-06: whether it lists is a question of its settings; it never unlocks."""
    bare = CONTROLLER.capabilities(given())
    assert (bare.takes, bare.lists, bare.unlocks, bare.events) == (frozenset({Takes.EMAIL}), False, False, True)
    assert CONTROLLER.capabilities(given(keys_path="/accessKeys")).lists
    assert CONTROLLER.is_real(given(), Site())
    assert not CONTROLLER.is_real(given(emulated=True), Site())
