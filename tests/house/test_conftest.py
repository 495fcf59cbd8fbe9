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
