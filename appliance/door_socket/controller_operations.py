"""What may be asked of controllers: how they are, what they hold, for whom, and what a vendor called in (DR-11)."""

import base64
import binascii
from collections.abc import Mapping
from typing import Final

from appliance.access.controller_service import ControllerService
from appliance.access.holding import ControllerStatus, HoldingPost
from appliance.access.holding_store import HeldRow
from appliance.door_socket.operations import required_text
from appliance.door_socket.server import Answer, Operations
from appliance.foundation.errors import FieldError, Invalid
from drivers.controller_contract import HOOK_SECRET, Takes

PAGE: Final = 100
SOONEST: Final = 20
PEOPLE: Final = 12  # so many addresses fit into one question to this socket


def controller_operations(controllers: ControllerService) -> Operations:
    """The operations by their names, for the control socket."""

    def look(ask: Mapping[str, object]) -> Answer:
        wanted = ask.get("grants")
        grants = min(wanted, SOONEST) if isinstance(wanted, int) and wanted > 0 else 0
        return {"controllers": [_controller(post.status(grants)) for post in controllers.posts()]}

    def grants(ask: Mapping[str, object]) -> Answer:
        after = ask.get("after", "")
        rows = _found(controllers, ask).page(after if isinstance(after, str) else "", PAGE)
        return {"grants": [_grant(row) for row in rows], "next": rows[-1].grant_id if len(rows) == PAGE else ""}

    return {"controllers": look, "controller_grants": grants}


def people_operations(controllers: ControllerService) -> Operations:
    """What the web process is asked and tells of people, by the names of the operations."""

    def wanted_subjects(_ask: Mapping[str, object]) -> Answer:
        names = ("controller_id", "grant_id", "booking_id", "takes")
        wanted = controllers.planning.nameless(PEOPLE)
        return {"wanted": [{name: str(getattr(one, name)) for name in names} for one in wanted]}

    def put_subjects(ask: Mapping[str, object]) -> Answer:
        listed = ask.get("subjects")
        if not isinstance(listed, list) or len(listed) > PEOPLE:
            raise Invalid(FieldError("subjects", "malformed", f"must be a list of at most {PEOPLE}"))
        return {"named": controllers.planning.name([_subject(one) for one in listed])}

    def hook(ask: Mapping[str, object]) -> Answer:
        headers, body = ask.get("headers"), ask.get("body")
        if not isinstance(headers, dict) or not isinstance(body, str):
            raise Invalid(FieldError("body", "malformed", "must be headers and a body in base64"))
        try:
            raw = base64.b64decode(body, validate=True)
        except binascii.Error as wrong:
            raise Invalid(FieldError("body", "malformed", "must be base64")) from wrong
        texts = {str(name).lower(): str(value) for name, value in headers.items()}
        # Only the address that was called says this; a header of that name from outside says nothing.
        texts[HOOK_SECRET] = required_text(ask, "secret")
        post = controllers.find(required_text(ask, "controller"))
        return {"genuine": post is not None and post.controller.hook(texts, raw)}

    return {"wanted_subjects": wanted_subjects, "put_subjects": put_subjects, "hook": hook}


def _found(controllers: ControllerService, ask: Mapping[str, object]) -> HoldingPost:
    post = controllers.find(required_text(ask, "controller"))
    if post is None:
        raise Invalid(FieldError("controller", "no_such_controller", "there is no such controller"))
    return post


def _subject(one: object) -> tuple[str, str, str | None]:
    match one:
        case {"controller_id": str(controller), "grant_id": str(grant), "subject": str() | None as subject}:
            return controller, grant, subject
    raise Invalid(FieldError("subjects", "malformed", "must name controller_id, grant_id and subject"))


def _controller(status: ControllerStatus) -> dict[str, object]:
    plan, capabilities = status.plan, status.capabilities
    code_digits = list(capabilities.code_digits) if Takes.PIN in capabilities.takes else []
    return {
        "id": plan.id, "slug": plan.slug, "name": plan.name, "driver": plan.driver, "online": status.health.online,
        "fault": status.health.fault, "last_seen": status.health.last_seen,
        "takes": sorted(capabilities.takes), "resolution_s": capabilities.resolution_s,
        "code_digits": code_digits, "revocation": capabilities.revocation.value,
        "unlocks": capabilities.unlocks, "works_alone": capabilities.works_alone, "counts": dict(status.counts),
        "complete_until": status.complete_until, "listed_at": status.listed_at,
        "doors": dict(status.doors), "late": status.late, "late_from": status.late_from,
        "grants": [_grant(row) for row in status.soonest],
    }  # fmt: skip


def _grant(row: HeldRow) -> dict[str, object]:
    life = row.life
    return {
        "id": row.grant_id, "booking_id": row.booking_id, "state": life.state.value, "reason": life.reason,
        "since": life.since, "from": row.starts, "to": life.ends, "devices": list(row.devices),
        "revision": life.revision, "attempts": life.attempts, "next_at": life.next_at,
    }  # fmt: skip
