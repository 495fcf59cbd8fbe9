"""Extras: what can be taken beside a service, with its price, more time and things of its own (DY-65 to DY-69).

A service that is taken with extras is again a service: longer, and with more needs. So the search, the claims and the
guard see one visit, and a start is offered only where all of it fits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from appliance.billing import quotes
from appliance.booking.services import LONGEST_BOOKING_MINUTES, ExtraNeed, Need, Service, ServiceKind, Several
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.money import Money

MOST_CHOSEN: Final = 1000
"""So many different extras at most in one booking."""


class ChargedPer(StrEnum):
    """What a chosen quantity is multiplied by."""

    PERSON = "person"  # each of the booked quantity takes so many
    BOOKING = "booking"  # so many in all


class ExtraPart(StrEnum):
    """What may be shown of an extra where it is chosen (DY-69)."""

    TITLE = "title"
    PRICE = "price"
    IMAGE = "image"
    DURATION = "duration"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Extra:
    """One extra. `service_id` None: of every service.

    price: of one, VAT of `vat_percent` contained; account: where bookkeeping puts it, may be empty.
    minutes: by which each one lengthens the booking, whoever it is for; people have it at the same time.
    least, most: how many may be chosen if any. need: what one takes for itself, None for nothing.
    image: the digest of its picture, empty without one. An archived one stays with the bookings that have it.
    """

    id: str
    name: str
    price: Money
    service_id: str | None = None
    summary: str = ""
    vat_percent: int = 0
    account: str = ""
    minutes: int = 0
    least: int = 1
    most: int = 1
    per: ChargedPer = ChargedPer.BOOKING
    need: Need | None = None
    shows: frozenset[ExtraPart] = frozenset(ExtraPart)
    image: str = ""
    position: int = 0
    archived: bool = False

    def fits(self, service: Service) -> bool:
        """Whether `service` may be taken with it. The meeting of a class is as long as it is, with what it has."""
        if self.service_id not in (None, service.id):
            return False
        return service.kind is not ServiceKind.CLASS or (self.minutes == 0 and self.need is None)

    def units(self, quantity: int, booked: int) -> int:
        """How many are paid for when `quantity` are chosen for a booking of `booked`."""
        return quantity * booked if self.per is ChargedPer.PERSON else quantity


@dataclass(frozen=True, slots=True)
class ExtraWish:
    """An extra that is wished for, by its id, and how many."""

    extra_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ChosenExtra:
    """An extra that may be had in this quantity."""

    extra: Extra
    quantity: int


@dataclass(frozen=True, slots=True)
class BookedExtra:
    """What was chosen, as it was then: later changes of the extra leave a booking alone.

    quantity: as it was chosen. units: as it is paid for. price: of one unit. minutes: of one chosen.
    """

    extra_id: str
    name: str
    quantity: int
    units: int
    price: Money
    vat_percent: int
    account: str
    minutes: int

    @property
    def total(self) -> Money:
        """What all of it costs."""
        return self.price.times(self.units)

    @property
    def quoted(self) -> quotes.Extra:
        """The same in the words of billing."""
        return quotes.Extra(self.name, self.price.amount, self.units, self.vat_percent, self.account)


@dataclass(frozen=True, slots=True)
class Visit:
    """A service for `duration` minutes, by which its price goes, and what is taken with it.

    whole: the service with the extras, as it is searched and claimed; minutes: how long all of it lasts.
    """

    service: Service
    duration: int
    whole: Service
    minutes: int
    extras: tuple[BookedExtra, ...] = ()

    @property
    def quoted(self) -> tuple[quotes.Extra, ...]:
        """The extras in the words of billing."""
        return tuple(each.quoted for each in self.extras)


def plain_visit(service: Service, duration: int) -> Visit:
    """A service with nothing beside it."""
    return Visit(service, duration, service, duration)


def offered_with(extras: Iterable[Extra], service: Service) -> list[Extra]:
    """What can be taken with a service, in the order in which it is shown."""
    return [extra for extra in extras if extra.fits(service) and not extra.archived]


def choose_extras(
    extras: Iterable[Extra],
    service: Service,
    wishes: Sequence[ExtraWish],
    duration: int,
    had: Sequence[BookedExtra] = (),
) -> tuple[ChosenExtra, ...]:
    """The extras of `wishes`; Invalid with every mistake in them.

    duration: minutes without the extras. had: those of a booking that is changed, which it may keep as they were.
    """
    if not wishes:
        return ()
    before = {each.extra_id: each for each in had}
    known = {
        extra.id: _as_booked(extra, before.get(extra.id))
        for extra in extras
        if extra.fits(service) and (extra.id in before or not extra.archived)
    }
    errors = list(_mistakes(wishes, known))
    if errors:
        raise Invalid(*errors)
    chosen = tuple(ChosenExtra(known[wish.extra_id], wish.quantity) for wish in wishes)
    errors = list(_misfits(service, chosen, duration))
    if errors:
        raise Invalid(*errors)
    return chosen


def visit_with(
    extras: Iterable[Extra],
    service: Service,
    wishes: Sequence[ExtraWish],
    duration: int,
    quantity: int,
    had: Sequence[BookedExtra] = (),
) -> Visit:
    """A booking of `quantity` with the extras of `wishes`; parameters and faults are those of `choose_extras`."""
    chosen = choose_extras(extras, service, wishes, duration, had)
    whole = with_extras(service, duration, chosen)
    minutes = duration if whole is service else whole.durations[0]
    return Visit(service, duration, whole, minutes, booked_extras(chosen, quantity))


def with_extras(service: Service, duration: int, chosen: Sequence[ChosenExtra]) -> Service:
    """`service` as it is booked for `duration` minutes with what was chosen: its only duration is the whole visit.

    How many of it may be booked at once only the service by itself says, for that goes by its own durations.
    The service itself when nothing was chosen, or when it is not sold for so long, which the search then says.
    """
    if not chosen or duration not in service.durations:
        return service
    needs = tuple(
        ExtraNeed(
            replace(each.extra.need, quantity=each.extra.need.quantity * each.quantity), each.extra.per == "person"
        )
        for each in chosen
        if each.extra.need is not None
    )
    lasts, price = duration + added_minutes(chosen), service.price(duration)
    return replace(service, durations=(lasts,), prices=(price,), extra_needs=needs, several=Several())


def added_minutes(chosen: Iterable[ChosenExtra]) -> int:
    """By how many minutes the chosen extras lengthen a booking."""
    return sum(each.extra.minutes * each.quantity for each in chosen)


def booked_extras(chosen: Iterable[ChosenExtra], booked: int) -> tuple[BookedExtra, ...]:
    """What a booking of `booked` keeps of what was chosen."""
    return tuple(
        BookedExtra(
            extra_id=each.extra.id,
            name=each.extra.name,
            quantity=each.quantity,
            units=each.extra.units(each.quantity, booked),
            price=each.extra.price,
            vat_percent=each.extra.vat_percent,
            account=each.extra.account,
            minutes=each.extra.minutes,
        )
        for each in chosen
    )


def _as_booked(extra: Extra, had: BookedExtra | None) -> Extra:
    """An extra as a booking has it that had it before: what was agreed stays agreed."""
    if had is None:
        return extra
    return replace(
        extra,
        name=had.name,
        price=had.price,
        vat_percent=had.vat_percent,
        account=had.account,
        minutes=had.minutes,
        most=max(extra.most, had.quantity),
        least=min(extra.least, had.quantity),
    )


def _mistakes(wishes: Sequence[ExtraWish], known: dict[str, Extra]) -> Iterable[FieldError]:
    seen: set[str] = set()
    for number, wish in enumerate(wishes):
        extra, where = known.get(wish.extra_id), f"extras.{number}"
        if extra is None:
            yield FieldError(f"{where}.id", "unknown", marked("This cannot be taken with the service."))
        elif wish.extra_id in seen:
            yield FieldError(f"{where}.id", "twice", marked("This stands here twice."))
        elif not extra.least <= wish.quantity <= extra.most:
            between = {"min": extra.least, "max": extra.most}
            message = marked("Choose a number from {min} to {max}.")
            yield FieldError(f"{where}.quantity", "out_of_range", message, between)
        seen.add(wish.extra_id)


def _misfits(service: Service, chosen: Sequence[ChosenExtra], duration: int) -> Iterable[FieldError]:
    """What makes the visit longer than a booking may be, or is needed longer than the visit lasts."""
    total = duration + added_minutes(chosen)
    if total + service.before_minutes + service.after_minutes > LONGEST_BOOKING_MINUTES:
        yield FieldError("extras", "too_long", marked("With all this the booking would last longer than a day."))
    for number, each in enumerate(chosen):
        need = each.extra.need
        if need is not None and (need.offset_minutes >= total or need.ends_minute(total) > total):
            message = marked("The booking is too short for this.")
            yield FieldError(f"extras.{number}.id", "too_short", message)
