"""What the door process answers, as values, and how they are read from its lines."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.door_socket.connections import Answer, DoorUnreachable
from appliance.foundation.instants import Instant


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one presentation came to.

    granted: the door was told to release. reason: exact, for staff and journal. told: what the guest may hear; both are
    codes of `appliance.access.reasons.Reason`. released_s: for how long, in seconds; 0 on a denial. retry_at: when the
    same presentation would pass, in UTC seconds. stale: decided while the bookings could not be read. late: the event
    was not on the disk when the door was released. booking_id: for staff only. tries_left: after a wrong PIN, how many
    more may be tried before a pause; None where none was guessed. It is the same for an unknown PIN and an ended one.
    """

    presentation_id: str
    granted: bool
    reason: str
    told: str
    released_s: int
    retry_at: Instant | None
    stale: bool
    late: bool
    booking_id: str | None
    tries_left: int | None = None


@dataclass(frozen=True, slots=True)
class ReaderView:
    """One reader of a door. `side` is outside or inside; `fault` says what to do, empty when all is well."""

    id: str
    slug: str
    name: str
    driver: str
    side: str
    online: bool
    fault: str


@dataclass(frozen=True, slots=True)
class DoorView:
    """One door as its contact and its driver see it. `state` is one of `appliance.access.doors.DoorState`.

    hardware: what its driver says of real hardware, see `drivers.quality`.
    """

    id: str
    slug: str
    name: str
    state: str
    mode: str
    driver: str
    online: bool
    fault: str
    tampered: bool
    has_hand: bool
    readers: tuple[ReaderView, ...] = ()
    hardware: str = "unknown"


@dataclass(frozen=True, slots=True)
class DoorEvent:
    """One entry of the door's journal, for staff. `at` is in UTC seconds.

    is_move: the door itself did something, `verb` says what; otherwise somebody presented a key and `verb` is granted,
    denied or denied_flood, which stands for `count` denials. kind: pin, qr, card, mobile or staff. reason: exact, a
    code of `appliance.access.reasons.Reason`; of another mode, what staff said. why: what staff said on a release.
    booking_number: of a key that is still known.
    """

    seq: int
    at: Instant
    actor: str
    verb: str
    is_move: bool
    door_id: str
    reader: str
    kind: str
    reason: str
    count: int
    why: str
    booking_number: str | None


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a phone must sign, in base64url, and when it is too late in UTC seconds."""

    text: str
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class Alarm:
    """Somebody opened a door and asked for help; at is in UTC seconds."""

    seq: int
    door_id: str
    booking_id: str | None
    at: Instant


@dataclass(frozen=True, slots=True)
class Retirement:
    """retired: no key of the booking was used, and none will be for `expires_at` - now seconds. used: one was."""

    retired: bool
    used: bool
    expires_at: Instant | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The keys that differ between the door and booking.db, and whether the door now follows the new file."""

    missing: int
    surplus: int
    differing: int
    applied: bool


@dataclass(frozen=True, slots=True)
class JournalHead:
    """The end of the door's own journal; `hash` is hexadecimal.

    kept_since: when the file was begun. served_since: when this door process was started. UTC seconds.
    """

    file_id: str
    seq: int
    hash: str
    kept_since: Instant
    served_since: Instant


@dataclass(frozen=True, slots=True)
class JournalCheck:
    """Whether the door's own journal holds; when it does not, where it breaks and how."""

    holds: bool
    seq: int
    message: str


def challenge(answer: Answer) -> Challenge:
    """The challenge in an answer."""
    return Challenge(text(answer, "challenge"), number(answer, "expires_at"))


def alarms(answer: Answer) -> list[Alarm]:
    """The calls for help in an answer."""
    return [
        Alarm(number(each, "seq"), text(each, "door_id"), text_or_none(each, "booking_id"), number(each, "at"))
        for each in sequence(answer, "alarms")
        if isinstance(each, dict)
    ]


