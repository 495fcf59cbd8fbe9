"""The journal for staff: what was done, by whom and when, and whether both journals hold (AC-20)."""

import json
from collections.abc import Mapping
from typing import Final

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from appliance.foundation.i18n import marked, text
from appliance.storage.chain import Entry
from appliance.storage.journal import Excerpt, excerpt
from appliance.web.admin.console import Console
from appliance.web.admin.moments import moment
from appliance.web.speaking import language

PAGE: Final = 50
FILES: Final = {
    "booking.db": marked("The journal of bookings"),
    "access.db": marked("The journal of the doors"),
}


class JournalOfConsole:
    """`/admin/journal`, and walking both journals on demand."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._walk = console.unit.journal_walk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/journal", "journal", self.browse)
        blueprint.add_url_rule("/journal/walk", "journal_walk", self.walk)
        blueprint.add_url_rule("/journal/walk", "journal_walk_begin", self.begin, methods=["POST"])
        blueprint.add_url_rule("/journal/walk/state", "journal_walk_state", self.state)

    def browse(self) -> ResponseReturnValue:
        entity, cursor = request.args.get("entity", "")[:60], request.args.get("cursor", "")
        before = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 19 else None
        desk = self._console.unit.desk
        with desk.book.read(desk.scope) as tx:
            asked = Excerpt(entity or None, None, None, before, PAGE)
            entries = excerpt(tx.connection, tx.scope.facility_id, asked)
        names = self._console.reception.names()
        shown = [self._shown(entry, names) for entry in entries]
        following = entries[-1].seq if len(entries) == PAGE else None
        return self._console.page("journal.html", entries=shown, entity=entity, next=following)

    def walk(self) -> ResponseReturnValue:
        """What came of the last walk, and how far the one under way is."""
        state = self._walk.state()
        found = [self._verdict(file, state.found[file]) for file in FILES if file in state.found]
        ended = moment(state.ended_at, self._console.reception.zone)
        return self._console.page("journal_walk.html", state=state, found=found, ended=ended, told=self._progress())

    def begin(self) -> ResponseReturnValue:
        self._walk.begin()
        words = text(language(), "Both journals are being walked from their first entries.")
        return self._console.done(url_for("admin.journal_walk"), words)

    def state(self) -> ResponseReturnValue:
        """For the page, which asks while a walk is under way."""
        return jsonify(under_way=self._walk.state().is_under_way, told=self._progress())

    def _progress(self) -> str:
        state = self._walk.state()
        if not state.is_under_way:
            return ""
        file = text(language(), FILES[state.file]) if state.file in FILES else ""
        return text(language(), "{file}: entry {at} of {of}", file=file, at=state.at, of=state.of)

    def _verdict(self, file: str, said: Mapping[str, object]) -> Mapping[str, object]:
        """What was found of one file, in sentences."""
        spoken, zone = language(), self._console.reception.zone
        if not said["holds"]:
            broken = text(spoken, "It does not hold from entry {seq} on: {why}", seq=said["seq"], why=said["message"])
            return {"name": text(spoken, FILES[file]), "holds": False, "sentences": [broken]}
        sentences = [text(spoken, "{count} entries, and the chain holds.", count=said["seq"])]
        if isinstance(signed_at := said["signed_at"], int):
            at = moment(signed_at, zone)
            sentences.append(text(spoken, "Signed as far as entry {seq}, on {time}.", seq=said["signed_to"], time=at))
        else:
            sentences.append(text(spoken, "Nothing is signed yet."))
        if isinstance(first := said["first"], int) and first > 1:
            sentences.append(text(spoken, "Entries before {seq} were deleted by rule.", seq=first))
        late = said["late"]
        for start, end in late if isinstance(late, list) else ():
            sentences.append(text(spoken, "Entries {start} to {end} were signed late.", start=start, end=end))
        return {"name": text(spoken, FILES[file]), "holds": True, "sentences": sentences}

    def _shown(self, entry: Entry, names: Mapping[str, str]) -> Mapping[str, str]:
        return {
            "seq": str(entry.seq),
            "at": moment(entry.at, self._console.reception.zone),
            "who": names.get(entry.actor, entry.actor),
            "entity": entry.entity,
            "id": entry.entity_id,
            "verb": entry.verb,
            "before": _spelled(entry.before),
            "after": _spelled(entry.after),
        }


def _spelled(body: str | None) -> str:
    return json.dumps(json.loads(body), ensure_ascii=False, indent=1) if body else ""
