"""Price rules: what a service costs at one start, for one person, on one resource (DY-16, DY-17, DY-31).

A service has a base price for each duration. Rules replace it or add to it where all their conditions hold:

* an *amount* is the price of one duration of one service; a *percent* is so much of the base price, half up;
* of these the most specific one wins, see `rank`; an *addition* comes on top, each that fits.

Time is wall-clock time at the facility, looked at for the start alone: nothing is projected, so that a repeated hour
costs the same twice and a skipped one nothing. A time of day may pass midnight; date and weekday are then those of the
day on which it began. Amounts are minor units with VAT contained.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from appliance.foundation.instants import DAY_MINUTES, Instant

LARGEST_AMOUNT: Final = 10_000_000_00
LARGEST_PERCENT: Final = 1000
_ANY_DAYS: Final = 1_000_000


class Effect(StrEnum):
    """What a price rule does with the price."""

    AMOUNT = "amount"
    PERCENT = "percent"
    ADDITION = "addition"


@dataclass(frozen=True, slots=True)
class Conditions:
    """When and for whom a price rule holds; None and an empty set of weekdays (0 is Monday) restrict nothing.

    date_from, date_to: both included. from_minute, to_minute: of the local day, half open; `to` at or before `from`
    passes midnight.
    """

    service_id: str | None = None
    duration: int | None = None
    resource_id: str | None = None
    category_id: str | None = None
    channel: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    weekdays: frozenset[int] = frozenset()
    from_minute: int | None = None
    to_minute: int | None = None


@dataclass(frozen=True, slots=True)
class PriceRule:
    """One rule. `value` is minor units for an amount or an addition, which may be negative; else percent."""

    name: str
    effect: Effect
    value: int
    when: Conditions = Conditions()


@dataclass(frozen=True, slots=True)
class PriceAsk:
    """One unit of what is priced: a service for `duration` minutes at a start, on resources, for a category."""

    service_id: str
    duration: int
    start: Instant
    channel: str
    resource_ids: frozenset[str] = frozenset()
    category_id: str | None = None


Rank: TypeAlias = tuple[int, tuple[bool, ...], int]


def rank(rule: PriceRule) -> Rank:
    """How specific a rule is; the greatest wins.

    More conditions before fewer; with as many, whoever first has one that the other lacks, in the order date, time of
    day, weekday, resource, category, channel, duration, service; of the same ones, the shorter range of dates.
    """
    when = rule.when
    has = (
        when.date_from is not None or when.date_to is not None,
        when.from_minute is not None,
        bool(when.weekdays),
        when.resource_id is not None,
        when.category_id is not None,
        when.channel is not None,
        when.duration is not None,
        when.service_id is not None,
    )
    return sum(has), has, -_days(when)


def holds(when: Conditions, asked: PriceAsk, zone: ZoneInfo) -> bool:
    """Whether all conditions are met."""
    return _meets(when, asked) and _is_time(when, datetime.fromtimestamp(asked.start, zone))


class Prices:
    """The rules of one facility, asked for one price after another."""

    def __init__(self, rules: Mapping[str, PriceRule], zone: ZoneInfo) -> None:
        replacing = [
            (rank(rule), rule_id, rule) for rule_id, rule in rules.items() if rule.effect is not Effect.ADDITION
        ]
        # By id last, the newest first: rules of a rank that hold together are refused on save, but for those of two
        # resources of one booking.
        self._replacing = [rule for _, _, rule in sorted(replacing, key=lambda each: each[:2], reverse=True)]
        self._adding = [rule for rule in rules.values() if rule.effect is Effect.ADDITION]
        self._zone = zone

    def concern(self, service_id: str) -> bool:
        """Whether any rule could change a price of this service."""
        return any(rule.when.service_id in (None, service_id) for rule in (*self._replacing, *self._adding))

    def resources(self, service_id: str) -> frozenset[str]:
        """The resources by which prices of this service differ."""
        rules = (*self._replacing, *self._adding)
        named = (rule.when.resource_id for rule in rules if rule.when.service_id in (None, service_id))
        return frozenset(each for each in named if each is not None)

    def price(self, base: int, asked: PriceAsk) -> int:
        """The price of one, never below 0. `base` is the base price of the duration."""
        wall = datetime.fromtimestamp(asked.start, self._zone)
        winner = next(
            (rule for rule in self._replacing if _meets(rule.when, asked) and _is_time(rule.when, wall)), None
        )
        added = (rule.value for rule in self._adding if _meets(rule.when, asked) and _is_time(rule.when, wall))
        return max(0, _replaced(base, winner) + sum(added))


def rivals(rule: PriceRule, others: Mapping[str, PriceRule]) -> list[str]:
    """The ids of other rules that would hold together with `rule` and are just as specific, so that none could win."""
    if rule.effect is Effect.ADDITION:
        return []
    mine = rank(rule)
    return [
        other_id
        for other_id, other in others.items()
        if other.effect is not Effect.ADDITION and rank(other) == mine and _overlap(rule.when, other.when)
    ]


def share(amount: int, percent: int) -> int:
    """`percent` of an amount that is not negative, rounded half up."""
    return (2 * amount * percent + 100) // 200


def _replaced(base: int, winner: PriceRule | None) -> int:
    if winner is None:
        return base
    return winner.value if winner.effect is Effect.AMOUNT else share(base, winner.value)


def _meets(when: Conditions, asked: PriceAsk) -> bool:
    return (
        when.service_id in (None, asked.service_id)
        and when.duration in (None, asked.duration)
        and (when.resource_id is None or when.resource_id in asked.resource_ids)
        and when.category_id in (None, asked.category_id)
        and when.channel in (None, asked.channel)
    )


def _is_time(when: Conditions, wall: datetime) -> bool:
    minute, day = wall.hour * 60 + wall.minute, wall.date()
    if when.from_minute is None or when.to_minute is None:
        return _is_day(when, day)
    if when.from_minute < when.to_minute:
        return when.from_minute <= minute < when.to_minute and _is_day(when, day)
    evening = minute >= when.from_minute and _is_day(when, day)
    return evening or (minute < when.to_minute and _is_day(when, day - timedelta(days=1)))


def _is_day(when: Conditions, day: date) -> bool:
    return (
        (when.date_from is None or when.date_from <= day)
        and (when.date_to is None or day <= when.date_to)
        and (not when.weekdays or day.weekday() in when.weekdays)
    )


def _days(when: Conditions) -> int:
    if when.date_from is None or when.date_to is None:
        return _ANY_DAYS
    return (when.date_to - when.date_from).days + 1


def _overlap(one: Conditions, other: Conditions) -> bool:
    """Whether some start, for somebody, meets both; they restrict the same things, being of one rank."""
    same = all(
        mine == theirs
        for mine, theirs in (
            (one.service_id, other.service_id),
            (one.duration, other.duration),
            (one.resource_id, other.resource_id),
            (one.category_id, other.category_id),
            (one.channel, other.channel),
        )
    )
    return same and any(_share_a_day(a, b, later) for a, b, later in _laid_out(one, other))


def _laid_out(one: Conditions, other: Conditions) -> Iterable[tuple[Conditions, Conditions, int]]:
    """The ways in which a stretch of one can meet one of the other: begun on the same day, or a day later or sooner.

    The third is by how many days the other's begins after the first's.
    """
    first, second = _stretch(one), _stretch(other)
    for later in (-1, 0, 1):
        shifted = (second[0] + later * DAY_MINUTES, second[1] + later * DAY_MINUTES)
        if first[0] < shifted[1] and shifted[0] < first[1]:
            yield one, other, later


def _stretch(when: Conditions) -> tuple[int, int]:
    """Minutes from the midnight before it begins."""
    if when.from_minute is None or when.to_minute is None:
        return 0, DAY_MINUTES
    passes = DAY_MINUTES if when.to_minute <= when.from_minute else 0
    return when.from_minute, when.to_minute + passes


def _share_a_day(one: Conditions, other: Conditions, later: int) -> bool:
    """Whether one can begin on some day and the other `later` days after it."""
    shift = timedelta(days=later)
    starts = [each for each in (one.date_from, other.date_from - shift if other.date_from else None) if each]
    ends = [each for each in (one.date_to, other.date_to - shift if other.date_to else None) if each]
    first, last = max(starts, default=None), min(ends, default=None)
    days = frozenset(range(7))
    theirs = frozenset((day - later) % 7 for day in other.weekdays)
    weekdays = (one.weekdays or days) & (theirs or days)
    if first is None or last is None:
        return bool(weekdays)
    length = (last - first).days + 1
    return any((first + timedelta(days=n)).weekday() in weekdays for n in range(min(length, 7)))
