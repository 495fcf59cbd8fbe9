"""The two sockets: what may be asked, what garbage gets, and a client that finds its way back (DR-13, AC-09)."""

import os
import random
import socket
import stat
import threading
from collections.abc import Iterator

import pytest

from appliance.door_socket.client import DoorClient, DoorRefused, DoorUnreachable
from appliance.door_socket.server import CONNECTIONS
from appliance.door_socket.wire import ASK_LIMIT, decode, encode, socket_path
from appliance.foundation.errors import NeedsAttention
from tests.access.rig import Rig, eventually, rigged


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with rigged() as one:
        one.bookings.put(one.bookings.pin_key(1, "271828"))
        one.start_with_plan()
        yield one


def connected(rig: Rig, name: str = "present.sock") -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(5)
    line.connect(str(rig.settings.run / name))
    return line


def answer(line: socket.socket) -> dict[str, object]:
    got = b""
    while not got.endswith(b"\n"):
        piece = line.recv(65536)
        if not piece:
            return {}
        got += piece
    return decode(got)


def asked(**changes: object) -> bytes:
    """A question for a presentation with some of it changed."""
    good = {"op": "present", "door": "entrance", "kind": "pin", "value": "1", "reader": "r", "presentation_id": "p"}
    return encode({**good, **changes})


def code(rig: Rig, sent: bytes, name: str = "present.sock") -> str:
    """The error code that bytes get."""
    with connected(rig, name) as line:
        line.sendall(sent)
        error = answer(line).get("error")
    assert isinstance(error, dict)
    return str(error["code"])


def test_only_the_group_may_ask(rig: Rig) -> None:
    """AC-09: mode 0660."""
    for name in ("present.sock", "control.sock"):
        assert stat.S_IMODE(os.stat(rig.settings.run / name).st_mode) == 0o660


def test_a_reader_may_only_present(rig: Rig) -> None:
    """AC-09: no release, no mode, no journal on the readers' socket."""
    for op in ("release", "mode", "doors", "retire", "reconcile", "hand", "verify", "alarms", "history"):
        assert code(rig, b'{"op": "%s"}\n' % op.encode()) == "no_such_op"
    with pytest.raises(DoorRefused) as caught:
        rig.client.challenge("nowhere", "r1")
    assert caught.value.code == "no_such_door"


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        (b"hello\n", "garbled"),
        (b"[1]\n", "garbled"),
        (b"\xff\xfe\n", "garbled"),
        (b"[" * 5000 + b"\n", "garbled"),
        (b"x" * (ASK_LIMIT + 1), "too_long"),
        (b'{"op": "present", "door": "entrance"}\n', "malformed"),
        (asked(door=5), "malformed"),
        (asked(door="no"), "no_such_door"),
        (asked(reader="r\n"), "malformed"),
        (asked(kind="PIN"), "malformed"),
        (asked(presentation_id="../p"), "malformed"),
    ],
)
def test_what_is_wrong_gets_an_error(rig: Rig, sent: bytes, wanted: str) -> None:
    """DR-13: and nothing else happens."""
    assert code(rig, sent) == wanted


def test_random_bytes_change_nothing(rig: Rig) -> None:
    """DR-13: two thousand lines of noise on both sockets, and the door still answers and stays shut."""
    dice = random.Random(5)
    before = len(rig.entries())
    for name in ("present.sock", "control.sock"):
        for _ in range(100):
            with connected(rig, name) as line:
                try:
                    line.sendall(b"\n".join(dice.randbytes(dice.randint(1, 200)) for _ in range(10)) + b"\n")
                    answer(line)
                except OSError:
                    continue
    assert rig.client.health().colour == "green"
    assert len(rig.entries()) == before
    assert all(door.state == "locked" for door in rig.client.doors())


def test_mutated_questions_are_answered_or_refused(rig: Rig) -> None:
    """DR-13: one byte changed in a good question; every line gets one answer or the end of the connection."""
    good = b'{"op":"present","door":"entrance","kind":"pin","value":"000000","reader":"fuzz","presentation_id":"f1"}\n'
    dice = random.Random(6)
    for _ in range(300):
        at = dice.randrange(len(good) - 1)
        with connected(rig) as line:
            line.sendall(good[:at] + bytes([dice.randrange(1, 256)]) + good[at + 1 :])
            assert "ok" in (answer(line) or {"ok": False})


