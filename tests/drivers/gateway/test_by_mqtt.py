"""Drivers that reach their vendor by themselves or by our gateway: what each way needs (DR-05, DR-06, BM-27)."""

import pytest

from appliance.foundation.clock import FakeClock
from drivers.contract import Broker, Site
from drivers.controller_contract import ControllerSettings, Takes
from drivers.gateway.by_mqtt import Transport
from drivers.gateway.controller import GatewayController
from drivers.registry import CONTROLLERS

SITE = Site(Broker("127.0.0.1", 1), signing_key=bytes(32))
TAKES = {"axema": Takes.NOBODY, "parakey": Takes.EMAIL}


def settings(**values: object) -> ControllerSettings:
    return ControllerSettings("c", "vendor", "hall", values)


@pytest.mark.parametrize("name", TAKES)
def test_behind_a_gateway_the_unit_needs_no_secret_of_the_vendors(name: str) -> None:
    """DR-05, DR-06: the broker and the key that signs are enough, and nothing else is taken."""
    info, by_gateway = CONTROLLERS.load(name), settings(transport="mqtt", emulated=True)
    assert info.check(by_gateway, SITE) == []
    assert {error.code for error in info.check(by_gateway, Site())} == {"no_broker", "no_signing_key"}
    wrong = settings(transport="mqtt", base_url="https://x", emulated="yes")
    assert {error.field for error in info.check(wrong, SITE)} == {"settings.base_url", "settings.emulated"}
    assert info.capabilities(by_gateway).takes == {TAKES[name]}
    assert (info.is_real(by_gateway, SITE), info.is_real(settings(transport="mqtt"), SITE)) == (False, True)
    assert isinstance(info.build(by_gateway, SITE, FakeClock(0)), GatewayController)


@pytest.mark.parametrize("name", TAKES)
def test_by_itself_nothing_has_changed(name: str) -> None:
    """DR-05, DR-06: what a vendor needs is told as before, with or without the word https."""
    info = CONTROLLERS.load(name)
    plain = {error.field for error in info.check(settings(), SITE)}
    assert plain
    assert {error.field for error in info.check(settings(transport="https"), SITE)} == plain
    odd = {error.field for error in info.check(settings(transport="pigeon"), SITE)}
    assert odd == plain | {"settings.transport"}
    assert set(Transport) == {"https", "mqtt"}
