"""Doors: presentations by readers, releases by staff, and what state they are in."""

import uuid
from typing import TypedDict

from flask import Response, jsonify

from appliance.access.reasons import SENTENCES, Reason
from appliance.door_socket.client import DoorView, Verdict
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import format_instant
from appliance.identity.store import DeviceToken, StaffMember
from appliance.web.api import schemas, shapes
from appliance.web.api.access import A_READER, STAFF
from appliance.web.api.specification import Blueprint
from appliance.web.problems import Forbidden, NotFound
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
    @pages.open_to(A_READER, unit)
    @pages.response(201, schemas.ChallengeSchema)
    def challenge(door: str, who: DeviceToken) -> Response:
        """A fresh challenge for a mobile key."""
        reader = _reader(unit, who, door)
        answer = jsonify(unit.doors.challenge(door, reader))
        answer.status_code = 201
        return answer

    @pages.post("/doors/<door>/presentations")
    @pages.open_to(A_READER, unit)
    @pages.arguments(schemas.PresentationSchema())
    @pages.response(200, schemas.VerdictSchema)
    def present(body: PresentationBody, door: str, who: DeviceToken) -> Response:
        """Present a credential at a door, with the bearer token of a reader."""
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

    return pages


def _door(unit: Unit, name: str) -> DoorView:
    for door in unit.doors.doors():
        if name in (door.slug, door.id):
            return door
    raise NotFound


def _reader(unit: Unit, token: DeviceToken, door: str) -> str:
    """The reader that the bearer token stands for, if it may present at this door."""
    if token.door_id is not None and token.door_id != _door(unit, door).id:
        raise Forbidden("wrong_reader", marked("This reader belongs to another door."))
    return token.name


def _verdict(unit: Unit, verdict: Verdict) -> dict[str, object]:
    spoken = language()
    sentence = SENTENCES[Reason(verdict.told)]
    return {
        "verdict": "granted" if verdict.granted else "denied",
        "reason": verdict.told,
        "message": f"{text(spoken, sentence.what)} {text(spoken, sentence.next_step)}",
        "released_s": verdict.released_s,
        "retry_at": format_instant(verdict.retry_at, unit.desk.scope.zone) if verdict.retry_at is not None else None,
    }
