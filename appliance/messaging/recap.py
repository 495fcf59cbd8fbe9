"""What an employee has on one day, at every facility, as a letter on the evening before (DY-34). Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking.bookings import Booking, Status
from appliance.booking.catalogue import Catalogue
from appliance.booking.custom_fields import NO, YES, Answer, FieldKind
from appliance.customers.store import Person
from appliance.foundation.i18n import marked, plural, text
from appliance.foundation.instants import Instant, at_local, day_bounds, local_date
from appliance.foundation.wording import date_text, span_text
from appliance.messaging.placeholders import Values

_NOTHING: Final = marked("Nothing is booked.")
_UNPAID: Final = marked("Waits for payment")
_COMES: Final = marked("{participant} (booked by {name})")
_TICKS: Final = {YES: marked("Yes"), NO: marked("No")}


@dataclass(frozen=True, slots=True)
class Employee:
    """A member of staff who may be booked. id: by which resources name them. email, language: empty where not known."""

    id: str
    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """One booking that somebody is there for, with all that they need to know. catalogue: of its facility."""

    booked: Booking
    catalogue: Catalogue
    person: Person | None = None
    participant: str = ""
    answers: Sequence[Answer] = ()

    @property
    def service(self) -> str:
        """What is booked."""
        service = self.catalogue.service(self.booked.service_id)
        return service.name if service else ""

    @property
    def places(self) -> list[str]:
        """Where it is: rooms and the like, people left out."""
        people = {each.name for each in self.catalogue.tree.resources.values() if each.staff_id is not None}
        return [name for name in self.catalogue.where(self.booked) if name not in people]


@dataclass(frozen=True, slots=True)
class Recap:
    """What one employee has on a day, in order of time. facility, zone: those of the unit, which writes."""

    employee: Employee
    day: date
    agenda: Sequence[Assignment]
    facility: str
    zone: ZoneInfo
    language: str

    def is_over(self, now: Instant) -> bool:
        """Whether the day has begun: nobody is told of it any more."""
        return now >= day_bounds(self.day, self.zone).start


def told_now(minute: int | None, now: Instant, zone: ZoneInfo) -> date | None:
    """The day that employees are to have been told of by now; None before that moment of today, or where they are not.

    On a day on which the clock shows `minute` twice, its first pass; where it skips it, just behind the gap.
    """
    today = local_date(now, zone)
    is_told = minute is not None and now >= at_local(today, minute, zone)
    return today + timedelta(days=1) if is_told else None


def next_look(minute: int | None, now: Instant, zone: ZoneInfo) -> Instant:
    """When `told_now` answers something new, if nobody changes the settings before."""
    today, of_day = local_date(now, zone), minute or 0
    still_today = at_local(today, of_day, zone)
    return still_today if now < still_today else at_local(today + timedelta(days=1), of_day, zone)


def recap_values(recap: Recap) -> Values:
    """The value of every placeholder of a recap."""
    spoken = recap.language
    agenda = [_written(each, spoken) for each in recap.agenda]
    return {
        "agenda": "\n\n".join(agenda) or text(spoken, _NOTHING),
        "count": str(len(agenda)),
        "employee_name": recap.employee.name,
        "facility_name": recap.facility,
        "recap_date": date_text(spoken, recap.day),
    }


def _written(each: Assignment, language: str) -> str:
    return "\n".join(line for line in _lines(each, language) if line)


def _lines(each: Assignment, language: str) -> Iterator[str]:
    booked, place = each.booked, each.catalogue.facility
    yield f"{span_text(language, booked.interval, place.zone)} {each.service}"
    yield ", ".join([*each.places, place.name])
    people = plural(language, "{count} person", "{count} people", booked.quantity)
    yield ", ".join(part for part in (people, _who(each, language)) if part)
    if booked.status is Status.PENDING:
        yield text(language, _UNPAID)
    for extra in booked.extras:
        yield f"{extra.quantity} × {extra.name}"
    for answer in each.answers:
        yield f"{answer.label}: {_answered(each, answer, language)}"


def _who(each: Assignment, language: str) -> str:
    name, participant = _one_line(each.person.called if each.person else ""), _one_line(each.participant)
    if not participant or participant == name:
        return name
    return text(language, _COMES, participant=participant, name=name) if name else participant


def _answered(each: Assignment, answer: Answer, language: str) -> str:
    ticks = {field.id for field in each.catalogue.fields if field.kind is FieldKind.CHECKBOX}
    is_tick = answer.field_id in ticks and answer.value in _TICKS
    return text(language, _TICKS[answer.value]) if is_tick else _one_line(answer.value)


def _one_line(typed: str) -> str:
    """What a stranger wrote must not look like another line of ours."""
    return " ".join(typed.split())
