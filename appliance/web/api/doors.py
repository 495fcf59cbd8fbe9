"""Doors: presentations by readers, releases by staff, and what state they are in."""

import uuid
from typing import NotRequired, TypedDict

from flask import Response, jsonify

from appliance.access.reasons import SENTENCES, Reason
from appliance.door_socket.client import DoorView, Verdict
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import DAY, MINUTE, Instant, format_instant
from appliance.foundation.refusals import Refusal
from appliance.identity.store import StaffMember
from appliance.web.api import key_schemas, schemas, shapes
from appliance.web.api.access import A_PRESENTER, STAFF
from appliance.web.api.specification import Blueprint
from appliance.web.callers import Presenter
from appliance.web.problems import Forbidden, NotFound, refusal
from appliance.web.revoking import revocation
from appliance.web.speaking import language
from appliance.web.unit import Unit


class PresentationBody(TypedDict):
    """A presentation, as its schema hands it over."""

    kind: str
    value: str
    presentation_id: uuid.UUID


class ReleaseBody(TypedDict):
    """A release by staff, as its schema hands it over."""

    reason: str


class ModeBody(TypedDict):
    """A wish for a mode, as its schema hands it over."""

    mode: str
    on: bool
    reason: str


class BackupPinBody(TypedDict):
    """What staff says to get a backup PIN, as its schema hands it over."""

    reason: str
    minutes: NotRequired[int]


class AlarmsQuery(TypedDict):
    """Which calls for help, as its schema hands it over."""

    from_: NotRequired[Instant]


def blueprint(unit: Unit) -> Blueprint:
    """`/doors`."""
    pages = Blueprint("doors", __name__, description="Doors and what is presented at them")

    @pages.get("/doors")
    @pages.alt_response(200, description="Every door")
    def doors() -> Response:
        """Every door, in the state that its contact reports."""
        return jsonify(doors=[shapes.door(door) for door in unit.doors.doors()])

    @pages.get("/doors/<door>")
    @pages.alt_response(200, description="One door")
    def one_door(door: str) -> Response:
        """One door by slug or id."""
        return jsonify(shapes.door(_door(unit, door)))

    @pages.post("/doors/<door>/challenges")
    @pages.open_to(A_PRESENTER, unit)
    @pages.arguments(key_schemas.LinkSchema(), location="query", as_kwargs=True)
    @pages.response(201, schemas.ChallengeSchema)
    def challenge(door: str, who: Presenter, **_link: str) -> Response:
        """A fresh challenge for a mobile key, to be answered within 45 seconds."""
        asked = unit.doors.challenge(door, _reader(unit, who, door))
        seen = _door(unit, door)
        expires_at = format_instant(asked.expires_at, unit.desk.scope.zone)
        return shapes.created({"challenge": asked.text, "expires_at": expires_at, "door": seen.id})

    @pages.post("/doors/<door>/presentations")
    @pages.open_to(A_PRESENTER, unit)
    @pages.arguments(schemas.PresentationSchema())
    @pages.arguments(key_schemas.LinkSchema(), location="query", as_kwargs=True)
    @pages.response(200, schemas.VerdictSchema)
    def present(body: PresentationBody, door: str, who: Presenter, **_link: str) -> Response:
        """Present a credential at a door, with the bearer token of a reader; a phone with the link of its booking."""
        if who.kinds and body["kind"] not in who.kinds:
            raise Forbidden("wrong_kind", marked("A link of a booking presents mobile keys and nothing else."))
        reader = _reader(unit, who, door)
        verdict = unit.doors.present(door, body["kind"], body["value"], reader, str(body["presentation_id"]))
        return jsonify(_verdict(unit, verdict))

    @pages.post("/doors/<door>/release")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.ReleaseSchema())
    @pages.response(200, schemas.VerdictSchema)
    def release(body: ReleaseBody, door: str, who: StaffMember) -> Response:
        """Release a door once, by a signed-in member of staff who says why."""
        _door(unit, door)
        return jsonify(_verdict(unit, unit.doors.release(door, f"staff:{who.id}", body["reason"])))

    @pages.post("/doors/<door>/mode")
    @pages.open_to(STAFF, unit)
    @pages.arguments(schemas.ModeSchema())
    @pages.alt_response(200, description="The door in the mode that prevails now")
    def mode(body: ModeBody, door: str, who: StaffMember) -> Response:
        """Begin or end free access, lockdown or emergency at a door."""
        _door(unit, door)
        seen = unit.doors.mode(door, body["mode"], f"staff:{who.id}", body["reason"], on=body["on"])
        return jsonify(shapes.door(seen))

    _add_help_desk(pages, unit)
    return pages


def _add_help_desk(pages: Blueprint, unit: Unit) -> None:
    zone = unit.desk.scope.zone

    @pages.post("/doors/<door>/backup-pins")
    @pages.open_to(STAFF, unit)
    @pages.arguments(key_schemas.BackupPinRequestSchema())
    @pages.response(201, key_schemas.BackupPinSchema)
    def give(body: BackupPinBody, door: str, who: StaffMember) -> Response:
        """One PIN that opens this door once, for a guest whose own key does not; who gave it and why is on record."""
        seen, seconds = _door(unit, door), body.get("minutes", 30) * MINUTE
        given = unit.backup_pins.give(seen.id, seconds, body["reason"], f"staff:{who.id}")
        if isinstance(given, Refusal):
            return refusal(given, zone)
        window = {"valid_from": given.window.start, "valid_to": given.window.end}
        shown = {name: format_instant(at, zone) for name, at in window.items()}
        return shapes.created(
            {"code": given.code, "door": seen.id, **shown, "in_force": revocation(unit, given.key_seq)}
        )

    @pages.get("/alarms")
    @pages.open_to(STAFF, unit)
    @pages.arguments(key_schemas.AlarmsQuerySchema(), location="query")
    @pages.response(200, key_schemas.AlarmsSchema)
    def alarms(query: AlarmsQuery, who: StaffMember) -> Response:
        """Calls for help by a PIN under duress, newest first; of the last day unless `from` says otherwise."""
        since = query.get("from_", unit.clock.now() - DAY)
        shown = [
            {"seq": each.seq, "door": each.door_id, "booking": each.booking_id, "at": format_instant(each.at, zone)}
            for each in unit.doors.alarms(since)
        ]
        return jsonify(alarms=shown)


def _door(unit: Unit, name: str) -> DoorView:
    for door in unit.doors.doors():
        if name in (door.slug, door.id):
            return door
    raise NotFound


def _reader(unit: Unit, who: Presenter, door: str) -> str:
    """The name of who presents, if they may at this door."""
    if who.door_id is not None and who.door_id != _door(unit, door).id:
        raise Forbidden("wrong_reader", marked("This reader belongs to another door."))
    return who.name


def _verdict(unit: Unit, verdict: Verdict) -> dict[str, object]:
    spoken = language()
    sentence = SENTENCES[Reason(verdict.told)]
    return {
        "verdict": "granted" if verdict.granted else "denied",
        "reason": verdict.told,
        "message": f"{text(spoken, sentence.what)} {text(spoken, sentence.next_step)}",
        "released_s": verdict.released_s,
        "retry_at": format_instant(verdict.retry_at, unit.desk.scope.zone) if verdict.retry_at is not None else None,
        "tries_left": verdict.tries_left,
    }