def test_many_idle_connections_do_not_shut_the_others_out_for_ever(rig: Rig) -> None:
    """DR-13: the limit is told, and places come free again."""
    with rigged() as other:
        other.start_with_plan()
        idle = [connected(other) for _ in range(CONNECTIONS)]
        eventually(lambda: code(other, b'{"op": "x"}\n') == "busy", "the limit")
        for line in idle:
            line.close()
        eventually(lambda: code(other, b'{"op": "x"}\n') == "no_such_op", "a free place")


def test_the_client_finds_its_way_back_after_a_restart() -> None:
    """AC-09: an idle connection that died is replaced; while nobody is there it says so."""
    with rigged() as rig:
        rig.bookings.put(rig.bookings.pin_key(1, "271828"))
        rig.start_with_plan()
        assert rig.client.present("entrance", "pin", "271828", "r").granted
        rig.stop()
        with pytest.raises(DoorUnreachable):
            rig.client.present("entrance", "pin", "271828", "r")
        rig.start()
        assert rig.client.present("entrance", "pin", "271828", "r").granted


def test_the_client_serves_many_threads(rig: Rig) -> None:
    """AC-09: each gets the answer to its own question."""
    wrong: list[str] = []

    def ask(number: int) -> None:
        for turn in range(20):
            name = f"t{number}-{turn}"
            if rig.client.present("entrance", "pin", "271828", f"r{number}", name).presentation_id != name:
                wrong.append(name)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_watching_shows_every_door_and_each_change() -> None:
    """AC-11: first how it is, then what happens; it ends with the process."""
    with rigged() as rig:
        rig.start_with_plan()
        watched = DoorClient(rig.settings.run).watch()
        assert {(view.slug, view.state) for view in (next(watched), next(watched)) if view} == {
            ("entrance", "locked"), ("court-1", "locked"),
        }  # fmt: skip
        rig.client.release("entrance", "staff:1", "test")
        states = [next(watched)]
        assert states[0] is not None
        assert (states[0].slug, states[0].state) == ("entrance", "released")
        rig.client.hand("entrance", "open")
        opened = next(watched)
        assert opened is not None
        assert opened.state == "open"
        rig.stop()
        with pytest.raises(DoorUnreachable):
            list(watched)


def test_a_hand_at_a_locked_door_is_refused(rig: Rig) -> None:
    """AC-11: the steel of a pretend door holds."""
    with pytest.raises(DoorRefused, match="locked"):
        rig.client.hand("court-1", "open")
    with pytest.raises(DoorRefused, match="must be one of"):
        rig.client.hand("court-1", "kick")


def test_a_run_folder_that_is_too_long_is_named(rig: Rig) -> None:
    """AC-09: sun_path of unix(7)."""
    with pytest.raises(NeedsAttention, match="shorter run folder"):
        socket_path(rig.settings.run / ("x" * 100), "present.sock")


def test_the_history_tells_of_keys_and_staff_newest_first() -> None:
    """AC-11, AC-19: who, how and the exact reason, and no more of them than were asked for."""
    with rigged() as rig:
        now = rig.clock.now()
        rig.bookings.put(rig.bookings.pin_key(1, "271828", valid_from=now - 600, valid_to=now - 60))
        rig.start_with_plan()
        rig.pin("271828")
        rig.client.release("entrance", "staff:1", "forgot a jacket")
        events = rig.client.history(50)
        presented = [event for event in events if not event.is_move]
        assert [(one.verb, one.kind, one.actor, one.reason, one.why) for one in presented] == [
            ("granted", "staff", "staff:1", "granted", "forgot a jacket"),
            ("denied", "pin", "reader:r1", "ended", ""),
        ]
        assert presented[1].booking_number is not None
        assert [event.seq for event in events] == sorted((event.seq for event in events), reverse=True)
        assert len(rig.client.history(1)) == 1
        for limit in (0, 201):
            with pytest.raises(DoorRefused):
                rig.client.history(limit)
