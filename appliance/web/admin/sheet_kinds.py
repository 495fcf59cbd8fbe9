"""The forms of everything that is set up beside rules: what each field is called, and a line of help where it helps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from appliance.foundation.i18n import marked, text
from appliance.web.admin import choices
from appliance.web.admin.asks import Ask, AskKind, Section
from appliance.web.admin.choices import or_none, words
from appliance.web.admin.selling_sheets import selling_sheets
from appliance.web.admin.sheets import Sheet
from appliance.web.api import offering, places, timetable
from appliance.web.speaking import language
from appliance.web.unit import Unit

KINDS: Final = {
    "unit": marked("A room, a court or a thing, one at a time"),
    "staff": marked("A person"),
    "counted": marked("Places or things that are all alike"),
}
_ANCHORS: Final = {"midnight": marked("midnight"), "shift": marked("the beginning of its hours")}
_SERVICE_KINDS: Final = {
    "individual": marked("A time of one’s own"),
    "class": marked("A class that others attend too"),
}
_WAITING: Final = {
    "off": marked("Nobody can wait"),
    "auto_book": marked("Who waits is booked when a place is free"),
    "offer": marked("Who waits is offered a free place for a while"),
    "notify_all": marked("All who wait are told of a free place, who books first has it"),
}
_ABSENCES: Final = {
    "closed": marked("Closed"),
    "holiday": marked("Holiday"),
    "sickness": marked("Sickness"),
    "other": marked("Away"),
    "open": marked("Open beyond the usual hours"),
}
_NO_CLASS: Final = (marked("Add a service that is a class first."), "services", "class")
_NO_PLACES: Final = (marked("Add a resource first: its places, and how many there are."), "resources", "counted")
NAME: Final = Ask("name", marked("Name"), required=True)
SLUG: Final = Ask(
    "slug",
    marked("Short name"),
    help=marked("For addresses: small letters, digits, dashes. Left empty, it is made of the name."),
)
POSITION: Final = Ask("position", marked("Place in the list"), AskKind.NUMBER, first=0)
VAT: Final = Ask("vat_percent", marked("VAT in percent"), AskKind.NUMBER, marked("Contained in the price."), first=6)
_RESOURCES = Ask(
    "occupies",
    marked("Takes for itself"),
    AskKind.MANY,
    marked("Its trainer and its room, for example."),
    choices.resources,
)

_RESOURCE_MORE: Final = (
    SLUG,
    Ask(
        "grid_minutes",
        marked("Bookings start every so many minutes"),
        AskKind.NUMBER,
        marked("Empty: as the service says."),
    ),
    Ask("anchor", marked("Counted from"), AskKind.CHOICE, options=words(_ANCHORS)),
    POSITION,
)
_RESOURCE: Final = (
    NAME,
    Ask("kind", marked("What it is"), AskKind.CHOICE, options=words(KINDS), first="unit"),
    Ask(
        "capacity",
        marked("How many there are"),
        AskKind.NUMBER,
        marked("More than 1 only where they are all alike."),
        first=1,
    ),
    Ask(
        "parent",
        marked("Part of"),
        AskKind.CHOICE,
        marked("Half a hall is a part of the hall: who books the hall has both halves."),
        or_none(choices.resources, marked("nothing")),
    ),
    Ask(
        "pools",
        marked("In these groups"),
        AskKind.MANY,
        marked("A service takes any free one of a group."),
        choices.pools,
    ),
)
_LENGTHS: Final = (
    Ask("minutes", marked("Minutes"), AskKind.NUMBER),
    Ask("amount", marked("Price"), AskKind.MONEY, first=0),
)
_NEEDS: Final = (
    Ask("pool", marked("From the group"), AskKind.CHOICE, options=or_none(choices.pools, marked("nothing"))),
    Ask("quantity", marked("So many"), AskKind.NUMBER, first=1),
    Ask("offset_minutes", marked("After minutes"), AskKind.NUMBER),
    Ask("length_minutes", marked("For minutes"), AskKind.NUMBER),
)
_SERVICE: Final = (
    NAME,
    Ask("kind", marked("What it is"), AskKind.CHOICE, options=words(_SERVICE_KINDS), first="individual"),
    Ask(
        "durations",
        marked("Lengths and prices"),
        AskKind.ROWS,
        marked("The first one is the usual one."),
        parts=_LENGTHS,
        first=[{"minutes": 60, "amount": 0}],
    ),
    Ask(
        "needs",
        marked("What it takes"),
        AskKind.ROWS,
        marked("One of the group for the whole time, if nothing else is said. A class takes nothing here."),
        parts=_NEEDS,
    ),
    Ask(
        "rule",
        marked("Booking rule"),
        AskKind.FOUND,
        marked("Type a part of its name. Empty: as the facility says."),
        choices.rules,
    ),
)
_SERVICE_MORE: Final = (
    SLUG,
    VAT,
    Ask("grid_minutes", marked("Bookings start every so many minutes"), AskKind.NUMBER, first=15),
    Ask("before_minutes", marked("Minutes kept free before"), AskKind.NUMBER, first=0),
    Ask("after_minutes", marked("Minutes kept free after"), AskKind.NUMBER, first=0),
    Ask("max_quantity", marked("At most so many in one booking"), AskKind.NUMBER, first=1),
    Ask("waiting", marked("When it is full"), AskKind.CHOICE, options=words(_WAITING)),
    Ask("offer_minutes", marked("An offer stands for minutes"), AskKind.NUMBER, first=30),
    POSITION,
)


def sheets(unit: Unit) -> Sequence[Sheet]:
    """Every kind but booking rules, in the order in which one sets up."""
    return (_resources(unit), _pools(), _services(unit), _classes(), _absences(unit), *selling_sheets(unit))


def _resources(unit: Unit) -> Sheet:
    return Sheet(
        "resources",
        marked("Resources"),
        marked("New resource"),
        marked("What can be occupied: halls, courts, rooms, trainers, things."),
        places.place_editing(unit),
        (Section("", _RESOURCE), Section(marked("More"), _RESOURCE_MORE, folded=True)),
        says=_part_of,
    )


def _part_of(shape: Mapping[str, Any]) -> str:
    whole = choices.named(choices.resources, shape["parent"])
    return text(language(), "Part of {name}", name=whole) if whole else ""


def _pools() -> Sheet:
    members = Ask("members", marked("Its members"), AskKind.MANY, options=choices.resources)
    return Sheet(
        "pools",
        marked("Groups"),
        marked("New group"),
        marked("Resources of which any one will do, such as all courts. A service takes from groups."),
        offering.POOL_EDITING,
        (
            Section(
                "",
                (
                    Ask("slug", marked("Short name"), help=marked("Small letters, digits and dashes."), required=True),
                    members,
                ),
            ),
        ),
        name=lambda shape: str(shape["slug"]),
    )


def _services(unit: Unit) -> Sheet:
    return Sheet(
        "services",
        marked("Services"),
        marked("New service"),
        marked("What customers book, for how long, and what it costs; in the order in which they see it."),
        offering.service_editing(unit),
        (Section("", _SERVICE), Section(marked("More"), _SERVICE_MORE, folded=True)),
        says=lambda shape: ", ".join(
            text(language(), "{count} min", count=each["minutes"]) for each in shape["durations"]
        ),
        placed=lambda sold, place: replace(sold, position=place),
    )


def _classes() -> Sheet:
    asks = (
        Ask("service", marked("Class"), AskKind.CHOICE, options=choices.classes, lacking=_NO_CLASS),
        Ask(
            "places",
            marked("Its places"),
            AskKind.CHOICE,
            marked("A resource of places that are all alike."),
            choices.counted_resources,
            lacking=_NO_PLACES,
        ),
        Ask("weekdays", marked("On these days"), AskKind.MANY, options=choices.weekdays),
        Ask("minute_of_day", marked("Begins at"), AskKind.CLOCK, marked("Such as 18:00."), first=18 * 60),
        Ask("duration", marked("Minutes"), AskKind.NUMBER, first=60),
        Ask("days_ahead", marked("Put on the calendar so many days ahead"), AskKind.NUMBER, first=28),
        _RESOURCES,
    )
    return Sheet(
        "classes",
        marked("Classes"),
        marked("New class time"),
        marked("When classes meet. Each meeting takes its trainer and its room."),
        timetable.plan_editing(),
        (Section("", asks),),
        name=lambda shape: choices.named(choices.services, shape["service"]),
        says=_meets,
    )


def _meets(shape: Mapping[str, Any]) -> str:
    """When a class meets, such as Monday, Wednesday 18:00."""
    hour, minute = divmod(int(shape["minute_of_day"]), 60)
    days = ", ".join(words for day, words in choices.weekdays() if int(day) in shape["weekdays"])
    return f"{days} {hour:02}:{minute:02}"


def _absences(unit: Unit) -> Sheet:
    asks = (
        Ask("owner", marked("Who or what"), AskKind.CHOICE, options=choices.owners),
        Ask("kind", marked("What it is"), AskKind.CHOICE, options=words(_ABSENCES)),
        Ask("start", marked("From"), AskKind.MOMENT, required=True),
        Ask("end", marked("Until"), AskKind.MOMENT, required=True),
        Ask("public_text", marked("Told to everybody"), help=marked("Why it is closed, for example.")),
        Ask("internal_text", marked("Told to staff alone")),
    )
    return Sheet(
        "absences",
        marked("Absences and closed days"),
        marked("New absence"),
        marked("Days off, sickness, holidays. Bookings that do not fit any more are listed."),
        places.absence_editing(unit),
        (Section("", asks),),
        name=lambda shape: choices.named(choices.owners, shape["owner"]),
        says=lambda shape: f"{shape['start'][:16]} – {shape['end'][:16]}".replace("T", " "),
    )
