"""RCO R-CARD M5 behind our gateway (DR-04, BM-27).

Built to RCO's published concepts and to nothing else: its own protocols are not public and are not spoken here. A card
works when the sub-controller at the door has it, which the server can only pass on while it reaches it.
"""

from collections.abc import Mapping
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
from drivers.gateway.ways import SECRETS, Way, check_way, claims_of, exchange_by
from drivers.rco.templates import TEMPLATES_LIMIT, parse_templates, template_for

RESOLUTION_S: Final = 60
MOST_CARDS: Final = 1_000_000


def _capabilities(controller: ControllerSettings) -> ControllerCapabilities:
    most = controller.settings.get("max_cards")
    resolution = controller.settings.get("resolution_s", RESOLUTION_S)
    return ControllerCapabilities(
        takes=frozenset({Takes.CARD}),
        resolution_s=resolution if isinstance(resolution, int) else RESOLUTION_S,
        max_grants=most if isinstance(most, int) else None,
        revocation=Revocation.ON_SYNC,
        lists=True,
        unlocks=True,
        sees_doors=True,
        events=True,
        works_alone=True,
    )


def _check(controller: ControllerSettings, site: Site) -> list[FieldError]:
    reader = Section("settings", controller.settings)
    way = reader.choice("transport", Way, Way.SERIAL)
    errors = check_way(way, reader, controller, site)
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

    exchange = exchange_by(_way(controller), controller, site, clock)
    return GatewayController(_capabilities(controller), exchange, describe, clock)


def _is_real(controller: ControllerSettings, _site: Site) -> bool:
    return controller.settings.get("emulated") is not True


def _claims(controller: ControllerSettings) -> frozenset[str]:
    return claims_of(_way(controller), controller)


def _way(controller: ControllerSettings) -> Way:
    return Way(str(controller.settings.get("transport", Way.SERIAL.value)))


CONTROLLER: Final = ControllerInfo("rco", _capabilities, _check, _build, _is_real, SECRETS, _claims)
DRIVER: Final = controlled_door("rco")
