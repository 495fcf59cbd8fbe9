"""The kiosk's pages are for kiosks: a browser that bears a kiosk's token, given to it once in its first address."""

from flask import Blueprint, Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from appliance.foundation.i18n import marked
from appliance.foundation.instants import DAY
from appliance.identity.store import DeviceToken
from appliance.web.problems import problem
from appliance.web.speaking import own_path
from appliance.web.unit import Unit

COOKIE = "portvakt_device"
PARAMETER = "device"
_LIFE_S = 400 * DAY


def guard_kiosk(blueprint: Blueprint, unit: Unit) -> None:
    """Let nobody but a kiosk see the pages of `blueprint`; pictures, styles and sounds are for all."""

    @blueprint.before_request
    def only_kiosks() -> ResponseReturnValue | None:
        if request.endpoint == f"{blueprint.name}.static":
            return None
        offered = request.args.get(PARAMETER)
        if offered is not None:
            return _let_in(unit, offered)
        device = _kiosk(unit, request.cookies.get(COOKIE, ""))
        if device is not None:
            g.kiosk_name = device.name
            return None
        return problem(403, "not_a_kiosk", marked("This screen is not a kiosk yet."))


def _let_in(unit: Unit, token: str) -> Response:
    if _kiosk(unit, token) is None:
        return problem(403, "not_a_kiosk", marked("The token of this kiosk is not known here."))
    # The token must not stay in the address bar, the history or a screenshot.
    answer = make_response(redirect(own_path(), 303))
    secure = unit.public_url.startswith("https:")
    answer.set_cookie(COOKIE, token, max_age=_LIFE_S, httponly=True, samesite="Strict", secure=secure)
    return answer


def kiosk_name() -> str:
    """What the kiosk that asks now is called."""
    name: str = g.kiosk_name
    return name


def _kiosk(unit: Unit, token: str) -> DeviceToken | None:
    device = unit.signing_in.device(token)
    return device if device is not None and device.kind == "kiosk" else None
