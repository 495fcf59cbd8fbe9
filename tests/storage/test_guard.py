"""The guard: the database itself refuses an overbooking, whoever writes and however (SH-16)."""

import sqlite3
from collections import Counter
from contextlib import closing, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.storage import guard
from tests.storage.raw_file import HOUR, RawFile, T, raw_memory
from tests.storage.sweep import overlaps

DAY_AND_HOUR = 25 * HOUR


def refused() -> pytest.RaisesExc[sqlite3.IntegrityError]:
    return pytest.raises(sqlite3.IntegrityError, match=guard.OVERBOOKED)


@pytest.mark.parametrize("foreign_keys", ["ON", "OFF"])
@pytest.mark.parametrize("how", ["", "OR REPLACE", "OR IGNORE", "OR ABORT", "OR FAIL", "OR ROLLBACK"])
@pytest.mark.parametrize(
    ("start", "end"),
    [(0, HOUR), (-HOUR, 1), (HOUR - 1, HOUR), (-HOUR, 2 * HOUR), (600, 1200), (0, 1)],
    ids=["same", "tail", "last-second", "around", "inside", "first-second"],
)
def test_a_raw_insert_over_a_claim_is_refused(file: RawFile, foreign_keys: str, how: str, start: int, end: int) -> None:
    """SH-16: whatever the statement, and with foreign keys off."""
    file.connection.execute(f"PRAGMA foreign_keys = {foreign_keys}")
    file.insert("one", T, T + HOUR)
    with refused():
        file.insert("one", T + start, T + end, how=how)
    assert file.active() == 1


def test_an_upsert_over_a_claim_is_refused(file: RawFile) -> None:
    """SH-16."""
    kept = file.insert("one", T, T + HOUR)
    other = file.insert("one", T + HOUR, T + 2 * HOUR)
    with refused():
        file.connection.execute(
            "INSERT INTO claim(id, facility_id, resource_id, starts, ends, quantity, active)"
            " VALUES (?,'f','one',?,?,1,1) ON CONFLICT(id) DO UPDATE SET starts = excluded.starts",
            (other, T, T + HOUR),
        )
    assert kept != other


def test_a_replaced_claim_makes_room_for_its_successor_only(file: RawFile) -> None:
    """SH-16: INSERT OR REPLACE under an old id frees the old claim, and still may not overlap a third."""
    old = file.insert("one", T, T + HOUR)
    file.insert("one", T + 2 * HOUR, T + 3 * HOUR)
    replaced = (
        "INSERT OR REPLACE INTO claim(id, facility_id, resource_id, starts, ends, quantity, active)"
        " VALUES (?,'f','one',?,?,1,1)"
    )
    with refused():
        file.connection.execute(replaced, (old, T + HOUR, T + 3 * HOUR))
    file.connection.execute(replaced, (old, T + 600, T + 2 * HOUR))
    assert overlaps(file.path) == []


def test_touching_claims_and_other_resources_are_accepted(file: RawFile) -> None:
    """SH-16: half-open, so that 10 to 11 and 11 to 12 meet without overlapping."""
    file.insert("one", T, T + HOUR)
    file.insert("one", T + HOUR, T + 2 * HOUR)
    file.insert("one", T - HOUR, T)
    file.insert("two", T, T + HOUR)
    file.insert("one", T, T + HOUR, active=0)
    assert file.active() == 4


@pytest.mark.parametrize(
    "change",
    [
        "starts = starts - 3600",
        "starts = starts - 1",
        "ends = ends + 3601",
        "starts = starts + 3600, ends = ends + 3600",
        "resource_id = 'two'",
        "quantity = 2",
        "active = 1",
    ],
)
@pytest.mark.parametrize("how", ["", "OR REPLACE", "OR IGNORE"])
def test_an_update_of_any_column_into_a_claim_is_refused(file: RawFile, change: str, how: str) -> None:
    """SH-16."""
    file.insert("one", T - 2 * HOUR, T)
    file.insert("one", T + 2 * HOUR, T + 3 * HOUR)
    file.insert("two", T, T + HOUR)
    moved = file.insert("one", T, T + HOUR)
    if change == "active = 1":
        file.connection.execute("UPDATE claim SET active = 0 WHERE id = ?", (moved,))
        file.insert("one", T, T + HOUR)
    if change.startswith("starts = starts + 3600"):
        file.connection.execute("UPDATE claim SET ends = ends + 1 WHERE id = ?", (moved,))
    with refused():
        file.connection.execute(f"UPDATE {how} claim SET {change} WHERE id = ?", (moved,))
    assert overlaps(file.path) == []


