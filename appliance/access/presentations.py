"""What meets a reader: a presentation, and what was recognised in it before anything is decided.

Recognising reads bytes (a keypad entry, a pass and its signature); it looks nothing up and decides nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.access.reasons import Reason
from appliance.foundation import cards
from appliance.keys import derived_pins, passes, pins, rotating
from appliance.keys.cards import card_lookup
from appliance.keys.mobile_keys import ChallengeAnswer, parse_answer
from appliance.keys.passes import PassClaims

VALUE_LIMIT: Final = 1024


@dataclass(frozen=True, slots=True)
class Pin:
    """A keypad entry, already turned into the digest by which its key is found.

    duress: the digest of the PIN that this one would ask for help for, empty where it can be none. derived: the digits,
    where they may be a derived PIN.
    """

    lookup: bytes = field(repr=False)
    duress: bytes = field(default=b"", repr=False)
    derived: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignedPass:
    """A pass whose signature holds. `code` are the digits of its rotating form, None in its static one."""

    claims: PassClaims
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Card:
    """The bits of a card, already turned into the digest by which its keys are found."""

    lookup: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MobileAnswer:
    """What a phone answered to a challenge."""

    answer: ChallengeAnswer


@dataclass(frozen=True, slots=True)
class StaffRelease:
    """A person of the staff opens from afar and says why."""

    actor: str
    why: str


@dataclass(frozen=True, slots=True)
class ScheduledAccess:
    """The schedule of a door frees it for one stretch."""

    stretch: str


@dataclass(frozen=True, slots=True)
class CommissioningPulse:
    """An installer tries the strike of a door."""

    actor: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Nothing that could be a credential of its kind."""

    reason: Reason


Credential: TypeAlias = (
    Pin | SignedPass | Card | MobileAnswer | StaffRelease | ScheduledAccess | CommissioningPulse | Unreadable
)


@dataclass(frozen=True, slots=True)
class Presentation:
    """One credential at one door and reader, once.

    id: made by whoever presents; the same id twice is one entry. kind: pin, qr, card, mobile, staff, schedule or
    commission.
    is_exit: presented on the inner side of the door.
    """

    id: str
    door_id: str
    reader: str
    kind: str
    credential: Credential
    is_exit: bool = False


def recognise(
    kind: str, value: str, lookup_key: bytes, keys_of: Callable[[int], Mapping[int, Ed25519PublicKey]]
) -> Credential:
    """What `value` is as a credential of `kind`; `keys_of` gives the public keys for a pass of one epoch."""
    found: Credential | None = None
    if len(value) <= VALUE_LIMIT:
        if kind == "pin":
            found = _pin(value, lookup_key)
        elif kind == "qr":
            found = _pass(value, keys_of)
        elif kind == "card":
            bits = cards.parse(value)
            found = Card(card_lookup(lookup_key, bits)) if bits else None
        elif kind == "mobile":
            answer = parse_answer(value)
            found = MobileAnswer(answer) if answer else None
    return found or Unreadable(Reason.MALFORMED)


def _pin(value: str, lookup_key: bytes) -> Pin | None:
    typed = pins.parse_keypad(value)
    if typed is None:
        return None
    duress = pins.pin_lookup(lookup_key, pins.duress_pin(typed, -1)) if len(typed) == pins.DIGITS else b""
    derived = typed if len(typed) == derived_pins.DIGITS else ""
    return Pin(pins.pin_lookup(lookup_key, typed), duress, derived)


def _pass(value: str, keys_of: Callable[[int], Mapping[int, Ed25519PublicKey]]) -> SignedPass | Unreadable | None:
    rotated = rotating.split(value)
    text, code = rotated if rotated is not None else (value, None)
    parsed = passes.parse(text)
    if parsed is None:
        return None
    claims = passes.verify(parsed, keys_of(parsed.claims.epoch))
    return Unreadable(Reason.BAD_SIGNATURE) if claims is None else SignedPass(claims, code)
