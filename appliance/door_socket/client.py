"""The way to the door process for everybody else: web, kiosk and command line. Standard library only.

Every method raises DoorUnreachable when the process does not answer in time, and DoorRefused when it answers that the
question was wrong. A refusal at the door is neither: it is a Verdict.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from appliance.door_socket import answers, controller_answers, health_answers, output_answers, record_answers
from appliance.door_socket.answers import (
    Alarm,
    Challenge,
    DoorEvent,
    DoorView,
    JournalCheck,
    JournalHead,
    Reconciliation,
    Retirement,
    Verdict,
)
from appliance.door_socket.connections import ConnectionPool, DoorRefused, DoorUnreachable
from appliance.door_socket.controller_answers import ControllerView, HeldGrantView, WantedSubject
from appliance.door_socket.health_answers import DoorHealth
from appliance.door_socket.output_answers import AreaView, OutputView
from appliance.door_socket.record_answers import DoorRecord
from appliance.door_socket.wire import BOOKINGS_AT_ONCE, CONTROL_SOCKET, PRESENT_SOCKET, socket_path
from appliance.foundation.ids import Ids, Uuid7
from appliance.foundation.instants import Instant

__all__ = [
    "Alarm",
    "AreaView",
    "Challenge",
    "DoorClient",
    "DoorEvent",
    "DoorHealth",
    "DoorRecord",
    "DoorRefused",
    "DoorUnreachable",
    "DoorView",
    "JournalCheck",
    "JournalHead",
    "OutputView",
    "Reconciliation",
    "Retirement",
    "Verdict",
]


def _parts(booking_ids: Sequence[str]) -> list[list[str]]:
    """As many at once as one question holds."""
    return [list(booking_ids[at : at + BOOKINGS_AT_ONCE]) for at in range(0, len(booking_ids), BOOKINGS_AT_ONCE)]


class DoorClient:
    """The door process as its neighbours see it. Thread-safe; connects by itself, so it may be made before the door."""

    def __init__(self, run: Path, *, timeout_s: float = 3.0, pool: int = 8, ids: Ids | None = None) -> None:
        self._present = ConnectionPool(socket_path(run, PRESENT_SOCKET), timeout_s, pool)
        self._control = ConnectionPool(socket_path(run, CONTROL_SOCKET), timeout_s, pool)
        self._ids: Ids = ids or Uuid7()

    def present(self, door: str, kind: str, value: str, reader: str, presentation_id: str | None = None) -> Verdict:
        """Present a credential (`kind`: pin, qr, card or mobile) at a door (id or slug). The same id is one entry."""
        return answers.verdict(
            self._present.ask({
                "op": "present", "door": door, "kind": kind, "value": value, "reader": reader,
                "presentation_id": presentation_id or self._ids.new(),
            })
        )  # fmt: skip

    def challenge(self, door: str, reader: str) -> Challenge:
        """A fresh challenge of a door for a mobile key."""
        return answers.challenge(self._present.ask({"op": "challenge", "door": door, "reader": reader}))

    def alarms(self, since: Instant) -> list[Alarm]:
        """The calls for help since an instant, newest first; for staff alone."""
        return answers.alarms(self._control.ask({"op": "alarms", "since": since}))

    def release(self, door: str, actor: str, reason: str, presentation_id: str | None = None) -> Verdict:
        """Release a door by staff; `actor` is `staff:<id>`, `reason` goes into the journal."""
        return answers.verdict(
            self._control.ask({
                "op": "release", "door": door, "actor": actor, "reason": reason,
                "presentation_id": presentation_id or self._ids.new(),
            })
        )  # fmt: skip

    def mode(self, door: str, mode: str, actor: str, reason: str, *, on: bool = True) -> DoorView:
        """Begin (or end, with on=False) free_access, lockdown or emergency; `normal` ends all three."""
        ask = {"op": "mode", "door": door, "mode": mode, "on": on, "actor": actor, "reason": reason}
        return answers.door(answers.mapping(self._control.ask(ask), "door"))

    def doors(self) -> list[DoorView]:
        """Every door of the site plan in force."""
        return answers.doors(self._control.ask({"op": "doors"}))

    def outputs(self) -> list[OutputView]:
        """Every output of the site plan in force."""
        listed = answers.sequence(self._control.ask({"op": "outputs"}), "outputs")
        return [output_answers.output(one) for one in listed if isinstance(one, dict)]

    def override(self, output: str, actor: str, reason: str, *, on: bool | None, until: Instant | None) -> OutputView:
        """Have staff's will of an output (id or slug) until an instant; on=None lets it follow the bookings again."""
        ask = {"op": "override", "output": output, "on": on, "until": until, "actor": actor, "reason": reason}
        return output_answers.output(answers.mapping(self._control.ask(ask), "output"))

    def history(self, limit: int) -> tuple[DoorEvent, ...]:
        """What happened at the doors lately, newest first, at most 200; for staff."""
        return answers.history(self._control.ask({"op": "history", "limit": limit}))

    def areas(self) -> list[AreaView]:
        """Every area with somebody inside, as far as entries and exits were counted."""
        listed = answers.sequence(self._control.ask({"op": "presence"}), "areas")
        return [output_answers.area(one) for one in listed if isinstance(one, dict)]

    def empty_area(self, area: str, actor: str, reason: str) -> int:
        """A person says that everybody has gone; how many had been counted inside."""
        ask = {"op": "empty_area", "area": area, "actor": actor, "reason": reason}
        return answers.number(self._control.ask(ask), "people")

    def controllers(self, grants: int = 0) -> list[ControllerView]:
        """Every controller of the site plan in force, each with the grants that matter first, at most so many."""
        listed = answers.sequence(self._control.ask({"op": "controllers", "grants": grants}), "controllers")
        return [controller_answers.controller(one) for one in listed if isinstance(one, dict)]

    def controller_grants(self, controller: str, after: str = "") -> tuple[list[HeldGrantView], str]:
        """What a controller (id or slug) is to hold, by id after `after`, and where the next page begins, if any."""
        answer = self._control.ask({"op": "controller_grants", "controller": controller, "after": after})
        listed = answers.sequence(answer, "grants")
        grants = [controller_answers.held_grant(one) for one in listed if isinstance(one, dict)]
        return grants, answers.text(answer, "next")

    def wanted_subjects(self) -> list[WantedSubject]:
        """The grants whose person the door must be told, some dozen at a time, the most urgent first."""
        listed = answers.sequence(self._control.ask({"op": "wanted_subjects"}), "wanted")
        return [controller_answers.wanted_subject(one) for one in listed if isinstance(one, dict)]

    def put_subjects(self, subjects: Sequence[tuple[WantedSubject, str | None]]) -> int:
        """Tell the door the card or address of each, None where there is none; how many were new."""
        told = [
            {"controller_id": one.controller_id, "grant_id": one.grant_id, "subject": subject}
            for one, subject in subjects
        ]
        return answers.number(self._control.ask({"op": "put_subjects", "subjects": told}), "named")

    def hook(self, controller: str, secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Hand on what a vendor called in at the address with this secret; whether it was genuine.

        DoorRefused when body and headers are too much for one question, some 5 KiB.
        """
        raw = base64.b64encode(body).decode()
        ask = {"op": "hook", "controller": controller, "secret": secret, "headers": dict(headers), "body": raw}
        return answers.flag(self._control.ask(ask), "genuine")

    def health(self) -> DoorHealth:
        """How the door process is doing; no secrets in it."""
        return health_answers.health(self._control.ask({"op": "health"}))

    def retire_if_unused(self, booking_id: str) -> Retirement:
        """Shut the keys of a booking unless one was used; undone by itself after 10 s if no cancel follows."""
        answer = self._control.ask({"op": "retire", "booking_id": booking_id})
        return Retirement(
            answers.flag(answer, "retired"), answers.flag(answer, "used"), answers.number_or_none(answer, "expires_at")
        )

    def catch_up(self, seq: int, *, wait_ms: int = 500) -> int:
        """Have the door follow booking.db up to `seq`; how far it came within `wait_ms` (less means pending)."""
        return answers.number(self._control.ask({"op": "catch_up", "seq": seq, "wait_ms": wait_ms}), "seq")

    def reconcile(self, *, apply: bool, actor: str) -> Reconciliation:
        """Compare the door's keys with booking.db, and with `apply` take over what booking.db says."""
        answer = self._control.ask({"op": "reconcile", "apply": apply, "actor": actor}, timeout_s=60.0)
        return answers.reconciliation(answer)

    def hand(self, door: str, act: str) -> None:
        """Do to a simulated door what a hand would (open, close, force, rex, tamper ...)."""
        self._control.ask({"op": "hand", "door": door, "act": act})

    def ask_commissioning(self, op: str, **values: object) -> dict[str, object]:
        """Begin, pulse, answer, look or finish (`op`) of the walk over the doors; see `commission_operations`."""
        return self._control.ask({"op": f"commission_{op}", **values}, timeout_s=10.0)

    def journal_head(self) -> JournalHead:
        """Where the door's own journal ends."""
        answer = self._control.ask({"op": "journal_head"})
        where = answers.text(answer, "file_id"), answers.number(answer, "seq"), answers.text(answer, "hash")
        return JournalHead(*where, answers.number(answer, "kept_since"), answers.number(answer, "served_since"))

    def records(self, booking_ids: Sequence[str]) -> list[DoorRecord]:
        """Every door record that is still known to be of some bookings, oldest first."""
        asked = [self._control.ask({"op": "records", "bookings": part}) for part in _parts(booking_ids)]
        return sorted((each for answer in asked for each in record_answers.records(answer)), key=lambda each: each.at)

    def forget_records(self, booking_ids: Sequence[str], actor: str) -> int:
        """Forget which door records are of some bookings; how many were. DoorRefused during a legal hold."""
        asks = ({"op": "forget_records", "bookings": part, "actor": actor} for part in _parts(booking_ids))
        return sum(answers.number(self._control.ask(ask, timeout_s=10.0), "forgotten") for ask in asks)

    def verify(self) -> JournalCheck:
        """Walk the whole of the door's own journal; takes seconds on a long one."""
        answer = self._control.ask({"op": "verify"}, timeout_s=300.0)
        return JournalCheck(
            answers.flag(answer, "holds"), answers.number(answer, "seq"), answers.text(answer, "message")
        )

    def watch(self) -> Iterator[DoorView | None]:
        """Every door now, then each change as it happens, on a connection of its own; ends when the process does.

        None comes at least every 10 s when nothing happens, so that the reader may look whether it should stop.
        """
        with self._control.connection() as line:
            line.send({"op": "watch"})
            while True:
                message = line.receive(15.0)
                yield answers.door(answers.mapping(message, "door")) if "door" in message else None

    def close(self) -> None:
        """Close every idle connection."""
        self._present.close()
        self._control.close()
