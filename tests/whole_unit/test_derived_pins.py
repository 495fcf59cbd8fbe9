"""A door process that is cut off from its bookings, and PINs that somebody far away works out by himself (AC-02).

The far end is written here from the manual and RFC 4226 and 5869 alone, with the standard library.
"""

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.foundation.clock import PretendClock
from tests.access.bookings import document, door
from tests.access.rig import eventually
from tests.whole_unit.demo_unit import cli_present
from tests.whole_unit.door_unit import DoorUnit, door_unit

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
QUARTER, HOUR, DAY = 900, 3600, 86_400
START = 1_800_000_000 // DAY * DAY + 12 * HOUR
"""Of the booking; noon, so that no midnight lies in between."""
RULES = {"grid_minutes": 15, "longest_minutes": 480, "serials": 1, "before_s": 900, "after_s": 900}
WRONG_A_DAY, FREE_TRIES = 40, 5


def pin(zone_key: bytes, zone: str, start: int, seconds: int = HOUR, serial: int = 0) -> str:
    """What central tells the guest."""
    extracted = hmac.digest(bytes(32), zone_key, "sha256")
    secret = hmac.digest(extracted, b"portvakt-derived-pin-1\x00" + zone.encode() + b"\x01", "sha256")
    counter = start // QUARTER << 16 | seconds // QUARTER << 8 | serial
    digest = hmac.new(secret, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    bits = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{bits % 10**9:09}"


class CutOff:
    """The unit: its doors know zones, its clock pretends, and nobody tells it of bookings any more."""

    def __init__(self, unit: DoorUnit) -> None:
        self.unit = unit
        self.clock = PretendClock(unit.settings.data / "pretend-clock")
        with unit.config.open("a", encoding="utf-8") as config:
            config.write('[clock]\nsource = "pretend"\n')
        self.clock.set(START - DAY)

    def start(self, *, known_until: int = START, zones: tuple[str, ...] = ("court-1",)) -> None:
        entrance, court = door(0, "entrance", zones=["court-1", "court-2"]), door(1, "court-1", zones=list(zones))
        self.unit.bookings.plan(1, {**document(entrance, court), "derived_pins": {**RULES, "known_until": known_until}})
        self.unit.start()

    def cut(self) -> None:
        eventually(lambda: bool(self.unit.client.doors()), "the doors")
        self.unit.delete_bookings()

    def key(self) -> bytes:
        return (self.unit.settings.secrets / "shared" / "zone.key").read_bytes()

    def reason(self, digits: str, where: str = "court-1", at: int = START) -> str:
        """What `portvakt present` says at a moment."""
        self.clock.set(at)
        return str(cli_present(where, "pin", digits, "--config", str(self.unit.config))["reason"])

    def granted(self, digits: str, reader: str, where: str = "court-1") -> bool:
        return self.unit.client.present(where, "pin", digits, reader).granted


@pytest.fixture
def cut_off() -> Iterator[CutOff]:
    with door_unit() as unit:
        yield CutOff(unit)


def test_a_pin_worked_out_far_away_opens_inside_its_window_and_not_outside(cut_off: CutOff) -> None:
    """AC-02: through the command line, the bookings gone, and the door process started anew.

    To the minute, because this clock runs on meanwhile; tests/access/test_presenting_keys.py does it to the second.
    """
    cut_off.start()
    cut_off.cut()
    digits = pin(cut_off.key(), "court-1", START)
    moments = (START - 960, START - 900, START, START + HOUR + 840, START + HOUR + 900)
    assert [cut_off.reason(digits, at=at) for at in moments] == ["unknown", "granted", "granted", "granted", "unknown"]
    cut_off.unit.kill()
    cut_off.clock.set(START)
    cut_off.unit.start()
    assert cut_off.reason(digits) == "granted"
    assert cut_off.reason(digits, "entrance") == "granted"
    assert cut_off.reason(pin(cut_off.key(), "court-2", START)) == "unknown", "another zone"
    assert cut_off.reason(pin(cut_off.key(), "court-1", START, serial=1)) == "unknown", "more than can be sold"


def test_a_booking_that_the_unit_would_know_of_has_no_derived_pin(cut_off: CutOff) -> None:
    """AC-02: what starts before U is known here when it is real; what starts at U may not be."""
    cut_off.start()
    cut_off.cut()
    assert cut_off.reason(pin(cut_off.key(), "court-1", START - QUARTER)) == "unknown"
    assert cut_off.reason(pin(cut_off.key(), "court-1", START)) == "granted"


def test_a_revoked_one_stays_shut_after_the_bookings_have_gone(cut_off: CutOff) -> None:
    """AC-02: the list lies at the door."""
    cut_off.start()
    eventually(lambda: bool(cut_off.unit.client.doors()), "the doors")
    seq = cut_off.unit.bookings.revoke_derived(f"derived:court-1:{START}:60:0", START + 2 * HOUR)
    assert cut_off.unit.client.catch_up(seq, wait_ms=5_000) == seq
    cut_off.cut()
    cut_off.unit.kill()
    cut_off.unit.start()
    assert cut_off.reason(pin(cut_off.key(), "court-1", START)) == "revoked"
    assert cut_off.reason(pin(cut_off.key(), "court-1", START, 2 * HOUR)) == "granted"


def test_a_guesser_has_forty_tries_a_day_and_no_more(cut_off: CutOff) -> None:
    """AC-02: eight readers, five free tries each; then even the right one is refused, until the next day."""
    cut_off.start()
    cut_off.cut()
    digits = pin(cut_off.key(), "court-1", START)
    cut_off.clock.set(START)
    for number in range(WRONG_A_DAY - 1):
        assert not cut_off.granted(f"{number:09}", f"reader-{number // FREE_TRIES}")
    assert cut_off.granted(digits, "fresh")
    assert not cut_off.granted("999999999", "last")
    assert not cut_off.granted(digits, "fresh-too")
    cut_off.clock.set(START + DAY)
    assert cut_off.granted(pin(cut_off.key(), "court-1", START + DAY), "tomorrow")
    # W windows at once, forty tries, and the likeliest nine digits out of 31 bits: less than 1 in 10,000.
    windows = sum(length + 2 for length in range(1, 33))
    assert (windows, f"{windows * WRONG_A_DAY * 3 / 2**31:.2g}") == (592, "3.3e-05")
    assert "| 592 | 8.3e-07 | 3.3e-05 |" in (Path(__file__).parents[2] / "docs" / "keys.md").read_text(encoding="utf-8")


def test_a_plan_that_is_too_easy_to_guess_is_refused_by_the_door(cut_off: CutOff) -> None:
    """AC-02: four zones of that grid at one door are more than 1 in 10,000 a day."""
    cut_off.start(zones=("court-1", "court-2", "court-3", "court-4"))
    eventually(lambda: any("zones" in one for one in cut_off.unit.client.health().problems), "the refusal")
    assert cut_off.unit.client.doors() == []
