"""The waiting list: join it, see one's place, take or give up what is offered (DY-18 to DY-20, BRP-20)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NotRequired, TypedDict, cast

import marshmallow as ma
from flask import Response, jsonify

from appliance.booking import waiting_store
from appliance.booking.actions import waiting
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.actions.waiting import Waits
from appliance.booking.idempotency_store import Request
from appliance.booking.waiting_list import LONGEST_RANGE_S
from appliance.customers.contacts import Contact
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.ids import is_id
from appliance.foundation.instants import Instant, Interval, format_instant
from appliance.foundation.refusals import Refusal
from appliance.web.api import schemas
from appliance.web.api.access import ANYBODY
from appliance.web.api.bookings import told_to_owner
from appliance.web.api.complaints import Asked
from appliance.web.api.fields import InstantField, bounded, service_name
from appliance.web.api.shapes import created
from appliance.web.api.specification import Blueprint
from appliance.web.callers import Caller
from appliance.web.problems import NotFound, refusal
from appliance.web.sight import sight_now
from appliance.web.unit import Unit
from appliance.web.wishes import wish_of


class WaitSchema(schemas.WishSchema):
    """What somebody waits for: one start, or any start from it on and before `until`, at most 62 days later."""

    until = InstantField()
    customer = ma.fields.Nested(schemas.CustomerSchema, required=True)

    class Meta:
        exclude = ("extras",)


class EntrySchema(ma.Schema):
    """An entry; `position` is its place among those that wait, 0 when it does not.

    told_start: the free start of which they were told last, where all who wait are told.
    """

    id = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    position = ma.fields.Integer(required=True)
    service = ma.fields.String(required=True)
    start = ma.fields.String(required=True)
    until = ma.fields.String(required=True)
    duration = ma.fields.Integer(required=True)
    quantity = ma.fields.Integer(required=True)
    booking = ma.fields.String(required=True, allow_none=True)
    reason = ma.fields.String(required=True, allow_none=True)
    told_start = ma.fields.String(required=True, allow_none=True)
    links = ma.fields.Dict(required=True)


class SigSchema(Asked):
    """The signature of the entry's own link; staff need none."""

    sig = bounded(60)


class CrowdQuerySchema(schemas.LinkSchema):
    """Of which service, and within which time."""

    service = service_name(required=True)
    from_ = InstantField(required=True, data_key="from")
    to = InstantField(required=True)


class CrowdQuery(TypedDict):
    """The same, as its schema hands it over."""

    service: str
    from_: Instant
    to: Instant


class CrowdSchema(ma.Schema):
    """How many wait for which starts, without names."""

    slots = ma.fields.List(ma.fields.Dict(), required=True)


class WaitBody(TypedDict):
    """The body of whoever joins, as its schema hands it over."""

    until: NotRequired[Instant]
    customer: Contact


def blueprint(unit: Unit) -> Blueprint:
    """`/waiting`."""
    pages = Blueprint("waiting", __name__, description="Waiting for a place")
    zone = unit.desk.scope.zone

    @pages.post("/waiting")
    @pages.open_to(ANYBODY, unit)
    @pages.idempotent
    @pages.arguments(WaitSchema())
    @pages.arguments(schemas.LinkSchema(), location="query", as_kwargs=True)
    @pages.response(201, EntrySchema)
    def join(body: Mapping[str, object], who: Caller, asked: Request | None, **_link: str) -> Response:
        """Wait for a place; who comes first is served first."""
        given = cast("WaitBody", body)
        wish, until = replace(wish_of(body, who), resource=None), given.get("until")
        if until is not None and not 0 < until - wish.start <= LONGEST_RANGE_S:
            raise Invalid(FieldError("until", "out_of_range", schemas.UNTIL_TOO_FAR))
        waits = waiting.join(unit.desk, wish, until, given["customer"], who.actor, asked)
        return refusal(waits, zone) if isinstance(waits, Refusal) else created(_shown(unit, waits))

    @pages.get("/waiting")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(CrowdQuerySchema(), location="query")
    @pages.response(200, CrowdSchema)
    def crowd(query: CrowdQuery, who: Caller) -> Response:
        """For which starts somebody waits, and how many; nobody's name."""
        service = current_catalogue(unit.desk).service(query["service"], sight_now())
        if service is None or not 0 < query["to"] - query["from_"] <= LONGEST_RANGE_S:
            raise Invalid(FieldError("to", "out_of_range", schemas.UNTIL_TOO_FAR))
        with unit.desk.book.read(unit.desk.scope) as tx:
            found = waiting_store.counts(tx, service.id, Interval(query["from_"], query["to"]))
        slots = [
            {"start": format_instant(first, zone), "until": format_instant(end, zone), "waiting": count}
            for first, end, count in found
        ]
        return jsonify(slots=slots)

    _add_own(pages, unit)
    return pages


def _add_own(pages: Blueprint, unit: Unit) -> None:
    zone = unit.desk.scope.zone

    @pages.get("/waiting/<entry_id>")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(SigSchema(), location="query", as_kwargs=True)
    @pages.response(200, EntrySchema)
    def show(entry_id: str, who: Caller, sig: str = "") -> Response:
        """One's entry and place, by its signed link."""
        return jsonify(_shown(unit, _own(unit, who, entry_id, sig)))

    @pages.delete("/waiting/<entry_id>")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(SigSchema(), location="query", as_kwargs=True)
    @pages.response(200, EntrySchema)
    def leave(entry_id: str, who: Caller, sig: str = "") -> Response:
        """Wait no longer, or say no to what is offered: it goes to the next at once."""
        _own(unit, who, entry_id, sig)
        left = waiting.leave(unit.desk, entry_id, who.actor)
        return refusal(left, zone) if isinstance(left, Refusal) else jsonify(_shown(unit, left))

    @pages.post("/waiting/<entry_id>/accept")
    @pages.open_to(ANYBODY, unit)
    @pages.idempotent
    @pages.arguments(SigSchema(), location="query", as_kwargs=True)
    @pages.response(201, schemas.BookingSchema)
    def accept(entry_id: str, who: Caller, asked: Request | None, sig: str = "") -> Response:
        """Take what is offered; the keys come with the answer."""
        _own(unit, who, entry_id, sig)
        booked = waiting.accept(unit.desk, entry_id, who.actor, asked)
        return refusal(booked, zone) if isinstance(booked, Refusal) else created(told_to_owner(unit, booked))


def _own(unit: Unit, who: Caller, entry_id: str, sig: str) -> Waits:
    found = waiting.shown(unit.desk, entry_id) if is_id(entry_id) else None
    if found is None or not (who.staff is not None or unit.links.token_holds(entry_id, sig)):
        raise NotFound
    return found


def _shown(unit: Unit, waits: Waits) -> dict[str, object]:
    entry, zone = waits.entry, unit.desk.scope.zone
    sig = unit.links.token(entry.id)
    return {
        "id": entry.id,
        "state": str(entry.state),
        "position": waits.position,
        "service": entry.service_id,
        "start": format_instant(entry.starts.start, zone),
        "until": format_instant(entry.starts.end, zone),
        "duration": entry.duration,
        "quantity": entry.quantity,
        "booking": entry.booking_id,
        "reason": entry.reason,
        "told_start": None if entry.told_start is None else format_instant(entry.told_start, zone),
        "links": {"self": f"{unit.public_url}/api/v1/waiting/{entry.id}?sig={sig}"},
    }
