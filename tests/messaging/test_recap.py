"""Each employee is told once, on the evening before, what they have on the next day (DY-34)."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.booking import set_up_store
from appliance.booking.resources import Pool, Resource, ResourceKind
from appliance.booking.services import Need, Service, ServiceKind
from appliance.boot.messaging_side import recaps_of
from appliance.customers.contacts import Contact
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, at_local, format_instant, local_date
from appliance.foundation.money import Money
from appliance.identity import profile_store
from appliance.identity import store as staff_store
from appliance.identity.profile_store import Profile
from appliance.messaging import message_store
from appliance.messaging.actions import settling
from appliance.messaging.actions.recapping import RECAP
from appliance.messaging.events import Event, Subject
from appliance.messaging.recap import next_look, told_now
from appliance.messaging.settings import RECAP_MINUTE, MessageSettings
from appliance.storage import jobs
from appliance.storage.jobs import Prepared
from tests.builders import BO, MONDAY, NOW, STOCKHOLM, Site
from tests.messaging.mail_sink import MailSink, addressed, delivered, text_of

ROOT = Path(__file__).resolve().parents[2]
KIM = "kim@example.se"
ZONES = [ZoneInfo(name) for name in ("Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "UTC")]
TUESDAY_AT_TEN = at_local(MONDAY + timedelta(days=1), 600, STOCKHOLM)


def at(minute: int, day: date = MONDAY) -> Instant:
    return at_local(day, minute, STOCKHOLM)


def employ(site: Site, email: str = KIM, language: str = "en") -> str:
    """The administrator is a masseur as well; the answer is their id."""
    with site.side.book.write(site.side.scope, "test") as tx:
        (staff_id,) = staff_store.staff_names(tx)
        profile_store.set_profile(tx, staff_id, Profile("Kim Berg", email, "", language), 1)
    offer_massage(site, staff_id)
    return staff_id


def offer_massage(site: Site, staff_id: str) -> None:
    """A service of one employee, at the facility of `site`."""
    with site.side.book.write(site.side.scope, "test") as tx:
        kim = Resource(tx.ids.new(), "kim", "Kim", ResourceKind.STAFF, staff_id=staff_id)
        set_up_store.add_resource(tx, kim, 10)
        pool = Pool(tx.ids.new(), "therapists", (kim.id,))
        set_up_store.add_pool(tx, pool)
        price = (Money(50_000, "SEK"),)
        massage = Service(
            tx.ids.new(), "massage", "Massage", ServiceKind.INDIVIDUAL, (60,), price, (Need(pool.id),), grid_minutes=30
        )
        set_up_store.add_service(tx, massage, vat_percent=6, position=5)


def timed(site: Site, mail: MailSink | None = None) -> None:
    """What the timekeeper does now."""
    settings = replace(site.settings, mail=mail.settings if mail is not None else None)
    jobs.run_due(site.side.book, site.side.scope, {RECAP: Prepared(recaps_of(settings, site.side).prepare)})


def choose(site: Site, minute: int | None = RECAP_MINUTE, *, when_empty: bool = False) -> None:
    found = settling.settings_of(site.side.desk)
    chosen = replace(found.value, recap_minute=minute, recap_when_empty=when_empty)
    settling.change_settings(site.side.desk, chosen, found.version, "test")


def recaps(site: Site) -> list[tuple[object, ...]]:
    return site.rows("SELECT state, occasion FROM message WHERE event = 'recap' ORDER BY occasion")


def test_the_list_of_tomorrow_comes_at_six_in_the_evening_in_order_of_time(site: Site, mail: MailSink) -> None:
    """DY-34: not before, and once; it is what stands when it leaves, without what was cancelled meanwhile."""
    employ(site)
    for start in (TUESDAY_AT_TEN + 3 * HOUR, TUESDAY_AT_TEN, TUESDAY_AT_TEN + DAY):
        site.book(start, service="massage")
    gone = site.book(TUESDAY_AT_TEN + HOUR, BO, service="massage")
    site.clock.set(at(18 * 60) - 1)
    timed(site, mail)
    assert recaps(site) == []
    site.clock.advance(1)
    timed(site, mail)
    assert recaps(site) == [("due", (MONDAY + timedelta(days=1)).toordinal())]
    site.cancel(gone.id)
    (letter,) = addressed(delivered(site, mail), KIM)
    assert letter["Subject"] == "Your bookings on Tuesday 1 December: 2"
    told = text_of(letter)
    assert told.splitlines()[:2] == ["Hello Kim Berg!", "This is what you have on Tuesday 1 December."]
    assert [line for line in told.splitlines() if "Massage" in line] == [
        "10:00\N{EN DASH}11:00 Massage",
        "13:00\N{EN DASH}14:00 Massage",
    ]
    assert ("Anna Ek" in told, "Bo" in told, "1 person" in told) == (True, False, True)
    for _ in range(3):
        timed(site, mail)
        site.clock.advance(HOUR)
    assert len(addressed(delivered(site, mail), KIM)) == 1


def test_nobody_is_told_of_nothing_unless_that_is_wanted(site: Site, mail: MailSink) -> None:
    """DY-34: none when empty; by a setting one that says so; and none at all where it is switched off."""
    employ(site, language="sv")
    site.clock.set(at(18 * 60))
    timed(site, mail)
    assert recaps(site) == []
    choose(site, when_empty=True)
    timed(site, mail)
    (letter,) = addressed(delivered(site, mail), KIM)
    assert "Inget är bokat." in text_of(letter)
    choose(site, None, when_empty=True)
    site.clock.advance(2 * DAY)
    timed(site, mail)
    assert len(recaps(site)) == 1
    choose(site, 60, when_empty=True)
    timed(site, mail)
    assert len(recaps(site)) == 2


def test_what_is_emptied_before_it_leaves_is_not_told(site: Site, mail: MailSink) -> None:
    """DY-34: who has nothing left gets no letter."""
    employ(site)
    only = site.book(TUESDAY_AT_TEN, service="massage")
    site.clock.set(at(18 * 60))
    timed(site, mail)
    site.cancel(only.id)
    assert addressed(delivered(site, mail), KIM) == []
    assert [state for state, _ in recaps(site)] == ["dropped"]


def test_who_was_off_tells_later_until_tomorrow_has_begun(site: Site, mail: MailSink) -> None:
    """DY-34: at a quarter to midnight still, at midnight no more, and the evening after as ever."""
    employ(site)
    for day in range(1, 4):
        site.book(at(600, MONDAY + timedelta(days=day)), service="massage")
    site.clock.set(at(23 * 60 + 45))
    timed(site, mail)
    assert len(addressed(delivered(site, mail), KIM)) == 1
    site.clock.set(at(0, MONDAY + timedelta(days=2)))
    timed(site, mail)
    assert len(recaps(site)) == 1
    site.clock.set(at(18 * 60, MONDAY + timedelta(days=2)))
    timed(site, mail)
    # What a dead server kept back until its day had begun is not told any more.
    site.clock.set(at(0, MONDAY + timedelta(days=3)))
    assert len(addressed(delivered(site, mail), KIM)) == 1
    assert [state for state, _ in recaps(site)] == ["sent", "dropped"]


def test_another_time_is_in_force_at_once_and_tells_nobody_twice(site: Site, mail: MailSink) -> None:
    """DY-34: moved to where it is over already it comes now; moved on again it does not come again."""
    employ(site)
    site.book(TUESDAY_AT_TEN, service="massage")
    timed(site, mail)
    site.clock.set(at(15 * 60))
    timed(site, mail)
    assert recaps(site) == []
    choose(site, 14 * 60)
    timed(site, mail)
    assert len(recaps(site)) == 1
    choose(site, 20 * 60)
    site.clock.set(at(20 * 60))
    timed(site, mail)
    assert len(addressed(delivered(site, mail), KIM)) == 1


def test_what_strangers_write_makes_no_line_of_its_own(site: Site, mail: MailSink) -> None:
    """DY-34: a name that breaks the line, or that looks like a placeholder or HTML, stays a name."""
    employ(site)
    name = "Eve {agenda} <b>x</b>"
    site.book(TUESDAY_AT_TEN, Contact(name, "eve@example.se", None, "eve@example.se"), service="massage")
    site.clock.set(at(18 * 60))
    timed(site, mail)
    (letter,) = addressed(delivered(site, mail), KIM)
    assert f"1 person, {name}" in text_of(letter).splitlines()
    assert "&lt;b&gt;x&lt;/b&gt;" in text_of(letter, "html")


def test_without_mail_it_is_noted_as_not_sent(site: Site) -> None:
    """DY-34: a channel that is not configured keeps nothing waiting."""
    employ(site)
    site.book(TUESDAY_AT_TEN, service="massage")
    site.clock.set(at(18 * 60))
    timed(site)
    assert [state for state, _ in recaps(site)] == ["off"]


@pytest.mark.slow
def test_a_process_that_is_killed_between_making_and_sending_leaves_one_letter(site: Site, mail: MailSink) -> None:
    """DY-34: kill -9 once the message is made; the next process makes no second one, and sends it."""
    employ(site)
    site.book(TUESDAY_AT_TEN, service="massage")
    evening = at(18 * 60)
    site.side.engine.dispose()
    program = [sys.executable, "-m", "tests.messaging.recap_and_die", str(site.settings.data), str(evening)]
    killed = subprocess.run(program, cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    next_one = site.reopened()
    site.clock.set(evening + MINUTE)
    timed(next_one, mail)
    assert len(addressed(delivered(next_one, mail), KIM)) == 1
    with next_one.side.book.write(next_one.side.scope, "test") as tx:
        # Whatever became of the due row: the message of that day is there already.
        jobs.schedule(tx, RECAP, tx.scope.facility_id, tx.now)
    timed(next_one, mail)
    assert len(addressed(delivered(next_one, mail), KIM)) == 1
    next_one.close()


@given(
    zone=st.sampled_from(ZONES),
    day=st.sampled_from([date(2026, 3, 7), date(2026, 3, 28), date(2026, 10, 24), date(2026, 10, 31), MONDAY]),
    minute=st.integers(0, 24 * 60 - 1),
    late=st.integers(0, 20 * MINUTE),
)
def test_every_day_is_told_once_at_its_moment_also_where_the_clock_is_put_forward_or_back(
    zone: ZoneInfo, day: date, minute: int, late: int
) -> None:
    """DY-34: for a week around a change of the clock, by a job that comes a little late each time."""
    now, end = at_local(day - timedelta(days=2), 0, zone), at_local(day + timedelta(days=4), 0, zone)
    told: list[date] = []
    due = now
    while now < end:
        found = told_now(minute, now, zone)
        if found is not None:
            assert now - at_local(local_date(now, zone), minute, zone) <= late
            told.append(found)
        due = next_look(minute, now, zone)
        assert due > now
        # Never later than its own day: what comes after midnight has been missed, as it should be.
        now = min(due + late, max(due, at_local(local_date(due, zone) + timedelta(days=1), 0, zone) - 1))
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(told))
    assert len(told) >= 5


@pytest.mark.parametrize(
    ("day", "minute", "wanted"),
    [
        (date(2026, 3, 29), 18 * 60, "18:00+02:00"),
        (date(2026, 3, 29), 150, "03:00+02:00"),
        (date(2026, 10, 25), 18 * 60, "18:00+01:00"),
        (date(2026, 10, 25), 150, "02:30+02:00"),
    ],
)
def test_on_the_day_of_a_clock_change_it_comes_once_at_the_wall_time(day: date, minute: int, wanted: str) -> None:
    """DY-34: in the gap of spring just behind it, in the doubled hour of autumn at its first pass."""
    start, end = at(0, day), at(0, day + timedelta(days=1))
    due = next_look(minute, start, STOCKHOLM)
    assert format_instant(due, STOCKHOLM)[11:16] + format_instant(due, STOCKHOLM)[19:] == wanted
    told = [now for now in range(start, end, MINUTE) if told_now(minute, now, STOCKHOLM) is not None]
    assert told[0] == due
    assert next_look(minute, due, STOCKHOLM) >= end


def test_nothing_is_told_where_it_is_switched_off() -> None:
    """DY-34: whatever the clock says."""
    assert all(told_now(None, NOW + hours * HOUR, STOCKHOLM) is None for hours in range(48))
    assert MessageSettings().recap_minute == 18 * 60


def test_of_two_processes_one_makes_each_message(site: Site) -> None:
    """DY-34: the same employee and day is one message, however often it is asked for."""
    employ(site)
    with site.side.book.write(site.side.scope, "test") as tx:
        for _ in range(2):
            message_store.add(tx, Event.RECAP, Subject.STAFF, ["x"], 739_000, is_on=True)
    assert recaps(site) == [("due", 739_000)]
