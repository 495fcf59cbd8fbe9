"""The journal of bookings for staff, in pages that a cursor turns."""

import json
from typing import NotRequired, TypedDict

from flask import Response, jsonify

from appliance.foundation.instants import Instant, format_instant
from appliance.identity.store import StaffMember
from appliance.storage.journal import Excerpt, excerpt
from appliance.web.api import schemas
from appliance.web.api.access import STAFF
from appliance.web.api.specification import Blueprint
from appliance.web.unit import Unit

PAGE = 100


class JournalQuery(TypedDict):
    """The query as its schema hands it over."""

    entity: NotRequired[str]
    from_: NotRequired[Instant]
    to: NotRequired[Instant]
    cursor: NotRequired[int]


def blueprint(unit: Unit) -> Blueprint:
    """`/journal`."""
    pages = Blueprint("journal", __name__, description="What was done, by whom and when")

    @pages.get("/journal")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.JournalQuerySchema(), location="query")
    @pages.alt_response(200, description="Entries, newest first")
    def journal(query: JournalQuery, who: StaffMember) -> Response:
        """Entries, newest first, a hundred a page; `cursor` of the answer asks for the next."""
        asked = Excerpt(query.get("entity"), query.get("from_"), query.get("to"), query.get("cursor"), PAGE)
        with unit.desk.book.read(unit.desk.scope) as tx:
            entries = excerpt(tx.connection, tx.scope.facility_id, asked)
        shown = [
            {
                "seq": entry.seq,
                "at": format_instant(entry.at, unit.desk.scope.zone),
                "actor": entry.actor,
                "entity": entry.entity,
                "entity_id": entry.entity_id,
                "verb": entry.verb,
                "before": json.loads(entry.before) if entry.before else None,
                "after": json.loads(entry.after) if entry.after else None,
            }
            for entry in entries
        ]
        return jsonify(entries=shown, cursor=entries[-1].seq if len(entries) == PAGE else None)

    return pages
