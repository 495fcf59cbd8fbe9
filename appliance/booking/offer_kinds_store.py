"""What staff edit of what is offered: the facility itself, services, and the pools that those take from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from appliance.booking import tables
from appliance.booking.catalogue import Facility
from appliance.booking.catalogue_store import facility_of, service_of
from appliance.booking.resources import Pool
from appliance.booking.services import Service
from appliance.storage.statements import Row
from appliance.storage.versioned import Kind, PartRows, Parts

_OWN: Final = ("slug", "name", "grid_minutes", "before_minutes", "after_minutes", "max_quantity", "rule_id")


@dataclass(frozen=True, slots=True)
class Sold:
    """A service as it is edited: with the VAT that its prices contain, and where in the list it stands."""

    service: Service
    vat_percent: int
    position: int = 0


def sold_services(currency: str) -> Kind[Sold]:
    """Services whose prices are in `currency`."""

    def sold(row: Row, parts: PartRows) -> Sold:
        durations = sorted(parts["service_duration"], key=lambda part: part.position)
        return Sold(service_of(row, durations, parts["need"], currency), row.vat_percent, row.position)

    return Kind("service", tables.service, _sold_row, sold, _SOLD_PARTS, ("position", "slug"))


def _sold_row(sold: Sold) -> Mapping[str, object]:
    service = sold.service
    return {
        **{name: getattr(service, name) for name in _OWN},
        "kind": str(service.kind),
        "vat_percent": sold.vat_percent,
        "position": sold.position,
        "waiting_mode": str(service.waiting),
        "offer_minutes": service.offer_minutes,
    }


def _durations(sold: Sold) -> Sequence[Mapping[str, object]]:
    pairs = zip(sold.service.durations, sold.service.prices, strict=True)
    return [
        {"minutes": minutes, "amount": price.amount, "position": place} for place, (minutes, price) in enumerate(pairs)
    ]


def _needs(sold: Sold) -> Sequence[Mapping[str, object]]:
    return [{"position": place, **asdict(need)} for place, need in enumerate(sold.service.needs)]


def _facility_row(facility: Facility) -> Mapping[str, object]:
    row, position = asdict(facility), facility.position
    del row["id"], row["admission"], row["position"]
    where = {
        "latitude_e6": position.latitude_e6 if position else None,
        "longitude_e6": position.longitude_e6 if position else None,
    }
    return {**row, "zone": facility.zone.key, **where}


_SOLD_PARTS: Final = (
    Parts(tables.service_duration, "service_id", _durations),
    Parts(tables.need, "service_id", _needs),
)
FACILITIES: Final[Kind[Facility]] = Kind(
    "facility", tables.facility, _facility_row, lambda row, _parts: facility_of(row)
)
POOLS: Final[Kind[Pool]] = Kind(
    "pool",
    tables.pool,
    lambda pool: {"slug": pool.slug},
    lambda row, parts: Pool(row.id, row.slug, tuple(part.resource_id for part in parts["pool_member"])),
    (Parts(tables.pool_member, "pool_id", lambda pool: [{"resource_id": member} for member in pool.members]),),
    ("slug",),
)
