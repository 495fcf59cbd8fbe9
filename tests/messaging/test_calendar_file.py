"""Calendar files of RFC 5545, read by a reader that knows nothing of the writer (DY-51)."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.instants import Interval
from appliance.messaging.calendar_file import CalendarEntry, calendar_file

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
ENTRIES = st.lists(
    st.builds(
        CalendarEntry,
        uid=st.uuids().map(str),
        sequence=st.integers(0, 99),
        interval=st.tuples(st.integers(0, 4_000_000_000), st.integers(1, 86_400)).map(
            lambda pair: Interval(pair[0], sum(pair))
        ),
        summary=TEXT,
        place=TEXT,
        description=TEXT,
        url=st.just("http://unit.test/k/1?sig=x"),
        cancelled=st.booleans(),
    ),
    max_size=4,
)


def read(file: str) -> list[dict[str, str]]:
    """The events of a file, by the letter of RFC 5545 sections 3.1 and 3.3.11."""
    assert file.endswith("\r\n")
    lines = file.split("\r\n")[:-1]
    assert all(len(each.encode()) <= 75 for each in lines)
    assert not any("\r" in each or "\n" in each for each in lines)
    unfolded: list[str] = []
    for each in lines:
        if each.startswith(" "):
            unfolded[-1] += each[1:]
        else:
            unfolded.append(each)
    assert (unfolded[0], unfolded[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    events: list[dict[str, str]] = []
    for each in unfolded:
        name, _, value = each.partition(":")
        if each == "BEGIN:VEVENT":
            events.append({})
        elif events and name not in ("BEGIN", "END"):
            assert name not in events[-1]
            events[-1][name] = unescaped(value)
    return events


def unescaped(value: str) -> str:
    told, signs = "", iter(value)
    for sign in signs:
        escaped = next(signs) if sign == "\\" else ""
        told += {"n": "\n", "N": "\n"}.get(escaped, escaped) if escaped else sign
    return told


def utc(value: str) -> int:
    return int(datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())


def clean(text: str) -> str:
    """What a text may hold: controls are spaces, line ends are one sign."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in unified)


@given(ENTRIES)
def test_every_occurrence_comes_out_of_the_file_as_it_went_in(entries: list[CalendarEntry]) -> None:
    """DY-51: one file with all of them, whatever stands in a name: å, apostrophes, commas, line ends."""
    found = read(calendar_file(entries, 1_700_000_000))
    assert len(found) == len(entries)
    for entry, event in zip(entries, found, strict=True):
        assert (event["UID"], event["SEQUENCE"]) == (entry.uid, str(entry.sequence))
        assert (utc(event["DTSTART"]), utc(event["DTEND"])) == (entry.interval.start, entry.interval.end)
        assert event["SUMMARY"] == clean(entry.summary)
        assert event.get("LOCATION", "") == clean(entry.place)
        assert event["STATUS"] == ("CANCELLED" if entry.cancelled else "CONFIRMED")
        assert ("URL" in event) is not entry.cancelled
