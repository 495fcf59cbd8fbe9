"""Where the staff console leads. A page joins by one entry here and by its class in `blueprint.PAGES`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import current_app, url_for

from appliance.foundation.i18n import marked, text
from appliance.web.speaking import own_path


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the rail. endpoint: of its first page; whatever lies below its address belongs to it.

    words: its name, marked. icon: of the sprite that the kiosk brings.
    """

    endpoint: str
    words: str
    icon: str


ENTRIES: Final[tuple[Entry, ...]] = (
    Entry("admin.planner", marked("Planner"), "calendar"),
    Entry("admin.book", marked("New booking"), "plus"),
    Entry("admin.waiting", marked("Waiting list"), "clock"),
    Entry("admin.purchases", marked("Purchases"), "check"),
    Entry("admin.doors", marked("Doors"), "door-closed"),
    Entry("admin.desk", marked("Help desk"), "circle-help"),
    Entry("admin.devices", marked("Devices"), "lock-open"),
    Entry("admin.journal", marked("Journal"), "search"),
    Entry("admin.records", marked("Door records"), "user"),
    Entry("admin.setup", marked("Set-up"), "circle-check"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """An entry as a page shows it. current: "page" on its own page, "true" on one below it, else empty."""

    address: str
    words: str
    icon: str
    current: str


def places(language: str) -> Sequence[Place]:
    """The rail as this request sees it; an entry whose page is not there is left out."""
    return [_place(entry, language) for entry in ENTRIES if entry.endpoint in current_app.view_functions]


def _place(entry: Entry, language: str) -> Place:
    address = url_for(entry.endpoint)
    here = own_path()
    below = "true" if here.startswith(f"{address}/") else ""
    return Place(address, text(language, entry.words), entry.icon, "page" if here == address else below)
