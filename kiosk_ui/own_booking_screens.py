"""My booking: found by its cancel code, shown with its key, cancelled or checked out of after one question."""

from dataclasses import replace
from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from appliance.foundation.refusals import Refusal
from kiosk_ui.desk import BookingView
from kiosk_ui.dialogue import Dialogue
from kiosk_ui.key_faces import key_faces
from kiosk_ui.refusal_texts import refusal_text

CODE_LENGTH: Final = 40


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
        """The question before the cancel, with what it costs."""
        booking = self._as_it_is_now()
        if booking is None or booking.cancel_refusal:
            return self._dialogue.go("booking")
        return self._dialogue.page("cancel.html", booking=booking)

    def cancel_now(self) -> ResponseReturnValue:
        booking = self._dialogue.visit.booking
        if booking is None:
            return self._dialogue.go("code")
        answer = self._dialogue.desk.cancel(booking.cancel_code)
        if isinstance(answer, Refusal):
            self._refused(answer)
            return self._dialogue.go("booking")
        self._dialogue.keep(replace(self._dialogue.visit, booking=None, cancelled=answer))
        return self._dialogue.go("cancelled")

    def cancelled(self) -> ResponseReturnValue:
        cancelled = self._dialogue.visit.cancelled
        if cancelled is None:
            return self._dialogue.go("home")
        return self._dialogue.page("cancelled.html", cancelled=cancelled)

    def check_out(self) -> ResponseReturnValue:
        """The question before the check-out, with what follows from it."""
        booking = self._as_it_is_now()
        if booking is None or booking.check_out_refusal:
            return self._dialogue.go("booking")
        return self._dialogue.page("check_out.html", booking=booking)

    def check_out_now(self) -> ResponseReturnValue:
        booking = self._dialogue.visit.booking
        if booking is None:
            return self._dialogue.go("code")
        answer = self._dialogue.desk.check_out(booking.cancel_code)
        if isinstance(answer, Refusal):
            self._refused(answer)
            return self._dialogue.go("booking")
        self._dialogue.keep(replace(self._dialogue.visit, booking=None, left=answer))
        return self._dialogue.go("checked_out")

    def checked_out(self) -> ResponseReturnValue:
        left = self._dialogue.visit.left
        if left is None:
            return self._dialogue.go("home")
        return self._dialogue.page("checked_out.html", left=left)

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
