"""Holding and booking: statuses by compare-and-swap, holds that run out, requests that come twice (DY-06, DY-15)."""

import threading
from dataclasses import replace

import pytest

from appliance.booking import store
from appliance.booking.actions import confirming, holding
from appliance.booking.actions.confirming import Order
from appliance.booking.actions.desk import UNKNOWN_SERVICE
from appliance.booking.bookings import ARROWS, Booking, Status
from appliance.booking.idempotency_store import IdempotencyConflict, Request, request
from appliance.boot.web import JOBS
from appliance.foundation.errors import Bug, Invalid
from appliance.foundation.instants import DAY
from appliance.foundation.refusals import Refusal
from appliance.storage import jobs
from tests.builders import ANNA, BO, NOW, TEN, Parts, Site

HOUR = 3600
COURTS = ("court-1", "court-2", "court-3", "court-4")


def reason(answer: object) -> str | None:
    return answer.reason if isinstance(answer, Refusal) else None


def test_a_booking_takes_its_court_and_nobody_elses(site: Site) -> None:
    """DY-06: four courts, four bookings, the fifth is refused; an hour later all are free again."""
    booked = [site.book(TEN) for _ in COURTS]
    assert len({each.resource_ids for each in booked}) == 4
    assert reason(site.try_book(site.wish(TEN))) == "slot_taken"
    assert reason(site.try_book(site.wish(TEN + HOUR - 900))) == "slot_taken"
    site.book(TEN + HOUR)


def test_a_wished_court_is_the_one_that_is_given_or_none(site: Site) -> None:
    """DY-15."""
    assert site.book(TEN, resource="court-3").resource_ids == (site.resource("court-3"),)
    assert reason(site.try_book(site.wish(TEN, resource="court-3"))) == "slot_taken"


def test_places_of_a_class_are_counted(site: Site) -> None:
    """DY-15: twelve places; a party of four does not fit into the last three."""
    lesson = NOW + 9 * HOUR
    for _ in range(3):
        site.book(lesson, service="padel-class", quantity=3)
    assert reason(site.try_book(site.wish(lesson, service="padel-class", quantity=4))) == "slot_taken"
    last = site.book(lesson, service="padel-class", quantity=3)
    assert last.session_id is not None
    assert reason(site.try_book(site.wish(lesson, service="padel-class"))) == "slot_taken"
    assert last.price.amount == 3 * 15_000


