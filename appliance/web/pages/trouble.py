"""What a person sees instead of a problem document: what is wrong, what to do next, and a way back."""

from typing import Final

from flask import Blueprint, Response, request

from appliance.foundation.i18n import marked, text
from appliance.web.api.specification import PREFIX
from appliance.web.pages.reception import Reception
from appliance.web.pages.showing import page
from appliance.web.problems import PROBLEM
from appliance.web.speaking import language

HTML: Final = "text/html"
KIOSK: Final = "/kiosk/"
_NEXT_STEPS: Final = {
    "not_a_kiosk": marked("Open the address that the kiosk was given when it was set up, or set it up again."),
    "not_found": marked("Check the address, or begin at the first page."),
}
_OUR_FAULT: Final = marked("Wait a moment and try again. If it goes on, ask for help on site.")
_THEIR_FAULT: Final = marked("Go back and try again, or begin at the first page.")


class TroublePage:
    """The page that stands for every problem outside the API, whichever face it comes from."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    def register(self, blueprint: Blueprint) -> None:
        blueprint.after_app_request(self.shown)

    def shown(self, answer: Response) -> Response:
        """`answer`, as a page where it is a problem and a browser wants to show it; scripts get what they asked for."""
        if answer.mimetype != PROBLEM or request.path.startswith(PREFIX) or not _is_browser():
            return answer
        problem = answer.get_json()
        default = _OUR_FAULT if answer.status_code >= 500 else _THEIR_FAULT
        answer.set_data(
            page(
                "trouble.html",
                self._reception,
                title=problem["title"],
                next_step=text(language(), _NEXT_STEPS.get(problem["code"], default)),
                home=_home(problem["code"]),
            )
        )
        answer.content_type = f"{HTML}; charset=utf-8"
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def _is_browser() -> bool:
    """Whether the caller would rather have a page than JSON; who takes anything is a program."""
    accepted = request.accept_mimetypes
    return accepted.quality(HTML) > max(accepted.quality(PROBLEM), accepted.quality("application/json"))


def _home(code: str) -> str:
    """A kiosk stays at its own screens, unless they are shut to this browser."""
    home = KIOSK if request.path.startswith(KIOSK) and code != "not_a_kiosk" else "/"
    return f"{request.script_root}{home}"
