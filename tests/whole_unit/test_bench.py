"""`portvakt bench` measures the real program, notices what would make its figures worthless, and says what it found."""

import json
import sqlite3
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.boot import bench
from appliance.boot.bench import booking, deciding, ground, measuring, slow_disk
from appliance.boot.bench.booking import Claimed, sweep
from appliance.boot.bench.crowds import Round, rate
from appliance.boot.bench.figures import Figure, at_least, at_most, over_rounds, p99, percentile
from appliance.boot.bench.plan import Bench, Rounds
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.grants import Grant
from drivers.contract import Capability, DriverHealth, Observe

TINY = Rounds(
    rounds=2,
    decisions=5,
    asked=4,
    each=11,
    listings=1,
    key_bookings=60,
    bookings=300,
    many_bookings=80,
    starts=1,
    told=2,
    endured=400,
    past=1_000,
)
MOUNTS = [
    "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
    "23 22 0:21 / /dev/shm rw,nosuid shared:3 - tmpfs tmpfs rw",
    "24 22 254:1 / /with\\040blank rw - xfs /dev/vdb rw",
]

durations = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=300)


@given(durations)
def test_a_percentile_is_one_of_the_values_and_enough_lie_at_or_below_it(values: list[float]) -> None:
    found = percentile(values, 99)
    assert found in values
    assert sum(value <= found for value in values) >= len(values) * 0.99
    assert percentile(values, 100) == max(values)


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


def test_a_figure_is_the_median_of_its_rounds_so_that_one_bad_round_says_nothing() -> None:
    assert over_rounds([[1.0, 2.0, 3.0], [2.0], [900.0]]) == 2.0
    assert over_rounds([[1.0] * 99 + [50.0], [1.0] * 100, [1.0] * 100], p99) == 1.0


@given(durations)
def test_a_round_by_itself_is_reduced_to_its_own_median(values: list[float]) -> None:
    assert over_rounds([values]) == median(values)


@pytest.mark.parametrize(
    ("figure", "holds"),
    [
        (Figure("f", "", 1.5, "ms", bar=at_most(1.5)), True),
        (Figure("f", "", 1.6, "ms", bar=at_most(1.5)), False),
        (Figure("f", "", 349.0, "/s", bar=at_least(350)), False),
        (Figure("f", "", 1.0, "ms", 0.2, at_most(1.5), ratio_bar=4), False),
        (Figure("f", "", 0.8, "ms", 0.2, at_most(1.5), ratio_bar=4), True),
        (Figure("f", "", 0.8, "ms", None, at_most(1.5), ratio_bar=4), False),
        (Figure("f", "", 1e9, "ms"), True),
    ],
)
def test_a_promise_is_kept_or_not_by_value_and_by_ratio(figure: Figure, holds: bool) -> None:
    assert figure.holds is holds


def test_a_figure_is_shown_as_the_contract_says() -> None:
    shown = Figure("door.start", "start", 0.333333, "s", 0.05, at_most(1)).shown()
    assert shown == {
        "id": "door.start", "value": 0.3333, "unit": "s", "baseline": 0.05, "ratio": 6.667, "bar": "at most 1 s",
        "holds": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("/srv/x", "ext4"), ("/dev/shm/deep/down", "tmpfs"), ("/dev/shmock", "ext4"), ("/with blank/x", "xfs")],
)
def test_the_file_system_of_a_folder_is_that_of_its_nearest_mount(folder: str, kind: str) -> None:
    assert ground.file_system(Path(folder), MOUNTS) == kind


def test_a_folder_in_memory_is_refused() -> None:
    with pytest.raises(NeedsAttention, match="tmpfs"):
        ground.require_disk(Path("/dev/shm"), MOUNTS)


def test_a_connection_that_is_not_durable_spoils_the_run() -> None:
    ground.require_durable("x.db", "wal", 2)
    for journal_mode, synchronous in (("delete", 2), ("wal", 1), ("wal", 0)):
        with pytest.raises(NeedsAttention, match="would mean nothing"):
            ground.require_durable("x.db", journal_mode, synchronous)


claims = st.lists(
    st.builds(
        lambda resource, start, length, quantity: Claimed(resource, start, start + length, quantity, 3),
        st.sampled_from("ab"), st.integers(0, 30), st.integers(1, 8), st.integers(1, 3),
    ),
    max_size=12,
)  # fmt: skip


@given(claims)
def test_the_sweep_finds_an_overlap_exactly_where_one_is(claimed: list[Claimed]) -> None:
    """SH-16: seen minute by minute."""

    def load(resource: str, minute: int) -> int:
        return sum(each.quantity for each in claimed if each.resource == resource and each.starts <= minute < each.ends)

    is_full = any(load(resource, minute) > 3 for resource in "ab" for minute in range(40))
    ordered = sorted(claimed, key=lambda each: (each.resource, each.starts))
    assert (sweep(ordered) > 0) is is_full


