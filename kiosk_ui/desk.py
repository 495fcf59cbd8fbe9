"""What the kiosk may ask of its unit, and the values it is answered with.

Everything behind a `Desk` is scoped to one facility and checked by the rules of channel "kiosk": a page never decides
anything. Names of facility, services, places and doors arrive as the owner wrote them; every other text is made by the
kiosk, in the language of the person before it. Methods may raise `Retryable` when the unit cannot answer for a moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, Literal, Protocol
from zoneinfo import ZoneInfo

from appliance.foundation.errors import FieldError
from appliance.foundation.instants import Instant, Interval
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from kiosk_ui.choices import Choice, Extras
from kiosk_ui.counter import Counter

NO_ANSWERS: Final[Mapping[str, str]] = MappingProxyType({})
FieldKind = Literal["text", "number", "choice", "checkbox", "date", "phone"]
ServiceKind = Literal["individual", "class"]
PresentationKind = Literal["pin", "qr"]
ProofKind = Literal["birth_year", "number"]
BookingStatus = Literal["pending", "confirmed", "arrived", "completed", "cancelled", "no_show"]
DoorState = Literal["locked", "released", "open", "held_open_warning", "held_open", "forced", "offline"]
DoorMode = Literal["normal", "free_access", "lockdown", "emergency"]
CentralState = Literal["none", "connected", "away"]


@dataclass(frozen=True, slots=True)
class FacilityView:
    """The place the kiosk stands in. `home_door` is the slug of the door beside the kiosk, None when there is none.

    `address` is what a person reads aloud to 112; `help_phone` is empty when nobody can be called; `region` is the
    ISO 3166 country whose phone numbers need no prefix.
    """

    name: str
    slug: str
    zone: ZoneInfo
    address: str
    help_phone: str
    currency: str
    region: str
    home_door: str | None


@dataclass(frozen=True, slots=True)
class DurationView:
    """One length a service is sold in and its price per place, VAT included."""

    minutes: int
    price: Money


@dataclass(frozen=True, slots=True)
class ExtraView:
    """Something that can be taken beside. `minutes` lengthen the visit, for each one; `image` is an address or empty.

    least, most: how many may be taken, if any. shows: which of title, price, image, duration and summary are shown.
    """

    id: str
    name: str
    summary: str
    price: Money
    per_person: bool
    minutes: int
    least: int
    most: int
    image: str
    shows: frozenset[str]


@dataclass(frozen=True, slots=True)
class FieldView:
    """A question of the facility's own, in its words. `choices` are those of a choice."""

    slug: str
    label: str
    help: str
    kind: FieldKind
    required: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceView:
    """Something that can be booked. A class has exactly one duration. `vat_percent` is contained in every price.

    most_in_a_row: so many can be booked one after the other. waiting: one can wait where nothing is free.
    waiting_means: what becomes of a free place then, a text of the catalogues.
    """

    id: str
    slug: str
    name: str
    kind: ServiceKind
    durations: tuple[DurationView, ...]
    vat_percent: int
    extras: tuple[ExtraView, ...] = ()
    fields: tuple[FieldView, ...] = ()
    most_in_a_row: int = 1
    waiting: bool = False
    waiting_means: str = ""


@dataclass(frozen=True, slots=True)
class TimeView:
    """One start that the unit would accept now. `places_left` counts courts, or seats of a class."""

    start: Instant
    end: Instant
    places_left: int
    price: Money
    is_now: bool


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One court, or for a class the room it is held in. `quantity_left` is 1 for a court, free seats for a class."""

    id: str
    name: str
    quantity_left: int


@dataclass(frozen=True, slots=True)
class HoldView:
    """A time that is kept for this person until `expires_at`. `price` is the whole sum, `vat` the part of it.

    extras: names and how many. with_extras: they were asked about, whatever was chosen.
    """

    id: str
    expires_at: Instant
    service_name: str
    place_names: tuple[str, ...]
    start: Instant
    end: Instant
    quantity: int
    price: Money
    vat: Money
    extras: tuple[tuple[str, int], ...] = ()
    with_extras: bool = False


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking as its owner may see it. `pin` and `qr` are None where the booking has no such key (any more).

    `keys_valid` is when the keys open, margins included, None when they never will. `cancel_refusal` says why it can no
    longer be cancelled here; None when it can. `cancel_fee` is what cancelling costs now, None when it is free.
    `check_out_refusal` says why one cannot check out of it now; None when one can. `paid_by` is the card or
    subscription that pays, empty where none does; `left` is what is left of it where that is counted.
    """

    number: str
    status: BookingStatus
    service_name: str
    place_names: tuple[str, ...]
    start: Instant
    end: Instant
    quantity: int
    price: Money
    vat: Money
    pin: str | None
    qr: str | None
    keys_valid: Interval | None
    door_names: tuple[str, ...]
    cancel_code: str
    cancel_refusal: Refusal | None
    cancel_fee: Money | None
    check_out_refusal: Refusal | None
    paid_by: str = ""
    left: int | None = None


@dataclass(frozen=True, slots=True)
class RowView:
    """Bookings one after the other that were made together. `link` leads to all their keys, `total` is to be paid."""

    bookings: tuple[BookingView, ...]
    total: Money
    link: str


