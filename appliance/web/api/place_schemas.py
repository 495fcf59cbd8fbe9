"""What staff send and are told of people and places: resources, hours, absences, and how services meet strangers."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import marshmallow as ma

from appliance.booking.place_kinds_store import Absence, AbsenceKind, OwnHours, Place
from appliance.booking.resources import Resource, ResourceKind
from appliance.booking.schedule import WeeklyHours
from appliance.booking.start_grids import Anchor, StartGrid
from appliance.booking.visibility import Admission, LeadsTo, Visibility, WhoMayBook
from appliance.foundation.i18n import marked
from appliance.foundation.instants import Interval
from appliance.web.api import shapes
from appliance.web.api.complaints import Asked, Complaint, one_of
from appliance.web.api.editing import EditedSchema
from appliance.web.api.fields import DateField, InstantField, bounded, counted, named, short_name

_BACKWARDS = Complaint("out_of_range", marked("Choose an end after the start."))
_ONE = Complaint("out_of_range", marked("Only what is counted has a capacity other than 1."))
MOST_LINES = 200


class PlaceSchema(Asked):
    """A resource: who or what it is, where bookings of it start, and in which pools it is."""

    slug = short_name()
    name = named(120)
    kind = ma.fields.String(required=True, validate=one_of(*(str(kind) for kind in ResourceKind)))
    capacity = counted(1, 100_000)
    parent = bounded(60, allow_none=True)
    position = counted(0, 10_000)
    grid_minutes = ma.fields.Integer(strict=True, allow_none=True, validate=ma.validate.Range(1, 1440))
    anchor = ma.fields.String(validate=one_of(*(str(anchor) for anchor in Anchor)))
    user = bounded(60, allow_none=True)
    pools = ma.fields.List(bounded(60), validate=ma.validate.Length(max=MOST_LINES))

    @ma.validates_schema(skip_on_field_errors=True)
    def _counted(self, data: Mapping[str, Any], **_options: object) -> None:
        if data["kind"] != ResourceKind.COUNTED and data.get("capacity", 1) != 1:
            raise ma.ValidationError({"capacity": [_ONE]})


class ConflictSchema(ma.Schema):
    """A booking that does not fit any more, and why."""

    booking = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    service = ma.fields.String(required=True)
    start = ma.fields.String(required=True)
    end = ma.fields.String(required=True)
    resources = ma.fields.List(ma.fields.String(), required=True)
    preferred = ma.fields.String(required=True, allow_none=True)
    quantity = ma.fields.Integer(required=True)
    causes = ma.fields.List(ma.fields.Dict(), required=True)


class WithConflictsSchema(EditedSchema):
    """Set-up data by whose change bookings may not fit any more: the answer to a change lists those."""

    conflicts = ma.fields.List(ma.fields.Nested(ConflictSchema))


class PlaceAnswerSchema(WithConflictsSchema):
    """A resource as it stands; `user` is the id of who signs in as this person."""

    slug = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    capacity = ma.fields.Integer(required=True)
    parent = ma.fields.String(required=True, allow_none=True)
    position = ma.fields.Integer(required=True)
    grid_minutes = ma.fields.Integer(required=True, allow_none=True)
    anchor = ma.fields.String(required=True)
    user = ma.fields.String(required=True, allow_none=True)
    pools = ma.fields.List(ma.fields.String(), required=True)


class AbsenceSchema(Asked):
    """An exception to the hours of an owner: a facility, a service or a resource, by its id."""

    owner = bounded(60, required=True)
    start = InstantField(required=True)
    end = InstantField(required=True)
    kind = ma.fields.String(required=True, validate=one_of(*(str(kind) for kind in AbsenceKind)))
    public_text = bounded()
    internal_text = bounded()

    @ma.validates_schema(skip_on_field_errors=True)
    def _forward(self, data: Mapping[str, Any], **_options: object) -> None:
        if data["end"] <= data["start"]:
            raise ma.ValidationError({"end": [_BACKWARDS]})


class AbsenceAnswerSchema(WithConflictsSchema):
    """An exception as it stands; the internal text is for staff alone."""

    owner = ma.fields.String(required=True)
    start = ma.fields.String(required=True)
    end = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    public_text = ma.fields.String(required=True)
    internal_text = ma.fields.String(required=True)


class HoursLineSchema(Asked):
    """Open on a weekday (0 is Monday) from one minute of the day to another, which may lie on the next day."""

    weekday = counted(0, 6, required=True)
    from_minute = counted(0, 1439, required=True)
    to_minute = counted(1, 2880, required=True)
    valid_from = DateField(allow_none=True)
    valid_to = DateField(allow_none=True)

    @ma.validates_schema(skip_on_field_errors=True)
    def _forward(self, data: Mapping[str, Any], **_options: object) -> None:
        wrong = {"to_minute": [_BACKWARDS]} if data["to_minute"] <= data["from_minute"] else {}
        if data.get("valid_from") and data.get("valid_to") and data["valid_to"] < data["valid_from"]:
            wrong["valid_to"] = [_BACKWARDS]
        if wrong:
            raise ma.ValidationError(wrong)


class HoursSchema(Asked):
    """All weekly hours of an owner, and the version that was looked at; no line at all restricts nothing."""

    version = counted(0, 2**31, required=True)
    lines = ma.fields.List(
        ma.fields.Nested(HoursLineSchema), required=True, validate=ma.validate.Length(max=MOST_LINES)
    )


class HoursAnswerSchema(WithConflictsSchema):
    """The weekly hours of an owner."""

    lines = ma.fields.List(ma.fields.Dict(), required=True)


class AdmissionSchema(Asked):
    """How a service, or where that does not say a facility, meets strangers; and the version that was looked at."""

    version = counted(0, 2**31, required=True)
    visibility = ma.fields.String(validate=one_of(*(str(each) for each in Visibility)))
    leads_to = ma.fields.String(validate=one_of(*(str(each) for each in LeadsTo)))
    who_may_book = ma.fields.String(validate=one_of(*(str(each) for each in WhoMayBook)), allow_none=True)
    visible_days = ma.fields.Integer(strict=True, allow_none=True, validate=ma.validate.Range(1, 3660))


class AdmissionAnswerSchema(WithConflictsSchema):
    """How a service or a facility meets strangers."""

    visibility = ma.fields.String(required=True)
    leads_to = ma.fields.String(required=True)
    who_may_book = ma.fields.String(required=True, allow_none=True)
    visible_days = ma.fields.Integer(required=True, allow_none=True)


def place_of(body: Mapping[str, Any]) -> Place:
    """The resource that a body describes; its id is settled when it is saved."""
    minutes = body.get("grid_minutes")
    grid = StartGrid(minutes, Anchor(body.get("anchor", "midnight"))) if minutes else None
    made = Resource(
        "", body["slug"], body["name"], ResourceKind(body["kind"]), body.get("capacity", 1), body.get("parent"), grid,
        body.get("user"),
    )  # fmt: skip
    return Place(made, tuple(dict.fromkeys(body.get("pools", ()))), body.get("position", 0))


def place_shape(place: Place) -> dict[str, object]:
    """A resource as staff are told of it."""
    made = place.resource
    return {
        "slug": made.slug,
        "name": made.name,
        "kind": str(made.kind),
        "capacity": made.capacity,
        "parent": made.parent_id,
        "position": place.position,
        "grid_minutes": made.grid.minutes if made.grid else None,
        "anchor": str(made.grid.anchor if made.grid else Anchor.MIDNIGHT),
        "user": made.staff_id,
        "pools": list(place.pool_ids),
    }


def absence_of(body: Mapping[str, Any]) -> Absence:
    """The exception that a body describes."""
    texts = (body.get("public_text", ""), body.get("internal_text", ""))
    return Absence(body["owner"], Interval(body["start"], body["end"]), AbsenceKind(body["kind"]), *texts)


def absence_shape(absence: Absence, zone: ZoneInfo) -> dict[str, object]:
    """An exception as staff are told of it."""
    texts = {"public_text": absence.public_text, "internal_text": absence.internal_text}
    return {"owner": absence.owner_id, **shapes.interval(absence.interval, zone), "kind": str(absence.kind), **texts}


def hours_of(owner_id: str, body: Mapping[str, Any]) -> OwnHours:
    """The hours that a body describes."""
    return OwnHours(owner_id, tuple(WeeklyHours(owner_id, **line) for line in body["lines"]))


def hours_shape(hours: OwnHours) -> dict[str, object]:
    """Hours as staff are told of them."""
    return {
        "lines": [
            {
                "weekday": line.weekday,
                "from_minute": line.from_minute,
                "to_minute": line.to_minute,
                "valid_from": _day(line.valid_from),
                "valid_to": _day(line.valid_to),
            }
            for line in hours.lines
        ]
    }


def admission_of(_owner_id: str, body: Mapping[str, Any]) -> Admission:
    """What a body says of how strangers are met."""
    who = body.get("who_may_book")
    return Admission(
        Visibility(body.get("visibility", "public")),
        LeadsTo(body.get("leads_to", "booking")),
        WhoMayBook(who) if who else None,
        body.get("visible_days"),
    )


def admission_shape(admission: Admission) -> dict[str, object]:
    """The same as staff are told of it."""
    return {
        "visibility": str(admission.visibility),
        "leads_to": str(admission.leads_to),
        "who_may_book": str(admission.who_may_book) if admission.who_may_book else None,
        "visible_days": admission.visible_days,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
