"""Signing in and out by form. Who may is decided by the reception; the page only asks and tells."""

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.web.pages.reception import Reception
from appliance.web.pages.showing import own_address, page
from appliance.web.problems import sentence
from appliance.web.speaking import language


class SignInPage:
    """`/sign-in` and `/sign-out`."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/sign-in", "sign_in", self.ask)
        blueprint.add_url_rule("/sign-in", "signing_in", self.sign_in, methods=["POST"])
        blueprint.add_url_rule("/sign-out", "sign_out", self.sign_out, methods=["POST"])

    def ask(self) -> ResponseReturnValue:
        if self._reception.owner():
            return redirect(own_address(""), 303)
        return page(
            "sign_in.html", self._reception, sentence="", user="", next=own_address(request.args.get("next", ""))
        )

    def sign_in(self) -> ResponseReturnValue:
        form = request.form
        wanted = own_address(form.get("next", ""))
        answer = make_response(redirect(wanted, 303))
        refused = self._reception.sign_in(form.get("user", ""), form.get("password", ""), answer)
        if refused is None:
            return answer
        told = sentence(refused, language(), self._reception.zone)
        return page("sign_in.html", self._reception, sentence=told, user=form.get("user", "")[:80], next=wanted), 401

    def sign_out(self) -> ResponseReturnValue:
        # Asked for its CSRF check; who has to change a password first may leave instead.
        self._reception.owner()
        answer = make_response(redirect(url_for(".sign_in"), 303))
        self._reception.sign_out(answer)
        return answer
