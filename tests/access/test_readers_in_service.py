"""Readers of a site plan in the real door process: built, kept, refused whole, and seen from outside (DR-07, DR-09)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.access.device_secrets import DeviceSecrets
from appliance.foundation.errors import PortvaktError
from drivers.reader_contract import Entry, EntryKind
from tests.access.bookings import document, door, key, uuid
from tests.access.rig import Rig, eventually, rigged
from tests.ptys import plugged


def plan(*readers: dict[str, object]) -> dict[str, object]:
    return {**document(door(0, "entrance"), door(1, "court-1")), "readers": list(readers)}


def scanner(port: Path | str, number: int = 0, **changes: object) -> dict[str, object]:
    settings = {"port": str(port), "emulated": True}
    base = {"id": uuid(200 + number), "slug": f"scanner-{number}", "name": "Scanner", "door": uuid(100)}
    return {**base, "driver": "serial_scanner", "settings": settings, **changes}


@pytest.fixture
def rig() -> Iterator[Rig]:
    with rigged() as one:
        yield one


def in_force(rig: Rig, number: int) -> bool:
    plan_in_force = rig.door.configurer.plan
    return plan_in_force is not None and plan_in_force.number == number


def apply(rig: Rig, number: int, *readers: dict[str, object]) -> None:
    rig.bookings.plan(number, plan(*readers))
    eventually(lambda: in_force(rig, number) or rig.door.configurer.rejected == number, f"plan {number}")


def faults(rig: Rig) -> list[tuple[str, str, bool, str]]:
    """Reader by reader: door, slug, online, fault."""
    return [(one.slug, r.slug, r.online, r.fault) for one in rig.client.doors() for r in one.readers]


def test_a_pass_at_a_scanner_opens_its_door(rig: Rig, tmp_path: Path) -> None:
    """DR-09: from the wire to the released door, journalled under the reader's own name and never with the pass."""
    link = tmp_path / "scanner"
    master = plugged(link)
    rig.bookings.put(key(1, kind="qr"))
    rig.start_with_plan(plan(scanner(link)))
    eventually(lambda: faults(rig) == [("entrance", "scanner-0", True, "")], "the scanner")
    shown = rig.signed(uuid(1001))
    os.write(master, shown.encode() + b"\r\n")
    eventually(lambda: rig.client.doors()[0].state == "released", "the release")
    (entry,) = rig.entries()
    assert (entry.actor, entry.verb) == ("reader:scanner-0", "granted")
    assert shown not in str(entry)
    os.close(master)


def test_a_reader_that_is_away_is_said_and_its_door_works_on(rig: Rig, tmp_path: Path) -> None:
    """DR-10: a plan is in force all the same; health names the reader."""
    rig.start_with_plan(plan(scanner(tmp_path / "none")))
    eventually(lambda: any("reader scanner-0:" in one for one in rig.client.health().problems), "the trouble")
    assert rig.client.health().colour == "red"
    assert rig.client.release("entrance", "staff:1", "trial").granted


def test_a_reader_whose_device_is_the_same_is_kept(rig: Rig, tmp_path: Path) -> None:
    """DR-07: another name, door or side does not touch the device; another port does."""
    link = tmp_path / "scanner"
    master = plugged(link)
    rig.start_with_plan(plan(scanner(link)))
    eventually(lambda: bool(faults(rig)), "the reader")
    (before,) = rig.door.readers.of_door(uuid(100))
    post = rig.door.readers.find(uuid(200))
    apply(rig, 2, scanner(link, name="Outer", door=uuid(101), side="inside"))
    kept = rig.door.readers.find(uuid(200))
    assert post is not None
    assert kept is not None
    assert (kept.driver, kept.plan.name) == (post.driver, "Outer")
    assert [one.plan.side.value for one in rig.door.readers.of_door(uuid(101))] == ["inside"]
    assert rig.door.readers.of_door(before.plan.door_id) == []
    apply(rig, 3, scanner(tmp_path / "other"))
    other = rig.door.readers.find(uuid(200))
    assert other is not None
    assert other.driver is not post.driver
    apply(rig, 4)
    assert rig.door.readers.find(uuid(200)) is None
    os.close(master)


