"""What processes do that race for orders of several bookings, each opening the booking file itself."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from appliance.booking.actions import ordering, series, visiting
from appliance.booking.actions.ordering import Ordered
from appliance.booking.actions.series import Accepted, SeriesWish
from appliance.booking.actions.visiting import LegWish, VisitWish
from appliance.booking.booking_window import Channel
from appliance.booking.recurrence import Cadence, Recurrence
from appliance.foundation.errors import Retryable
from appliance.foundation.instants import DAY, HOUR
from appliance.foundation.refusals import Refusal
from tests import builders
from tests.builders import ANNA, BO, TEN, Site

DATES = 6


@dataclass(slots=True)
class OrderTally:
    """What one racer was told: the bookings of each order that stands; and how its tries ended."""

    standing: dict[str, set[str]] = field(default_factory=dict)
    refused: int = 0
    cancelled: int = 0
    left_out: int = 0


class OrderRacer:
    """One process that books series and rows on the same few slots, and cancels some of them."""

    def __init__(self, site: Site, seed: int) -> None:
        self._site = site
        self._desk = site.side.desk
        self._dice = random.Random(seed)
        self.tally = OrderTally()

    def run(self, tries: int) -> OrderTally:
        for _ in range(tries):
            with suppress(Retryable):
                self._dice.choice((self._series, self._series, self._row, self._cancel))()
        return self.tally

    def _series(self) -> None:
        start = TEN + self._dice.choice((0, 1, 2)) * DAY + self._dice.choice((0, 1)) * HOUR
        wish = self._site.wish(start, resource=self._dice.choice((None, "court-1")))
        asked = SeriesWish(wish, Recurrence(Cadence.DAILY, times=self._dice.randint(2, 4)))
        accepted = Accepted(skip_taken=self._dice.random() < 0.5)
        self._note(series.book_series(self._desk, asked, accepted, self._dice.choice((ANNA, BO)), "public"))

    def _row(self) -> None:
        wish = VisitWish((LegWish("padel", count=2),), Channel.PUBLIC)
        start = TEN + self._dice.randint(0, 3) * DAY
        self._note(visiting.book_visit(self._desk, wish, start, ("Kim", None), ANNA, "public"))

    def _cancel(self) -> None:
        if self.tally.standing and self._dice.random() < 0.5:
            order_id = self._dice.choice(list(self.tally.standing))
            ordering.cancel_order(self._desk, order_id, {}, "public", by_staff=True)
            del self.tally.standing[order_id]
            self.tally.cancelled += 1

    def _note(self, answer: Ordered | Refusal) -> None:
        if isinstance(answer, Refusal):
            self.tally.refused += 1
        else:
            self.tally.left_out += len(answer.order.skipped)
            self.tally.standing[answer.order.id] = {each.id for each in answer.bookings}


def at_the_counter(data: Path, seed: int, tries: int, line: Connection) -> None:
    """Race through the product's own actions, from the gun on; sends the tally."""
    site = builders.visited(data)
    line.send("ready")
    line.recv()
    line.send(OrderRacer(site, seed).run(tries))
    site.close()


def series_without_end(data: Path, seed: int, first_hour: int, line: Connection) -> None:
    """Book series after series of `DATES` dates, telling each once it is committed."""
    site = builders.visited(data)
    for number in count():
        wish = site.wish(TEN + (first_hour + number // 4) * HOUR)
        asked = SeriesWish(wish, Recurrence(Cadence.WEEKLY, times=DATES))
        made = series.book_series(site.side.desk, asked, Accepted(), ANNA, "public")
        line.send(made.order.id if isinstance(made, Ordered) else made.reason)
