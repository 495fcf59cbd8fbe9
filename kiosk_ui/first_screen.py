"""The first screen and what every screen shares: language, comfort, the end of a visit, health and sounds."""

from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, abort, jsonify, make_response, request, url_for
from flask.typing import ResponseReturnValue

from appliance.foundation.i18n import LANGUAGES
from appliance.foundation.instants import local_date
from kiosk_ui import sounds
from kiosk_ui.board import DrawnBoard, drawn_board
from kiosk_ui.desk import DoorView
from kiosk_ui.dialogue import Dialogue, banner
from kiosk_ui.visits import Comfort, TextSize

_LARGER: Final[dict[str, TextSize]] = {"0": 0, "1": 1, "2": 2}


class FirstScreen:
    """Unlock, Book, My booking, Help; today's board and the doors in one line (KI-01)."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/", "home", self.home)
        blueprint.add_url_rule("/pulse", "pulse", self.pulse)
        blueprint.add_url_rule("/health", "health", self.health)
        blueprint.add_url_rule("/language", "language", self.choose_language, methods=["POST"])
        blueprint.add_url_rule("/comfort", "comfort", self.choose_comfort, methods=["POST"])
        blueprint.add_url_rule("/reset", "reset", self.reset, methods=["POST"])
        blueprint.add_url_rule("/sounds/<name>.wav", "sound", self.sound)

    def home(self) -> str:
        services = self._dialogue.desk.services()
        prices = [duration.price for service in services for duration in service.durations]
        lowest = min(prices) if len({price.currency for price in prices}) == 1 else None
        sells = bool(self._dialogue.desk.products())
        return self._dialogue.page("home.html", lowest=lowest, sells=sells, **self._pulse())

    def pulse(self) -> str:
        """The part of the first screen that changes by itself."""
        return self._dialogue.page("_pulse.html", **self._pulse())

    def health(self) -> Response:
        """What the screen asks every two seconds: which banner, and the time on the wall."""
        return jsonify(banner=banner(self._dialogue.desk), now=self._dialogue.desk.now())

    def choose_language(self) -> ResponseReturnValue:
        wanted = request.form.get("language", "")
        if wanted in LANGUAGES:
            self._dialogue.keep(replace(self._dialogue.visit, language=wanted))
        return _back()

    def choose_comfort(self) -> ResponseReturnValue:
        form = request.form
        comfort = Comfort(
            larger=_LARGER.get(form.get("larger", ""), 0),
            contrast="contrast" in form,
            reach="reach" in form,
            more_time="more_time" in form,
        )
        self._dialogue.keep(replace(self._dialogue.visit, comfort=comfort))
        return _back()

    def reset(self) -> ResponseReturnValue:
        """The end of a visit, by its owner or because nobody is there any more (KI-08)."""
        self._dialogue.forget()
        return self._dialogue.go("home")

    def sound(self, name: str) -> Response:
        if name not in sounds.SOUNDS:
            abort(404)
        response = make_response(sounds.wave_file(name))
        response.headers["Content-Type"] = "audio/wav"
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response

    def _pulse(self) -> dict[str, DrawnBoard | tuple[DoorView, ...]]:
        desk = self._dialogue.desk
        now, zone = desk.now(), desk.facility().zone
        day = local_date(now, zone)
        return {
            "board": drawn_board(desk.board(day), day, zone, now, self._dialogue.language),
            "doors": desk.doors(),
        }


def _back() -> ResponseReturnValue:
    """To the screen the form was on, which must be one of the kiosk's own."""
    home, wanted = url_for(".home"), request.form.get("back", "")
    is_ours = wanted.startswith(home) and "\\" not in wanted and "//" not in wanted and wanted.isprintable()
    response = make_response("", 303)
    response.headers["Location"] = wanted if is_ours else home
    return response
