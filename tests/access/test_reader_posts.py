"""An entry becomes a presentation, and its verdict is shown where it was made (DR-07, AC-09, AC-10)."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from appliance.access.device_plan import ReaderPlan, Side
from appliance.access.outcomes import Outcome
from appliance.access.presenting import Asked
from appliance.access.reader_posts import AT_ONCE, ReaderPost, ReaderPosts
from appliance.access.troubles import Troubles
from appliance.foundation.errors import Retryable
from appliance.foundation.ids import Uuid7
from drivers.contract import DriverHealth
from drivers.reader_contract import Entry, EntryKind, Feedback, Read, ReaderSettings
from tests.access.bookings import uuid
from tests.waiting import until

PIN = Entry(uuid(200), EntryKind.PIN, "271828")


class FakeReader:
    """A reader whose lamp is a list."""

    def __init__(self) -> None:
        self.shown: list[Feedback] = []
        self.read: Read | None = None
        self.fault = ""
        self.stopped = False

    def start(self, read: Read) -> None:
        self.read = read

    def show(self, feedback: Feedback) -> None:
        self.shown.append(feedback)

    def health(self) -> DriverHealth:
        return DriverHealth(not self.fault, self.fault)

    def stop(self) -> None:
        self.stopped = True


def post(reader: FakeReader, side: Side = Side.OUTSIDE, slug: str = "outer", number: int = 200) -> ReaderPost:
    plan = ReaderPlan(uuid(number), slug, slug.title(), uuid(100), side, "fake", {})
    return ReaderPost(plan, ReaderSettings(plan.id, slug, {}), frozenset({EntryKind.PIN, EntryKind.CARD}), reader)


def outcome(verdict: str, told: str) -> Outcome:
    return Outcome("p", verdict, "unknown" if verdict == "denied" else "granted", told)


class Door:
    """What stands behind the posts: remembers what was asked and gives one answer."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[], Outcome] = lambda: outcome("granted", "granted")

    def present(self, asked: Asked) -> Outcome:
        self.asked.append(asked)
        return self.answer()


@contextmanager
def serving(*posts: ReaderPost) -> Iterator[tuple[ReaderPosts, Door, Troubles]]:
    door, troubles = Door(), Troubles()
    readers = ReaderPosts(door.present, Uuid7(), troubles)
    readers.start()
    readers.put_in_service(posts)
    try:
        yield readers, door, troubles
    finally:
        readers.stop()


def test_an_entry_is_presented_once_by_the_name_of_its_reader() -> None:
    """DR-07, AC-10: each with an id of its own; the reader's slug is what throttles count by."""
    reader = FakeReader()
    with serving(post(reader)) as (readers, door, _):
        readers.read(PIN)
        assert until(lambda: reader.shown == [Feedback.GRANTED])
        readers.read(PIN)
        assert until(lambda: len(reader.shown) == 2)
        first, second = door.asked
    assert (first.door, first.kind, first.value, first.reader, first.is_exit) == (
        uuid(100), "pin", "271828", "outer", False,
    )  # fmt: skip
    assert first.presentation_id != second.presentation_id


def test_a_reader_inside_presents_exits() -> None:
    """AC-13: the side goes along with the presentation."""
    reader = FakeReader()
    with serving(post(reader, Side.INSIDE)) as (readers, door, _):
        readers.read(PIN)
        assert until(lambda: reader.shown == [Feedback.GRANTED])
    assert door.asked[0].is_exit


@pytest.mark.parametrize(
    ("verdict", "told", "shown"),
    [
        ("granted", "granted", Feedback.GRANTED),
        ("denied", "unknown", Feedback.DENIED),
        ("denied", "too_early", Feedback.DENIED),
        ("denied", "locked_out", Feedback.LOCKED_OUT),
        ("denied", "door_fault", Feedback.FAULT),
    ],
)
def test_the_lamp_says_what_the_guest_may_hear(verdict: str, told: str, shown: Feedback) -> None:
    """AC-09: what was told, never the exact reason."""
    reader = FakeReader()
    with serving(post(reader)) as (readers, door, _):
        door.answer = lambda: outcome(verdict, told)
        readers.read(PIN)
        assert until(lambda: reader.shown == [shown])


def test_who_cannot_be_answered_sees_a_fault_and_the_value_stands_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """AC-09: a door process in trouble says so at the reader, and no PIN comes into a log."""
    reader = FakeReader()
    answers = iter([Retryable("busy"), ZeroDivisionError("a mistake of ours")])

    def fail() -> Outcome:
        raise next(answers)

    with serving(post(reader)) as (readers, door, _), caplog.at_level(logging.DEBUG):
        door.answer = fail
        readers.read(PIN)
        assert until(lambda: len(reader.shown) == 1)
        readers.read(PIN)
        assert until(lambda: reader.shown == [Feedback.FAULT, Feedback.FAULT])
    assert "busy" in caplog.text
    assert "271828" not in caplog.text


def test_what_a_reader_cannot_read_is_no_entry_of_it() -> None:
    """DR-13: of a kind it has not, or of a reader that nobody planned."""
    reader = FakeReader()
    with serving(post(reader)) as (readers, door, _):
        readers.read(Entry(uuid(200), EntryKind.QR, "PASS"))
        readers.read(Entry(uuid(999), EntryKind.PIN, "271828"))
        readers.read(PIN)
        assert until(lambda: len(door.asked) == 1)
    assert len(door.asked) == 1


def test_a_reader_that_floods_waits_for_nobody_and_holds_nobody_up() -> None:
    """DR-13: `read` returns at once; more than two at a time are dropped, and other readers are served."""
    noisy, quiet, gate = FakeReader(), FakeReader(), threading.Event()
    with serving(post(noisy), post(quiet, slug="inner", number=201)) as (readers, door, _):
        door.answer = lambda: outcome("granted" if gate.wait(10) else "denied", "granted")
        for _ in range(1000):
            readers.read(PIN)
        readers.read(Entry(uuid(201), EntryKind.PIN, "314159"))
        assert until(lambda: len(door.asked) == AT_ONCE + 1)
        gate.set()
        assert until(lambda: (len(noisy.shown), len(quiet.shown)) == (AT_ONCE, 1))
        readers.read(PIN)
        assert until(lambda: len(noisy.shown) == AT_ONCE + 1)


def test_a_readers_fault_is_a_trouble_until_it_is_over_or_the_reader_gone() -> None:
    """DR-10: health says which reader and what to do."""
    reader = FakeReader()
    with serving(post(reader)) as (readers, _, troubles):
        reader.fault = "no answer; check its power"
        sentence = "reader outer: no answer; check its power"
        assert until(lambda: [each.sentence for each in troubles.all()[1]] == [sentence])
        assert [(one.is_online, one.fault) for one in readers.of_door(uuid(100))] == [(False, reader.fault)]
        readers.put_in_service([])
        assert troubles.all()[1] == ()
    assert reader.stopped
