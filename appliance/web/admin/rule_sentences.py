"""A booking rule in sentences that a person can read: what it lets one do, and what it costs."""

from collections.abc import Iterator, Sequence

from appliance.booking.booking_window import Window
from appliance.booking.lead_time import LeadTime, LeadUnit
from appliance.booking.limits import Limit, Per
from appliance.booking.rules import BookingRule
from appliance.foundation.i18n import marked, plural, text
from appliance.web.admin import choices
from appliance.web.speaking import language
from appliance.web.unit import catalogue_now

_AT_MOST = {
    Per.AT_ONCE: marked("At most {most} bookings at once."),
    Per.DAY: marked("At most {most} bookings a day."),
    Per.WEEK: marked("At most {most} bookings a week."),
    Per.MONTH: marked("At most {most} bookings a month."),
}


def sentences(rule: BookingRule) -> Sequence[str]:
    """Everything that the rule says, in the visitor's language."""
    spoken = language()
    said = [
        _window(rule.windows.public, text(spoken, choices.CHANNELS["public"])),
        _window(rule.windows.kiosk, text(spoken, choices.CHANNELS["kiosk"])),
        _window(rule.windows.staff, text(spoken, choices.CHANNELS["staff"])),
    ]
    return [*said, *_cancelling(rule), *(_limit(each) for each in rule.limits), *_others(rule)]


def _window(window: Window, channel: str) -> str:
    spoken, closes = language(), lead(window.latest)
    if window.earliest is None:
        return text(
            spoken, "By {channel}: at any time until {closes} before the start.", channel=channel, closes=closes
        )
    return text(
        spoken,
        "By {channel}: from {opens} until {closes} before the start.",
        channel=channel,
        opens=lead(window.earliest),
        closes=closes,
    )


def _cancelling(rule: BookingRule) -> Iterator[str]:
    spoken, cancelling = language(), rule.cancelling
    yield text(spoken, "Cancelling is possible until {time} before the start.", time=lead(cancelling.until))
    for tier in sorted(cancelling.tiers, key=lambda tier: -tier.before_minutes):
        before = lead(LeadTime(tier.before_minutes, LeadUnit.MINUTES))
        said = text(
            spoken, "Who cancels less than {time} before the start owes {percent} %.", time=before, percent=tier.percent
        )
        yield said
    if cancelling.grace_s:
        yield text(spoken, "For {seconds} seconds after booking it is free to cancel.", seconds=cancelling.grace_s)
    if rule.moving.most is not None:
        yield text(spoken, "A booking may be moved {count} times.", count=rule.moving.most)


def _limit(limit: Limit) -> str:
    return text(language(), _AT_MOST[limit.per], most=limit.most)


def _others(rule: BookingRule) -> Iterator[str]:
    spoken = language()
    if rule.no_shows.wait_minutes is not None:
        yield text(spoken, "Guests are waited for {count} minutes.", count=rule.no_shows.wait_minutes)
    if rule.no_shows.block is not None:
        block = rule.no_shows.block
        said = marked("Who misses {count} bookings within {days} days cannot book for a while.")
        yield text(spoken, said, count=block.count, days=block.days)
    if rule.promote_until is not None:
        yield text(spoken, "Who waits gets a place until {time} before the start.", time=lead(rule.promote_until))
    catalogue = catalogue_now()
    for swap in rule.swaps:
        product, other = catalogue.tariff.products.get(swap.product_id), catalogue.rules.get(swap.rule_id)
        if product and other:
            yield text(spoken, "Who holds “{product}” goes by “{rule}”.", product=product.name, rule=other.name)


def lead(time: LeadTime) -> str:
    """A lead time in words."""
    spoken, value, unit = language(), time.value, time.unit
    if unit is LeadUnit.MINUTES and value and value % 60 == 0:
        value, unit = value // 60, LeadUnit.HOURS
    if unit is LeadUnit.DAYS:
        return plural(spoken, "{count} day", "{count} days", value)
    if unit is LeadUnit.HOURS:
        return plural(spoken, "{count} hour", "{count} hours", value)
    return plural(spoken, "{count} minute", "{count} minutes", value)
