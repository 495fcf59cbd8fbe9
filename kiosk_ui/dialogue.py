"""One request of one person: finds the visit behind the cookie, guards forms, and shows pages in the right language."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from hmac import compare_digest
from typing import Final
from urllib.parse import urlencode

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance.foundation.clock import Clock
from appliance.foundation.errors import Retryable
from appliance.foundation.i18n import LANGUAGES, plural, text
from appliance.foundation.instants import Instant, Interval, local_date
from appliance.foundation.money import Money
from appliance.foundation.static_version import FOR_EVER
from appliance.foundation.wording import (
    LANGUAGE_NAMES,
    clock_text,
    date_text,
    day_text,
    duration_text,
    moment_text,
    money_text,
    span_text,
    wait_text,
)
from kiosk_ui.desk import Desk, FacilityView
from kiosk_ui.visits import Visit, Visits

COOKIE: Final = "portvakt_kiosk"
# Polled by the page itself: they must neither begin a visit nor keep one alive.
WITHOUT_VISIT: Final = frozenset({"static", "health", "sound"})


class Dialogue:
    """The kiosk's side of a conversation; the desk is the unit's."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self.desk = desk
        self._visits = Visits(clock, self._give_back_hold)

    @property
    def visit(self) -> Visit:
        """The visit of this request."""
        found: Visit = g.kiosk_visit
        return found

    @property
    def language(self) -> str:
        return self.visit.language

    def begin_request(self) -> Response | None:
        """Find the visit; a form without its visit's token leads home and does nothing."""
        if _endpoint() in WITHOUT_VISIT:
            return None
        cookie = request.cookies.get(COOKIE, "")
        visit = self._visits.find(cookie) if cookie else None
        g.kiosk_visit = visit or Visit()
        g.kiosk_cookie = cookie if visit else ""
        token = request.form.get("form_token", "")
        if request.method == "POST" and not compare_digest(token.encode(), self.visit.form_token.encode()):
            return self.go("home")
        return None

    def end_request(self, response: Response) -> Response:
        """Name the visit to a new browser, and let no page be kept anywhere."""
        if _endpoint() == "static":
            if response.status_code < 400:
                response.headers["Cache-Control"] = FOR_EVER
            return response
        if _endpoint() != "sound":
            response.headers["Cache-Control"] = "no-store"
        if g.get("kiosk_is_new"):
            path = url_for(".home")
            response.set_cookie(
                COOKIE, g.kiosk_cookie, path=path, httponly=True, samesite="Strict", secure=request.is_secure
            )
        return response

    def keep(self, visit: Visit) -> None:
        """Remember a changed visit."""
        g.kiosk_visit = visit
        self._visits.keep(g.kiosk_cookie, visit)

    def forget(self) -> None:
        """End the visit: what was chosen, typed and shown is gone, a held time is given back."""
        self._visits.end(g.kiosk_cookie)

    def tell(self, notice: str) -> None:
        """Show a sentence on the next page."""
        self.keep(replace(self.visit, notice=notice))

    def go(self, endpoint: str, /, **values: str) -> Response:
        """Send the browser on to another screen, so that going back never repeats a form."""
        query = f"?{urlencode(values)}" if values else ""
        return make_response(redirect(url_for(f".{endpoint}") + query, 303))

    def page(self, template: str, /, **values: object) -> str:
        """Show a screen. A notice and a wrongly typed text are shown once."""
        visit = self.visit
        if not g.kiosk_cookie:
            # Only who is shown a page has a visit: whoever is turned away at the door pushes nobody else's out.
            g.kiosk_cookie = self._visits.begin(visit)
            g.kiosk_is_new = True
        if visit.notice or visit.typed:
            self.keep(replace(visit, notice="", typed=""))
        facility, now = self.desk.facility(), self.desk.now()
        shared = {
            "visit": visit,
            "facility": facility,
            "now": now,
            "today": local_date(now, facility.zone),
            "language_names": {code: LANGUAGE_NAMES[code] for code in LANGUAGES},
            "banner": banner(self.desk),
        }
        return render_template(f"kiosk/{template}", **shared, **_words(visit.language, facility, now), **values)

    def out_of_order(self, _fault: Exception) -> ResponseReturnValue:
        """The unit cannot answer for a moment: say so, keep the visit, and try again. Asks the desk for nothing."""
        visit: Visit = g.get("kiosk_visit") or Visit()
        return render_template("kiosk/out_of_order.html", visit=visit, _=partial(text, visit.language)), 503

    def _give_back_hold(self, visit: Visit) -> None:
        if visit.hold:
            # The hold ends by itself in any case; giving it back only makes the time free sooner.
            with suppress(Retryable):
                self.desk.release_hold(visit.hold.id)


def banner(desk: Desk) -> str:
    """Which banner must be shown: the worst of what does not work just now, empty when all does (KI-09)."""
    status = desk.status()
    if not status.doors_answer:
        return "doors_away"
    if not status.booking_works:
        return "booking_paused"
    return "central_away" if status.central == "away" else ""


def _words(language: str, facility: FacilityView, now: Instant) -> dict[str, Callable[..., str]]:
    zone = facility.zone

    def money(amount: Money) -> str:
        return money_text(language, amount)

    def span(start: Instant, end: Instant) -> str:
        return span_text(language, Interval(start, end), zone)

    return {
        "_": partial(text, language),
        "plural": partial(plural, language),
        "clock": lambda instant: clock_text(language, instant, zone),
        "moment": lambda instant: moment_text(language, instant, now, zone),
        "day_name": lambda day: day_text(language, day, local_date(now, zone)),
        "day_of": lambda instant: day_text(language, local_date(instant, zone), local_date(now, zone)),
        "date_name": partial(date_text, language),
        "duration": partial(duration_text, language),
        "wait": partial(wait_text, language),
        "money": money,
        "span": span,
    }


def _endpoint() -> str:
    return (request.endpoint or "").rpartition(".")[2]
