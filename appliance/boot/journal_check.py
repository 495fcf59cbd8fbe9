"""What `portvakt verify-journal` finds in both journals, in plain values; its JSON is the anchor of a later run."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from appliance.config import UnitSettings
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.instants import Instant
from appliance.keys.secrets_store import Side, load_journal_keys
from appliance.storage.chain import Break, Entry, start
from appliance.storage.checkpoints import Checkpoint, PublicKeys, anchor_form, parse_anchor
from appliance.storage.follower import FileUnreadable, JournalReader
from appliance.storage.verifying import Verified, verify_signed

TOLD_EVERY: Final = 1000
# The file, the entry that it has come to, and the last one.
Progress: TypeAlias = Callable[[str, int, int], None]


def untold(_file: str, _seq: int, _of: int) -> None:
    """Nobody waits to hear how far it is."""


def verify_journals(
    settings: UnitSettings, anchor_file: Path | None = None, told: Progress = untold
) -> dict[str, dict[str, object]]:
    """Walk both chains from their first entries, reading only; also while the processes run.

    told: hears every thousand entries how far it is. With an anchor its heads must be found again, and its public
    keys count instead of those that lie on the unit.
    """
    anchors = _read(anchor_file) if anchor_file is not None else None
    sides: tuple[tuple[Path, Side], ...] = ((settings.booking_file, "web"), (settings.access_file, "door"))
    found = {}
    for path, side in sides:
        if anchors is None:
            found[path.name] = _checked(path, load_journal_keys(settings.secrets, side), None, told)
        else:
            anchor = parse_anchor(anchors.get(path.name), path.name)
            found[path.name] = _checked(path, anchor.keys, anchor.checkpoint, told)
    return found


def _read(path: Path) -> dict[str, object]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise NeedsAttention(f"{path} cannot be read: {fault.strerror}") from fault
    except ValueError as fault:
        raise NeedsAttention(f"{path} is not what verify-journal --json printed: {fault}") from fault
    if not isinstance(values, dict):
        raise NeedsAttention(f"{path} is not what verify-journal --json printed")
    return values


def _told_of(entries: Iterator[Entry], path: Path, of: int, told: Progress) -> Iterator[Entry]:
    for count, entry in enumerate(entries):
        if count % TOLD_EVERY == 0:
            told(path.name, entry.seq, of)
        yield entry


def _checked(path: Path, keys: PublicKeys, kept: Checkpoint | None, told: Progress) -> dict[str, object]:
    reader = JournalReader(path)
    try:
        entries = _told_of(reader.all(), path, reader.head().seq, told)
        found = verify_signed(start(reader.file_id()), entries, keys, kept)
    except FileUnreadable as fault:
        found = Break(0, str(fault))
    finally:
        reader.close()
    if isinstance(found, Break):
        said: dict[str, object] = {"holds": False, "seq": found.seq, "message": found.message}
        newest = None
    else:
        newest = found.newest
        said = {"holds": True, "seq": found.head.seq, "message": _sentence(found)}
        said |= {"first": found.first, "unsigned": found.unsigned, "late": [list(stretch) for stretch in found.late]}
    said |= {"signed_to": newest.head.seq if newest else None, "signed_at": newest.at if newest else None}
    return said | anchor_form(newest, keys)


def _sentence(found: Verified) -> str:
    said = f"{found.head.seq} entries, the chain holds"
    newest = found.newest
    said += f", signed to entry {newest.head.seq} at {_written(newest.at)}" if newest else ", nothing is signed yet"
    if found.first > 1:
        said += f"; those before entry {found.first} were deleted by rule"
    if found.unsigned:
        said += f", {found.unsigned} not signed yet"
    for first, last in found.late:
        said += f"; entries {first} to {last} were signed late"
    return said


def _written(at: Instant) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
