"""The oracle: what can be booked, found by walking every half minute and trying every combination.

It imports nothing of Portvakt (a test reads its imports), knows no bit sets, no intervals and no arithmetic of zones:
the wall clock is asked at every minute. Slow and plain on purpose.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations, count, product
from zoneinfo import ZoneInfo

from tests.oracle.worlds import FACILITY, SERVICE, TICK_S, Need, World

Claims = tuple[tuple[str, int, int, int], ...]
"""Claims of one booking as sorted (leaf, start, end, quantity)."""


@dataclass(frozen=True)
class Verdict:
    """What is possible at a start: what may be wanted, how much is left, and every set of claims that would do."""

    resources: frozenset[str]
    seats: int
    bookings: frozenset[Claims]


def decide(world: World) -> dict[int, Verdict]:
    """Every minute in the world's range that can be booked, with its verdict."""
    return Oracle(world).verdicts()


class Oracle:
    """One world, walked once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.zone = ZoneInfo(world.zone)
        self.things = {thing.id: thing for thing in world.things}
        self.leaves = {thing.id: self._leaves(thing.id) for thing in world.things}
        self.first = world.begins - 7200
        self.ticks = range(self.first, world.ends + 14_400, TICK_S)
        walls = {minute: self._wall(minute) for minute in range(self.first, world.ends + 14_400, 60)}
        self.load = {thing.id: [self._load(thing.id, tick) for tick in self.ticks] for thing in world.leaves}
        owners = [FACILITY, SERVICE, *self.things]
        self.open = {owner: [self._is_open(owner, tick, walls) for tick in self.ticks] for owner in owners}
        self.has_own_grids = any(self._has_own_grids(need) for need in world.needs)
        self.passes: dict[datetime, int] = {}
        for minute in range(world.begins - 5 * 86_400, world.ends + 60, 60):
            self.passes.setdefault(self._wall(minute), minute)

    def verdicts(self) -> dict[int, Verdict]:
        found = {}
        running = self._running_start()
        for start in range(self.world.begins, self.world.ends, 60):
            on_grid = self.has_own_grids or (self._on_grid(start) and start >= running)
            if on_grid and self._is_visible(start) and self._rule_allows(start) and self._hours_allow(start):
                verdict = self._verdict(start)
                if verdict is not None:
                    found[start] = verdict
        return found

    def _verdict(self, start: int) -> Verdict | None:
        quantity, wanted = self.world.quantity, self.world.wanted
        ways = [way for way in self._ways(start, quantity) if wanted is None or wanted in self._names(way)]
        if not ways:
            return None
        choice = {name for way in ways for name in self._names(way)}
        more = (n for n in count(quantity + 1) if not self._any_way(start, n))
        return Verdict(
            frozenset(choice if wanted is None else {wanted}),
            next(more) - 1,
            frozenset(self._claims(way, start, quantity) for way in ways),
        )

    def _any_way(self, start: int, quantity: int) -> bool:
        wanted = self.world.wanted
        return any(wanted is None or wanted in self._names(way) for way in self._ways(start, quantity))

    def _ways(self, start: int, quantity: int) -> Iterator[tuple[tuple[str, ...], ...]]:
        """Every way to pick members for all needs that are open and leave no leaf overbooked at any tick."""
        for way in product(*self.choices(start, quantity)):
            if self._room_for(self._claims(way, start, quantity)):
                yield way

    def choices(self, start: int, quantity: int) -> list[list[tuple[str, ...]]]:
        """For each need of the service, then of each extra: the members that might be picked together."""
        return [list(self._choices(need, start, units)) for need, units in self._needed(quantity)]

    def _needed(self, quantity: int) -> Iterator[tuple[Need, int]]:
        for need in self.world.needs:
            yield need, need.quantity * quantity
        for extra in self.world.extras:
            if extra.need is not None:
                yield extra.need, extra.need.quantity * extra.quantity * (quantity if extra.per_person else 1)

    def _choices(self, need: Need, start: int, units: int) -> Iterator[tuple[str, ...]]:
        open_members = [
            member
            for member in need.members
            if self._is_member_open(member, need, start) and self._member_starts(member, need, start)
        ]
        yield from combinations(open_members, 1 if self._by_units(need) else units)

    def _claims(self, way: tuple[tuple[str, ...], ...], start: int, quantity: int) -> Claims:
        claims = []
        for (need, total), members in zip(self._needed(quantity), way, strict=True):
            begin, end = self._part(need, start)
            if need.offset == 0:
                begin -= self.world.before * 60
            if end == start + self.world.visit * 60:
                end += self.world.after * 60
            for member in members:
                for leaf in self.leaves[member]:
                    whole = leaf != member
                    units = total if self._by_units(need) else 1
                    claims.append((leaf, begin, end, self.things[leaf].capacity if whole else units))
        return tuple(sorted(claims))

    def _room_for(self, claims: Claims) -> bool:
        added: Counter[tuple[str, int]] = Counter()
        for leaf, begin, end, units in claims:
            capacity, load = self.things[leaf].capacity, self.load[leaf]
            for index in range((begin - self.first) // TICK_S, (end - self.first) // TICK_S):
                added[leaf, index] += units
                if load[index] + added[leaf, index] > capacity:
                    return False
        return True

    def _part(self, need: Need, start: int) -> tuple[int, int]:
        length = self.world.visit - need.offset if need.length is None else need.length
        return start + need.offset * 60, start + (need.offset + length) * 60

    def _is_member_open(self, member: str, need: Need, start: int) -> bool:
        owners = {owner for leaf in self.leaves[member] for owner in self._line(leaf)}
        return all(self._all_open(owner, *self._part(need, start)) for owner in owners)

    def _hours_allow(self, start: int) -> bool:
        end = start + self.world.visit * 60
        return self._all_open(FACILITY, start, end) and self._all_open(SERVICE, start, end)

    def _all_open(self, owner: str, begin: int, end: int) -> bool:
        return all(self.open[owner][(begin - self.first) // TICK_S : (end - self.first) // TICK_S])

    def _is_open(self, owner: str, tick: int, walls: dict[int, datetime]) -> bool:
        opens = {each.opens for each in self.world.exceptions if each.owner == owner and each.start <= tick < each.end}
        if opens:
            return True in opens
        rows = [row for row in self.world.hours if row.owner == owner]
        if not rows:
            return True
        wall = walls[self.first + (tick - self.first) // 60 * 60]
        minute = wall.hour * 60 + wall.minute
        for day, shown in ((wall.date(), minute), (wall.date() - timedelta(days=1), minute + 1440)):
            for row in rows:
                valid_from = date.min if row.valid_from is None else date.fromisoformat(row.valid_from)
                valid_to = date.max if row.valid_to is None else date.fromisoformat(row.valid_to)
                if day.weekday() == row.weekday and valid_from <= day <= valid_to and row.first <= shown < row.end:
                    return True
        return False

    def _load(self, leaf: str, tick: int) -> int:
        now = self.world.now
        return sum(
            claim.quantity
            for claim in self.world.claims
            if claim.resource == leaf
            and claim.start <= tick < claim.end
            and (claim.expires is None or claim.expires > now)
        )

    def _rule_allows(self, start: int) -> bool:
        if self.world.now > start - self.world.book_until * 60:
            return False
        if self.world.earliest is None:
            return True
        value, unit = self.world.earliest
        if unit != "days":
            return self.world.now >= start - value * {"minutes": 60, "hours": 3600}[unit]
        shown = self._wall(start) - timedelta(days=value)
        while shown not in self.passes:
            shown += timedelta(minutes=1)
        return self.world.now >= self.passes[shown]

    def _running_start(self) -> int:
        start = self.world.now // 60 * 60
        while not self._on_grid(start):
            start -= 60
        return start

    def _is_visible(self, start: int) -> bool:
        days = self.world.visible_days
        return days is None or self._wall(start).date() < self._wall(self.world.now).date() + timedelta(days=days)

    def _has_own_grids(self, need: Need) -> bool:
        return any(self.things[member].grid for member in need.members)

    def _member_starts(self, member: str, need: Need, start: int) -> bool:
        """Whether bookings that pick a member may start now: on its grid, and not before that grid's running start."""
        if not self._has_own_grids(need):
            return True
        now = self.world.now // 60 * 60
        begun = (now - 60 * back for back in range(1441))
        running = next((minute for minute in begun if self._on_own_grid(member, minute)), now)
        return start >= running and self._on_own_grid(member, start)

    def _on_own_grid(self, member: str, start: int) -> bool:
        grid = self.things[member].grid
        if grid is None:
            return self._on_grid(start)
        step, by_shift = grid
        rows = [row for row in self.world.hours if row.owner == member]
        opened = [each for each in self.world.exceptions if each.owner == member and each.opens]
        wall = self._wall(start)
        minute = wall.hour * 60 + wall.minute
        if not by_shift or not (rows or opened):
            return minute % step == 0
        for shift in opened:
            first = -(-shift.start // 60) * 60
            if first <= start < shift.end and (start - first) // 60 % step == 0:
                return True
        for back in range(3):
            day, shown = wall.date() - timedelta(days=back), minute + 1440 * back
            for row in rows:
                valid_from = date.min if row.valid_from is None else date.fromisoformat(row.valid_from)
                valid_to = date.max if row.valid_to is None else date.fromisoformat(row.valid_to)
                is_valid = day.weekday() == row.weekday and valid_from <= day <= valid_to
                if is_valid and row.first <= shown < row.end and (shown - row.first) % step == 0:
                    return True
        return False

    def _on_grid(self, start: int) -> bool:
        wall = self._wall(start)
        return (wall.hour * 60 + wall.minute) % self.world.grid == 0

    def _wall(self, instant: int) -> datetime:
        return datetime.fromtimestamp(instant, self.zone).replace(tzinfo=None)

    def _by_units(self, need: Need) -> bool:
        return all(self.things[member].counted for member in need.members)

    def _leaves(self, member: str) -> list[str]:
        parts = [thing.id for thing in self.world.things if thing.parent == member]
        return [leaf for part in parts for leaf in self._leaves(part)] or [member]

    def _line(self, member: str) -> list[str]:
        parent = self.things[member].parent
        return [member] if parent is None else [member, *self._line(parent)]

    def _names(self, way: tuple[tuple[str, ...], ...]) -> set[str]:
        """What may be wished for by name: what is picked for an extra may not."""
        return {name for members in way[: len(self.world.needs)] for name in members}
