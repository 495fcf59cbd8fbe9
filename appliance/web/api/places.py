"""People and places, for staff: resources, absences, opening hours, and how services meet strangers (DY-25, DY-31).

What is saved is in force at once. The answer lists the bookings that do not fit any more.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Generic, TypeVar

from flask import Response, jsonify

from appliance.booking import place_kinds_store as kinds
from appliance.booking.actions import owned
from appliance.booking.actions.editing import Rules
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.catalogue import Catalogue
from appliance.booking.catalogue_store import load_catalogue
from appliance.booking.place_kinds_store import Absence, Place
from appliance.booking.resources import leaves, tree_of
from appliance.booking.visibility import Admission
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.instants import format_instant
from appliance.identity.store import StaffMember
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import ChangedMeanwhile, Edited, Kind
from appliance.web.api import place_schemas as schemas
from appliance.web.api.access import STAFF
from appliance.web.api.complaints import Asked
from appliance.web.api.conflicts import conflicts_now
from appliance.web.api.editing import Editing, add_editing, changed_meanwhile, shown
from appliance.web.api.specification import Blueprint
from appliance.web.problems import NotFound
from appliance.web.unit import Unit

T = TypeVar("T")
_SLUG_TAKEN = FieldError("slug", "taken", marked("Something else has this short name."))
_NO_POOL = FieldError("pools", "unknown", marked("There is no such pool."))
_NO_USER = FieldError("user", "unknown", marked("There is no such member of staff."))
_NO_OWNER = FieldError("owner", "unknown", marked("There is no facility, service or resource with this id."))
_NOT_A_PART = FieldError("parent", "invalid", marked("This cannot be a part of that."))
_BOOKED_WHOLE: Final = marked(
    "“{name}” is booked until {time}. Move or cancel what is booked of it before it gets parts."
)


@dataclass(frozen=True, slots=True)
class Owned(Generic[T]):
    """One kind of which every owner has one; parts as in `Editing`, and as in `owned.save`."""

    path: str
    kind: Kind[T]
    body: type[Asked]
    answer: type[schemas.WithConflictsSchema]
    read: Callable[[str, Mapping[str, Any]], T]
    shape: Callable[[T], dict[str, object]]
    before: Callable[[Transaction, str], Edited[T]]
    clear: Callable[[Transaction, str], None]


ADMISSIONS: Final = Owned(
    "admissions",
    kinds.ADMISSIONS,
    schemas.AdmissionSchema,
    schemas.AdmissionAnswerSchema,
    schemas.admission_of,
    schemas.admission_shape,
    lambda _tx, owner_id: Edited(owner_id, Admission(), 0, 0, ""),
    owned.nothing_to_clear,
)


def blueprint(unit: Unit) -> Blueprint:
    """`/resource-settings`, `/exceptions`, `/opening-hours` and `/admissions`."""
    pages = Blueprint("places", __name__, description="People and places: who and what there is, and when")
    add_editing(pages, unit, place_editing(unit))
    add_editing(pages, unit, absence_editing(unit))
    _add_hours(pages, unit)
    _add_owned(pages, unit, ADMISSIONS)
    return pages


def place_editing(unit: Unit) -> Editing[Place]:
    """Resources as staff edit them."""
    return Editing(
        "resource-settings",
        kinds.PLACES,
        schemas.PlaceSchema,
        schemas.PlaceAnswerSchema,
        schemas.place_of,
        schemas.place_shape,
        Rules(partial(_wrong_place, unit), lambda _tx, _id: True, _settled),
        conflicts_now,
    )


def absence_editing(unit: Unit) -> Editing[Absence]:
    """Absences and other exceptions to hours as staff edit them."""
    return Editing(
        "exceptions",
        kinds.ABSENCES,
        schemas.AbsenceSchema,
        schemas.AbsenceAnswerSchema,
        schemas.absence_of,
        partial(schemas.absence_shape, zone=unit.desk.scope.zone),
        Rules(_wrong_absence, then=_with_internal_text),
        conflicts_now,
    )


def _add_hours(pages: Blueprint, unit: Unit) -> None:
    _add_owned(
        pages,
        unit,
        Owned(
            "opening-hours",
            kinds.HOURS,
            schemas.HoursSchema,
            schemas.HoursAnswerSchema,
            schemas.hours_of,
            schemas.hours_shape,
            kinds.hours_before,
            kinds.drop_hours,
        ),
    )


def _add_owned(pages: Blueprint, unit: Unit, each: Owned[T]) -> None:
    @pages.get(f"/{each.path}/<owner>", endpoint=f"show_{each.path.replace('-', '_')}")
    @pages.open_to(STAFF, unit)
    @pages.response(200, each.answer)
    def show(owner: str, who: StaffMember) -> Response:
        """What an owner has, with the version to name when changing it; the owner by slug or id."""
        found = owned.shown(unit.desk, each.kind, _owner_id(unit, owner), each.before)
        return jsonify(shown(unit, each.shape, found, unit.signing_in.names()))

    @pages.put(f"/{each.path}/<owner>", endpoint=f"change_{each.path.replace('-', '_')}")
    @pages.open_to(STAFF, unit)
    @pages.arguments(each.body())
    @pages.response(200, each.answer)
    def change(body: Mapping[str, Any], owner: str, who: StaffMember) -> Response:
        """Change it; in force at once, and the answer lists what does not fit any more."""
        owner_id = _owner_id(unit, owner)
        value = each.read(owner_id, body)
        try:
            made = owned.save(
                unit.desk, each.kind, owner_id, value, body["version"], who.actor, each.before, each.clear
            )
        except ChangedMeanwhile as meanwhile:
            return changed_meanwhile(unit, meanwhile)
        return jsonify(shown(unit, each.shape, made, unit.signing_in.names()) | conflicts_now(unit))


def _owner_id(unit: Unit, name: str) -> str:
    """The id of a facility, service or resource of this unit; NotFound for anything else."""
    catalogue = current_catalogue(unit.desk)
    if name in (catalogue.facility.id, catalogue.facility.slug):
        return catalogue.facility.id
    service = catalogue.service(name)
    found = service.id if service is not None else catalogue.resource_id(name)
    if found is None:
        raise NotFound
    return found


def _wrong_place(unit: Unit, tx: Transaction, place: Place, place_id: str | None) -> Iterable[FieldError]:
    catalogue, made = load_catalogue(tx), place.resource
    others = {id_: each for id_, each in catalogue.tree.resources.items() if id_ != place_id}
    if any(each.slug == made.slug for each in others.values()):
        yield _SLUG_TAKEN
    if not set(place.pool_ids) <= set(catalogue.pools):
        yield _NO_POOL
    if made.staff_id is not None and f"staff:{made.staff_id}" not in unit.signing_in.names():
        yield _NO_USER
    try:
        tree_of([*others.values(), replace(made, id=place_id or "new")])
    except Invalid:
        yield _NOT_A_PART
    yield from _wrong_whole(tx, catalogue, made.parent_id)


def _wrong_whole(tx: Transaction, catalogue: Catalogue, whole_id: str | None) -> Iterable[FieldError]:
    """A first part would be free while the whole is booked: what is booked of a whole is booked of its parts."""
    whole = catalogue.tree.resources.get(whole_id or "")
    if whole is None or leaves(whole, catalogue.tree) != (whole,):
        return
    until = kinds.booked_until(tx, whole.id)
    if until is not None:
        time = format_instant(until, tx.scope.zone)[:16].replace("T", " ")
        yield FieldError("parent", "booked", _BOOKED_WHOLE, {"name": whole.name, "time": time})


def _settled(tx: Transaction, place: Place, place_id: str | None) -> Place:
    """With what is booked of it now: the guard lets a capacity fall no lower."""
    return replace(place, booked=kinds.peak_load(tx, place_id)) if place_id is not None else place


def _wrong_absence(tx: Transaction, absence: Absence, _absence_id: str | None) -> Iterable[FieldError]:
    catalogue = load_catalogue(tx)
    services = {service.id for service in catalogue.services}
    if absence.owner_id not in {catalogue.facility.id, *services, *catalogue.tree.resources}:
        yield _NO_OWNER


def _with_internal_text(tx: Transaction, absence: Edited[Absence]) -> None:
    kinds.write_internal_text(tx, absence.id, absence.value.internal_text)
