"""My booking: found by its cancel code, shown with its key, cancelled or checked out of after one question."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from appliance.foundation.refusals import Refusal
from kiosk_ui.desk import BookingView
from kiosk_ui.dialogue import Dialogue
from kiosk_ui.key_faces import key_faces
from kiosk_ui.refusal_texts import refusal_text
from kiosk_ui.visits import Visit

CODE_LENGTH: Final = 40
Answer = TypeVar("Answer")


class OwnBookingScreens:
    """The owner of a booking is whoever knows its cancel code."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/code", "code", self.code)
        blueprint.add_url_rule("/code", "find", self.find, methods=["POST"])
        blueprint.add_url_rule("/booking", "booking", self.booking)
        blueprint.add_url_rule("/cancel", "cancel", self.cancel)
        blueprint.add_url_rule("/cancel", "cancel_now", self.cancel_now, methods=["POST"])
        blueprint.add_url_rule("/cancelled", "cancelled", self.cancelled)
        blueprint.add_url_rule("/check-out", "check_out", self.check_out)
        blueprint.add_url_rule("/check-out", "check_out_now", self.check_out_now, methods=["POST"])
        blueprint.add_url_rule("/checked-out", "checked_out", self.checked_out)

    def code(self) -> str:
        return self._dialogue.page("code.html")

    def find(self) -> ResponseReturnValue:
        typed = request.form.get("code", "")[:CODE_LENGTH]
        found = self._dialogue.desk.booking(typed) if typed.strip() else None
        if found is None:
            self._dialogue.keep(replace(self._dialogue.visit, typed=typed))
            self._refused(Refusal("unknown_booking"))
            return self._dialogue.go("code")
        self._dialogue.keep(replace(self._dialogue.visit, booking=found, just_booked=False))
        return self._dialogue.go("booking")

    def booking(self) -> ResponseReturnValue:
        booking = self._as_it_is_now()
        if booking is None:
            return self._dialogue.go("code")
        why_not = self._sentence(booking.cancel_refusal) if booking.cancel_refusal else ""
        return self._dialogue.page("key.html", **key_faces(booking), just_booked=False, why_not_cancelled=why_not)

    def cancel(self) -> ResponseReturnValue:
        return self._question("cancel.html", lambda booking: booking.cancel_refusal)

    def cancel_now(self) -> ResponseReturnValue:
        desk = self._dialogue.desk
        return self._ended(desk.cancel, lambda visit, answer: replace(visit, cancelled=answer), "cancelled")

    def cancelled(self) -> ResponseReturnValue:
        return self._told("cancelled.html", cancelled=self._dialogue.visit.cancelled)

    def check_out(self) -> ResponseReturnValue:
        return self._question("check_out.html", lambda booking: booking.check_out_refusal)

    def check_out_now(self) -> ResponseReturnValue:
        desk = self._dialogue.desk
        return self._ended(desk.check_out, lambda visit, answer: replace(visit, left=answer), "checked_out")

    def checked_out(self) -> ResponseReturnValue:
        return self._told("checked_out.html", left=self._dialogue.visit.left)

    def _question(self, screen: str, refusal_of: Callable[[BookingView], Refusal | None]) -> ResponseReturnValue:
        """What is asked before a booking ends, with what follows from it."""
        booking = self._as_it_is_now()
        if booking is None or refusal_of(booking):
            return self._dialogue.go("booking")
        return self._dialogue.page(screen, booking=booking)

    def _ended(
        self, end: Callable[[str], Answer | Refusal], noted: Callable[[Visit, Answer], Visit], then: str
    ) -> ResponseReturnValue:
        booking = self._dialogue.visit.booking
        if booking is None:
            return self._dialogue.go("code")
        answer = end(booking.cancel_code)
        if isinstance(answer, Refusal):
            self._refused(answer)
            return self._dialogue.go("booking")
        self._dialogue.keep(noted(replace(self._dialogue.visit, booking=None), answer))
        return self._dialogue.go(then)

    def _told(self, screen: str, **what: object) -> ResponseReturnValue:
        """What came of it; only for whoever has just done it."""
        return self._dialogue.page(screen, **what) if all(what.values()) else self._dialogue.go("home")

    def _as_it_is_now(self) -> BookingView | None:
        """The visit's booking looked up anew: its start or the last minute to cancel may have passed meanwhile."""
        shown = self._dialogue.visit.booking
        if shown is None:
            return None
        current = self._dialogue.desk.booking(shown.cancel_code)
        self._dialogue.keep(replace(self._dialogue.visit, booking=current))
        if current is None:
            self._refused(Refusal("unknown_booking"))
        return current

    def _refused(self, refusal: Refusal) -> None:
        self._dialogue.tell(self._sentence(refusal))

    def _sentence(self, refusal: Refusal) -> str:
        desk = self._dialogue.desk
        return refusal_text(refusal, self._dialogue.language, desk.now(), desk.facility().zone)
