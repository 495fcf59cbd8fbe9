"""What is offered, for staff: the facility itself, its services, and the pools that those take from (BRP-02, DY-15).

What is saved is in force at the next request. What is removed is archived: bookings go on to name it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from flask import Response, jsonify

from appliance.booking.actions import editing
from appliance.booking.actions.editing import Rules
from appliance.booking.catalogue import Facility
from appliance.booking.catalogue_store import load_catalogue
from appliance.booking.offer_kinds_store import FACILITIES, POOLS, Sold, sold_services
from appliance.booking.resources import Pool
from appliance.booking.rule_store import RULES
from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked
from appliance.identity.store import StaffMember
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import ChangedMeanwhile, Edited
from appliance.web.api import offer_schemas as schemas
from appliance.web.api.access import STAFF
from appliance.web.api.editing import Editing, add_editing, changed_meanwhile, shown
from appliance.web.api.specification import Blueprint
from appliance.web.problems import NotFound
from appliance.web.unit import Unit

_SLUG_TAKEN: Final = FieldError("slug", "taken", marked("Something else has this short name."))
_NO_RULE: Final = FieldError("rule", "unknown", marked("There is no such rule."))
_NO_POOL: Final = marked("There is no such pool.")
_OTHER_KIND: Final = FieldError("kind", "fixed", marked("What a service is cannot be changed. Make another one."))
FACILITY_RULES: Final[Rules[Facility]] = Rules(lambda tx, facility, _id: _wrong_rule(tx, facility.rule_id))
POOL_EDITING: Final = Editing(
    "pools",
    POOLS,
    schemas.PoolSchema,
    schemas.PoolAnswerSchema,
    schemas.pool_of,
    schemas.pool_shape,
    Rules(lambda tx, pool, pool_id: _wrong_pool(tx, pool, pool_id), lambda _tx, _id: True),
)


def service_editing(unit: Unit) -> Editing[Sold]:
    """Services as staff edit them; one that is removed is archived."""
    return Editing(
        "service-settings",
        sold_services(unit.desk.scope.currency),
        schemas.ServiceSchema,
        schemas.ServiceAnswerSchema,
        schemas.sold_of,
        schemas.sold_shape,
        Rules(_wrong_service, lambda _tx, _id: True),
    )


def blueprint(unit: Unit) -> Blueprint:
    """`/facility-settings`, `/service-settings` and `/pools`."""
    pages = Blueprint("offering", __name__, description="What is offered: the facility, services and pools")
    add_editing(pages, unit, service_editing(unit))
    add_editing(pages, unit, POOL_EDITING)
    _add_facility(pages, unit)
    return pages


def the_facility(unit: Unit) -> Edited[Facility]:
    """The facility as it stands; a new zone too, that is in force after the next start."""
    found = editing.found(unit.desk, FACILITIES, unit.desk.scope.facility_id)
    if found is None:
        raise NotFound
    return found


def change_facility(unit: Unit, body: Mapping[str, Any], actor: str) -> Edited[Facility]:
    """Change the facility; ChangedMeanwhile or Invalid."""
    old = the_facility(unit)
    value = schemas.facility_of(body, old.value)
    made = editing.change(unit.desk, FACILITIES, FACILITY_RULES, old.id, value, body["version"], actor)
    return made or old


def _add_facility(pages: Blueprint, unit: Unit) -> None:
    @pages.get("/facility-settings")
    @pages.open_to(STAFF, unit)
    @pages.response(200, schemas.FacilityAnswerSchema)
    def show(who: StaffMember) -> Response:
        """The facility, with the version to name when changing it."""
        return jsonify(shown(unit, schemas.facility_shape, the_facility(unit), unit.signing_in.names()))

    @pages.put("/facility-settings")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.FacilitySchema())
    @pages.response(200, schemas.FacilityAnswerSchema)
    def change(body: Mapping[str, Any], who: StaffMember) -> Response:
        """Change it; `changed_meanwhile` with who and when if somebody was faster."""
        try:
            made = change_facility(unit, body, who.actor)
        except ChangedMeanwhile as meanwhile:
            return changed_meanwhile(unit, meanwhile)
        return jsonify(shown(unit, schemas.facility_shape, made, unit.signing_in.names()))


def _wrong_rule(tx: Transaction, rule_id: str | None) -> Iterable[FieldError]:
    if rule_id is not None and versioned.found(tx, RULES, rule_id) is None:
        yield _NO_RULE


def _wrong_service(tx: Transaction, sold: Sold, service_id: str | None) -> Iterable[FieldError]:
    catalogue, made = load_catalogue(tx), sold.service
    everything = (*catalogue.services, *catalogue.archived)
    if any(each.slug == made.slug and each.id != service_id for each in everything):
        yield _SLUG_TAKEN
    yield from _wrong_rule(tx, made.rule_id)
    for place, need in enumerate(made.needs):
        if need.pool_id not in catalogue.pools:
            yield FieldError(f"needs.{place}.pool", "unknown", _NO_POOL)
    old = next((each for each in everything if each.id == service_id), None)
    if old is not None:
        if old.kind is not made.kind:
            yield _OTHER_KIND
        try:
            replace(made, several=old.several)
        except ValueError as fault:
            yield schemas.unfit(fault)


def _wrong_pool(tx: Transaction, pool: Pool, pool_id: str | None) -> Iterable[FieldError]:
    pools = load_catalogue(tx).pools.values()
    if any(each.slug == pool.slug and each.id != pool_id for each in pools):
        yield _SLUG_TAKEN
