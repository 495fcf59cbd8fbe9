"""How wrong PINs are slowed down: per reader and per door, as values that survive a reboot (AC-10).

Per reader: five tries are free; the fifth wrong one starts a lock-out of 30 s that doubles with each wrong try after
it, up to 15 minutes. A right PIN, or 15 minutes of quiet after the last lock-out, gives the free tries back; who never
stops gets 104 tries a day. Per door over all its readers: after 40 wrong tries in a day, PINs go on at one try a minute
until local midnight. Cards, passes and phones are never slowed.

Instants are wall-clock UTC seconds, because they must outlive the process. When the clock is found set back, everything
remembered moves back with it: a lock-out is neither shortened nor made to last for ever.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from appliance.foundation.instants import MINUTE, Instant

FREE_TRIES: Final = 5
FIRST_LOCK_S: Final = 30
LONGEST_LOCK_S: Final = 15 * MINUTE
QUIET_S: Final = 15 * MINUTE
WRONG_A_DAY: Final = 40
PACE_S: Final = MINUTE


@dataclass(frozen=True, slots=True)
class ReaderThrottle:
    """One reader. `wrong` counts since the free tries were given; `seen_at` is the last try of any kind."""

    wrong: int = 0
    locked_until: Instant = 0
    seen_at: Instant = 0


@dataclass(frozen=True, slots=True)
class DoorThrottle:
    """One door. `wrong` counts on `day`, a date at the facility; `tried_at` is the last PIN try that was looked at."""

    day: date = date.min
    wrong: int = 0
    tried_at: Instant = 0


@dataclass(frozen=True, slots=True)
class Throttle:
    """What stands in the way of one PIN try: its reader and its door."""

    reader: ReaderThrottle = ReaderThrottle()
    door: DoorThrottle = DoorThrottle()


def locked(now: Instant, seconds: int = FIRST_LOCK_S) -> ReaderThrottle:
    """A reader whose past is not known, as after a rebuilt file: it begins locked and without free tries."""
    return ReaderThrottle(wrong=FREE_TRIES, locked_until=now + seconds, seen_at=now)


def is_capped(throttle: Throttle, today: date) -> bool:
    """Whether the door has had its wrong tries of the day: derived PINs stop, known ones go on one a minute."""
    return throttle.door.wrong >= WRONG_A_DAY and today <= throttle.door.day


def shut_until(throttle: Throttle, now: Instant, today: date) -> Instant | None:
    """When the next PIN may be tried; None when it may be tried now."""
    settled = settle(throttle, now, today)
    until = settled.reader.locked_until
    if is_capped(settled, today):
        until = max(until, settled.door.tried_at + PACE_S)
    return until if until > now else None


def tries_left(throttle: Throttle, now: Instant, today: date) -> int:
    """How many wrong PINs in a row would be looked at before the next pause; 0 while there is one."""
    if shut_until(throttle, now, today) is not None:
        return 0
    settled = settle(throttle, now, today)
    return max(1, min(FREE_TRIES - settled.reader.wrong, WRONG_A_DAY - settled.door.wrong))


def after_wrong(throttle: Throttle, now: Instant, today: date) -> Throttle:
    """The throttle after a PIN that is nobody's."""
    settled = settle(throttle, now, today)
    wrong = settled.reader.wrong + 1
    until = now + _lock_s(wrong) if wrong >= FREE_TRIES else settled.reader.locked_until
    return Throttle(
        ReaderThrottle(wrong, until, now), replace(settled.door, wrong=settled.door.wrong + 1, tried_at=now)
    )


def after_right(throttle: Throttle, now: Instant, today: date) -> Throttle:
    """The throttle after a PIN that opened: the free tries are back, the day's count stays."""
    settled = settle(throttle, now, today)
    return Throttle(ReaderThrottle(seen_at=now), replace(settled.door, tried_at=now))


def after_other(throttle: Throttle, now: Instant, today: date) -> Throttle:
    """The throttle after a PIN that is somebody's but does not open here and now: neither a guess nor a success."""
    settled = settle(throttle, now, today)
    return Throttle(replace(settled.reader, seen_at=now), replace(settled.door, tried_at=now))


def settle(throttle: Throttle, now: Instant, today: date) -> Throttle:
    """The same throttle as it stands at `now`: moved back with the clock, quiet and midnight taken into account."""
    reader, door = throttle.reader, throttle.door
    if now < reader.seen_at:
        reader = ReaderThrottle(reader.wrong, reader.locked_until - (reader.seen_at - now), now)
    if now >= max(reader.seen_at, reader.locked_until) + QUIET_S:
        reader = ReaderThrottle()
    # A date that goes back gives a guesser no second day: the count moves to the earlier date.
    day, wrong = (today, 0) if today > door.day else (min(door.day, today), door.wrong)
    return Throttle(reader, DoorThrottle(day, wrong, min(door.tried_at, now)))


def _lock_s(wrong: int) -> int:
    doublings = min(wrong - FREE_TRIES, 10)
    return int(min(FIRST_LOCK_S << doublings, LONGEST_LOCK_S))
