"""The site plans of pretend facilities: doors in memory, the bookings a derived PIN may be for, and a controller."""

from typing import Final

from appliance.booking.catalogue import Facility
from appliance.foundation.ids import Uuid7
from appliance.keys import passes
from appliance.keys.derived_pins import DerivedRules

ZONE: Final = "bench"
CONTROLLER: Final = "bench"
# The largest that a plan may have with one zone a door: nine digits, starts each quarter, eight hours at most.
RULES: Final = DerivedRules(grid_minutes=15, longest_minutes=480, serials=1, before_s=900, after_s=900, known_until=0)


def door_slug(number: int) -> str:
    """The name of a door, from 0."""
    return f"door-{number + 1}"


def site_plan(facility: Facility, doors: tuple[str, ...], *, told: bool) -> dict[str, object]:
    """A plan of these doors; `told`: each is a door of one controller in memory, which takes e-mail addresses."""
    plan: dict[str, object] = {
        "facility": {
            "id": facility.id, "slug": facility.slug, "name": facility.name, "time_zone": facility.zone.key,
        },
        "doors": [_door(number, door, told=told) for number, door in enumerate(doors)],
        "derived_pins": {name: getattr(RULES, name) for name in RULES.__slots__},
    }  # fmt: skip
    if told:
        one = {"id": Uuid7().new(), "slug": CONTROLLER, "name": "Bench", "driver": "simulated"}
        plan["controllers"] = [{**one, "settings": {"takes": "email"}}]
    return plan


def _door(number: int, door: str, *, told: bool) -> dict[str, object]:
    slug = door_slug(number)
    return {
        "id": door, "slug": slug, "name": slug, "number": number if number < passes.DOORS else None,
        "driver": "simulated", "zones": [ZONE],
        "settings": {"controller": CONTROLLER, "device": slug} if told else {},
    }  # fmt: skip