def test_a_plan_with_mistakes_in_its_readers_changes_nothing(rig: Rig, tmp_path: Path) -> None:
    """DR-01: all of them are told, those of doors too, and the readers stay as they were."""
    rig.start_with_plan(plan(scanner(tmp_path / "none")))
    eventually(lambda: bool(faults(rig)), "the reader")
    bad = [scanner("ttyX", 0), scanner("/dev/ttyY", 1, driver="morse"), scanner("/dev/ttyZ", 2, settings={"baud": 1})]
    apply(rig, 2, *bad)
    eventually(lambda: rig.entries("site_plan")[-1].verb == "rejected", "the entry")
    rejected = rig.entries("site_plan")[-1]
    for field in (
        "readers.scanner-0.settings.port",
        "readers.scanner-1.driver",
        "readers.scanner-2.settings.port",
        "readers.scanner-2.settings.baud",
    ):
        assert field in str(rejected.after)
    assert [one[1] for one in faults(rig)] == ["scanner-0"]


def test_a_real_reader_is_refused_while_the_clock_pretends(rig: Rig, tmp_path: Path) -> None:
    """DR-07: who presents something to steel means it."""
    rig.start_with_plan(plan())
    apply(rig, 2, scanner(tmp_path / "x", settings={"port": "/dev/ttyACM0"}))
    eventually(lambda: "pretend_clock" in str(rig.entries("site_plan")[-1].after), "the refusal")


def test_an_exit_is_journalled_as_one(rig: Rig, tmp_path: Path) -> None:
    """AC-13: the side of the reader goes into the record."""
    rig.bookings.put(rig.bookings.pin_key(1, "271828"))
    rig.start_with_plan(plan(scanner(tmp_path / "none", side="inside")))
    eventually(lambda: bool(faults(rig)), "the reader")
    post = rig.door.readers.find(uuid(200))
    assert post is not None
    rig.door.readers.read(Entry(uuid(200), EntryKind.QR, "NOPASSATALL"))
    eventually(lambda: bool(rig.entries()), "the presentation")
    assert '"exit":true' in str(rig.entries()[0].after)


def secret(folder: Path, name: str, content: bytes, mode: int = 0o600) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    path.chmod(mode)


def test_secret_files_are_read_strictly(tmp_path: Path) -> None:
    """DR-07: every mistake at once, and never what is in the file."""
    folder = tmp_path / "devices"
    secret(folder, "good.key", b"SESAME\n")
    secret(folder, "open.key", b"SESAME\n", 0o644)
    secret(folder, "empty.key", b"\n")
    secret(folder, "bytes.key", b"\xffSESAME")
    secret(folder, "long.key", b"SESAME" * 9000)
    (folder / "link.key").symlink_to(folder / "good.key")
    names = {"a": "good.key", "b": "open.key", "c": "empty.key", "d": "bytes.key", "e": "long.key", "f": "link.key"}
    settings = {**names, "g": "../../shared/pin-lookup.key", "h": 17, "i": "good.key.new", "j": "none.key", "k": None}
    found, errors = DeviceSecrets(folder).read(settings, [*settings, "left-out"])
    assert found == {"a": "SESAME"}
    assert [error.field for error in errors] == [f"settings.{name}" for name in "bcdefghi"]
    assert "SESAME" not in str(errors)
    assert "chmod" in errors[0].message


def test_a_secret_that_a_driver_made_is_confirmed_before_it_counts(tmp_path: Path) -> None:
    """DR-07: durable first, in force when the device has it, never overwritten before."""
    folder, settings = tmp_path / "devices", {"key_file": "reader.key"}
    secrets = DeviceSecrets(folder)
    keeper = secrets.keeper(settings)
    assert keeper.draft("key_file") is None
    keeper.put_draft("key_file", "SESAME")
    assert (keeper.draft("key_file"), secrets.read(settings, ["key_file"])) == ("SESAME", ({}, []))
    assert (folder / "reader.key.new").stat().st_mode & 0o777 == 0o600
    with pytest.raises(PortvaktError, match="already"):
        keeper.put_draft("key_file", "OTHER")
    keeper.confirm("key_file")
    assert (keeper.draft("key_file"), secrets.read(settings, ["key_file"])) == (None, ({"key_file": "SESAME"}, []))
