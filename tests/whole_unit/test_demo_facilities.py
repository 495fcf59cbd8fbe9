"""Two facilities of one organisation on one machine: each has its own doors, and neither needs the other's."""

from contextlib import closing

import pytest

from appliance.door_socket.client import DoorClient
from tests.waiting import until
from tests.whole_unit.demo_api import Api, Booked, booked, wish
from tests.whole_unit.demo_unit import Demo, cli_present, doors_ready, rows, running_demo

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
NORTH = "norra-hallen"
AT_NORTH = ("--facility", NORTH)


def book_at_north(demo: Demo) -> Booked:
    """The first free time of badminton, with its keys open by now."""
    north, now = Api(f"{demo.line['web']}/f/{NORTH}"), demo.clock.now()
    slot = north.slots(now, now + 24 * 3600, "badminton")[0]
    answer = north.ask("POST", "/bookings", wish(slot["start"], slot["resources"][0], "badminton"))
    assert answer.status == 201, answer
    made = booked(answer.body, north.courts())
    demo.clock.set(max(demo.clock.now(), made.valid_from))
    heard = demo.settings.at(NORTH).access_file
    newest = rows(demo.data / "booking.db", "SELECT max(seq) FROM journal")[0][0]
    assert until(lambda: rows(heard, "SELECT seq FROM cursor")[0][0] >= newest, 10)
    return made


def opened(demo: Demo, kind: str, value: str, *place: str) -> dict[str, str]:
    """What each door of a facility that has the same names says to a key."""
    doors = ("entrance", "court-1", "court-2")
    asked = ("--data", str(demo.data), *place)
    return {door: str(cli_present(door, kind, value, *asked)["reason"]) for door in doors}


@pytest.mark.feature("DY-58")
def test_a_key_opens_the_doors_of_its_own_facility_whatever_happens_to_the_other() -> None:
    """DY-58: also with the pages and the other facility's door process killed; at the other it opens nothing."""
    with running_demo() as demo:
        # Before the clock is moved: a journal that grew over hours unsigned is told like one that was altered.
        verified = demo.command("verify-journal", *AT_NORTH, "--json")
        assert verified.returncode == 0, verified.stdout
        made = book_at_north(demo)
        own_doors = {"entrance": "granted", made.court: "granted"}
        at_north = {"court-1": "wrong_door", "court-2": "wrong_door", **own_doors}
        assert opened(demo, "pin", made.pin, *AT_NORTH) == at_north
        assert set(opened(demo, "pin", made.pin).values()) == {"unknown"}
        assert set(opened(demo, "qr", made.qr).values()) == {"wrong_facility"}
        # What its doors saw becomes a fact of the booking, as at the unit's own.
        status = "SELECT status FROM booking WHERE id = ?"
        assert until(lambda: rows(demo.data / "booking.db", status, (made.id,)) == [("arrived",)], 10)
        with demo.unsupervised():
            demo.kill("web")
            demo.kill("door")
            assert opened(demo, "qr", made.qr, *AT_NORTH) == at_north


@pytest.mark.feature("DY-58")
def test_the_command_line_reaches_each_facility(demo: Demo) -> None:
    """DY-58: its own door process with files of its own; a facility that is not served is named with those that are."""
    settings = demo.settings.at(NORTH)
    pid = int((settings.pid_folder / "door.pid").read_text())
    assert pid != demo.pid("door")
    with closing(DoorClient(settings.run)) as client:
        assert {door.slug for door in client.doors()} == {"entrance", "court-1", "court-2"}
    assert doors_ready(settings.run)
    unknown = demo.command("reconcile", "--facility", "mars")
    assert unknown.returncode == 1
    assert "it serves sodra-padel, norra-hallen" in unknown.stderr
