"""What a booking rule decides: one pure function, the same at the kiosk, on the web, over the API, on unit and central.

(rule, channel, now, slot, who asks) to yes or a reason with the instant at which it would pass. `findings` is the whole
answer, line by line, for whoever asks "why not?"; `refusal` is the first line of it that says no.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from zoneinfo import ZoneInfo

from appliance.booking.booking_window import Channel, may_book
from appliance.booking.limits import Bar, Standing, Tallies, barred, no_show_bar, reason_of, tally
from appliance.booking.reasons import Reason
from appliance.booking.rules import BookingRule
from appliance.booking.visibility import visible_from
from appliance.foundation.instants import Instant, Interval
from appliance.foundation.refusals import Refusal

_CLOSED: Final = frozenset({Reason.TOO_LATE, Reason.IN_THE_PAST})


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a service on which terms: the rule in force for them, and what it bars because of other bookings.

    base: the rule before any replacement. standing: what is known of them. alike: the services under the base rule.
    visible_days: how many local days, today among them, they see of the service; None is all.
    has_hours: whether the facility has opening hours; until then it offers nothing to anybody.
    """

    rule: BookingRule
    base: BookingRule
    service_id: str
    alike: frozenset[str] = frozenset()
    standing: Standing = field(default_factory=Standing)
    bars: tuple[Bar, ...] = ()
    visible_days: int | None = None
    has_hours: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a rule, held against a wish.

    line: its name, such as `earliest` or `limit`. reason: why it says no, None where it does not. passes_at: when it
    would not any more. facts: numbers that go with it, for people.
    """

    line: str
    reason: Reason | None = None
    passes_at: Instant | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


def asking(
    base: BookingRule,
    rule: BookingRule,
    service_id: str,
    alike: frozenset[str],
    standing: Standing,
    channel: Channel,
    now: Instant,
    zone: ZoneInfo,
) -> Asking:
    """Work out what `rule` bars for a customer of that standing; staff is bound by what holds for everybody alone."""
    asked = Asking(rule, base, service_id, alike, standing)
    found = tallies_of(asked, channel, zone).bars()
    block = no_show_bar(rule.no_shows.block, standing, channel, now)
    return replace(asked, bars=tuple([block, *found] if block else found))


def tallies_of(asked: Asking, channel: Channel, zone: ZoneInfo) -> Tallies:
    """What counts against the limits that bind who asks; what is about to be booked can be counted beside it."""
    limits = tuple(each for each in asked.rule.limits if channel is not Channel.STAFF or each.whose == "everybody")
    return Tallies(limits, asked.service_id, asked.alike, zone).counting(asked.standing)


def beside(asked: Asking, tallies: Tallies) -> Asking:
    """The terms of who asks when the bookings of `tallies`, which has theirs too, count as well."""
    more = tuple(tallies.bars())
    return replace(asked, bars=(*asked.bars, *more)) if more else asked


def refusal(asked: Asking, channel: Channel, now: Instant, slot: Interval, zone: ZoneInfo) -> Refusal | None:
    """None if the rule lets `slot` be booked now and it is visible already; else the first reason against it.

    A slot that opens for booking at one instant and is visible from another one passes at the later.
    """
    if not asked.has_hours:
        return Refusal(Reason.NO_OPENING_HOURS)
    early_or_late = may_book(asked.rule.windows.of(channel), now, slot, zone)
    if early_or_late is None or early_or_late.reason == Reason.TOO_EARLY:
        early_or_late = _unless_visible(asked.visible_days, now, slot.start, zone, early_or_late)
    if early_or_late is not None:
        return early_or_late
    bar = barred(asked.bars, slot.start)
    return None if bar is None else Refusal(bar.reason, bar.passes_at)


def findings(asked: Asking, channel: Channel, now: Instant, slot: Interval, zone: ZoneInfo) -> list[Finding]:
    """Every line of the rule in force, in the order in which it is asked; the first with a reason has `refusal`'s."""
    return [
        *([] if asked.has_hours else [Finding("opening_hours", Reason.NO_OPENING_HOURS)]),
        *_window_lines(asked, channel, now, slot, zone),
        *_bar_lines(asked.bars, slot.start),
        *_limit_lines(asked, slot.start, zone),
    ]


def _window_lines(asked: Asking, channel: Channel, now: Instant, slot: Interval, zone: ZoneInfo) -> Iterator[Finding]:
    window = asked.rule.windows.of(channel)
    said = may_book(window, now, slot, zone)
    early = said is not None and said.reason == Reason.TOO_EARLY
    closes = window.closes_at(slot.start, zone)
    yield Finding("earliest", Reason.TOO_EARLY if early else None, window.opens_at(slot, zone) if early else None)
    if asked.visible_days is not None:
        hidden = _unless_visible(asked.visible_days, now, slot.start, zone)
        reason, passes_at = (Reason.TOO_EARLY, hidden.passes_at) if hidden else (None, None)
        yield Finding("visible_days", reason, passes_at, {"days": asked.visible_days})
    late = now > closes
    yield Finding("latest", (Reason.IN_THE_PAST if slot.start < now else Reason.TOO_LATE) if late else None)


def _unless_visible(
    days: int | None, now: Instant, start: Instant, zone: ZoneInfo, early: Refusal | None = None
) -> Refusal | None:
    """What is said already, or that `start` is not visible yet: whichever passes later (DY-12)."""
    if days is None or now >= (visible := visible_from(days, start, zone)):
        return early
    opening = early.passes_at if early is not None else None
    return Refusal(Reason.TOO_EARLY, visible if opening is None else max(visible, opening))


def _bar_lines(found: Sequence[Bar], start: Instant) -> Iterator[Finding]:
    for bar in found:
        if bar.reason is Reason.BLOCKED_AFTER_NO_SHOWS and bar.starts.contains(start):
            yield Finding("no_shows", bar.reason, bar.passes_at)


def _limit_lines(asked: Asking, start: Instant, zone: ZoneInfo) -> Iterator[Finding]:
    for limit in asked.rule.limits:
        booked = tally(limit, asked.standing, asked.service_id, asked.alike, start, zone)
        facts = {"per": str(limit.per), "whose": str(limit.whose), "booked": booked, "most": limit.most}
        reason = reason_of(limit)
        bar = next((bar for bar in asked.bars if bar.reason is reason and bar.starts.contains(start)), None)
        yield Finding("limit", reason if bar else None, bar.passes_at if bar else None, facts)
