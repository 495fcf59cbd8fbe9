"""RCO R-CARD M5, behind our gateway or by its licensed API with a mapping file (DR-04, BM-27).

Built to RCO's published concepts and to nothing else: its own protocols are not public and are not known here. A card
works when the sub-controller at the door has it, which the server can only pass on while it reaches it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.contract import Site
from drivers.controlled_door import controlled_door
from drivers.controller_contract import (
    Controller,
    ControllerCapabilities,
    ControllerGrant,
    ControllerInfo,
    ControllerSettings,
    Revocation,
    Takes,
)
from drivers.gateway.controller import GatewayController
from drivers.gateway.exchange import Exchange
from drivers.gateway.ways import SECRETS, Way, check_way, claims_of, exchange_by
from drivers.rco.api_settings import API_SECRETS, check_api, exchange_with, mapping_of
from drivers.rco.templates import TEMPLATES_LIMIT, parse_templates, template_for

RESOLUTION_S: Final = 60
MOST_CARDS: Final = 1_000_000


class Transport(StrEnum):
    """How the unit and the system reach each other."""

    SERIAL = "serial"
    MQTT = "mqtt"
    HTTP = "http"


def _capabilities(controller: ControllerSettings) -> ControllerCapabilities:
    most = controller.settings.get("max_cards")
    resolution = controller.settings.get("resolution_s", RESOLUTION_S)
    mapping = mapping_of(controller) if _transport(controller) is Transport.HTTP else None
    return ControllerCapabilities(
        takes=frozenset({Takes.CARD}),
        resolution_s=resolution if isinstance(resolution, int) else RESOLUTION_S,
        max_grants=most if isinstance(most, int) else None,
        revocation=Revocation.ON_SYNC,
        lists=True,
        unlocks=mapping is None or "unlock" in mapping.acts,
        sees_doors=mapping is None or mapping.doors is not None,
        events=mapping is None or mapping.events is not None,
        works_alone=True,
    )


def _check(controller: ControllerSettings, site: Site) -> list[FieldError]:
    reader = Section("settings", controller.settings)
    transport = reader.choice("transport", Transport, Transport.SERIAL)
    if transport is Transport.HTTP:
        errors = check_api(reader, controller)
    else:
        errors = check_way(Way(transport.value), reader, controller, site)
    parse_templates(reader.sections("templates", TEMPLATES_LIMIT))
    reader.number("resolution_s", 1, 3600, RESOLUTION_S)
    reader.number_or_none("max_cards", 1, MOST_CARDS)
    reader.flag("emulated")
    reader.finish()
    return reader.errors + errors


def _build(controller: ControllerSettings, site: Site, clock: Clock) -> Controller:
    reader = Section("settings", controller.settings)
    templates = parse_templates(reader.sections("templates", TEMPLATES_LIMIT))

    def describe(grant: ControllerGrant) -> Mapping[str, object]:
        return {"template": template_for(templates, grant.devices)}

    transport = _transport(controller)
    exchange: Exchange
    if transport is Transport.HTTP:
        exchange = exchange_with(controller, templates, clock)
    else:
        exchange = exchange_by(Way(transport.value), controller, site, clock)
    return GatewayController(_capabilities(controller), exchange, describe, clock)


def _is_real(controller: ControllerSettings, _site: Site) -> bool:
    return controller.settings.get("emulated") is not True


def _claims(controller: ControllerSettings) -> frozenset[str]:
    transport = _transport(controller)
    return frozenset() if transport is Transport.HTTP else claims_of(Way(transport.value), controller)


def _transport(controller: ControllerSettings) -> Transport:
    named = str(controller.settings.get("transport", Transport.SERIAL.value))
    return Transport(named) if named in set(Transport) else Transport.SERIAL


CONTROLLER: Final = ControllerInfo("rco", _capabilities, _check, _build, _is_real, SECRETS | API_SECRETS, _claims)
DRIVER: Final = controlled_door("rco")
