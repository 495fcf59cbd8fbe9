"""Giving out a backup PIN: at a door's own page and at the help desk alike (AC-19)."""

from flask.typing import ResponseReturnValue

from appliance.door_socket.answers import DoorView
from appliance.foundation.instants import MINUTE
from appliance.foundation.refusals import Refusal
from appliance.web.admin.console import Console
from appliance.web.forms import Filled
from appliance.web.pages.door_history import clock_text
from appliance.web.problems import sentence
from appliance.web.revoking import revocation
from appliance.web.speaking import language

USUAL_MINUTES = 30


def give_backup_pin(console: Console, door: DoorView, form: Filled, back: str) -> ResponseReturnValue:
    """Give out a PIN that opens one door once. It is shown in this answer and nowhere else."""
    unit, zone = console.unit, console.reception.zone
    seconds = form.values.get("minutes", USUAL_MINUTES) * MINUTE
    given = unit.backup_pins.give(door.id, seconds, form.values["reason"], console.actor)
    if isinstance(given, Refusal):
        return console.done(back, sentence(given, language(), zone), is_trouble=True)
    is_known = revocation(unit, given.key_seq) == "done"
    until = clock_text(given.window.end, zone)
    return console.page("backup_pin.html", door=door, given=given, until=until, is_known=is_known, back=back)
