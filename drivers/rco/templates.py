"""Card templates: R-CARD opens doors by the template of a card, so each set of doors needs one (DR-04). Pure.

Source: reference of the integration, "the booking system sends which card numbers are valid and which card template
each gets; R-CARD alone decides passages".
"""

from collections.abc import Iterable, Mapping
from typing import Final

from appliance.foundation.documents import Section
from drivers.contract import DriverRefused

TEMPLATES_LIMIT: Final = 200
DEVICES_LIMIT: Final = 64
LONGEST_NAME: Final = 60

Templates = Mapping[frozenset[str], str]


def parse_templates(sections: Iterable[Section]) -> Templates:
    """Objects with `name` and `devices`; mistakes go into the sections' errors."""
    found: dict[frozenset[str], str] = {}
    for section in sections:
        name = section.text("name", longest=LONGEST_NAME)
        devices = frozenset(section.list_of("devices", _is_device, "names of doors", DEVICES_LIMIT))
        section.finish()
        if devices in found:
            section.mistake("devices", "repeated", f"the template {found[devices]} opens the same doors")
        found[devices] = name
    return found


def template_for(templates: Templates, devices: Iterable[str]) -> str:
    """The template that opens exactly these doors; `DriverRefused` says which one to make."""
    wanted = frozenset(devices)
    found = templates.get(wanted)
    if found is None:
        doors = ", ".join(sorted(wanted))
        raise DriverRefused(
            f"no card template opens exactly {doors}; make one in R-CARD and name it in the controller's settings"
        )
    return found


def _is_device(name: str) -> bool:
    return 0 < len(name.strip()) <= LONGEST_NAME
