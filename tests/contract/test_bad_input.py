"""Random bytes on every way in: no crash, no release (DR-13). The long round does a million."""

import random
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from drivers.contract import Fact
from drivers.emulators.lock_firmware import Firmware
from drivers.local_broker import LocalBroker
from drivers.mqtt_lock.messages import Command, Verb, command_bytes, parse_availability, parse_event, parse_state
from tests.contract.rigs import FACILITY, SLUG, GpioRig, MqttLockRig
from tests.waiting import until
from tests.witness import read_edges

pytestmark = pytest.mark.slow
NOW = 1_800_000_000
ROUTINE, LONG = 20_000, 1_000_000
ROUNDS = [pytest.param(ROUTINE, id="routine"), pytest.param(LONG, id="long", marks=pytest.mark.long)]
STATE = b'{"v":1,"boot":"a","seq":1,"lock":"released","contact":"open","tamper":false}'
EVENT = b'{"v":1,"boot":"a","seq":1,"event_type":"rex"}'


def damaged(dice: random.Random, whole: bytes) -> bytes:
    """Noise, or a good message that lost its end, got a bit flipped, doubled, or swollen."""
    match dice.randrange(6):
        case 0:
            return dice.randbytes(dice.randrange(0, 300))
        case 1:
            return whole[: dice.randrange(len(whole))]
        case 2:
            place = dice.randrange(len(whole))
            return whole[:place] + bytes([whole[place] ^ 1 << dice.randrange(8)]) + whole[place + 1 :]
        case 3:
            return whole + whole
        case 4:
            return b"[" * dice.randrange(1, 3000)
        case _:
            return whole.replace(b"1", str(dice.getrandbits(200)).encode(), 1) + b" " * dice.randrange(0, 3000)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pv-") as name:
        yield Path(name)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("small_memory")
def test_no_damaged_command_moves_a_lock(rounds: int) -> None:
    """DR-13: damaged, cut, doubled, swollen and random commands; the undamaged one is obeyed, as the control."""
    dice, key = random.Random(13), Ed25519PrivateKey.generate()
    lock = Firmware(FACILITY, SLUG, key.public_key(), "boot", NOW)
    whole = command_bytes(Command(FACILITY, SLUG, "id-1", Verb.RELEASE, 5, NOW, NOW + 5), key.sign)
    for _ in range(rounds):
        payload = damaged(dice, whole)
        if payload != whole:
            assert lock.command(payload, NOW, 0.0)["verdict"] == "refused", payload
    assert lock.settle(0.0) is None
    assert lock.command(whole, NOW, 0.0)["verdict"] == "obeyed"
    assert lock.settle(0.0) == "released"


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("small_memory")
def test_no_damaged_report_is_read_as_a_state_it_does_not_state(rounds: int) -> None:
    """DR-13: what a driver hears is either exactly a message or nothing."""
    dice = random.Random(14)
    for _ in range(rounds):
        state, event = damaged(dice, STATE), damaged(dice, EVENT)
        found = parse_state(state)
        # A flipped bit can make another valid message, such as another boot name; never more than that.
        assert found is None or len(state.strip()) <= len(STATE) + 62, state
        assert parse_event(event) is None or len(event.strip()) <= len(EVENT) + 62, event
        assert parse_availability(state) is None


def test_random_bytes_on_the_bus_open_nothing_and_stop_nobody(folder: Path) -> None:
    """DR-13: thousands of frames on every topic of a door; driver and lock work on afterwards."""
    rig = MqttLockRig(folder, LocalBroker(folder / "broker"))
    driver, dice = rig.started(), random.Random(15)
    rig.facts.clear()
    base, noise = f"portvakt/v1/{FACILITY}/door/{SLUG}", Client(CallbackAPIVersion.VERSION2, client_id="noise")
    noise.connect(rig.broker.host, rig.broker.port)
    noise.loop_start()
    last = None
    for number in range(4_000):
        topic = ("command", "state", "event", "availability")[number % 4]
        payload = b"\x00" + dice.randbytes(dice.randrange(0, 400)) if number % 400 else dice.randbytes(300_000)
        last = noise.publish(f"{base}/{topic}", payload, qos=1 if number == 3_999 else 0)
    assert last is not None
    last.wait_for_publish(30)
    noise.disconnect()
    noise.loop_stop()
    assert until(lambda: '"refused"' in rig.journal.read_text())
    assert '"released"' not in rig.journal.read_text()
    assert Fact.RELEASED not in rig.facts.all()
    driver.release(rig.grant())
    assert rig.facts.saw(Fact.RELEASED, Fact.LOCKED)
    driver.stop()
    rig.close()


def test_random_bytes_on_the_wire_and_the_control_socket_move_no_pin(folder: Path) -> None:
    """DR-13: each noisy connection is cut off; the door beside it works on."""
    rig, dice = GpioRig(folder), random.Random(16)
    driver = rig.started()
    lines = [b'{"op":"drive","pin":17,"level":1}\n', b'{"act":"open"}\n', b'{"op":"input","pin":17,"pull":"up"}\n']
    for number in range(600):
        path = rig.socket if number % 2 else rig.control
        payload = damaged(dice, dice.choice(lines)) + b"\n" * dice.randrange(2)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as noise:
            noise.connect(str(path))
            try:
                noise.sendall(payload if number % 50 else dice.randbytes(100_000))
                noise.shutdown(socket.SHUT_WR)
                noise.settimeout(5)
                while noise.recv(65536):
                    pass
            except OSError:  # cut off while we were still talking
                continue
    assert read_edges(rig.edges, 17) == []
    assert driver.health().online
    driver.release(rig.grant())
    assert rig.facts.saw(Fact.RELEASED, Fact.LOCKED)
    driver.stop()
    rig.close()


def test_a_wire_that_talks_nonsense_is_left_and_nothing_is_drawn(folder: Path) -> None:
    """DR-13: the driver's own ear on the wire: noise instead of answers is a fault that says so, and no crash."""
    dice = random.Random(17)
    rig = GpioRig(folder)
    rig.cut()
    rig.socket.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as liar:
        liar.bind(str(rig.socket))
        liar.listen()
        liar.settimeout(10)
        driver = rig.fresh_driver()
        driver.start(rig.facts)
        for _ in range(4):
            peer, _address = liar.accept()
            with peer:
                peer.sendall(damaged(dice, b'{"re":17,"level":1}\n') + b"\n")
        assert until(lambda: bool(driver.health().fault))
        assert not driver.health().online
    rig.socket.unlink(missing_ok=True)
    rig.mend()
    assert rig.facts.saw(Fact.ONLINE, Fact.LOCKED, seconds=20)
    driver.stop()
    rig.close()
