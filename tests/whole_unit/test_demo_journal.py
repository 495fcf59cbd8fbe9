"""`portvakt verify-journal` over the files of a used unit: as they are, and as a forger leaves them (AC-20)."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.storage.chain import Entry
from appliance.storage.checkpoints import ENTITY
from tests.storage.forging import Mutation, forge, read_journal, without_checkpoints, write_journal
from tests.whole_unit.demo_unit import command, running_demo

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
FILES = ("booking.db", "access.db")


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a unit that sold a time, opened a door, and was stopped in order."""
    folder = tmp_path_factory.mktemp("used") / "data"
    with running_demo(folder) as demo:
        booking = demo.book_open("court-2")
        assert demo.reason("court-2", "pin", booking.pin) == "granted"
        assert demo.end() == 0
    return folder


@pytest.fixture
def data(used: Path) -> Iterator[Path]:
    """A copy of it, under the same name: its configuration says where it lies."""
    kept = used.with_name("kept")
    shutil.copytree(used, kept)
    yield used
    shutil.rmtree(used)
    kept.rename(used)


def verified(data: Path, *options: str) -> tuple[int, Any]:
    """The exit status and the report."""
    done = command("verify-journal", "--json", *options, "--data", str(data))
    assert done.stdout, done
    return done.returncode, json.loads(done.stdout)


def anchored(data: Path) -> str:
    """What was printed today, kept outside."""
    anchor = data.with_name("anchor.json")
    anchor.write_text(command("verify-journal", "--json", "--data", str(data)).stdout)
    return str(anchor)


@pytest.mark.feature("AC-20")
def test_a_unit_that_was_stopped_is_signed_to_its_last_entry(data: Path) -> None:
    """AC-20: both files, each with a key of its own, and the report is its own anchor."""
    status, report = verified(data)
    assert status == 0
    for name in FILES:
        found = report[name]
        assert (found["holds"], found["unsigned"], found["signed_to"]) == (True, 0, found["seq"] - 1), found
        assert found["head"]["seq"] == found["signed_to"]
    assert report["booking.db"]["head"]["key"] != report["access.db"]["head"]["key"]
    assert verified(data, "--anchor", anchored(data))[0] == 0
    said = command("verify-journal", "--data", str(data))
    assert (said.returncode, said.stdout.count("the chain holds, signed to entry")) == (0, 2)


def altered(entries: list[Entry]) -> list[Entry]:
    return [replace(entries[0], actor="somebody else"), *entries[1:]]


def deleted(entries: list[Entry]) -> list[Entry]:
    return entries[1:]


def reordered(entries: list[Entry]) -> list[Entry]:
    first, second = entries[:2]
    return [replace(second, seq=first.seq), replace(first, seq=second.seq), *entries[2:]]


@pytest.mark.feature("AC-20")
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("mutation", [altered, deleted, reordered])
def test_one_entry_altered_deleted_or_put_elsewhere_is_found(data: Path, name: str, mutation: Mutation) -> None:
    """AC-20: with its old hashes, and with every hash made afresh."""
    _, entries = read_journal(data / name)
    write_journal(data / name, mutation(entries))
    assert_broken(data, name)
    write_journal(data / name, entries)
    assert verified(data)[0] == 0
    forge(data / name, mutation)
    assert "signs something else" in assert_broken(data, name)


@pytest.mark.feature("AC-20")
@pytest.mark.parametrize("name", FILES)
def test_a_head_kept_elsewhere_finds_what_a_signature_inside_cannot(data: Path, name: str) -> None:
    """AC-20: an end cut off, and a past without checkpoints; without the anchor either passes (negative control)."""
    anchor = anchored(data)
    _, entries = read_journal(data / name)
    write_journal(data / name, entries[:-2])
    assert verified(data)[0] == 0
    assert "cut off" in assert_broken(data, name, "--anchor", anchor)
    write_journal(data / name, entries)
    forge(data / name, lambda entries: altered(without_checkpoints(entries)))
    assert verified(data)[0] == 0
    assert_broken(data, name, "--anchor", anchor)


@pytest.mark.feature("AC-20")
def test_keys_on_the_unit_do_not_count_beside_an_anchor(data: Path) -> None:
    """AC-20: a copy of the files alone can be verified, and a key put there by a forger is worth nothing."""
    anchor = anchored(data)
    shutil.rmtree(data / "secrets")
    assert verified(data, "--anchor", anchor)[0] == 0
    done = command("verify-journal", "--data", str(data))
    assert (done.returncode, "cannot be entered" in done.stderr) == (1, True)


def test_checkpoints_of_the_other_file_are_worth_nothing(data: Path) -> None:
    """AC-20: the door process does not sign bookings, nor the reverse."""
    _, entries = read_journal(data / "access.db")
    foreign = [entry for entry in entries if entry.entity == ENTITY]
    forge(data / "booking.db", lambda entries: [*without_checkpoints(entries), *foreign])
    assert_broken(data, "booking.db")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"booking.db": {"head": null, "keys": []}}'])
def test_a_file_that_is_no_anchor_is_refused(data: Path, content: str) -> None:
    """AC-20: nothing is called good that was compared with nothing."""
    anchor = data.with_name("anchor.json")
    anchor.write_text(content)
    done = command("verify-journal", "--anchor", str(anchor), "--data", str(data))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr


def assert_broken(data: Path, name: str, *options: str) -> str:
    """Exactly one journal is broken; what is said of it."""
    status, report = verified(data, *options)
    assert status == 1
    assert {each: found["holds"] for each, found in report.items()} == {each: each != name for each in FILES}
    assert report[name]["head"] is None
    return str(report[name]["message"])
