"""What a card or subscription is good for, in sentences for whoever thinks of buying it (DY-23). Pure."""

from collections.abc import Mapping
from typing import Final

from appliance.billing.entitlements import Per, Product
from appliance.foundation.i18n import marked, plural, text

_LIMITS: Final = {
    (Per.WEEK, False): marked("At most {count} a week"),
    (Per.MONTH, False): marked("At most {count} a month"),
    (Per.WEEK, True): marked("At most {count} in any 7 days"),
    (Per.MONTH, True): marked("At most {count} in any 30 days"),
}


def product_lines(language: str, product: Product, services: Mapping[str, str]) -> tuple[str, ...]:
    """How often, for how long and for what; `services`: the names of those that may be told of, by their ids."""
    covered = [(services[each], percent) for each, percent in product.covers.items() if each in services]
    lines = [_how_often(language, product), _how_long(language, product), *_what(language, covered)]
    if product.access is not None:
        lines.append(text(language, "Opens with a member’s card, also without a booking"))
    return tuple(lines)


def _how_often(language: str, product: Product) -> str:
    if product.clips is not None:
        return plural(language, "{count} visit", "{count} visits", product.clips)
    limit = product.limit
    if limit is None:
        return text(language, "As often as you like")
    return text(language, _LIMITS[limit.per, limit.is_rolling], count=limit.most)


def _how_long(language: str, product: Product) -> str:
    if product.valid_days is None:
        return text(language, "Good without an end")
    return plural(
        language, "Good for {count} day from the payment", "Good for {count} days from the payment", product.valid_days
    )


def _what(language: str, covered: list[tuple[str, int]]) -> list[str]:
    whole = ", ".join(sorted(name for name, percent in covered if percent == 100))
    parts = [
        text(language, "Pays {percent} % of {service}", percent=percent, service=name)
        for name, percent in sorted(covered)
        if percent < 100
    ]
    return [text(language, "Pays for {services}", services=whole), *parts] if whole else parts
