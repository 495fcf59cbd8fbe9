"""The settings of a Parakey controller, read strictly. Addresses, paths and names are settings: they are not public."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.controller_contract import HOOK_SECRET, ControllerSettings
from drivers.parakey.messages import EventFields, KeyFields
from drivers.transports.https_client import Address, parse_address

SECRETS: Final = frozenset({"token", "hook_secret"})
LEAST_POLL_S: Final = 60
MAPPED_LIMIT: Final = 256
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~{}-]{1,64}){1,8}")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}(?:\.[A-Za-z_][A-Za-z0-9_]{0,39}){0,3}")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


class Method(StrEnum):
    """How Manage Access is called."""

    POST = "POST"
    PUT = "PUT"


@dataclass(frozen=True, slots=True)
class ParakeySettings:
    """How to reach one domain (place) of Parakey's.

    keys_path: where access keys are listed; empty where that is not known. accesses: Parakey's ids of accesses by
    device, for those that have no alias. event_devices: our devices by what event logs call them.
    """

    api: Address
    manage_path: str
    manage_method: Method
    events_path: str
    keys_path: str
    token_header: str
    token: str = field(repr=False)
    hook_header: str
    hook_secret: str = field(repr=False)
    alias_prefix: str
    accesses: Mapping[str, str]
    event_devices: Mapping[str, str]
    key_fields: KeyFields
    event_fields: EventFields
    items: str
    poll_s: int
    send_push: bool
    send_invitation: bool
    emulated: bool


def read_settings(controller: ControllerSettings) -> tuple[ParakeySettings, list[FieldError]]:
    """The settings, with every mistake in them; usable only when there is none."""
    section = Section("settings", controller.settings)
    domain = section.checked("domain", _is_id, "the id of the domain") if section.has("domain") else ""
    prefix = section.text("token_prefix", "", 40)
    found = ParakeySettings(
        api=_address(section),
        manage_path=_path(section, "manage_path", domain),
        manage_method=section.choice("manage_method", Method, Method.POST),
        events_path=_path(section, "events_path", domain),
        keys_path=_path(section, "keys_path", domain) if section.has("keys_path") else "",
        token_header=_named(section, "token_header", None, _HEADER, "the name of a header"),
        token=prefix + _secret(section, controller, "token"),
        hook_header=_named(section, "hook_header", HOOK_SECRET, _HEADER, "the name of a header").lower(),
        hook_secret=_secret(section, controller, "hook_secret") if section.has("hook_secret") else "",
        alias_prefix=_named(section, "alias_prefix", None, _ID, "a word of your own, such as the facility's name"),
        accesses=_ids(section, "accesses"),
        event_devices=_ids(section, "event_devices"),
        key_fields=KeyFields(
            start=_field(section, "start_field", KeyFields().start),
            end=_field(section, "end_field", KeyFields().end),
            tag=_field(section, "tag_field", KeyFields().tag),
        ),
        event_fields=_event_fields(section),
        items=_field(section, "items_field", "") if section.has("items_field") else "",
        poll_s=section.number("poll_s", LEAST_POLL_S, 3600, LEAST_POLL_S),
        send_push=section.flag("send_push", True),
        send_invitation=section.flag("send_invitation", True),
        emulated=section.flag("emulated"),
    )
    section.finish()
    return found, section.errors


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def _address(section: Section) -> Address:
    address = parse_address(section.text("base_url", None, 300))
    if address is None:
        section.mistake("base_url", "malformed", "must be an https address, as Parakey's API reference names it")
    return address or Address("", 443, "", secure=True)


def _path(section: Section, name: str, domain: str) -> str:
    """A path, as Parakey's API reference names it; `{domain}` in it stands for the domain."""
    path = section.checked(name, lambda text: _PATH.fullmatch(text) is not None, "a path such as /places/{domain}/keys")
    wants = path.replace("{domain}", domain)
    if "{" in wants or "}" in wants or ("{domain}" in path and not domain):
        section.mistake(name, "malformed", "may have {domain} in it when `domain` is set, and no other braces")
    return wants


def _named(section: Section, name: str, default: str | None, pattern: re.Pattern[str], wanted: str) -> str:
    if default is not None and not section.has(name):
        return default
    return section.checked(name, lambda text: pattern.fullmatch(text) is not None, wanted)


def _field(section: Section, name: str, default: str) -> str:
    return _named(section, name, default, _FIELD, "the name of a field")


def _event_fields(section: Section) -> EventFields:
    usual = EventFields()
    inner = Section("settings.event_fields", section.mapping("event_fields"), section.errors)
    found = EventFields(
        id=_field(inner, "id", usual.id),
        created_at=_field(inner, "created_at", usual.created_at),
        timestamp=_field(inner, "timestamp", usual.timestamp),
        device=_field(inner, "device", usual.device),
        email=_field(inner, "email", usual.email),
    )
    inner.finish()
    return found


def _secret(section: Section, controller: ControllerSettings, name: str) -> str:
    file, secret = section.text(name), controller.secrets.get(name, "").strip()
    if file and not secret:
        section.mistake(name, "no_secret", f"there is no secret file {file}, or nothing is in it")
    return secret


def _ids(section: Section, name: str) -> dict[str, str]:
    listed = section.mapping(name)
    found = {
        str(key): str(id_) for key, id_ in listed.items() if isinstance(id_, str) and _is_id(id_) and _is_id(str(key))
    }
    if len(found) < len(listed) or len(listed) > MAPPED_LIMIT:
        section.mistake(name, "malformed", f"must name at most {MAPPED_LIMIT} ids by name")
    return found
