"""The Flask application of a unit: API, pages and kiosk under one roof, with the headers that keep it shut."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from flask import Blueprint, Flask, redirect, request
from flask.typing import ResponseReturnValue

from appliance.web.api import (
    areas,
    bookings,
    catalogue,
    conflicts,
    controllers,
    customers,
    day,
    doors,
    extras,
    facilities,
    holds,
    journal,
    keys,
    me,
    messages,
    offering,
    orders,
    outputs,
    payments,
    places,
    prices,
    purchases,
    readiness,
    restoring,
    rules,
    selling,
    series,
    sessions,
    several,
    slots,
    timetable,
    visits,
    waiting,
)
from appliance.web.api.specification import PREFIX, make_api
from appliance.web.portal import PORTAL
from appliance.web.problems import of_fault
from appliance.web.unit import EXTENSION, Unit, catalogue_now

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGEST_BODY = 64 * 1024
Header: TypeAlias = tuple[str, str]
Headers: TypeAlias = tuple[Header, ...]
Write: TypeAlias = Callable[[bytes], object]
_NO_STORE: Header = ("Cache-Control", "no-store")
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "worker-src 'self' blob:; connect-src 'self'{live}; font-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_FIXED: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(self), microphone=(), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)


def make_app(unit: Unit, pages: tuple[Blueprint, ...] = (), live_origin: str = "") -> Flask:
    """The application over `unit`. `pages` are mounted beside the API; `live_origin` is where events stream from."""
    app = _Shut(__name__, static_folder=None)
    app.always = (("Content-Security-Policy", _POLICY.format(live=f" {live_origin}" if live_origin else "")), *_FIXED)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=LARGEST_BODY)
    app.extensions[EXTENSION] = unit
    api = make_api(app)
    sold = (facilities, catalogue, slots, holds, bookings, waiting, prices, rules, selling)
    paid = (purchases, payments, extras, day)
    together = (series, visits, orders, several, restoring)
    setting_up = (offering, readiness, places, timetable, conflicts)
    guests_and_doors = (keys, doors, areas, controllers, outputs, customers, sessions, me, journal, messages)
    parts = (*sold, *paid, *together, *setting_up, *guests_and_doors)
    for part in parts:
        api.register_blueprint(part.blueprint(unit), url_prefix=PREFIX)
    for page in pages:
        app.register_blueprint(page)
    # Most who come have come to book; a facility that offers nothing yet is to be set up first (BM-03).
    app.add_url_rule("/", "first_page", lambda: _first_page(unit))
    app.register_error_handler(Exception, of_fault)
    return app


def _first_page(unit: Unit) -> ResponseReturnValue:
    if unit.portal.has_several and not unit.path:
        return redirect(PORTAL)
    return redirect(f"{request.script_root}{'/book' if catalogue_now().services else '/admin/'}")


class _Shut(Flask):
    """Flask, whose answers all carry the headers that keep a page shut, unless their view said otherwise.

    Added to the finished answer: what is written down once need not be looked up among each answer's headers by name.
    """

    always: Headers = ()

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        is_private = environ["PATH_INFO"].startswith(PREFIX)
        wanted = (*self.always, _NO_STORE) if is_private else self.always

        def started(status: str, headers: list[Header], exc_info: "OptExcInfo | None" = None) -> Write:
            said = {name.lower() for name, _ in headers}
            more = [header for header in wanted if header[0].lower() not in said]
            return start_response(status, headers + more, exc_info)

        return super().wsgi_app(environ, started)
