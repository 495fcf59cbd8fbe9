"""Weekly opening hours of the facility, services and resources: what changes is in force at once (DY-24, DY-25)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking import place_kinds_store as kinds
from appliance.booking.actions import owned
from appliance.booking.place_kinds_store import OwnHours
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import DAY, MINUTE
from appliance.storage.versioned import ChangedMeanwhile
from appliance.web.admin import choices
from appliance.web.admin.asks import Ask, AskKind, Body, Section, body_of
from appliance.web.admin.console import Console
from appliance.web.admin.sheets import by_ask, changed_told, conflicts_said, judged, shown
from appliance.web.api import place_schemas
from appliance.web.api.conflicts import conflicts_now
from appliance.web.forms import Filled
from appliance.web.problems import NotFound
from appliance.web.speaking import language

_WHOLE_DAY: Final = DAY // MINUTE
LINES: Final = Ask(
    "lines",
    marked("Open"),
    AskKind.ROWS,
    marked("One line for days that are alike. Until 02:00 is in the night after. No line at all restricts nothing."),
    parts=(
        Ask("from_minute", marked("From"), AskKind.CLOCK),
        Ask("to_minute", marked("Until"), AskKind.CLOCK),
        Ask("weekdays", marked("On these days"), AskKind.MANY, options=choices.weekdays),
        Ask("valid_from", marked("First day"), AskKind.DATE),
        Ask("valid_to", marked("Last day"), AskKind.DATE),
    ),
)


class HoursOfConsole:
    """`/admin/setup/hours` and one page for each owner."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/setup/hours", "hours", self.every)
        blueprint.add_url_rule("/setup/hours/<owner>", "hours_of", self.one)
        blueprint.add_url_rule("/setup/hours/<owner>", "hours_change", self.change, methods=["POST"])

    def every(self) -> ResponseReturnValue:
        return self._console.page("hours.html", owners=choices.owners())

    def one(self, owner: str) -> ResponseReturnValue:
        found = owned.shown(self._console.unit.desk, kinds.HOURS, self._known(owner), kinds.hours_before)
        return self._form(owner, {"lines": _rows(found.value)}, {}, str(found.version))

    def change(self, owner: str) -> ResponseReturnValue:
        unit, version = self._console.unit, request.form.get("version", "")
        body = body_of((LINES,), request.form, unit.desk.scope.zone)
        seen = int(version) if version.isdecimal() and len(version) < 10 else 0
        try:
            save_hours(self._console, self._known(owner), body["lines"], seen)
        except Invalid as fault:
            return self._form(owner, body, by_ask((LINES,), fault.errors), version), 422
        except ChangedMeanwhile as meanwhile:
            return self._form(owner, body, {"": [changed_told(unit, meanwhile.now)]}, version), 409
        unfit = conflicts_now(unit)["conflicts"]
        count = len(unfit) if isinstance(unfit, list) else 0
        said = text(language(), "It is saved and in force.") + (f" {conflicts_said(count)}" if count else "")
        return self._console.done(url_for("admin.setup"), said, is_trouble=count > 0)

    def _known(self, owner: str) -> str:
        if owner not in dict(choices.owners()):
            raise NotFound
        return owner

    def _form(self, owner: str, body: Mapping[str, Any], wrong: dict[str, list[str]], version: str) -> str:
        return self._console.page(
            "setup_form.html",
            heading=text(language(), "Hours: {name}", name=choices.named(choices.owners, owner)),
            sections=[(Section("", (LINES,)), [shown(LINES, "lines", body.get("lines"), self._console)])],
            form=Filled({}, {}, wrong),
            version=version,
        )


def save_hours(console: Console, owner_id: str, rows: Iterable[Mapping[str, Any]], version: int) -> None:
    """Give an owner these hours; Invalid or ChangedMeanwhile."""
    lines = [(place, line) for place, row in enumerate(rows) for line in _lines(row)]
    try:
        body = judged(place_schemas.HoursSchema(), {"version": version, "lines": [line for _, line in lines]})
    except Invalid as fault:
        raise Invalid(*(_at_row(error, [place for place, _ in lines]) for error in fault.errors)) from fault
    hours = place_schemas.hours_of(owner_id, body)
    desk = console.unit.desk
    owned.save(desk, kinds.HOURS, owner_id, hours, version, console.actor, kinds.hours_before, kinds.drop_hours)


def _at_row(error: FieldError, rows: Sequence[int]) -> FieldError:
    """A mistake in a line, at the row that the line was made of."""
    name, _, rest = error.field.partition(".")
    line, _, part = rest.partition(".")
    known = name == LINES.name and line.isdecimal() and int(line) < len(rows)
    return replace(error, field=f"{name}.{rows[int(line)]}.{part}") if known else error


def _lines(row: Mapping[str, Any]) -> Iterable[Body]:
    """One line for each day of a row; an end at or before the beginning lies on the next day."""
    rest = {name: value for name, value in row.items() if name != "weekdays"}
    begins, ends = rest.get("from_minute"), rest.get("to_minute")
    if isinstance(begins, int) and isinstance(ends, int) and ends <= begins:
        rest["to_minute"] = ends + _WHOLE_DAY
    return [{"weekday": day, **rest} for day in row.get("weekdays") or range(7)]


def _rows(hours: OwnHours) -> list[Body]:
    """Days that are alike in one row."""
    rows: dict[tuple[int, int, date | None, date | None], list[int]] = {}
    for line in hours.lines:
        rows.setdefault((line.from_minute, line.to_minute, line.valid_from, line.valid_to), []).append(line.weekday)
    return [
        {
            "from_minute": begins,
            "to_minute": ends if ends <= _WHOLE_DAY else ends - _WHOLE_DAY,
            "weekdays": sorted(days),
            "valid_from": first,
            "valid_to": last,
        }
        for (begins, ends, first, last), days in rows.items()
    ]
