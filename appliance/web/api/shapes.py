"""What the API says of things: plain dictionaries, in the words of the public contract."""

from dataclasses import asdict
from zoneinfo import ZoneInfo

from flask import Response, jsonify

from appliance.billing.entitlements import Holding, Product, left_in_period
from appliance.billing.fees import Settlement
from appliance.billing.lines import PriceLine
from appliance.booking.bookings import Booking
from appliance.booking.cancel_terms import CancelTerms
from appliance.booking.catalogue import Catalogue, Facility
from appliance.booking.resources import Resource
from appliance.booking.services import Service
from appliance.door_socket.client import DoorView, OutputView
from appliance.door_socket.controller_answers import ControllerView, HeldGrantView
from appliance.foundation.instants import Instant, Interval, format_instant
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.keys.issuing import ShownKey
from appliance.web.api import beside


def money(value: Money) -> dict[str, object]:
    return {"amount": value.amount, "currency": value.currency}


def facility(place: Facility) -> dict[str, object]:
    return {
        "id": place.id,
        "slug": place.slug,
        "name": place.name,
        "time_zone": place.zone.key,
        "currency": place.currency,
        "address": place.address,
        "help_phone": place.help_phone,
        "position": place.written_position,
    }


def service(sold: Service, catalogue: Catalogue) -> dict[str, object]:
    """A service with its usual price, and each length with its own."""
    return {
        "id": sold.id,
        "slug": sold.slug,
        "name": sold.name,
        "kind": str(sold.kind),
        "durations": list(sold.durations),
        "price": money(sold.prices[0]),
        "prices": [
            {"duration": minutes, "price": money(price)}
            for minutes, price in zip(sold.durations, sold.prices, strict=True)
        ],
        "grid_minutes": sold.grid_minutes,
        "max_quantity": sold.max_quantity,
        "vat_percent": catalogue.vat_percent[sold.id],
        "leads_to": str(sold.admission.leads_to),
        **beside.offered(sold, catalogue),
        "several": {
            "series": sold.several.series,
            "most_in_a_row": sold.several.most_in_a_row,
            "chains": sold.several.chains,
        },
    }


def resource(occupied: Resource) -> dict[str, object]:
    return {
        "id": occupied.id,
        "slug": occupied.slug,
        "name": occupied.name,
        "kind": str(occupied.kind),
        "capacity": occupied.capacity,
        "parent": occupied.parent_id,
    }


def booking(booked: Booking, zone: ZoneInfo, link: str, page: str) -> dict[str, object]:
    """A booking without its secrets; `link` is where its owner's program finds it, `page` where the owner's phone."""
    return {
        "id": booked.id,
        "number": booked.number,
        "status": str(booked.status),
        "service": booked.service_id,
        "start": format_instant(booked.interval.start, zone),
        "end": format_instant(booked.interval.end, zone),
        "resources": list(booked.resource_ids),
        "preferred": booked.preferred_id,
        "quantity": booked.quantity,
        "price": money(booked.price),
        "extras": beside.told_extras(booked.extras),
        "vat": money(booked.vat),
        "lines": [price_line(line, booked.price.currency) for line in booked.lines],
        "pay_by": format_instant(booked.expires_at, zone) if booked.expires_at is not None else None,
        "links": {"self": link, "page": page},
    }


def settlement(settled: Settlement, currency: str) -> dict[str, object]:
    """What became of a cancelled booking's money."""
    parts = {"fee": settled.fee, "refund": settled.refund, "due": settled.due}
    return {"settlement": {name: money(Money(amount, currency)) for name, amount in parts.items()}}


def cancelling(terms: CancelTerms | Refusal, price: Money, zone: ZoneInfo) -> dict[str, object]:
    """On which terms a booking could be cancelled now."""
    if isinstance(terms, Refusal):
        passes_at = None if terms.passes_at is None else format_instant(terms.passes_at, zone)
        no = {"allowed": False, "reason": terms.reason, "passes_at": passes_at, "percent": 0}
        return no | {"fee": money(price.share(0))}
    yes = {"allowed": True, "reason": None, "passes_at": None, "percent": terms.percent}
    return yes | {"fee": money(price.share(terms.percent))}


