"""What is asked beside time and place: extras, and the facility's own questions, one a screen (DY-61, DY-65).

Both are left out where there is nothing to ask. Extras come before the hold, because some of them take time.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked, text
from appliance.foundation.money import Money
from kiosk_ui.choices import Choice, Extras
from kiosk_ui.desk import ExtraView, ServiceView
from kiosk_ui.dialogue import Dialogue

ANSWER_LENGTH: Final = 500
_NO_ROOM: Final = marked("With what you chose this time does not fit. It fits at these times.")


class BesideScreens:
    """Extras and questions, of one time or of several in a row. `go_on` leads from the extras to the place."""

    def __init__(
        self,
        dialogue: Dialogue,
        service: Callable[[str], ServiceView | None],
        go_on: Callable[[ServiceView], ResponseReturnValue],
    ) -> None:
        self._dialogue = dialogue
        self._service = service
        self._go_on = go_on

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/extras", "extras", self.extras)
        blueprint.add_url_rule("/extras", "choose_extras", self.choose_extras, methods=["POST"])
        blueprint.add_url_rule("/question", "question", self.question)
        blueprint.add_url_rule("/question", "answer", self.answer, methods=["POST"])

    def extras(self) -> ResponseReturnValue:
        """What else, and how many of it."""
        choice = self._dialogue.visit.choice
        service = self._service(choice.service_id) if choice else None
        if choice is None or choice.start is None or service is None or not service.extras:
            return self._dialogue.go("time")
        return self._dialogue.page("extras.html", service=service, choice=choice, chosen=dict(choice.extras))

    def choose_extras(self) -> ResponseReturnValue:
        visit = self._dialogue.visit
        choice = visit.choice
        service = self._service(choice.service_id) if choice else None
        if choice is None or choice.start is None or service is None:
            return self._dialogue.go("time")
        wanted = ((extra, _quantity(extra)) for extra in service.extras)
        extras = tuple((extra.id, quantity) for extra, quantity in wanted if quantity)
        self._dialogue.keep(replace(visit, choice=replace(choice, extras=extras)))
        if self._fits(replace(choice, extras=extras)):
            return self._go_on(service)
        self._dialogue.tell(text(self._dialogue.language, _NO_ROOM))
        return self._dialogue.go("time", **choice.address)

    def _fits(self, choice: Choice) -> bool:
        """Whether what is chosen still fits at its start with its extras."""
        desk, start = self._dialogue.desk, choice.start or 0
        if choice.in_a_row == 1:
            return bool(desk.places(choice.service_id, start, choice.minutes, choice.extras))
        return any(each.start == start for each in desk.row_times(choice))

    def question(self) -> ResponseReturnValue:
        """One of the facility's own questions."""
        visit = self._dialogue.visit
        service = self._asking()
        if visit.choice is None or service is None:
            return self._dialogue.go("time")
        at = _at(request.args.get("at", ""))
        # Several in a row are not held.
        left = visit.hold.expires_at - self._dialogue.desk.now() if visit.hold else None
        if at >= len(service.fields) or (left is not None and left <= 0):
            return self._to_contact()
        asked = service.fields[at]
        typed = visit.typed or dict(visit.answers).get(asked.slug, "")
        return self._dialogue.page(
            "question.html", service=service, choice=visit.choice, asked=asked, at=at, typed=typed, left=left
        )

    def answer(self) -> ResponseReturnValue:
        visit, at = self._dialogue.visit, _at(request.form.get("at", ""))
        service = self._asking()
        if service is None or at >= len(service.fields):
            return self._to_contact()
        asked, typed = service.fields[at], request.form.get("answer", "")[:ANSWER_LENGTH]
        answers = {**dict(visit.answers), asked.slug: typed}
        wrong = [error for error in self._dialogue.desk.mistakes(service.id, answers) if error.field == asked.slug]
        if wrong:
            self._dialogue.keep(replace(visit, typed=typed, notice=sentences(self._dialogue.language, wrong)))
            return self._dialogue.go("question", at=str(at))
        self._dialogue.keep(replace(visit, answers=tuple(answers.items())))
        last = at + 1 == len(service.fields)
        return self._to_contact() if last else self._dialogue.go("question", at=str(at + 1))

    def refused(self, errors: list[FieldError]) -> ResponseReturnValue | None:
        """Back to the first question whose answer was refused, with all that is wrong; None when none was."""
        service = self._asking()
        slugs = [asked.slug for asked in service.fields] if service else []
        wrong = [error for error in errors if error.field in slugs]
        if not wrong:
            return None
        self._dialogue.tell(sentences(self._dialogue.language, wrong))
        return self._dialogue.go("question", at=str(min(slugs.index(error.field) for error in wrong)))

    def _asking(self) -> ServiceView | None:
        """The service that is being booked: of one that is held, or of several in a row; None before that."""
        visit = self._dialogue.visit
        choice = visit.choice
        if choice is None or choice.start is None or (visit.hold is None and choice.in_a_row == 1):
            return None
        return self._service(choice.service_id)

    def _to_contact(self) -> ResponseReturnValue:
        choice = self._dialogue.visit.choice
        return self._dialogue.go("row" if choice is not None and choice.in_a_row > 1 else "contact")


def price_with(service: ServiceView, extras: Extras, each: Money, people: int) -> Money:
    """What so many pay at `each`, with the extras that were chosen; VAT included."""
    costs = (
        extra.price.times(many * (people if extra.per_person else 1)) for extra, many in chosen_of(service, extras)
    )
    return sum(costs, each.times(people))


def added_minutes(service: ServiceView, extras: Extras) -> int:
    """By how many minutes the chosen extras lengthen a visit."""
    return sum(extra.minutes * many for extra, many in chosen_of(service, extras))


def sentences(language: str, errors: list[FieldError]) -> str:
    """Everything that is wrong, each sentence once."""
    return " ".join(dict.fromkeys(error.told(language) for error in errors))


def chosen_of(service: ServiceView, extras: Extras) -> list[tuple[ExtraView, int]]:
    """The extras of a service that were chosen, and how many of each."""
    chosen = dict(extras)
    return [(extra, chosen[extra.id]) for extra in service.extras if extra.id in chosen]


def _quantity(extra: ExtraView) -> int:
    """How many of an extra a form of ours asks for; 0 for anything that cannot be."""
    typed = request.form.get(f"extra-{extra.id}", "")
    wanted = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 4 else 0
    return wanted if extra.least <= wanted <= extra.most else 0


def _at(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 3 else 0
