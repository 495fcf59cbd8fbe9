"""The oracle of visits: every order, every waiting and every combination of resources is tried at every minute.

It imports nothing of Portvakt, and knows of one service at one start what the oracle of single bookings knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations, product

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.oracle import worlds
from tests.oracle.brute_force import Claims, Oracle
from tests.oracle.worlds import Extra, Need, Thing, World

Begin = tuple[int, bool]
"""When a part begins, and whether it waited for that."""


@dataclass(frozen=True)
class Part:
    """One service of a visit: as the service of a world, `count` times in a row, after at most `gap` minutes.

    extras: what each time is taken with.
    """

    needs: tuple[Need, ...]
    duration: int
    before: int
    after: int
    grid: int
    count: int = 1
    gap: int = 0
    wanted: str | None = None
    extras: tuple[Extra, ...] = ()

    @property
    def lasts(self) -> int:
        """How many minutes each time lasts with its extras."""
        return self.duration + sum(extra.minutes * extra.quantity for extra in self.extras)

    def extras_of_all(self) -> tuple[Extra, ...]:
        """The extras of each time of the row, as if all were taken beside one long service."""
        return tuple(
            replace(extra, minutes=0, need=self._at(place, extra.need))
            for place in range(self.count)
            for extra in self.extras
            if extra.need is not None
        )

    def _at(self, place: int, need: Need | None) -> Need | None:
        if need is None:
            return None
        length = self.lasts - need.offset if need.length is None else need.length
        return replace(need, offset=place * self.lasts + need.offset, length=length)


@dataclass(frozen=True)
class Journey:
    """A visit in a world, of which only what is there counts: things, hours, claims, rule, range."""

    world: World
    parts: tuple[Part, ...]
    any_order: bool


class VisitOracle:
    """One journey, walked once."""

    def __init__(self, journey: Journey) -> None:
        self._journey = journey
        self._known: dict[tuple[int, Begin], list[Claims]] = {}
        things = journey.world.things
        # Who follows somebody else begins when that ends, whatever the own grid says.
        self._oracles = self._of_parts(tuple(replace(thing, grid=None) for thing in things))
        self._gridded = self._of_parts(things) if any(thing.grid for thing in things) else self._oracles

    def _of_parts(self, things: tuple[Thing, ...]) -> list[Oracle]:
        """What is known of each part by itself. A row is one service that lasts so much longer."""
        return [
            Oracle(
                replace(
                    self._journey.world,
                    things=things,
                    needs=part.needs,
                    duration=part.lasts * part.count,
                    extras=part.extras_of_all(),
                    before=part.before,
                    after=part.after,
                    grid=part.grid,
                    quantity=1,
                    wanted=part.wanted,
                )
            )
            for part in self._journey.parts
        ]

    def starts(self) -> set[int]:
        """Every start of the whole visit in the world's range."""
        world = self._journey.world
        return {start for start in range(world.begins, world.ends, 60) if self.possible(start)}

    def possible(self, start: int) -> bool:
        numbers = range(len(self._oracles))
        orders = permutations(numbers) if self._journey.any_order else [tuple(numbers)]
        return any(self._fits(order, start) for order in orders)

    def _fits(self, order: tuple[int, ...], start: int) -> bool:
        return any(self._together(order, begins) for begins in self._layouts(order, start, waits=True))

    def _layouts(self, order: tuple[int, ...], start: int, *, waits: bool) -> Iterator[tuple[Begin, ...]]:
        """Every way to begin: when, and whether after waiting for a start of a grid, as the first one does."""
        if not self._may_begin(order[0], start, waits=waits):
            return
        if len(order) == 1:
            yield ((start, waits),)
            return
        part, following = self._journey.parts[order[0]], order[1]
        end = start + part.lasts * part.count * 60
        for wait in range(self._journey.parts[following].gap + 1):
            for rest in self._layouts(order[1:], end + wait * 60, waits=wait > 0):
                yield ((start, waits), *rest)

    def _may_begin(self, number: int, start: int, *, waits: bool) -> bool:
        oracle, part = self._oracles[number], self._journey.parts[number]
        slots = (start + place * part.lasts * 60 for place in range(part.count))
        if not all(oracle._rule_allows(slot) and oracle._is_visible(slot) for slot in slots):
            return False
        if not oracle._hours_allow(start):
            return False
        if waits and self._gridded[number].has_own_grids:
            return True
        return start >= oracle._running_start() and (not waits or oracle._on_grid(start))

    def _together(self, order: tuple[int, ...], begins: tuple[Begin, ...]) -> bool:
        ways = [self._claims(number, begin) for number, begin in zip(order, begins, strict=True)]
        room_for = self._oracles[0]._room_for
        return any(room_for(tuple(claim for claims in way for claim in claims)) for way in product(*ways))

    def _claims(self, number: int, begin: Begin) -> list[Claims]:
        if (number, begin) not in self._known:
            self._known[number, begin] = self._worked_out(number, begin)
        return self._known[number, begin]

    def _worked_out(self, number: int, begin: Begin) -> list[Claims]:
        start, waits = begin
        oracle, wanted = (self._gridded if waits else self._oracles)[number], self._journey.parts[number].wanted
        ways = oracle._ways(start, 1)
        return [oracle._claims(way, start, 1) for way in ways if wanted is None or wanted in oracle._names(way)]


