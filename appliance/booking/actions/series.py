"""Booking the same again and again: the preview, all dates in one transaction, and a date that is added later (DY-46).

All dates are decided on calendars that were read at once, so that the number of queries does not grow with them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from appliance.billing.lines import total
from appliance.booking import calendar_store, order_store
from appliance.booking.actions import entitling
from appliance.booking.actions.admitting import admit, admit_to_all
from appliance.booking.actions.desk import (
    Desk,
    Wish,
    claimed_by,
    claiming,
    expire_stale_holds,
    named_in,
    remember,
    resolved,
    terms_for,
)
from appliance.booking.actions.ordering import (
    NO_ANSWERS,
    Answers,
    Group,
    Ordered,
    add_to,
    already_ordered,
    found_again,
    put_on_record,
    sell_one,
)
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking
from appliance.booking.calendar import Calendar
from appliance.booking.deciding import Asking
from appliance.booking.idempotency_store import Request
from appliance.booking.orders import OrderKind, OrderWish, day_text, open_dates
from appliance.booking.pricing import Spot, lines_for
from appliance.booking.reasons import Reason
from appliance.booking.recurrence import Recurrence, turns
from appliance.booking.series import IN_THE_WAY, Occasion, Occurrence, Placing, days_around, occasions
from appliance.customers.contacts import Contact
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.instants import Instant, Interval, local_date
from appliance.foundation.money import Money
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
    """Which dates of a series are wanted, and what pays for them.

    starts: the start accepted for each date, None for its usual one; dates that are not named are left out. None takes
    every date as it comes.
    skip_taken: whether what cannot be booked is left out, or refuses the whole.
    entitlement: as `entitling` takes it, for each date by itself: one that is used up refuses the dates after.
    answers: what they say to custom fields, by the slugs of those, for every date.
    """

    starts: Mapping[date, Instant | None] | None = None
    skip_taken: bool = False
    entitlement: str = entitling.AUTO
    answers: Answers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotWhole(Refusal):
    """Some dates cannot be booked, and nothing was: which, and why."""

    dates: tuple[tuple[str, Refusal], ...] = ()


@dataclass(frozen=True, slots=True)
class Previewed:
    """What would become of each date of a series, how many minutes each lasts, and what those cost that would be."""

    occurrences: list[Occurrence]
    minutes: int
    total: Money


@refusable
def preview(desk: Desk, asked: SeriesWish) -> Previewed:
    """What would become of each date of a series now: ok, moved to the nearest open slot, or skipped (DY-50)."""
    with desk.book.read(desk.scope) as tx:
        series = _Series(desk, tx, asked)
        found = series.placed()
        lacking = [number for number, each in enumerate(found) if _is_in_the_way(each)]
        around = [days_around(found[number].occasion.wanted or 0, tx.scope.zone) for number in lacking]
        wide = series.calendars([Interval(days[0].start, days[-1].end) for days in around], named=False)
        for number, calendar in zip(lacking, wide, strict=True):
            found[number] = series.placing.moved(calendar, found[number], after_only=asked.after_only)
            series.placing.take(calendar, found[number])
        return Previewed(found, series.placing.duration, Money(sum(map(series.price, found)), tx.scope.currency))


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
        service = named_in(desk.catalogues.current(tx), asked.wish)[0]
        customer_id = admit_to_all(desk, tx, [service], contact, asked.wish.channel, asked.wish.start)
        series = _Series(desk, tx, replace(asked, wish=replace(asked.wish, customer_id=customer_id)))
        kind, pays, answers = OrderKind.SERIES, accepted.entitlement, accepted.answers
        group = Group(tx.ids.new(), kind, customer_id, pays, series.order_wish, answers)
        became, booked = series.sold(group, accepted.starts)
        failed = [each for each in became if _was_refused(each)]
        if not booked or (failed and not accepted.skip_taken):
            dates = tuple((day_text(each.occasion.turn), each.refusal) for each in failed if each.refusal)
            raise Refused(NotWhole("series_not_whole", None, dates))
        return put_on_record(desk, tx, group, booked, request, open_dates(became))


@refusable
def add_date(
    desk: Desk,
    order_id: str,
    day: date,
    start: Instant | None,
    channel: Channel,
    actor: str,
    request: Request | None = None,
    entitlement: str = entitling.AUTO,
    answers: Answers = NO_ANSWERS,
) -> Ordered:
    """Book a date of a series that was skipped, at `start` or at its usual time; the same order grows by it.

    answers: those that are to be others than with its other dates.
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
        again = Wish(
            like.service_id,
            at,
            channel,
            like.minutes,
            like.quantity,
            like.resource_id,
            like.people,
            old.customer_id,
            like.extras,
        )
        admit(desk, tx, named_in(desk.catalogues.current(tx), again)[0], old.customer_id, channel, at)
        add_to(desk, tx, old, claimed_by(desk, tx, again), entitlement, answers)
        order_store.change(tx, "date_added", old, old.without(day.isoformat()))
        remember(tx, request, order_id)
        return found_again(tx, order_id)


