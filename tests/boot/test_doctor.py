"""The doctor over the real folder of a used unit: each fault is made, found, and named with what to do about it."""

import json
import os
import shutil
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.access.clock_trust import TimeSource
from appliance.boot.doctor import Surroundings, examine, has_fault, report
from appliance.boot.doctor.findings import Severity
from appliance.boot.doctor.machine import MIB, Room, check_clock, check_disk, check_kernel, is_foreign
from appliance.boot.doctor.processes import said
from appliance.config import ClockSource, GpioPins, MailSettings, UnitSettings
from appliance.config_file import load, write
from appliance.door_socket.answers import DoorView
from appliance.door_socket.client import DoorClient
from appliance.door_socket.health_answers import DoorHealth, Trouble
from appliance.foundation.clock import FakeClock, SystemClock
from appliance.foundation.i18n import LANGUAGES
from tests.storage.forging import read_journal, write_journal
from tests.waiting import until
from tests.whole_unit.demo_unit import Demo, command, running_demo

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
# What is always found while nothing runs, or on a machine like that of the tests.
# Nor does the mail server of the demo, which is left out.
NOT_RUNNING = frozenset(("not_running", name) for name in ("door", "door-norra-hallen", "web"))
STOPPED = NOT_RUNNING | {("no_channel", "mail")}


@dataclass(frozen=True)
class Probe:
    """What a machine says of its clock."""

    source: TimeSource

    def look(self) -> TimeSource:
        return self.source


