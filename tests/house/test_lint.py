"""The code is written as one hand would: ruff's rules and ruff's format hold everywhere."""

import subprocess
import sys

import pytest

from tests.house.tree import ROOT


@pytest.mark.parametrize("arguments", [["check", "--quiet"], ["format", "--check", "--quiet", "--diff"]])
def test_ruff_finds_nothing(arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("import time\ntime.sleep(1)\n", "TID251"),
        ("import datetime\ndatetime.datetime.now(datetime.UTC)\n", "TID251"),
        ("import os\nos.environ['HOME']\n", "TID251"),
        ("import uuid\nuuid.uuid4()\n", "TID251"),
        ("print('hello')\n", "T201"),
        ("try:\n    pass\nexcept Exception:\n    raise SystemExit from None\n", "BLE001"),
        ("import subprocess\nsubprocess.run('ls', shell=True)\n", "S602"),
    ],
)
def test_ruff_would_find(source: str, rule: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--output-format", "concise", "--stdin-filename"]
    run = subprocess.run(
        [*command, "appliance/booking/planted.py", "-"],
        cwd=ROOT, input=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert rule in run.stdout
