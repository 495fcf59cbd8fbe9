"""Why a door opened or did not: the closed list, and the sentence that a guest hears (AC-09).

The exact reason goes to staff and into the journal. The guest hears it only when the HMAC or the signature matched;
otherwise, and for a PIN whose window has ended, one sentence stands for all, so that nobody learns which guesses were
near.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.foundation.i18n import marked


class Reason(StrEnum):
    """What a presentation came to. Stable codes of the public contract."""

    GRANTED = "granted"
    UNKNOWN = "unknown"
    MALFORMED = "malformed"
    BAD_SIGNATURE = "bad_signature"
    TOO_EARLY = "too_early"
    ENDED = "ended"
    WRONG_DOOR = "wrong_door"
    WRONG_FACILITY = "wrong_facility"
    CANCELLED = "cancelled"
    MOVED = "moved"
    REVOKED = "revoked"
    NOT_PAID = "not_paid"
    REPLAYED = "replayed"
    CHALLENGE_STALE = "challenge_stale"
    STATIC_REFUSED = "static_refused"
    USED_UP = "used_up"
    PASSBACK = "passback"
    LOCKED_OUT = "locked_out"
    LOCKDOWN = "lockdown"
    CLOCK_UNKNOWN = "clock_unknown"
    NOT_SYNCED = "not_synced"
    DOOR_FAULT = "door_fault"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is wrong and what to do next; English here, translated where it is shown."""

    what: str
    next_step: str


_CHECK = marked("Check the code and try again, or ask for help.")
_NEW_KEY = marked("Use the newest key that you were sent.")
_STAFF = marked("Please ask the staff.")

SENTENCES: Final[Mapping[Reason, Sentence]] = {
    Reason.GRANTED: Sentence(marked("Welcome."), marked("The door is open for you.")),
    Reason.UNKNOWN: Sentence(marked("This code is not valid here and now."), _CHECK),
    Reason.MALFORMED: Sentence(marked("This could not be read."), marked("Try again.")),
    Reason.BAD_SIGNATURE: Sentence(marked("This pass is not genuine."), _STAFF),
    Reason.TOO_EARLY: Sentence(marked("Your time has not begun."), marked("Come back at the time shown.")),
    Reason.ENDED: Sentence(marked("Your time has ended."), marked("Book a new time to enter.")),
    Reason.WRONG_DOOR: Sentence(
        marked("Your key is for another door."), marked("Look at your booking for the right door.")
    ),
    Reason.WRONG_FACILITY: Sentence(
        marked("Your key is for another facility."), marked("Look at your booking for the right address.")
    ),
    Reason.CANCELLED: Sentence(marked("This booking is cancelled."), marked("Book a new time to enter.")),
    Reason.MOVED: Sentence(marked("This booking was moved."), _NEW_KEY),
    Reason.REVOKED: Sentence(marked("This key is no longer valid."), _NEW_KEY),
    Reason.NOT_PAID: Sentence(marked("This booking is not paid."), marked("Pay it, then try again.")),
    Reason.REPLAYED: Sentence(marked("This code was already used."), marked("Show a fresh code.")),
    Reason.CHALLENGE_STALE: Sentence(marked("That took too long."), marked("Try again.")),
    Reason.STATIC_REFUSED: Sentence(
        marked("A picture of this pass is not enough."), marked("Open the pass on your phone.")
    ),
    Reason.USED_UP: Sentence(marked("This key has been used up."), _STAFF),
    Reason.PASSBACK: Sentence(marked("You are already inside."), _STAFF),
    Reason.LOCKED_OUT: Sentence(
        marked("Too many wrong codes."), marked("Wait until the time shown, or show your QR code.")
    ),
    Reason.LOCKDOWN: Sentence(marked("This door is locked down."), _STAFF),
    Reason.CLOCK_UNKNOWN: Sentence(marked("The door does not know the time."), _STAFF),
    Reason.NOT_SYNCED: Sentence(marked("The door has not heard of this key yet."), marked("Try again in a minute.")),
    Reason.DOOR_FAULT: Sentence(marked("The door does not work right now."), _STAFF),
}

# Reasons that say nothing about any key: the guest may hear them although nothing matched.
_OPEN = frozenset({Reason.MALFORMED, Reason.LOCKED_OUT, Reason.LOCKDOWN, Reason.CHALLENGE_STALE, Reason.BAD_SIGNATURE})


def told(reason: Reason, *, matched: bool, guessable: bool) -> Reason:
    """What the guest hears in place of `reason`.

    matched: the HMAC or the signature was right. guessable: the credential was a PIN, of which there are few.
    """
    if reason in _OPEN or (matched and not (guessable and reason is Reason.ENDED)):
        return reason
    return Reason.UNKNOWN
