"""One presentation from its bytes to the released door (AC-09, AC-10).

recognise -> follow the bookings -> snapshot -> decide -> event durable -> release -> answer
"""

import re
import threading
from dataclasses import dataclass, field, replace
from typing import Final

from appliance.access.decision import Denial, Following, Snapshot, decide, is_wrong_try, used_up_by
from appliance.access.door_monitor import DoorMonitor, DoorPost
from appliance.access.door_plan import OnJournalFault
from appliance.access.flood_gate import FloodGate
from appliance.access.following import Follower
from appliance.access.known_keys import KnownKey
from appliance.access.outcomes import Event, Found, Outcome, Superseded, door_fault, outcome_of
from appliance.access.pass_keys import PassKeys
from appliance.access.presences import Passed, put_presence
from appliance.access.presentations import (
    CommissioningPulse,
    Pin,
    Presentation,
    ScheduledAccess,
    StaffRelease,
    recognise,
)
from appliance.access.repeats import Repeats
from appliance.access.surveying import Sources, Surveying
from appliance.access.throttle import Throttle, after_other, after_right, after_wrong, tries_left
from appliance.foundation.errors import FieldError, Invalid, PortvaktError, Retryable
from appliance.foundation.grants import Grant
from appliance.foundation.instants import Instant
from appliance.keys.mobile_keys import spelled
from appliance.storage.chain import Change
from appliance.storage.door_writer import DoorWriter, NotDurable, Transaction

