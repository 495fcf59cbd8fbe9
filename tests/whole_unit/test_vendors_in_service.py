"""Doors on vendors' controllers in a real unit: bookings reach them, and the grant's life tells the truth (DR-11)."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from appliance.access import holding_store
from appliance.foundation.clock import FakeClock, SystemClock
from appliance.foundation.instants import DAY, HOUR
from appliance.storage.door_file import DoorFile, Origin, connect
from appliance.web.hooks import BODY_LIMIT, hooks
from tests.access.bookings import document, door, key, uuid
from tests.access.rig import Rig, eventually, rigged
from tests.contract.rco_rigs import RcoHttpRig
from tests.contract.vendor_rigs import AxemaRig, ParakeyRig, VendorRig

pytestmark = pytest.mark.slow
CONTROLLER = uuid(900)


@pytest.fixture
def unit() -> Iterator[Rig]:
    with rigged(FakeClock(SystemClock().now())) as rig:
        yield rig


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pv-") as name:
        yield Path(name)


def planned(unit: Rig, driver: str, settings: dict[str, object], files: dict[str, str], device: str) -> None:
    """Start with one door on one controller, whose files lie where its settings say."""
    secrets = unit.settings.secrets / "door" / "devices"
    for made in (secrets.parent, secrets):
        made.mkdir(mode=0o700, exist_ok=True)
    for name, content in files.items():
        file = secrets / str(settings[name])
        file.write_text(content)
        os.chmod(file, 0o600)
    court = {**door(1, "court-1"), "driver": driver, "settings": {"controller": "vendor", "device": device}}
    one = {"id": CONTROLLER, "slug": "vendor", "name": "Vendor", "driver": driver, "settings": settings}
    unit.start_with_plan({**document(door(0, "entrance"), court), "controllers": [one]})


def in_service(unit: Rig, vendor: VendorRig, device: str) -> None:
    planned(unit, vendor.driver_name, vendor.settings(), vendor.secrets(), device)
    web = hook_app(unit)

    def handed(path: str, headers: dict[str, str], body: bytes) -> bool:
        kind = headers.get("Content-Type", "")
        return web.test_client().post(path, data=body, content_type=kind).status_code == 204

    vendor.hooks.handed = handed


def hook_app(unit: Rig) -> Flask:
    """The unit's own addresses for webhooks, over its door process."""
    app = Flask(__name__)
    app.register_blueprint(hooks(unit.client))
    return app


def booked(unit: Rig, number: int = 1, **changes: object) -> str:
    start = (unit.clock.now() // DAY + 1) * DAY + 9 * HOUR
    window = {"valid_from": start - 900, "valid_to": start + HOUR + 900}
    body = key(number, **{"kind": "qr", **window, **changes})
    unit.bookings.put(body, verb="issued")
    return str(body["id"])


def state(unit: Rig, grant_id: str) -> str:
    with closing(connect(DoorFile(f"file:{unit.settings.access_file}", Origin.INTACT))) as connection:
        row = holding_store.row_of(connection, CONTROLLER, grant_id)
        return f"{row.life.state} {row.life.reason}".strip() if row else "none"


def reaches(unit: Rig, grant_id: str, wanted: str) -> None:
    eventually(lambda: state(unit, grant_id).startswith(wanted), f"{wanted}: {state(unit, grant_id)}")


def test_a_booking_becomes_a_reservation_in_vaka_and_ends_with_it(unit: Rig, folder: Path) -> None:
    """DR-05, DR-11: a lost webhook is healed by the listing, and a dead cloud leaves the grant at sent."""
    with closing(AxemaRig(folder)) as vaka:
        in_service(unit, vaka, AxemaRig.COURT_DOOR)
        grant_id = booked(unit)
        reaches(unit, grant_id, "confirmed")
        assert len(vaka.reserved()) == 1
        booked(unit, state="cancelled", revision=2)
        reaches(unit, grant_id, "removed")
        assert vaka.reserved() == []
        vaka.fault("webhook", "drop")
        second = booked(unit, 2)
        reaches(unit, second, "accepted")
        assert isinstance(unit.clock, FakeClock)
        unit.clock.advance(25)
        reaches(unit, second, "confirmed")
        vaka.program.kill()
        later = unit.clock.now() + 2 * DAY
        third = booked(unit, 3, valid_from=later - later % DAY + 8 * HOUR, valid_to=later - later % DAY + 12 * HOUR)
        reaches(unit, third, "sent")
        unit.stop()


def test_a_booking_becomes_a_key_at_parakey_and_its_use_is_an_arrival(unit: Rig, folder: Path) -> None:
    """DR-06, AC-18: from the booking to the phone, and back from the lock."""
    with closing(ParakeyRig(folder)) as parakey:
        in_service(unit, parakey, ParakeyRig.COURT)
        now = unit.clock.now()
        grant_id = booked(unit, valid_from=now - 600, valid_to=now + HOUR)
        eventually(lambda: any(one.grant_id == grant_id for one in unit.door.controllers.planning.nameless(100)))
        unit.door.controllers.planning.name([(CONTROLLER, grant_id, "anna@example.org")])
        reaches(unit, grant_id, "confirmed")
        parakey.act("open", email="anna@example.org", access="hall-1-court")
        assert isinstance(unit.clock, FakeClock)
        unit.clock.advance(10)
        eventually(lambda: bool(unit.entries("passage")))
        (entry,) = unit.entries("passage")
        assert '"first_use": true' in (entry.after or "").replace('":true', '": true')
        unit.stop()


def test_a_card_of_a_booking_reaches_rco_by_a_mapping_file(unit: Rig, folder: Path) -> None:
    """DR-04: from the booking to the sub-controller, by an API that a file describes."""
    with closing(RcoHttpRig(folder)) as rco:
        planned(unit, "rco", rco.driver_settings(), rco.secrets(), "D1")
        grant_id = booked(unit, kind="card")
        eventually(lambda: any(one.grant_id == grant_id for one in unit.door.controllers.planning.nameless(100)))
        unit.door.controllers.planning.name([(CONTROLLER, grant_id, "26:2468ACE")])
        eventually(lambda: rco.held_by_device() == {grant_id})
        reaches(unit, grant_id, "accepted")
        assert isinstance(unit.clock, FakeClock)
        unit.clock.advance(3)
        reaches(unit, grant_id, "confirmed")
        booked(unit, kind="card", state="cancelled", revision=2)
        reaches(unit, grant_id, "removing the controller accepted")
        unit.clock.advance(3)
        reaches(unit, grant_id, "removed")
        assert rco.held_by_device() == set()
        unit.stop()


def test_who_calls_without_the_secret_is_told_nothing(unit: Rig, folder: Path) -> None:
    """DR-05: a wrong secret, an unknown controller, noise and too much all look the same or are too large."""
    with closing(AxemaRig(folder)) as vaka:
        in_service(unit, vaka, AxemaRig.COURT_DOOR)
        caller = hook_app(unit).test_client()
        secret = vaka.secrets()["hook_secret"]
        for path in ("/hooks/vendor/wrong", f"/hooks/nobody/{secret}", f"/hooks/vendor/{secret}"):
            assert caller.post(path, data=b"{}").status_code == 404
        assert caller.post(f"/hooks/vendor/{secret}", data=b"x" * (BODY_LIMIT + 1)).status_code == 413
        unit.stop()
