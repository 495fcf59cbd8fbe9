"""PINs: six digits from a keyed function of the booking, shown again by whoever holds the site secret (AC-01, BM-24).

Nothing is drawn at random and no PIN is ever stored: a key keeps the counter it was issued with and a keyed digest by
which a door finds it. The unit's PINs begin with 0 to 4 and central's with 5 to 9: both can issue without asking.
"""

import math
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

from appliance.foundation.errors import NeedsAttention
from appliance.keys.prf import booking_number, mac

KIND: Final = "pin"
DIGITS: Final = 6
KEYPAD_LIMIT: Final = 12
_PINS_PER_ISSUER: Final = 10**DIGITS // 2
_ATTEMPTS: Final = 1_000

STRONG_PINS_PER_ISSUER: Final = 497_503
"""How many of an issuer's 500,000 PINs `is_weak` lets through in the smaller half; counted by a test."""


class Issuer(StrEnum):
    """Who issues a PIN; told from its first digit."""

    UNIT = "unit"  # 0 to 4
    CENTRAL = "central"  # 5 to 9


@dataclass(frozen=True, slots=True)
class IssuedPin:
    """A PIN fit to be issued: `counter` and `lookup` are what may be stored, `pin` is only ever shown."""

    counter: int
    pin: str = field(repr=False)
    lookup: bytes


def pin(site_secret: bytes, booking_id: str, counter: int, issuer: Issuer) -> str:
    """The PIN of a booking for one `counter`: HMAC-SHA-256 (RFC 2104) reduced to the issuer's half of 000000 to 999999.

    Reducing 256 bits modulo 500,000 favours no PIN by more than one part in 2**237, so that no value need be rejected.
    """
    number = booking_number(site_secret, f"portvakt-pin-1-{issuer}".encode(), booking_id, counter) % _PINS_PER_ISSUER
    first = 0 if issuer is Issuer.UNIT else _PINS_PER_ISSUER
    return f"{first + number:0{DIGITS}}"


# Strokes on a keypad that no other rule below sees.
_KEYPAD_STROKES: Final = frozenset(
    {"147258", "258147", "147369", "258369", "369258", "741852", "852741", "852963", "963852"}  # two columns
    | {"159753", "753159", "357951"}  # both diagonals
)


def is_weak(candidate: str) -> bool:
    """Whether a PIN is among those that people try first.

    They are: at most two different digits (000000, 121212, 100001); a run up or down, also past nine or nought (345678,
    890123); the same three digits twice (427427); three pairs (112233); a mirror (123321); a dozen keypad strokes.
    Years and dates stay: nobody chose the PIN, so a date is no likelier than the rest, and they are too many to lose.
    """
    half = len(candidate) // 2
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(candidate)}
    return (
        len(set(candidate)) <= 2
        or steps in ({1}, {9})
        or candidate[:half] == candidate[half:]
        or candidate[::2] == candidate[1::2]
        or candidate == candidate[::-1]
        or candidate in _KEYPAD_STROKES
    )


def pins(site_secret: bytes, booking_id: str, issuer: Issuer) -> Iterator[tuple[int, str]]:
    """Every strong PIN of a booking with its counter, in the order in which they are to be tried; never ends."""
    counter = 0
    while True:
        candidate = pin(site_secret, booking_id, counter, issuer)
        if not is_weak(candidate):
            yield counter, candidate
        counter += 1


def duress_pin(own: str, step: int = 1) -> str:
    """The PIN that opens like `own` and asks for help: its last digit one higher, 0 after 9. A `step` of -1 is back."""
    return own[:-1] + str((int(own[-1]) + step) % 10)


def pin_lookup(lookup_key: bytes, typed: str) -> bytes:
    """The 32 bytes under which a PIN is stored and found. Only the key's holder can try a million PINs against it."""
    return mac(lookup_key, b"portvakt-pin-lookup-1\x00" + typed.encode())


def lookups(lookup_key: bytes, candidate: str, *, duress: bool) -> tuple[bytes, ...]:
    """What must be nobody else's for a PIN to be given: its own lookup first, and with `duress` those of the PIN that
    asks for help in its stead and of the PIN in whose stead it would ask for help.
    """
    typed = (candidate, duress_pin(candidate), duress_pin(candidate, -1)) if duress else (candidate,)
    return tuple(pin_lookup(lookup_key, each) for each in typed)


def allocate(
    site_secret: bytes,
    lookup_key: bytes,
    booking_id: str,
    issuer: Issuer,
    taken: Container[bytes],
    *,
    duress: bool = False,
) -> IssuedPin:
    """The first strong PIN of a booking whose lookups are not `taken`.

    `taken` answers for the lookups of all keys whose windows overlap this one's on any shared door; it is asked once
    per candidate, so that it may be a set or a query. No free PIN after a thousand candidates is `NeedsAttention`.
    """
    candidates = pins(site_secret, booking_id, issuer)
    for _ in range(_ATTEMPTS):
        counter, candidate = next(candidates)
        found = lookups(lookup_key, candidate, duress=duress)
        if not any(lookup in taken for lookup in found):
            return IssuedPin(counter, candidate, found[0])
    raise NeedsAttention("No free PIN is left for this time at these doors: shorten the time for which keys are valid.")


def parse_keypad(typed: str) -> str | None:
    """What was typed on a keypad if it can be a PIN of any kind: 1 to 12 digits 0-9 and nothing else; else None."""
    if not 1 <= len(typed) <= KEYPAD_LIMIT or not typed.isascii() or not typed.isdigit():
        return None
    return typed


def guess_odds(active: int, digits: int, guesses: int, *, space: int | None = None) -> float:
    """The chance that `guesses` tries open a door at which `active` PINs of `digits` digits are good at any time.

    It is the bound for a guesser who never tries the same PIN twice against PINs that never change. `space` is how many
    PINs there are to choose from, when fewer than all; for one issuer's it is `STRONG_PINS_PER_ISSUER`.
    """
    size = 10**digits if space is None else space
    if guesses + active > size:
        return 1.0 if active and guesses else 0.0
    missed = sum(math.log1p(-active / (size - turn)) for turn in range(guesses))
    return -math.expm1(missed)