def test_a_slot_promised_twice_is_noticed() -> None:
    question = ("POST", "/", dict[str, str](), '{"resource": "court-1", "start": "2026-11-22T18:00:00+01:00"}')
    won = booking.rounds_won([[question], [question]], [(201,), (201,)])
    assert list(won.values()) == [2]
    with pytest.raises(NeedsAttention, match="promised twice"):
        booking.require_one_winner(won, unanswered=1)
    assert list(booking.rounds_won([[question], [question]], [(201,), (409,)]).values()) == [1]


def test_a_slot_that_nobody_got_is_noticed_unless_somebody_was_told_to_try_again() -> None:
    won = {("court-1", "2026-11-22T18:00:00+01:00"): 0}
    booking.require_one_winner(won, unanswered=1)
    with pytest.raises(NeedsAttention, match="to nobody"):
        booking.require_one_winner(won, unanswered=0)


def test_a_round_with_an_unexpected_answer_counts_for_nothing() -> None:
    spoilt = Round(0.0, 2.0, (1.0, 1.0), (201, 500), "went wrong")
    with pytest.raises(NeedsAttention, match="went wrong"):
        spoilt.require(201)
    assert rate([spoilt, Round(1.0, 4.0, (1.0,), (201,), "")], 201) == 0.5


class Relay:
    """A driver that does nothing."""

    capabilities = frozenset[Capability]()

    def start(self, observe: Observe) -> None: ...

    def release(self, grant: Grant) -> None: ...

    def hold(self, released: bool) -> None: ...

    def health(self) -> DriverHealth:
        return DriverHealth(online=True)

    def stop(self) -> None: ...


def test_a_release_before_its_event_is_on_record_is_seen() -> None:
    """AC-09: the witness can say no."""
    record = sqlite3.connect(":memory:")
    record.execute("CREATE TABLE journal(entity, entity_id, verb)")
    watch = deciding.StopWatch(Relay(), record)
    watch.looks = True
    grant = Grant("presentation-1", "door", "door", None, 5, 0, 10)
    watch.release(grant)
    record.execute("INSERT INTO journal VALUES ('presentation', 'presentation-1', 'granted')")
    watch.release(grant)
    record.close()
    assert watch.were_on_record == [False, True]


def test_a_slower_disk_makes_each_commit_wait_and_loses_nothing(tmp_path: Path) -> None:
    """The files that are opened afterwards are on the ordinary disk again."""
    disk = slow_disk.SlowDisk(1)
    disk.install()
    try:
        slow = sqlite3.connect(tmp_path / "slow.db", isolation_level=None)
        slow.execute("PRAGMA journal_mode = WAL")
        slow.execute("PRAGMA synchronous = FULL")
        slow.execute("CREATE TABLE t(n)")
        before = disk.syncs
        for number in range(10):
            slow.execute("INSERT INTO t VALUES (?)", (number,))
        assert disk.syncs - before >= 10
        # A checkpoint goes through the whole table of methods, to the last one.
        assert slow.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        slow.close()
    finally:
        disk.remove()
    after = disk.syncs
    ordinary = sqlite3.connect(tmp_path / "slow.db", isolation_level=None)
    ordinary.execute("INSERT INTO t VALUES (10)")
    assert [row[0] for row in ordinary.execute("SELECT n FROM t ORDER BY n")] == list(range(11))
    ordinary.close()
    assert disk.syncs == after


@pytest.mark.whole_unit
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_everything_is_measured_on_the_real_program(tmp_path: Path) -> None:
    """Real processes, few rounds: every figure is there, nothing overlaps, and every grant is on record."""
    steps: list[str] = []
    with TemporaryDirectory(prefix="portvakt-") as sockets:
        found = measuring.measure(Bench(TINY, tmp_path, Path(sockets), steps.append))
    by_id = {figure.id: figure for figure in found}
    assert len(by_id) == len(found)
    assert {
        "decision.pass.p50", "decision.pin.p99", "decision.many_keys.pass.p50", "decision.http.p50",
        "decision.http.rate8", "booking.p50", "booking.rate8", "slots.month.p50", "planner.day", "door.start",
        "slots.crowd.p50", "search.million.p50",
        "door.rss", "slow_disk.decision.pass.p99", "decision.derived.p99", "controller.told.worst", "door.rss.growth",
    } <= set(by_id)  # fmt: skip
    assert by_id["booking.overlaps"].value == 0
    assert by_id["slow_disk.decision.pass.p50"].value > 5.0
    assert by_id["slots.month.starts"].value > 0
    assert len(steps) == bench.STEPS
    json.dumps([figure.shown() for figure in found])