@pytest.mark.parametrize(
    ("start", "parts", "why"),
    [
        (TEN + 60, {}, "off_grid"),
        (TEN + 1, {}, "off_grid"),
        (TEN, {"duration": 61}, "duration_not_offered"),
        (TEN, {"quantity": 2}, "quantity_not_offered"),
        (TEN, {"quantity": 0}, "quantity_not_offered"),
        (TEN, {"quantity": -3}, "quantity_not_offered"),
        (TEN, {"resource": "class-places"}, "resource_not_offered"),
        (NOW - 900, {}, "in_the_past"),
        (NOW + 29 * 24 * HOUR, {}, "too_early"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(site: Site, start: int, parts: Parts, why: str) -> None:
    """DY-15: each no has its reason."""
    before = site.rows("SELECT (SELECT count(*) FROM booking), (SELECT max(seq) FROM journal)")
    assert reason(site.try_book(site.wish(start, **parts))) == why
    assert site.rows("SELECT (SELECT count(*) FROM booking), (SELECT max(seq) FROM journal)") == before
    assert site.rows("SELECT count(*) FROM customer") == [(0,)]


def test_what_does_not_exist_is_invalid(site: Site) -> None:
    """DY-15."""
    with pytest.raises(Invalid) as fault:
        site.try_book(site.wish(TEN, service="curling"))
    assert fault.value.errors == (UNKNOWN_SERVICE,)
    with pytest.raises(Invalid):
        site.try_book(site.wish(TEN, resource="court-9"))


def test_a_hold_keeps_its_slot_for_five_minutes_to_the_second(site: Site) -> None:
    """DY-15: a held time is taken for everybody else, then free without anybody doing anything."""
    for _ in COURTS:
        site.hold(TEN)
    site.clock.advance(holding.HOLD_S - 1)
    assert reason(site.try_book(site.wish(TEN))) == "slot_taken"
    site.clock.advance(1)
    site.book(TEN)
    statuses = sorted(str(row[0]) for row in site.rows("SELECT status FROM booking"))
    assert statuses == ["confirmed", "expired", "expired", "expired", "expired"]


def test_a_hold_is_taken_up_once(site: Site) -> None:
    """DY-15: the booking is the held one, and its court and price are those that were shown."""
    held = site.hold(TEN, resource="court-2")
    booked = site.take_up(held.id)
    assert isinstance(booked, Booking)
    assert (booked.id, booked.number, booked.resource_ids) == (held.id, held.number, held.resource_ids)
    assert (booked.status, booked.expires_at, booked.committed_at) == (Status.CONFIRMED, None, NOW)
    assert reason(site.take_up(held.id, BO)) == "hold_gone"
    site.clock.advance(HOUR)
    with site.side.book.write(site.side.scope, "job") as tx:
        assert store.stale_holds(tx) == []


@pytest.mark.parametrize("late", [0, 1, 3600])
def test_a_hold_that_ran_out_cannot_be_taken_up(site: Site, late: int) -> None:
    """DY-15: not even when nobody has come in between; the form asks for another time."""
    held = site.hold(TEN)
    site.clock.advance(holding.HOLD_S + late)
    assert reason(site.take_up(held.id)) == "hold_gone"
    assert reason(site.take_up("no such hold")) == "hold_gone"


def test_a_hold_given_back_frees_its_slot_at_once(site: Site) -> None:
    """DY-15."""
    holds = [site.hold(TEN) for _ in COURTS]
    released = holding.release_hold(site.side.desk, holds[0].id, "public")
    assert isinstance(released, Booking)
    assert reason(holding.release_hold(site.side.desk, holds[0].id, "public")) == "hold_gone"
    assert reason(site.take_up(holds[0].id)) == "hold_gone"
    site.book(TEN)
    assert site.rows("SELECT count(*) FROM due WHERE entity_id = ?", holds[0].id) == [(0,)]


def test_a_confirmed_booking_is_not_let_go_as_a_hold(site: Site) -> None:
    """DY-15: who knows the id of a booking cannot release it through the holds."""
    booked = site.book(TEN)
    assert reason(holding.release_hold(site.side.desk, booked.id, "public")) == "hold_gone"
    assert site.status(booked.id) is Status.CONFIRMED


@pytest.mark.parametrize("status", list(Status))
def test_a_status_changes_along_the_arrows_only(site: Site, status: Status) -> None:
    """SH-06."""
    booked = replace(site.book(TEN), status=status)
    for other in Status:
        if other in ARROWS[status]:
            assert booked.at_status(other).revision == booked.revision + 1
        else:
            with pytest.raises(Bug):
                booked.at_status(other)


def test_a_change_from_a_stale_copy_is_refused(site: Site) -> None:
    """SH-06: compare and swap; of two that started from the same row, the second changes nothing."""
    booked = site.book(TEN)
    arrived, absent = booked.at_status(Status.ARRIVED), booked.at_status(Status.NO_SHOW)
    with site.side.book.write(site.side.scope, "test") as tx:
        store.change(tx, booked, arrived)
    with pytest.raises(Bug, match="stale"), site.side.book.write(site.side.scope, "test") as tx:
        store.change(tx, booked, absent)
    with pytest.raises(Bug, match="stale"), site.side.book.write(site.side.scope, "test") as tx:
        store.change(tx, replace(booked, status=Status.ARRIVED), absent)
    assert site.status(booked.id) is Status.ARRIVED


def ask(key: str, body: dict[str, object] | None = None, caller: str = "public") -> Request:
    return request(caller, key, body or {"service": "padel"})


def test_the_same_request_twice_is_one_booking(site: Site) -> None:
    """DY-06: a customer who presses twice, or whose answer was lost, has booked once."""
    first = site.try_book(site.wish(TEN), ANNA, ask("k"))
    second = site.try_book(site.wish(TEN), ANNA, ask("k"))
    assert isinstance(first, Booking)
    assert first == second
    assert site.rows("SELECT count(*) FROM booking") == [(1,)]
    assert site.try_book(site.wish(TEN), ANNA, ask("other key")) != first


def test_the_same_key_with_another_body_is_a_conflict(site: Site) -> None:
    """DY-06."""
    site.try_book(site.wish(TEN), ANNA, ask("k"))
    with pytest.raises(IdempotencyConflict):
        site.try_book(site.wish(TEN + HOUR), ANNA, ask("k", {"service": "padel", "x": 1}))
    assert site.rows("SELECT count(*) FROM booking") == [(1,)]


def test_keys_of_different_callers_have_nothing_to_do_with_each_other(site: Site) -> None:
    """DY-06."""
    first = site.try_book(site.wish(TEN), ANNA, ask("k"))
    second = site.try_book(site.wish(TEN), BO, ask("k", caller="kiosk:hall"))
    assert isinstance(second, Booking)
    assert first != second


def test_a_refused_request_may_be_tried_again(site: Site) -> None:
    """DY-06: only what was carried out is remembered."""
    held = [site.hold(TEN) for _ in COURTS]
    assert reason(site.try_book(site.wish(TEN), ANNA, ask("k"))) == "slot_taken"
    holding.release_hold(site.side.desk, held[0].id, "public")
    assert isinstance(site.try_book(site.wish(TEN), ANNA, ask("k")), Booking)


def test_the_same_request_from_many_at_once_is_one_booking(site: Site) -> None:
    """DY-06: eight threads send the same request at the same time."""
    answers: list[Booking | Refusal] = []
    gun = threading.Barrier(8)

    def send() -> None:
        gun.wait()
        order = Order(site.wish(TEN), None, ANNA)
        answers.append(confirming.confirm(site.side.desk, order, "public", ask("k")))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len({answer.id for answer in answers if isinstance(answer, Booking)}) == 1
    assert site.rows("SELECT count(*) FROM booking") == [(1,)]


def test_a_request_is_remembered_for_a_week(site: Site) -> None:
    """DY-06: repeated within the week it is the same booking; later the same key makes a new one."""
    first = site.try_book(site.wish(TEN), ANNA, ask("k"))
    site.clock.advance(7 * DAY)
    jobs.run_due(site.side.book, site.side.scope, JOBS)
    again = site.try_book(site.wish(TEN), ANNA, ask("k"))
    assert isinstance(first, Booking)
    assert isinstance(again, Booking)
    assert again.id == first.id
    site.clock.advance(DAY)
    jobs.run_due(site.side.book, site.side.scope, JOBS)
    later = site.try_book(site.wish(TEN + 9 * DAY), ANNA, ask("k"))
    assert isinstance(later, Booking)
    assert later.id != first.id


def test_a_customer_is_known_again_by_the_whole_contact_only(site: Site) -> None:
    """BM-05: the same person once; who knows an address alone is not put into another person's card (BM-19)."""
    first = site.book(TEN, ANNA)
    assert site.book(TEN, ANNA).customer_id == first.customer_id
    for other in (
        replace(ANNA, name="Eva Ek"),
        replace(ANNA, phone=None),
        replace(ANNA, email="x@example.se", email_match="x@example.se"),
    ):
        assert site.book(TEN + 2 * HOUR, other).customer_id != first.customer_id


def test_a_hold_that_was_taken_up_leaves_no_work_that_harms_it(site: Site) -> None:
    """DY-15: the job that was to let the hold go finds a booking and leaves it alone."""
    booked = site.take_up(site.hold(TEN).id)
    assert isinstance(booked, Booking)
    site.clock.advance(HOUR)
    jobs.run_due(site.side.book, site.side.scope, JOBS)
    assert site.status(booked.id) is Status.CONFIRMED
