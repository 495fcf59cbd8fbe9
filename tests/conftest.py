"""What every test stands on: an empty environment, chosen dice, and no silent skips.

pytest itself fails a test that logs with wrong arguments, because every level is captured and so formatted.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import system_parts

# What a program needs to be started at all; everything else is taken away from each test.
KEPT_VARIABLES = frozenset({"PATH", "HOME", "TMPDIR", "CI", "LANG", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"})

FLOOD_MIB = 32

# The routine run gives the same answer twice; the deep one of `make test-long` throws the dice afresh.
settings.register_profile(
    "routine",
    database=None,
    deadline=None,
    derandomize=True,
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "deep",
    database=None,
    deadline=None,
    max_examples=3000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("routine")


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on what the person who runs it has set."""
    for name in set(os.environ) - KEPT_VARIABLES:
        monkeypatch.delenv(name)


@pytest.fixture
def small_memory() -> Iterator[None]:
    """Fails a test that needs more than `FLOOD_MIB` at any moment of it: a flood must fill no memory (DR-13)."""
    # Writing 5 there lets the peak be counted from now on (proc(5)).
    Path("/proc/self/clear_refs").write_text("5")
    before = memory_mib("VmRSS")
    yield
    peak = memory_mib("VmHWM") - before
    assert peak <= FLOOD_MIB, f"a flood filled {peak:.0f} MiB of memory"


def memory_mib(name: str) -> float:
    """VmRSS, what this process has now, or VmHWM, the most that it had."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(name))) / 1024


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or in continuous integration fail, a test whose parts of the system are missing."""
    for mark in item.iter_markers("needs"):
        absent = system_parts.missing(mark.args)
        if not absent:
            continue
        why = system_parts.why_missing(absent)
        if os.environ.get("CI") == "true":
            pytest.fail(why, pytrace=False)
        pytest.skip(why)
