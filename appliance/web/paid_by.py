"""What pays for a booking: the card or subscription, and what is left of it (DY-23)."""

from zoneinfo import ZoneInfo

from appliance.billing.entitlements import Holding, left_of
from appliance.booking.bookings import Booking
from appliance.booking.catalogue import Catalogue


def paid_by(booked: Booking, held: Holding | None, catalogue: Catalogue, zone: ZoneInfo) -> tuple[str, int | None]:
    """The name of what pays, empty where nothing but money does; and what is left of it, None where none is counted."""
    if held is None:
        return "", None
    product = catalogue.tariff.products[held.product_id]
    return product.name, left_of(held, product, booked.interval.start, zone)
