"""The history of the doors in words for staff: when, which door, what, how, who and why (AC-11, AC-19)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from appliance.access.reasons import Reason
from appliance.door_socket.answers import DoorEvent, Verdict
from appliance.foundation.i18n import marked, plural, text
from appliance.foundation.instants import Instant

HISTORY: Final = 30

STATE_WORDS: Final = {
    "locked": marked("Locked"),
    "released": marked("Unlocked"),
    "open": marked("Open"),
    "held_open_warning": marked("Open for long"),
    "held_open": marked("Held open"),
    "forced": marked("Forced open"),
    "offline": marked("Out of reach"),
}
MODE_WORDS: Final = {
    "normal": "",
    "free_access": marked("Free access"),
    "lockdown": marked("Lockdown"),
    "emergency": marked("Emergency"),
}
# What a door did; verbs of its journal. Those that are not here are nothing that anybody at a door would notice.
MOVE_WORDS: Final = {
    **STATE_WORDS,
    "opened": marked("Opened"),
    "closed": marked("Shut"),
    "rex": marked("Exit button pressed"),
    "tamper": marked("Cover opened"),
    "tamper_over": marked("Cover closed"),
    "online": marked("In reach again"),
    "mode_set": marked("Mode changed"),
    "fault": marked("Did not follow a release"),
}
# What a door comes into a state by. A bolt that does not report itself is released by the grant.
_LED_TO: Final = {
    "locked": ("locked", "closed"),
    "released": ("released", "granted"),
    "open": ("opened",),
}
KIND_WORDS: Final = {
    "pin": marked("PIN"),
    "qr": marked("QR code"),
    "card": marked("Card"),
    "mobile": marked("Phone"),
    "staff": marked("Staff"),
    "schedule": marked("Schedule"),
}
# The exact reason, which a guest does not always hear.
REASON_WORDS: Final[Mapping[Reason, str]] = {
    Reason.GRANTED: marked("Access granted"),
    Reason.UNKNOWN: marked("unknown code"),
    Reason.MALFORMED: marked("unreadable"),
    Reason.BAD_SIGNATURE: marked("not a genuine pass"),
    Reason.TOO_EARLY: marked("too early"),
    Reason.ENDED: marked("time over"),
    Reason.WRONG_DOOR: marked("wrong door"),
    Reason.WRONG_FACILITY: marked("wrong facility"),
    Reason.CANCELLED: marked("booking cancelled"),
    Reason.MOVED: marked("booking moved"),
    Reason.REVOKED: marked("key withdrawn"),
    Reason.NOT_PAID: marked("not paid"),
    Reason.REPLAYED: marked("already used"),
    Reason.CHALLENGE_STALE: marked("phone too slow"),
    Reason.STATIC_REFUSED: marked("only a picture of the pass"),
    Reason.USED_UP: marked("key used up"),
    Reason.PASSBACK: marked("already inside"),
    Reason.LOCKED_OUT: marked("paused after wrong codes"),
    Reason.LOCKDOWN: marked("door in lockdown"),
    Reason.CLOCK_UNKNOWN: marked("clock not sure"),
    Reason.NOT_SYNCED: marked("booking not heard of yet"),
    Reason.DOOR_FAULT: marked("door did not answer"),
}


def lines(
    events: Sequence[DoorEvent], doors: Mapping[str, str], staff: Mapping[str, str], language: str, zone: ZoneInfo
) -> list[dict[str, str]]:
    """A line for each event that says something to people, in the order given.

    doors: names by id. staff: names by actor. `at` of a line is the date and time on the facility's wall.
    """
    return [
        {
            "at": f"{datetime.fromtimestamp(event.at, zone):%Y-%m-%d} {clock_text(event.at, zone)}",
            "tone": "move" if event.is_move else event.verb.partition("_")[0],
            "what": f"{doors[event.door_id]}: {_what(event, language)}",
            "how": " \N{MIDDLE DOT} ".join(part for part in _how(event, staff, language) if part),
        }
        for event in events
        if event.door_id in doors and (not event.is_move or event.verb in MOVE_WORDS)
    ]


def release_words(verdict: Verdict, language: str) -> str:
    """What staff hear of a release that they asked for."""
    if verdict.granted:
        return text(language, "Unlocked for {seconds} s. Your reason is on record.", seconds=verdict.released_s)
    return text(language, "Not unlocked: {reason}.", reason=text(language, REASON_WORDS[Reason(verdict.reason)]))


def since(events: Sequence[DoorEvent], door_id: str, state: str) -> Instant | None:
    """Since when a door is in its state, as far as `events`, newest first, tell."""
    verbs = _LED_TO.get(state, (state,))
    return next((event.at for event in events if event.door_id == door_id and event.verb in verbs), None)


def clock_text(at: Instant, zone: ZoneInfo) -> str:
    """The time on the facility's wall, to the second."""
    return f"{datetime.fromtimestamp(at, zone):%H:%M:%S}"


def _what(event: DoorEvent, language: str) -> str:
    if event.is_move:
        return text(language, MOVE_WORDS[event.verb])
    if event.verb == "granted":
        return text(language, REASON_WORDS[Reason.GRANTED])
    if event.verb == "denied_flood":
        return plural(language, "Access denied {count} more time", "Access denied {count} more times", event.count)
    return text(language, "Access denied: {reason}", reason=text(language, REASON_WORDS[Reason(event.reason)]))


def _how(event: DoorEvent, staff: Mapping[str, str], language: str) -> tuple[str, ...]:
    """How it was presented, where, by whom and with what reason; empty for what the door did by itself."""
    if event.is_move:
        return (staff.get(event.actor, ""), event.reason) if event.verb == "mode_set" else ()
    kind = text(language, KIND_WORDS[event.kind]) if event.kind in KIND_WORDS else ""
    if event.kind == "staff":
        return kind, staff.get(event.actor, ""), event.why
    booking = text(language, "Booking {number}", number=event.booking_number) if event.booking_number else ""
    place = event.reader.partition("@")[0] if event.reader != event.kind else ""
    return kind, place, booking
