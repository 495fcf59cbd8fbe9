"""The visit of one person at one kiosk: everything the screens know about them, kept in memory and nowhere else.

The browser holds an opaque cookie; what was chosen or typed never stands in an address or in the page's storage, so
that dropping the visit leaves nothing behind. A visit that nobody touched for `VISIT_S` seconds is dropped as well, in
case the browser died and could not say so.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Literal, TypeAlias

from appliance.foundation.clock import Clock
from appliance.foundation.i18n import DEFAULT_LANGUAGE
from kiosk_ui.choices import Choice
from kiosk_ui.counter import PurchaseView
from kiosk_ui.desk import BookingView, CancelView, CheckOutView, HoldView, RowView, VerdictView, WaitView

TextSize: TypeAlias = Literal[0, 1, 2]  # normal, 1.25 and 1.5 times

VISIT_S: Final = 900.0
VISITS: Final = 200


@dataclass(frozen=True, slots=True)
class Comfort:
    """What a person asked the screen to do for them; gone with the visit (KI-10)."""

    larger: TextSize = 0
    contrast: bool = False
    reach: bool = False
    more_time: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's dialogue. `form_token` guards its forms against pages of others; `notice` and what was `typed`
    wrongly are shown once. `steps` is how many the booking that was just made took."""

    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    language: str = DEFAULT_LANGUAGE
    comfort: Comfort = Comfort()
    choice: Choice | None = None
    hold: HoldView | None = None
    booking: BookingView | None = None
    just_booked: bool = False
    answers: tuple[tuple[str, str], ...] = ()
    steps: int = 4
    row: RowView | None = None
    waits: WaitView | None = None
    product: str = ""
    bought: PurchaseView | None = None
    cancelled: CancelView | None = None
    left: CheckOutView | None = None
    reached_at: str = ""
    verdict: VerdictView | None = None
    door_slug: str | None = None
    typed: str = ""
    notice: str = ""


class Visits:
    """The visits of all kiosks of a unit, at most `VISITS`, the one untouched for longest forgotten first."""

    def __init__(self, clock: Clock, on_dropped: Callable[[Visit], None]) -> None:
        self._clock = clock
        self._on_dropped = on_dropped
        self._lock = Lock()
        self._visits: OrderedDict[str, tuple[float, Visit]] = OrderedDict()

    def begin(self, visit: Visit) -> str:
        """Keep a new visit and return the cookie that names it."""
        cookie = secrets.token_urlsafe(24)
        with self._lock:
            self._visits[cookie] = (self._clock.monotonic(), visit)
            dropped = self._forget_old()
        for old in dropped:
            self._on_dropped(old)
        return cookie

    def find(self, cookie: str) -> Visit | None:
        """The visit behind a cookie, touched by being looked at; None when it is over."""
        with self._lock:
            dropped = self._forget_old()
            touched_visit = self._visits.get(cookie)
            if touched_visit is not None:
                self._visits[cookie] = (self._clock.monotonic(), touched_visit[1])
                self._visits.move_to_end(cookie)
        for old in dropped:
            self._on_dropped(old)
        return touched_visit[1] if touched_visit else None

    def keep(self, cookie: str, visit: Visit) -> None:
        """Put a changed visit in the place of the one before; nothing happens when that is over."""
        with self._lock:
            if cookie in self._visits:
                self._visits[cookie] = (self._visits[cookie][0], visit)

    def end(self, cookie: str) -> None:
        """Forget a visit and all that was typed in it."""
        with self._lock:
            touched_visit = self._visits.pop(cookie, None)
        if touched_visit:
            self._on_dropped(touched_visit[1])

    def _forget_old(self) -> list[Visit]:
        dropped: list[Visit] = []
        limit = self._clock.monotonic() - VISIT_S
        while self._visits:
            touched, visit = next(iter(self._visits.values()))
            if touched > limit and len(self._visits) <= VISITS:
                break
            self._visits.popitem(last=False)
            dropped.append(visit)
        return dropped
