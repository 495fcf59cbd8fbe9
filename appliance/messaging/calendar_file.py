"""Bookings as a calendar file of RFC 5545: one file with every occurrence (DY-51). Pure.

Times are UTC, so that no calendar needs our zones. The same booking has the same UID for ever and a SEQUENCE that rises
with its changes, so that a later file takes the place of an earlier one instead of standing beside it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from appliance.foundation.instants import Instant, Interval

_LINE_OCTETS: Final = 75  # RFC 5545 section 3.1
_ESCAPED: Final = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One occurrence. sequence: how often it was changed. cancelled: it does not take place any more."""

    uid: str
    sequence: int
    interval: Interval
    summary: str
    place: str
    description: str
    url: str
    cancelled: bool


def uid_of(booking_id: str) -> str:
    """What a booking is called in every calendar, for ever (RFC 7986 section 5.3)."""
    return f"{booking_id}@portvakt"


def calendar_file(entries: Iterable[CalendarEntry], now: Instant, name: str = "") -> str:
    """The file, with the line ends that the format wants. name: what programs that subscribe to it call it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Portvakt//Portvakt//EN", "METHOD:PUBLISH"]
    lines += [f"X-WR-CALNAME:{_text(name)}"] if name else []
    for entry in entries:
        lines.extend(_lines(entry, now))
    lines.append("END:VCALENDAR")
    return "".join(f"{piece}\r\n" for line in lines for piece in _folded(line))


def _lines(entry: CalendarEntry, now: Instant) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(entry.uid)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTAMP:{_utc(now)}"
    yield f"DTSTART:{_utc(entry.interval.start)}"
    yield f"DTEND:{_utc(entry.interval.end)}"
    yield f"SUMMARY:{_text(entry.summary)}"
    for name, value in (("LOCATION", entry.place), ("DESCRIPTION", entry.description)):
        if value:
            yield f"{name}:{_text(value)}"
    if entry.url and not entry.cancelled:
        yield f"URL:{entry.url}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield "END:VEVENT"


def _utc(instant: Instant) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """RFC 5545 section 3.3.11; controls, which no text may hold, are spaces."""
    unified = value.replace("\r\n", "\n").replace("\r", "\n")
    clean = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in unified)
    return "".join(_ESCAPED.get(sign, sign) for sign in clean)


def _folded(line: str) -> Iterator[str]:
    """Pieces of at most 75 octets, each after the first behind a space; no letter is cut."""
    piece, octets = "", 0
    for sign in line:
        width = len(sign.encode())
        if octets + width > _LINE_OCTETS:
            yield piece
            piece, octets = " ", 1
        piece, octets = piece + sign, octets + width
    yield piece
