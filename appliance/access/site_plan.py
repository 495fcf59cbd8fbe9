"""The site plan: the facility, its doors, what hangs beside them, and what is switched with them.

It is a numbered document in the journal of `booking.db`. The web process checks it before it is written, the door
process again before it is applied; both learn of every mistake at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.access.derived_plan import parse_derived, too_guessable
from appliance.access.device_plan import ControllerPlan, ReaderPlan, parse_controller, parse_reader
from appliance.access.door_plan import DoorPlan, parse_door
from appliance.access.outputs import OutputPlan, parse_output
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError, Invalid
from appliance.keys.derived_pins import DerivedRules

Part = TypeVar("Part")
DOORS_LIMIT: Final = 256
READERS_LIMIT: Final = 2 * DOORS_LIMIT
CONTROLLERS_LIMIT: Final = 16
OUTPUTS_LIMIT: Final = 256


@dataclass(frozen=True, slots=True)
class FacilityPlan:
    """The facility that the doors belong to. `zone` is where its midnight is."""

    id: str
    slug: str
    name: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class SitePlan:
    """The whole document in force under one number. derived: None where no derived PIN is taken."""

    number: int
    facility: FacilityPlan
    doors: tuple[DoorPlan, ...]
    readers: tuple[ReaderPlan, ...] = ()
    controllers: tuple[ControllerPlan, ...] = ()
    outputs: tuple[OutputPlan, ...] = ()
    derived: DerivedRules | None = None


def parse_site_plan(number: int, document: Mapping[str, object]) -> SitePlan:
    """The plan in a document; Invalid with every mistake when there is one."""
    whole = _Document(document)
    facility = _facility(Section("facility", document.get("facility"), whole.errors))
    doors = whole.parts("doors", parse_door, DOORS_LIMIT, ("id", "slug", "number"))
    readers = whole.parts("readers", parse_reader, READERS_LIMIT, ("id", "slug"), is_optional=True)
    controllers = whole.parts("controllers", parse_controller, CONTROLLERS_LIMIT, ("id", "slug"), is_optional=True)
    outputs = whole.parts("outputs", parse_output, OUTPUTS_LIMIT, ("id", "slug"), is_optional=True)
    known = {door.id for door in doors}
    for at, reader in enumerate(readers):
        if reader.door_id and reader.door_id not in known:
            whole.errors.append(FieldError(f"readers.{at}.door", "unknown", "there is no such door in this plan"))
    derived = whole.part("derived_pins", parse_derived)
    if derived is not None:
        whole.errors.extend(too_guessable(derived, doors))
    whole.finish()
    if whole.errors or facility is None:
        raise Invalid(*whole.errors)
    return SitePlan(number, facility, doors, readers, controllers, outputs, derived)


class _Document:
    """The top of the document, read part by part."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self.errors: list[FieldError] = []
        self._document = document
        self._asked = {"facility"}

    def parts(
        self,
        name: str,
        parse: Callable[[Section], Part],
        limit: int,
        unique: Sequence[str],
        *,
        is_optional: bool = False,
    ) -> tuple[Part, ...]:
        """Everything in the list of this name. No two may be the same in any of `unique`."""
        self._asked.add(name)
        listed = self._document.get(name, [] if is_optional else None)
        if not isinstance(listed, list) or len(listed) > limit:
            self.errors.append(FieldError(name, "malformed", f"must be a list of at most {limit} {name}"))
            return ()
        found = tuple(parse(Section(f"{name}.{at}", one, self.errors)) for at, one in enumerate(listed))
        for field in unique:
            self.errors.extend(_repeated(name, field, [getattr(one, field) for one in found]))
        return found

    def part(self, name: str, parse: Callable[[Section], Part]) -> Part | None:
        """The one object of this name; None where it is left out."""
        self._asked.add(name)
        found = self._document.get(name)
        return None if found is None else parse(Section(name, found, self.errors))

    def finish(self) -> None:
        """Note every part that nobody asked for."""
        for name in sorted(set(self._document) - self._asked):
            self.errors.append(FieldError(name, "unknown", "there is no such part of a site plan"))


def _facility(section: Section) -> FacilityPlan | None:
    id_, slug, name = section.id("id"), section.slug("slug"), section.text("name")
    zone = section.text("time_zone")
    section.finish()
    try:
        return FacilityPlan(id_, slug, name, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        section.mistake("time_zone", "not_an_option", "must be an IANA time zone such as Europe/Stockholm")
        return None


def _repeated(parts: str, name: str, values: list[object]) -> list[FieldError]:
    seen: set[object] = set()
    errors = []
    for at, value in enumerate(values):
        if value is not None and value in seen:
            errors.append(FieldError(f"{parts}.{at}.{name}", "repeated", f"another of the {parts} has the same {name}"))
        seen.add(value)
    return errors
