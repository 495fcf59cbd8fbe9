"""What one presentation came to, and the event that writes it down (AC-09).

No PIN, pass or lookup is in either.
"""

from dataclasses import dataclass, replace
from typing import Any

from appliance.access import records, store
from appliance.access.decision import Denial
from appliance.access.judging_pins import is_under_duress
from appliance.access.known_keys import KnownKey
from appliance.access.presences import Passed, put_presence
from appliance.access.presentations import Presentation
from appliance.access.reasons import Reason
from appliance.access.throttle import Throttle
from appliance.foundation.errors import Retryable
from appliance.foundation.grants import Grant
from appliance.foundation.instants import Instant
from appliance.storage.chain import Change
from appliance.storage.door_writer import Transaction


class Superseded(Retryable):
    """The key changed between the decision and its event: decide again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a presentation; see `appliance.door_socket.answers.Verdict` for its fields."""

    presentation_id: str
    verdict: str
    reason: str
    told: str
    released_s: int = 0
    retry_at: Instant | None = None
    stale: bool = False
    late: bool = False
    booking_id: str | None = None
    tries_left: int | None = None


def outcome_of(
    decision: Grant | Denial,
    presentation: Presentation,
    key: KnownKey | None,
    *,
    stale: bool,
    tries_left: int | None = None,
) -> Outcome:
    """The answer that a decision gives."""
    booking_id = key.booking_id if key else None
    if isinstance(decision, Grant):
        return Outcome(
            presentation.id,
            "granted",
            Reason.GRANTED,
            Reason.GRANTED,
            decision.release_s,
            None,
            stale,
            False,
            booking_id,
        )
    return Outcome(
        presentation.id,
        "denied",
        decision.reason,
        decision.told,
        retry_at=decision.retry_at,
        stale=stale,
        booking_id=booking_id,
        tries_left=tries_left,
    )


def door_fault(outcome: Outcome) -> Outcome:
    """The answer when the door did not follow the grant."""
    return replace(outcome, verdict="denied", reason=Reason.DOOR_FAULT, told=Reason.DOOR_FAULT, released_s=0)


def read_outcome(presentation_id: str, verdict: str, body: dict[str, Any]) -> Outcome:
    """The answer that the journal entry of a presentation tells of."""
    told = (body[name] for name in ("reason", "told", "released_s", "retry_at", "stale", "late", "booking_id"))
    # Entries of older versions do not count the tries.
    return replace(Outcome(presentation_id, verdict, *told), tries_left=body.get("tries_left"))


@dataclass(frozen=True, slots=True)
class Found:
    """What a credential was found to be. key: the known key. key_id: of what was granted, known or not. token: what the
    grant used up. passed: who went in or out by it, where that is counted.
    """

    key: KnownKey | None
    key_id: str | None = None
    token: str | None = None
    passed: Passed | None = None


class Event:
    """The write of one presentation: journal entry and throttle. Returns whether it was a first use."""

    def __init__(
        self,
        presentation: Presentation,
        outcome: Outcome,
        found: Found,
        throttle: Throttle | None,
        actor: str,
        why: str | None,
        clock: str,
        now: Instant,
    ) -> None:
        self._presentation = presentation
        self._outcome = outcome
        self._found = found
        self._throttle = throttle
        self._actor = actor
        self._why = why
        self._clock = clock
        self._now = now

    def refuse(self) -> Outcome:
        """Turn a grant that could not be written in time into a denial, as far as it is not on the disk yet."""
        self._outcome = door_fault(self._outcome)
        return self._outcome

    def __call__(self, tx: Transaction) -> bool:
        outcome, key = replace(self._outcome, late=tx.is_late), self._found.key
        is_grant = outcome.verdict == "granted"
        # A late event tells of a door that was already released: it stands whatever became of the key since.
        if is_grant and key is not None and not tx.is_late and not store.is_unchanged(tx, key):
            raise Superseded("the key changed meanwhile")
        is_first = is_grant and key is not None and store.use_key(tx, key.id, self._now)
        self._journal(tx, outcome, is_first)
        presentation = self._presentation
        if is_grant and self._found.token is not None:
            store.spend(tx, presentation.door_id, self._found.token, presentation.id, self._now)
        if is_grant and self._found.passed is not None:
            put_presence(tx, self._found.passed)
        if is_grant and is_under_duress(presentation.credential, key):
            self._call_for_help(tx, outcome)
        if self._throttle is not None:
            throttle = self._throttle
            store.put_throttle(tx, presentation.door_id, presentation.reader, throttle.reader, throttle.door)
        return is_first

    def _journal(self, tx: Transaction, outcome: Outcome, is_first: bool) -> None:
        presentation, key = self._presentation, self._found.key
        after: dict[str, object] = {
            "door_id": presentation.door_id,
            "reader": presentation.reader,
            "kind": presentation.kind,
            "reason": outcome.reason,
            "told": outcome.told,
            "released_s": outcome.released_s,
            "retry_at": outcome.retry_at,
            "tries_left": outcome.tries_left,
            "stale": outcome.stale,
            "late": outcome.late,
            "clock": self._clock,
            "first_use": is_first,
            "at": self._now,
        }
        passed = self._found.passed
        if passed is not None:
            after |= {"area": passed.area, "inside": passed.presence.inside, "passback": passed.is_exceeded}
        if presentation.is_exit:
            after["exit"] = True
        if self._why is not None:
            after["why"] = self._why
        entry = tx.journal(Change(self._actor, "presentation", presentation.id, outcome.verdict, after=after))
        records.note_subject(tx, entry, outcome.booking_id, key.id if key else self._found.key_id)
        records.count(tx, presentation.door_id, self._now, outcome.reason)

    def _call_for_help(self, tx: Transaction, outcome: Outcome) -> None:
        """An entry of its own, so that nothing that a guest or a bystander may see is other than usual (AC-14)."""
        presentation = self._presentation
        after: dict[str, object] = {"presentation_id": presentation.id, "at": self._now}
        entry = tx.journal(Change(self._actor, "duress", presentation.door_id, "raised", after=after))
        records.note_subject(tx, entry, outcome.booking_id, None)
