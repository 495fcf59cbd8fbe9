"""Drivers that reach their vendor by themselves, and by our gateway over MQTT where the settings say so (DR-05, DR-06).

`transport = "mqtt"`: what the vendor must be told (credentials, ids, slots) is then the gateway's to know, and the unit
is told no secret of the vendor's.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.contract import Site
from drivers.controller_contract import (
    Controller,
    ControllerCapabilities,
    ControllerGrant,
    ControllerInfo,
    ControllerSettings,
)
from drivers.gateway.controller import GatewayController
from drivers.gateway.ways import Way, check_way, exchange_by


class Transport(StrEnum):
    """How the unit reaches a vendor whose own API is on the internet."""

    HTTPS = "https"
    MQTT = "mqtt"


def also_by_mqtt(direct: ControllerInfo, behind_gateway: ControllerCapabilities) -> ControllerInfo:
    """The same driver with one setting more, and what its controller can do behind a gateway."""

    def capabilities(controller: ControllerSettings) -> ControllerCapabilities:
        return behind_gateway if _is_by_mqtt(controller) else direct.capabilities(_own(controller))

    def check(controller: ControllerSettings, site: Site) -> list[FieldError]:
        if not _is_by_mqtt(controller):
            reader = Section("settings", controller.settings)
            reader.choice("transport", Transport, Transport.HTTPS)
            return reader.errors + direct.check(_own(controller), site)
        reader = Section("settings", controller.settings)
        reader.choice("transport", Transport, Transport.MQTT)
        reader.flag("emulated")
        errors = check_way(Way.MQTT, reader, controller, site)
        reader.finish()
        return reader.errors + errors

    def build(controller: ControllerSettings, site: Site, clock: Clock) -> Controller:
        if not _is_by_mqtt(controller):
            return direct.build(_own(controller), site, clock)
        exchange = exchange_by(Way.MQTT, controller, site, clock)
        return GatewayController(behind_gateway, exchange, _nothing_more, clock)

    def is_real(controller: ControllerSettings, site: Site) -> bool:
        if _is_by_mqtt(controller):
            return controller.settings.get("emulated") is not True
        return direct.is_real(_own(controller), site)

    return replace(direct, capabilities=capabilities, check=check, build=build, is_real=is_real)


def _is_by_mqtt(controller: ControllerSettings) -> bool:
    return controller.settings.get("transport") == Transport.MQTT.value


def _own(controller: ControllerSettings) -> ControllerSettings:
    """The settings as the driver knows them."""
    own = {name: value for name, value in controller.settings.items() if name != "transport"}
    return replace(controller, settings=own)


def _nothing_more(_grant: ControllerGrant) -> Mapping[str, object]:
    return {}
