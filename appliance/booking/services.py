"""Services: what is booked, how long, on which grid, and what it needs (DY-15)."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from appliance.booking.visibility import PLAIN_ADMISSION, Admission
from appliance.foundation.instants import DAY, MINUTE, Interval
from appliance.foundation.money import Money

LONGEST_BOOKING_MINUTES: Final = DAY // MINUTE
MOST_IN_A_ROW: Final = 24
LONGEST_GAP_MINUTES: Final = 240


class ServiceKind(StrEnum):
    """How customers share a service."""

    INDIVIDUAL = "individual"  # a booking has its resources to itself
    CLASS = "class"  # a booking is a place in a session that others attend too


class WaitingMode(StrEnum):
    """What happens when a place becomes free for somebody who waits for it (DY-19)."""

    OFF = "off"
    AUTO_BOOK = "auto_book"
    OFFER = "offer"
    NOTIFY_ALL = "notify_all"  # nothing is kept: all are told, and who books first has it

    @property
    def promotes(self) -> bool:
        """Whether a free place goes to who waits, before anybody else can have it."""
        return self in (WaitingMode.AUTO_BOOK, WaitingMode.OFFER)


@dataclass(frozen=True, slots=True)
class Need:
    """`quantity` members of one pool, from `offset_minutes` after the start for `length_minutes` (None: to the end).

    Of a pool of counted resources, one member gives the whole quantity; of any other, that many different members.
    """

    pool_id: str
    quantity: int = 1
    offset_minutes: int = 0
    length_minutes: int | None = None

    def __post_init__(self) -> None:
        if (
            self.quantity < 1
            or self.offset_minutes < 0
            or (self.length_minutes is not None and self.length_minutes < 1)
        ):
            raise ValueError(f"a need is of one or more, during the booking, for at least a minute; got {self}")

    def ends_minute(self, duration: int) -> int:
        """Minutes from the start of a booking of `duration` minutes to the end of this need."""
        return duration if self.length_minutes is None else self.offset_minutes + self.length_minutes


@dataclass(frozen=True, slots=True)
class ExtraNeed:
    """What an extra needs: its quantity is for each booked one, or for the whole booking if not `per_person`."""

    need: Need
    per_person: bool

    def in_slot(self, place: int, duration: int) -> "ExtraNeed":
        """The same for the slot at that place, from 0, of a row whose slots last `duration` minutes each."""
        begins, ends = self.need.offset_minutes, self.need.ends_minute(duration)
        need = replace(self.need, offset_minutes=place * duration + begins, length_minutes=ends - begins)
        return replace(self, need=need)


@dataclass(frozen=True, slots=True)
class Several:
    """What of a service may be booked at once.

    series: whether it may be booked again and again (DY-47). most_in_a_row: of slots of the same length one after the
    other (DY-56). chains: whether it may be part of a visit with other services (DY-54). longest_gap_minutes: how long
    after the service before it, in such a visit, it begins at the latest. first_only: of such an order only the first
    booking is paid with it, the others later; else all are (DY-52).
    """

    series: bool = False
    most_in_a_row: int = 1
    chains: bool = False
    longest_gap_minutes: int = 0
    first_only: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.most_in_a_row <= MOST_IN_A_ROW or not 0 <= self.longest_gap_minutes <= LONGEST_GAP_MINUTES:
            raise ValueError(f"1 to {MOST_IN_A_ROW} in a row, a gap of 0 to {LONGEST_GAP_MINUTES} minutes; got {self}")


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of the catalogue.

    durations: minutes that may be chosen, the first is usual. prices: of one of each duration, in the same order.
    grid_minutes: starts lie on multiples of it on the wall clock, counted from midnight.
    before_minutes, after_minutes: buffers, claimed around the booking on what is needed at that end, not sold.
    max_quantity: the most that one booking may take: places in a class, else so many of everything needed.
    rule_id: the booking rule; None is the facility's own.
    admission: who finds it, how far ahead, and whom it lets book.
    extra_needs: of a service that is taken with extras, what those need; nobody names one of them as the place.
    waiting: what happens for those who wait when a place is free. offer_minutes: for how long it is kept for them.
    several: what of it may be booked at once.
    """

    id: str
    slug: str
    name: str
    kind: ServiceKind
    durations: tuple[int, ...]
    prices: tuple[Money, ...]
    needs: tuple[Need, ...] = ()
    grid_minutes: int = 15
    before_minutes: int = 0
    after_minutes: int = 0
    max_quantity: int = 1
    rule_id: str | None = None
    admission: Admission = PLAIN_ADMISSION
    extra_needs: tuple[ExtraNeed, ...] = ()
    waiting: WaitingMode = WaitingMode.OFF
    offer_minutes: int = 30
    several: Several = Several()

    def __post_init__(self) -> None:
        mistakes = [sentence for wrong, sentence in self._checks() if wrong]
        if mistakes:
            raise ValueError(f"service {self.slug}: {'; '.join(mistakes)}")

    def takes_one(self, quantity: int) -> bool:
        """Whether a booking of `quantity` needs one single thing, so that whoever names it leaves nothing to choose."""
        return len(self.needs) == 1 and self.needs[0].quantity * quantity == 1

    def in_a_row(self, count: int, duration: int) -> "Service":
        """The service whose one booking is `count` slots of `duration` minutes one after the other.

        Its buffers lie around the row: those who stay need no cleaning in between. What extras need, each slot needs.
        """
        row, price = (duration * count,), self.price(duration, count)
        besides = tuple(each.in_slot(place, duration) for place in range(count) for each in self.extra_needs)
        return replace(self, durations=row, prices=(price,), extra_needs=besides, several=Several())

    def _checks(self) -> tuple[tuple[bool, str], ...]:
        shortest = min(self.durations, default=0)
        longest = max(self.durations, default=0) + self.before_minutes + self.after_minutes
        return (
            (shortest < 1 or len(set(self.durations)) != len(self.durations), "durations are minutes, each named once"),
            (longest > LONGEST_BOOKING_MINUTES, "a booking with its buffers lasts at most 24 hours"),
            (len(self.prices) != len(self.durations), "there is one price for each duration"),
            (not 1 <= self.grid_minutes <= LONGEST_BOOKING_MINUTES, "the grid is 1 to 1440 minutes"),
            (self.before_minutes < 0 or self.after_minutes < 0, "a buffer is not negative"),
            (self.max_quantity < 1, "one booking takes at least one"),
            (not 1 <= self.offer_minutes <= LONGEST_BOOKING_MINUTES, "an offer stands for 1 to 1440 minutes"),
            ((self.kind is ServiceKind.INDIVIDUAL) != bool(self.needs), "exactly the individual services have needs"),
            (
                any(need.ends_minute(shortest) > shortest for need in self.needs),
                "a need ends with the booking at the latest",
            ),
            (any(need.offset_minutes >= shortest for need in self.needs), "a need begins before the booking ends"),
            *self._checks_of_rows(),
        )

    def _checks_of_rows(self) -> tuple[tuple[bool, str], ...]:
        in_a_row = self.several.most_in_a_row
        if in_a_row == 1:
            return ()
        longest = in_a_row * max(self.durations, default=0) + self.before_minutes + self.after_minutes
        return (
            (longest > LONGEST_BOOKING_MINUTES, "a row with its buffers lasts at most 24 hours"),
            (self.kind is ServiceKind.CLASS, "places of a class do not come in a row"),
            (
                any(need.offset_minutes or need.length_minutes for need in self.needs),
                "in a row everything is needed throughout",
            ),
        )

    def price(self, duration: int, quantity: int = 1) -> Money:
        """The price of `quantity` of `duration` minutes; a duration that is not offered is a ValueError."""
        return self.prices[self.durations.index(duration)].times(quantity)


@dataclass(frozen=True, slots=True)
class Session:
    """One meeting of a class. Its places are the units of the counted resource `resource_id` during `interval`.

    occupies: the resources that it has to itself, such as its trainer and its room (SB-19).
    """

    id: str
    service_id: str
    interval: Interval
    resource_id: str
    occupies: tuple[str, ...] = ()
