"""The web process tells the door whose grants its controllers hold (BM-27, DR-11, AC-18)."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.booking.actions.arriving import follow_doors
from appliance.booking.bookings import Status
from appliance.boot.door import DoorProcess
from appliance.customers.contacts import Contact
from appliance.door_socket.client import DoorClient
from appliance.keys import store as key_store
from appliance.storage.follower import JournalReader
from appliance.web.controller_people import tell_people
from drivers.simulated.controller import SimulatedController
from tests.access.bookings import uuid
from tests.access.rig import eventually
from tests.builders import ANNA, TEN, Site, site

PHONE_ONLY = Contact("Cia Al", None, "+46701740606", None)


def document(furnished: Site, takes: str, **can: object) -> dict[str, object]:
    """The demo's plan, with every door on a simulated controller."""
    with furnished.side.book.read(furnished.side.scope) as tx:
        plan = key_store.site_plan_or_none(tx) or {}
    doors = plan["doors"]
    assert isinstance(doors, list)
    for door in doors:
        door.update(driver="simulated", settings={"controller": "vendor", "device": door["slug"]})
    vendor = {
        "id": uuid(900),
        "slug": "vendor",
        "name": "Vendor",
        "driver": "simulated",
        "settings": {"takes": takes, **can},
    }
    return {"facility": plan["facility"], "doors": doors, "controllers": [vendor]}


class Both:
    """A furnished site with its door process."""

    def __init__(self, furnished: Site, process: DoorProcess, client: DoorClient) -> None:
        self.site = furnished
        self.process = process
        self.client = client

    @property
    def vendor(self) -> SimulatedController:
        (post,) = self.process.controllers.posts()
        assert isinstance(post.controller, SimulatedController)
        return post.controller

    def beat(self) -> int:
        side = self.site.side
        return tell_people(side.book, side.scope, self.client, side.issuing.pin_of)

    def states(self) -> list[str]:
        return sorted(one.state for one in self.client.controller_grants("vendor")[0])


@contextmanager
def both(data: Path, takes: str, **can: object) -> Iterator[Both]:
    with site(data) as furnished, tempfile.TemporaryDirectory(prefix="pv-") as run:
        plan = document(furnished, takes, **can)
        with furnished.side.book.write(furnished.side.scope, "test") as tx:
            key_store.desire_site_plan(tx, plan)
        process = DoorProcess(replace(furnished.settings, run=Path(run)), furnished.clock)
        client = DoorClient(Path(run))
        process.start()
        try:
            eventually(lambda: bool(process.controllers.posts()))
            yield Both(furnished, process, client)
        finally:
            process.stop()
            client.close()


def test_a_booking_is_held_for_the_address_of_its_customer(tmp_path: Path) -> None:
    """BM-27: from the booking to the vendor's device, and nowhere in the door's journal."""
    with both(tmp_path, "email") as pair:
        pair.site.book(TEN)
        eventually(lambda: pair.beat() == 1)
        eventually(lambda: pair.states() == ["confirmed"])
        assert [grant.email for grant in pair.vendor.device_holds().values()] == [ANNA.email]
        (seen,) = pair.client.controllers()
        assert (seen.counts["confirmed"], seen.takes, seen.online) == (1, ("email",), True)
        raw = b"".join(path.read_bytes() for path in tmp_path.glob("access.db*"))
        booked = pair.site.rows("SELECT count(*) FROM journal WHERE after LIKE ?", f"%{ANNA.email}%")
        assert (b"held_grant" in raw, booked) == (True, [(0,)])


def test_a_booking_is_held_by_its_pin_where_the_vendor_has_a_keypad(tmp_path: Path) -> None:
    """BM-27: the very PIN that the guest was shown, and in no journal."""
    with both(tmp_path, "pin", code_digits=[6, 6]) as pair:
        booked = pair.site.book(TEN)
        with pair.site.side.book.read(pair.site.side.scope) as tx:
            shown = pair.site.side.issuing.show(tx, booked.id)[0].code
        eventually(lambda: pair.beat() == 1)
        eventually(lambda: pair.states() == ["confirmed"])
        assert [grant.pin for grant in pair.vendor.device_holds().values()] == [shown]
        assert pair.site.rows("SELECT count(*) FROM journal WHERE after LIKE ?", f"%{shown}%") == [(0,)]
        with closing(sqlite3.connect(next(tmp_path.glob("**/access.db")))) as file:
            assert file.execute("SELECT count(*) FROM journal WHERE after LIKE ?", (f"%{shown}%",)).fetchone() == (0,)


def test_a_code_of_the_wrong_length_is_told_to_staff(tmp_path: Path) -> None:
    """BM-27: a vendor whose codes have four digits cannot have a PIN of six, and nobody shortens it."""
    with both(tmp_path, "pin", code_digits=[4, 4]) as pair:
        pair.site.book(TEN)
        eventually(lambda: (pair.beat(), pair.states())[1] == ["failed"])
        (grant,) = pair.client.controller_grants("vendor")[0]
        assert grant.reason == "the controller takes codes of 4 digits, and this PIN has 6"
        assert pair.vendor.device_holds() == {}


def test_who_gave_no_address_is_told_to_staff(tmp_path: Path) -> None:
    """DR-11: in words, and asked again later."""
    with both(tmp_path, "email") as pair:
        pair.site.book(TEN, PHONE_ONLY)
        eventually(lambda: (pair.beat(), pair.states())[1] == ["failed"])
        (grant,) = pair.client.controller_grants("vendor")[0]
        assert "no e-mail address" in grant.reason


def test_who_passes_a_vendors_door_has_arrived(tmp_path: Path) -> None:
    """AC-18: the booking becomes arrived by the vendor's event."""
    with both(tmp_path, "nobody") as pair:
        booked = pair.site.book(TEN)
        eventually(lambda: pair.states() == ["confirmed"])
        pair.site.clock.advance(6)
        eventually(lambda: pair.client.controllers()[0].complete_until is not None)
        (grant_id,) = pair.vendor.device_holds()
        pair.vendor.pass_by("court-1", grant_id)
        pair.site.clock.advance(6)
        reader = JournalReader(pair.site.settings.access_file)

        def arrived() -> bool:
            follow_doors(pair.site.side.book, pair.site.side.scope, reader)
            return pair.site.status(booked.id) is Status.ARRIVED

        eventually(arrived)
        reader.close()


@pytest.mark.parametrize("genuine", [b"{}", b"not json", bytes(4_000)])
def test_what_a_vendor_calls_in_reaches_its_driver(tmp_path: Path, genuine: bytes) -> None:
    """BM-27: the simulated vendor calls nobody, so nothing is genuine; nothing breaks either."""
    with both(tmp_path, "nobody") as pair:
        for controller in ("vendor", "nowhere"):
            assert not pair.client.hook(controller, "secret", {"X": json.dumps("y")}, genuine)
