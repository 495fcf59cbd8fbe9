"""Visits as forms ask for them and show them: services in one visit, or one slot several times in a row (DY-54)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from appliance.booking.actions import visiting
from appliance.booking.actions.visiting import LegWish, VisitsFound, VisitWish
from appliance.booking.catalogue import Catalogue
from appliance.booking.extras import Extra, offered_with
from appliance.booking.services import Service
from appliance.booking.visits import MOST_LEGS, Visit
from appliance.customers.contacts import Contact
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import DAY, Instant, Interval, local_date
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from appliance.foundation.wording import clock_text, day_text, money_text
from appliance.web.booking_form import EXTRA, BookingForm, given_answers, read_extras, wishes_for, with_answers
from appliance.web.speaking import language
from appliance.web.unit import Unit

LOOK_AHEAD_DAYS: Final = 14
MOST_TIMES: Final = 12
LEAST_LEGS: Final = 2
TOO_FEW: Final = marked("Choose at least two services.")
LONGEST_NAME: Final = 120
LEG, MINUTES, PARTICIPANT = "leg-", "minutes-", "participant-"


@dataclass(frozen=True, slots=True)
class LegForm:
    """One service of a visit as a form has it; no service where none was chosen. number: from 1. named: as it was.

    offered: the extras of the service; extras: how many of each are taken, by id.
    """

    number: int
    named: str = ""
    service: Service | None = None
    duration: int = 0
    offered: Sequence[Extra] = ()
    extras: Mapping[str, int] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """What stands before the id of an extra in the name of its field."""
        return f"{EXTRA}{self.number}-"


@dataclass(frozen=True, slots=True)
class OfferedVisit:
    """A whole visit that can be had, in words; `parts` say when each of its services begins."""

    start: Instant
    words: str
    parts: tuple[str, ...]


def read_legs(given: Mapping[str, str], services: Sequence[Service], extras: Sequence[Extra]) -> list[LegForm]:
    """What a form says of each service that a visit may have; `extras` are all that there are."""
    return [_leg(given, services, extras, number) for number in range(1, MOST_LEGS + 1)]


def fits(service: Service, *, chain: bool) -> bool:
    """Whether a service may be part of a chain, or be booked in a row."""
    return service.several.chains if chain else service.several.most_in_a_row > 1


def visit_in(
    given: Mapping[str, str], form: BookingForm, services: Sequence[Service], catalogue: Catalogue, *, chain: bool
) -> VisitWish:
    """The visit that a form says, by the channel of whoever fills it in; without legs where nothing was chosen."""
    channel, service = form.sight.channel, form.service
    if chain:
        read = read_legs(given, services, catalogue.extras)
        answers = given_answers(form, catalogue, services_of(read))
        return VisitWish(leg_wishes(read), channel, bool(given.get("any_order")), form.entitlement, answers)
    if service is None:
        return VisitWish((), channel)
    typed = given.get("count", "")
    wanted = int(typed) if typed.isdecimal() and len(typed) < 4 else 2
    count = max(1, min(wanted, service.several.most_in_a_row))
    leg = LegWish(service.id, form.duration, form.on, count, wishes_for(form.extras))
    answers = given_answers(form, catalogue, form.services)
    return VisitWish((leg,), channel, entitlement=form.entitlement, answers=answers)


def participants_in(given: Mapping[str, str], wish: VisitWish) -> list[str | None]:
    """Who a form says comes to each booking of a visit."""
    names = (given.get(f"{PARTICIPANT}{number}", "") for number in range(1, count_of(wish) + 1))
    return [name.strip()[:LONGEST_NAME] or None for name in names]


def count_of(wish: VisitWish) -> int:
    """How many bookings a visit is."""
    return sum(leg.count for leg in wish.legs)


def leg_wishes(legs: Sequence[LegForm]) -> tuple[LegWish, ...]:
    """The services that were chosen, in order."""
    return tuple(
        LegWish(each.service.id, each.duration, extras=wishes_for(each.extras)) for each in legs if each.service
    )


def services_of(legs: Sequence[LegForm]) -> list[Service]:
    """The services of a visit that were chosen, in order."""
    return [each.service for each in legs if each.service]


def offered_visits(unit: Unit, wish: VisitWish, first: Instant) -> list[OfferedVisit] | Refusal:
    """The next starts of a whole visit, in the two weeks from `first` on; or why it is never offered."""
    found = visiting.search_visits(unit.desk, wish, Interval(first, first + LOOK_AHEAD_DAYS * DAY))
    if isinstance(found, Refusal):
        return found
    return [_offered(unit, found, number) for number in range(min(MOST_TIMES, len(found.visits)))]


def contact_for(contact: Callable[[], Contact], wish: VisitWish, catalogue: Catalogue) -> Contact:
    """Who a visit is for; Invalid with every mistake, also in what its services ask."""
    services = [service for leg in wish.legs if (service := catalogue.service(leg.service)) is not None]
    return with_answers(contact, catalogue, services, wish.answers)


def _offered(unit: Unit, found: VisitsFound, number: int) -> OfferedVisit:
    visit, spoken, zone = found.visits[number], language(), unit.desk.scope.zone
    low, high = (money_text(spoken, Money(amount, unit.desk.scope.currency)) for amount in found.prices[number])
    price = low if low == high else f"{low}\N{EN DASH}{high}"
    day = day_text(spoken, local_date(visit.start, zone), local_date(unit.clock.now(), zone))
    begins, ends = clock_text(spoken, visit.start, zone), clock_text(spoken, visit.end, zone)
    words = text(spoken, "{day} {start} to {end}, {price}", day=day, start=begins, end=ends, price=price)
    return OfferedVisit(visit.start, words, _parts(unit, found, visit))


def _parts(unit: Unit, found: VisitsFound, visit: Visit) -> tuple[str, ...]:
    if len(visit.legs) < 2:
        return ()
    zone = unit.desk.scope.zone
    return tuple(f"{clock_text(language(), start, zone)} {found.legs[leg].service.name}" for leg, start in visit.legs)


def _leg(given: Mapping[str, str], services: Sequence[Service], extras: Sequence[Extra], number: int) -> LegForm:
    named = given.get(f"{LEG}{number}", "")
    service = next((each for each in services if named in (each.id, each.slug)), None)
    if service is None:
        return LegForm(number)
    typed = given.get(f"{MINUTES}{number}", "")
    minutes = int(typed) if typed.isdecimal() and len(typed) < 5 else 0
    duration = minutes if minutes in service.durations else service.durations[0]
    offered = offered_with(extras, service)
    return LegForm(number, named, service, duration, offered, read_extras(offered, given, f"{EXTRA}{number}-"))
