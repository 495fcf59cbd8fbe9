"""The calls of Parakey's API as its help pages describe them: to bytes and from bytes, no I/O (DR-06).

Sources are help.parakey.co: 204 Manage user access, 205 Using alias id, 207 Parakey resources, 209 Event log polling,
675982 Webhooks. What those pages leave out, such as the names of some fields, is an argument here and a setting above.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from appliance.foundation.instants import Instant, Interval
from drivers.strict_json import list_of, object_of

LARGEST_ANSWER: Final = 4 * 1024 * 1024
LONGEST_TEXT: Final = 320
LONGEST_CURSOR: Final = 256 * 1024
LAST_MS: Final = 253_402_300_800_000
_ADDRESS = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class KeyFields:
    """Names in an access key that the pages do not all print."""

    start: str = "startDate"
    end: str = "endDate"
    tag: str = "aliasTag"


@dataclass(frozen=True, slots=True)
class EventFields:
    """Where in an event log its parts stand; a dot leads into an object."""

    id: str = "id"
    created_at: str = "createdAt"
    timestamp: str = "timestamp"
    device: str = "device.id"
    email: str = "user.email"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A person's link to one access. access: alias or id, as it was given. tag: ours, empty for keys of others."""

    access: str
    email: str = field(repr=False)
    window: Interval | None
    tag: str


@dataclass(frozen=True, slots=True)
class EventLog:
    """Somebody opened a door. timestamp: when, UTC seconds. created_ms: when the cloud learned of it, UTC ms."""

    id: str
    created_ms: int
    timestamp: Instant
    device: str
    email: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far event logs have been read: the latest `createdAt`, and all that was seen to be created then."""

    at_ms: int
    ids: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return json.dumps({"at": self.at_ms, "ids": sorted(self.ids)}, separators=(",", ":"))

    def after(self, seen: Sequence[EventLog]) -> "Cursor":
        """The cursor behind these too."""
        latest = max((one.created_ms for one in seen), default=self.at_ms)
        if latest < self.at_ms:
            return self
        ids = frozenset(one.id for one in seen if one.created_ms == latest)
        return Cursor(latest, ids | self.ids if latest == self.at_ms else ids)

    def is_news(self, log: EventLog) -> bool:
        """Whether a log lies behind the cursor."""
        return log.created_ms > self.at_ms or (log.created_ms == self.at_ms and log.id not in self.ids)


def parse_cursor(text: str) -> Cursor | None:
    """The cursor that was written down; None for anything else."""
    match object_of(text.encode(errors="replace"), LONGEST_CURSOR):
        case {"at": int(at), "ids": [*ids], **rest} if not rest and all(isinstance(one, str) for one in ids):
            return Cursor(at, frozenset(str(one) for one in ids)) if 0 <= at < LAST_MS else None
    return None


def insert_request(
    accesses: Sequence[Mapping[str, str]],
    email: str,
    window: Interval,
    tag: str,
    names: KeyFields,
    flags: Mapping[str, bool],
) -> bytes:
    """Manage Access: one key of a person for each access. flags: `sendPush` and `sendInvitationEmail`."""
    times = {names.start: instant_text(window.start), names.end: instant_text(window.end)}
    items = [{"access": dict(one), "user": {"email": email}, **times, names.tag: tag} for one in accesses]
    return json.dumps({"insert": items, **flags}, separators=(",", ":")).encode()


def delete_request(tag: str, names: KeyFields) -> bytes:
    """Manage Access: every key with a tag of ours is to go (article 205, alias tag)."""
    return json.dumps({"delete": [{names.tag: tag}]}, separators=(",", ":")).encode()


def instant_text(instant: Instant, milliseconds: int = 0) -> str:
    """A time as ISO 8601 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(instant, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds:03}Z"


def parse_logs(body: bytes, names: EventFields, items: str = "") -> tuple[list[EventLog], int] | None:
    """Event logs, and how many there were that could not be read; None for anything but a list of them."""
    entries = _entries(body, items)
    if entries is None:
        return None
    found = [_log(entry, names) for entry in entries]
    whole = [one for one in found if one is not None]
    return whole, len(found) - len(whole)


def parse_keys(body: bytes, names: KeyFields, items: str = "") -> list[AccessKey] | None:
    """Access keys in a listing; None when one of them cannot be read, because it may be one of ours."""
    entries = _entries(body, items)
    found = None if entries is None else [_key(entry, names) for entry in entries]
    return None if found is None or None in found else [one for one in found if one is not None]


def without_addresses(text: str) -> str:
    """A text of the vendor's in which no e-mail address stands."""
    return _ADDRESS.sub("(address)", text)


def _entries(body: bytes, items: str) -> list[object] | None:
    if not items:
        return list_of(body, LARGEST_ANSWER)
    entries = object_of(body, LARGEST_ANSWER).get(items)
    return entries if isinstance(entries, list) else None


def _log(entry: object, names: EventFields) -> EventLog | None:
    id_, created, timestamp = (_at(entry, path) for path in (names.id, names.created_at, names.timestamp))
    created_ms, happened_ms = _ms(created), _ms(timestamp)
    if not id_ or created_ms is None or happened_ms is None:
        return None
    return EventLog(id_, created_ms, happened_ms // 1000, _at(entry, names.device), _at(entry, names.email))


def _key(entry: object, names: KeyFields) -> AccessKey | None:
    access = _at(entry, "access.aliasId") or _at(entry, "access.id") or _at(entry, "access.accessId")
    start, end = _ms(_at(entry, names.start)), _ms(_at(entry, names.end))
    if not access or not isinstance(entry, Mapping):
        return None
    window = (
        Interval(start // 1000, end // 1000) if start is not None and end is not None and end > start + 999 else None
    )
    return AccessKey(access, _at(entry, "user.email"), window, _at(entry, names.tag))


def _at(entry: object, path: str) -> str:
    """The text at a dotted path; empty when there is none."""
    for name in path.split("."):
        entry = entry.get(name) if isinstance(entry, Mapping) else None
    return entry if isinstance(entry, str) and len(entry) <= LONGEST_TEXT else ""


def _ms(text: str) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 time with an offset; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
        seconds = moment.timestamp() if moment.tzinfo is not None else -1.0
    except (ValueError, OverflowError):
        return None
    milliseconds = round(seconds * 1000)
    return milliseconds if 0 <= milliseconds < LAST_MS else None
