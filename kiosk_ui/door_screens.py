"""The PIN pad, the scan and the verdict (KI-03, KI-04, KI-07). The code itself is never kept and never logged."""

from dataclasses import replace
from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from appliance.foundation.ids import Uuid7, is_id
from kiosk_ui.desk import DoorView, PresentationKind
from kiosk_ui.dialogue import Dialogue
from kiosk_ui.verdicts import screen_for

VALUE_LENGTH: Final = 512


class DoorScreens:
    """Where a key is shown to a door, and what the door said."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._ids = Uuid7()

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/pin", "pin", self.pin)
        blueprint.add_url_rule("/present", "present", self.present, methods=["POST"])
        blueprint.add_url_rule("/verdict", "verdict", self.verdict)

    def pin(self) -> str:
        doors = self._dialogue.desk.doors()
        return self._dialogue.page(
            "pin.html",
            doors=doors,
            door=self._door(doors, request.args.get("door", "")),
            presentation_id=self._ids.new(),
        )

    def present(self) -> ResponseReturnValue:
        """Ask the door. The same page sent twice is one presentation, so an impatient finger counts once."""
        desk, form = self._dialogue.desk, request.form
        door = self._door(desk.doors(), form.get("door", ""))
        value = form.get("value", "")[:VALUE_LENGTH]
        if door is None or not value:
            return self._dialogue.go("pin")
        kind: PresentationKind = "qr" if form.get("kind") == "qr" else "pin"
        presentation_id = form.get("presentation_id", "")
        if not is_id(presentation_id):
            presentation_id = self._ids.new()
        verdict = desk.present(door.slug, kind, value, presentation_id)
        self._dialogue.keep(replace(self._dialogue.visit, verdict=verdict, door_slug=door.slug))
        return self._dialogue.go("verdict")

    def verdict(self) -> ResponseReturnValue:
        verdict = self._dialogue.visit.verdict
        if verdict is None:
            return self._dialogue.go("home")
        screen = screen_for(verdict.reason, verdict.granted)
        return self._dialogue.page("verdict.html", verdict=verdict, screen=screen)

    def _door(self, doors: tuple[DoorView, ...], wanted: str) -> DoorView | None:
        """The door asked for, else the one used last, else the one beside the kiosk."""
        by_slug = {door.slug: door for door in doors}
        preferred = (wanted, self._dialogue.visit.door_slug, self._dialogue.desk.facility().home_door)
        chosen = next((by_slug[slug] for slug in preferred if slug in by_slug), None)
        return chosen or next(iter(doors), None)
