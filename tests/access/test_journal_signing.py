"""The door process signs its own journal, beside its doors and with a key that opens none (AC-20)."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.foundation.clock import FakeClock
from appliance.foundation.instants import MINUTE
from appliance.keys.secrets_store import load_journal_keys
from appliance.storage.chain import start
from appliance.storage.checkpoints import ENTITY, VERB, sign
from appliance.storage.verifying import Verified, verify_signed
from tests.access.rig import Rig, eventually, rigged
from tests.storage.forging import forge, read_journal, without_checkpoints


def advance(rig: Rig, minutes: int) -> None:
    assert isinstance(rig.clock, FakeClock)
    rig.clock.advance(minutes * MINUTE)


def verified(rig: Rig) -> Verified:
    file_id, entries = read_journal(rig.settings.access_file)
    found = verify_signed(start(file_id), entries, load_journal_keys(rig.settings.secrets, "door"))
    assert isinstance(found, Verified), found
    return found


@pytest.mark.feature("AC-20")
def test_the_doors_journal_is_signed_while_it_runs_and_at_its_end(rig: Rig) -> None:
    """AC-20: a quarter of an hour after something happened, and to the last entry when it stops."""
    rig.start_with_plan()
    assert rig.entries(ENTITY) == []
    advance(rig, 15)
    eventually(lambda: len(rig.entries(ENTITY)) == 1, "the signature")
    rig.pin("000001")
    assert verified(rig).unsigned > 0
    rig.stop()
    assert verified(rig).unsigned == 0
    assert len(rig.entries(ENTITY)) == 2


def test_the_door_follows_bookings_past_their_signatures(rig: Rig) -> None:
    """AC-20: a checkpoint of the other file is an entry that concerns no door."""
    rig.start_with_plan()
    signed = sign(rig.bookings.head, rig.clock.now(), Ed25519PrivateKey.from_private_bytes(bytes(32)))
    rig.bookings.write([(ENTITY, signed.head.file_id, VERB, signed.body())])
    seq = rig.bookings.put(rig.bookings.pin_key(1, "271828"))
    assert rig.client.catch_up(seq, wait_ms=5000) == seq
    assert rig.client.health().known_keys == 1


def test_an_end_with_nothing_new_signs_nothing(rig: Rig) -> None:
    """AC-20: a unit that is started and stopped writes nothing for the sake of signatures."""
    rig.start()
    rig.stop()
    before = rig.entries(ENTITY)
    rig.start()
    rig.stop()
    assert rig.entries(ENTITY) == before


def test_the_door_says_by_itself_that_its_journal_was_written_anew(rig: Rig) -> None:
    """AC-20: with fresh hashes, and found by the checkpoint that is still there."""
    rig.start_with_plan()
    rig.pin("000001")
    rig.stop()
    forge(rig.settings.access_file, lambda entries: entries[1:])
    rig.start()
    check = rig.client.verify()
    assert (check.holds, "signs something else" in check.message) == (False, True)


def test_without_checkpoints_the_same_would_pass(rig: Rig) -> None:
    """AC-20: negative control."""
    rig.start_with_plan()
    rig.stop()
    forge(rig.settings.access_file, lambda entries: without_checkpoints(entries)[1:])
    rig.start()
    assert rig.client.verify().holds


@pytest.mark.parametrize("damage", ["open to others", "short"])
def test_doors_open_whatever_is_wrong_with_the_key_of_the_journal(tmp_path: Path, damage: str) -> None:
    """AC-20: somebody should look, says health; nobody waits outside for a signature."""
    with rigged(folder=tmp_path) as rig:
        rig.bookings.put(rig.bookings.pin_key(1, "271828"))
        rig.start_with_plan()
        rig.stop()
        path = rig.settings.secrets / "door" / "journal-signing.key"
        path.chmod(0o644 if damage == "open to others" else 0o600)
        path.write_bytes(path.read_bytes() if damage == "open to others" else b"short")
        signed = len(rig.entries(ENTITY))
        rig.start()
        eventually(lambda: rig.pin("271828").verdict == "granted", "a grant")
        health = rig.client.health()
        assert (health.colour, "is not signed" in " ".join(health.problems)) == ("amber", True)
        rig.stop()
        assert len(rig.entries(ENTITY)) == signed
