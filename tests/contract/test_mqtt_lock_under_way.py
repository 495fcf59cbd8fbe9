"""Commands under way: late, twice, damaged, or across a broker that dies (DR-03). A witness of its own judges each."""

import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from appliance.foundation.clock import SystemClock
from drivers.contract import Act, DriverUnreachable, Fact
from drivers.local_broker import LocalBroker
from drivers.mqtt_lock.driver import HOLD_S, JAMMED, LOCK_AWAY, UNMOVED
from drivers.mqtt_lock.messages import Command, Verb, command_bytes
from tests.contract.conftest import kind
from tests.contract.programs import AnyBroker, Mosquitto, told
from tests.contract.rigs import FACILITY, SLUG, MqttLockRig
from tests.waiting import stays, until
from tests.witness import CommandWitness

pytestmark = pytest.mark.slow
# For what happens between lock and driver alone, one broker is enough.
ONE_BROKER = pytest.mark.parametrize("rig", ["nats"], indirect=True)
BROKERS: dict[str, Callable[[Path], AnyBroker]] = {"nats": LocalBroker, "mosquitto": Mosquitto}


@pytest.fixture(params=[kind(name) for name in BROKERS])
def rig(request: pytest.FixtureRequest) -> Iterator[MqttLockRig]:
    """A lock with a journal of its own."""
    with tempfile.TemporaryDirectory(prefix="pv-") as folder:
        rig = MqttLockRig(Path(folder), BROKERS[request.param](Path(folder) / "broker"))
        yield rig
        rig.finish()
        rig.close()


@pytest.fixture
def witness(rig: MqttLockRig) -> Iterator[CommandWitness]:
    """Sees every command on the bus."""
    with CommandWitness(rig.broker.host, rig.broker.port, rig.key.public_key()) as witness:
        yield witness


def journal(rig: MqttLockRig, command_id: str) -> list[str]:
    """What the lock wrote down about one command."""
    lines = [json.loads(line) for line in rig.journal.read_text().splitlines()]
    return [f"{line['verdict']} {line['reason']}".strip() for line in lines if line.get("id") == command_id]


def refusals(rig: MqttLockRig) -> list[str]:
    """Why the lock did nothing, in order."""
    lines = [json.loads(line) for line in rig.journal.read_text().splitlines()]
    return [line["reason"] for line in lines if line.get("verdict") == "refused"]


def bolt_moves(rig: MqttLockRig) -> list[str]:
    """Every movement of the bolt."""
    lines = [json.loads(line) for line in rig.journal.read_text().splitlines()]
    return [line["bolt"] for line in lines if "bolt" in line]


def publish(rig: MqttLockRig, payload: bytes) -> None:
    """Say something on the lock's command topic, as anyone on the bus could."""
    client = Client(CallbackAPIVersion.VERSION2, client_id="anyone")
    client.connect(rig.broker.host, rig.broker.port)
    client.loop_start()
    client.publish(f"portvakt/v1/{FACILITY}/door/{SLUG}/command", payload, qos=1).wait_for_publish(5)
    client.disconnect()
    client.loop_stop()


def wait_past(instant: int) -> None:
    """Until the machine's clock is past an instant."""
    assert until(lambda: SystemClock().now() > instant, 10)


def test_every_command_is_signed_expiring_and_never_retained(rig: MqttLockRig, witness: CommandWitness) -> None:
    """DR-03: a witness on the bus verifies each command by the published description alone."""
    driver = rig.started()
    grant = rig.grant(release_s=1)
    driver.release(grant)
    assert witness.saw(grant.presentation_id)
    driver.hold(True)
    driver.hold(False)
    assert until(lambda: len(witness.commands("lock")) >= 2)
    assert [seen.verb for seen in witness.commands()] == ["lock", "release", "hold", "lock"]
    assert witness.wrongs() == []
    with CommandWitness(rig.broker.host, rig.broker.port, rig.key.public_key(), "late") as late:
        assert stays(lambda: late.commands() == [], 0.3), "whoever comes later is told no old command"


