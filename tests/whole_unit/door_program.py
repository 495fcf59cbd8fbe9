"""Starts the door process of a configuration file: `python -m tests.whole_unit.door_program FILE`."""

import sys
from pathlib import Path

from appliance.boot.door import run
from appliance.config_file import load

if __name__ == "__main__":
    raise SystemExit(run(load(Path(sys.argv[1]))))
