"""Judging PINs: the throttle, then the keys that the door knows, then what a derived PIN may be (AC-02)."""

from appliance.access.clock_trust import Trust
from appliance.access.judging import Verdict, judge_keys
from appliance.access.known_keys import KnownKey
from appliance.access.presentations import Pin
from appliance.access.reasons import Reason
from appliance.access.snapshot import Snapshot
from appliance.access.throttle import is_capped, shut_until
from appliance.foundation.instants import Instant


def judge_pin(credential: Pin, snapshot: Snapshot, now: Instant) -> Verdict:
    """What was typed: a known key of whatever kind, or a derived PIN of a booking that the door has not heard of."""
    until = shut_until(snapshot.throttle, now, snapshot.today)
    if until is not None:
        return Verdict(Reason.LOCKED_OUT, until)
    # What the door knows goes before what it can work out: a derived PIN becomes an ordinary key, and dies as one.
    if snapshot.derived and wants_derived(credential, snapshot, now):
        return _judge_derived(snapshot)
    return judge_keys(snapshot, now)


def wants_derived(credential: Pin, snapshot: Snapshot, now: Instant) -> bool:
    """Whether derived PINs are looked at: where no key is known by that PIN and the time is known, and not behind the
    day's wrong tries, when mostly guessers would be served.
    """
    may_be = credential.derived and snapshot.door.zones and not snapshot.keys
    is_sure = snapshot.clock.trust is not Trust.UNKNOWN
    is_open = shut_until(snapshot.throttle, now, snapshot.today) is None
    return bool(may_be) and is_sure and is_open and not is_capped(snapshot.throttle, snapshot.today)


def is_under_duress(credential: object, key: KnownKey | None) -> bool:
    """Whether a key was found by the PIN that asks for help instead of its own (AC-14)."""
    return isinstance(credential, Pin) and key is not None and key.lookup not in (None, credential.lookup)


def _judge_derived(snapshot: Snapshot) -> Verdict:
    good = [claims for claims, is_revoked in snapshot.derived if not is_revoked]
    if good:
        return Verdict(Reason.GRANTED, key_id=str(good[0]))
    return Verdict(Reason.REVOKED, key_id=str(snapshot.derived[0][0]))
