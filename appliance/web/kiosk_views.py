"""The unit's values in the kiosk's words; nothing is decided here."""

from typing import cast

from appliance.booking.actions import entitling
from appliance.booking.actions.cancelling import refusal_to_cancel
from appliance.booking.actions.checking_out import refusal_to_check_out
from appliance.booking.bookings import Booking
from appliance.booking.catalogue import Catalogue, Facility
from appliance.booking.custom_fields import CustomField, asked_with
from appliance.booking.extras import ChargedPer, Extra, offered_with
from appliance.booking.services import Service, ServiceKind, WaitingMode
from appliance.door_socket.client import DoorView as DoorAnswer
from appliance.foundation.errors import Bug
from appliance.foundation.instants import Interval
from appliance.web.api.beside import image_address
from appliance.web.paid_by import paid_by
from appliance.web.unit import Unit
from appliance.web.waiting_words import WAITING_MEANS
from kiosk_ui.desk import (
    BookingStatus,
    BookingView,
    DoorMode,
    DoorState,
    DoorView,
    DurationView,
    ExtraView,
    FacilityView,
    FieldKind,
    FieldView,
    HoldView,
    ServiceView,
)


def facility(place: Facility, home_door: str | None) -> FacilityView:
    return FacilityView(
        name=place.name,
        slug=place.slug,
        zone=place.zone,
        address=place.address,
        help_phone=place.help_phone,
        currency=place.currency,
        region=place.region,
        home_door=home_door,
    )


def service(sold: Service, catalogue: Catalogue) -> ServiceView:
    return ServiceView(
        id=sold.id,
        slug=sold.slug,
        name=sold.name,
        kind="class" if sold.kind is ServiceKind.CLASS else "individual",
        durations=tuple(DurationView(minutes, sold.price(minutes)) for minutes in sold.durations),
        vat_percent=catalogue.vat_percent[sold.id],
        extras=tuple(_extra(each) for each in offered_with(catalogue.extras, sold)),
        fields=tuple(_field(each) for each in asked_with(catalogue.fields, sold)),
        most_in_a_row=sold.several.most_in_a_row,
        waiting=sold.waiting is not WaitingMode.OFF,
        waiting_means=WAITING_MEANS[sold.waiting],
    )


def hold(held: Booking, catalogue: Catalogue) -> HoldView:
    if held.expires_at is None:
        raise Bug(f"booking {held.id} is no hold")
    return HoldView(
        id=held.id,
        expires_at=held.expires_at,
        service_name=_service_name(held, catalogue),
        place_names=tuple(catalogue.where(held)),
        start=held.interval.start,
        end=held.interval.end,
        quantity=held.quantity,
        price=held.price,
        vat=held.vat,
        extras=tuple((extra.name, extra.units) for extra in held.extras),
        with_extras=_has_extras(held, catalogue),
    )


def booking(unit: Unit, booked: Booking, catalogue: Catalogue, door_names: dict[str, str]) -> BookingView:
    """A booking with its live keys, for the one who holds its cancel code or has just made it."""
    with unit.desk.book.read(unit.desk.scope) as tx:
        keys = {key.kind: key for key in unit.issuing.show(tx, booked.id)}
        cancel_refusal = refusal_to_cancel(unit.desk, tx, booked)
        check_out_refusal = refusal_to_check_out(tx, booked)
        held = entitling.left_of(tx, booked)
    card, left = paid_by(booked, held, catalogue, unit.desk.scope.zone)
    pin, qr = keys.get("pin"), keys.get("qr")
    some = pin or qr
    return BookingView(
        number=booked.number,
        status=cast("BookingStatus", str(booked.status)),
        service_name=_service_name(booked, catalogue),
        place_names=tuple(catalogue.where(booked)),
        start=booked.interval.start,
        end=booked.interval.end,
        quantity=booked.quantity,
        price=booked.price,
        vat=booked.vat,
        pin=pin.code if pin else None,
        qr=qr.code if qr else None,
        keys_valid=Interval(some.valid_from, some.valid_to) if some else None,
        door_names=tuple(door_names.get(door, door) for door in some.door_ids) if some else (),
        cancel_code=unit.links.cancel_code(booked.id),
        cancel_refusal=cancel_refusal,
        cancel_fee=None,
        check_out_refusal=check_out_refusal,
        paid_by=card,
        left=left,
    )


def _extra(each: Extra) -> ExtraView:
    return ExtraView(
        id=each.id,
        name=each.name,
        summary=each.summary,
        price=each.price,
        per_person=each.per is ChargedPer.PERSON,
        minutes=each.minutes,
        least=each.least,
        most=each.most,
        image=image_address(each) or "",
        shows=frozenset(str(part) for part in each.shows),
    )


def _field(each: CustomField) -> FieldView:
    kind = cast("FieldKind", str(each.kind))
    return FieldView(each.slug, each.label, each.help, kind, each.required, each.choices)


def _has_extras(held: Booking, catalogue: Catalogue) -> bool:
    sold = catalogue.service(held.service_id)
    return sold is not None and bool(offered_with(catalogue.extras, sold))


def door(seen: DoorAnswer, *, movable: bool) -> DoorView:
    return DoorView(
        id=seen.id,
        slug=seen.slug,
        name=seen.name,
        state=cast("DoorState", seen.state),
        mode=cast("DoorMode", seen.mode),
        driver=seen.driver,
        can_be_moved=movable,
        last_event="",
        last_event_at=None,
    )


def _service_name(booked: Booking, catalogue: Catalogue) -> str:
    sold = catalogue.service(booked.service_id)
    return sold.name if sold else ""