def test_an_update_under_another_name_of_the_id_is_harmless(file: RawFile) -> None:
    """SH-16: `rowid` is the id by another name; no trigger of an `UPDATE OF id` sees it, and no load rises by it."""
    file.insert("one", T, T + HOUR)
    second = file.insert("one", T + HOUR, T + 2 * HOUR)
    file.connection.execute("UPDATE claim SET rowid = 77 WHERE id = ?", (second,))
    with refused():
        file.insert("one", T + HOUR, T + 2 * HOUR)
    with refused():
        file.connection.execute("UPDATE claim SET rowid = 78, starts = starts - 60 WHERE id = 77")


@pytest.mark.parametrize("active", [2, None, -1])
def test_a_claim_is_active_or_not_and_nothing_between(file: RawFile, active: object) -> None:
    """SH-16: a flag of 2 or NULL would slip past the trigger."""
    with pytest.raises(sqlite3.IntegrityError):
        file.insert("one", T, T + HOUR, active=active)
    with pytest.raises(sqlite3.IntegrityError):
        file.insert("one", T, T + HOUR, active="yes")
    assert file.active() == 0


def test_a_flag_given_as_text_counts_as_the_number(file: RawFile) -> None:
    """SH-16: STRICT turns '1' into 1 before the trigger looks."""
    file.insert("one", T, T + HOUR, active="1")
    with refused():
        file.insert("one", T, T + HOUR, active="1")


@pytest.mark.parametrize(
    ("start", "end", "quantity"),
    [(T, T, 1), (T + 1, T, 1), (T, T + DAY_AND_HOUR + 1, 1), (T, T + 1, 0), (T, T + 1, -1), ("x", T, 1), (T, None, 1)],
)
def test_a_claim_without_a_proper_stretch_or_quantity_is_refused(
    file: RawFile, start: int, end: int, quantity: int
) -> None:
    """SH-16: an empty, endless, zero or negative claim would make the sum wrong."""
    with pytest.raises(sqlite3.IntegrityError):
        file.insert("three", start, end, quantity)


def test_an_unknown_resource_has_no_room(file: RawFile) -> None:
    """SH-16: with foreign keys off nothing else would say so."""
    file.connection.execute("PRAGMA foreign_keys = OFF")
    with refused():
        file.insert("nowhere", T, T + 1)
    moved = file.insert("one", T, T + 1)
    with refused():
        file.connection.execute("UPDATE claim SET resource_id = 'nowhere' WHERE id = ?", (moved,))


@pytest.mark.parametrize("length", [DAY_AND_HOUR, DAY_AND_HOUR - 1])
def test_the_longest_claim_is_seen_up_to_its_last_second(file: RawFile, length: int) -> None:
    """SH-16: the look-back reaches exactly as far as a claim may."""
    file.insert("one", T, T + length)
    for start in (T + length - 1, T + length - 60, T + HOUR, T):
        with refused():
            file.insert("one", start, start + DAY_AND_HOUR)
    file.insert("one", T + length, T + length + DAY_AND_HOUR)


def test_quantities_add_up_to_the_capacity_and_no_further(file: RawFile) -> None:
    """SH-16: the peak counts, not the number of claims that are met."""
    file.insert("three", T, T + HOUR, 2)
    file.insert("three", T + HOUR, T + 2 * HOUR, 2)
    file.insert("three", T, T + 2 * HOUR, 1)
    for start, end in ((0, 1), (HOUR, HOUR + 1), (2 * HOUR - 1, 3 * HOUR), (-HOUR, 3 * HOUR)):
        with refused():
            file.insert("three", T + start, T + end)
    with refused():
        file.insert("three", T + 5 * HOUR, T + 6 * HOUR, 4)
    with refused():
        file.insert("three", T + 5 * HOUR, T + 6 * HOUR, 2**62)