@ONE_BROKER
def test_the_witness_knows_a_command_that_is_wrong(rig: MqttLockRig) -> None:
    """DR-03, control: under another key the same commands are wrong in the witness's eyes."""
    other = Ed25519PrivateKey.generate().public_key()
    with CommandWitness(rig.broker.host, rig.broker.port, other) as stranger:
        rig.started()
        assert until(lambda: bool(stranger.commands()))
        assert [seen.wrong for seen in stranger.commands()] == ["bad signature"]


def test_a_command_kept_by_the_broker_for_a_lock_that_slept_does_not_open_late(rig: MqttLockRig) -> None:
    """DR-03: the broker keeps it, the lock wakes after `not_after`, and nothing moves."""
    driver = rig.started()
    process = rig.lock.pid
    os.kill(process, signal.SIGSTOP)
    late, in_time = rig.grant(life_s=1), rig.grant(life_s=60)
    try:
        driver.release(late)
        wait_past(late.not_after)
    finally:
        os.kill(process, signal.SIGCONT)
    assert until(lambda: refusals(rig) == ["expired"])
    assert bolt_moves(rig) == []
    # The control: the same way with a longer life does open, so it was the expiry that kept the door shut.
    os.kill(process, signal.SIGSTOP)
    try:
        driver.release(in_time)
    finally:
        os.kill(process, signal.SIGCONT)
    assert until(lambda: journal(rig, in_time.presentation_id) == ["obeyed"])


def test_a_broker_killed_with_a_command_under_way_opens_nothing_late(rig: MqttLockRig) -> None:
    """DR-03: kill -9 of the broker right behind the publish; whatever it had kept is dead when it is back."""
    driver = rig.started()
    os.kill(rig.lock.pid, signal.SIGSTOP)
    grant = rig.grant(life_s=1)
    driver.release(grant)
    rig.cut()
    wait_past(grant.not_after)
    rig.facts.clear()
    rig.mend()
    os.kill(rig.lock.pid, signal.SIGCONT)
    assert rig.facts.saw(Fact.ONLINE, seconds=20)
    assert stays(lambda: not rig.bolt_free(), 1)
    assert "released" not in bolt_moves(rig)
    fresh = rig.grant()
    driver.release(fresh)
    assert until(lambda: journal(rig, fresh.presentation_id) == ["obeyed"])


def test_nothing_is_published_while_the_broker_or_the_lock_is_away(rig: MqttLockRig, witness: CommandWitness) -> None:
    """DR-03: a command refused with `DriverUnreachable` was never sent and never will be."""
    driver = rig.started()
    told(rig.control, act="unplug")
    assert rig.facts.saw(Fact.OFFLINE)
    assert driver.health().fault == LOCK_AWAY
    lost = rig.grant(life_s=60)
    with pytest.raises(DriverUnreachable):
        driver.release(lost)
    told(rig.control, act="plug")
    rig.facts.clear()
    assert rig.facts.saw(Fact.ONLINE)
    assert not witness.saw(lost.presentation_id, 0.5)
    driver.release(lost)
    assert witness.saw(lost.presentation_id), "a presentation that never went out may be tried again"


@ONE_BROKER
def test_a_lock_whose_unit_died_in_free_access_locks_by_itself(rig: MqttLockRig) -> None:
    """AC-15: free access is a lease; a unit that is killed renews nothing. (Here a lease of one second.)"""
    order = Command(FACILITY, SLUG, "lease", Verb.HOLD, 1, SystemClock().now(), SystemClock().now() + 5)
    with CommandWitness(rig.broker.host, rig.broker.port, rig.key.public_key()) as witness:
        rig.started().hold(True)
        assert until(lambda: bool(witness.commands("hold")))
        assert [seen.release_s for seen in witness.commands("hold")] == [HOLD_S]
        publish(rig, command_bytes(order, rig.key.sign))
        assert until(lambda: journal(rig, "lease") == ["obeyed"])
    assert until(lambda: bolt_moves(rig) == ["released", "locked"], 5)


