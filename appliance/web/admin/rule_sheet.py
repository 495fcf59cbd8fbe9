"""The form of booking rules, with all their parts: windows by channel, limits, cancelling, moving, no-shows, swaps."""

from typing import Final

from appliance.foundation.i18n import marked
from appliance.web.admin import choices
from appliance.web.admin.asks import Ask, AskKind, Section
from appliance.web.admin.choices import or_none, words
from appliance.web.admin.rule_sentences import sentences
from appliance.web.admin.sheets import Sheet
from appliance.web.api import rules
from appliance.web.unit import Unit

_PERIODS: Final = {
    "day": marked("a day"),
    "week": marked("a week"),
    "month": marked("a month"),
    "at_once": marked("at once"),
}
_WHOSE: Final = {"customer": marked("each customer"), "everybody": marked("everybody together")}
_OF: Final = {"rule": marked("all services of this rule"), "service": marked("the same service")}
_CUSTOMERS: Final = {"public": marked("the web"), "kiosk": marked("the kiosk")}
_HEADINGS: Final = {
    "public": marked("Booking on the web"),
    "kiosk": marked("Booking at the kiosk"),
    "staff": marked("Booking by staff"),
}


def rule_sheet(unit: Unit) -> Sheet:
    """Booking rules, which one reads as sentences too."""
    return Sheet(
        "rules",
        marked("Booking rules"),
        marked("New booking rule"),
        marked("Who may book, move and cancel, until when, and what it costs."),
        rules.rule_editing(unit),
        (
            Section("", (Ask("name", marked("Name"), required=True),)),
            *(Section(heading, _window(channel), folded=channel != "public") for channel, heading in _HEADINGS.items()),
            Section(marked("Cancelling and moving"), _cancelling()),
            Section(marked("Limits"), (_limits(),), folded=True),
            Section(marked("Not showing up, waiting and other rules"), _others(), folded=True),
        ),
        read=sentences,
    )


def _window(channel: str) -> tuple[Ask, ...]:
    at = f"windows.{channel}"
    return (
        Ask(f"{at}.earliest", marked("Opens before the start"), AskKind.LEAD, marked("Empty: it is always open.")),
        Ask(f"{at}.release_minute", marked("At the time of day"), AskKind.CLOCK, marked("Only with days.")),
        Ask(f"{at}.from_end", marked("Counted from the end of the booking"), AskKind.TICK),
        Ask(
            f"{at}.latest",
            marked("Closes before the start"),
            AskKind.LEAD,
            marked("A number below 0: after the start."),
        ),
    )


def _cancelling() -> tuple[Ask, ...]:
    steps = (
        Ask("before_minutes", marked("Less than minutes before"), AskKind.NUMBER),
        Ask("percent", marked("Percent of the price"), AskKind.NUMBER),
    )
    return (
        Ask("cancelling.earliest", marked("Cancelling opens before the start"), AskKind.LEAD),
        Ask("cancelling.until", marked("Cancelling closes before the start"), AskKind.LEAD),
        Ask(
            "cancelling.grace_s",
            marked("Seconds to think better of it"),
            AskKind.NUMBER,
            marked("For so long after booking it is free to cancel."),
            first=120,
        ),
        Ask("cancelling.tiers", marked("What cancelling late costs"), AskKind.ROWS, parts=steps),
        Ask("moving.until", marked("Moving closes before the start"), AskKind.LEAD, marked("Empty: as cancelling.")),
        Ask("moving.most", marked("Moved at most so many times"), AskKind.NUMBER),
    )


def _limits() -> Ask:
    parts = (
        Ask("most", marked("At most"), AskKind.NUMBER),
        Ask("per", marked("In"), AskKind.CHOICE, options=words(_PERIODS)),
        Ask("whose", marked("For"), AskKind.CHOICE, options=words(_WHOSE)),
        Ask("of", marked("Of"), AskKind.CHOICE, options=words(_OF)),
    )
    return Ask("limits", marked("How many bookings"), AskKind.ROWS, parts=parts)


def _others() -> tuple[Ask, ...]:
    block = (
        Ask("count", marked("After missed bookings"), AskKind.NUMBER),
        Ask("days", marked("Within days"), AskKind.NUMBER),
        Ask("channels", marked("Shut out from"), AskKind.MANY, options=words(_CUSTOMERS)),
    )
    swaps = (
        Ask("product", marked("Who holds"), AskKind.CHOICE, options=or_none(choices.products, marked("nothing"))),
        Ask("rule", marked("Goes by the rule"), AskKind.CHOICE, options=choices.rules),
        Ask("priority", marked("Order"), AskKind.NUMBER, first=0),
    )
    return (
        Ask(
            "no_shows.wait_minutes",
            marked("Guests are waited for minutes"),
            AskKind.NUMBER,
            marked("Empty: to the end."),
        ),
        Ask("no_shows.block", marked("Who does not show up"), AskKind.ROWS, parts=block, single=True),
        Ask(
            "promote_until",
            marked("Waiting customers get a place until before the start"),
            AskKind.LEAD,
            marked("Time to get there. Empty: until booking closes."),
        ),
        Ask("swaps", marked("Another rule for who holds a card or subscription"), AskKind.ROWS, parts=swaps),
    )
