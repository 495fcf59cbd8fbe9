"""What of each service may be booked at once, for staff: series, rows and chains (DY-47)."""

from collections.abc import Iterable, Mapping
from typing import Any

import marshmallow as ma

from appliance.booking import several_store
from appliance.booking.actions.editing import Rules
from appliance.booking.services import LONGEST_GAP_MINUTES, MOST_IN_A_ROW, Several
from appliance.booking.several_store import SeveralOf
from appliance.foundation.errors import FieldError
from appliance.storage.unit_of_work import Transaction
from appliance.web.api.complaints import Asked, one_of
from appliance.web.api.editing import EditedSchema, Editing, add_editing
from appliance.web.api.fields import TrueOrFalse, counted, service_name
from appliance.web.api.specification import Blueprint
from appliance.web.unit import Unit, catalogue_now


class SeveralSchema(Asked):
    """What of a service may be booked at once; what is left out may not.

    `series`: again and again. `most_in_a_row`: so many slots one after the other. `chains`: in one visit with other
    services, in which it begins at most `longest_gap_minutes` after the one before. `pay`: of what was booked together,
    `all` is one payment, or the `first` booking alone, and the others are paid later.
    """

    service = service_name(required=True)
    series = TrueOrFalse()
    most_in_a_row = counted(1, MOST_IN_A_ROW)
    chains = TrueOrFalse()
    longest_gap_minutes = counted(0, LONGEST_GAP_MINUTES)
    pay = ma.fields.String(validate=one_of("all", "first"))


class SeveralAnswerSchema(EditedSchema):
    """What of a service may be booked at once, as it stands."""

    service = ma.fields.String(required=True)
    series = ma.fields.Boolean(required=True)
    most_in_a_row = ma.fields.Integer(required=True)
    chains = ma.fields.Boolean(required=True)
    longest_gap_minutes = ma.fields.Integer(required=True)
    pay = ma.fields.String(required=True, validate=ma.validate.OneOf(["all", "first"]))


def blueprint(unit: Unit) -> Blueprint:
    """`/several`."""
    pages = Blueprint("several", __name__, description="What of a service may be booked at once")

    add_editing(pages, unit, several_editing(unit))
    return pages


def several_editing(unit: Unit) -> Editing[SeveralOf]:
    """The same as staff edit it."""

    def mistakes(tx: Transaction, said: SeveralOf, own_id: str | None) -> Iterable[FieldError]:
        service = unit.desk.catalogues.current(tx).service(said.service_id)
        return () if service is None else several_store.mistakes(tx, said, service, own_id)

    return Editing("several", several_store.KIND, SeveralSchema, SeveralAnswerSchema, _read, _shape, Rules(mistakes))


def _read(body: Mapping[str, Any]) -> SeveralOf:
    service = catalogue_now().service(str(body["service"]))
    said = Several(
        bool(body.get("series", False)),
        int(body.get("most_in_a_row", 1)),
        bool(body.get("chains", False)),
        int(body.get("longest_gap_minutes", 0)),
        first_only=body.get("pay") == "first",
    )
    return SeveralOf(service.id if service else "", said)


def _shape(said: SeveralOf) -> dict[str, object]:
    several = said.several
    return {
        "service": said.service_id,
        "series": several.series,
        "most_in_a_row": several.most_in_a_row,
        "chains": several.chains,
        "longest_gap_minutes": several.longest_gap_minutes,
        "pay": "first" if several.first_only else "all",
    }
