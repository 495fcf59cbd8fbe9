"""The time of a guest who does not come is released, with a real door process that says whether they came (AC-18)."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from appliance.access.outcomes import Outcome
from appliance.access.presenting import Asked
from appliance.booking.actions import no_shows
from appliance.booking.actions.no_shows import RELEASE_NO_SHOW, DoorRecords
from appliance.booking.actions.searching import current_catalogue, search
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking, Status
from appliance.boot.door import DoorProcess
from appliance.boot.web import timekeeper_of
from appliance.door_socket.client import DoorClient
from appliance.foundation.ids import Uuid7
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, Interval, at_local
from appliance.keys import store as key_store
from appliance.storage.chain import Head
from appliance.storage.jobs import write_cursor
from appliance.web.timekeeper import Timekeeper
from tests import builders
from tests.access.rig import eventually
from tests.builders import BO, NOW, STOCKHOLM, TEN, Site

WAIT_S = 15 * MINUTE
DUE = TEN + WAIT_S


class Unit:
    """A site with its web process's timekeeper and a door process that can go away and come back."""

    def __init__(self, site: Site, run: Path) -> None:
        self.site = replace(site, settings=replace(site.settings, run=run))
        self.client = DoorClient(run, timeout_s=2.0)
        self.door: DoorProcess | None = None
        self._ids = Uuid7()
        self._timekeeper: Timekeeper | None = None

    def start_doors(self) -> None:
        self.door = DoorProcess(self.site.settings, self.site.clock)
        self.door.start()
        monitor = self.door.monitor
        eventually(lambda: len(monitor.posts()) == len(self.site.world.door_ids), "the site plan")
        eventually(lambda: all(post.driver.health().online for post in monitor.posts()), "the doors")

    def stop_doors(self) -> None:
        if self.door is not None:
            self.door.stop()
            self.door = None

    def beat(self) -> int:
        """One turn of the timekeeper; a minute has passed for the lease since any other."""
        if self._timekeeper is None:
            self._timekeeper = timekeeper_of(self.site.settings, self.site.side, self.client)
        return self._timekeeper.beat()

    def at(self, now: Instant) -> None:
        """Let time pass to an instant, and the timekeeper beat then."""
        self.site.clock.advance(now - self.site.clock.now())
        self.beat()

    def present(self, pin: str, door: str = "entrance") -> Outcome:
        assert self.door is not None
        return self.door.presenting.present(Asked(door, "pin", pin, "r1", self._ids.new()))

    def due(self) -> list[Instant]:
        rows = self.site.rows("SELECT due_at FROM due WHERE kind = ? ORDER BY due_at", RELEASE_NO_SHOW)
        return [int(str(row[0])) for row in rows]


def simulated(site: Site) -> None:
    """Doors in memory instead of those of the demo."""
    with site.side.book.write(site.side.scope, "test") as tx:
        document = key_store.site_plan_or_none(tx)
        assert document is not None
        doors = document["doors"]
        assert isinstance(doors, list)
        document["doors"] = [{**door, "driver": "simulated", "settings": {}} for door in doors]
        document["readers"], document["controllers"] = [], []
        key_store.desire_site_plan(tx, document)


@pytest.fixture
def unit(site: Site) -> Iterator[Unit]:
    with ExitStack() as stack:
        run = Path(tempfile.mkdtemp(prefix="pv-"))
        stack.callback(shutil.rmtree, run, ignore_errors=True)
        simulated(site)
        site.await_guests(15)
        made = Unit(site, run)
        stack.callback(made.client.close)
        stack.callback(made.stop_doors)
        made.start_doors()
        yield made


def booked(unit: Unit, start: Instant = TEN, court: str = "court-1") -> tuple[Booking, str]:
    """A booking of a court, and its PIN, which the doors know."""
    made = unit.site.book(start, resource=court)
    head = unit.site.rows("SELECT max(seq) FROM journal")[0][0]
    assert isinstance(head, int)
    eventually(lambda: unit.client.catch_up(head) >= head, "following")
    return made, unit.site.pins(made.id)[0]


def offered(site: Site, court: str, within: Interval) -> list[int]:
    padel = current_catalogue(site.side.desk).service("padel")
    assert padel is not None
    place = site.resource(court)
    return search(site.side.desk, padel, within, Channel.KIOSK, duration=60, resource_id=place).starts