def test_a_capacity_cannot_be_lowered_below_its_load(file: RawFile) -> None:
    """SH-16."""
    file.connection.execute("PRAGMA foreign_keys = OFF")
    file.insert("three", T, T + HOUR, 2)
    for change in ("capacity = 1", "capacity = 0", "capacity = capacity - 2"):
        with refused():
            file.connection.execute(f"UPDATE resource SET {change} WHERE id = 'three'")
    file.connection.execute("UPDATE resource SET capacity = 2 WHERE id = 'three'")
    with refused():
        file.connection.execute(
            "INSERT OR REPLACE INTO resource(id, facility_id, slug, name, kind, capacity, position)"
            " VALUES ('three','f','three','three','counted',1,0)"
        )
    with refused():
        file.connection.execute("UPDATE resource SET id = 'new' WHERE id = 'one'")
        file.connection.execute("UPDATE resource SET id = 'one' WHERE id = 'three'")
        file.insert("one", T, T + 1, 3)


def test_a_resource_cannot_take_over_the_claims_of_another(file: RawFile) -> None:
    """SH-16: with foreign keys off an id can change; what is claimed under it must still fit."""
    file.connection.execute("PRAGMA foreign_keys = OFF")
    file.insert("three", T, T + HOUR, 3)
    file.connection.execute("DELETE FROM resource WHERE id = 'three'")
    with refused():
        file.connection.execute("UPDATE resource SET id = 'three' WHERE id = 'one'")
    with refused():
        file.connection.execute(
            "INSERT INTO resource(id, facility_id, slug, name, kind, capacity, position)"
            " VALUES ('three','f','three','three','unit',1,0)"
        )


RESOURCES = st.sampled_from(["one", "two", "three"])
STARTS = st.integers(0, 40).map(lambda minutes: T + 60 * minutes)
LENGTHS = st.integers(1, 15).map(lambda minutes: 60 * minutes)
INSERTS = st.tuples(st.just("insert"), RESOURCES, STARTS, LENGTHS, st.integers(1, 3), st.booleans())
UPDATES = st.tuples(st.just("update"), RESOURCES, STARTS, LENGTHS, st.integers(1, 3), st.booleans())
DELETES = st.tuples(st.just("delete"), RESOURCES, STARTS, LENGTHS, st.integers(1, 3), st.booleans())
CAPACITIES = {"one": 1, "two": 1, "three": 3}


def fits(claims: list[tuple[str, int, int, int]]) -> bool:
    """Whether no resource is overbooked, found minute by minute."""
    load: Counter[tuple[str, int]] = Counter()
    for resource, start, length, quantity in claims:
        for minute in range(start, start + length, 60):
            load[resource, minute] += quantity
    return all(count <= CAPACITIES[resource] for (resource, _), count in load.items())


@given(st.lists(st.one_of(INSERTS, INSERTS, UPDATES, DELETES), max_size=30))
@settings(max_examples=150)
def test_the_guard_accepts_exactly_what_fits_minute_by_minute(
    steps: list[tuple[str, str, int, int, int, bool]],
) -> None:
    """SH-16: random inserts, updates and deletes against a count of every minute."""
    file = raw_memory()
    with closing(file.connection):
        kept: dict[int, tuple[str, int, int, int, bool]] = {}
        for step, (verb, resource, start, length, quantity, active) in enumerate(steps):
            wanted, after = (resource, start, length, quantity, active), dict(kept)
            target = list(kept)[start % len(kept)] if kept else None
            if verb == "insert":
                after[-step - 1] = wanted
            elif target is not None and verb == "update":
                after[target] = wanted
            elif target is not None:
                del after[target]
            accepted = False
            with suppress(sqlite3.IntegrityError):
                made = _carried_out(file, verb, target, wanted)
                accepted = True
            assert accepted == fits([claim[:4] for claim in after.values() if claim[4]])
            if accepted:
                kept = {made if key < 0 else key: claim for key, claim in after.items()}


def _carried_out(file: RawFile, verb: str, target: int | None, wanted: tuple[str, int, int, int, bool]) -> int:
    resource, start, length, quantity, active = wanted
    if verb == "insert":
        return file.insert(resource, start, start + length, quantity, int(active))
    if verb == "update":
        file.connection.execute(
            "UPDATE claim SET resource_id = ?, starts = ?, ends = ?, quantity = ?, active = ? WHERE id = ?",
            (resource, start, start + length, quantity, int(active), target),
        )
    else:
        file.connection.execute("DELETE FROM claim WHERE id = ?", (target,))
    return 0
