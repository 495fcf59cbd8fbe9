"""The signed record of a walk over the doors (DR-12).

{"facility", "version", "begun_at", "ended_at", "by", "doors": [{"id", "slug", "name", "driver", "hardware",
 "fail", "release_s", "steps": [{"step", "result", "at", "by", "reader", "took_ms", "entry", "size"}]}],
 "key", "signature"}

signature  Ed25519 (RFC 8032), in hex, over "portvakt-commissioning-1", a zero byte, and the other members as
           canonical JSON; `key` is the `key_id` of the public half: the key that signs the door's journal
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.access.commissioning import Finding, Walk
from appliance.access.door_plan import DoorPlan
from appliance.access.site_plan import FacilityPlan
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.instants import Instant
from appliance.foundation.signatures import signature_holds
from appliance.storage.chain import canonical
from appliance.storage.checkpoints import PublicKeys, key_id

ENTITY: Final = "commissioning"
VERB: Final = "signed"
_DOMAIN: Final = b"portvakt-commissioning-1\x00"


@dataclass(frozen=True, slots=True)
class RecordedDoor:
    """A door as the record names it. hardware: what its driver says of real hardware, see `drivers.quality`."""

    plan: DoorPlan
    hardware: str


def make(
    walk: Walk, doors: Mapping[str, RecordedDoor], facility: FacilityPlan, version: str, by: str, at: Instant
) -> dict[str, object]:
    """What was found, door by door, not yet signed."""
    return {
        "facility": facility.id,
        "name": facility.name,
        "time_zone": facility.zone.key,
        "version": version,
        "begun_at": walk.begun_at,
        "ended_at": at,
        "by": by,
        "doors": [_door(doors[tried.id], walk) for tried in walk.doors],
    }


def sign(body: Mapping[str, object], key: Ed25519PrivateKey) -> dict[str, object]:
    """The record with its signature; the same body and key always give the same record."""
    named = {**body, "key": key_id(key.public_key())}
    return {**named, "signature": key.sign(_message(named)).hex()}


def last(ours: sqlite3.Connection) -> dict[str, object] | None:
    """The newest record that the door's journal keeps."""
    row = ours.execute(
        "SELECT after FROM journal WHERE entity = ? AND verb = ? ORDER BY seq DESC LIMIT 1", (ENTITY, VERB)
    ).fetchone()
    return json.loads(row[0]) if row else None


def verify(record: object, keys: PublicKeys) -> dict[str, Any]:
    """The record, once its signature is seen to hold. Invalid when it is none, or was altered, or by another key."""
    if not isinstance(record, dict) or not isinstance(record.get("signature"), str):
        raise Invalid(FieldError("record", "malformed", "is not a record of a commissioning"))
    body = {name: value for name, value in record.items() if name != "signature"}
    key = keys.get(str(body.get("key")))
    if key is None:
        raise Invalid(FieldError("record.key", "unknown_key", "was not signed by this unit"))
    try:
        signature, message = bytes.fromhex(record["signature"]), _message(body)
    except ValueError as odd:
        raise Invalid(FieldError("record", "malformed", "is not a record of a commissioning")) from odd
    if not signature_holds(key, message, signature):
        raise Invalid(FieldError("record.signature", "bad_signature", "was altered after it was signed"))
    return record


def _door(door: RecordedDoor, walk: Walk) -> dict[str, object]:
    plan = door.plan
    found = [_finding(finding) for finding in walk.findings if finding.step.door_id == plan.id]
    return {
        "id": plan.id, "slug": plan.slug, "name": plan.name, "driver": plan.driver, "hardware": door.hardware,
        "fail": plan.fail, "release_s": plan.release_s, "steps": found,
    }  # fmt: skip


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "step": finding.step.kind, "result": finding.result, "at": finding.at, "by": finding.by,
        "reader": finding.step.reader, "took_ms": finding.took_ms, "entry": finding.entry, "size": finding.size,
    }  # fmt: skip


def _message(body: Mapping[str, object]) -> bytes:
    return _DOMAIN + (canonical(body) or "").encode()
