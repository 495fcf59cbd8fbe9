"""A series as forms ask for it and show it: how it recurs, and what becomes of each of its dates (DY-46 to DY-50)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, cast

import marshmallow as ma
from werkzeug.datastructures import MultiDict

from appliance.booking.actions.series import NotWhole, SeriesWish
from appliance.booking.orders import day_text
from appliance.booking.recurrence import Cadence, Recurrence
from appliance.booking.series import Occurrence, Outcome
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import MINUTE, Instant, Interval, local_date
from appliance.foundation.wording import MONTHS, WEEKDAYS, date_text, span_text
from appliance.web.api.order_schemas import RepeatSchema
from appliance.web.api.specification import field_errors
from appliance.web.problems import sentence
from appliance.web.speaking import language
from appliance.web.unit import Unit, catalogue_now

DATE: Final = "date-"
CADENCES: Final[Mapping[Cadence, str]] = {
    Cadence.DAILY: marked("days"),
    Cadence.WEEKLY: marked("weeks"),
    Cadence.MONTHLY_DATE: marked("months, on the same date"),
    Cadence.MONTHLY_WEEKDAY: marked("months, on the same weekday, such as the second Tuesday"),
    Cadence.MONTHLY_LAST_WEEKDAY: marked("months, on the last such weekday"),
}
OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.OK: marked("Free"),
    Outcome.MOVED: marked("Another time"),
    Outcome.SKIPPED: marked("Not possible"),
}
_MARKS: Final[Mapping[Outcome, str]] = {Outcome.OK: "good", Outcome.MOVED: "warn", Outcome.SKIPPED: "bad"}
_NOTHING_TAKEN: Final = FieldError("dates", "missing", marked("Tick at least one date."))
_WHOLE_NUMBERS: Final = ("every", "times")


@dataclass(frozen=True, slots=True)
class Line:
    """One date of a preview in words. name, value: of its box, which is ticked where `taken`; no value, no box.

    mark: the shape that stands beside the outcome.
    """

    day: str
    outcome: str
    mark: str
    time: str
    where: str
    why: str
    name: str
    value: Instant | None
    taken: bool


def repeat_of(form: "MultiDict[str, str]") -> Recurrence:
    """How a form says that something recurs; Invalid with everything wrong with it, by the names of its fields."""
    body: dict[str, object] = {name: form[name].strip() for name in ("cadence", "until") if form.get(name, "").strip()}
    for name in _WHOLE_NUMBERS:
        typed = form.get(name, "").strip()
        if typed:
            body[name] = int(typed) if typed.isdecimal() and len(typed) < 8 else typed
    if body.get("cadence") == Cadence.WEEKLY and form.getlist("weekdays"):
        body["weekdays"] = [int(each) if each.isdecimal() else each for each in form.getlist("weekdays")]
    try:
        return cast("Recurrence", RepeatSchema().load(body))
    except ma.ValidationError as fault:
        raise Invalid(*field_errors(fault.messages)) from fault


def own_names(fault: Invalid) -> Invalid:
    """The same mistakes by the names that the fields of a form have."""
    return Invalid(*(replace(each, field=each.field.removeprefix("repeat.")) for each in fault.errors))


def mark_of(asked: SeriesWish, minutes: int) -> str:
    """What a preview was of: whoever commits to it sends this along, so that nobody books what they did not see."""
    wish, again = asked.wish, asked.repeat
    days = ".".join(map(str, sorted(again.weekdays)))
    ending = f"{again.until or ''}:{again.times or ''}"
    what = f"{wish.service}:{wish.start}:{minutes}:{wish.quantity}:{wish.resource or ''}:{asked.after_only}"
    what += "".join(f":{each.extra_id}*{each.quantity}" for each in wish.extras)
    return f"{what}:{again.cadence}:{again.every}:{days}:{ending}"


def accepted_in(form: "MultiDict[str, str]") -> dict[date, Instant | None]:
    """The dates that were ticked, each with its start; Invalid for none."""
    found: dict[date, Instant | None] = {}
    for name, value in form.items():
        if name.startswith(DATE) and value.isdecimal() and len(value) < 12:
            try:
                found[date.fromisoformat(name.removeprefix(DATE))] = int(value)
            except ValueError:
                continue
    if not found:
        raise Invalid(_NOTHING_TAKEN)
    return found


def lines_of(unit: Unit, occurrences: list[Occurrence], minutes: int, sent: "MultiDict[str, str] | None") -> list[Line]:
    """Every date in words. sent: a form in which dates were ticked before; without it all are that can be had."""
    return [_line(unit, each, minutes, sent) for each in occurrences]


def not_whole(refused: NotWhole, unit: Unit) -> list[str]:
    """Which dates cannot be booked, each with its reason."""
    zone = unit.desk.scope.zone
    return [f"{day_words(day)}: {sentence(each, language(), zone)}" for day, each in refused.dates]


def _line(unit: Unit, found: Occurrence, minutes: int, sent: "MultiDict[str, str] | None") -> Line:
    zone, spoken, start = unit.desk.scope.zone, language(), found.start
    wanted = found.occasion.wanted
    time = ""
    if start is not None:
        time = span_text(spoken, Interval(start, start + minutes * MINUTE), zone)
        if wanted is not None and local_date(start, zone) != local_date(wanted, zone):
            time = f"{date_text(spoken, local_date(start, zone))} {time}"
    name = DATE + day_text(found.occasion.turn)
    resources = catalogue_now().tree.resources
    places = dict.fromkeys(resources[claim.resource_id].name for claim in found.claims)
    return Line(
        day=day_words(day_text(found.occasion.turn)),
        outcome=text(spoken, OUTCOMES[found.outcome]),
        mark=_MARKS[found.outcome],
        time=time,
        where=", ".join(places),
        why="" if found.refusal is None else sentence(found.refusal, spoken, zone),
        name=name,
        value=start,
        taken=start is not None and (sent is None or sent.get(name) == str(start)),
    )


def day_words(day: str) -> str:
    """A date in words; of a month that has no such day, the month."""
    if len(day) > len("2026-11"):
        return date_text(language(), date.fromisoformat(day)) + f" {day[:4]}"
    month = text(language(), MONTHS[int(day[5:7]) - 1])
    return f"{month} {day[:4]}"


def weekday_choices() -> list[tuple[str, str]]:
    """Monday is 0."""
    return [(str(day), text(language(), said)) for day, said in enumerate(WEEKDAYS)]


def cadence_choices() -> list[tuple[str, str]]:
    """How something can recur, to stand behind a number."""
    return [(str(cadence), text(language(), said)) for cadence, said in CADENCES.items()]
