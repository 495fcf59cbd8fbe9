"""What somebody has filled in so far of a booking, read from an address or a form (DY-26).

Nothing here complains: what cannot be read counts as not filled in, until the booking itself is asked for.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking.actions import entitling
from appliance.booking.actions.answering import read_for
from appliance.booking.actions.desk import Wish
from appliance.booking.booking_window import Channel
from appliance.booking.catalogue import Catalogue
from appliance.booking.custom_fields import CustomField, FieldKind, asked_with
from appliance.booking.extras import Extra, ExtraWish, offered_with
from appliance.booking.services import Service
from appliance.booking.visibility import Sight
from appliance.customers.contacts import Contact
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.ids import is_id
from appliance.foundation.instants import Instant
from appliance.foundation.wording import money_text
from appliance.web.forms import wrong_fields
from appliance.web.speaking import language
from appliance.web.wall_time import read_at, read_day, read_start, written

STAFF_SIGHT: Final = Sight(Channel.STAFF)
EXTRA, FIELD = "extra-", "field-"
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class BookingForm:
    """Slugs and ids as they were sent. start: the offered one that was chosen; wanted: one that was asked for.

    sight: what whoever fills it in is known by.
    """

    typed: str
    customer: str
    new: Mapping[str, str]
    service: Service | None
    duration: int
    quantity: int
    on: str | None
    day: str
    time: str
    wanted: Instant | None
    start: Instant | None
    entitlement: str
    extras: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    sight: Sight = STAFF_SIGHT

    @property
    def services(self) -> list[Service]:
        """The service, if there is one."""
        return [self.service] if self.service else []

    def wish(self, start: Instant, customer_id: str | None = None) -> Wish:
        """The wish for a start; without a service a Bug, which the page rules out."""
        service = self.service.id if self.service else ""
        return Wish(
            service,
            start,
            self.sight.channel,
            self.duration,
            self.quantity,
            self.on,
            customer_id=customer_id,
            extras=wishes_for(self.extras),
            sight=self.sight,
        )


def read_form(
    catalogue: Catalogue,
    given: Mapping[str, str],
    zone: ZoneInfo,
    fits: Callable[[Service], bool] = lambda _: True,
    sight: Sight = STAFF_SIGHT,
) -> BookingForm:
    """What `given`, an address or a form, says of a booking; the first service that `fits` where none is named."""
    said = {name: value.strip()[:_LONGEST] for name, value in given.items()}
    services = [each for each in catalogue.services_for(sight) if fits(each)]
    named = next((each for each in services if said.get("service", "") in (each.id, each.slug)), None)
    on = catalogue.resource_id(said.get("on", ""))
    at = read_at(said.get("at", ""))
    service = named or _taking(catalogue, services, on) or (services[0] if services else None)
    if at is not None:
        said["day"], said["time"] = written(at, zone)
    wanted = at if at is not None else read_start(said.get("day", ""), said.get("time", ""), zone)
    duration = _number(said.get("duration", ""))
    extras = offered_with(catalogue.extras, service) if service else []
    return BookingForm(
        typed=said.get("typed", ""),
        customer=said.get("customer", "") if is_id(said.get("customer", "")) else "",
        new={name: said.get(name, "") for name in ("name", "phone", "email")},
        service=service,
        duration=duration if service and duration in service.durations else (service.durations[0] if service else 0),
        quantity=max(1, _number(said.get("quantity", ""))),
        on=catalogue.meant(service, on) if service else None,
        day=said.get("day", "") if read_day(said.get("day", "")) else "",
        time=said.get("time", ""),
        wanted=wanted,
        start=read_at(said.get("start", "")),
        entitlement=said.get("entitlement", "") or entitling.AUTO,
        extras=read_extras(extras, said),
        answers={each.slug: said[FIELD + each.slug] for each in catalogue.fields if said.get(FIELD + each.slug)},
        sight=sight,
    )


def given_answers(form: BookingForm, catalogue: Catalogue, services: Iterable[Service]) -> dict[str, object]:
    """The answers to what some services ask, as the capability reads them: a box that was ticked is true."""
    fields = asked_with(catalogue.fields, *services)
    return {each.slug: _answer(each, form.answers[each.slug]) for each in fields if each.slug in form.answers}


def read_extras(offered: Iterable[Extra], said: Mapping[str, str], prefix: str = EXTRA) -> dict[str, int]:
    """How many of each extra a form says, by its id; none, or as many as can be had."""
    return {each.id: _quantity(each, said.get(prefix + each.id, "")) for each in offered}


def wishes_for(extras: Mapping[str, int]) -> tuple[ExtraWish, ...]:
    """What is taken of each extra of which there is any."""
    return tuple(ExtraWish(extra_id, quantity) for extra_id, quantity in extras.items() if quantity)


def beside(form: BookingForm, catalogue: Catalogue, services: Iterable[Service]) -> dict[str, object]:
    """What the parts of a page need that show the extras of a service and what some services ask (DY-61, DY-65)."""
    return {
        "extras": [extra for service in form.services for extra in offered_with(catalogue.extras, service)],
        "fields": asked_with(catalogue.fields, *services),
        "extra": EXTRA,
        "field_name": FIELD,
        "pairs": lambda choices: [("", ""), *((each, each) for each in choices)],
        "money": partial(money_text, language()),
    }


def with_answers(
    contact: Callable[[], Contact], catalogue: Catalogue, services: Iterable[Service], answers: Mapping[str, object]
) -> Contact:
    """Who it is for, once what some services ask is answered well; Invalid with every mistake in both."""
    read = read_for(catalogue, services, answers)
    wrong = read if isinstance(read, list) else []
    try:
        known = contact()
    except Invalid as fault:
        raise Invalid(*fault.errors, *wrong) from fault
    if wrong:
        raise Invalid(*wrong)
    return known


def wrong_parts(errors: Iterable[FieldError]) -> dict[str, list[str]]:
    """Sentences by field, by the names that the fields of a form have."""
    return {each.replace("fields.", FIELD): told for each, told in wrong_fields(list(errors)).items()}


def _answer(asked: CustomField, typed: str) -> object:
    return typed == "true" if asked.kind is FieldKind.CHECKBOX else typed


def _taking(catalogue: Catalogue, services: list[Service], on: str | None) -> Service | None:
    """The first service that can take a resource."""
    return next((each for each in services if on is not None and on in catalogue.leaves_of(each)), None)


def _quantity(extra: Extra, typed: str) -> int:
    wanted = _number(typed.strip())
    return max(extra.least, min(wanted, extra.most)) if wanted else 0


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
