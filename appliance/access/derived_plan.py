"""Which derived PINs a site takes, and the bound on guessing them that its plan must keep (AC-02)."""

from collections.abc import Iterable
from typing import Final

from appliance.access.door_plan import DoorPlan
from appliance.access.throttle import WRONG_A_DAY
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from appliance.foundation.instants import DAY
from appliance.keys.derived_pins import LIKELIEST, DerivedRules

ODDS_A_DAY: Final = 1e-4
"""The largest chance, a door and a day, that somebody who tries all that a door allows meets a derived PIN."""
_GRIDS: Final = (15, 30, 60)
_LATEST: Final = 2**40


def parse_derived(section: Section) -> DerivedRules:
    """The part `derived_pins` of a site plan; mistakes go into the section's errors."""
    grid = section.number("grid_minutes", 15, 60, 60)
    longest = section.number("longest_minutes", 15, 24 * 60, 120)
    if grid not in _GRIDS:
        section.mistake("grid_minutes", "not_an_option", "must be 15, 30 or 60")
        grid = 60
    if longest % grid:
        section.mistake("longest_minutes", "out_of_range", "must be a multiple of grid_minutes")
    rules = DerivedRules(
        grid_minutes=grid,
        longest_minutes=longest,
        serials=section.number("serials", 1, 16, 1),
        before_s=section.number("before_s", 0, DAY // 8, 900),
        after_s=section.number("after_s", 0, DAY // 8, 900),
        known_until=section.number("known_until", 0, _LATEST),
    )
    section.finish()
    return rules


def odds_a_day(rules: DerivedRules, zones: int) -> float:
    """The chance of a guesser at one door in one day (RFC 4226 appendix A.4): windows, tries, and the likeliest PIN."""
    return rules.windows * zones * WRONG_A_DAY * LIKELIEST


def too_guessable(rules: DerivedRules, doors: Iterable[DoorPlan]) -> list[FieldError]:
    """A mistake for each door that would be too easy to guess."""
    return [
        FieldError(
            f"doors.{at}.zones",
            "too_guessable",
            f"a guesser would open it with a chance of {odds_a_day(rules, len(door.zones)):.1e} a day, more than "
            f"{ODDS_A_DAY:.0e}: name fewer zones, or make the grid coarser and the longest booking shorter",
        )
        for at, door in enumerate(doors)
        if odds_a_day(rules, len(door.zones)) > ODDS_A_DAY
    ]
