"""What may be asked of the walk over the doors: begin, pulse, answer, look and finish (DR-12).

Whoever asks acts for a person: `actor` goes into the journal and into the record.
"""

from collections.abc import Mapping

from appliance.access.walking import Progress, Walking
from appliance.door_socket.operations import outcome_answer, required_text
from appliance.door_socket.server import Answer, Operations
from appliance.foundation.errors import FieldError, Invalid


def commission_operations(walking: Walking) -> Operations:
    """The operations by their names, for the control socket."""

    def begin(ask: Mapping[str, object]) -> Answer:
        doors = ask.get("doors", [])
        if not isinstance(doors, list) or not all(isinstance(door, str) for door in doors):
            raise Invalid(FieldError("doors", "malformed", "must be a list of doors"))
        return {"walk": _walk(walking.begin(doors, required_text(ask, "actor")))}

    def pulse(ask: Mapping[str, object]) -> Answer:
        return outcome_answer(walking.pulse(required_text(ask, "step"), required_text(ask, "actor")))

    def answer(ask: Mapping[str, object]) -> Answer:
        names = ("step", "word", "actor")
        return {"walk": _walk(walking.answer(*(required_text(ask, name) for name in names)))}

    def look(_ask: Mapping[str, object]) -> Answer:
        progress = walking.look()
        return {"walk": _walk(progress) if progress else None}

    def finish(ask: Mapping[str, object]) -> Answer:
        return {"record": walking.finish(required_text(ask, "actor"))}

    def record(_ask: Mapping[str, object]) -> Answer:
        return {"record": walking.record()}

    return {
        "commission_begin": begin, "commission_pulse": pulse, "commission_answer": answer, "commission_look": look,
        "commission_finish": finish, "commission_record": record,
    }  # fmt: skip


def _walk(progress: Progress) -> dict[str, object]:
    walk, current = progress.walk, progress.current
    found = [
        {
            "door_id": finding.step.door_id, "kind": finding.step.kind, "reader": finding.step.reader,
            "result": finding.result, "took_ms": finding.took_ms, "entry": finding.entry, "size": finding.size,
        }
        for finding in walk.findings
    ]  # fmt: skip
    return {
        "doors": [door.id for door in walk.doors],
        "findings": found,
        "of": len(walk.steps),
        "step": current.id if current else "",
        "door_id": current.door_id if current else "",
        "kind": current.kind if current else "",
        "reader": current.reader if current else "",
        "words": list(progress.words),
        "is_pulsed": walk.pulsed_at is not None,
        "seconds_left": progress.seconds_left,
        "shown": walk.shown,
    }
