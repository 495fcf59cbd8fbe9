"""What the door process answers about controllers, as values, and how they are read from its lines (DR-11)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.door_socket.answers import flag, mapping, number, number_or_none, sequence, text
from appliance.foundation.instants import Instant


@dataclass(frozen=True, slots=True)
class ControllerView:
    """One controller. takes: by what it knows people. counts: grants by the state of their lives. doors: their ids, by
    the controller's own names of them.

    complete_until: nothing older is still to come of what happened at its doors; listed_at: when what it holds was last
    compared with what it was told. late: how many grants begin within the hour and are not confirmed, late_from: when
    the first of them begins. UTC seconds; None when nobody knows. grants: the soonest, as many as were asked for.
    """

    id: str
    slug: str
    name: str
    driver: str
    online: bool
    fault: str
    last_seen: Instant | None
    takes: tuple[str, ...]
    revocation: str
    code_digits: tuple[int, int] | None
    resolution_s: int
    unlocks: bool
    works_alone: bool
    counts: Mapping[str, int]
    complete_until: Instant | None
    listed_at: Instant | None
    doors: Mapping[str, str] = field(default_factory=dict)
    late: int = 0
    late_from: Instant | None = None
    grants: "tuple[HeldGrantView, ...]" = ()


@dataclass(frozen=True, slots=True)
class HeldGrantView:
    """One grant at a controller; `state` is one of `appliance.access.grant_life.LifeState`."""

    id: str
    booking_id: str
    state: str
    reason: str
    since: Instant
    starts: Instant
    ends: Instant
    devices: tuple[str, ...]
    revision: int
    attempts: int
    next_at: Instant | None


@dataclass(frozen=True, slots=True)
class WantedSubject:
    """A grant whose person the door must be told; `takes` is card, pin or email."""

    controller_id: str
    grant_id: str
    booking_id: str
    takes: str


def controller(answer: Mapping[str, object]) -> ControllerView:
    """One controller in an answer."""
    return ControllerView(
        id=text(answer, "id"),
        slug=text(answer, "slug"),
        name=text(answer, "name"),
        driver=text(answer, "driver"),
        online=flag(answer, "online"),
        fault=text(answer, "fault"),
        last_seen=number_or_none(answer, "last_seen"),
        takes=tuple(map(str, sequence(answer, "takes"))),
        revocation=text(answer, "revocation"),
        code_digits=_digits(sequence(answer, "code_digits")),
        resolution_s=number(answer, "resolution_s"),
        unlocks=flag(answer, "unlocks"),
        works_alone=flag(answer, "works_alone"),
        counts={name: int(str(count)) for name, count in mapping(answer, "counts").items()},
        complete_until=number_or_none(answer, "complete_until"),
        listed_at=number_or_none(answer, "listed_at"),
        doors={device: str(door) for device, door in mapping(answer, "doors").items()},
        late=number(answer, "late"),
        late_from=number_or_none(answer, "late_from"),
        grants=tuple(held_grant(one) for one in sequence(answer, "grants") if isinstance(one, dict)),
    )


def held_grant(answer: Mapping[str, object]) -> HeldGrantView:
    """One grant in an answer."""
    return HeldGrantView(
        id=text(answer, "id"),
        booking_id=text(answer, "booking_id"),
        state=text(answer, "state"),
        reason=text(answer, "reason"),
        since=number(answer, "since"),
        starts=number(answer, "from"),
        ends=number(answer, "to"),
        devices=tuple(map(str, sequence(answer, "devices"))),
        revision=number(answer, "revision"),
        attempts=number(answer, "attempts"),
        next_at=number_or_none(answer, "next_at"),
    )


def wanted_subject(answer: Mapping[str, object]) -> WantedSubject:
    """One grant without a person in an answer."""
    return WantedSubject(*(text(answer, name) for name in ("controller_id", "grant_id", "booking_id", "takes")))


def _digits(listed: list[object]) -> tuple[int, int] | None:
    """The least and the most digits of a code; None for a controller that takes none."""
    match listed:
        case [int(least), int(most)]:
            return least, most
    return None
