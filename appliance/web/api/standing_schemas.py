"""What the API takes and tells of standing access: doors and hours of the week, without a booking (AC-06)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import marshmallow as ma

from appliance.billing.entitlements import Product, StandingAccess
from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked
from appliance.foundation.instants import DAY_MINUTES
from appliance.foundation.weekly import STRETCHES_LIMIT, end_minute, weekly_stretch
from appliance.keys.store import door_ids
from appliance.storage.unit_of_work import Transaction
from appliance.web.api.complaints import MISSING, Asked, at_most_items
from appliance.web.api.fields import bounded, counted

DOORS_LIMIT = 100
_NO_DOOR = marked("There is no such door.")


class StandingHoursSchema(Asked):
    """Every week on `weekdays` (0 is Monday), in minutes of the local day; `to_minute` at or before `from_minute` is in
    the night after."""

    weekdays = ma.fields.List(counted(0, 6), required=True, validate=at_most_items(7))
    from_minute = counted(0, DAY_MINUTES - 1, required=True)
    to_minute = counted(0, DAY_MINUTES, required=True)

    @ma.validates_schema(skip_on_field_errors=True)
    def _on_some_day(self, data: Mapping[str, Any], **_options: object) -> None:
        if not data["weekdays"]:
            raise ma.ValidationError({"weekdays": [MISSING]})


class StandingAccessSchema(Asked):
    """`doors`, by slug or id, that a holder's card opens in `hours` of the week without a booking; both or neither."""

    doors = ma.fields.List(bounded(60), required=True, validate=at_most_items(DOORS_LIMIT))
    hours = ma.fields.List(
        ma.fields.Nested(StandingHoursSchema), required=True, validate=at_most_items(STRETCHES_LIMIT)
    )

    @ma.validates_schema(skip_on_field_errors=True)
    def _both_or_neither(self, data: Mapping[str, Any], **_options: object) -> None:
        lacking = [name for name in ("doors", "hours") if not data[name]]
        if len(lacking) == 1:
            raise ma.ValidationError({lacking[0]: [MISSING]})


class StandingHoursAnswerSchema(ma.Schema):
    """Hours of the week."""

    weekdays = ma.fields.List(ma.fields.Integer(), required=True)
    from_minute = ma.fields.Integer(required=True)
    to_minute = ma.fields.Integer(required=True)


class StandingAccessAnswerSchema(ma.Schema):
    """Doors by their ids, and the hours of the week in which a holder's card opens them."""

    doors = ma.fields.List(ma.fields.String(), required=True)
    hours = ma.fields.List(ma.fields.Nested(StandingHoursAnswerSchema), required=True)


def access_of(body: Mapping[str, Any] | None) -> StandingAccess | None:
    """The access that a body describes, its doors as they were named; None for none."""
    if not body or not body["doors"]:
        return None
    hours = [
        weekly_stretch(frozenset(each["weekdays"]), each["from_minute"], each["to_minute"]) for each in body["hours"]
    ]
    return StandingAccess(tuple(body["doors"]), tuple(hours))


def access_shape(access: StandingAccess | None) -> dict[str, object] | None:
    """The access as the API tells it."""
    if access is None:
        return None
    hours = [
        {"weekdays": sorted(each.weekdays), "from_minute": each.from_minute, "to_minute": end_minute(each)}
        for each in access.hours
    ]
    return {"doors": list(access.door_ids), "hours": hours}


def unknown_doors(tx: Transaction, product: Product, _product_id: str | None) -> Iterable[FieldError]:
    """A mistake for each door that the site plan has not."""
    known = door_ids(tx)
    for at, name in enumerate(product.access.door_ids if product.access else ()):
        if name not in known:
            yield FieldError(f"access.doors.{at}", "unknown", _NO_DOOR)


def with_door_ids(tx: Transaction, product: Product, _product_id: str | None) -> Product:
    """The product with each door once, by its id."""
    if product.access is None:
        return product
    known = door_ids(tx)
    doors = tuple(sorted({known[each] for each in product.access.door_ids}))
    return replace(product, access=replace(product.access, door_ids=doors))
