"""What the states of a booking are called to people."""

from typing import Final

from appliance.booking.bookings import Status
from appliance.foundation.i18n import marked

STATUS_WORDS: Final = {
    Status.HELD: marked("Held"),
    Status.PENDING: marked("Waiting"),
    Status.CONFIRMED: marked("Booked"),
    Status.ARRIVED: marked("Has come"),
    Status.COMPLETED: marked("Over"),
    Status.CANCELLED: marked("Cancelled"),
    Status.EXPIRED: marked("Ran out"),
    Status.NO_SHOW: marked("Released, nobody came"),
}