@st.composite
def journeys(draw: DrawFn) -> Journey:
    """Visits of one to three services, or a row of one, in the worlds of single bookings."""
    world = draw(worlds.worlds())
    shape = draw(st.sampled_from(["row", "two", "two", "three"]))
    how_many = {"row": 1, "two": 2, "three": 3}[shape]
    parts = tuple(draw(_parts(world, is_row=shape == "row")) for _ in range(how_many))
    ends = min(world.ends, world.begins + 150 * 60)
    return Journey(replace(world, ends=ends), parts, draw(st.booleans()) and how_many > 1)


@st.composite
def _parts(draw: DrawFn, world: World, *, is_row: bool) -> Part:
    duration = draw(st.sampled_from([5, 10, 20, 30]))
    needs = draw(worlds._needs(world.things, duration))
    if is_row:
        # What comes in a row is needed throughout.
        needs = tuple(replace(need, offset=0, length=None) for need in needs)
    ids = sorted({member for need in needs for member in need.members})
    return Part(
        needs=needs,
        duration=duration,
        before=draw(st.sampled_from([0, 0, 5])),
        after=draw(st.sampled_from([0, 0, 10])),
        grid=draw(st.sampled_from([5, 10, 15, 30])),
        count=draw(st.integers(1, 4)) if is_row else 1,
        gap=0 if is_row else draw(st.sampled_from([0, 0, 20])),
        wanted=draw(st.sampled_from([None, None, None, *ids])),
        extras=draw(_extras(world, duration)),
    )


@st.composite
def _extras(draw: DrawFn, world: World, duration: int) -> tuple[Extra, ...]:
    """Mostly none; else one or two that take time or something for themselves."""
    # An extra is had from the start of the slot on which it goes, and does not say when that is.
    things = [thing.id for thing in world.things if thing.grid is None]
    if not things:
        return ()
    pools = st.lists(st.sampled_from(things), min_size=1, max_size=3, unique=True).map(tuple)
    extras = []
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        offset = draw(st.sampled_from([0, 0, duration - 1]))
        length = draw(st.one_of(st.none(), st.integers(1, duration - offset)))
        need = Need(draw(pools), draw(st.sampled_from([1, 1, 2])), offset, length)
        many, minutes = draw(st.sampled_from([1, 1, 2])), draw(st.sampled_from([0, 5, 10]))
        extras.append(Extra(many, minutes, draw(st.sampled_from([None, need, need])), draw(st.booleans())))
    return tuple(extras)
