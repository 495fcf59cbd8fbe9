"""A desk over a hall of its own making: four courts, a class, five doors, and keys that are easy to remember.

It keeps to the same promises as the real one where a screen could tell the difference: a held time is gone for others,
a hold ends, a cancelled key stays shut.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from appliance.foundation.clock import FakeClock
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.instants import DAY, HOUR, MINUTE, Instant, Interval, at_local, day_bounds, local_date
from appliance.foundation.money import Money
from appliance.foundation.refusals import Refusal
from kiosk_ui.beside_screens import price_with
from kiosk_ui.choices import Choice, Extras
from kiosk_ui.desk import (
    NO_ANSWERS,
    BoardRow,
    BookingView,
    CancelView,
    CheckOutView,
    DoorState,
    DoorView,
    DurationView,
    ExtraView,
    FacilityView,
    FieldView,
    HoldView,
    PlaceView,
    PresentationKind,
    ProofKind,
    RowView,
    ServiceView,
    StatusView,
    TimeView,
    VerdictView,
    WaitView,
)
from tests.kiosk_ui.fake_counter import FakeCounter

ZONE = ZoneInfo("Europe/Stockholm")
AFTERNOON = 1_795_612_200  # Wednesday 25 November 2026, 14:10 in Stockholm
PIN = "048271"
QR = "PV1" + "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZPI" * 3
CANCEL_CODE = "K7QF-29ZM-4TXR"
HOLD_S = 300
COURTS = ("court-1", "court-2", "court-3", "court-4")
MARGIN_S = 15 * MINUTE
LEAVING_S = 10 * MINUTE
WELL = StatusView(True, True, "connected", ())


def _kr(amount: int) -> Money:
    return Money(amount * 100, "SEK")


PADEL = ServiceView(
    "padel-id", "padel", "Padel", "individual", (DurationView(60, _kr(240)), DurationView(90, _kr(340))), 6
)
CLASS = ServiceView("class-id", "morning-class", "Padelskola", "class", (DurationView(60, _kr(120)),), 6)
PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
WARM_UP = ExtraView(
    "warm-up", "Uppvärmning", "", _kr(50), False, 15, 1, 1, "", frozenset({"title", "price", "duration"})
)
RACKET = ExtraView(
    "racket", "Racket", "Grafit, med ny lindning", _kr(30), True, 0, 2, 4, PICTURE,
    frozenset({"title", "price", "image", "summary"}),
)  # fmt: skip
FIELDS = (
    FieldView("member", "Medlemsnummer", "Det står på ditt kort.", "text", True, ()),
    FieldView("level", "Nivå", "", "choice", True, ("Nybörjare", "Van")),
    FieldView("born", "Född", "Till exempel 1985-02-28", "date", False, ()),
    FieldView("rules", "Jag har läst ordningsreglerna", "", "checkbox", True, ()),
)
BESIDE = replace(PADEL, extras=(WARM_UP, RACKET), fields=FIELDS)
NAMES = {"entrance": "Entré", **{slug: f"Bana {slug[-1]}" for slug in COURTS}}


@dataclass
class FakeDesk(FakeCounter):
    """The pretend hall; tests change its fields to make something happen."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(AFTERNOON))
    offered: tuple[ServiceView, ...] = (PADEL, CLASS)
    taken: dict[str, list[Interval]] = field(default_factory=dict)
    holds: dict[str, HoldView] = field(default_factory=dict)
    bookings: dict[str, BookingView] = field(default_factory=dict)
    presented: list[tuple[str, str, str, str]] = field(default_factory=list)
    verdict: VerdictView | None = None
    state: StatusView = field(default_factory=lambda: WELL)
    door_states: dict[str, DoorState] = field(default_factory=dict)
    cancel_answer: Refusal | None = None
    answered: list[dict[str, str]] = field(default_factory=list)
    book_errors: tuple[FieldError, ...] = ()
    check_out_answer: Refusal | None = None
    recover_answer: Refusal | None = None
    waiting: list[str] = field(default_factory=list)
    wait_answer: Refusal | None = None
    recovered: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.taken:
            noon = at_local(local_date(self.clock.now(), ZONE), 12 * 60, ZONE)
            busy = {0: ((-3, -1), (1, 3), (5, 8)), 1: ((-4, -2), (4, 9)), 2: ((-2, 2), (9, 11)), 3: ((-5, 6),)}
            self.taken = {
                slug: [Interval(noon + first * HOUR, noon + last * HOUR) for first, last in busy[index]]
                for index, slug in enumerate(COURTS)
            }

    def facility(self) -> FacilityView:
        return FacilityView(
            "Södra Padel",
            "sodra-padel",
            ZONE,
            "Hallvägen 4, 121 62 Johanneshov",
            "08-123 45 67",
            "SEK",
            "SE",
            "entrance",
        )

    def services(self) -> tuple[ServiceView, ...]:
        return self.offered

    def times(self, service_id: str, day: date, minutes: int, extras: Extras = ()) -> tuple[TimeView, ...]:
        bounds, now = day_bounds(day, ZONE), self.now()
        if service_id == CLASS.id:
            start = at_local(day, 18 * 60, ZONE)
            return (TimeView(start, start + HOUR, 7, _kr(120), False),) if start > now else ()
        price = next((one.price for one in PADEL.durations if one.minutes == minutes), _kr(240))
        grid = 15 * MINUTE
        running = now // grid * grid
        times = []
        for start in range(max(bounds.start, running), bounds.end, grid):
            left = len(self.places(service_id, start, minutes, extras))
            if left:
                times.append(TimeView(start, start + minutes * MINUTE, left, price, start == running))
        return tuple(times)

    def places(self, service_id: str, start: Instant, minutes: int, extras: Extras = ()) -> tuple[PlaceView, ...]:
        wanted = Interval(start, start + (minutes + self._added(service_id, extras)) * MINUTE)
        if service_id == CLASS.id:
            return (PlaceView("room", "Bana 1 och 2", 7),)
        return tuple(
            PlaceView(slug, NAMES[slug], 1)
            for slug in COURTS
            if not any(interval.overlaps(wanted) for interval in self._claims(slug))
        )

    def hold(
        self,
        service_id: str,
        start: Instant,
        minutes: int,
        resource_id: str | None,
        quantity: int,
        extras: Extras = (),
    ) -> HoldView | Refusal:
        free = self.places(service_id, start, minutes, extras)
        place = next((place for place in free if resource_id in (None, place.id)), None)
        if place is None or quantity > place.quantity_left:
            return Refusal("slot_taken")
        service = next(service for service in self.offered if service.id == service_id)
        each = next(one.price for one in service.durations if one.minutes == minutes)
        known = {extra.id: extra for extra in service.extras}
        price = sum((known[id_].price.times(count) for id_, count in extras), each.times(quantity))
        end = start + (minutes + self._added(service_id, extras)) * MINUTE
        vat = Money(price.amount - round(price.amount / 1.06), "SEK")
        hold = HoldView(
            f"hold-{len(self.holds) + 1}",
            self.now() + HOLD_S,
            service.name,
            (place.name,),
            start,
            end,
            quantity,
            price,
            vat,
            tuple((known[id_].name, count) for id_, count in extras),
            bool(service.extras),
        )
        self.holds[hold.id] = hold
        return hold

    def release_hold(self, hold_id: str) -> None:
        self.holds.pop(hold_id, None)

    def mistakes(self, service_id: str, answers: Mapping[str, str]) -> tuple[FieldError, ...]:
        service = next(service for service in self.offered if service.id == service_id)
        missing = [each for each in service.fields if each.required and not answers.get(each.slug)]
        return tuple(FieldError(each.slug, "missing", "This is needed.") for each in missing)

    def book(
        self, hold_id: str, name: str, email: str, phone: str, answers: Mapping[str, str] = NO_ANSWERS
    ) -> BookingView | Refusal:
        hold = self.holds.get(hold_id)
        if hold is None or hold.expires_at <= self.now():
            return Refusal("hold_gone")
        self._require(email, phone)
        if self.book_errors:
            raise Invalid(*self.book_errors)
        self.answered.append(dict(answers))
        del self.holds[hold_id]
        booking = booking_of(hold, f"SP-{1041 + len(self.bookings)}")
        self.bookings[booking.cancel_code] = booking
        for slug in COURTS:
            if NAMES[slug] in hold.place_names:
                self.taken[slug].append(Interval(hold.start, hold.end))
        return booking

    def row_times(self, choice: Choice) -> tuple[TimeView, ...]:
        service = next(service for service in self.offered if service.id == choice.service_id)
        lasts = choice.minutes + self._added(service.id, choice.extras)
        price = self.times(service.id, choice.day, choice.minutes)
        each = price_with(service, choice.extras, price[0].price if price else _kr(240), 1)
        whole = self.times(service.id, choice.day, lasts * choice.in_a_row)
        return tuple(replace(time, price=each.times(choice.in_a_row), places_left=0) for time in whole)

    def book_row(
        self, choice: Choice, email: str, phone: str, answers: Mapping[str, str] = NO_ANSWERS
    ) -> RowView | Refusal:
        service_id, start, minutes, extras = choice.service_id, choice.start or 0, choice.minutes, choice.extras
        count = choice.in_a_row
        self._require(email, phone)
        if self.book_errors:
            raise Invalid(*self.book_errors)
        lasts = minutes + self._added(service_id, extras)
        place = next(iter(self.places(service_id, start, lasts * count)), None)
        if place is None:
            return Refusal("slot_taken")
        made = []
        for number in range(count):
            hold = self.hold(service_id, start + number * lasts * MINUTE, minutes, place.id, 1, extras)
            assert not isinstance(hold, Refusal)
            made.append(booking_of(hold, f"SP-{1041 + number}"))
        self.answered.append(dict(answers))
        self.holds.clear()
        self.taken[place.id].append(Interval(start, start + count * lasts * MINUTE))
        whole = sum((each.price for each in made[1:]), made[0].price)
        return RowView(tuple(made), whole, "http://unit.test/o/row?sig=x")

    def wait(self, service_id: str, day: date, minutes: int, email: str, phone: str) -> WaitView | Refusal:
        self._require(email, phone)
        if self.wait_answer:
            return self.wait_answer
        self.waiting.append(email or phone)
        return WaitView("Padel", day, len(self.waiting), "http://unit.test/w/entry?sig=x")

    def booking(self, cancel_code: str) -> BookingView | None:
        return self.bookings.get(cancel_code.strip().upper())

    def recover(self, reached_at: str, kind: ProofKind, proof: str) -> BookingView | Refusal:
        self.recovered.append((reached_at, kind, proof))
        if self.recover_answer:
            return self.recover_answer
        return next(iter(self.bookings.values()), Refusal("not_recognised"))

    def cancel(self, cancel_code: str) -> CancelView | Refusal:
        booking = self.booking(cancel_code)
        if self.cancel_answer or booking is None:
            return self.cancel_answer or Refusal("unknown_booking")
        self.bookings[cancel_code] = replace(booking, status="cancelled", pin=None, qr=None, keys_valid=None)
        return CancelView(booking.number, None, False)

    def check_out(self, cancel_code: str) -> CheckOutView | Refusal:
        booking = self.booking(cancel_code)
        if self.check_out_answer or booking is None:
            return self.check_out_answer or Refusal("unknown_booking")
        keys_end, ended = self.now() + LEAVING_S, Refusal("already_ended")
        keys = Interval(self.now() - MARGIN_S, keys_end)
        over = replace(booking, status="completed", keys_valid=keys, cancel_refusal=ended, check_out_refusal=ended)
        self.bookings[cancel_code] = over
        return CheckOutView(booking.number, keys_end, False)

    def present(self, door_slug: str, kind: PresentationKind, value: str, presentation_id: str) -> VerdictView:
        self.presented.append((door_slug, kind, value, presentation_id))
        if self.verdict:
            return self.verdict
        if value in (PIN, QR):
            return VerdictView(True, "granted", NAMES[door_slug], 5, None, None)
        return VerdictView(False, "unknown", NAMES[door_slug], None, None, 4)

    def doors(self) -> tuple[DoorView, ...]:
        states: dict[str, DoorState] = {slug: self.door_states.get(slug, "locked") for slug in NAMES}
        return tuple(
            DoorView(f"{slug}-id", slug, name, states[slug], "normal", "simulated", True, "locked", self.now() - 60)
            for slug, name in NAMES.items()
        )

    def board(self, day: date) -> tuple[BoardRow, ...]:
        bounds = day_bounds(day, ZONE)
        return tuple(BoardRow(NAMES[slug], (bounds,), tuple(self._claims(slug))) for slug in COURTS)

    def status(self) -> StatusView:
        return self.state

    def _added(self, service_id: str, extras: Extras) -> int:
        service = next(service for service in self.offered if service.id == service_id)
        minutes = {extra.id: extra.minutes for extra in service.extras}
        return sum(minutes[extra_id] * count for extra_id, count in extras)

    def _claims(self, slug: str) -> list[Interval]:
        held = [
            Interval(hold.start, hold.end)
            for hold in self.holds.values()
            if NAMES[slug] in hold.place_names and hold.expires_at > self.now()
        ]
        return self.taken.get(slug, []) + held


def booking_of(hold: HoldView, number: str) -> BookingView:
    """The booking a hold becomes, with the keys everybody in the tests knows."""
    return BookingView(
        number=number,
        status="confirmed",
        service_name=hold.service_name,
        place_names=hold.place_names,
        start=hold.start,
        end=hold.end,
        quantity=hold.quantity,
        price=hold.price,
        vat=hold.vat,
        pin=PIN,
        qr=QR,
        keys_valid=Interval(hold.start - MARGIN_S, hold.end + MARGIN_S),
        door_names=("Entré", *hold.place_names),
        cancel_code=CANCEL_CODE,
        cancel_refusal=None,
        cancel_fee=None,
        check_out_refusal=Refusal("not_begun", hold.start),
    )


def tomorrow(desk: FakeDesk) -> date:
    """The day after the desk's own."""
    return local_date(desk.now() + DAY, ZONE)
