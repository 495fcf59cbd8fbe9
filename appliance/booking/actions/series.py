"""Booking the same again and again: the preview, all dates in one transaction, and a date that is added later (DY-46).

All dates are decided on calendars that were read at once, so that the number of queries does not grow with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from appliance.booking import calendar_store, order_store
from appliance.booking.actions.desk import Desk, Wish, claimed_by, claiming, expire_stale_holds, remember, resolved
from appliance.booking.actions.ordering import Group, Ordered, add_to, already_ordered, found_again, make_together
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking
from appliance.booking.calendar import Calendar
from appliance.booking.catalogue import Catalogue
from appliance.booking.idempotency_store import Request
from appliance.booking.orders import OrderKind, OrderWish, day_text, open_dates
from appliance.booking.reasons import Reason
from appliance.booking.recurrence import Recurrence, turns
from appliance.booking.series import IN_THE_WAY, Occasion, Occurrence, Placing, days_around, occasions
from appliance.customers.contacts import Contact
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.instants import Instant, Interval, local_date
from appliance.foundation.refusals import Refusal
from appliance.storage.unit_of_work import Refused, Transaction, refusable

_NO_SUCH_DATE = marked("The series has no such date.")
_NOT_WANTED = frozenset({Reason.NO_SUCH_DATE, Reason.LEFT_OUT})


@dataclass(frozen=True, slots=True)
class SeriesWish:
    """A wish for the first date and how it recurs. `after_only`: a slot that is nearest must not be earlier."""

    wish: Wish
    repeat: Recurrence
    after_only: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """Which dates of a series are wanted.

    starts: the start accepted for each date, None for its usual one; dates that are not named are left out. None takes
    every date as it comes.
    skip_taken: whether what cannot be booked is left out, or refuses the whole.
    """

    starts: Mapping[date, Instant | None] | None = None
    skip_taken: bool = False


@dataclass(frozen=True, slots=True)
class NotWhole(Refusal):
    """Some dates cannot be booked, and nothing was: which, and why."""

    dates: tuple[tuple[str, Refusal], ...] = ()


@refusable
def preview(desk: Desk, asked: SeriesWish) -> list[Occurrence]:
    """What would become of each date of a series now: ok, moved to the nearest open slot, or skipped (DY-50)."""
    with desk.book.read(desk.scope) as tx:
        series = _Series(tx, desk.catalogues.current(tx), asked)
        found = series.placed(None)
        lacking = [number for number, each in enumerate(found) if _is_in_the_way(each)]
        around = [days_around(found[number].occasion.wanted or 0, tx.scope.zone) for number in lacking]
        wide = series.calendars([Interval(days[0].start, days[-1].end) for days in around], named=False)
        for number, calendar in zip(lacking, wide, strict=True):
            found[number] = series.placing.moved(calendar, found[number], after_only=asked.after_only)
        return found


@refusable
def book_series(
    desk: Desk, asked: SeriesWish, accepted: Accepted, contact: Contact, actor: str, request: Request | None = None
) -> Ordered:
    """Make a booking of every date that is accepted, all of them or none (DY-49); or all but those in the way.

    Refused as `NotWhole` with every date that cannot be booked, as `series_not_offered` where it is switched off.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_ordered(tx, request)) is not None:
            return made
        expire_stale_holds(tx)
        series = _Series(tx, desk.catalogues.current(tx), asked)
        found = series.placed(accepted.starts)
        failed = [each for each in found if _was_refused(each)]
        booked = [each for each in found if each.start is not None]
        if not booked or (failed and not accepted.skip_taken):
            dates = tuple((day_text(each.occasion.turn), each.refusal) for each in failed if each.refusal)
            raise Refused(NotWhole("series_not_whole", None, dates))
        wished = [series.booking(each) for each in booked]
        group = Group(OrderKind.SERIES, contact, wished, series.order_wish, open_dates(found))
        return make_together(desk, tx, group, request)


