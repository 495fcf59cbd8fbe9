"""What is said of a walk over the doors, on the page, on paper and on the terminal (DR-12)."""

from typing import Final

from appliance.door_socket.answers import Verdict
from appliance.door_socket.commission_client import FindingView
from appliance.foundation.i18n import marked, text

STEPS: Final = {
    "pulse": marked("Strike"),
    "relock": marked("Locks again"),
    "open": marked("Contact, open"),
    "close": marked("Contact, closed"),
    "rex": marked("Exit button"),
    "scan": marked("Reader"),
}
ASKS: Final = {
    "pulse": marked("Release the strike. Did it let go?"),
    "relock": marked("Wait. The door should lock again by itself."),
    "open": marked("Open the door. Release it first if it is locked."),
    "close": marked("Close the door."),
    "rex": marked("Press the exit button inside."),
    "scan": marked("Hold up a card, or type some digits. They open nothing while you try the reader."),
}
WORDS: Final = {
    "yes": marked("Yes, it did"),
    "no": marked("It does not work"),
    "skip": marked("Skip"),
    "again": marked("Listen for two more minutes"),
}
RELEASE: Final = marked("Release now")
LEAVE: Final = marked("Leave")
RESULTS: Final = {
    "passed": marked("Passed"),
    "failed": marked("Failed"),
    "skipped": marked("Skipped"),
    "not_done": marked("Not done"),
}
HARDWARE: Final = {
    "tried": marked("The driver was tried on real hardware."),
    "never_tried": marked("The driver was never tried on real hardware."),
    "no_hardware": marked("A pretended door without hardware."),
    "unknown": marked("A driver of another maker."),
}
_READ: Final = {
    "card": marked("Card, {size} bits"),
    "pin": marked("{size} digits"),
    "qr": marked("QR code, {size} characters"),
}


def name(language: str, kind: str, reader: str) -> str:
    """What a step is called."""
    said = text(language, STEPS[kind])
    return f"{said} {reader}" if reader else said


def detail(language: str, found: FindingView) -> str:
    """What was measured or read; empty where nothing was."""
    if found.took_ms is not None:
        return text(language, "{seconds} s", seconds=f"{found.took_ms / 1000:.1f}")
    return text(language, _READ[found.entry], size=found.size) if found.entry in _READ else ""


def told(verdict: Verdict, language: str) -> str:
    """What a pulse came to."""
    if verdict.granted:
        return text(language, "The strike is released for {seconds} s.", seconds=verdict.released_s)
    return text(language, "The door was not released: {reason}", reason=verdict.reason)
