"""The far end of a serial cable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import sys
from pathlib import Path
from drivers.emulators.line_server import LineServer
from drivers.emulators.pty_end import PtyEnd
PtyEnd(Path(sys.argv[1]), LineServer(), print).plug()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.feature("DR-10")
def test_the_cable_of_an_emulator_that_was_killed_leads_nowhere(tmp_path: Path) -> None:
    """DR-10: and never to the terminal of another program that was given the same name since."""
    path = tmp_path / "cable.port"
    program = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stdin is not None
    with program.stdin, program.stdout:
        assert program.stdout.readline() == "ready\n"
        os.close(os.open(path, os.O_RDWR | os.O_NOCTTY))
        program.kill()
        program.wait()
    others = [os.openpty() for _ in range(8)]
    try:
        assert path.is_symlink()
        with pytest.raises(FileNotFoundError):
            os.open(path, os.O_RDWR | os.O_NOCTTY)
    finally:
        for ends in others:
            for end in ends:
                os.close(end)
