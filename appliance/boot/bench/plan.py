"""How much is measured, and what every measurement is given."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CLIENTS: Final = 8
SLOWER_BY_MS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often a figure is taken and how many operations a round has; baseline and product alternate by rounds.

    decisions: in process. asked: over HTTP by one visitor. each: over HTTP by each of the eight. listings: of slots.
    key_bookings, many_bookings: of the facilities for decisions in process, two keys each. bookings: of that for HTTP.
    starts: of the door process. told: bookings of which a controller hears. endured: decisions while memory is watched.
    past: bookings that are over, behind which a search is measured; without any it is not.
    """

    rounds: int
    decisions: int
    asked: int
    each: int
    listings: int
    key_bookings: int
    bookings: int
    many_bookings: int
    starts: int
    told: int
    endured: int
    past: int


FULL: Final = Rounds(7, 300, 200, 75, 10, 2_500, 5_000, 25_000, 7, 20, 100_000, 1_000_000)
QUICK: Final = Rounds(5, 60, 40, 15, 3, 2_500, 5_000, 5_000, 5, 7, 20_000, 0)


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement is given: its size, a fresh folder on a disk, a short folder for sockets, and who is told.

    on_step: hears what begins now, in plain English.
    """

    size: Rounds
    folder: Path
    run: Path
    on_step: Callable[[str], None]
