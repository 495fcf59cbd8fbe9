"""The keys that a door knows: what the bookings say about who may enter where and when (AC-07, AC-08).

A known key is a fact from `booking.db`, copied into `access.db` by the follower. It opens nothing by itself: only
`decision` makes a Grant of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.instants import Instant, Interval
from appliance.foundation.weekly import STRETCHES_LIMIT, WeeklyStretch, parse_stretch


class KeyState(StrEnum):
    """How a key stands with its booking."""

    LIVE = "live"
    CANCELLED = "cancelled"
    MOVED = "moved"
    REVOKED = "revoked"
    NOT_PAID = "not_paid"


@dataclass(frozen=True, slots=True)
class KnownKey:
    """One key of one booking, or one standing key of an entitlement, whose id then stands in `booking_id`.

    kind: pin, qr, card, mobile, derived, backup or standing. lookup: the keyed digest of a PIN or card, by which it is
    found.
    doors: when it opens each door, by id, margins included. valid_from, valid_to: the half-open window around all of
    them, in UTC seconds. public_key: of a mobile key. hours: those of the week in which a standing key opens.
    revision: grows with every change; an older one never overwrites a newer one.
    first_used_at, retired_until: the door's own facts in UTC seconds; None before the first use, and while not retired.
    """

    id: str
    booking_id: str
    number: str
    kind: str
    lookup: bytes | None
    doors: Mapping[str, Interval] = field(hash=False)
    valid_from: Instant
    valid_to: Instant
    revision: int
    state: KeyState
    first_used_at: Instant | None = None
    retired_until: Instant | None = None
    public_key: bytes | None = None
    hours: tuple[WeeklyStretch, ...] = ()

    @property
    def is_standing(self) -> bool:
        """Whether it opens in its hours of the week alone; without any it opens never."""
        return self.kind == "standing"

    @property
    def opens_once(self) -> bool:
        """Whether its first use is its last."""
        return self.kind == "backup"


def parse_known_key(body: Mapping[str, object]) -> KnownKey:
    """The key in the `after` of a journal entry; Invalid with every mistake when it is not one."""
    errors: list[FieldError] = []

    def take(name: str, kind: type, fallback: object) -> object:
        value = body.get(name)
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        errors.append(FieldError(name, "malformed", f"must be a {kind.__name__}"))
        return fallback

    texts = {name: str(take(name, str, "")) for name in ("id", "booking_id", "number", "kind")}
    numbers = {name: _number(take(name, int, 0)) for name in ("valid_from", "valid_to", "revision")}
    doors = _doors(take("doors", dict, {}), errors)
    state = _state(body.get("state"), errors)
    lookup, public_key = (_hexadecimal(name, body.get(name), errors) for name in ("lookup", "public_key"))
    hours = _hours(body.get("hours"), errors)
    if errors:
        raise Invalid(*errors)
    return KnownKey(
        id=texts["id"], booking_id=texts["booking_id"], number=texts["number"], kind=texts["kind"], lookup=lookup,
        doors=doors, valid_from=numbers["valid_from"], valid_to=numbers["valid_to"], revision=numbers["revision"],
        state=state, public_key=public_key, hours=hours,
    )  # fmt: skip


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _doors(value: object, errors: list[FieldError]) -> dict[str, Interval]:
    """When each door opens, from `{door id: [from, to]}`."""
    doors: dict[str, Interval] = {}
    for door, window in value.items() if isinstance(value, dict) else ():
        match window:
            case [int(start), int(end)] if start < end:
                doors[str(door)] = Interval(start, end)
            case _:
                errors.append(
                    FieldError(f"doors.{door}", "malformed", "must be a start and a later end in UTC seconds")
                )
    return doors


def _hours(value: object, errors: list[FieldError]) -> tuple[WeeklyStretch, ...]:
    """What `spelled` made of each stretch. A key that has some opens outside them never, so that none is no list."""
    if value is None:
        return ()
    listed = value if isinstance(value, list) else []
    if not 0 < len(listed) <= STRETCHES_LIMIT:
        errors.append(FieldError("hours", "malformed", f"must be a list of 1 to {STRETCHES_LIMIT} stretches"))
    return tuple(parse_stretch(Section(f"hours.{at}", one, errors)) for at, one in enumerate(listed))


def _state(value: object, errors: list[FieldError]) -> KeyState:
    try:
        return KeyState(str(value))
    except ValueError:
        errors.append(FieldError("state", "not_an_option", f"must be one of {', '.join(KeyState)}"))
        return KeyState.REVOKED


def _hexadecimal(name: str, value: object, errors: list[FieldError]) -> bytes | None:
    if value is None:
        return None
    try:
        return bytes.fromhex(str(value))
    except ValueError:
        errors.append(FieldError(name, "malformed", "must be hexadecimal"))
        return None
