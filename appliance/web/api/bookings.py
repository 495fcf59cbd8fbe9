"""Bookings: make, show, cancel, move, extend, check out (AC-07, BM-10, BM-22, BM-24)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NotRequired, TypedDict, cast

import marshmallow as ma
from flask import Response, jsonify

from appliance.booking import answer_store
from appliance.booking.actions import changing_extras, checking_out, confirming, entitling, extending, moving
from appliance.booking.bookings import Booking
from appliance.booking.idempotency_store import Request
from appliance.customers.contacts import Contact
from appliance.foundation.instants import Instant
from appliance.foundation.refusals import Refusal
from appliance.web.api import schemas, shapes
from appliance.web.api.access import ANYBODY
from appliance.web.api.beside import answers_in, told_answers, wishes_in
from appliance.web.api.shapes import created
from appliance.web.api.specification import Blueprint, View
from appliance.web.api.telling import told
from appliance.web.callers import Caller
from appliance.web.ownership import own_booking
from appliance.web.problems import refusal
from appliance.web.revoking import cancel_everywhere, revocation
from appliance.web.unit import Unit
from appliance.web.wishes import wish_of

Body = Mapping[str, object]


class MoveBody(TypedDict):
    """The body of a move, as its schema hands it over."""

    start: Instant
    cancel_code: NotRequired[str]


class ExtendBody(TypedDict):
    """The body of an extension, as its schema hands it over."""

    duration: int
    cancel_code: NotRequired[str]


def blueprint(unit: Unit) -> Blueprint:
    """`/bookings`."""
    pages = Blueprint("bookings", __name__, description="Booking, cancelling, moving, checking out")
    zone = unit.desk.scope.zone

    @pages.post("/bookings")
    @pages.open_to(ANYBODY, unit)
    @pages.idempotent
    @pages.arguments(schemas.BookingRequestSchema())
    @pages.arguments(schemas.LinkSchema(), location="query", as_kwargs=True)
    @pages.response(201, schemas.BookingSchema)
    def book(body: Body, who: Caller, asked: Request | None, **_link: str) -> Response:
        """Book a slot, or take up a hold; the keys come with the answer."""
        answer = _sold(unit, body, who, asked)
        return refusal(answer, zone) if isinstance(answer, Refusal) else created(answer)

    @pages.get("/bookings/<booking_id>")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(schemas.OwnershipSchema(), location="query", as_kwargs=True)
    @pages.response(200, schemas.BookingSchema)
    def show(booking_id: str, who: Caller, cancel_code: str, sig: str) -> Response:
        """A booking, for staff, by its signed link (`sig`) or with its cancel code (`cancel_code`)."""
        found = own_booking(unit, who, booking_id, code=cancel_code, sig=sig)
        return jsonify(told_to_owner(unit, found) | (_answers(unit, found) if who.staff is not None else {}))

    @_changing(pages, unit, "cancel", schemas.CancelSchema())
    def cancel(body: Body, booking_id: str, who: Caller, asked: Request | None, cancel_code: str) -> Response:
        """Cancel a booking; in force at the doors when the answer says `"revocation": "done"`."""
        found = own_booking(unit, who, booking_id, code=_code(body) or cancel_code, asked=asked)
        ended = cancel_everywhere(unit, found, who, asked, waive_fee=body.get("waive_fee") is True)
        if isinstance(ended, Refusal):
            return refusal(ended, zone)
        settled = shapes.settlement(ended.settlement, ended.booking.price.currency)
        return jsonify(told_to_owner(unit, ended.booking) | settled | {"revocation": revocation(unit, ended.key_seq)})

    @_changing(pages, unit, "move", schemas.MoveSchema())
    def move(body: MoveBody, booking_id: str, who: Caller, asked: Request | None, cancel_code: str) -> Response:
        """Move a booking; its keys are new, the old ones open nothing any more."""
        found = own_booking(unit, who, booking_id, code=_code(body) or cancel_code)
        wish = moving.same_at(found, body["start"], who.channel)
        moved = moving.move(unit.desk, found.id, wish, who.actor, asked, by_staff=who.staff is not None)
        if isinstance(moved, Refusal):
            return refusal(moved, zone)
        return jsonify(told_to_owner(unit, moved.booking) | {"revocation": revocation(unit, moved.key_seq)})

    @_changing(pages, unit, "extend", schemas.ExtendSchema())
    def longer(body: ExtendBody, booking_id: str, who: Caller, asked: Request | None, cancel_code: str) -> Response:
        """Let a booking last longer, also while it runs; its keys stay and open for longer."""
        found = own_booking(unit, who, booking_id, code=_code(body) or cancel_code)
        extended = extending.extend(unit.desk, found.id, body["duration"], who.channel, who.actor, asked)
        return refusal(extended, zone) if isinstance(extended, Refusal) else jsonify(told_to_owner(unit, extended))

    _add_extras(pages, unit)
    _add_check_out(pages, unit)
    return pages


def _add_extras(pages: Blueprint, unit: Unit) -> None:
    @_changing(pages, unit, "extras", schemas.ExtrasSchema())
    def other_extras(body: Body, booking_id: str, who: Caller, asked: Request | None, cancel_code: str) -> Response:
        """Give a booking other extras, by the rule for moving it; it may end sooner or later then."""
        found = own_booking(unit, who, booking_id, code=_code(body) or cancel_code)
        wishes, by_staff = wishes_in(body), who.staff is not None
        changed = changing_extras.change_extras(
            unit.desk, found.id, wishes, who.channel, who.actor, asked, by_staff=by_staff
        )
        if isinstance(changed, Refusal):
            return refusal(changed, unit.desk.scope.zone)
        return jsonify(told_to_owner(unit, changed.booking) | {"revocation": revocation(unit, changed.key_seq)})


def _sold(unit: Unit, body: Body, who: Caller, asked: Request | None) -> dict[str, object] | Refusal:
    unsure = unit.sure_clock.refusal(unit.doors)
    if unsure is not None:
        return unsure
    wish = wish_of(body, who) if "hold" not in body else None
    entitlement = cast("str", body.get("entitlement", entitling.AUTO))
    hold_id, contact = cast("str | None", body.get("hold")), cast("Contact", body["customer"])
    order = confirming.Order(
        wish, hold_id, contact, entitlement=entitlement, channel=who.channel, answers=answers_in(body)
    )
    return confirming.confirm_and_tell(unit.desk, order, who.actor, asked, partial(told, unit))


def _add_check_out(pages: Blueprint, unit: Unit) -> None:
    @_changing(pages, unit, "check-out", schemas.CheckOutSchema())
    def leave(body: Body, booking_id: str, who: Caller, asked: Request | None, cancel_code: str) -> Response:
        """Say that one has left: the keys end within minutes, the rest of the time can be booked by others."""
        found = own_booking(unit, who, booking_id, code=_code(body) or cancel_code)
        left = checking_out.check_out(unit.desk, found.id, who.actor, asked)
        if isinstance(left, Refusal):
            return refusal(left, unit.desk.scope.zone)
        return jsonify(told_to_owner(unit, left.booking) | {"revocation": revocation(unit, left.key_seq)})


def _changing(pages: Blueprint, unit: Unit, verb: str, body: ma.Schema) -> Callable[[View], View]:
    """A call that changes a booking for whoever may: its code stands in the body or in the address."""

    def declared(view: View) -> View:
        for declare in (
            pages.response(200, schemas.BookingSchema),
            pages.arguments(body),
            pages.arguments(schemas.ProofSchema(), location="query", as_kwargs=True),
            pages.idempotent,
            pages.open_to(ANYBODY, unit),
            pages.post(f"/bookings/<booking_id>/{verb}"),
        ):
            view = declare(view)
        return view

    return declared


def _code(body: Mapping[str, object]) -> str:
    return cast("str", body.get("cancel_code", ""))


def told_to_owner(unit: Unit, booked: Booking) -> dict[str, object]:
    """The booking with its keys and its code, made again from the secrets for the one it belongs to."""
    with unit.desk.book.read(unit.desk.scope) as tx:
        return told(unit, tx, booked)


def _answers(unit: Unit, booked: Booking) -> dict[str, object]:
    """What was answered with a booking, for staff."""
    with unit.desk.book.read(unit.desk.scope) as tx:
        return {"answers": told_answers(answer_store.answers_of(tx, booked.id))}