@ONE_BROKER
def test_a_command_that_comes_twice_is_obeyed_once(rig: MqttLockRig) -> None:
    """DR-03: the lock remembers ids until they expire."""
    driver = rig.started()
    told(rig.control, act="fault", on="command", kind="duplicate")
    grant = rig.grant()
    driver.release(grant)
    assert until(lambda: refusals(rig) == ["replayed"])
    assert journal(rig, grant.presentation_id) == ["obeyed"]


@ONE_BROKER
def test_a_command_that_was_damaged_or_lost_is_noticed(rig: MqttLockRig) -> None:
    """DR-03, DR-10: one flipped bit moves nothing, and a lock that does not move is a fault that says what to check."""
    driver = rig.started()
    told(rig.control, act="fault", on="command", kind="bit_flip")
    driver.release(rig.grant())
    assert until(lambda: len(refusals(rig)) == 1)
    assert bolt_moves(rig) == []
    assert until(lambda: driver.health().fault == UNMOVED, 5)
    driver.release(rig.grant())
    assert until(lambda: driver.health().fault == "")


@ONE_BROKER
def test_a_lock_that_takes_commands_and_does_nothing_is_found_out(rig: MqttLockRig) -> None:
    """DR-10: accepted is not applied."""
    driver = rig.started()
    rig.act(Act("jam"))
    assert until(lambda: driver.health().fault == JAMMED)
    rig.act(Act("free"))
    assert until(lambda: driver.health().fault == "")
    told(rig.control, act="mute")
    driver.release(rig.grant())
    assert until(lambda: driver.health().fault == UNMOVED, 5)
    assert Fact.RELEASED not in rig.facts.all()


@ONE_BROKER
def test_states_that_come_twice_or_out_of_order_make_no_new_facts(rig: MqttLockRig) -> None:
    """DR-03: the state's count decides, not its arrival."""
    driver = rig.started()
    told(rig.control, act="fault", on="state", kind="reorder")
    told(rig.control, act="fault", on="state", kind="duplicate", nth=2)
    rig.facts.clear()
    driver.release(rig.grant())
    assert until(lambda: bolt_moves(rig) == ["released", "locked"])
    assert stays(lambda: rig.facts.all() == [], 0.3), "the older word came last and says nothing"
    driver.release(rig.grant())
    assert rig.facts.saw(Fact.RELEASED, Fact.LOCKED)
    assert rig.facts.all() == [Fact.RELEASED, Fact.LOCKED]


def test_home_assistant_is_told_of_the_door_and_given_no_way_to_open_it(
    rig: MqttLockRig, retained: Callable[[str], dict[str, bytes]]
) -> None:
    """DR-03: lock state, contact and events are discovered; none of them names a topic to command by."""
    rig.started()
    node = f"portvakt_{FACILITY}_{SLUG}"
    found = retained("homeassistant/#")
    assert set(found) == {
        f"homeassistant/binary_sensor/{node}/lock/config",
        f"homeassistant/binary_sensor/{node}/contact/config",
        f"homeassistant/event/{node}/event/config",
    }
    assert not any(b"command" in payload for payload in found.values())
    assert retained("portvakt/#").keys() == {
        f"portvakt/v1/{FACILITY}/door/{SLUG}/state",
        f"portvakt/v1/{FACILITY}/door/{SLUG}/availability",
        f"portvakt/v1/{FACILITY}/unit/availability",
    }


@pytest.fixture
def retained(rig: MqttLockRig) -> Callable[[str], dict[str, bytes]]:
    """What a newcomer to the bus is told about a topic filter."""

    def ask(pattern: str) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        client = Client(CallbackAPIVersion.VERSION2, client_id="newcomer")
        client.on_connect = lambda asking, *_: asking.subscribe(pattern, qos=1)
        client.on_message = lambda _c, _d, message: found.update({message.topic: bytes(message.payload)})
        client.connect(rig.broker.host, rig.broker.port)
        client.loop_start()
        until(lambda: len(found) >= 3, 3)
        client.disconnect()
        client.loop_stop()
        return found

    return ask
