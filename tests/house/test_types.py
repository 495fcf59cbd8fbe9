"""Every function says what it takes and gives: mypy, strict, over product, tests and tools, with nothing ignored."""

import subprocess
import sys

import pytest

from tests.house.tree import ALL_PYTHON, ROOT, modules, name_of


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_mypy_finds_nothing() -> None:
    run = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_no_type_error_is_waved_through() -> None:
    mark = "type:" + " ignore"
    waved = [name_of(path) for path in modules(*ALL_PYTHON) if mark in path.read_text(encoding="utf-8")]
    assert waved == []
