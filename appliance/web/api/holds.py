"""Holds: a slot is kept while somebody fills in who they are."""

from collections.abc import Mapping

from flask import Response

from appliance.booking.actions import holding
from appliance.booking.idempotency_store import Request
from appliance.foundation.instants import format_instant
from appliance.foundation.refusals import Refusal
from appliance.web.api import schemas
from appliance.web.api.access import ANYBODY
from appliance.web.api.shapes import created
from appliance.web.api.specification import Blueprint
from appliance.web.callers import Caller
from appliance.web.problems import refusal
from appliance.web.unit import Unit
from appliance.web.wishes import wish_of


def blueprint(unit: Unit) -> Blueprint:
    """`/holds`."""
    pages = Blueprint("holds", __name__, description="Keeping a slot for a while")
    zone = unit.desk.scope.zone

    @pages.post("/holds")
    @pages.open_to(ANYBODY, unit)
    @pages.idempotent
    @pages.arguments(schemas.WishSchema())
    @pages.arguments(schemas.LinkSchema(), location="query", as_kwargs=True)
    @pages.response(201, schemas.HoldSchema)
    def hold(body: Mapping[str, object], who: Caller, asked: Request | None, **_link: str) -> Response:
        """Keep a slot for five minutes."""
        held = holding.hold(unit.desk, wish_of(body, who), who.actor, asked)
        if isinstance(held, Refusal):
            return refusal(held, zone)
        expires_at = format_instant(held.created_at + holding.HOLD_S, zone)
        return created({"id": held.id, "expires_at": expires_at})

    @pages.delete("/holds/<hold_id>")
    @pages.open_to(ANYBODY, unit)
    @pages.response(204)
    def release_hold(hold_id: str, who: Caller) -> Response:
        """Give a held slot back."""
        released = holding.release_hold(unit.desk, hold_id, who.actor)
        return refusal(released, zone) if isinstance(released, Refusal) else Response(status=204)

    return pages