def price_line(line: PriceLine, currency: str) -> dict[str, object]:
    return {
        "kind": str(line.kind),
        "name": line.name,
        "quantity": line.quantity,
        "amount": money(Money(line.amount, currency)),
        "vat_percent": line.vat_percent,
    }


def left(holding: Holding, product: Product, at: Instant, zone: ZoneInfo) -> dict[str, object]:
    """What is left of an entitlement for bookings that start `at`."""
    limit = product.limit
    return {
        "id": holding.id,
        "name": product.name,
        "ends": None if holding.ends is None else format_instant(holding.ends, zone),
        "clips_left": holding.left if product.has_clips else None,
        "uses_left": None if limit is None else left_in_period(limit, holding.uses, at, zone),
    }


def key(shown: ShownKey, zone: ZoneInfo) -> dict[str, object]:
    """A key as its customer sees it: a PIN has a `code`, a pass a `token`."""
    return {
        "kind": shown.kind,
        "code" if shown.kind == "pin" else "token": shown.code,
        "valid_from": format_instant(shown.valid_from, zone),
        "valid_to": format_instant(shown.valid_to, zone),
        "doors": list(shown.door_ids),
    }


def door(seen: DoorView) -> dict[str, object]:
    """A door as its contact says it is, with its readers."""
    return {
        "id": seen.id,
        "slug": seen.slug,
        "name": seen.name,
        "state": seen.state,
        "mode": seen.mode,
        "driver": seen.driver,
        "online": seen.online,
        "fault": seen.fault,
        "readers": [asdict(reader) for reader in seen.readers],
    }


def output(seen: OutputView, zone: ZoneInfo) -> dict[str, object]:
    """An output; `override_until` is None while bookings decide."""
    until = seen.override_until
    return {
        "id": seen.id,
        "slug": seen.slug,
        "name": seen.name,
        "driver": seen.driver,
        "on": seen.on,
        "override_until": None if until is None else format_instant(until, zone),
        "online": seen.online,
        "fault": seen.fault,
    }


def interval(span: Interval, zone: ZoneInfo) -> dict[str, object]:
    return {"start": format_instant(span.start, zone), "end": format_instant(span.end, zone)}


def created(body: dict[str, object]) -> Response:
    """The answer to a request that made something."""
    answer = jsonify(body)
    answer.status_code = 201
    return answer


def controller(seen: ControllerView, zone: ZoneInfo) -> dict[str, object]:
    """A controller; of instants nobody knows it has null."""
    return {
        **{name: getattr(seen, name) for name in ("id", "slug", "name", "driver", "online", "fault")},
        "last_seen": _shown(seen.last_seen, zone),
        "capabilities": {
            "takes": list(seen.takes),
            "code_digits": None if seen.code_digits is None else list(seen.code_digits),
            "resolution_s": seen.resolution_s,
            "revocation": seen.revocation,
            "unlocks": seen.unlocks,
            "works_alone": seen.works_alone,
        },
        "counts": dict(seen.counts),
        "complete_until": _shown(seen.complete_until, zone),
        "listed_at": _shown(seen.listed_at, zone),
        "doors": [{"id": door_id, "device": device} for device, door_id in seen.doors.items()],
        "late": {"count": seen.late, "first_needed": _shown(seen.late_from, zone)},
    }


def held_grant(seen: HeldGrantView, zone: ZoneInfo) -> dict[str, object]:
    """A grant at a controller, without its person."""
    return {
        **{name: getattr(seen, name) for name in ("id", "booking_id", "state", "reason", "revision", "attempts")},
        "devices": list(seen.devices),
        "start": _shown(seen.starts, zone),
        "end": _shown(seen.ends, zone),
        "since": _shown(seen.since, zone),
        "next_try": _shown(seen.next_at, zone),
    }


def _shown(instant: Instant | None, zone: ZoneInfo) -> str | None:
    return None if instant is None else format_instant(instant, zone)
