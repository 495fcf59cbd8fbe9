"""The planner: what is booked by day and by week, resources down, time across (DY-26, DY-70, PH-04)."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from appliance.booking import session_store, store
from appliance.booking.actions.searching import opening_seen
from appliance.booking.bookings import Booking, Status
from appliance.booking.resources import Resource
from appliance.customers.store import people
from appliance.foundation.i18n import text
from appliance.foundation.instants import HOUR, Instant, Interval, day_bounds, local_date
from appliance.foundation.wording import clock_text, date_text, span_text
from appliance.web.admin import planner_grid
from appliance.web.admin.console import Console
from appliance.web.admin.planner_grid import Cell, Meeting
from appliance.web.speaking import language
from appliance.web.status_words import STATUS_WORDS
from appliance.web.wall_time import read_day

MARKS: Final = {
    Status.HELD: "away",
    Status.PENDING: "warn",
    Status.CONFIRMED: "free",
    Status.ARRIVED: "good",
    Status.COMPLETED: "shut",
}
COLUMN_WIDTH, NAME_WIDTH = 24, 148
_WEEK: Final = 7


class PlannerOfConsole:
    """`/admin/planner`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._desk = console.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/planner", "planner", self.show)

    def show(self) -> ResponseReturnValue:
        today = local_date(self._console.unit.clock.now(), self._desk.scope.zone)
        wanted = read_day(request.args.get("day", "")) or today
        return self._week(wanted, today) if request.args.get("view") == "week" else self._day_page(wanted, today)

    def _day_page(self, wanted: date, today: date) -> str:
        seen = _Seen(self._console, day_bounds(wanted, self._desk.scope.zone))
        everywhere = [span for owner in seen.owners for span in seen.opening[owner]]
        hours = planner_grid.shown_hours(seen.window, everywhere, seen.bookings)
        rows = [
            (
                resource,
                planner_grid.lanes(
                    *(hours, resource.id, seen.of(resource), seen.opening[resource.id], seen.now),
                    seen.meetings.get(resource.id, ()),
                ),
            )
            for resource in seen.resources
        ]
        columns = hours.seconds // planner_grid.STEP_S
        return self._console.page(
            "planner.html",
            **_turning(wanted, today, 1),
            view="day",
            rows=rows,
            hours=hours,
            heads=[(clock_text(language(), at, seen.zone), 4) for at in range(hours.start, hours.end, HOUR)],
            width=NAME_WIDTH + columns * COLUMN_WIDTH,
            now_at=(seen.now - hours.start) / hours.seconds if hours.contains(seen.now) else None,
            zone=seen.zone.key,
            step=planner_grid.STEP_S,
            seen=seen,
            listed=[("", seen.bookings)],
        )

    def _week(self, wanted: date, today: date) -> str:
        monday, zone = wanted - timedelta(days=wanted.weekday()), self._desk.scope.zone
        dates = [monday + timedelta(days=number) for number in range(_WEEK)]
        days = [day_bounds(each, zone) for each in dates]
        seen = _Seen(self._console, Interval(days[0].start, days[-1].end))
        rows = [(resource, planner_grid.starting_on(days, seen.taken, resource.id)) for resource in seen.resources]
        listed = [
            (date_text(language(), each), [booked for booked in seen.bookings if day.contains(booked.interval.start)])
            for each, day in zip(dates, days, strict=True)
        ]
        return self._console.page(
            "planner_week.html",
            **_turning(wanted, today, _WEEK),
            view="week",
            rows=rows,
            dates=[(each, date_text(language(), each)) for each in dates],
            seen=seen,
            listed=listed,
        )


class _Seen:
    """What is booked and open in a window, read at once: the number of queries is the same however much it is."""

    def __init__(self, console: Console, window: Interval) -> None:
        desk = console.unit.desk
        self.window, self.zone, self.spoken = window, desk.scope.zone, language()
        with desk.book.read(desk.scope) as tx:
            self._catalogue = desk.catalogues.current(tx)
            self.now = tx.now
            self.bookings = store.touching(tx, window)
            tree = self._catalogue.tree
            self.resources = [each for each in tree.resources.values() if tree.below[each.id] == (each,)]
            self.owners = [each.id for each in self.resources]
            self.opening = opening_seen(tx, self._catalogue, self.owners, window)
            self._names = {
                each.id: each.called
                for each in people(tx, {one.customer_id for one in self.bookings if one.customer_id})
            }
            met = session_store.within(tx, window)
        self.taken = planner_grid.by_resource(self.bookings)
        self._services = {each.id: each.name for each in self._catalogue.services}
        self.meetings: dict[str, list[Meeting]] = {}
        for each, status in met:
            for resource_id in each.occupies if status == session_store.PLANNED else ():
                found = Meeting(each.interval, self._services.get(each.service_id, ""))
                self.meetings.setdefault(resource_id, []).append(found)
        self._states = {status: text(self.spoken, words) for status, words in STATUS_WORDS.items()}
        self.marks = MARKS
        self._book = url_for("admin.book")
        self._clocks: dict[Instant, str] = {}
        self._spans: dict[Interval, str] = {}

    def of(self, resource: Resource) -> Sequence[Booking]:
        return self.taken.get(resource.id, ())

    def met_on(self, resource: Resource, day: date) -> list[tuple[str, str]]:
        """When a resource belongs to a class on a day, and to which."""
        mine = (
            each for each in self.meetings.get(resource.id, ()) if local_date(each.interval.start, self.zone) == day
        )
        return [(span_text(self.spoken, each.interval, self.zone), each.words) for each in mine]

    def name(self, booked: Booking) -> str:
        """Whose it is, or what it is where nobody is named."""
        return self._names.get(booked.customer_id or "", "") or self.state(booked)

    def service(self, booked: Booking) -> str:
        return self._services.get(booked.service_id, "")

    def state(self, booked: Booking) -> str:
        return self._states[booked.status]

    def span(self, booked: Booking) -> str:
        if booked.interval not in self._spans:
            self._spans[booked.interval] = span_text(self.spoken, booked.interval, self.zone)
        return self._spans[booked.interval]

    def pieces(self, lane: Sequence[Cell], resource: Resource) -> Iterator[Cell | Markup]:
        """The cells of a lane with something in them, and those between as written: too many for a template."""
        for is_empty, cells in groupby(lane, lambda cell: cell.kind in ("free", "shut")):
            if not is_empty:
                yield from cells
            else:
                # Numbers, an id and a time of ours: nothing in it needs to be escaped.
                yield Markup("".join([self._empty(cell, resource) for cell in cells]))  # noqa: S704

    def _empty(self, cell: Cell, resource: Resource) -> str:
        if cell.kind == "shut":
            return f'<td class="planner-shut" colspan="{cell.columns}"></td>'
        at = cell.start
        if at not in self._clocks:
            self._clocks[at] = clock_text(self.spoken, at, self.zone)
        return (
            f'<td colspan="{cell.columns}"><a class="planner-free" href="{self._book}?at={at}&amp;on={resource.id}"'
            f' tabindex="-1" aria-label="{self._clocks[at]}" data-stop="{at}"></a></td>'
        )

    def places(self, booked: Booking) -> str:
        return ", ".join(self._catalogue.tree.resources[each].name for each in booked.resource_ids)


def _turning(wanted: date, today: date, days: int) -> dict[str, object]:
    """Where the page leads on to."""
    before, after = wanted - timedelta(days=days), wanted + timedelta(days=days)
    return {"day": wanted, "today": today, "before": before, "after": after, "title": date_text(language(), wanted)}