def verdict(answer: Answer) -> Verdict:
    """The verdict in an answer."""
    return Verdict(
        presentation_id=text(answer, "presentation_id"),
        granted=answer.get("verdict") == "granted",
        reason=text(answer, "reason"),
        told=text(answer, "told"),
        released_s=number(answer, "released_s"),
        retry_at=number_or_none(answer, "retry_at"),
        stale=flag(answer, "stale"),
        late=flag(answer, "late"),
        booking_id=text_or_none(answer, "booking_id"),
        tries_left=number_or_none(answer, "tries_left"),
    )


def door(answer: Mapping[str, object]) -> DoorView:
    """One door in an answer."""
    return DoorView(
        id=text(answer, "id"),
        slug=text(answer, "slug"),
        name=text(answer, "name"),
        state=text(answer, "state"),
        mode=text(answer, "mode"),
        driver=text(answer, "driver"),
        online=flag(answer, "online"),
        fault=text(answer, "fault"),
        tampered=flag(answer, "tampered"),
        has_hand=flag(answer, "has_hand"),
        hardware=text(answer, "hardware"),
        readers=tuple(_reader(one) for one in sequence(answer, "readers") if isinstance(one, dict)),
    )


def _reader(answer: Mapping[str, object]) -> ReaderView:
    return ReaderView(
        id=text(answer, "id"),
        slug=text(answer, "slug"),
        name=text(answer, "name"),
        driver=text(answer, "driver"),
        side=text(answer, "side"),
        online=flag(answer, "online"),
        fault=text(answer, "fault"),
    )


def event(answer: Mapping[str, object]) -> DoorEvent:
    """One entry of the history in an answer."""
    return DoorEvent(
        seq=number(answer, "seq"),
        at=number(answer, "at"),
        actor=text(answer, "actor"),
        verb=text(answer, "verb"),
        is_move=flag(answer, "is_move"),
        door_id=text(answer, "door_id"),
        reader=text(answer, "reader"),
        kind=text(answer, "kind"),
        reason=text(answer, "reason"),
        count=number(answer, "count"),
        why=text(answer, "why"),
        booking_number=text_or_none(answer, "booking_number"),
    )


def text(answer: Mapping[str, object], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str):
        raise DoorUnreachable(f"the answer lacks {name}")
    return value


def text_or_none(answer: Mapping[str, object], name: str) -> str | None:
    return None if answer.get(name) is None else text(answer, name)


def number(answer: Mapping[str, object], name: str) -> int:
    value = answer.get(name)
    if not isinstance(value, int):
        raise DoorUnreachable(f"the answer lacks {name}")
    return value


def number_or_none(answer: Mapping[str, object], name: str) -> int | None:
    return None if answer.get(name) is None else number(answer, name)


def flag(answer: Mapping[str, object], name: str) -> bool:
    value = answer.get(name)
    if not isinstance(value, bool):
        raise DoorUnreachable(f"the answer lacks {name}")
    return value


def sequence(answer: Mapping[str, object], name: str) -> list[object]:
    value = answer.get(name)
    if not isinstance(value, list):
        raise DoorUnreachable(f"the answer lacks {name}")
    return value


def mapping(answer: Mapping[str, object], name: str) -> dict[str, object]:
    value = answer.get(name)
    if not isinstance(value, dict):
        raise DoorUnreachable(f"the answer lacks {name}")
    return value


def doors(answer: Answer) -> list[DoorView]:
    """The doors in an answer."""
    return [door(item) for item in sequence(answer, "doors") if isinstance(item, dict)]


def history(answer: Answer) -> tuple[DoorEvent, ...]:
    """The history in an answer."""
    return tuple(event(item) for item in sequence(answer, "events") if isinstance(item, dict))


def reconciliation(answer: Answer) -> Reconciliation:
    """The difference in an answer."""
    return Reconciliation(
        number(answer, "missing"), number(answer, "surplus"), number(answer, "differing"), flag(answer, "applied")
    )
