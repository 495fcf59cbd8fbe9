"""Judging what a phone answers to a challenge of the door (AC-05)."""

from appliance.access.judging import Verdict, judge_key, nobodys
from appliance.access.presentations import MobileAnswer
from appliance.access.reasons import Reason
from appliance.access.snapshot import Snapshot
from appliance.foundation.instants import Instant
from appliance.keys.mobile_keys import CHALLENGE_S, answer_holds


def judge_answer(credential: MobileAnswer, snapshot: Snapshot, now: Instant) -> Verdict:
    """The signature first: whoever has not the phone's key learns nothing of the challenge or the booking."""
    answer = credential.answer
    key = next((key for key in snapshot.keys if key.public_key is not None), None)
    if key is None or key.public_key is None:
        return nobodys(snapshot)
    if not answer_holds(key.public_key, answer, snapshot.door.id):
        return Verdict(Reason.BAD_SIGNATURE)
    if answer.challenge.hex() in snapshot.spent:
        return Verdict(Reason.REPLAYED, key=key, key_id=key.id)
    asked = snapshot.challenge
    if asked is None or asked.door_id != snapshot.door.id or asked.age_s >= CHALLENGE_S:
        return Verdict(Reason.CHALLENGE_STALE, key=key, key_id=key.id)
    return judge_key(key, snapshot, now)
