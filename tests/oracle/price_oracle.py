"""What a booking costs, worked out the long way from plain values; imports nothing of the product.

A rule is a dictionary: effect, value, and the conditions that it has, each only if it has it. Times are written out: a
rule with a time of day holds in the minutes of a set, one a day, that it names one after another.
"""

from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any

ORDER = ("date", "time", "weekdays", "resource", "category", "channel", "duration", "service")
Rule = dict[str, Any]


def price(base: int, rules: list[Rule], asked: Rule, wall: datetime) -> int | None:
    """The price of one; None when two rules win alike."""
    fitting = [rule for rule in rules if fits(rule, asked, wall)]
    replacing = [rule for rule in fitting if rule["effect"] != "addition"]
    best = [rule for rule in replacing if not any(beats(other, rule) for other in replacing)]
    if len(best) > 1:
        return None
    amount = Fraction(base)
    for rule in best:
        value = int(str(rule["value"]))
        amount = Fraction(value) if rule["effect"] == "amount" else Fraction(base * value, 100)
    rounded = floor(amount + Fraction(1, 2))
    return max(0, rounded + sum(int(str(rule["value"])) for rule in fitting if rule["effect"] == "addition"))


def beats(one: Rule, other: Rule) -> bool:
    """Whether one is more specific than another."""
    mine, theirs = ({name for name in ORDER if name in rule} for rule in (one, other))
    if len(mine) != len(theirs):
        return len(mine) > len(theirs)
    for name in ORDER:
        if (name in mine) != (name in theirs):
            return name in mine
    return length(one) < length(other)


def length(rule: Rule) -> float:
    first, last = rule.get("date", (None, None))
    return float("inf") if first is None or last is None else (last - first).days


def fits(rule: Rule, asked: Rule, wall: datetime) -> bool:
    plain = ("resource", "category", "channel", "duration", "service")
    if any(name in rule and rule[name] != asked.get(name) for name in plain):
        return False
    minute = wall.replace(second=0, tzinfo=None)
    return any(minute in minutes(rule, wall.date() - timedelta(days=back)) for back in (0, 1))


def minutes(rule: Rule, day: date) -> set[datetime]:
    """Every minute of wall-clock time of the stretch that begins on a day."""
    first, last = rule.get("date", (None, None))
    if (first is not None and day < first) or (last is not None and day > last):
        return set()
    if "weekdays" in rule and day.weekday() not in rule["weekdays"]:
        return set()
    begin, end = rule.get("time", (0, 1440))
    midnight = datetime.combine(day, datetime.min.time())
    at, found = begin, set()
    while True:
        found.add(midnight + timedelta(minutes=at))
        at += 1
        if at == end or at == end + 1440:
            return found
