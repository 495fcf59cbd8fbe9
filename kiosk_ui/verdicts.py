"""A verdict as a whole screen: colour, icon, at most two words, the reason and the next step (KI-07).

One row for every reason of the closed list of a presentation. What the guest may hear is decided before it comes here.
"""

from dataclasses import dataclass
from typing import Final, Literal

from appliance.foundation.i18n import marked

Tone = Literal["ok", "no", "warn"]
Action = Literal["try_again", "book", "my_booking", "help"]


@dataclass(frozen=True, slots=True)
class VerdictScreen:
    """What to show for one reason. `sentence_at` replaces `sentence` when the instant it would pass is known."""

    tone: Tone
    icon: str
    title: str
    sentence: str
    next_step: str
    actions: tuple[Action, ...] = ("try_again",)
    sentence_at: str = ""


VERDICTS: Final[dict[str, VerdictScreen]] = {
    "granted": VerdictScreen(
        "ok", "circle-check", marked("Welcome"), marked("{door} is unlocked."), marked("Push the door now."), ()
    ),
    "unknown": VerdictScreen(
        "no",
        "circle-x",
        marked("Not known"),
        marked("No booking opens {door} with this code now."),
        marked("Check the code in your confirmation and try again."),
        ("try_again", "my_booking"),
    ),
    "malformed": VerdictScreen(
        "no",
        "circle-x",
        marked("Not readable"),
        marked("This is not a code from here."),
        marked("Type the digits, or show the QR code of your booking."),
    ),
    "bad_signature": VerdictScreen(
        "no",
        "circle-x",
        marked("Not valid"),
        marked("This QR code was not made here, or it is damaged."),
        marked("Turn up the light of the phone and try again, or type the digits."),
    ),
    "too_early": VerdictScreen(
        "warn",
        "clock",
        marked("Too early"),
        marked("Your booking has not begun."),
        marked("Come back then; your code stays the same."),
        (),
        marked("{door} opens for you from {time}."),
    ),
    "ended": VerdictScreen(
        "no",
        "clock",
        marked("Time over"),
        marked("Your booked time has ended."),
        marked("Book a new time, or ask for help if something was left inside."),
        ("book", "help"),
    ),
    "wrong_door": VerdictScreen(
        "warn",
        "door-closed",
        marked("Wrong door"),
        marked("Your code does not open {door}."),
        marked("Look at your booking for the right door and try there."),
        ("my_booking", "try_again"),
    ),
    "wrong_facility": VerdictScreen(
        "warn",
        "door-closed",
        marked("Wrong place"),
        marked("Your booking is for another facility."),
        marked("Look at your booking for the right address."),
        ("help",),
    ),
    "cancelled": VerdictScreen(
        "no",
        "circle-x",
        marked("Cancelled"),
        marked("This booking was cancelled, so its code no longer opens."),
        marked("Book a new time if you still want to play."),
        ("book", "help"),
    ),
    "moved": VerdictScreen(
        "warn",
        "calendar",
        marked("Moved"),
        marked("This booking was moved and got a new code."),
        marked("Use the code of the latest confirmation."),
        ("my_booking", "try_again"),
    ),
    "revoked": VerdictScreen(
        "no",
        "circle-x",
        marked("Withdrawn"),
        marked("This code no longer opens any door."),
        marked("Ask for help if you did not expect this."),
        ("help",),
    ),
    "not_paid": VerdictScreen(
        "warn",
        "triangle-alert",
        marked("Not paid"),
        marked("The booking is not paid, so the door stays shut."),
        marked("Pay on site or ask for help."),
        ("my_booking", "help"),
    ),
    "replayed": VerdictScreen(
        "warn",
        "triangle-alert",
        marked("Already used"),
        marked("This code was shown a moment ago."),
        marked("Wait for the next code on your phone and show that."),
    ),
    "challenge_stale": VerdictScreen(
        "warn",
        "clock",
        marked("Too slow"),
        marked("The phone answered too late."),
        marked("Press Unlock on the phone once more."),
    ),
    "static_refused": VerdictScreen(
        "warn",
        "qr-code",
        marked("Picture refused"),
        marked("A picture of the code is not enough for this booking."),
        marked("Open the key page on your phone and show the code that changes."),
    ),
    "used_up": VerdictScreen(
        "no",
        "circle-x",
        marked("Used up"),
        marked("This code has been used as often as it may."),
        marked("Book a new time, or ask for help."),
        ("book", "help"),
    ),
    "passback": VerdictScreen(
        "warn",
        "triangle-alert",
        marked("Already inside"),
        marked("This code went in and has not come out yet."),
        marked("Ask for help if that is wrong."),
        ("help",),
    ),
    "locked_out": VerdictScreen(
        "warn",
        "clock",
        marked("Please wait"),
        marked("Too many wrong codes were typed here."),
        marked("Until then a QR code still opens."),
        ("my_booking", "help"),
        marked("Too many wrong codes were typed here. Digits work again from {time}."),
    ),
    "lockdown": VerdictScreen(
        "no",
        "lock",
        marked("Closed"),
        marked("The staff has locked {door} for everybody."),
        marked("Ask for help, and call 112 if there is danger."),
        ("help",),
    ),
    "clock_unknown": VerdictScreen(
        "warn",
        "clock",
        marked("Clock unsure"),
        marked("The unit does not know what time it is and cannot check this code."),
        marked("Ask for help; a person can open the door."),
        ("help",),
    ),
    "not_synced": VerdictScreen(
        "warn",
        "wifi-off",
        marked("Not here yet"),
        marked("A booking made elsewhere has not reached this door."),
        marked("Try again in a minute, or ask for help."),
        ("try_again", "help"),
    ),
    "door_fault": VerdictScreen(
        "warn",
        "triangle-alert",
        marked("Door fault"),
        marked("Your code is fine, but {door} does not answer."),
        marked("Try again, or ask for help; a person can open the door."),
        ("try_again", "help"),
    ),
}


def screen_for(reason: str, granted: bool) -> VerdictScreen:
    """The screen of a reason. One that is not in the list, from a newer unit, is shown as what it means at the door."""
    return VERDICTS.get(reason, VERDICTS["granted" if granted else "door_fault"])
