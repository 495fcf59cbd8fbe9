"""How each kind of key is judged: rotating codes, phones, cards, derived and backup PINs, duress (AC-02 to AC-06)."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.access.challenges import Challenge
from appliance.access.clock_trust import ClockReading, Trust
from appliance.access.decision import Snapshot, decide, is_wrong_try, used_up_by
from appliance.access.door_plan import OnStale
from appliance.access.judging_pins import is_under_duress
from appliance.access.known_keys import KeyState
from appliance.access.presentations import Card, MobileAnswer, Pin, Presentation, SignedPass
from appliance.access.reasons import Reason
from appliance.access.snapshot import Following
from appliance.access.throttle import WRONG_A_DAY, DoorThrottle, Throttle
from appliance.foundation.grants import Grant
from appliance.foundation.instants import HOUR, Interval
from appliance.keys.derived_pins import DerivedClaims
from appliance.keys.mobile_keys import CHALLENGE_S, ChallengeAnswer, parse_answer
from tests.access.bookings import uuid
from tests.access.worlds import CLAIMS, DOOR, KEY, NOW, SNAPSHOT, TODAY, at, denial, door, key, pin, reason, shown
from tests.keys.phones import Phone

LOST = ClockReading(Trust.UNKNOWN, NOW - 86_400)
STEP = NOW // 30
PHONE = Phone(ec.generate_private_key(ec.SECP256R1()))
MOBILE = replace(KEY, kind="mobile", lookup=None, public_key=PHONE.public_key)
NONCE = bytes(range(16))
BOOKED = DerivedClaims("court-1", Interval(NOW - 600, NOW + HOUR), 0)
NINE = Presentation("p1", DOOR.id, "r1", "pin", Pin(b"n", b"", "123456789"))
CAPPED = Throttle(door=DoorThrottle(TODAY, WRONG_A_DAY, NOW - 60))


def rotated(code: str | None = "12345678", **changes: Any) -> Presentation:
    return shown(SignedPass(replace(CLAIMS, **changes), code))


def answered(door_id: str = DOOR.id, key_id: str = KEY.id, phone: Phone = PHONE) -> Presentation:
    answer = parse_answer(phone.answer(NONCE, door_id, key_id))
    assert answer is not None
    return shown(MobileAnswer(answer))


def asked(age_s: float = 0.0, door_id: str = DOOR.id, **changes: Any) -> Snapshot:
    return at(replace(MOBILE, **changes), challenge=Challenge(door_id, age_s))


def heard_of(revoked: bool = False, **changes: Any) -> Snapshot:
    """A door that does not know the booking of a derived PIN, but can work it out."""
    taken = replace(SNAPSHOT, keys=(), door=door(zones=("court-1",)), derived=((BOOKED, revoked),))
    return replace(taken, **changes)


ROTATING = [
    ("granted", rotated(), at(step=STEP)),
    ("granted", rotated(rotating_only=True), at(step=STEP)),
    ("static_refused", rotated(), at(step=None)),
    ("static_refused", rotated(None, rotating_only=True), at()),
    ("static_refused", rotated(None), at(door=door(rotating_only=True))),
    ("granted", rotated(), at(step=STEP, door=door(rotating_only=True))),
    ("replayed", rotated(), at(step=STEP, spent={f"{CLAIMS.key_id}:{STEP}"})),
    ("granted", rotated(), at(step=STEP + 1, spent={f"{CLAIMS.key_id}:{STEP}"})),
    ("clock_unknown", rotated(), at(key(valid_from=LOST.floor, valid_to=NOW), step=STEP, clock=LOST)),
    ("cancelled", rotated(), at(key(state=KeyState.CANCELLED), step=None)),
    (
        "granted",
        rotated(),
        replace(SNAPSHOT, keys=(), step=STEP, following=Following.STALE, door=door(on_stale=OnStale.SIGNED_PASSES)),
    ),
]
PHONES = [
    ("granted", answered(), asked()),
    ("granted", answered(), asked(CHALLENGE_S - 0.1)),
    ("challenge_stale", answered(), asked(CHALLENGE_S)),
    ("challenge_stale", answered(), at(MOBILE)),
    ("challenge_stale", answered(), asked(door_id=uuid(7))),
    ("bad_signature", answered(door_id=uuid(7)), asked(door_id=uuid(7))),
    ("bad_signature", answered(phone=Phone(ec.generate_private_key(ec.SECP256R1()))), asked()),
    ("replayed", answered(), replace(asked(), spent={NONCE.hex()})),
    ("unknown", answered(), replace(asked(), keys=())),
    ("not_synced", answered(), replace(asked(), keys=(), following=Following.STALE)),
    ("unknown", answered(), at(KEY, challenge=Challenge(DOOR.id, 0))),
    ("revoked", answered(), asked(state=KeyState.REVOKED)),
    ("too_early", answered(), asked(doors={DOOR.id: Interval(NOW + 1, NOW + 2)})),
]
CARDS = [
    ("granted", shown(Card(b"c")), at()),
    ("unknown", shown(Card(b"c")), replace(SNAPSHOT, keys=())),
    ("ended", shown(Card(b"c")), at(key(valid_to=NOW))),
    ("revoked", shown(Card(b"c")), at(key(state=KeyState.REVOKED))),
]
DERIVED = [
    ("granted", NINE, heard_of()),
    ("revoked", NINE, heard_of(revoked=True)),
    ("unknown", NINE, heard_of(derived=())),
    ("unknown", NINE, heard_of(clock=LOST)),
    ("unknown", NINE, heard_of(throttle=CAPPED)),
    ("unknown", NINE, heard_of(door=DOOR)),
    ("granted", NINE, heard_of(following=Following.NEVER)),
    ("cancelled", NINE, heard_of(keys=(key(kind="derived", state=KeyState.CANCELLED),))),
    ("granted", NINE, heard_of(keys=(key(kind="derived"),), throttle=CAPPED)),
    ("granted", NINE, heard_of(derived=((BOOKED, True), (replace(BOOKED, serial=1), False)))),
]
BACKUP = [
    ("granted", pin(), at(key(kind="backup"))),
    ("used_up", pin(), at(key(kind="backup", first_used_at=NOW - 5))),
    ("used_up", pin(), at(key(kind="backup"), spent={KEY.id})),
    ("granted", pin(), at(key(first_used_at=NOW - 5))),
    ("ended", pin(), at(key(kind="backup", valid_to=NOW, first_used_at=NOW - 5))),
]


@pytest.mark.parametrize(("wanted", "presentation", "snapshot"), [*ROTATING, *PHONES, *CARDS, *DERIVED, *BACKUP])
def test_the_table_of_every_kind(wanted: str, presentation: Presentation, snapshot: Snapshot) -> None:
    """AC-02, AC-04, AC-05, AC-06, AC-19"""
    assert reason(presentation, snapshot) == wanted


def test_the_guest_hears_why_once_the_phone_has_proved_itself() -> None:
    """AC-05: until then only that something is wrong."""
    assert denial(answered(), asked(state=KeyState.REVOKED)).told is Reason.REVOKED
    assert denial(answered(), replace(asked(), spent={NONCE.hex()})).told is Reason.REPLAYED
    assert denial(answered(), replace(asked(), keys=(), following=Following.STALE)).told is Reason.UNKNOWN
    assert denial(NINE, heard_of(revoked=True)).told is Reason.REVOKED


def test_an_answer_to_nothing_is_refused() -> None:
    """AC-05: zeros in place of a signature."""
    assert reason(shown(MobileAnswer(ChallengeAnswer(NONCE, KEY.id, bytes(64)))), asked()) == "bad_signature"


def test_a_derived_pin_is_named_in_the_grant() -> None:
    """AC-02: so that whoever sold the booking can tell that it was used."""
    granted = decide(NINE, heard_of(), NOW)
    assert isinstance(granted, Grant)
    assert granted.key_id == f"derived:court-1:{NOW - 600}:70:0"


def test_a_wrong_derived_pin_is_a_guess_and_a_card_or_phone_never_is() -> None:
    """AC-10"""
    assert is_wrong_try(NINE, Reason.UNKNOWN)
    assert not any(is_wrong_try(each, Reason.UNKNOWN) for each in (answered(), shown(Card(b"c")), rotated()))


def test_what_a_grant_uses_up() -> None:
    """AC-04, AC-05, AC-19: one step of a code, one challenge, one backup PIN; other keys stay good."""
    used = [
        used_up_by(decide(presentation, snapshot, NOW), presentation.credential, snapshot)
        for presentation, snapshot in (
            (rotated(), at(step=STEP)),
            (answered(), asked()),
            (pin(), at(key(kind="backup"))),
            (pin(), at()),
            (rotated(None), at()),
            (rotated(), at(step=None)),
        )
    ]
    assert used == [f"{CLAIMS.key_id}:{STEP}", NONCE.hex(), KEY.id, None, None, None]


def test_a_pin_under_duress_is_told_from_the_true_one_by_nothing_but_its_digest() -> None:
    """AC-14"""
    forced = Pin(b"l+1", b"l")
    assert decide(shown(forced), at(), NOW) == decide(pin(), at(), NOW)
    assert is_under_duress(forced, KEY)
    assert not is_under_duress(Pin(b"l", b"l-1"), KEY)
    assert not is_under_duress(forced, None)
    assert not is_under_duress(Card(b"c"), KEY)
