"""A booking with its keys made visible: the QR picture beside the PIN (AC-01, AC-03)."""

from markupsafe import Markup

from appliance.keys import qr_picture
from kiosk_ui.desk import BookingView


def key_faces(booking: BookingView) -> dict[str, BookingView | Markup | None]:
    """What the key screen shows. The picture is our own SVG of a text of our own, so it is safe as markup."""
    picture = Markup(qr_picture.svg(booking.qr)) if booking.qr else None  # noqa: S704
    return {"booking": booking, "qr_picture": picture}