@refusable
def add_date(
    desk: Desk,
    order_id: str,
    day: date,
    start: Instant | None,
    channel: Channel,
    actor: str,
    request: Request | None = None,
) -> Ordered:
    """Book a date of a series that was skipped, at `start` or at its usual time; the same order grows by it.

    Invalid when that date was not skipped; refused as a booking would be, and as `unknown_booking` without the series.
    """
    with desk.book.write(desk.scope, actor) as tx:
        if (made := already_ordered(tx, request)) is not None:
            return made
        expire_stale_holds(tx)
        old = order_store.by_id(tx, order_id)
        if old is None or old.wish is None:
            raise Refused(Refusal("unknown_booking"))
        wanted = next((each.wanted for each in old.skipped if each.day == day.isoformat()), None)
        if wanted is None:
            raise Invalid(FieldError("date", "unknown", _NO_SUCH_DATE))
        like = old.wish
        at = wanted if start is None else start
        again = Wish(like.service_id, at, channel, like.minutes, like.quantity, like.resource_id)
        add_to(desk, tx, old, claimed_by(tx, desk.catalogues.current(tx), again))
        order_store.change(tx, "date_added", old, old.without(day.isoformat()))
        remember(tx, request, order_id)
        return found_again(tx, order_id)


class _Series:
    """One series in one transaction."""

    def __init__(self, tx: Transaction, catalogue: Catalogue, asked: SeriesWish) -> None:
        self._tx = tx
        self._catalogue = catalogue
        self._wish = asked.wish
        self._service, duration, resource_id = resolved(catalogue, asked.wish)
        if not self._service.several.series:
            raise Refused(Refusal(Reason.SERIES_NOT_OFFERED))
        zone = tx.scope.zone
        start = asked.wish.start
        self._occasions = occasions(turns(asked.repeat, local_date(start, zone)), start, zone)
        self._calendars: dict[Instant, Calendar] = {}
        self.placing = Placing(self._service, duration, asked.wish.quantity, resource_id)

    @property
    def order_wish(self) -> OrderWish:
        """What every booking of the series is."""
        placing = self.placing
        return OrderWish(self._service.id, placing.duration, placing.quantity, placing.resource)

    def placed(self, starts: Mapping[date, Instant | None] | None) -> list[Occurrence]:
        """What becomes of each date at its accepted start; without `starts`, at its usual time."""
        if starts is not None and not starts.keys() <= {each.turn.day for each in self._occasions}:
            raise Invalid(FieldError("dates", "unknown", _NO_SUCH_DATE))
        at = [_start(each, starts) for each in self._occasions]
        wanted = [start for start in at if start is not None]
        spans = [Interval(start, start + 1) for start in wanted]
        self._calendars = dict(zip(wanted, self.calendars(spans, named=True), strict=True))
        return [self._became(each, start) for each, start in zip(self._occasions, at, strict=True)]

    def calendars(self, spans: Sequence[Interval], *, named: bool) -> list[Calendar]:
        """The calendar of each of `spans`; where `named`, of the one resource alone that is asked for."""
        placing = self.placing
        only = placing.resource if named and self._service.takes_one(placing.quantity) else None
        return calendar_store.calendars(self._tx, self._catalogue, self._service, spans, self._wish.channel, named=only)

    def booking(self, placed: Occurrence) -> Booking:
        """The booking that an occurrence with a start is."""
        start = placed.start or 0
        wish = replace(self._wish, start=start, duration=self.placing.duration)
        found = self._calendars[start]
        return claiming(self._tx, self._catalogue, self._service, found, wish, placed.claims)

    def _became(self, occasion: Occasion, start: Instant | None) -> Occurrence:
        if start is None:
            reason = Reason.NO_SUCH_DATE if occasion.wanted is None else Reason.LEFT_OUT
            return Occurrence(occasion, None, refusal=Refusal(reason))
        return self.placing.wanted(self._calendars[start], occasion, start)


def _start(occasion: Occasion, starts: Mapping[date, Instant | None] | None) -> Instant | None:
    """The start that is accepted for an occasion; None where it is left out."""
    day = occasion.turn.day
    if starts is None or day is None:
        return occasion.wanted
    return (starts[day] or occasion.wanted) if day in starts else None


def _is_in_the_way(placed: Occurrence) -> bool:
    return placed.start is None and placed.refusal is not None and placed.refusal.reason in IN_THE_WAY


def _was_refused(placed: Occurrence) -> bool:
    """Whether a date was wanted and cannot be."""
    refusal = placed.refusal
    return placed.start is None and refusal is not None and refusal.reason not in _NOT_WANTED
