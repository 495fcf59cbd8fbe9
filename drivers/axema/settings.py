"""The settings of an Axema controller, read strictly: every mistake at once, no device touched (DR-05)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.axema.messages import is_name
from drivers.controller_contract import ControllerSettings
from drivers.transports.https_client import Address, parse_address

BASE_URL: Final = "https://api.vakaonline.se"
# Both as printed on developer.vakaonline.se, getting-started/authentication.
TOKEN_URL: Final = "https://login.microsoftonline.com/9968fc31-c55a-484e-975f-36ed01948291/oauth2/v2.0/token"  # noqa: S105
SCOPE: Final = "api://46298672-5d4a-4a7e-8402-c1f0cc3366e3/.default"
SECRETS: Final = frozenset({"client_secret", "api_key", "hook_secret"})
RESOURCES_LIMIT: Final = 256


@dataclass(frozen=True, slots=True)
class AxemaSettings:
    """How to reach one VAKA system. resources, schedules: VAKA's ids by device; a device is VAKA's id of a door."""

    api: Address
    tokens: Address
    client_id: str
    client_secret: str = field(repr=False)
    api_key: str = field(repr=False)
    hook_secret: str = field(repr=False)
    scope: str
    system_id: str
    user_id: str
    resources: Mapping[str, str]
    schedules: Mapping[str, str]
    zone: ZoneInfo
    emulated: bool


def read_settings(controller: ControllerSettings) -> tuple[AxemaSettings, list[FieldError]]:
    """The settings, with every mistake in them; usable only when there is none."""
    section = Section("settings", controller.settings)
    resources, schedules = _ids(section, "resources"), _ids(section, "schedules")
    holds = bool(resources)
    for device in sorted(set(schedules) - set(resources)):
        section.mistake("schedules", "unknown", f"{device} has no resource, and so nothing is reserved for it")
    found = AxemaSettings(
        api=_address(section, "base_url", BASE_URL),
        tokens=_address(section, "token_url", TOKEN_URL),
        client_id=section.text("client_id"),
        client_secret=_secret(section, controller, "client_secret"),
        api_key=_secret(section, controller, "api_key"),
        hook_secret=_secret(section, controller, "hook_secret"),
        scope=section.text("scope", SCOPE, 300),
        system_id=_id(section, "system_id") if holds or section.has("system_id") else "",
        user_id=_id(section, "user_id") if holds or section.has("user_id") else "",
        resources=resources,
        schedules=schedules,
        zone=_zone(section),
        emulated=section.flag("emulated"),
    )
    section.finish()
    return found, section.errors


def _address(section: Section, name: str, default: str) -> Address:
    address = parse_address(section.text(name, default, 300))
    if address is None:
        section.mistake(name, "malformed", "must be an https address")
    return address or Address("", 443, "", secure=True)


def _secret(section: Section, controller: ControllerSettings, name: str) -> str:
    file, secret = section.text(name), controller.secrets.get(name, "").strip()
    if file and not secret:
        section.mistake(name, "no_secret", f"there is no secret file {file}, or nothing is in it")
    return secret


def _id(section: Section, name: str) -> str:
    return section.checked(name, is_name, "an id as VAKA Online shows it")


def _ids(section: Section, name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    listed = section.mapping(name)
    for device, id_ in listed.items():
        if isinstance(id_, str) and is_name(id_) and is_name(str(device)):
            found[str(device)] = id_
        else:
            section.mistake(name, "malformed", "must name ids by door, both as VAKA Online shows them")
    if len(listed) > RESOURCES_LIMIT:
        section.mistake(name, "out_of_range", f"must be at most {RESOURCES_LIMIT}")
    return found


def _zone(section: Section) -> ZoneInfo:
    try:
        return ZoneInfo(section.text("time_zone", "Europe/Stockholm"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        section.mistake("time_zone", "not_an_option", "must be an IANA time zone such as Europe/Stockholm")
        return ZoneInfo("UTC")
