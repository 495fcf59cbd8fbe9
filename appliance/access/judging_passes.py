"""Judging passes: known ones by their key, unheard ones by their claims, and the code behind them (AC-04)."""

from appliance.access.clock_trust import Trust
from appliance.access.door_plan import OnStale
from appliance.access.judging import Verdict, judge_keys, within
from appliance.access.presentations import SignedPass
from appliance.access.reasons import Reason
from appliance.access.snapshot import Following, Snapshot
from appliance.foundation.instants import Instant


def judge_pass(credential: SignedPass, snapshot: Snapshot, now: Instant) -> Verdict:
    """A pass whose signature holds, with or without a rotating code."""
    claims = credential.claims
    if claims.facility_tag != snapshot.facility_tag:
        return Verdict(Reason.WRONG_FACILITY)
    known = judge_keys(snapshot, now) if snapshot.keys else None
    if known is not None and known.reason is not Reason.GRANTED:
        return known
    refused = _refused_form(credential, snapshot)
    if refused is not None:
        return Verdict(refused, key=known.key if known else None, key_id=claims.key_id)
    return known or _judge_unheard(credential, snapshot, now)


def step_token(credential: SignedPass, step: int) -> str:
    """What one rotating code uses up at a door."""
    return f"{credential.claims.key_id}:{step}"


def _refused_form(credential: SignedPass, snapshot: Snapshot) -> Reason | None:
    """Why the form in which the pass was shown is not good enough."""
    if credential.code is None:
        is_static_refused = credential.claims.rotating_only or snapshot.door.rotating_only
        return Reason.STATIC_REFUSED if is_static_refused else None
    if snapshot.clock.trust is Trust.UNKNOWN:
        return Reason.CLOCK_UNKNOWN
    if snapshot.step is None:
        # The code was good at another time: a picture of the pass, or a phone whose clock is wrong.
        return Reason.STATIC_REFUSED
    return Reason.REPLAYED if step_token(credential, snapshot.step) in snapshot.spent else None


def _judge_unheard(credential: SignedPass, snapshot: Snapshot, now: Instant) -> Verdict:
    """A genuine pass of a key that this door does not know."""
    window = credential.claims.window
    if snapshot.following is Following.CURRENT:
        # Keys long over are forgotten; whoever still shows one hears the truth.
        return Verdict(Reason.ENDED if now >= window.end else Reason.REVOKED)
    if snapshot.door.on_stale is not OnStale.SIGNED_PASSES:
        return Verdict(Reason.NOT_SYNCED)
    if snapshot.clock.trust is Trust.UNKNOWN:
        return Verdict(Reason.CLOCK_UNKNOWN)
    number = snapshot.door.number
    if number is None or not credential.claims.opens(number):
        return Verdict(Reason.WRONG_DOOR)
    return Verdict(*within(window, now), key_id=credential.claims.key_id)
