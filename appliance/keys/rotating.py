"""Rotating passes: a pass with a code behind it that changes every 30 seconds, so that a screenshot soon dies (AC-04).

    text  "PV2", the 157 characters of the pass behind its own prefix, and 8 digits: 168 characters
    code  TOTP (RFC 6238): HMAC-SHA-256, 30 s, 8 digits, one step of tolerance to each side
    seed  32 bytes, HKDF-SHA-256 (RFC 5869) of the zone secret for the pass's key

A key is of one booking and one issue, so that its id stands for booking and counter. The phone has the seed and makes
the codes; the door has the zone secret and needs to know nothing else.
"""

import hmac
from collections.abc import Iterable
from typing import Final

from appliance.foundation.instants import Instant
from appliance.keys import one_time_codes, passes
from appliance.keys.prf import hkdf

PREFIX: Final = "PV2"
DIGITS: Final = 8
TOLERANCE_STEPS: Final = 1
_PURPOSE: Final = b"portvakt-totp-1\x00"


def seed(zone_secret: bytes, key_id: str) -> bytes:
    """The 32 bytes from which the codes of one pass are made; only its holder's phone and the doors have them."""
    return hkdf(zone_secret, _PURPOSE + key_id.encode())


def code(seed_: bytes, step: int) -> str:
    """The 8 digits of one step of 30 s since 1970."""
    return one_time_codes.hotp(seed_, step, DIGITS, "sha256")


def text(pass_text: str, seed_: bytes, now: Instant) -> str:
    """What the phone shows at an instant."""
    return PREFIX + pass_text.removeprefix(passes.PREFIX) + code(seed_, one_time_codes.step(now))


def split(shown: str) -> tuple[str, str] | None:
    """The text of the pass and the digits in what a phone shows; None for anything else. Neither is believed yet."""
    digits = shown[-DIGITS:]
    if not shown.startswith(PREFIX) or not shown.isascii() or not digits.isdigit() or len(digits) != DIGITS:
        return None
    return passes.PREFIX + shown[len(PREFIX) : -DIGITS], digits


def steps_near(now: Instant) -> Iterable[int]:
    """The steps whose codes are good at an instant: the running one, the one before and the one behind it."""
    running = one_time_codes.step(now)
    return range(running - TOLERANCE_STEPS, running + TOLERANCE_STEPS + 1)


def matching_step(seed_: bytes, digits: str, now: Instant) -> int | None:
    """The step whose code `digits` is, among those that are good now; None for a stale or wrong code."""
    matching = [step for step in steps_near(now) if hmac.compare_digest(code(seed_, step), digits)]
    return matching[-1] if matching else None
