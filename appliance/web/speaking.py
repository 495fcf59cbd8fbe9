"""What an answer must know of its request: the language (RFC 9110 section 12.5.4), and where it was asked for."""

from flask import Response, request

from appliance.foundation.i18n import LANGUAGES, best_language

COOKIE = "portvakt_language"
_LIFE_S = 400 * 86_400


def language() -> str:
    """The language asked for in the address (`lang`), else the one that was chosen before, else the browser's own."""
    for wanted in (request.args.get("lang", ""), request.cookies.get(COOKIE, "")):
        if wanted in LANGUAGES:
            return wanted
    return best_language(request.headers.get("Accept-Language"))


def own_path() -> str:
    """The path of this request as the browser has it: with what leads to the facility before it (DY-58)."""
    return f"{request.script_root}{request.path}"


def remember_language(answer: Response) -> None:
    """Have the browser keep a language that was chosen in the address."""
    wanted = request.args.get("lang", "")
    if wanted in LANGUAGES:
        answer.set_cookie(COOKIE, wanted, _LIFE_S, httponly=True, samesite="Lax")
