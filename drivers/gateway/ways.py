"""The way to a gateway as an installer chooses it: `transport` serial or mqtt, and what each needs (DR-04 to DR-06)."""

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.contract import Site
from drivers.controller_contract import ControllerSettings
from drivers.gateway.exchange import Exchange
from drivers.gateway.frames import KEY_BYTES
from drivers.gateway.messages import ControllerTopics
from drivers.signed_orders import site_mistakes

if TYPE_CHECKING:
    from drivers.transports.serial_port import SerialPort

SECRETS: Final = frozenset({"link_key"})
BAUDS: Final = (9600, 19200, 38400, 57600, 115200, 230400)
_PORT: Final = re.compile(r"/[A-Za-z0-9/._-]{1,200}")
_KEY: Final = re.compile(r"[0-9a-f]{64}")
_READ_S: Final = 0.02


class Way(StrEnum):
    """How the unit and the gateway reach each other."""

    SERIAL = "serial"
    MQTT = "mqtt"


def check_way(way: Way, reader: Section, controller: ControllerSettings, site: Site) -> list[FieldError]:
    """Every mistake in the settings of a way; those of the reader's own go into its errors."""
    if way is Way.MQTT:
        return site_mistakes(site)
    reader.checked("port", lambda path: _PORT.fullmatch(path) is not None, "the path of a serial port")
    if reader.number("baud", 9600, 230400, 115200) not in BAUDS:
        reader.mistake("baud", "not_an_option", f"must be one of {', '.join(map(str, BAUDS))}")
    if reader.text("link_key") and _KEY.fullmatch(controller.secrets.get("link_key", "")) is None:
        message = f"the file must hold {KEY_BYTES} bytes as {2 * KEY_BYTES} digits 0-9 a-f, the same as in the gateway"
        return [FieldError("settings.link_key", "bad_secret_file", message)]
    return []


def exchange_by(way: Way, controller: ControllerSettings, site: Site, clock: Clock) -> Exchange:
    """The way that `check_way` found no mistake in. What it needs is imported only here."""
    if way is Way.MQTT:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        from drivers.gateway.mqtt_exchange import MqttExchange
        from drivers.transports.mqtt_link import shared_link

        topics = ControllerTopics(controller.facility_slug, controller.slug)
        link = shared_link(site, controller.facility_slug, clock)
        return MqttExchange(topics, link, Ed25519PrivateKey.from_private_bytes(site.signing_key), clock)
    from drivers.gateway.serial_exchange import SerialExchange
    from drivers.transports.serial_port import SerialPort

    port, baud = str(controller.settings["port"]), int(str(controller.settings.get("baud", 115200)))

    def open_port() -> "SerialPort":
        return SerialPort(port, baud, _READ_S)

    return SerialExchange(controller.slug, open_port, bytes.fromhex(controller.secrets["link_key"]), clock)


def claims_of(way: Way, controller: ControllerSettings) -> frozenset[str]:
    """What only one device can have."""
    return frozenset({f"serial port {controller.settings.get('port')}"}) if way is Way.SERIAL else frozenset()
