"""What racing and killed processes do: each opens the booking file itself, without any server in between.

They come from a fork server that has imported everything, so that a process costs milliseconds and shares no file.
"""

import multiprocessing
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from appliance.booking import store
from appliance.booking.actions import waiting
from appliance.booking.actions.moving import Moved
from appliance.booking.bookings import Booking
from appliance.customers.contacts import Contact
from appliance.foundation.errors import Retryable
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant
from tests import builders
from tests.builders import BO, NOW, TEN, Site

Program = Callable[[Path, int, int, Connection], None]

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.storage.racing"])
PATIENCE_S = 240

LESSON: Instant = NOW + 9 * HOUR  # the class at 18:00
STARTS: tuple[Instant, ...] = (TEN, TEN + 15 * MINUTE, TEN + 30 * MINUTE, TEN + 90 * MINUTE)
COURTS = ("court-1", "court-2", "court-3", "court-4")


@dataclass(slots=True)
class Tally:
    """What one racer saw: where its bookings should stand at the end, and how its tries ended."""

    standing: dict[str, Instant] = field(default_factory=dict)
    confirmed: int = 0
    refused: int = 0
    moved: int = 0
    cancelled: int = 0


class Racer:
    """One process at the desk, choosing at random what to do next among few slots."""

    def __init__(self, site: Site, seed: int) -> None:
        self._site = site
        self._dice = random.Random(seed)
        self.tally = Tally()

    def run(self, tries: int) -> Tally:
        verbs = (self._book, self._book, self._take_place, self._hold, self._move, self._cancel)
        for _ in range(tries):
            # SQLite's waiting is not fair: whom it starves is told to come again.
            with suppress(Retryable):
                self._dice.choice(verbs)()
        return self.tally

    def _book(self) -> None:
        start, minutes = self._dice.choice(STARTS), self._dice.choice((60, 90))
        self._note(
            self._site.try_book(
                self._site.wish(start, resource=self._dice.choice((None, None, *COURTS)), duration=minutes)
            )
        )

    def _take_place(self) -> None:
        wish = self._site.wish(LESSON, service="padel-class", quantity=self._dice.randint(1, 4))
        self._note(self._site.try_book(wish, BO))

    def _hold(self) -> None:
        held = self._site.try_hold(self._site.wish(self._dice.choice(STARTS)))
        if isinstance(held, Booking) and self._dice.random() < 0.5:
            self._note(self._site.take_up(held.id))
        elif isinstance(held, Booking):
            # Left to run out, for a process whose clock is ahead of all others'.
            self._site.clock.set(NOW + 10 * MINUTE)
            try:
                self._book()
            finally:
                self._site.clock.set(NOW)
        else:
            self.tally.refused += 1

    def _move(self) -> None:
        if not self.tally.standing:
            return
        booking_id = self._dice.choice(list(self.tally.standing))
        with self._site.side.book.read(self._site.side.scope) as tx:
            found = store.by_id(tx, booking_id)
        assert found is not None, booking_id
        moved = self._site.move(found, self._dice.choice(STARTS), by_staff=True)
        if isinstance(moved, Moved):
            self.tally.moved += 1
            self.tally.standing[booking_id] = moved.booking.interval.start
        else:
            self.tally.refused += 1

    def _cancel(self) -> None:
        if self.tally.standing:
            booking_id = self._dice.choice(list(self.tally.standing))
            self._site.cancel(booking_id, by_staff=True)
            del self.tally.standing[booking_id]
            self.tally.cancelled += 1

    def _note(self, answer: object) -> None:
        if isinstance(answer, Booking):
            self.tally.confirmed += 1
            self.tally.standing[answer.id] = answer.interval.start
        else:
            self.tally.refused += 1


def at_the_desk(data: Path, seed: int, tries: int, line: Connection) -> None:
    """Race through the product's own actions, from the gun on; sends the tally."""
    site = builders.visited(data)
    line.send("ready")
    line.recv()
    line.send(Racer(site, seed).run(tries))
    site.close()


def by_hand(data: Path, seed: int, tries: int, line: Connection) -> None:
    """Race as naive code does: look, be told that a time is free, and insert later; sends how many went in."""
    dice, taken = random.Random(seed), 0
    with closing(sqlite3.connect(data / "booking.db", isolation_level=None, timeout=30)) as connection:
        courts = connection.execute("SELECT id, facility_id FROM resource WHERE kind = 'unit'").fetchall()
        wishes = [(*dice.choice(courts), dice.choice(STARTS)) for _ in range(tries)]
        busy = {row[0] for row in connection.execute("SELECT resource_id FROM claim WHERE active = 1")}
        line.send("ready")
        line.recv()
        for resource, facility, start in wishes:
            if resource not in busy:
                with suppress(sqlite3.IntegrityError):
                    connection.execute(
                        "INSERT INTO claim(facility_id, resource_id, starts, ends, quantity, active)"
                        " VALUES (?,?,?,?,1,1)",
                        (facility, resource, start, start + HOUR),
                    )
                    taken += 1
    line.send(Tally(confirmed=taken))


