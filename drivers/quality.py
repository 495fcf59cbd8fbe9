"""Whether a door driver was ever tried on real hardware, as its `quality.toml` says (DR-01, DR-12)."""

import tomllib
from functools import cache
from importlib import resources
from typing import Final

from drivers.registry import DOORS

TRIED: Final = "tried"
NEVER_TRIED: Final = "never_tried"
NO_HARDWARE: Final = "no_hardware"
UNKNOWN: Final = "unknown"
_WORDS: Final = {"done": TRIED, "todo": NEVER_TRIED, "exempt": NO_HARDWARE}


@cache
def hardware(driver: str) -> str:
    """What the driver of this name says of hardware; `unknown` for one that is not of this distribution."""
    place = DOORS.built_in.get(driver)
    if place is None:
        return UNKNOWN
    package = place.partition(":")[0].rpartition(".")[0]
    told = tomllib.loads((resources.files(package) / "quality.toml").read_text(encoding="utf-8"))
    word = next(iter(told["tried_on_hardware"]))
    return _WORDS[word]