DURABLE_S: Final = 0.250
_AGAIN: Final = 3
_READER: Final = re.compile(r"[A-Za-z0-9@._:-]{1,80}")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KIND: Final = re.compile(r"[a-z_]{1,20}")
_WHY_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What came from a reader or through a socket: one credential at one reader of one door (id or slug).

    is_exit: the reader hangs inside, and who presents something there goes out.
    """

    door: str
    kind: str
    value: str = field(repr=False)
    reader: str
    presentation_id: str
    is_exit: bool = False


@dataclass(frozen=True, slots=True)
class Doorkeeping:
    """Everything that a presentation passes through."""

    monitor: DoorMonitor
    follower: Follower
    writer: DoorWriter
    sources: Sources
    floods: FloodGate
    repeats: Repeats
    lookup_key: bytes = field(repr=False)
    pass_keys: PassKeys


class Presenting:
    """Answers presentations, each once; any thread may ask."""

    def __init__(self, parts: Doorkeeping) -> None:
        self._parts = parts
        self._surveying = Surveying(parts.sources)
        self._decision_lock = threading.Lock()

    def present(self, asked: Asked) -> Outcome:
        """What a credential comes to. Invalid when the question itself is wrong."""
        post = self._checked(asked.door, asked.presentation_id)
        if not _READER.fullmatch(asked.reader) or not _KIND.fullmatch(asked.kind):
            raise Invalid(FieldError("reader", "malformed", "must be a short plain name"))
        credential = recognise(asked.kind, asked.value, self._parts.lookup_key, self._parts.pass_keys.for_epoch)
        presentation = Presentation(
            asked.presentation_id, post.plan.id, asked.reader, asked.kind, credential, asked.is_exit
        )
        return self._once(presentation, post, f"reader:{asked.reader}", None)

    def release(self, door: str, actor: str, why: str, presentation_id: str) -> Outcome:
        """What a release by staff comes to."""
        post = self._checked(door, presentation_id)
        if not why.strip() or len(why) > _WHY_LIMIT:
            raise Invalid(FieldError("reason", "malformed", f"say why, in at most {_WHY_LIMIT} characters"))
        presentation = Presentation(presentation_id, post.plan.id, "staff", "staff", StaffRelease(actor, why))
        return self._once(presentation, post, actor, why)

    def challenge(self, door: str) -> tuple[str, Instant]:
        """A fresh challenge of a door for a phone, as its text, and when it is too late to answer."""
        post = self._parts.monitor.find(door)
        if post is None:
            raise Invalid(FieldError("door", "no_such_door", "there is no such door"))
        challenge, expires_at = self._parts.sources.challenges.ask(post.plan.id)
        return spelled(challenge), expires_at

    def begin_stretch(self, post: DoorPost, stretch: str, presentation_id: str) -> Outcome:
        """What it comes to that the schedule of a door frees it for one stretch (AC-12)."""
        presentation = Presentation(presentation_id, post.plan.id, "schedule", "schedule", ScheduledAccess(stretch))
        return self._once(presentation, post, "schedule", stretch)

    def pulse(self, post: DoorPost, actor: str, presentation_id: str) -> Outcome:
        """What it comes to that an installer tries the strike of a door (DR-12)."""
        presentation = Presentation(
            presentation_id, post.plan.id, "commission", "commission", CommissioningPulse(actor)
        )
        return self._once(presentation, post, actor, None)

    def _checked(self, door: str, presentation_id: str) -> DoorPost:
        post = self._parts.monitor.find(door)
        if post is None:
            raise Invalid(FieldError("door", "no_such_door", "there is no such door"))
        if not _ID.fullmatch(presentation_id):
            raise Invalid(FieldError("presentation_id", "malformed", "must be 1 to 64 letters, digits, - or _"))
        return post

    def _once(self, presentation: Presentation, post: DoorPost, actor: str, why: str | None) -> Outcome:
        def act() -> Outcome:
            earlier = self._surveying.presented(presentation.id)
            return self._parts.repeats.earlier(presentation, earlier) or self._act(presentation, post, actor, why)

        return self._parts.repeats.once(presentation, act)

    def _act(self, presentation: Presentation, post: DoorPost, actor: str, why: str | None) -> Outcome:
        for _ in range(_AGAIN):
            try:
                return self._decide_and_release(presentation, post, actor, why)
            except Superseded:
                continue
        raise Retryable("the key changes too often to decide")

    def _decide_and_release(self, presentation: Presentation, post: DoorPost, actor: str, why: str | None) -> Outcome:
        following = self._parts.follower.catch_up()
        # One decision at a time, or two wrong PINs at once would count as one; the disk is waited for outside.
        with self._decision_lock:
            now, snapshot = self._surveying.snapshot(presentation, post, following)
            decision = decide(presentation, snapshot, now)
            throttle = self._throttled(presentation, snapshot, decision, now)
            token = used_up_by(decision, presentation.credential, snapshot)
            if token is not None:
                self._parts.sources.spent.spend(post.plan.id, token, presentation.id, now)
            is_guess = isinstance(decision, Denial) and is_wrong_try(presentation, decision.reason)
            is_row = isinstance(decision, Grant) or self._parts.floods.admit(presentation, now, always=is_guess)
            key = _key_of(decision, snapshot)
            passed = self._passed(presentation, post, decision, key, now)
        left = tries_left(throttle, now, snapshot.today) if throttle is not None and is_guess else None
        outcome = outcome_of(decision, presentation, key, stale=following is not Following.CURRENT, tries_left=left)
        if not is_row:
            return outcome
        found = Found(key, decision.key_id if isinstance(decision, Grant) else None, token, passed)
        event = Event(presentation, outcome, found, throttle, actor, why, snapshot.clock.trust, now)
        outcome = self._make_durable(event, outcome, decision, key, post)
        if isinstance(decision, Grant) and outcome.verdict == "granted":
            outcome = self._open(post, decision, outcome)
        if isinstance(decision, Grant) and outcome.verdict != "granted":
            self._take_back(presentation)
        return outcome

    def _passed(
        self, presentation: Presentation, post: DoorPost, decision: Grant | Denial, key: KnownKey | None, now: Instant
    ) -> Passed | None:
        """Who passes into an area or out of it; None where nobody is counted."""
        plan = post.plan
        if isinstance(decision, Denial) or key is None or not plan.area:
            return None
        presences, is_exit = self._parts.sources.presences, presentation.is_exit
        return presences.note(plan.area, key.booking_id, presentation.id, plan.passback, now, is_exit=is_exit)

    def _take_back(self, presentation: Presentation) -> None:
        passed = self._parts.sources.presences.take_back(presentation.id)
        if passed is not None:
            self._parts.writer.submit(lambda tx: put_presence(tx, passed), keep=True)

    def _make_durable(
        self, event: Event, outcome: Outcome, decision: Grant | Denial, key: KnownKey | None, post: DoorPost
    ) -> Outcome:
        try:
            self._parts.writer.submit(event, keep=True).wait(DURABLE_S)
        except NotDurable:
            is_known = key is not None or (isinstance(decision, Grant) and decision.key_id is None)
            if isinstance(decision, Grant) and not (is_known and post.plan.on_journal_fault is OnJournalFault.RELEASE):
                return replace(event.refuse(), late=True)
            return replace(outcome, late=True)
        return outcome

    def _open(self, post: DoorPost, grant: Grant, outcome: Outcome) -> Outcome:
        try:
            self._parts.monitor.release(post, grant)
        except PortvaktError as fault:
            # The grant is on record already; this says that the door did not follow it.
            after = {"presentation_id": grant.presentation_id, "reason": "door_fault", "message": str(fault)}
            self._journal(Change("door", "door", post.plan.id, "fault", after=after))
            return door_fault(outcome)
        return outcome

    def _journal(self, change: Change) -> None:
        def write(tx: Transaction) -> None:
            tx.journal(change)

        self._parts.writer.submit(write, keep=True)

    def _throttled(
        self, presentation: Presentation, snapshot: Snapshot, decision: Grant | Denial, now: Instant
    ) -> Throttle | None:
        if not isinstance(presentation.credential, Pin):
            return None
        before, today = snapshot.throttle, snapshot.today
        if isinstance(decision, Grant):
            after = after_right(before, now, today)
        elif is_wrong_try(presentation, decision.reason):
            after = after_wrong(before, now, today)
        elif decision.key is not None:
            after = after_other(before, now, today)
        else:
            after = before
        self._parts.sources.throttles.put(presentation.door_id, presentation.reader, after)
        return after


def _key_of(decision: Grant | Denial, snapshot: Snapshot) -> KnownKey | None:
    if isinstance(decision, Denial):
        return decision.key
    return next((key for key in snapshot.keys if key.id == decision.key_id), None)