@dataclass(frozen=True, slots=True)
class WaitView:
    """A place on a waiting list, from 1; `link` leads to the page that tells of it."""

    service_name: str
    day: date
    position: int
    link: str


@dataclass(frozen=True, slots=True)
class CancelView:
    """A booking that was just cancelled. `revocation_pending`: a door that is out of reach has not heard of it yet."""

    number: str
    fee: Money | None
    revocation_pending: bool


@dataclass(frozen=True, slots=True)
class CheckOutView:
    """A booking that was just checked out of. `keys_end` is when its keys stop opening, None when it has none.

    `revocation_pending`: a door that is out of reach has not heard of it yet, and opens for longer.
    """

    number: str
    keys_end: Instant | None
    revocation_pending: bool


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The answer to a presentation. `reason` is what the guest may hear, a code of `appliance.access.reasons`.

    `retry_at`: when the same key would open. `released_s`: seconds the door stays released. `tries_left`: wrong PINs
    that may still follow before this reader pauses, None where no PIN was guessed.
    """

    granted: bool
    reason: str
    door_name: str
    released_s: int | None
    retry_at: Instant | None
    tries_left: int | None


@dataclass(frozen=True, slots=True)
class DoorView:
    """One door as its contact says it is. `can_be_moved`: a pretend door that a person may open by hand on screen."""

    id: str
    slug: str
    name: str
    state: DoorState
    mode: DoorMode
    driver: str
    can_be_moved: bool
    last_event: str
    last_event_at: Instant | None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One place on today's board: when it can be used at all and when it is taken. No names."""

    place_name: str
    open: tuple[Interval, ...]
    busy: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class StatusView:
    """What works just now. `reasons` are codes for the staff corner, never shown to guests."""

    doors_answer: bool
    booking_works: bool
    central: CentralState
    reasons: tuple[str, ...]


class Desk(Counter, Protocol):
    """The unit as the kiosk sees it."""

    def now(self) -> Instant:
        """The unit's instant; the pretend one in a demo."""

    def facility(self) -> FacilityView:
        """The place; constant between restarts."""

    def services(self) -> tuple[ServiceView, ...]:
        """What may be booked at the kiosk, in the order to offer it."""

    def times(self, service_id: str, day: date, minutes: int, extras: Extras = ()) -> tuple[TimeView, ...]:
        """Starts on a local calendar day, in order; empty when closed, full or past. Unknown service: empty."""

    def places(self, service_id: str, start: Instant, minutes: int, extras: Extras = ()) -> tuple[PlaceView, ...]:
        """Where that start is still free; empty when it was taken meanwhile."""

    def hold(
        self,
        service_id: str,
        start: Instant,
        minutes: int,
        resource_id: str | None,
        quantity: int,
        extras: Extras = (),
    ) -> HoldView | Refusal:
        """Keep a time for this person; None as resource takes any that fits."""

    def release_hold(self, hold_id: str) -> None:
        """Give a held time back; silent when it is gone already."""

    def mistakes(self, service_id: str, answers: Mapping[str, str]) -> tuple[FieldError, ...]:
        """What is wrong with the answers to a service's questions; each names the question by its slug."""

    def book(
        self, hold_id: str, name: str, email: str, phone: str, answers: Mapping[str, str] = NO_ANSWERS
    ) -> BookingView | Refusal:
        """Turn a hold into a booking paid on site. Raises `Invalid` with fields `name`, `email`, `phone` and slugs."""

    def row_times(self, choice: Choice) -> tuple[TimeView, ...]:
        """Starts of so many in a row on one place, with the price of all of them; `places_left` says nothing here."""

    def book_row(
        self, choice: Choice, email: str, phone: str, answers: Mapping[str, str] = NO_ANSWERS
    ) -> RowView | Refusal:
        """Book so many in a row, all or none; what is answered goes with each. Raises `Invalid` as `book`."""

    def wait(self, service_id: str, day: date, minutes: int, email: str, phone: str) -> WaitView | Refusal:
        """Wait for any start of a local calendar day. Raises `Invalid` as `book`."""

    def booking(self, cancel_code: str) -> BookingView | None:
        """The booking with this code, however it was typed; None when there is none."""

    def recover(self, reached_at: str, kind: ProofKind, proof: str) -> BookingView | Refusal:
        """The own booking of a guest whose code did not come, by phone number or e-mail address and one thing more.

        Reason `not_recognised`, the same for who fits nothing and who is refused; `recovery_locked` after many tries.
        """

    def cancel(self, cancel_code: str) -> CancelView | Refusal:
        """Cancel the booking with this code; reason `unknown_booking` when there is none."""

    def check_out(self, cancel_code: str) -> CheckOutView | Refusal:
        """End the booking with this code, whose people have left; reason `unknown_booking` when there is none."""

    def present(self, door_slug: str, kind: PresentationKind, value: str, presentation_id: str) -> VerdictView:
        """Present a key at a door. Never raises for a door process that is away: that is `door_fault`."""

    def doors(self) -> tuple[DoorView, ...]:
        """Every door, the one beside the kiosk first; all `offline` when the door process does not answer."""

    def board(self, day: date) -> tuple[BoardRow, ...]:
        """What is taken on a local calendar day, place by place."""

    def status(self) -> StatusView:
        """What works just now; answers within a second whatever is away."""
