"""What a wish costs: the catalogue's services in the words of billing (DY-16, DY-31)."""

from collections.abc import Iterable, Sequence
from itertools import product

from appliance.billing.lines import PriceLine
from appliance.billing.prices import PriceAsk
from appliance.billing.quotes import Extra, Sold, quote
from appliance.booking.booking_window import Channel
from appliance.booking.bookings import Booking
from appliance.booking.calendar import Offers
from appliance.booking.catalogue import Catalogue
from appliance.booking.services import Service, ServiceKind

People = tuple[tuple[str, int], ...]
"""How many of which customer category come; empty where nothing was said."""


def lines_for(
    catalogue: Catalogue,
    service: Service,
    duration: int,
    claimed: Booking,
    people: People = (),
    extras: Iterable[Extra] = (),
) -> tuple[PriceLine, ...]:
    """The price lines of a booking that claims its leaves; a duration that is not offered is a ValueError."""
    base = service.price(duration).amount
    told_apart = catalogue.tariff.prices.resources(service.id)
    taken = _whole(catalogue, frozenset(catalogue.places(claimed))) if told_apart else frozenset()
    asked = PriceAsk(service.id, duration, claimed.interval.start, str(claimed.channel), taken)
    sold = Sold(service.name, base, catalogue.vat_percent[service.id], asked, people or ((None, claimed.quantity),))
    return quote(catalogue.tariff, sold, extras)


def offered_prices(
    catalogue: Catalogue,
    service: Service,
    duration: int,
    quantity: int,
    channel: Channel,
    found: Offers,
    category_id: str | None = None,
    extras: Iterable[Extra] = (),
) -> list[tuple[int, int]]:
    """The lowest and the highest price at each offered start; they differ by which resources are picked."""
    base, beside = service.price(duration).amount, sum(extra.amount for extra in extras)
    asked = PriceAsk(service.id, duration, 0, str(channel), category_id=category_id)
    if catalogue.tariff.is_flat(service.id):
        price = quantity * catalogue.tariff.price(base, asked) + beside
        return [(price, price)] * len(found.starts)
    picks: dict[tuple[str, ...], list[frozenset[str]]] = {}
    prices = []
    for start, resources in zip(found.starts, found.resources, strict=True):
        if resources not in picks:
            picks[resources] = _picks(catalogue, service, resources)
        each = [
            beside
            + quantity
            * catalogue.tariff.price(base, PriceAsk(service.id, duration, start, str(channel), picked, category_id))
            for picked in picks[resources]
        ]
        prices.append((min(each), max(each)))
    return prices


def _picks(catalogue: Catalogue, service: Service, resources: Sequence[str]) -> list[frozenset[str]]:
    """The sets of resources that could be picked, as far as prices can tell them apart."""
    told_apart = catalogue.tariff.prices.resources(service.id)
    if service.kind is ServiceKind.CLASS or not service.needs:
        return [_named(catalogue, [each], told_apart) for each in resources] or [frozenset()]
    choices = []
    for need in service.needs:
        members = [each for each in catalogue.pools[need.pool_id].members if each in resources]
        choices.append({_named(catalogue, [each], told_apart) for each in members} or {frozenset[str]()})
    return [frozenset().union(*chosen) for chosen in product(*choices)]


def _named(catalogue: Catalogue, resource_ids: Iterable[str], told_apart: frozenset[str]) -> frozenset[str]:
    leaves = frozenset(leaf.id for each in resource_ids for leaf in catalogue.tree.below[each])
    return _whole(catalogue, leaves) & told_apart


def _whole(catalogue: Catalogue, leaves: frozenset[str]) -> frozenset[str]:
    """The leaves, and every resource all of whose leaves are among them."""
    below = catalogue.tree.below.items()
    return frozenset(resource_id for resource_id, parts in below if leaves.issuperset(part.id for part in parts))
