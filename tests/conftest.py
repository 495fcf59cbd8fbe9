"""What every test stands on: an empty environment, chosen dice, and no silent skips.

pytest itself fails a test that logs with wrong arguments, because every level is captured and so formatted.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests import system_parts

# What a program needs to be started at all; everything else is taken away from each test.
KEPT_VARIABLES = frozenset({"PATH", "HOME", "TMPDIR", "CI", "LANG", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"})

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
