"""I did not get my code: the own booking by how one is reached and by one thing more (BM-26).

Two questions, one a screen. Whatever does not fit is told in the same words, so that nobody finds out who books here.
"""

from dataclasses import replace
from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from appliance.foundation.refusals import Refusal
from kiosk_ui.desk import ProofKind
from kiosk_ui.dialogue import Dialogue
from kiosk_ui.refusal_texts import refusal_text

REACHED_LENGTH: Final = 254
PROOF_LENGTH: Final = 40


class LostKeyScreens:
    """Asks, and leads to the booking; who is believed is the desk's business."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/lost", "lost", self.lost)
        blueprint.add_url_rule("/lost", "reached", self.reached, methods=["POST"])
        blueprint.add_url_rule("/lost/proof", "proof", self.proof)
        blueprint.add_url_rule("/lost/proof", "prove", self.prove, methods=["POST"])

    def lost(self) -> str:
        return self._dialogue.page("lost.html", by="email" if request.args.get("by") == "email" else "phone")

    def reached(self) -> ResponseReturnValue:
        typed = request.form.get("contact", "").strip()[:REACHED_LENGTH]
        if not typed:
            return self._dialogue.go("lost", by=request.form.get("by", "phone"))
        self._dialogue.keep(replace(self._dialogue.visit, reached_at=typed))
        return self._dialogue.go("proof")

    def proof(self) -> ResponseReturnValue:
        if not self._dialogue.visit.reached_at:
            return self._dialogue.go("lost")
        return self._dialogue.page("proof.html", by=_kind(request.args.get("by", "")))

    def prove(self) -> ResponseReturnValue:
        visit, kind = self._dialogue.visit, _kind(request.form.get("by", ""))
        typed = request.form.get("proof", "").strip()[:PROOF_LENGTH]
        if not visit.reached_at:
            return self._dialogue.go("lost")
        if not typed:
            return self._dialogue.go("proof", by=kind)
        found = self._dialogue.desk.recover(visit.reached_at, kind, typed)
        if isinstance(found, Refusal):
            desk = self._dialogue.desk
            self._dialogue.tell(refusal_text(found, visit.language, desk.now(), desk.facility().zone))
            return self._dialogue.go("proof", by=kind)
        self._dialogue.keep(replace(visit, reached_at="", booking=found, just_booked=False))
        return self._dialogue.go("booking")


def _kind(asked: str) -> ProofKind:
    return "number" if asked == "number" else "birth_year"
