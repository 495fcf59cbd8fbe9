"""The model of a whole facility: what its file says can be booked by whom, and what must hold of its rows.

It reads raw rows and imports nothing of Portvakt (a test reads its imports). The places and times of a single wish are
those of the brute-force oracle; rules, limits, swaps, classes, waiting lists, clips and keys are worked out here.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.brute_force import Oracle
from tests.oracle.visit_oracle import Journey, Part, VisitOracle
from tests.oracle.worlds import FACILITY, SERVICE, Claim, Exceptional, Extra, Hours, Need, Thing, World

Row = dict[str, Any]
Free = dict[int, tuple[frozenset[str], int]]

TABLES = (
    "facility", "resource", "pool_member", "service", "service_duration", "need", "extra", "weekly_hours",
    "schedule_exception", "class_session", "booking", "claim", "booking_rule", "waiting", "key", "entitlement",
    "entitlement_product", "entitlement_use", "price_line", "ledger_entry", "booking_order", "booking_extra",
)  # fmt: skip
OCCUPYING = {"held", "pending", "confirmed", "arrived", "completed"}
WITH_KEYS = {"confirmed", "arrived", "completed"}
COUNTED = {"pending", "confirmed", "arrived", "completed", "no_show"}
AHEAD = {"held", "pending", "confirmed", "arrived"}


@dataclass(frozen=True)
class Asked:
    """A wish in plain values. extras: by id, how many; without: a booking that is moved, and so in nobody's way."""

    service: str
    channel: str = "public"
    customer: str | None = None
    quantity: int = 1
    resource: str | None = None
    minutes: int | None = None
    extras: tuple[tuple[str, int], ...] = ()
    without: str | None = None
    promoted: bool = False


