"""The ground the tests stand on holds: it can fail."""

import logging
import os

import pytest

from tests import conftest, system_parts


def test_the_environment_of_a_test_is_empty() -> None:
    assert set(os.environ) <= conftest.KEPT_VARIABLES


def test_a_log_call_with_wrong_arguments_fails_its_test() -> None:
    with pytest.raises(TypeError, match="not all arguments converted"):
        logging.getLogger("portvakt").debug("no place for it", "an argument")


def test_a_missing_part_is_named_with_its_package() -> None:
    assert system_parts.why_missing(["zbarimg"]) == "needs zbarimg; as root: apt-get install zbar-tools"


def test_ci_fails_where_a_plain_run_skips(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makeconftest("from tests.conftest import pytest_runtest_setup")
    pytester.makeini("[pytest]\nmarkers = needs")
    pytester.makepyfile('import pytest\n\n@pytest.mark.needs("chromium")\ndef test_page():\n    pass\n')
    monkeypatch.setattr(system_parts, "find", lambda _part: None)
    monkeypatch.delenv("CI", raising=False)
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(skipped=1)
    monkeypatch.setenv("CI", "true")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(errors=1)


def test_a_flood_that_fills_the_memory_is_found(pytester: pytest.Pytester) -> None:
    """DR-13, the control: also one that lets go of it before its end."""
    pytester.makeconftest("from tests.conftest import small_memory")
    pytester.makepyfile(
        "def test_small(small_memory):\n    pass\n"
        "def test_kept(small_memory):\n    test_kept.kept = bytearray(b'x' * 50_000_000)\n"
        "def test_let_go(small_memory):\n    len(b'x' * 50_000_000 + b'y')\n"
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=3, errors=2)
