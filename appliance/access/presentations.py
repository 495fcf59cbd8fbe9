"""What meets a reader: a presentation, and what was recognised in it before anything is decided.

Recognising reads bytes (a keypad entry, a pass and its signature); it looks nothing up and decides nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.access.reasons import Reason
from appliance.keys.passes import PassClaims, parse, verify
from appliance.keys.pins import parse_keypad, pin_lookup

VALUE_LIMIT: Final = 1024


@dataclass(frozen=True, slots=True)
class Pin:
    """A keypad entry, already turned into the digest by which its key is found."""

    lookup: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedPass:
    """A pass whose signature holds."""

    claims: PassClaims


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
class Unreadable:
    """Nothing that could be a credential of its kind."""

    reason: Reason


Credential: TypeAlias = Pin | SignedPass | StaffRelease | ScheduledAccess | Unreadable


@dataclass(frozen=True, slots=True)
class Presentation:
    """One credential at one door and reader, once.

    id: made by whoever presents; the same id twice is one entry. kind: pin, qr, card, mobile, staff or schedule.
    """

    id: str
    door_id: str
    reader: str
    kind: str
    credential: Credential


def recognise(
    kind: str, value: str, lookup_key: bytes, keys_of: Callable[[int], Mapping[int, Ed25519PublicKey]]
) -> Pin | SignedPass | Unreadable:
    """What `value` is as a credential of `kind`; `keys_of` gives the public keys for a pass of one epoch."""
    if len(value) > VALUE_LIMIT:
        return Unreadable(Reason.MALFORMED)
    if kind == "pin":
        typed = parse_keypad(value)
        return Unreadable(Reason.MALFORMED) if typed is None else Pin(pin_lookup(lookup_key, typed))
    if kind == "qr":
        parsed = parse(value)
        if parsed is None:
            return Unreadable(Reason.MALFORMED)
        claims = verify(parsed, keys_of(parsed.claims.epoch))
        return Unreadable(Reason.BAD_SIGNATURE) if claims is None else SignedPass(claims)
    # Cards and phones are journalled and refused until doors know them.
    return Unreadable(Reason.UNKNOWN if kind in ("card", "mobile") else Reason.MALFORMED)
