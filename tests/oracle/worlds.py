"""Random small worlds in plain values, for whoever wants to ask them: the oracle, the search, a database.

Nothing here knows Portvakt. A world is one service at one facility with everything that decides whether it can be
booked. Its claims never overbook a leaf, not even together with its stale holds, so they can be inserted in order.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

FACILITY = "facility"
SERVICE = "service"

TICK_S = 30
"""Every instant of a world is a multiple of this, but for `now`."""


@dataclass(frozen=True)
class Thing:
    """A resource: `counted` or one of a kind. `grid` is its own: minutes, and whether its shifts begin it."""

    id: str
    counted: bool
    capacity: int
    parent: str | None
    grid: tuple[int, bool] | None = None


@dataclass(frozen=True)
class Need:
    """`quantity` of `members`, from minute `offset` for `length` minutes (None: to the end)."""

    members: tuple[str, ...]
    quantity: int
    offset: int
    length: int | None


@dataclass(frozen=True)
class Extra:
    """Chosen `quantity` times: each lengthens the visit by `minutes`, and takes `need` (its offset and length are of
    the whole visit), for each of the booked quantity or once."""

    quantity: int
    minutes: int
    need: Need | None
    per_person: bool


@dataclass(frozen=True)
class Hours:
    """Local opening hours of a weekday (0 Monday), in minutes; dates are ISO and inclusive."""

    owner: str
    weekday: int
    first: int
    end: int
    valid_from: str | None
    valid_to: str | None


@dataclass(frozen=True)
class Exceptional:
    """An exception to the hours, in UTC seconds."""

    owner: str
    start: int
    end: int
    opens: bool


@dataclass(frozen=True)
class Claim:
    """What is occupied, in UTC seconds; a hold has an instant at which it expires."""

    resource: str
    start: int
    end: int
    quantity: int
    expires: int | None


@dataclass(frozen=True)
class World:
    """A service, a wish, and everything known. Search starts in [begins, ends). Lengths are minutes."""

    zone: str
    begins: int
    ends: int
    now: int
    things: tuple[Thing, ...]
    needs: tuple[Need, ...]
    duration: int
    before: int
    after: int
    grid: int
    quantity: int
    wanted: str | None
    earliest: tuple[int, str] | None
    book_until: int
    hours: tuple[Hours, ...] = ()
    exceptions: tuple[Exceptional, ...] = ()
    claims: tuple[Claim, ...] = ()
    visible_days: int | None = None
    extras: tuple[Extra, ...] = ()

    @property
    def visit(self) -> int:
        """Minutes of the whole visit."""
        return self.duration + sum(extra.minutes * extra.quantity for extra in self.extras)

    @property
    def leaves(self) -> tuple[Thing, ...]:
        parents = {thing.parent for thing in self.things}
        return tuple(thing for thing in self.things if thing.id not in parents)


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


NIGHTS = {
    # Each clock change, and one night without any.
    "Stockholm skips 02:00 to 03:00": ("Europe/Stockholm", _instant("2027-03-28T01:00")),
    "Stockholm repeats 02:00 to 03:00": ("Europe/Stockholm", _instant("2026-10-25T01:00")),
    "Lord Howe skips 02:00 to 02:30": ("Australia/Lord_Howe", _instant("2026-10-03T15:30")),
    "Lord Howe repeats 01:30 to 02:00": ("Australia/Lord_Howe", _instant("2027-04-03T15:00")),
    "an ordinary night": ("Europe/Stockholm", _instant("2026-11-23T23:00")),
}


@dataclass
class _Ledger:
    """Adds claims while there is room for them, minute by half minute."""

    capacity: dict[str, int]
    load: dict[tuple[str, int], int] = field(default_factory=dict)

    def take(self, claim: Claim) -> bool:
        cells = [(claim.resource, tick) for tick in range(claim.start, claim.end, TICK_S)]
        if any(self.load.get(cell, 0) + claim.quantity > self.capacity[claim.resource] for cell in cells):
            return False
        for cell in cells:
            self.load[cell] = self.load.get(cell, 0) + claim.quantity
        return True


@st.composite
def worlds_with_extras(draw: DrawFn) -> World:
    """The same worlds, in which the service is taken with one or two extras."""
    world = draw(worlds())
    ids = [thing.id for thing in world.things]
    pools = st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True).map(tuple)
    extras = []
    for _ in range(draw(st.sampled_from([1, 1, 2]))):
        offset = draw(st.sampled_from([0, 0, 0, world.duration - 1]))
        length = draw(st.one_of(st.none(), st.integers(1, world.duration - offset)))
        need = Need(draw(pools), draw(st.sampled_from([1, 1, 2])), offset, length)
        minutes = draw(st.sampled_from([0, 0, 5, 15, 30]))
        own = draw(st.sampled_from([None, need, need]))
        extras.append(Extra(draw(st.sampled_from([1, 1, 2])), minutes, own, draw(st.booleans())))
    return World(**{**vars(world), "extras": tuple(extras)})


@st.composite
def worlds(draw: DrawFn) -> World:
    """Worlds of at most five resources and twenty claims around a night of `NIGHTS`."""
    zone, anchor = draw(st.sampled_from(list(NIGHTS.values())))
    begins = anchor + 60 * draw(st.integers(-300, 60))
    ends = begins + 60 * draw(st.integers(60, 360))
    before_all = st.integers(begins - 90_000, begins)
    now = draw(st.one_of(before_all, before_all, before_all, st.integers(begins, ends)))
    things = draw(_things())
    duration = draw(st.sampled_from([1, 20, 30, 45, 60, 90]))
    needs = draw(_needs(things, duration))
    ids = sorted({member for need in needs for member in need.members})
    world = World(
        zone=zone,
        begins=begins,
        ends=ends,
        now=now,
        things=things,
        needs=needs,
        duration=duration,
        before=draw(st.sampled_from([0, 0, 5, 20])),
        after=draw(st.sampled_from([0, 0, 10, 25])),
        grid=draw(st.sampled_from([15, 15, 5, 5, 1, 30, 50, 60])),
        quantity=draw(st.sampled_from([1, 1, 1, 1, 1, 2, 3])),
        wanted=draw(st.sampled_from([None] * 6 + ids)),
        earliest=draw(_earliest()),
        book_until=draw(st.sampled_from([0, 0, 30, -5, -70])),
        hours=draw(_hours(things)),
        exceptions=draw(_exceptions(things, begins)),
        visible_days=draw(st.sampled_from([None] * 8 + [1, 2])),
    )
    number = draw(st.integers(0, 20))
    claims = draw(st.lists(_claims(world), min_size=number, max_size=number))
    ledger = _Ledger({leaf.id: leaf.capacity for leaf in world.leaves})
    fitting = tuple(claim for claim in claims if ledger.take(claim))
    return World(**{**vars(world), "claims": fitting})


@st.composite
def _things(draw: DrawFn) -> tuple[Thing, ...]:
    """One to five resources; perhaps a hall with two or three parts, of which one may have parts itself."""
    things: list[Thing] = []
    is_split = draw(st.booleans())
    if is_split:
        court_of = draw(st.sampled_from(["hall", "half"]))
        things += [Thing("hall", False, 1, None), Thing("half", False, 1, "hall"), Thing("court", False, 1, court_of)]
    for number in range(draw(st.integers(0 if is_split else 1, 5 - len(things)))):
        capacity = draw(st.sampled_from([0, 0, 1, 2, 4]))
        parent = "hall" if is_split and draw(st.sampled_from([False, False, True])) else None
        grid = draw(st.sampled_from([None] * 4 + [(60, False), (60, True), (50, True)]))
        things.append(Thing(f"thing-{number}", capacity > 0, max(capacity, 1), parent, grid))
    shuffled: list[Thing] = draw(st.permutations(things))
    return tuple(shuffled)


@st.composite
def _needs(draw: DrawFn, things: tuple[Thing, ...], duration: int) -> tuple[Need, ...]:
    """One or two needs, whose members may be the same resources, at the same time or one after the other."""
    ids = [thing.id for thing in things]
    pools = st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True).map(tuple)
    needs = []
    for _ in range(draw(st.sampled_from([1, 1, 2]))):
        offset = draw(st.sampled_from([0, 0, duration // 3, duration - 1]))
        length = draw(st.one_of(st.none(), st.integers(1, duration - offset)))
        needs.append(Need(draw(pools), draw(st.sampled_from([1, 1, 1, 2])), offset, length))
    return tuple(needs)


def _earliest() -> st.SearchStrategy[tuple[int, str] | None]:
    minutes = st.tuples(st.integers(0, 2000), st.just("minutes"))
    hours = st.tuples(st.integers(0, 40), st.just("hours"))
    days = st.tuples(st.integers(0, 3), st.just("days"))
    return st.one_of(st.none(), st.none(), st.none(), minutes, hours, days)


def _owners(things: tuple[Thing, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from([FACILITY, SERVICE, *(thing.id for thing in things)])


@st.composite
def _hours(draw: DrawFn, things: tuple[Thing, ...]) -> tuple[Hours, ...]:
    """Hours that cover most of the night, some with an end in the small hours, some valid for a season."""
    rows: list[Hours] = []
    how_many = draw(st.sampled_from([0, 0, 0, 1, 1, 2]))
    for owner in draw(st.lists(_owners(things), min_size=how_many, max_size=how_many, unique=True)):
        validity = draw(
            st.sampled_from([(None, None), (None, None), ("2026-10-25", "2027-04-04"), (None, "2027-03-27")])
        )
        for first, end in draw(st.lists(st.sampled_from(_DAYS), min_size=1, max_size=2)):
            days = draw(st.sampled_from([range(7), range(7), range(7), (5, 6)]))
            rows.extend(Hours(owner, weekday, first, end, *validity) for weekday in days)
    return tuple(rows)


_DAYS = [
    (0, 1440),
    (0, 1440),
    (0, 1440),
    (0, 150),
    (130, 145),
    (140, 400),
    (90, 2880),
    (1260, 1570),
    (1200, 1590),
    (1439, 1441),
    (121, 1381),
]


@st.composite
def _exceptions(draw: DrawFn, things: tuple[Thing, ...], begins: int) -> tuple[Exceptional, ...]:
    def one(owner: str, start: int, length: int, opens: bool) -> Exceptional:
        return Exceptional(owner, begins + start * TICK_S, begins + (start + length) * TICK_S, opens)

    each = st.builds(one, _owners(things), st.integers(-200, 800), st.integers(1, 400), st.booleans())
    how_many = draw(st.sampled_from([0, 0, 0, 1, 2, 3]))
    return tuple(draw(st.lists(each, min_size=how_many, max_size=how_many)))


@st.composite
def _claims(draw: DrawFn, world: World) -> Claim:
    """A claim near the search, some begun long before it, some off the minute, some a hold about to expire."""
    leaf = draw(st.sampled_from(world.leaves))
    length = TICK_S * draw(st.sampled_from([120, 60, 20, 2, 1, 130, 360, 3000]))
    first, last = world.begins - min(length, 7200), world.ends + 3600
    start = draw(st.integers(first // TICK_S, last // TICK_S)) * TICK_S
    expires = draw(st.sampled_from([None, None, None, world.now - 1, world.now, world.now + 1]))
    return Claim(leaf.id, start, start + length, draw(st.integers(1, leaf.capacity)), expires)