AROUND = Surroundings(SystemClock(), Probe(TimeSource(synced=True)), lambda _folder: Room(900 * MIB, False))


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a unit that sold a time, opened a door, and was stopped in order."""
    folder = tmp_path_factory.mktemp("used") / "data"
    with running_demo(folder) as demo:
        booking = demo.book_open("court-2")
        assert demo.reason("court-2", "pin", booking.pin) == "granted"
        assert demo.end() == 0
    folder.chmod(0o750)
    config = folder / "portvakt.toml"
    # The broker and the mail server of the demo have ended with it.
    config.write_text(write(replace(load(config), broker=None, mail=None)))
    return folder


@pytest.fixture
def data(used: Path) -> Iterator[Path]:
    """The folder, put back afterwards: its configuration says where it lies."""
    kept = used.with_name("kept")
    shutil.copytree(used, kept, symlinks=True)
    yield used
    shutil.rmtree(used)
    kept.rename(used)


def found(data: Path) -> set[tuple[str, str]]:
    """What is wrong beyond the processes that do not run: codes, and places below the folder."""
    findings = examine(data / "portvakt.toml", AROUND)
    return {(each.code, each.place.removeprefix(f"{data}/")) for each in findings} - STOPPED


def change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(sql)


def alter_last(path: Path) -> None:
    _, entries = read_journal(path)
    write_journal(path, [*entries[:-2], replace(entries[-2], actor="somebody else"), entries[-1]])


HARMS: list[tuple[Callable[[Path], object], str, str]] = [
    (lambda data: (data / "booking.db").unlink(), "file_missing", "booking.db"),
    (lambda data: (data / "access.db").unlink(), "file_missing", "access.db"),
    (lambda data: data.chmod(0o755), "folder_readable", ""),
    (lambda data: data.chmod(0o777), "folder_open", ""),
    (lambda data: (data / "access.db.corrupt-1").touch(), "file_set_aside", "access.db.corrupt-1"),
    (lambda data: (data / "secrets/web/pin.key").unlink(), "secret_missing", "secrets/web/pin.key"),
    (
        lambda data: (data / "secrets/door/journal-signing.key").unlink(),
        "secret_missing",
        "secrets/door/journal-signing.key",
    ),
    (lambda data: (data / "secrets/web/pin.key").chmod(0o640), "secret_open", "secrets/web/pin.key"),
    (lambda data: (data / "secrets/shared").chmod(0o755), "secret_open", "secrets/shared"),
    (
        lambda data: (data / "secrets/shared/command.pub").write_bytes(b"short"),
        "secret_damaged",
        "secrets/shared/command.pub",
    ),
    (lambda data: change(data / "booking.db", "DROP TRIGGER claim_guard_insert"), "no_guard", "booking.db"),
    (
        lambda data: change(data / "booking.db", "UPDATE alembic_version SET version_num = '0001'"),
        "old_shape",
        "booking.db",
    ),
    (lambda data: change(data / "access.db", "PRAGMA user_version = 99"), "old_shape", "access.db"),
    (lambda data: alter_last(data / "booking.db"), "journal_broken", "booking.db"),
    (lambda data: alter_last(data / "access.db"), "journal_broken", "access.db"),
    (
        lambda data: change(data / "booking.db", "UPDATE due SET tries = 3, fault = 'no room'"),
        "work_fails",
        "booking.db",
    ),
    (lambda data: change(data / "access.db", "DELETE FROM site_plan"), "no_plan", "site plan"),
    (
        lambda data: change(
            data / "access.db",
            "INSERT OR REPLACE INTO site_plan VALUES ('desired', 9, '{}'), ('rejected', 9, '{}')",
        ),
        "plan_refused",
        "site plan",
    ),
    (lambda data: change(data / "access.db", "UPDATE cursor SET hash = x'00'"), "not_followed", "access.db"),
]


def test_nothing_is_found_in_a_good_folder_but_that_nothing_runs(data: Path) -> None:
    """The negative control of every fault below."""
    assert found(data) == set()
    assert {(each.code, each.place) for each in examine(data / "portvakt.toml", AROUND)} == STOPPED


@pytest.mark.parametrize(("harm", "code", "place"), HARMS)
def test_each_fault_of_the_files_is_found(data: Path, harm: Callable[[Path], object], code: str, place: str) -> None:
    """Files, rights, secrets, shapes, guard, journals, site plan, following, timed work."""
    harm(data)
    assert (code, place or str(data)) in found(data)


def test_a_file_that_is_no_database_is_named_and_keeps_no_other_check_from_being_made(data: Path) -> None:
    (data / "booking.db").write_bytes(b"this is no database at all" * 400)
    (data / "secrets/web/pin.key").chmod(0o640)
    codes = {code for code, _ in found(data)}
    assert {"secret_open", "unreadable", "not_checked"} <= codes


def test_a_file_of_root_in_a_folder_of_another_is_found() -> None:
    assert is_foreign(1000, 0)
    assert not is_foreign(0, 0)
    assert not is_foreign(1000, 1000)


def test_events_kept_in_the_run_folder_are_told(data: Path, tmp_path: Path) -> None:
    config = data / "portvakt.toml"
    config.write_text(write(replace(load(config), run=tmp_path)))
    (tmp_path / "access.db").touch()
    assert found(data) == {("file_in_run", str(tmp_path / "access.db"))}


def test_a_mail_server_that_does_not_answer_is_told_and_a_channel_that_is_off(data: Path) -> None:
    """DY-63: warnings, because the doors and the bookings go on."""
    config = data / "portvakt.toml"
    findings = [each for each in examine(config, AROUND) if each.code == "no_channel"]
    assert [(each.place, each.severity) for each in findings] == [("mail", Severity.WARNING)]
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        server = MailSettings("127.0.0.1", "hall@example.org", port, user="u", password_file=data / "none")
        config.write_text(write(replace(load(config), mail=server)))
        assert found(data) == {("mail_away", f"127.0.0.1:{port}"), ("password_file", "none")}


def test_a_broker_that_does_not_answer_and_its_password_are_told(data: Path, tmp_path: Path) -> None:
    password = tmp_path / "password"
    with closing(socket.socket()) as taken:
        # Bound, but nobody listens.
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with (data / "portvakt.toml").open("a") as config:
            config.write(f'[broker]\nhost = "127.0.0.1"\nport = {port}\npassword_file = "{password}"\n')
        assert found(data) == {("broker_away", f"127.0.0.1:{port}"), ("password_file", str(password))}
        password.write_text("secret")
        password.chmod(0o644)
        taken.listen()
        assert found(data) == {("password_open", str(password))}
        password.chmod(0o640)
        assert found(data) == set()


@pytest.mark.parametrize(
    ("room", "codes"),
    [
        (Room(900 * MIB, False), []),
        (Room(300 * MIB, False), ["disk_low"]),
        (Room(3 * MIB, False), ["disk_full"]),
        (Room(900 * MIB, True), ["disk_read_only"]),
    ],
)
def test_a_disk_without_room_or_without_writing_is_told(data: Path, room: Room, codes: list[str]) -> None:
    settings = load(data / "portvakt.toml")
    assert [each.code for each in check_disk(settings, lambda _folder: room)] == codes


@pytest.fixture
def steel(data: Path) -> UnitSettings:
    """The unit as if its clock were the machine's."""
    return replace(load(data / "portvakt.toml"), clock=ClockSource.SYSTEM)


@pytest.mark.parametrize(
    ("source", "has_rtc", "codes"),
    [
        (TimeSource(synced=True), True, []),
        (TimeSource(synced=True), False, ["no_rtc"]),
        (TimeSource(), True, ["clock_unsynced"]),
        (TimeSource(kept=True), True, ["clock_unsynced"]),
    ],
)
def test_what_the_clock_is_worth_is_told(
    steel: UnitSettings, tmp_path: Path, source: TimeSource, has_rtc: bool, codes: list[str]
) -> None:
    """AC-16"""
    if has_rtc:
        (tmp_path / "class/rtc/rtc0").mkdir(parents=True)
    change(steel.access_file, "UPDATE memory SET clock_mark = 0, boot_id = ''")
    assert [each.code for each in check_clock(steel, FakeClock(), Probe(source), tmp_path)] == codes


