"""The Flask application of a unit: API, pages and kiosk under one roof, with the headers that keep it shut."""

from flask import Blueprint, Flask, Response, redirect, request

from appliance.web.api import bookings, catalogue, doors, holds, journal, sessions, slots
from appliance.web.api.specification import PREFIX, make_api
from appliance.web.problems import of_fault
from appliance.web.unit import EXTENSION, Unit

LARGEST_BODY = 64 * 1024
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "worker-src 'self' blob:; connect-src 'self'{live}; font-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def make_app(unit: Unit, pages: tuple[Blueprint, ...] = (), live_origin: str = "") -> Flask:
    """The application over `unit`. `pages` are mounted beside the API; `live_origin` is where events stream from."""
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=LARGEST_BODY)
    app.extensions[EXTENSION] = unit
    api = make_api(app)
    for part in (catalogue, slots, holds, bookings, doors, sessions, journal):
        api.register_blueprint(part.blueprint(unit), url_prefix=PREFIX)
    for page in pages:
        app.register_blueprint(page)
    app.add_url_rule("/", "first_page", lambda: redirect("/doors"))
    app.register_error_handler(Exception, of_fault)
    _add_headers(app, _POLICY.format(live=f" {live_origin}" if live_origin else ""))
    return app


def _add_headers(app: Flask, policy: str) -> None:
    @app.after_request
    def shut(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", policy)
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "no-referrer")
        answer.headers.setdefault("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
        answer.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if request.path.startswith(PREFIX):
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer
