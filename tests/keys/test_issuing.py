"""Keys follow their booking: their doors, their window and their PINs (AC-01, AC-07, AC-08, BM-24)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from appliance.booking import set_up_store
from appliance.booking.actions import extending
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking
from appliance.booking.catalogue_store import load_catalogue
from appliance.boot.demo_world import COURTS, ENTRANCE
from appliance.foundation.instants import DAY, HOUR, Interval, at_local
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.keys import passes, pins, store
from appliance.keys.issuing import Admission
from appliance.keys.store import IssuedKey
from tests import builders
from tests.builders import NOW, STOCKHOLM, TEN, Site

MARGIN = 15 * 60


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with builders.site(tmp_path / "data") as made:
        yield made


def issued(site: Site, booking_id: str) -> list[IssuedKey]:
    with site.side.book.read(site.side.scope) as tx:
        return store.of_booking(tx, booking_id)


@pytest.mark.feature("AC-08")
@pytest.mark.parametrize("court", COURTS)
def test_four_courts_one_entrance_each_key_opens_exactly_its_two_doors(site: Site, court: str) -> None:
    """AC-08: the PIN, the pass and what the customer is told."""
    booked = site.book(TEN, resource=court)
    doors = {site.world.door_ids[ENTRANCE], site.world.door_ids[court]}
    keys = sorted(issued(site, booked.id), key=lambda key: key.kind)
    assert [(key.kind, set(key.doors), len(key.doors)) for key in keys] == [("pin", doors, 2), ("qr", doors, 2)]
    with site.side.book.read(site.side.scope) as tx:
        shown = site.side.issuing.show(tx, booked.id)
    assert [set(key.door_ids) for key in shown] == [doors, doors]
    numbers = {0, COURTS.index(court) + 1}
    (token,) = (key.code for key in shown if key.kind == "qr")
    parsed = passes.parse(token)
    assert parsed is not None
    assert parsed.claims.doors == passes.door_mask(frozenset(numbers))


def test_a_place_in_a_class_opens_the_entrance_alone(site: Site) -> None:
    """AC-08."""
    booked = site.book(NOW + 9 * HOUR, service="padel-class")
    assert [set(key.doors) for key in issued(site, booked.id)] == [{site.world.door_ids[ENTRANCE]}] * 2


def test_doors_without_a_number_are_opened_by_a_pass_that_is_known_there(site: Site) -> None:
    """AC-08: on a site with more doors than a pass has bits; its claims alone open none of them."""
    with site.side.book.write(site.side.scope, "test") as tx:
        document = store.site_plan_or_none(tx) or {}
        doors = document["doors"]
        assert isinstance(doors, list)
        store.desire_site_plan(tx, {**document, "doors": [{**door, "number": None} for door in doors]})
    booked = site.book(TEN, resource="court-1")
    with site.side.book.read(site.side.scope) as tx:
        (token,) = (key.code for key in site.side.issuing.show(tx, booked.id) if key.kind == "qr")
    parsed = passes.parse(token)
    assert parsed is not None
    assert [number for number in range(passes.DOORS) if parsed.claims.opens(number)] == []


def test_what_no_door_leads_to_needs_no_key(site: Site) -> None:
    """AC-08."""
    with site.side.book.write(site.side.scope, "test") as tx:
        site.side.issuing.issue(tx, Admission("b", "n", "s", ("nowhere",), Interval(TEN, TEN + 1)))
    assert issued(site, "b") == []


@pytest.mark.feature("AC-07")
@pytest.mark.parametrize("night", [date(2026, 11, 30), date(2027, 3, 28), date(2027, 10, 31)])
def test_the_window_is_the_booking_and_its_margins_to_the_second(site: Site, night: date) -> None:
    """AC-07: on an ordinary day and in both nights, half-open, the last second is the one before the end."""
    site.clock.set(at_local(night, 0, STOCKHOLM) - 2 * DAY)
    start = at_local(night, 90, STOCKHOLM)
    booked = site.book(start, duration=90)
    for key in issued(site, booked.id):
        assert key.window == Interval(start - MARGIN, start + 90 * 60 + MARGIN)
        at = [key.window.contains(start - MARGIN + second) for second in (-1, 0)]
        end = [key.window.contains(start + 90 * 60 + MARGIN + second) for second in (-1, 0)]
        assert (at, end) == ([False, True], [True, False])


def test_a_service_may_have_margins_of_its_own(site: Site) -> None:
    """AC-07: the service's come before the facility's; keys that were issued before stay as they are."""
    before = site.book(TEN)
    with site.side.book.write(site.side.scope, "staff") as tx:
        store.set_margin(tx, before_s=60, after_s=0, service_id=before.service_id)
    after = site.book(TEN)
    assert {key.window for key in issued(site, before.id)} == {Interval(TEN - MARGIN, TEN + HOUR + MARGIN)}
    assert {key.window for key in issued(site, after.id)} == {Interval(TEN - 60, TEN + HOUR)}
    lesson = site.book(NOW + 9 * HOUR, service="padel-class")
    assert {key.window.start for key in issued(site, lesson.id)} == {NOW + 9 * HOUR - MARGIN}


def test_of_several_margins_the_most_specific_one_holds(site: Site) -> None:
    """AC-07: of the service at the door, before the door's, before the service's, before the facility's."""
    court, entrance = site.world.door_ids["court-1"], site.world.door_ids[ENTRANCE]
    padel = site.book(TEN, resource="court-1").service_id

    def margins() -> dict[str, tuple[int, int]]:
        booked = site.book(TEN + 5 * HOUR, resource="court-1")
        site.cancel(booked.id)
        opened = issued(site, booked.id)[0].doors
        return {door: (booked.interval.start - w.start, w.end - booked.interval.end) for door, w in opened.items()}

    wanted = {court: (MARGIN, MARGIN), entrance: (MARGIN, MARGIN)}
    assert margins() == wanted
    for service_id, door_id, seconds in ((padel, None, 60), (None, court, 120), (padel, court, 0), (None, None, 30)):
        with site.side.book.write(site.side.scope, "staff") as tx:
            store.set_margin(tx, before_s=seconds, after_s=seconds + 1, service_id=service_id, door_id=door_id)
        if (service_id, door_id) != (None, None):
            reached = (court,) if door_id else (court, entrance)
            wanted |= dict.fromkeys(reached, (seconds, seconds + 1))
        assert margins() == wanted


@pytest.mark.parametrize("night", [date(2027, 3, 28), date(2027, 10, 31)])
def test_an_extension_moves_the_end_of_the_window_and_nothing_else_in_both_nights(site: Site, night: date) -> None:
    """AC-07: half an hour more is half an hour of real time, whatever the wall clock does in it."""
    site.clock.set(at_local(night, 0, STOCKHOLM) - 2 * DAY)
    start = at_local(night, 90, STOCKHOLM)
    booked = site.book(start)
    site.clock.set(start + HOUR - 1)
    longer = extending.extend(site.side.desk, booked.id, 90, Channel.PUBLIC, "public")
    assert isinstance(longer, Booking)
    assert {key.window for key in issued(site, booked.id)} == {Interval(start - MARGIN, start + 90 * 60 + MARGIN)}


@pytest.mark.slow
@pytest.mark.feature("AC-01", "BM-24")
def test_ten_thousand_overlapping_bookings_have_ten_thousand_pins(site: Site) -> None:
    """AC-01, BM-24: at one door at one time no two PINs are the same, though about a hundred would have been."""
    secrets, entrance = site.side.issuing._secrets, site.world.door_ids[ENTRANCE]
    kept: dict[bytes, pins.IssuedPin] = {}
    for number in range(9_700):
        pin = pins.allocate(secrets.site_secret, secrets.lookup_key, f"booking-{number}", pins.Issuer.UNIT, kept)
        kept[pin.lookup] = pin
    window = Interval(TEN - MARGIN, TEN + HOUR)
    with site.side.book.write(site.side.scope, "test") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO key VALUES (?, ?, ?, 'N', 'pin', ?, ?, ?, ?, ?, 0, 'live', NULL, NULL, NULL)",
            [
                (f"k{n}", tx.scope.facility_id, f"booking-{n}", pin.lookup.hex(), pin.counter,
                 json.dumps({entrance: [window.start, window.end]}), window.start, window.end)
                for n, pin in enumerate(kept.values())
            ],
        )  # fmt: skip
    # The last three hundred go through the issuing itself, at an overlapping hour, and must look at all the others.
    place = (site.resource("class-places"),)
    with site.side.book.write(site.side.scope, "test") as tx:
        for number in range(300):
            interval = Interval(TEN + HOUR - 60, TEN + 2 * HOUR)
            site.side.issuing.issue(tx, Admission(f"later-{number}", "N", "service", place, interval))
    rows = site.rows("SELECT lookup, counter FROM key WHERE kind = 'pin'")
    assert len(rows) == 10_000
    assert len({lookup for lookup, _ in rows}) == 10_000
    assert sum(1 for _, counter in rows if counter) > 50, "without looking, so many would have been given twice"


def same_pin(site: Site, first: Booking, second: Booking) -> None:
    """Have the first booking's PIN be the one that the second would be given."""
    own = next(pins.pins(site.side.issuing._secrets.site_secret, second.id, pins.Issuer.UNIT))[1]
    lookup = pins.pin_lookup(site.side.issuing._secrets.lookup_key, own).hex()
    with site.side.book.write(site.side.scope, "test") as tx:
        for key in store.of_booking(tx, first.id):
            if key.kind == "pin":
                store.revise(tx, replace(key, lookup=lookup))


def reissued(site: Site, booked: Booking) -> tuple[int, bool]:
    """Issue the keys of a booking anew under another id's absence; its counter, and whether its PIN is its first."""
    with site.side.book.write(site.side.scope, "test") as tx:
        for key in store.of_booking(tx, booked.id):
            tx.connection.exec_driver_sql("DELETE FROM key WHERE id = ?", (key.id,))
        site.side.issuing.issue(
            tx, Admission(booked.id, booked.number, booked.service_id, booked.resource_ids, booked.interval)
        )
        (pin,) = (key for key in store.of_booking(tx, booked.id) if key.kind == "pin")
    first = next(pins.pins(site.side.issuing._secrets.site_secret, booked.id, pins.Issuer.UNIT))[0]
    return pin.counter, pin.counter == first


def test_a_pin_in_use_at_the_same_door_and_time_is_passed_over(site: Site) -> None:
    """BM-24."""
    first, second = site.book(TEN, resource="court-1"), site.book(TEN, resource="court-2")
    same_pin(site, first, second)
    assert not reissued(site, second)[1]


def test_a_pin_of_another_time_may_be_given_again(site: Site) -> None:
    """BM-24: half an hour apart the windows touch without overlapping; a minute closer and it is passed over."""
    first, second = site.book(TEN), site.book(TEN + HOUR + 2 * MARGIN)
    same_pin(site, first, second)
    assert reissued(site, second)[1]
    third = site.book(TEN + HOUR + MARGIN)
    same_pin(site, first, third)
    assert not reissued(site, third)[1]


def test_the_pin_of_a_cancelled_booking_is_nobody_elses_while_it_could_be_tried(site: Site) -> None:
    """BM-24: who cancelled still remembers the PIN, and would open another's door with it."""
    first, second = site.book(TEN), site.book(TEN)
    same_pin(site, first, second)
    site.cancel(first.id)
    assert not reissued(site, second)[1]


def test_an_extension_never_makes_two_pins_the_same(site: Site) -> None:
    """BM-24: when somebody after it has the same PIN, a booking cannot be made longer."""
    first = site.book(TEN, resource="court-1")
    second = site.book(TEN + HOUR + 2 * MARGIN, resource="court-2")
    same_pin(site, second, first)
    answer = extending.extend(site.side.desk, first.id, 90, Channel.PUBLIC, "public")
    assert isinstance(answer, Refusal)
    assert issued(site, first.id)[0].revision == 0


def test_an_extension_stays_on_the_courts_that_its_keys_open(site: Site) -> None:
    """AC-07: of a booking of two courts one is taken afterwards; it must not end on a court whose door stays shut."""
    with site.side.book.write(site.side.scope, "staff") as tx:
        padel = load_catalogue(tx).service("padel")
        assert padel is not None
        pair = replace(padel, id=tx.ids.new(), slug="pair", prices=(Money(1, "SEK"), Money(2, "SEK")), max_quantity=2)
        set_up_store.add_service(tx, pair, vat_percent=6, position=9)
    both = site.book(TEN, service="pair", quantity=2)
    assert len(both.resource_ids) == 2
    site.book(TEN + HOUR, resource=both.resource_ids[0])
    answer = extending.extend(site.side.desk, both.id, 90, Channel.PUBLIC, "public")
    assert isinstance(answer, Refusal) or set(answer.resource_ids) == set(both.resource_ids)