@pytest.mark.feature("AC-18")
def test_the_time_of_a_guest_who_does_not_come_is_released(unit: Unit) -> None:
    """AC-18: after the minutes of its rule and not a second before; the keys open nothing, others may book."""
    made, pin = booked(unit)
    assert unit.due() == [DUE]
    unit.at(DUE - 1)
    assert unit.site.status(made.id) is Status.CONFIRMED
    assert DUE not in offered(unit.site, "court-1", Interval(DUE, DUE + 1))
    unit.at(DUE)
    assert unit.site.status(made.id) is Status.NO_SHOW
    assert unit.due() == []
    assert unit.present(pin).reason in {"cancelled", "revoked"}
    eventually(lambda: unit.present(pin, "court-1").reason == "revoked")
    assert unit.site.rows("SELECT DISTINCT state FROM key WHERE booking_id = ?", made.id) == [("revoked",)]
    (verbs,) = unit.site.rows(
        "SELECT group_concat(verb || ' by ' || actor) FROM journal WHERE entity = 'booking' AND entity_id = ?", made.id
    )
    assert verbs == (f"confirmed by public,no_show by job:{RELEASE_NO_SHOW}",)
    assert DUE in offered(unit.site, "court-1", Interval(DUE, DUE + 1))
    again = unit.site.book(DUE, BO, resource="court-1", channel=Channel.KIOSK)
    assert unit.site.status(again.id) is Status.CONFIRMED


@pytest.mark.feature("AC-18")
def test_a_guest_who_came_keeps_the_time(unit: Unit) -> None:
    """AC-18: the first use is the arrival, also in the very second in which the waiting ends."""
    made, pin = booked(unit)
    unit.at(DUE - 1)
    unit.site.clock.advance(1)
    assert unit.present(pin).verdict == "granted"
    unit.beat()
    assert unit.site.status(made.id) is Status.ARRIVED
    assert unit.due() == []
    unit.at(DUE + 20 * MINUTE)
    assert unit.site.status(made.id) is Status.ARRIVED


@pytest.mark.feature("AC-18")
def test_nobody_is_let_in_between_the_question_and_the_release(unit: Unit) -> None:
    """AC-18: from the doors' promise on the keys are shut; without the release they open again by themselves."""
    made, pin = booked(unit)
    unit.site.clock.set(DUE)
    assert unit.client.retire_if_unused(made.id).retired
    assert unit.present(pin).verdict == "denied"
    unit.site.clock.advance(11)
    assert unit.present(pin).verdict == "granted"


@pytest.mark.feature("AC-18")
def test_who_was_turned_away_has_shown_up(unit: Unit) -> None:
    """AC-18: a guest before a door that does not move, or one who came too early, is not released."""
    (made, pin), (other, early) = booked(unit), booked(unit, TEN, "court-2")
    unit.client.hand("entrance", "unplug")
    assert unit.present(early, "court-2").reason == "too_early"
    unit.site.clock.set(TEN)
    eventually(lambda: not unit.client.doors()[0].online, "the door's going away")
    assert unit.present(pin).verdict == "denied"
    unit.at(DUE)
    unit.at(DUE + 20 * MINUTE)
    assert unit.site.status(made.id) is Status.CONFIRMED
    assert unit.site.status(other.id) is Status.CONFIRMED
    assert unit.due() == []


@pytest.mark.feature("AC-18")
def test_while_the_doors_are_away_nothing_is_released_and_then_the_waiting_begins_anew(unit: Unit) -> None:
    """AC-18: a guest may have stood before a dead door all the time."""
    made, _ = booked(unit)
    unit.stop_doors()
    for minutes in range(3):
        unit.at(DUE + minutes * MINUTE)
        assert unit.site.status(made.id) is Status.CONFIRMED
        assert unit.due() == [DUE + (minutes + 1) * MINUTE]
    unit.start_doors()
    back = unit.site.clock.now()
    unit.at(back + MINUTE)
    assert unit.due() == [back + WAIT_S]
    unit.at(back + WAIT_S - 1)
    assert unit.site.status(made.id) is Status.CONFIRMED
    unit.at(back + WAIT_S)
    assert unit.site.status(made.id) is Status.NO_SHOW


@pytest.mark.feature("AC-18")
def test_doors_that_stay_away_are_waited_for_until_the_booking_ends(unit: Unit) -> None:
    """AC-18: then there is nothing left to release."""
    made, _ = booked(unit)
    unit.stop_doors()
    unit.at(made.interval.end - 1)
    assert unit.due() == [made.interval.end - 1 + MINUTE]
    unit.at(made.interval.end + MINUTE)
    assert unit.due() == []
    assert unit.site.status(made.id) is Status.CONFIRMED


@pytest.mark.feature("AC-18")
def test_doors_whose_file_was_begun_anew_cannot_tell_who_came(unit: Unit) -> None:
    """AC-18: the guest may have been let in by what the lost file knew."""
    made, _ = booked(unit)
    unit.stop_doors()
    unit.site.clock.set(TEN)
    for path in unit.site.settings.data.glob("access.db*"):
        path.unlink()
    unit.start_doors()
    unit.at(TEN + WAIT_S)
    unit.at(TEN + 2 * WAIT_S)
    assert unit.site.status(made.id) is Status.CONFIRMED
    assert unit.due() == []


def records(site: Site, *, seq: int = 1, served_since: Instant = 0) -> DoorRecords:
    """What well-kept doors say; their journal was read to entry 1."""
    with site.side.book.write(site.side.scope, "test") as tx:
        write_cursor(tx, no_shows.DOORS_READ, Head("doors", 1, b""))
    return DoorRecords(Head("doors", seq, b""), 0, served_since)


