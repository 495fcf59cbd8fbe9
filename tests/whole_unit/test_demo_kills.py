"""kill -9 of web in the middle of bookings and of door in the middle of presentations: nothing confirmed is lost."""

import json
import random
from collections import Counter
from dataclasses import dataclass
from functools import partial

import pytest

from tests.storage.sweep import overlaps
from tests.waiting import until
from tests.whole_unit.demo_api import Booked, instant
from tests.whole_unit.demo_unit import Demo, rows, running_demo
from tests.whole_unit.loops import BookingLoop, GuestLoop

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
BACK_S = 60.0


@dataclass(frozen=True, slots=True)
class Cursors:
    """How far each file has been followed by the process that does not write it."""

    forward: int
    reverse: int


def cursors(demo: Demo) -> Cursors:
    forward = rows(demo.data / "access.db", "SELECT seq FROM cursor")
    reverse = rows(demo.data / "booking.db", "SELECT seq FROM cursor WHERE name = 'access'")
    return Cursors(int(forward[0][0]), int(reverse[0][0]) if reverse else 0)


def heads(demo: Demo) -> Cursors:
    """Where the two journals end."""
    ends = [int(rows(demo.data / name, "SELECT max(seq) FROM journal")[0][0]) for name in ("booking.db", "access.db")]
    return Cursors(*ends)


def further(loop: BookingLoop | GuestLoop, more: int) -> bool:
    """Whether a client is answered `more` times from now on."""
    wanted = loop.count + more
    loop.hurry.set()
    try:
        return until(lambda: loop.count >= wanted, BACK_S)
    finally:
        loop.hurry.clear()


def kill_amid(demo: Demo, name: str, loop: BookingLoop | GuestLoop, dice: random.Random) -> None:
    """kill -9 of a process while a client is being answered; it is started again by itself."""
    assert further(loop, dice.randint(2, 12)), name
    loop.hurry.set()
    until(lambda: False, dice.uniform(0, 0.08))
    pid = demo.kill(name)
    loop.hurry.clear()
    assert until(lambda: demo.pid(name) not in (0, pid), BACK_S), name


def _follows(demo: Demo, before: int) -> bool:
    return cursors(demo).forward > before


def kill_rounds(demo: Demo, rounds: int) -> tuple[BookingLoop, GuestLoop, Booked]:
    """Kill web after some more bookings and door after some more grants, each at a moment that the dice choose."""
    dice, key = random.Random(20), demo.book_open("court-2")
    now = demo.clock.now()
    # Late enough that no window opens while the rounds last.
    slots = demo.api.slots(now + 24 * 3600, now + 27 * 24 * 3600)
    with (
        BookingLoop(demo.api, slots) as bookings,
        GuestLoop(demo.run, ("court-2", "entrance"), key.qr) as guest,
    ):
        for _ in range(rounds):
            followed = cursors(demo)
            kill_amid(demo, "web", bookings, dice)
            kill_amid(demo, "door", guest, dice)
            assert further(bookings, 2)
            assert further(guest, 2)
            assert until(partial(_follows, demo, followed.forward), BACK_S), "it follows again"
    return bookings, guest, key


def audit(demo: Demo, bookings: BookingLoop, guest: GuestLoop, key: Booked) -> None:
    """Hold what the clients were told against what the files and the API say now."""
    for told in bookings.confirmed.values():
        found = demo.api.ask("GET", f"/bookings/{told['id']}?cancel_code={told['cancel_code']}")
        assert found.status == 200, told
        for name in ("number", "start", "end", "resources", "price", "keys", "cancel_code"):
            assert found.body[name] == told[name], name
        assert found.body["status"] == "confirmed"
    sold = {row[0] for row in rows(demo.data / "booking.db", "SELECT id FROM booking")} - {key.id}
    assert sold == set(bookings.confirmed), "a booking that nobody was told of"
    assert {answer.body.get("code") for answer in bookings.refused} <= {"slot_taken"}, bookings.refused
    assert overlaps(demo.data / "booking.db") == []
    entries = Counter(entry["entity_id"] for entry in demo.door_journal() if entry["verb"] == "granted")
    assert {name: entries[name] for name in guest.granted} == dict.fromkeys(guest.granted, 1)
    # A door process that is just back may not have reached its door yet, and says so; it denies for nothing else.
    assert {verdict.reason for verdict in guest.denied} <= {"door_fault"}
    assert len(guest.granted) == len(set(guest.granted))


def goes_on(demo: Demo) -> bool:
    ends = heads(demo)
    return cursors(demo) == ends


def survive(demo: Demo, rounds: int) -> dict[str, int]:
    """The whole proof; its figures."""
    bookings, guest, key = kill_rounds(demo, rounds)
    audit(demo, bookings, guest, key)
    checked = demo.command("verify-journal", "--json")
    assert checked.returncode == 0, checked
    assert {check["holds"] for check in json.loads(checked.stdout).values()} == {True}
    assert until(lambda: goes_on(demo), BACK_S), (cursors(demo), heads(demo))
    for told in list(bookings.confirmed.values())[:: max(1, bookings.count // 10)]:
        tokens = {one["kind"]: one.get("token") for one in told["keys"]}
        assert instant(told["keys"][0]["valid_from"]) > demo.clock.now()
        assert demo.reason("entrance", "qr", str(tokens["qr"])) == "too_early", "the door knows every key"
    return {
        "rounds": rounds,
        "bookings confirmed": bookings.count,
        "bookings asked again": bookings.repeated,
        "grants": guest.count,
        "late": len(guest.late),
        "door not reached yet": len(guest.denied),
        "presentations asked again": guest.repeated,
        "booking journal": heads(demo).forward,
        "door journal": heads(demo).reverse,
    }


@pytest.mark.feature("AC-20", "SH-16")
def test_five_kills_of_each_lose_nothing_that_was_confirmed() -> None:
    """AC-20: every 201 is found again, every grant is in the journal once, chains hold, cursors go on."""
    with running_demo() as demo:
        assert survive(demo, 5)["rounds"] == 5


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.feature("AC-20")
def test_fifty_kills_of_each_lose_nothing_that_was_confirmed(capsys: pytest.CaptureFixture[str]) -> None:
    """AC-20: the same, fifty times; the figures are printed whatever is captured."""
    with running_demo() as demo:
        figures = survive(demo, 50)
    with capsys.disabled():
        print(json.dumps(figures))  # noqa: T201 - the figures are what this run is for
