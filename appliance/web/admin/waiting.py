"""The waiting list for staff: who waits for what, since when, in which place, and taking somebody off it (DY-18)."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from appliance.booking import waiting_store
from appliance.booking.actions import waiting
from appliance.booking.waiting_list import WaitingEntry, position
from appliance.customers.store import people
from appliance.foundation.i18n import text
from appliance.foundation.ids import is_id
from appliance.foundation.instants import Interval
from appliance.foundation.refusals import Refusal
from appliance.web.admin.console import Console
from appliance.web.admin.moments import moment, span
from appliance.web.problems import NotFound, sentence
from appliance.web.speaking import language


class WaitingOfConsole:
    """`/admin/waiting`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._desk = console.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/waiting", "waiting", self.show)
        blueprint.add_url_rule("/waiting/<entry_id>/remove", "waiting_remove", self.remove, methods=["POST"])

    def show(self) -> ResponseReturnValue:
        zone = self._desk.scope.zone
        with self._desk.book.read(self._desk.scope) as tx:
            entries = waiting_store.who_waits(tx)
            names = {each.id: each.called for each in people(tx, {entry.customer_id for entry in entries})}
            services = {each.id: each.name for each in self._desk.catalogues.current(tx).services}
        waits = [
            {
                "id": each.id,
                "who": names.get(each.customer_id, ""),
                "what": f"{services.get(each.service_id, '')} × {each.quantity}",
                "when": span(_asked(each), zone),
                "place": position(each, entries),
                "since": moment(each.created_at, zone),
            }
            for each in entries
        ]
        return self._console.page("waiting.html", waits=waits)

    def remove(self, entry_id: str) -> ResponseReturnValue:
        if not is_id(entry_id):
            raise NotFound
        left = waiting.leave(self._desk, entry_id, self._console.actor)
        back = url_for("admin.waiting")
        if isinstance(left, Refusal):
            return self._console.done(back, sentence(left, language(), self._desk.scope.zone), is_trouble=True)
        return self._console.done(back, text(language(), "They wait no longer."))


def _asked(entry: WaitingEntry) -> Interval:
    """The one start that is waited for with its length, or all starts that would do."""
    is_one = entry.starts.seconds == 1
    return Interval(entry.starts.start, entry.starts.start + entry.duration * 60) if is_one else entry.starts
