"""Walking a journal with its checkpoints: whether it holds, how far it is signed, and what was signed late (AC-20).

The beginning of a journal may be deleted when it is old, up to a checkpoint. An entry says so first, of entity
`journal` and verb `shortened` with after = {"first": seq of that checkpoint}. A beginning that is missing without such
an entry, or reaches further than the newest one says, was taken out by somebody else (AC-21).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from appliance.foundation.errors import Invalid
from appliance.foundation.instants import DAY, Instant
from appliance.storage import checkpoints
from appliance.storage.chain import Break, Entry, Head, verify
from appliance.storage.checkpoints import Checkpoint, PublicKeys

LONGEST_S: Final = DAY
MOST_ENTRIES: Final = 20_000
JOURNAL: Final = "journal"
SHORTENED: Final = "shortened"


@dataclass(frozen=True, slots=True)
class Verified:
    """A journal that holds. first: its first entry that is left. newest: its last checkpoint. unsigned: how many
    entries come behind that one.

    late: first and last entry of each stretch that had to wait for its signature for more than a day, or for 20,000
    entries. Such a stretch is signed now, but until then whoever could write the file could have written it anew.
    """

    head: Head
    newest: Checkpoint | None
    unsigned: int
    late: tuple[tuple[int, int], ...]
    first: int = 1


def verify_signed(
    head: Head, entries: Iterable[Entry], keys: PublicKeys, kept: Checkpoint | None = None
) -> Verified | Break:
    """Walk `entries` from `head` and check each checkpoint with `keys`; or the first place that does not hold.

    kept: a checkpoint of this journal from elsewhere, which the walk must come past.
    """
    if kept is not None and kept.head.file_id != head.file_id:
        return Break(0, "this is another file than the one whose head was kept")
    walk = _Walk(head, keys, kept)
    for entry in entries:
        found = walk.step(entry)
        if found is not None:
            return found
    return walk.end()


class _Walk:
    """How far a walk has come: the head, the newest checkpoint, and the first entry behind it."""

    def __init__(self, head: Head, keys: PublicKeys, kept: Checkpoint | None) -> None:
        self._head = head
        self._keys = keys
        self._kept = kept.head if kept else None
        self._newest: Checkpoint | None = None
        self._unsigned: Entry | None = None
        self._last_at: Instant = 0
        self._late: list[tuple[int, int]] = []
        self._first = 1
        self._shortened_to = 1

    def step(self, entry: Entry) -> Break | None:
        if self._head.seq == 0 and entry.seq > 1:
            # Its past is gone; whether that was allowed is known at the end.
            self._head, self._first = Head(self._head.file_id, entry.seq - 1, entry.prev_hash), entry.seq
        found = verify(self._head, (entry,))
        if isinstance(found, Break):
            return found
        if not self._is_as_kept(entry):
            return Break(entry.seq, f"entry {entry.seq} or one before it is not what it was when its head was kept")
        if entry.entity == checkpoints.ENTITY:
            signed = _checked(entry, self._head, self._keys)
            if isinstance(signed, Break):
                return signed
            self._close(signed)
        elif self._unsigned is None:
            self._unsigned = entry
        if entry.entity == JOURNAL and entry.verb == SHORTENED:
            self._shortened_to = _first_left(entry)
        self._head, self._last_at = found, entry.at
        return None

    def _is_as_kept(self, entry: Entry) -> bool:
        """Whether an entry, and the one before it, may be what they were when a head was kept elsewhere."""
        kept = self._kept
        before = (self._head.seq, self._head.hash)
        return kept is None or all(
            seq != kept.seq or digest == kept.hash for seq, digest in (before, (entry.seq, entry.hash))
        )

    def end(self) -> Verified | Break:
        kept = self._kept
        if self._first > self._shortened_to:
            return Break(1, f"entries 1 to {self._first - 1} are missing: {_allowed(self._shortened_to)}")
        if kept is not None and kept.seq < self._first - 1:
            return Break(self._first, f"entry {kept.seq}, whose head was kept, was deleted by rule: keep a newer one")
        if kept is not None and kept.seq > self._head.seq:
            return Break(
                self._head.seq + 1, f"the end is cut off: entry {kept.seq} was kept, entry {self._head.seq} is the last"
            )
        if self._unsigned is not None and self._is_long(self._unsigned, self._head.seq, self._last_at):
            first = self._unsigned.seq
            return Break(
                first, f"entries {first} to {self._head.seq} are not signed, which is more than can be waiting"
            )
        unsigned = self._head.seq - self._unsigned.seq + 1 if self._unsigned else 0
        return Verified(self._head, self._newest, unsigned, tuple(self._late), self._first)

    def _close(self, signed: Checkpoint) -> None:
        """Everything so far is signed; note a stretch that had waited for long, unless it is pinned from outside."""
        first, last = self._unsigned, signed.head.seq
        is_pinned = self._kept is not None and last <= self._kept.seq
        if first is not None and not is_pinned and self._is_long(first, last, signed.at):
            self._late.append((first.seq, last))
        self._newest, self._unsigned = signed, None

    @staticmethod
    def _is_long(first: Entry, last: int, until: Instant) -> bool:
        return until - first.at > LONGEST_S or last - first.seq >= MOST_ENTRIES


def _first_left(entry: Entry) -> int:
    first = entry.body_after().get("first")
    return first if isinstance(first, int) else 1


def _allowed(shortened_to: int) -> str:
    return f"only those before {shortened_to} were deleted by rule" if shortened_to > 1 else "none were deleted by rule"


def _checked(entry: Entry, before: Head, keys: PublicKeys) -> Checkpoint | Break:
    try:
        signed = checkpoints.parse(entry.body_after())
    except (Invalid, ValueError, TypeError, RecursionError) as fault:
        return Break(entry.seq, f"entry {entry.seq} is no checkpoint: {fault}")
    if signed.head != before:
        return Break(entry.seq, f"checkpoint {entry.seq} signs something else than the entries before it")
    if signed.key not in keys:
        return Break(entry.seq, f"checkpoint {entry.seq} is signed with key {signed.key}, which is not known")
    if not signed.holds(keys):
        return Break(entry.seq, f"checkpoint {entry.seq} has a wrong signature")
    return signed
