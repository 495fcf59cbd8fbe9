"""What waiting for a place means, by what becomes of a place that is free: for whoever is about to wait (DY-19)."""

from collections.abc import Mapping
from typing import Final

from appliance.booking.services import WaitingMode
from appliance.foundation.i18n import marked

WAITING_MEANS: Final[Mapping[WaitingMode, str]] = {
    WaitingMode.OFF: "",
    WaitingMode.AUTO_BOOK: marked("Who came first is booked when a place is free, and told so."),
    WaitingMode.OFFER: marked("Who came first is offered the place that is free, and has a while to take it."),
    WaitingMode.NOTIFY_ALL: marked(
        "All who wait are told when a place is free. Nothing is kept: who books first has it."
    ),
}
