"""Which bookings do not fit any more: a schedule shrank, a capacity fell, a class was cancelled (DY-25, SB-20).

Nothing is dropped for it: a conflict is told until somebody reassigns, moves, cancels or keeps the booking.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from appliance.booking.bitsets import Load, peak, steps
from appliance.booking.bookings import Claimed
from appliance.foundation.instants import Instant, Interval


class CauseKind(StrEnum):
    """Why a booking does not fit any more."""

    CLOSED = "closed"  # its owner is not open for all of it
    OVER_CAPACITY = "over_capacity"  # more is booked than there is now, and others booked before
    CANCELLED = "cancelled"  # the session was cancelled


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """One reason: of what kind, and of which facility, service, resource or session (an id)."""

    kind: CauseKind
    owner_id: str


@dataclass(frozen=True, slots=True)
class Occupation:
    """A booking, or a session, as far as it must fit.

    owner_ids: whose hours bound all of `interval`. claims: what lies within `interval` must be open.
    since: when it was made; who came first stays. spoilt: what else there is against it.
    """

    id: str
    interval: Interval
    owner_ids: tuple[str, ...]
    claims: tuple[Claimed, ...]
    since: Instant
    spoilt: tuple[Cause, ...] = ()


def conflicts(
    occupations: Iterable[Occupation],
    openings: Mapping[str, Sequence[Interval]],
    lineage: Mapping[str, tuple[str, ...]],
    capacities: Mapping[str, int],
) -> dict[str, tuple[Cause, ...]]:
    """The causes of each occupation that does not fit, by its id.

    openings: when each owner is open, sorted and disjoint; one without an entry always is. lineage: of a leaf, its id
    and those above it. capacities: of the resources on which more may be booked than there is.
    """
    known = list(occupations)
    found = {each.id: {*each.spoilt, *_closed(each, openings, lineage)} for each in known}
    for resource_id, capacity in capacities.items():
        for occupation_id in _too_many(known, resource_id, capacity):
            found[occupation_id].add(Cause(CauseKind.OVER_CAPACITY, resource_id))
    return {id_: tuple(sorted(causes)) for id_, causes in found.items() if causes}


def _closed(
    each: Occupation, openings: Mapping[str, Sequence[Interval]], lineage: Mapping[str, tuple[str, ...]]
) -> Iterable[Cause]:
    bounded = [(owner, each.interval) for owner in each.owner_ids]
    for claimed in each.claims:
        start = max(claimed.interval.start, each.interval.start)
        end = min(claimed.interval.end, each.interval.end)
        if start < end:
            bounded += [(owner, Interval(start, end)) for owner in lineage[claimed.resource_id]]
    for owner, interval in bounded:
        opened = openings.get(owner)
        if opened is not None and not any(o.start <= interval.start and interval.end <= o.end for o in opened):
            yield Cause(CauseKind.CLOSED, owner)


def _too_many(known: list[Occupation], resource_id: str, capacity: int) -> Iterable[str]:
    """Whoever does not fit beside those that were made before and do."""
    kept: list[Load] = []
    for each in sorted(known, key=lambda one: (one.since, one.id)):
        own = [claimed for claimed in each.claims if claimed.resource_id == resource_id]
        times, levels = steps(kept)
        if all(peak(times, levels, c.interval.start, c.interval.end) + c.quantity <= capacity for c in own):
            kept += [(claimed.interval.start, claimed.interval.end, claimed.quantity) for claimed in own]
        else:
            yield each.id
