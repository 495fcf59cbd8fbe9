"""Changing one's own password by form: by choice, or first of all where the present one was for one time."""

from collections.abc import Iterable, Mapping
from typing import Final

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.foundation.i18n import marked, text
from appliance.foundation.refusals import Refusal
from appliance.web.pages.reception import Reception, Visitor
from appliance.web.pages.showing import own_address, page
from appliance.web.problems import MustChangePassword, of_fault, sentence
from appliance.web.speaking import language

_FIELD: Final = {
    "wrong_sign_in": "old",
    "sign_in_locked": "old",
    "password_too_short": "new",
    "password_too_long": "new",
    "password_unchanged": "new",
    "password_not_repeated": "repeated",
}
# No user name is asked for here, so that nothing is said about one.
_WRONG: Final = marked("This is not your present password.")


class PasswordPage:
    """`/password`, and where it leads when that is done."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/password", "password", self.ask)
        blueprint.add_url_rule("/password", "changing_password", self.change, methods=["POST"])
        blueprint.add_url_rule("/password/changed", "password_changed", self.changed)
        blueprint.register_error_handler(MustChangePassword, lead_to_password)

    def ask(self) -> ResponseReturnValue:
        owner = self._reception.owner()
        if owner is None:
            return _sign_in_first()
        return self._form(owner, own_address(request.args.get("next", "")), {})

    def change(self) -> ResponseReturnValue:
        owner = self._reception.owner()
        if owner is None:
            return _sign_in_first()
        form = request.form
        wanted = own_address(form.get("next", ""))
        answer = make_response(redirect(url_for(".password_changed", next=wanted), 303))
        refused = self._reception.change_password(
            form.get("old", ""), form.get("new", ""), form.get("repeated", ""), answer
        )
        return (self._form(owner, wanted, self._told(refused)), 422) if refused else answer

    def changed(self) -> ResponseReturnValue:
        if self._reception.visitor() is None:
            return _sign_in_first()
        return page("password_changed.html", self._reception, next=own_address(request.args.get("next", "")))

    def _form(self, owner: Visitor, wanted: str, wrong: Mapping[str, list[str]]) -> str:
        return page("password.html", self._reception, owner=owner, next=wanted, wrong=wrong)

    def _told(self, refused: Iterable[Refusal]) -> dict[str, list[str]]:
        """What is wrong with each field."""
        spoken, told = language(), dict[str, list[str]]()
        for each in refused:
            is_wrong = each.reason == "wrong_sign_in"
            words = text(spoken, _WRONG) if is_wrong else sentence(each, spoken, self._reception.zone)
            told.setdefault(_FIELD[each.reason], []).append(words)
        return told


def _sign_in_first() -> ResponseReturnValue:
    return redirect(url_for(".sign_in", next=url_for(".password")), 303)


def lead_to_password(fault: MustChangePassword) -> ResponseReturnValue:
    """A page that has to wait for the password leads to its form, and from there on to itself; a wish is refused."""
    if request.method != "GET":
        return of_fault(fault)
    return redirect(url_for("pages.password", next=request.full_path.removesuffix("?")), 303)