def release(site: Site, booking_id: str, told: DoorRecords | None, shut_for: int | None = 10) -> Instant | None:
    with site.side.book.write(site.side.scope, "job") as tx:
        shut_until = None if shut_for is None else tx.now + shut_for
        return no_shows.release(site.side.desk, tx, booking_id, told, shut_until)


@pytest.mark.feature("AC-18")
@pytest.mark.parametrize(
    ("told", "shut_for", "again"),
    [
        (lambda site: None, 10, DUE + MINUTE),
        (lambda site: records(site, seq=2), 10, DUE + MINUTE),
        (lambda site: replace(records(site), head=Head("other", 1, b"")), 10, DUE + MINUTE),
        (lambda site: records(site, served_since=DUE - 60), 10, DUE - 60 + WAIT_S),
        (lambda site: records(site), None, DUE + MINUTE),
        (lambda site: records(site), 0, DUE + MINUTE),
        (lambda site: records(site), 10, None),
    ],
)
def test_each_doubt_waits(
    site: Site, told: Callable[[Site], DoorRecords | None], shut_for: int | None, again: Instant | None
) -> None:
    """AC-18: doors away, not all read, another file, served anew, no promise, one that ran out; then no doubt."""
    site.await_guests(15)
    made = site.book(TEN)
    site.clock.set(DUE)
    assert release(site, made.id, told(site), shut_for) == again
    assert site.status(made.id) is (Status.CONFIRMED if again else Status.NO_SHOW)


def due(site: Site) -> list[tuple[object, ...]]:
    return site.rows("SELECT entity_id, due_at FROM due WHERE kind = ?", RELEASE_NO_SHOW)


def test_the_waiting_follows_its_booking(site: Site) -> None:
    """AC-18: moved with it, dropped with a cancel or a check-out; a rule that waits for ever schedules nothing."""
    forever = site.book(TEN)
    assert due(site) == []
    site.await_guests(20)
    made = site.take_up(site.hold(TEN).id)
    assert isinstance(made, Booking)
    assert due(site) == [(made.id, TEN + 20 * MINUTE)]
    site.move(made, TEN + 4 * HOUR, by_staff=True)
    assert due(site) == [(made.id, TEN + 4 * HOUR + 20 * MINUTE)]
    site.cancel(made.id, by_staff=True)
    assert due(site) == []
    late = site.book(TEN)
    site.clock.set(TEN)
    site.check_out(late.id)
    assert due(site) == []
    site.await_guests(None)
    site.clock.set(TEN + 30 * MINUTE)
    assert release(site, forever.id, records(site)) is None
    assert site.status(forever.id) is Status.CONFIRMED


def test_who_books_late_is_waited_for_from_then_on(site: Site) -> None:
    """AC-18: at the kiosk a time is sold that has begun already."""
    site.await_guests(15)
    site.clock.set(TEN + 5 * MINUTE)
    made = site.book(TEN, channel=Channel.KIOSK)
    assert due(site) == [(made.id, TEN + 20 * MINUTE)]
    site.clock.set(TEN + 16 * MINUTE)
    assert release(site, made.id, records(site)) == TEN + 20 * MINUTE


def test_a_booking_without_keys_is_left_alone(site: Site) -> None:
    """AC-18: nobody can tell whether its guest came."""
    site.await_guests(15)
    made = site.book(TEN)
    with site.side.book.write(site.side.scope, "test") as tx:
        site.side.issuing.kill(tx, made.id, "revoked")
    site.clock.set(DUE)
    assert release(site, made.id, records(site)) is None
    assert site.status(made.id) is Status.CONFIRMED


@pytest.mark.parametrize(
    ("day", "minute"), [(date(2027, 3, 28), 90), (date(2027, 10, 31), 90), (date(2027, 10, 31), 165)]
)
def test_guests_are_waited_for_in_elapsed_minutes_on_both_nights_of_the_clock(
    tmp_path: Path, day: date, minute: int
) -> None:
    """AC-18: at 01:30 and 02:45 local time, across the hour that is missing and the one that comes twice."""
    start = at_local(day, minute, STOCKHOLM)
    with builders.site(tmp_path / "data", now=start - DAY) as site:
        site.await_guests(45)
        made = site.book(start)
        for now, status in ((start + 45 * MINUTE - 1, Status.CONFIRMED), (start + 45 * MINUTE, Status.NO_SHOW)):
            site.clock.set(now)
            release(site, made.id, records(site))
            assert site.status(made.id) is status


def test_a_door_process_that_does_not_answer_is_no_fault_of_the_work(unit: Unit) -> None:
    """AC-18: the work waits without being counted as failed."""
    booked(unit)
    unit.stop_doors()
    unit.at(DUE)
    assert unit.site.rows("SELECT tries, fault FROM due WHERE kind = ?", RELEASE_NO_SHOW) == [(0, "")]
    with closing(DoorClient(unit.site.settings.run, timeout_s=0.2)):
        assert unit.due() == [DUE + MINUTE]
    assert NOW < DUE
