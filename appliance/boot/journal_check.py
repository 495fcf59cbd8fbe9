"""What `portvakt verify-journal` finds in both journals, in plain values; its JSON is the anchor of a later run."""

import json
from datetime import UTC, datetime
from pathlib import Path

from appliance.config import UnitSettings
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.instants import Instant
from appliance.keys.secrets_store import Side, load_journal_keys
from appliance.storage.chain import Break, start
from appliance.storage.checkpoints import Checkpoint, PublicKeys, anchor_form, parse_anchor
from appliance.storage.follower import FileUnreadable, JournalReader
from appliance.storage.verifying import Verified, verify_signed


def verify_journals(settings: UnitSettings, anchor_file: Path | None = None) -> dict[str, dict[str, object]]:
    """Walk both chains from their first entries, reading only; also while the processes run.

    With an anchor its heads must be found again, and its public keys count instead of those that lie on the unit.
    """
    anchors = _read(anchor_file) if anchor_file is not None else None
    sides: tuple[tuple[Path, Side], ...] = ((settings.booking_file, "web"), (settings.access_file, "door"))
    found = {}
    for path, side in sides:
        if anchors is None:
            found[path.name] = _checked(path, load_journal_keys(settings.secrets, side), None)
        else:
            anchor = parse_anchor(anchors.get(path.name), path.name)
            found[path.name] = _checked(path, anchor.keys, anchor.checkpoint)
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


def _checked(path: Path, keys: PublicKeys, kept: Checkpoint | None) -> dict[str, object]:
    reader = JournalReader(path)
    try:
        found = verify_signed(start(reader.file_id()), reader.all(), keys, kept)
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
