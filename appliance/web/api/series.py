"""Series over HTTP: the preview, the booking of all accepted dates at once, a date added later (DY-46 to DY-50)."""

from collections.abc import Mapping
from typing import cast

from flask import Response, jsonify

from appliance.booking.actions import entitling, rebooking, series
from appliance.booking.actions.series import Accepted, NotWhole, Previewed, SeriesWish
from appliance.booking.idempotency_store import Request
from appliance.booking.orders import day_text
from appliance.booking.recurrence import Recurrence
from appliance.booking.series import Occurrence
from appliance.customers.contacts import Contact
from appliance.foundation.errors import FieldError
from appliance.foundation.instants import MINUTE, format_instant
from appliance.foundation.refusals import Refusal
from appliance.web.api import order_schemas, schemas, shapes
from appliance.web.api.access import ANYBODY
from appliance.web.api.beside import answers_in
from appliance.web.api.orders import told_order
from appliance.web.api.shapes import created
from appliance.web.api.specification import Blueprint
from appliance.web.callers import Caller
from appliance.web.ownership import own_booking, own_order
from appliance.web.problems import SENTENCES, problem, refusal, sentence
from appliance.web.speaking import language
from appliance.web.unit import Unit
from appliance.web.wishes import wish_of

Body = Mapping[str, object]


def blueprint(unit: Unit) -> Blueprint:
    """`/series`."""
    pages = Blueprint("series", __name__, description="The same again and again")
    zone = unit.desk.scope.zone

    @pages.post("/series/preview")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(order_schemas.SeriesPreviewSchema())
    @pages.response(200, order_schemas.SeriesSchema)
    def preview(body: Body, who: Caller) -> Response:
        """What would become of each date now: ok, moved to the nearest open slot, or skipped, and why."""
        asked = _asked(body, who)
        found = series.preview(unit.desk, asked)
        return refusal(found, zone) if isinstance(found, Refusal) else jsonify(_previewed(unit, found))

    @pages.post("/series")
    @pages.open_to(ANYBODY, unit)
    @pages.idempotent
    @pages.arguments(order_schemas.SeriesRequestSchema())
    @pages.response(201, order_schemas.OrderSchema)
    def book(body: Body, who: Caller, asked: Request | None) -> Response:
        """Book every accepted date at once: all of them, or none."""
        contact = cast("Contact", body["customer"])
        made = unit.sure_clock.refusal(unit.doors) or series.book_series(
            unit.desk, _asked(body, who), _accepted(body), contact, who.actor, asked
        )
        if isinstance(made, NotWhole):
            return _not_whole(made)
        if isinstance(made, Refusal):
            return refusal(made, zone)
        with unit.desk.book.read(unit.desk.scope) as tx:
            return created(told_order(unit, tx, made))

    @pages.post("/series/<order_id>/occurrences")
    @pages.open_to(ANYBODY, unit)
    @pages.idempotent
    @pages.arguments(schemas.ProofSchema(), location="query", as_kwargs=True)
    @pages.arguments(order_schemas.AddDateSchema())
    @pages.response(201, order_schemas.OrderSchema)
    def add(
        body: order_schemas.AddDateBody, order_id: str, who: Caller, asked: Request | None, cancel_code: str
    ) -> Response:
        """Book a date of a series that was skipped."""
        found = own_order(unit, who, order_id, code=body.get("cancel_code", "") or cancel_code)
        date, start, entitlement = body["date"], body.get("start"), body.get("entitlement", entitling.AUTO)
        grown = unit.sure_clock.refusal(unit.doors) or series.add_date(
            unit.desk, found.order.id, date, start, who.channel, who.actor, asked, entitlement, answers_in(body)
        )
        if isinstance(grown, Refusal):
            return refusal(grown, zone)
        with unit.desk.book.read(unit.desk.scope) as tx:
            return created(told_order(unit, tx, grown))

    _add_rebooking(pages, unit)
    return pages


def _add_rebooking(pages: Blueprint, unit: Unit) -> None:
    @pages.get("/bookings/<booking_id>/again")
    @pages.open_to(ANYBODY, unit)
    @pages.arguments(schemas.OwnershipSchema(), location="query", as_kwargs=True)
    @pages.response(200, order_schemas.RebookingSchema)
    def again(booking_id: str, who: Caller, cancel_code: str, sig: str) -> Response:
        """The next similar time for a booking: same service, same resource, weekday and time, or the nearest slot."""
        booked = own_booking(unit, who, booking_id, code=cancel_code, sig=sig)
        wish, found = rebooking.next_time(unit.desk, booked, who.channel)
        minutes = wish.duration or 0
        asked = {"service": wish.service, "duration": minutes, "quantity": wish.quantity}
        return jsonify(_shown(unit, found, minutes) | asked)


def _asked(body: Body, who: Caller) -> SeriesWish:
    return SeriesWish(wish_of(body, who), cast("Recurrence", body["repeat"]), bool(body.get("after_only", False)))


def _accepted(body: Body) -> Accepted:
    dates = cast("list[order_schemas.AddDateBody] | None", body.get("dates"))
    starts = None if dates is None else {each["date"]: each.get("start") for each in dates}
    entitlement = cast("str", body.get("entitlement", entitling.AUTO))
    return Accepted(starts, bool(body.get("skip_taken", False)), entitlement, answers_in(body))


def _previewed(unit: Unit, found: Previewed) -> dict[str, object]:
    shown = [_shown(unit, each, found.minutes) for each in found.occurrences]
    return {"occurrences": shown, "total": shapes.money(found.total)}


def _shown(unit: Unit, found: Occurrence, minutes: int) -> dict[str, object]:
    zone, start, why = unit.desk.scope.zone, found.start, found.refusal
    wanted = found.occasion.wanted
    return {
        "date": day_text(found.occasion.turn),
        "wanted": None if wanted is None else format_instant(wanted, zone),
        "outcome": str(found.outcome),
        "start": None if start is None else format_instant(start, zone),
        "end": None if start is None else format_instant(start + minutes * MINUTE, zone),
        "resources": list(dict.fromkeys(claim.resource_id for claim in found.claims)),
        "reason": None if why is None else str(why.reason),
        "message": None if why is None else sentence(why, language(), zone),
        "passes_at": None if why is None or why.passes_at is None else format_instant(why.passes_at, zone),
    }


def _not_whole(refused: NotWhole) -> Response:
    """Which dates cannot be booked, each with its reason; nothing was."""
    errors = [FieldError(f"dates.{day}", each.reason, SENTENCES[each.reason]) for day, each in refused.dates]
    return problem(409, refused.reason, SENTENCES[refused.reason], errors=errors, reason=refused.reason, passes_at=None)
