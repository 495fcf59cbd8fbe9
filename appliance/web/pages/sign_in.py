"""Signing in and out by form. Who may is decided by the reception; the page only asks and tells."""

from typing import Final

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.foundation.i18n import marked, text
from appliance.foundation.refusals import Refusal
from appliance.identity.signing_in import SENTENCES
from appliance.web.pages.reception import Reception
from appliance.web.pages.showing import language, page

_SENTENCES: Final = {
    "wrong_sign_in": SENTENCES["wrong_sign_in"],
    "sign_in_locked": marked("Too many tries. Wait a little and try again."),
}
_OTHERWISE = marked("Signing in does not work just now. Try again in a moment.")


class SignInPage:
    """`/sign-in` and `/sign-out`."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/sign-in", "sign_in", self.ask)
        blueprint.add_url_rule("/sign-in", "signing_in", self.sign_in, methods=["POST"])
        blueprint.add_url_rule("/sign-out", "sign_out", self.sign_out, methods=["POST"])

    def ask(self) -> ResponseReturnValue:
        if self._reception.visitor():
            return redirect(url_for(".doors"), 303)
        return page("sign_in.html", self._reception, sentence="", user="", next=_safe(request.args.get("next", "")))

    def sign_in(self) -> ResponseReturnValue:
        form = request.form
        wanted = _safe(form.get("next", ""))
        answer = make_response(redirect(wanted, 303))
        refused = self._reception.sign_in(form.get("user", ""), form.get("password", ""), answer)
        if refused is None:
            return answer
        return page(
            "sign_in.html", self._reception, sentence=_sentence(refused), user=form.get("user", "")[:80], next=wanted
        ), 401  # fmt: skip

    def sign_out(self) -> ResponseReturnValue:
        self._reception.visitor()
        answer = make_response(redirect(url_for(".sign_in"), 303))
        self._reception.sign_out(answer)
        return answer


def _sentence(refused: Refusal) -> str:
    return text(language(), _SENTENCES.get(refused.reason, _OTHERWISE))


def _safe(wanted: str) -> str:
    """An address of our own to go on to; anything else leads to the doors."""
    is_ours = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if is_ours else url_for(".doors")