def test_a_clock_behind_what_the_unit_was_sure_of_is_a_fault(steel: UnitSettings, tmp_path: Path) -> None:
    """AC-16"""
    clock = FakeClock()
    change(steel.access_file, f"UPDATE memory SET clock_mark = {clock.now() + 3600}, boot_id = 'b'")
    codes = [each.code for each in check_clock(steel, clock, Probe(TimeSource(boot_id="b")), tmp_path)]
    assert codes == ["clock_unknown", "no_rtc"]
    pretend = replace(steel, clock=ClockSource.PRETEND)
    assert list(check_clock(pretend, clock, Probe(TimeSource()), tmp_path)) == []


def test_a_kernel_that_keeps_strikes_driven_is_told_where_doors_hang_on_its_pins(
    steel: UnitSettings, tmp_path: Path
) -> None:
    """AC-15"""
    setting = tmp_path / "module/pinctrl_rp1/parameters/persist_gpio_outputs"
    setting.parent.mkdir(parents=True)
    setting.write_text("Y\n")
    native, wire = (replace(steel, gpio_pins=pins) for pins in (GpioPins.NATIVE, GpioPins.WIRE))
    assert [each.code for each in check_kernel(native, frozenset({"gpio"}), tmp_path)] == ["outputs_kept"]
    assert list(check_kernel(native, frozenset({"simulated"}), tmp_path)) == []
    assert list(check_kernel(wire, frozenset({"gpio"}), tmp_path)) == []


def door(slug: str, *, online: bool = True, tampered: bool = False) -> DoorView:
    return DoorView(f"id-{slug}", slug, slug, "locked", "normal", "simulated", online, "", tampered, False)


def test_what_the_door_process_says_of_each_device_becomes_a_finding() -> None:
    troubles = (
        Trouble("door id-a", "red", "door a: the lock is jammed"),
        Trouble("reader r7", "amber", "reader hall: wrong key"),
        Trouble("following", "red", "the bookings cannot be followed"),
        Trouble("site plan", "amber", "told from the files"),
    )
    health = DoorHealth("red", (), "trusted", "stale", 1, 1, None, 0, 2, troubles)
    doors = [door("a", online=False), door("b", online=False), door("c", tampered=True)]
    told = [(each.code, each.place, each.severity) for each in said(health, doors)]
    assert told == [
        ("door_trouble", "door a", Severity.FAULT),
        ("reader_trouble", "reader r7", Severity.WARNING),
        ("following_trouble", "following", Severity.FAULT),
        ("door_offline", "door b", Severity.FAULT),
        ("door_tampered", "door c", Severity.WARNING),
        ("events_wait", "access.db", Severity.FAULT),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_can_be_told_in_every_language(data: Path, language: str) -> None:
    (data / "booking.db").unlink()
    told = report(examine(data / "portvakt.toml", AROUND), language)
    assert told["well"] is False
    assert isinstance(told["findings"], list)
    for finding in told["findings"]:
        assert finding["what"]
        assert finding["remedy"]
        assert "{" not in finding["what"] + finding["remedy"]


def test_mistakes_of_the_configuration_are_findings(tmp_path: Path) -> None:
    config = tmp_path / "portvakt.toml"
    assert [each.code for each in examine(config, AROUND)] == ["configuration"]
    config.write_text('[unit]\ndata = "here"\n')
    assert {each.code for each in examine(config, AROUND)} == {"configuration"}


def test_exit_codes(data: Path) -> None:
    """0 is tried on a unit that runs."""
    done = command("doctor", "--json", "--data", str(data))
    assert (done.returncode, json.loads(done.stdout)["well"]) == (1, False)
    shown = command("doctor", "--language", "sv", "--data", str(data))
    assert (shown.returncode, "Processen är inte igång" in shown.stdout) == (1, True)
    assert command("doctor", "--language", "tlh", "--data", str(data)).returncode == 2


@pytest.fixture(scope="module")
def own_demo() -> Iterator[Demo]:
    with running_demo() as demo:
        yield demo


def test_a_unit_that_runs_is_well(own_demo: Demo) -> None:
    assert until(lambda: own_demo.command("doctor").returncode == 0, 20), own_demo.command("doctor").stdout
    assert not has_fault(examine(own_demo.data / "portvakt.toml", AROUND))


def test_a_process_that_hangs_is_told_from_one_that_is_gone(own_demo: Demo) -> None:
    config = own_demo.data / "portvakt.toml"
    pid = own_demo.pid("web")
    with own_demo.unsupervised():
        os.kill(pid, signal.SIGSTOP)
        assert ("hangs", "web") in {(each.code, each.place) for each in examine(config, AROUND)}
        own_demo.kill("web")
        own_demo.kill("door")
        assert {("not_running", "door"), ("not_running", "web")} <= {
            (each.code, each.place) for each in examine(config, AROUND)
        }
    assert until(lambda: own_demo.command("doctor").returncode == 0, 40)


def test_a_device_that_is_unplugged_is_named(own_demo: Demo) -> None:
    config = own_demo.data / "portvakt.toml"
    with closing(DoorClient(own_demo.run)) as client:
        client.hand("court-2", "unplug")
        assert until(lambda: "door court-2" in {each.place for each in examine(config, AROUND)})
        client.hand("court-2", "plug")
        assert until(lambda: "door court-2" not in {each.place for each in examine(config, AROUND)})