class Facts:
    """The rows of a file at an instant."""

    def __init__(self, path: Path, now: int) -> None:
        self.now = now
        with closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            self.rows: dict[str, list[Row]] = {
                table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")] for table in TABLES
            }
        (self.facility,) = self.rows["facility"]
        self.zone = ZoneInfo(self.facility["zone"])
        self.by_id = {row["id"]: row for name in ("service", "booking", "booking_rule") for row in self.rows[name]}

    def free(self, asked: Asked, first: int, last: int) -> Free:
        """The starts from `first` and before `last` that can be had: what may be named, how much is left."""
        service = next(row for row in self.rows["service"] if asked.service in (row["id"], row["slug"]))
        rule = self.rule(service, asked)
        if asked.quantity > service["max_quantity"]:
            return {}
        found = self._lessons(service, asked, rule, first, last) if service["kind"] == "class" else None
        if found is None:
            verdicts = Oracle(self._world(service, asked, rule, first, last)).verdicts()
            found = {start: (each.resources, each.seats) for start, each in verdicts.items()}
        return {start: each for start, each in found.items() if not self.is_barred(service, rule, asked, start)}

    def rule(self, service: Row, asked: Asked) -> Row:
        """The rule in force for who asks: its own, its facility's, or what replaces it for who holds an entitlement."""
        base = json.loads(self.by_id[service["rule_id"] or self.facility["rule_id"]]["terms"])
        held = {
            row["product_id"]
            for row in self.rows["entitlement"]
            if row["customer_id"] == asked.customer
            and row["starts"] <= self.now
            and (row["ends"] is None or self.now < row["ends"])
        }
        able = [swap for swap in base["swaps"] if swap["product"] in held]
        best = min(able, key=lambda swap: (swap["priority"], swap["rule"]), default=None)
        found: Row = base if best is None else json.loads(self.by_id[best["rule"]]["terms"])
        return found

    def window(self, rule: Row, asked: Asked) -> tuple[tuple[int, str] | None, int]:
        """How long before it a start may be booked at the earliest, and how many minutes before at the latest."""
        window = rule["windows"]["public" if asked.promoted else asked.channel]
        earliest, latest = window["earliest"], window["latest"]
        if asked.promoted:
            earliest, latest = None, rule["promote_until"] or latest
        minutes = latest["value"] * {"minutes": 1, "hours": 60, "days": 1440}[latest["unit"]]
        return (earliest["value"], earliest["unit"]) if earliest else None, minutes

    def is_barred(self, service: Row, rule: Row, asked: Asked, start: int) -> bool:
        """Whether a limit is full for who asks."""
        binding = [each for each in rule["limits"] if asked.channel != "staff" or each["whose"] == "everybody"]
        return any(self.counted(service, each, asked, start) >= each["most"] for each in binding)

    def counted(self, service: Row, limit: Row, asked: Asked, start: int) -> int:
        """How many bookings count against a limit for a start."""
        alike = {service["id"]}
        if limit["of"] == "rule":
            alike = {each["id"] for each in self.rows["service"] if self._base(each) == self._base(service)}
        return sum(
            self._counts(row, limit, asked) and self._same_period(limit["per"], row["starts"], start)
            for row in self.rows["booking"]
            if row["service_id"] in alike and row["id"] != asked.without
        )

    def visit(self, legs: tuple[tuple[Asked, int], ...], start: int, gap: int = 0) -> bool:
        """Whether a row (one leg, so many times) or a chain can be had whole at a start, one leg after the other.

        gap: minutes after which a leg may still begin. Every leg is of services under one rule.
        """
        services = [next(row for row in self.rows["service"] if asked.service == row["slug"]) for asked, _ in legs]
        rule = self.rule(services[0], legs[0][0])
        worlds = [
            # With extras a row lasts longer than what the oracle of single bookings looks ahead.
            self._world(row, asked, rule, start, start + 7200)
            for row, (asked, _) in zip(services, legs, strict=True)
        ]  # fmt: skip
        things = {thing.id: thing for world in worlds for thing in world.things}
        parts = tuple(
            Part(
                world.needs, world.duration, world.before, world.after, world.grid, count, gap, asked.resource,
                world.extras,
            )
            for world, (asked, count) in zip(worlds, legs, strict=True)
        )  # fmt: skip
        whole = replace(
            worlds[0],
            things=tuple(things.values()),
            hours=tuple(dict.fromkeys(each for world in worlds for each in world.hours)),
            exceptions=tuple(dict.fromkeys(each for world in worlds for each in world.exceptions)),
            claims=self._plain_claims(legs[0][0], set(things)),
        )
        if not VisitOracle(Journey(whole, parts, any_order=False)).possible(start):
            return False
        each = [(row, asked) for row, (asked, count) in zip(services, legs, strict=True) for _ in range(count)]
        return all(
            self.counted(row, limit, asked, start) + self._before(limit, row, each[:place]) < limit["most"]
            for place, (row, asked) in enumerate(each)
            for limit in rule["limits"]
        )

    def _before(self, limit: Row, service: Row, legs: list[tuple[Row, Asked]]) -> int:
        return sum(limit["of"] == "rule" or row["id"] == service["id"] for row, _ in legs)

    def waits_in_vain(self) -> list[tuple[str, int]]:
        """Entries of the waiting list that could be served: which, and a start that is free for them.

        Where all are told and nothing is kept, people wait beside what they may book themselves.
        """
        found = []
        for entry in self.rows["waiting"]:
            service = self.by_id[entry["service_id"]]
            if entry["state"] != "waiting" or service["waiting_mode"] in ("off", "notify_all"):
                continue
            asked = Asked(
                service["id"], entry["channel"], entry["customer_id"], entry["quantity"], None, entry["duration"],
                promoted=True,
            )  # fmt: skip
            found += [(entry["id"], start) for start in self.free(asked, entry["starts_from"], entry["starts_before"])]
        return found

    def wrongs(self) -> list[str]:
        """Everything that may never be, as sentences; empty when all is well."""
        return [*self._claims_astray(), *self._keys_astray(), *self._clips_astray(), *self._money()]

    def _claims_astray(self) -> Iterator[str]:
        for row in self.rows["claim"]:
            booked = self.by_id.get(row["booking_id"])
            if booked is not None and bool(row["active"]) != (booked["status"] in OCCUPYING):
                yield f"a claim of a booking that is {booked['status']} is active: {row['active']}"

    def _keys_astray(self) -> Iterator[str]:
        live = {row["booking_id"] for row in self.rows["key"] if row["state"] == "live"}
        owed = {row["id"] for row in self.rows["booking"] if row["status"] in WITH_KEYS}
        yield from (f"booking {each} has a live key: {each in live}" for each in live ^ owed)

    def _clips_astray(self) -> Iterator[str]:
        paying = {row["booking_id"]: row["entitlement_id"] for row in self.rows["price_line"] if row["entitlement_id"]}
        wanted: Counter[str] = Counter()
        for row in self.rows["booking"]:
            if row["id"] in paying and row["status"] in OCCUPYING | {"no_show"}:
                wanted[paying[row["id"]]] += row["quantity"]
        for card in self.rows["entitlement"]:
            uses = [row for row in self.rows["entitlement_use"] if row["entitlement_id"] == card["id"]]
            left, used = sum(row["delta"] for row in uses), -sum(row["delta"] for row in uses if row["booking_id"])
            if left < 0 or used != wanted[card["id"]]:
                yield f"a card has {left} clips left; bookings say {wanted[card['id']]} are used, its ledger {used}"

    def _money(self) -> Iterator[str]:
        sums: Counter[str] = Counter()
        for row in self.rows["ledger_entry"]:
            sums[row["posting_id"]] += row["amount"]
        yield from (f"posting {each} adds up to {total}" for each, total in sums.items() if total)

    def _base(self, service: Row) -> str:
        return str(service["rule_id"] or self.facility["rule_id"])

    def _counts(self, row: Row, limit: Row, asked: Asked) -> bool:
        # What has run out is nobody's any more, whether or not a job has said so yet.
        if row["expires_at"] is not None and row["expires_at"] <= self.now:
            return False
        everybody = limit["whose"] == "everybody"
        if row["status"] not in COUNTED and not (everybody and row["status"] == "held"):
            return False
        if not everybody and (asked.customer is None or row["customer_id"] != asked.customer):
            return False
        return limit["per"] != "at_once" or (row["status"] in AHEAD and row["ends"] > self.now)

    def _same_period(self, per: str, one: int, other: int) -> bool:
        a, b = (datetime.fromtimestamp(each, self.zone).date() for each in (one, other))
        if per == "week":
            return a.isocalendar()[:2] == b.isocalendar()[:2]
        return {"at_once": True, "day": a == b, "month": (a.year, a.month) == (b.year, b.month)}[per]

    def _lessons(self, service: Row, asked: Asked, rule: Row, first: int, last: int) -> Free:
        found = {}
        earliest, latest = self.window(rule, asked)
        for lesson in self.rows["class_session"]:
            start = lesson["starts"]
            if lesson["service_id"] != service["id"] or lesson["status"] != "planned" or not first <= start < last:
                continue
            taken = sum(
                row["quantity"]
                for row in self._claims(asked)
                if row["resource_id"] == lesson["resource_id"]
                and row["starts"] < lesson["ends"]
                and row["ends"] > start
            )
            capacity = next(row["capacity"] for row in self.rows["resource"] if row["id"] == lesson["resource_id"])
            left = capacity - taken
            if left >= asked.quantity and self._is_time(start, earliest, latest):
                found[start] = (frozenset({lesson["resource_id"]}), left)
        return found

    def _is_time(self, start: int, earliest: tuple[int, str] | None, latest: int) -> bool:
        if self.now > start - latest * 60:
            return False
        if earliest is None:
            return True
        value, unit = earliest
        if unit != "days":
            return self.now >= start - value * {"minutes": 60, "hours": 3600}[unit]
        shown = datetime.fromtimestamp(start, self.zone).replace(tzinfo=None) - timedelta(days=value)
        return datetime.fromtimestamp(self.now, self.zone).replace(tzinfo=None) >= shown

    def _claims(self, asked: Asked) -> Iterator[Row]:
        for row in self.rows["claim"]:
            booked = self.by_id.get(row["booking_id"]) or {"expires_at": None}
            stale = booked["expires_at"] is not None and booked["expires_at"] <= self.now
            if row["active"] and not stale and (asked.without is None or row["booking_id"] != asked.without):
                yield row

    def _plain_claims(self, asked: Asked, resources: set[str]) -> tuple[Claim, ...]:
        return tuple(
            Claim(row["resource_id"], row["starts"], row["ends"], row["quantity"], None)
            for row in self._claims(asked)
            if row["resource_id"] in resources
        )

    def _world(self, service: Row, asked: Asked, rule: Row, first: int, last: int) -> World:
        needs = tuple(
            self._need(row) for row in sorted(self.rows["need"], key=lambda row: row["position"])
            if row["service_id"] == service["id"]
        )  # fmt: skip
        extras = tuple(self._extra(*each) for each in asked.extras)
        everything = [*needs, *(extra.need for extra in extras if extra.need is not None)]
        things = self._things({member for need in everything for member in need.members})
        here = {thing.id: thing.id for thing in things} | {self.facility["id"]: FACILITY, service["id"]: SERVICE}
        earliest, latest = self.window(rule, asked)
        return World(
            zone=self.facility["zone"],
            begins=first,
            ends=last,
            now=self.now,
            things=things,
            needs=needs,
            duration=asked.minutes or self._usual(service),
            before=service["before_minutes"],
            after=service["after_minutes"],
            grid=service["grid_minutes"],
            quantity=asked.quantity,
            wanted=asked.resource,
            earliest=earliest,
            book_until=latest,
            hours=tuple(
                Hours(
                    here[row["owner_id"]], row["weekday"], row["from_minute"], row["to_minute"], row["valid_from"],
                    row["valid_to"],
                )
                for row in self.rows["weekly_hours"] if row["owner_id"] in here
            ),
            exceptions=tuple(
                Exceptional(here[row["owner_id"]], row["starts"], row["ends"], bool(row["opens"]))
                for row in self.rows["schedule_exception"] if row["owner_id"] in here
            ),
            claims=self._plain_claims(asked, set(here)),
            extras=extras,
        )  # fmt: skip

    def _usual(self, service: Row) -> int:
        rows = [row for row in self.rows["service_duration"] if row["service_id"] == service["id"]]
        return int(min(rows, key=lambda row: row["position"])["minutes"])

    def _need(self, row: Row, quantity: str = "quantity") -> Need:
        order = {each["id"]: each["position"] for each in self.rows["resource"]}
        members = [each["resource_id"] for each in self.rows["pool_member"] if each["pool_id"] == row["pool_id"]]
        members.sort(key=lambda each: (order[each], each))
        return Need(tuple(members), row[quantity], row["offset_minutes"], row["length_minutes"])

    def _extra(self, extra_id: str, many: int) -> Extra:
        row = next(each for each in self.rows["extra"] if each["id"] == extra_id)
        need = self._need(row, "need_quantity") if row["pool_id"] else None
        return Extra(many, row["minutes"], need, row["per"] == "person")

    def _things(self, wanted: set[str]) -> tuple[Thing, ...]:
        """What is wanted, with everything above and below it."""
        parent = {row["id"]: row["parent_id"] for row in self.rows["resource"]}
        while more := {each for each in parent if parent[each] in wanted} - wanted:
            wanted |= more
        while more := {up for each in wanted if (up := parent[each]) is not None} - wanted:
            wanted |= more
        return tuple(
            Thing(
                row["id"], row["kind"] == "counted", row["capacity"], row["parent_id"],
                (row["grid_minutes"], row["anchor"] == "shift") if row["grid_minutes"] else None,
            )
            for row in self.rows["resource"] if row["id"] in wanted
        )  # fmt: skip
