"""Every target that the documents name is in the Makefile, and what continuous integration runs is `make test`."""

import os
import re
import subprocess

import pytest

from tests.house.tree import ROOT

TARGETS = ("setup", "demo", "test", "test-long", "lint", "fmt", "bench", "lock", "simulate")


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_can_be_planned(target: str) -> None:
    run = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_documents_name_no_other_targets() -> None:
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert {"demo", "test"} <= named <= set(TARGETS)


def test_continuous_integration_runs_make_test_and_skips_nothing() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = script.read_text(encoding="utf-8").splitlines()
    assert "export CI=true" in lines
    assert lines[-1] == "exec make test"


def test_the_set_up_script_is_sound_shell() -> None:
    subprocess.run(["sh", "-n", "tools/set_up.sh"], cwd=ROOT, check=True)
    run = subprocess.run(["sh", "tools/set_up.sh"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "usage" in run.stderr
