"""The decision: one pure function that says yes or no, and the only place that makes a Grant (AC-07, AC-08, AC-09).

decide(presentation, snapshot, now) -> Grant | Denial

How each kind of credential is judged stands in the modules beside it: `judging_pins`, `judging_passes`,
`judging_phones`, and `judging` for what all of them share.
"""

from dataclasses import dataclass
from typing import Final

from appliance.access.clock_trust import Trust
from appliance.access.judging import RETIRED_S, Verdict, judge_keys
from appliance.access.judging_passes import judge_pass, step_token
from appliance.access.judging_phones import judge_answer
from appliance.access.judging_pins import judge_pin
from appliance.access.known_keys import KnownKey
from appliance.access.presentations import (
    Card,
    CommissioningPulse,
    Credential,
    MobileAnswer,
    Pin,
    Presentation,
    ScheduledAccess,
    SignedPass,
    StaffRelease,
    Unreadable,
)
from appliance.access.reasons import Reason, told
from appliance.access.snapshot import Following, Mode, Snapshot
from appliance.foundation.grants import Grant
from appliance.foundation.instants import Instant

__all__ = [
    "COMMAND_LIFE_S",
    "RETIRED_S",
    "Denial",
    "Following",
    "Mode",
    "Snapshot",
    "decide",
    "is_wrong_try",
    "used_up_by",
]

COMMAND_LIFE_S: Final = 5


@dataclass(frozen=True, slots=True)
class Denial:
    """A no. `reason` is exact, `told` is what the guest hears, `retry_at` when the same would pass (UTC seconds).

    key: the known key that came closest, for the journal; None when there was none.
    """

    reason: Reason
    told: Reason
    retry_at: Instant | None = None
    key: KnownKey | None = None


def decide(presentation: Presentation, snapshot: Snapshot, now: Instant) -> Grant | Denial:
    """Whether this presentation opens this door now."""
    credential = presentation.credential
    verdict = _judge(credential, snapshot, now)
    if verdict.reason is Reason.GRANTED and not snapshot.is_online:
        verdict = Verdict(Reason.DOOR_FAULT, key=verdict.key, key_id=verdict.key_id)
    if verdict.reason is not Reason.GRANTED:
        is_matched = verdict.key_id is not None or isinstance(
            credential, SignedPass | StaffRelease | CommissioningPulse
        )
        heard = told(verdict.reason, matched=is_matched, guessable=isinstance(credential, Pin))
        return Denial(verdict.reason, heard, verdict.retry_at if heard is verdict.reason else None, verdict.key)
    return Grant(
        presentation_id=presentation.id,
        door_id=snapshot.door.id,
        door_slug=snapshot.door.slug,
        key_id=verdict.key_id,
        release_s=snapshot.door.release_s,
        decided_at=now,
        not_after=now + COMMAND_LIFE_S,
    )


def is_wrong_try(presentation: Presentation, reason: Reason) -> bool:
    """Whether a denial counts as a guess. An ended PIN does, or a guesser could tell it from an unknown one."""
    guesses = (Reason.UNKNOWN, Reason.NOT_SYNCED, Reason.ENDED)
    return isinstance(presentation.credential, Pin) and reason in guesses


def used_up_by(decision: Grant | Denial, credential: Credential, snapshot: Snapshot) -> str | None:
    """What this decision uses up at its door, so that nobody else may enter by it; None for what is good again."""
    if isinstance(decision, Denial):
        return None
    match credential:
        case SignedPass(_, str()) if snapshot.step is not None:
            return step_token(credential, snapshot.step)
        case MobileAnswer(answer):
            return answer.challenge.hex()
    once = (key.id for key in snapshot.keys if key.opens_once and key.id == decision.key_id)
    return next(once, None)


def _judge(credential: Credential, snapshot: Snapshot, now: Instant) -> Verdict:
    if isinstance(credential, Unreadable):
        return Verdict(credential.reason)
    if snapshot.mode is Mode.LOCKDOWN:
        return Verdict(Reason.LOCKDOWN)
    if isinstance(credential, StaffRelease | CommissioningPulse):
        return Verdict(Reason.GRANTED)
    if isinstance(credential, ScheduledAccess):
        # Nobody is there to be let in: where the time is not known a door stays shut.
        is_known = snapshot.clock.trust is not Trust.UNKNOWN
        return Verdict(Reason.GRANTED if is_known else Reason.CLOCK_UNKNOWN)
    return _judge_guest(credential, snapshot, now)


def _judge_guest(credential: Pin | SignedPass | Card | MobileAnswer, snapshot: Snapshot, now: Instant) -> Verdict:
    match credential:
        case Pin():
            return judge_pin(credential, snapshot, now)
        case SignedPass():
            return judge_pass(credential, snapshot, now)
        case MobileAnswer():
            return judge_answer(credential, snapshot, now)
        case Card():
            return judge_keys(snapshot, now)
