"""`portvakt commission`: the walk over the doors on a terminal (DR-12).

The walk itself lives in the door process: whoever leaves the terminal finds it again where it was.
"""

import json
import os
import select
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Protocol

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from appliance.access import commissioning_record
from appliance.config import UnitSettings
from appliance.door_socket.client import DoorClient, DoorRefused
from appliance.door_socket.commission_client import CommissionClient, FindingView, WalkView
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.i18n import text
from appliance.keys.secrets_store import load_journal_keys
from appliance.web.commissioning_paper import pdf_of
from appliance.web.commissioning_words import ASKS, LEAVE, RELEASE, RESULTS, WORDS, detail, name, told

LOOK_S: Final = 0.25
LEFT: Final = 1
_KEYS: Final = {"y": "yes", "n": "no", "s": "skip", "a": "again"}


class Lines(Protocol):
    """Where a person types."""

    def next(self, seconds: float) -> str | None:
        """The next line; None when none came in time. EOFError when there will be no more."""


class TypedLines:
    """Lines of a file descriptor, which is read without waiting for more than there is."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""

    def next(self, seconds: float) -> str | None:
        if b"\n" not in self._rest:
            ready, _, _ = select.select([self._descriptor], [], [], seconds)
            if not ready:
                return None
            piece = os.read(self._descriptor, 4096)
            if not piece:
                raise EOFError
            self._rest += piece
            if b"\n" not in self._rest:
                return None
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode(errors="replace").strip().lower()


def run(settings: UnitSettings, doors: Sequence[str], out: Path, language: str) -> int:
    """Walk over the doors, all unless some are named, and write the record into `out`; `LEFT` when it was left."""
    console = Console(highlight=False)
    with closing(DoorClient(settings.run)) as client:
        names = {door.id: door.name for door in client.doors()}
        walk = CommissionClient(client, "cli")
        try:
            _Terminal(walk, names, console, TypedLines(sys.stdin.fileno()), language).walk(doors)
        except (EOFError, KeyboardInterrupt):
            console.print(text(language, "Left. The walk goes on where it was when you begin again."))
            return LEFT
        record = walk.finish()
    for path in write(record, out, language):
        console.print(str(path))
    return 0


def write(record: Mapping[str, Any], out: Path, language: str) -> tuple[Path, Path]:
    """Write the record as JSON and as PDF; NeedsAttention when the folder does not take it."""
    stem = f"commissioning-{record['ended_at']}"
    paths = out / f"{stem}.json", out / f"{stem}.pdf"
    try:
        out.mkdir(parents=True, exist_ok=True)
        paths[0].write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        paths[1].write_bytes(pdf_of(record, language))
    except OSError as fault:
        raise NeedsAttention(f"{out} does not take the record: {fault.strerror}; the unit keeps it too") from fault
    return paths


def checked(settings: UnitSettings, path: Path) -> str:
    """A sentence on a record whose signature holds; Invalid when it was altered or is not of this unit."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise NeedsAttention(f"{path} cannot be read: {fault.strerror}") from fault
    except ValueError as fault:
        raise NeedsAttention(f"{path} is not a record of a commissioning: {fault}") from fault
    record = commissioning_record.verify(values, load_journal_keys(settings.secrets, "door"))
    return f"{path}: the signature holds, by key {record['key']}, over {len(record['doors'])} doors"


class _Terminal:
    """One sitting at the terminal."""

    def __init__(
        self, walk: CommissionClient, names: Mapping[str, str], console: Console, lines: Lines, language: str
    ) -> None:
        self._walk = walk
        self._names = names
        self._console = console
        self._lines = lines
        self._language = language

    def walk(self, doors: Sequence[str]) -> None:
        """Step by step to the end. EOFError when the person leaves."""
        view = self._walk.begin(doors)
        known = 0
        while view.step:
            known = self._tell(view, known)
            self._ask(view)
            view = self._until_done(view)
        self._tell(view, known)
        self._console.print(self._table(view.findings))

    def _until_done(self, asked: WalkView) -> WalkView:
        """Wait until the step is over, by what is typed or by what the door says."""
        while True:
            typed = self._lines.next(LOOK_S)
            if typed is not None:
                self._say(asked.step, typed)
            seen = self._walk.look()
            if seen is None:
                raise NeedsAttention("the walk was finished elsewhere")
            if seen.step != asked.step:
                return seen

    def _say(self, step: str, typed: str) -> None:
        if typed in ("q", "quit"):
            raise EOFError
        try:
            if typed == "p":
                self._print(told(self._walk.pulse(step), self._language))
            elif typed in _KEYS:
                self._walk.answer(step, _KEYS[typed])
            elif typed:
                self._print(text(self._language, "Type one of the letters, then Enter."))
        except DoorRefused as refused:
            # The step may be over by what the door saw, just as the person typed.
            self._print(refused.message)

    def _ask(self, view: WalkView) -> None:
        door = self._names.get(view.door_id, view.door_id)
        number = f"{len(view.findings) + 1}/{view.of}"
        self._console.print(f"\n[bold]{number} {escape(door)}: {escape(self._name(view))}[/bold]")
        self._print(text(self._language, ASKS[view.kind]))
        may = {
            key: WORDS[word]
            for key, word in _KEYS.items()
            if word in view.words or (word == "yes" and view.kind == "pulse")
        }
        keys = {"p": RELEASE, **may, "q": LEAVE}
        self._print("   ".join(f"{key} = {text(self._language, words)}" for key, words in keys.items()))

    def _tell(self, view: WalkView, known: int) -> int:
        for found in view.findings[known:]:
            self._print(f"{self._result(found)} {detail(self._language, found)}".strip())
        if view.shown:
            self._print(view.shown)
        return len(view.findings)

    def _table(self, findings: Sequence[FindingView]) -> Table:
        heads = text(self._language, "Door"), text(self._language, "Step"), text(self._language, "Result")
        table = Table(*heads, text(self._language, "Measured"))
        for found in findings:
            door = self._names.get(found.door_id, found.door_id)
            step = name(self._language, found.kind, found.reader)
            table.add_row(escape(door), escape(step), self._result(found), detail(self._language, found))
        return table

    def _name(self, view: WalkView) -> str:
        return name(self._language, view.kind, view.reader)

    def _result(self, found: FindingView) -> str:
        return text(self._language, RESULTS[found.result])

    def _print(self, words: str) -> None:
        self._console.print(words, markup=False)