class _Series:
    """One series in one transaction."""

    def __init__(self, desk: Desk, tx: Transaction, asked: SeriesWish) -> None:
        self._desk = desk
        self._tx = tx
        self._catalogue = desk.catalogues.current(tx)
        self._wish = asked.wish
        self._visit, resource_id = resolved(self._catalogue, asked.wish)
        if not self._visit.service.several.series:
            raise Refused(Refusal(Reason.SERIES_NOT_OFFERED))
        zone = tx.scope.zone
        start = asked.wish.start
        self._occasions = occasions(turns(asked.repeat, local_date(start, zone)), start, zone)
        self._calendars: dict[Instant, Calendar] = {}
        self._asked: Asking | None = None
        self.placing = Placing(self._visit.whole, self._visit.minutes, asked.wish.quantity, resource_id)

    @property
    def order_wish(self) -> OrderWish:
        """What every booking of the series is."""
        wish, visit = self._wish, self._visit
        return OrderWish(
            visit.service.id, visit.duration, wish.quantity, self.placing.resource, wish.people, wish.extras
        )

    def placed(self) -> list[Occurrence]:
        """What becomes of each date at its usual time."""
        found = []
        for placed in self._each(None):
            if placed.start is not None:
                self.placing.take(self._calendars[placed.start], placed)
            found.append(placed)
        return found

    def sold(
        self, group: Group, starts: Mapping[date, Instant | None] | None
    ) -> tuple[list[Occurrence], list[Booking]]:
        """Sell each date at its accepted start: what became of each, and the bookings; what is not sold takes none."""
        became, booked = [], []
        for placed in self._each(starts):
            made = None if placed.start is None else sell_one(self._desk, self._tx, group, self._booking(placed))
            if isinstance(made, Refusal):
                became.append(replace(placed, start=None, claims=(), refusal=made))
                continue
            became.append(placed)
            if made is not None and placed.start is not None:
                self.placing.take(self._calendars[placed.start], placed)
                booked.append(made)
        return became, booked

    def _each(self, starts: Mapping[date, Instant | None] | None) -> Iterator[Occurrence]:
        """What becomes of each date at its accepted start, beside those taken by then; without `starts`, as usual."""
        if starts is not None and not starts.keys() <= {each.turn.day for each in self._occasions}:
            raise Invalid(FieldError("dates", "unknown", _NO_SUCH_DATE))
        at = [_start(each, starts) for each in self._occasions]
        wanted = [start for start in at if start is not None]
        spans = [Interval(start, start + 1) for start in wanted]
        self._calendars = dict(zip(wanted, self.calendars(spans, named=True), strict=True))
        return (self._became(each, start) for each, start in zip(self._occasions, at, strict=True))

    def calendars(self, spans: Sequence[Interval], *, named: bool) -> list[Calendar]:
        """The calendar of each of `spans`; where `named`, of the one resource alone that is asked for."""
        if not spans:
            return []
        # For all dates at once; what they take from limits themselves is counted by `placing`.
        self._asked = self._asked or self._terms(spans)
        placing, channel = self.placing, self._wish.channel
        only = placing.resource if named and placing.service.takes_one(placing.quantity) else None
        return calendar_store.calendars(
            self._tx, self._catalogue, placing.service, spans, channel, self._asked, named=only
        )

    def price(self, placed: Occurrence) -> int:
        """What an occurrence would cost; 0 for one that is skipped."""
        if placed.start is None:
            return 0
        resources = tuple(dict.fromkeys(claim.resource_id for claim in placed.claims))
        spot = Spot(placed.start, self._wish.channel, self.placing.quantity, resources)
        visit = self._visit
        lines = lines_for(self._catalogue, visit.service, visit.duration, spot, self._wish.people, visit.quoted)
        return total(lines)

    def _terms(self, spans: Sequence[Interval]) -> Asking:
        """On which terms starts in `spans` are asked for, and in the days to which each could be moved."""
        zone = self._tx.scope.zone
        first, last = min(span.start for span in spans), max(span.end - 1 for span in spans)
        whole = Interval(days_around(first, zone)[0].start, days_around(last, zone)[-1].end)
        return terms_for(self._desk, self._tx, self._visit.service, self._wish.channel, whole, self._wish.customer_id)

    def _booking(self, placed: Occurrence) -> Booking:
        """The booking that an occurrence with a start is."""
        start = placed.start or 0
        wish = replace(self._wish, start=start)
        return claiming(self._tx, self._catalogue, self._visit, self._calendars[start], wish, placed.claims)

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
