"""What the doors know of one person: told, handed over, and forgotten before its time (AC-21)."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from appliance.access.reasons import Reason
from appliance.customers.store import Person, people
from appliance.door_socket.record_answers import DoorRecord
from appliance.foundation.i18n import marked, plural, text
from appliance.foundation.instants import format_instant
from appliance.keys.people import reasons_to_enter
from appliance.web import help_desk
from appliance.web.admin.console import Console
from appliance.web.admin.moments import moment
from appliance.web.forms import is_confirmed
from appliance.web.pages.door_history import KIND_WORDS, REASON_WORDS
from appliance.web.problems import NotFound
from appliance.web.speaking import language

LONGEST_SEARCH: Final = 254
ERASING: Final = marked("It is forgotten for good which door records are of this person. Bookings and keys stay.")
_REASONS: Final = frozenset(Reason)


class RecordsOfConsole:
    """`/admin/records`, and a page for each person."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unit = console.unit

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/records", "records", self.ask)
        blueprint.add_url_rule("/records", "records_find", self.find, methods=["POST"])
        blueprint.add_url_rule("/records/<customer>", "person_records", self.person)
        blueprint.add_url_rule("/records/<customer>/export", "records_export", self.export, methods=["POST"])
        blueprint.add_url_rule("/records/<customer>/erase", "records_erase", self.erase, methods=["POST"])

    def ask(self) -> ResponseReturnValue:
        return self._console.page("records.html", typed="", found=None, rule=self._unit.retention)

    def find(self) -> ResponseReturnValue:
        """By POST, so that nobody's number stands in an address."""
        typed = request.form.get("typed", "").strip()[:LONGEST_SEARCH]
        found = help_desk.find_people(self._unit, typed) if typed else []
        return self._console.page("records.html", typed=typed, found=found, rule=self._unit.retention)

    def person(self, customer: str) -> ResponseReturnValue:
        found, reasons = self._found(customer)
        doors = {door.id: door.name for door in self._unit.doors.doors()}
        records = [self._shown(each, doors) for each in self._unit.doors.records(reasons)]
        return self._console.page("person_records.html", person=found, records=records, rule=self._unit.retention)

    def export(self, customer: str) -> ResponseReturnValue:
        """Everything that is known of the person at the doors, as a file; that it was handed out is on record."""
        found, reasons = self._found(customer)
        zone, desk = self._console.reception.zone, self._unit.desk
        records = self._unit.doors.records(reasons)
        body = {
            "customer": asdict(found),
            "entered_by": reasons,
            "records": [{**asdict(each), "at": format_instant(each.at, zone)} for each in records],
        }
        with desk.book.write(desk.scope, self._console.actor) as tx:
            tx.record("customer_records", found.id, "exported", after={"records": len(records)})
        answer = Response(json.dumps(body, ensure_ascii=False, indent=2), content_type="application/json")
        answer.headers["Content-Disposition"] = f'attachment; filename="{found.id}.json"'
        return answer

    def erase(self, customer: str) -> ResponseReturnValue:
        """Forget whose the records are; the door process refuses during a legal hold."""
        found, reasons = self._found(customer)
        spoken, back = language(), url_for("admin.person_records", customer=found.id)
        if self._unit.retention.held:
            return self._console.done(
                back, text(spoken, "A legal hold is in force: nothing is forgotten."), is_trouble=True
            )
        if not is_confirmed():
            asked = text(spoken, ERASING)
            button = text(spoken, "Forget the door records")
            return self._console.confirmation(found.name or button, asked, button, back)
        count = self._unit.doors.forget_records(reasons, self._console.actor)
        told = plural(spoken, "{count} record was forgotten.", "{count} records were forgotten.", count)
        return self._console.done(back, told)

    def _found(self, customer: str) -> tuple[Person, list[str]]:
        with self._unit.desk.book.read(self._unit.desk.scope) as tx:
            found = people(tx, [customer])
            if not found:
                raise NotFound
            return found[0], reasons_to_enter(tx, customer)

    def _shown(self, record: DoorRecord, doors: Mapping[str, str]) -> Mapping[str, str]:
        spoken = language()
        reason = text(spoken, REASON_WORDS[Reason(record.reason)]) if record.reason in _REASONS else record.verb
        kind = text(spoken, KIND_WORDS[record.kind]) if record.kind in KIND_WORDS else record.kind
        at, door = moment(record.at, self._console.reception.zone), doors.get(record.door_id, record.door_id)
        return {"at": at, "door": door, "what": reason, "kind": kind}
