"""The contract of `portvakt demo`: one line of JSON, ready soon, an orderly end, nothing left behind."""

import json
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.local_broker import free_port
from tests.waiting import until
from tests.whole_unit.demo_unit import DOORS, READY_S, Demo, end_all, is_of, left_of, running_demo, start_demo

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
KEYS = ["ready", "web", "kiosk", "central", "doors", "mqtt", "admin", "data", "reader_token"]
TRIES = 3
CHILDREN = (
    "nats-server",
    "emulate gpio-wire",
    "emulate mqtt-lock",
    "emulate osdp-reader",
    "emulate scanner",
    "emulate rco",
    "emulate axema",
    "emulate parakey",
    "portvakt.toml --facility sodra-padel",
    "portvakt.toml --facility norra-hallen",
    "appliance web",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that outlives the demos over it."""
    with tempfile.TemporaryDirectory(prefix="pv-demo-") as folder:
        yield Path(folder) / "data"


def rest_of_output(demo: Demo) -> str:
    assert demo.process.stdout is not None
    return demo.process.stdout.read()


def test_the_demo_is_ready_within_fifteen_seconds(demo: Demo) -> None:
    """On a machine that others keep busy the best of three starts counts."""
    seconds = [demo.ready_s]
    while min(seconds) >= READY_S and len(seconds) < TRIES:
        with running_demo() as again:
            seconds.append(again.ready_s)
    assert min(seconds) < READY_S, seconds


def test_the_demo_says_one_line_and_it_is_true(demo: Demo) -> None:
    """AC-09: the line holds exactly what the public contract names, and each address answers."""
    assert list(demo.line) == KEYS
    assert demo.line["ready"] is True
    assert demo.line["central"] is None
    assert list(demo.line["admin"]) == ["user", "password"]
    assert demo.line["kiosk"].startswith(demo.line["web"])
    assert demo.line["doors"] == f"{demo.line['web']}/doors"
    host, _, port = demo.line["mqtt"].rpartition(":")
    socket.create_connection((host, int(port)), 5).close()
    health = demo.api.health()
    assert (health["status"], health["facility"], health["clock"]) == ("ok", "sodra-padel", "trusted")
    assert [door["slug"] for door in health["doors"]] == list(DOORS)
    session = demo.api.ask("POST", "/session", demo.line["admin"])
    assert session.status in {200, 201}, session
    assert session.body["must_change_password"] is False, "it is fresh at each start, and scripts go on with it at once"


def test_every_part_is_a_process_of_its_own(demo: Demo) -> None:
    """Door and web have pid files; the emulators and the broker are processes too."""
    lines = list(left_of(demo.data).values())
    for child in CHILDREN:
        assert len([line for line in lines if child in line]) == 1, (child, lines)
    assert is_of(demo.pid("door"), demo.data)
    assert is_of(demo.pid("web"), demo.data)
    assert demo.pid("door") != demo.pid("web")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_on_a_signal_with_nothing_left_and_begins_again_over_the_same_folder(
    folder: Path, number: signal.Signals
) -> None:
    """A booking of yesterday's demo opens its doors in today's; credentials are fresh."""
    with running_demo(folder) as first:
        booking = first.book_open("court-2")
        assert first.reason("court-2", "pin", booking.pin) == "granted"
        assert first.end(number) == 0
        assert rest_of_output(first) == "", "one line and no more"
        assert left_of(folder) == {}
        assert list((folder / "run").iterdir()) == []
    with running_demo(folder) as second:
        assert second.line["reader_token"] != first.line["reader_token"]
        assert second.line["admin"] != first.line["admin"]
        assert second.reason("entrance", "pin", booking.pin) == "granted"
        assert second.reason("court-2", "qr", booking.qr) == "granted"
        assert json.loads(second.command("verify-journal", "--json").stdout)["access.db"]["holds"] is True
        assert second.end(number) == 0
        assert left_of(folder) == {}


def test_a_signal_before_it_is_ready_ends_it_too(folder: Path) -> None:
    """Stopped in the middle of starting: nothing is left running."""
    process = start_demo(folder, free_port())
    try:
        assert until(lambda: len(left_of(folder)) > 3, 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert left_of(folder) == {}
    finally:
        end_all(process, folder)


def test_a_demo_that_is_killed_takes_its_parts_along(folder: Path) -> None:
    """Nobody is there to end them in an orderly way; the next demo must find the folder free."""
    with running_demo(folder) as demo:
        demo.process.kill()
        demo.process.wait(10)
        assert until(lambda: left_of(folder) == {}, 20), left_of(folder)
    with running_demo(folder) as again:
        assert again.api.health()["status"] == "ok"


def test_a_port_that_is_taken_is_named_and_ends_the_demo(folder: Path, demo: Demo) -> None:
    """Also when the one who has it is another demo, whose health would look like our own."""
    port = int(demo.line["web"].rpartition(":")[2])
    process = start_demo(folder, port)
    try:
        said, complaint = process.communicate(timeout=30)
        assert (process.returncode, said) == (1, "")
        assert str(port) in complaint
        assert "Traceback" not in complaint
        assert "portvakt:" in complaint
        assert left_of(folder) == {}
    finally:
        end_all(process, folder)
