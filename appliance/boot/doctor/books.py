"""What lies in the two files: their shape, the guard, both journals, the site plan, and work that does not get done."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from appliance.access import store
from appliance.boot.doctor.findings import Finding, Severity, Symptom
from appliance.config import UnitSettings
from appliance.foundation.errors import PortvaktError
from appliance.foundation.i18n import marked
from appliance.keys.secrets_store import Side, load_journal_keys
from appliance.storage import checkpoints
from appliance.storage.chain import Break, Head, start
from appliance.storage.checkpoints import PublicKeys
from appliance.storage.door_file import DoorFile, Origin, connect, file_uri, newest_version
from appliance.storage.engine import open_to_read
from appliance.storage.follower import FileReplaced, FileUnreadable, JournalReader
from appliance.storage.guard import GuardMissing
from appliance.storage.migrating import newest_revision, require_newest, stands_at
from appliance.storage.verifying import MOST_ENTRIES, verify_signed

OLD_SHAPE = Symptom(
    "old_shape",
    marked("The file stands at revision {found}, this version needs {newest}."),
    marked("Run portvakt migrate. If the file comes from a newer version, install that version again."),
)
NO_GUARD = Symptom(
    "no_guard",
    marked("The guard against double booking is gone: {detail}"),
    marked("Run portvakt migrate; if that does not help, restore the file from a backup."),
)
UNREADABLE = Symptom(
    "unreadable",
    marked("The file cannot be read: {detail}"),
    marked("Restore it from a backup. The doors go on with the keys they know."),
)
JOURNAL_BROKEN = Symptom(
    "journal_broken",
    marked("The journal does not hold: {detail}"),
    marked("Keep a copy of both files as they are, run portvakt verify-journal, and find out who wrote to them."),
)
WORK_FAILS = Symptom(
    "work_fails",
    marked("The work {kind} failed {tries} times: {detail}"),
    marked("Look at the log of the web process; the work is tried again by itself."),
    Severity.WARNING,
)
PLAN_REFUSED = Symptom(
    "plan_refused",
    marked("Site plan {number} was refused: {detail}"),
    marked("Mend the site plan and save it again. Until then the doors work by the last good one."),
)
NO_PLAN = Symptom(
    "no_plan", marked("There is no site plan yet: no door is served."), marked("Set up the doors."), Severity.WARNING
)
NOT_FOLLOWED = Symptom(
    "not_followed",
    marked("The doors follow another booking.db than this one."),
    marked("See what differs with portvakt reconcile, then run: portvakt reconcile --apply"),
)
_LAST_CHECKPOINT: Final = "SELECT max(seq) FROM journal WHERE seq > ? AND entity = ?"
_RECENT: Final = 500
_HASH: Final = "SELECT hash FROM journal WHERE seq = ?"
_LATE_WORK: Final = "SELECT kind, tries, fault FROM due WHERE tries > 0 ORDER BY kind, entity_id LIMIT 20"
_REFUSED: Final = (
    "SELECT after FROM journal WHERE entity = 'site_plan' AND verb = 'rejected' AND seq > ? ORDER BY seq DESC LIMIT 1"
)


def check_shapes(settings: UnitSettings) -> Iterator[Finding]:
    """Whether both files are of this version, and booking.db still has its guard."""
    if settings.booking_file.exists():
        engine = open_to_read(settings.booking_file)
        try:
            found = stands_at(engine)
            if found != newest_revision():
                yield OLD_SHAPE.at(settings.booking_file, found=found or 0, newest=newest_revision())
            else:
                require_newest(engine)
        except GuardMissing as fault:
            yield NO_GUARD.at(settings.booking_file, detail=fault)
        finally:
            engine.dispose()
    if settings.access_file.exists():
        with closing(JournalReader(settings.access_file)) as reader:
            version = int(str(reader.query("PRAGMA user_version")[0][0]))
        if version != newest_version():
            yield OLD_SHAPE.at(settings.access_file, found=version, newest=newest_version())


def check_journals(settings: UnitSettings) -> Iterator[Finding]:
    """The last stretch of both journals with its signatures; `portvakt verify-journal` walks all of them."""
    sides: tuple[tuple[Path, Side], ...] = ((settings.booking_file, "web"), (settings.access_file, "door"))
    for path, side in sides:
        if not path.exists():
            continue
        try:
            keys = load_journal_keys(settings.secrets, side)
            with closing(JournalReader(path)) as reader:
                broken = broken_end(reader, keys)
        except FileUnreadable as fault:
            yield UNREADABLE.at(path, detail=fault)
        except PortvaktError as fault:
            yield JOURNAL_BROKEN.at(path, detail=fault)
        else:
            if broken is not None:
                yield JOURNAL_BROKEN.at(path, detail=broken.message)


def broken_end(reader: JournalReader, keys: PublicKeys) -> Break | None:
    """The first place in the last stretch of a journal, its newest signature included, at which it does not hold."""
    head = reader.head()
    ((last,),) = reader.query(_LAST_CHECKPOINT, (head.seq - MOST_ENTRIES - 1, checkpoints.ENTITY))
    signed = int(str(last)) - 1 if last is not None else head.seq - MOST_ENTRIES - 1
    seq = max(0, min(signed, head.seq - _RECENT))
    before = start(head.file_id)
    ((first,),) = reader.query("SELECT min(seq) FROM journal")
    if first is not None and int(str(first)) > seq:
        seq = 0
    if seq > 0:
        found = reader.query(_HASH, (seq,))
        if not found or not isinstance(found[0][0], bytes):
            return Break(seq, f"entry {seq} is missing")
        before = Head(head.file_id, seq, found[0][0])
    walked = verify_signed(before, reader.after(seq, 2 * MOST_ENTRIES), keys)
    return walked if isinstance(walked, Break) else None


def check_plan(settings: UnitSettings) -> Iterator[Finding]:
    """Whether the newest site plan is in force, and whether the doors follow this booking.db."""
    if not settings.access_file.exists():
        return
    with closing(JournalReader(settings.access_file)) as reader:
        numbers = {str(role): int(str(number)) for role, number in reader.query("SELECT role, number FROM site_plan")}
        if not numbers:
            yield NO_PLAN.at("site plan")
        elif "desired" in numbers and numbers["desired"] == numbers.get("rejected"):
            yield PLAN_REFUSED.at("site plan", number=numbers["rejected"], detail=_mistakes(reader))
    with closing(connect(DoorFile(f"{file_uri(settings.access_file)}?mode=ro", Origin.INTACT))) as connection:
        cursor = store.cursor(connection)
    if cursor is not None and settings.booking_file.exists() and not _leads_to(settings.booking_file, cursor):
        yield NOT_FOLLOWED.at("access.db")


def check_work(settings: UnitSettings) -> Iterator[Finding]:
    """Timed work that ended in a fault."""
    if settings.booking_file.exists():
        with closing(JournalReader(settings.booking_file)) as reader:
            for kind, tries, fault in reader.query(_LATE_WORK):
                yield WORK_FAILS.at("booking.db", kind=kind, tries=tries, detail=fault)


def drivers_in_use(settings: UnitSettings) -> frozenset[str]:
    """The door drivers of the site plan in force."""
    if not settings.access_file.exists():
        return frozenset()
    with closing(JournalReader(settings.access_file)) as reader:
        found = reader.query("SELECT document FROM site_plan WHERE role = 'applied'")
    return frozenset(str(door.get("driver")) for row in found for door in json.loads(str(row[0])).get("doors", []))


def _leads_to(path: Path, cursor: Head) -> bool:
    with closing(JournalReader(path)) as reader:
        try:
            reader.check(cursor)
        except FileReplaced:
            return False
    return True


def _mistakes(reader: JournalReader) -> str:
    """What was wrong with the plan that was refused last, as far as that is not long ago."""
    found = reader.query(_REFUSED, (reader.head().seq - MOST_ENTRIES,))
    errors = json.loads(str(found[0][0])).get("errors", []) if found else []
    return "; ".join(f"{error['field']}: {error['message']}" for error in errors) or "?"