def without_end(data: Path, seed: int, first_hour: int, line: Connection) -> None:
    """Book court after court, hour after hour, telling each booking once it is committed; now and then move one."""
    site, dice = builders.visited(data), random.Random(seed)
    for number in count():
        booked = site.book(TEN + (first_hour + number // len(COURTS)) * HOUR)
        line.send((booked.id, booked.interval.start))
        if dice.random() < 0.3:
            site.move(booked, booked.interval.start, by_staff=True)


@contextmanager
def started(program: Program, data: Path, seed: int, number: int) -> Iterator[tuple[BaseProcess, Connection]]:
    """A process under way and the line to it; it is dead at the end."""
    here, there = CONTEXT.Pipe()
    process = CONTEXT.Process(target=program, args=(data, seed, number, there), daemon=True)
    process.start()
    there.close()
    try:
        yield process, here
    finally:
        process.kill()
        process.join()
        here.close()


def raced(program: Program, data: Path, processes: int, tries: int) -> list[Any]:
    """What every racer says that it saw, all of them let go at once."""
    with ExitStack() as stack:
        lines = [stack.enter_context(started(program, data, seed, tries))[1] for seed in range(processes)]
        for line in lines:
            assert line.poll(PATIENCE_S)
            assert line.recv() == "ready"
        for line in lines:
            line.send("go")
        tallies = []
        for line in lines:
            assert line.poll(PATIENCE_S)
            tallies.append(line.recv())
        return tallies


def for_anybody(data: Path, seed: int, tries: int, line: Connection) -> None:
    """Book each of `tries` full hours once, in an order of its own, with whomever is free; sends the tally."""
    site, dice = builders.visited(data), random.Random(seed)
    starts = [TEN + number * HOUR for number in range(tries)]
    dice.shuffle(starts)
    tally = Tally()
    line.send("ready")
    line.recv()
    for start in starts:
        answer: object = None
        while answer is None:
            # Whom SQLite's waiting starves comes again: that is no refusal.
            with suppress(Retryable):
                answer = site.try_book(site.wish(start, service="massage"), BO)
        if isinstance(answer, Booking):
            tally.confirmed += 1
        else:
            tally.refused += 1
    line.send(tally)
    site.close()


def for_clips(data: Path, seed: int, tries: int, line: Connection) -> None:
    """Book as Anna, who has a clip card, at times that nobody else wants; tells how many the card paid."""
    site, tally = builders.visited(data), Tally()
    line.send("ready")
    line.recv()
    for number in range(tries):
        with suppress(Retryable):
            booked = site.try_book(site.wish(TEN + (1 + tries * seed + number) * HOUR))
            tally.confirmed += isinstance(booked, Booking) and booked.price.amount == 0
    line.send(tally)
    site.close()


def clips_by_hand(data: Path, seed: int, tries: int, line: Connection) -> None:
    """Take clips as naive code does: look once, be told that there are some, and take them later."""
    with closing(sqlite3.connect(data / "booking.db", isolation_level=None, timeout=30)) as connection:
        ((card, facility),) = connection.execute("SELECT id, facility_id FROM entitlement").fetchall()
        line.send("ready")
        line.recv()
        for number in range(tries):
            with suppress(sqlite3.IntegrityError):
                connection.execute(
                    "INSERT INTO entitlement_use VALUES (?,?,?,-1,NULL,NULL,0,'')",
                    (f"{seed}-{number}-{random.random()}", facility, card),
                )
    line.send(Tally())


def for_last_places(data: Path, seed: int, tries: int, line: Connection) -> None:
    """Take one or two places of the same class again and again; tells how many places were won."""
    site, dice, tally = builders.visited(data), random.Random(seed), Tally()
    line.send("ready")
    line.recv()
    for _ in range(tries):
        with suppress(Retryable):
            places = dice.randint(1, 2)
            won = isinstance(site.try_book(site.wish(LESSON, service="padel-class", quantity=places)), Booking)
            tally.confirmed += places if won else 0
            tally.refused += not won
    line.send(tally)
    site.close()


def within_a_limit(data: Path, seed: int, days: int, line: Connection) -> None:
    """Book as Anna on each day, at an hour that no other racer wants, at once or from a hold taken before."""
    site, tally = builders.visited(data), Tally()
    line.send("ready")
    line.recv()
    for day in range(days):
        with suppress(Retryable):
            start = TEN + day * DAY + seed * HOUR
            held = site.try_hold(site.wish(start)) if seed % 2 else None
            answer = site.take_up(held.id) if isinstance(held, Booking) else site.try_book(site.wish(start))
            tally.confirmed += isinstance(answer, Booking)
            tally.refused += not isinstance(answer, Booking)
    line.send(tally)
    site.close()


def for_freed_time(data: Path, seed: int, tries: int, line: Connection) -> None:
    """On few slots book, cancel, wait for a place, and leave the list."""
    site, dice, tally = builders.visited(data), random.Random(seed), Tally()
    line.send("ready")
    line.recv()
    waits: list[str] = []
    for number in range(tries):
        start, who = dice.choice(STARTS), Contact(f"Gäst {seed}", f"guest{seed}-{number}@example.se", None, None)
        with suppress(Retryable):
            booked = site.try_book(site.wish(start, duration=60), who)
            if isinstance(booked, Booking):
                tally.standing[booked.id] = start
                tally.confirmed += 1
            else:
                joined = waiting.join(site.side.desk, site.wish(start, duration=60), None, who, "public")
                waits += [joined.entry.id] if isinstance(joined, waiting.Waits) else []
        with suppress(Retryable):
            if tally.standing and dice.random() < 0.6:
                site.cancel(tally.standing.popitem()[0], by_staff=True)
                tally.cancelled += 1
            elif waits and dice.random() < 0.3:
                waiting.leave(site.side.desk, waits.pop(), "public")
    line.send(tally)
    site.close()
