"""What a person reads when the desk says no to booking, cancelling or leaving: the sentence says what to do next."""

from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking.reasons import SENTENCES as RULE_SENTENCES
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import Instant
from appliance.foundation.refusals import Refusal
from appliance.foundation.wording import moment_text

_GONE = marked("The time was kept for you, but the minutes ran out. Choose it again.")
_SENTENCES: Final = {
    "slot_taken": marked("Somebody was faster: that time has just been taken. Choose another one."),
    "hold_gone": _GONE,
    "hold_expired": _GONE,
    "too_late": marked("It is too late for that time. Choose a later one."),
    "in_the_past": marked("It is too late for that time. Choose a later one."),
    "too_early": marked("That day cannot be booked yet. Choose an earlier one."),
    "closed": marked("It is closed at that time. Choose another one."),
    "clock_unknown": marked("The unit does not know what time it is, so nothing can be booked just now."),
    "too_late_to_cancel": marked(
        "It is too late to cancel here. You can check out from the start of your time, or ask for help."
    ),
    "not_cancellable": marked("This booking cannot be cancelled any more."),
    "not_begun": marked("You can check out once your time has begun."),
    "already_ended": marked("This booking is over."),
    "unknown_booking": marked(
        "No booking is open to that code. One that you cancelled is cancelled; otherwise check the code and try again."
    ),
    "no_waiting_list": marked("Nobody can wait for this: no waiting list is kept."),
    "not_full": marked("There is a place: book it."),
    "waits_already": marked("You wait for this already."),
    "not_recognised": marked(
        "That does not fit any booking whose key is still to open. Check both, or ask for help by phone."
    ),
    "recovery_locked": marked("Too many tries. Wait a while, or ask for help by phone."),
}
_OTHERWISE = marked("That is not possible just now. Choose another time, or ask for help.")
_PASSES = marked("{sentence} It will be possible from {time}.")


def refusal_text(refusal: Refusal, language: str, now: Instant, zone: ZoneInfo) -> str:
    """The sentence for a refusal, with the time from which it would pass when that is known."""
    sentence = text(language, _SENTENCES.get(refusal.reason) or RULE_SENTENCES.get(refusal.reason, _OTHERWISE))
    if refusal.passes_at is None or refusal.passes_at <= now:
        return sentence
    return text(language, _PASSES, sentence=sentence, time=moment_text(language, refusal.passes_at, now, zone))
