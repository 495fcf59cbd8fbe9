"""The calls of VAKA Online's public API: to bytes and from bytes, no I/O (DR-05).

Sources are the vendor's pages under developer.vakaonline.se: getting-started/authentication, guides/webhooks,
api-reference/reservations and api-reference/doors. Names that are not used are passed over, because a vendor adds to
its answers; what is used must be of its type, and whatever else came is None.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlencode

from appliance.foundation.instants import Instant, Interval, parse_instant
from drivers.strict_json import object_of
from drivers.vendor_answers import word

LARGEST_ANSWER: Final = 1024 * 1024
LARGEST_RESULT: Final = 64 * 1024
LONGEST_TOKEN: Final = 8192
LONGEST_LIFE_S: Final = 86_400
PAGE_SIZE: Final = 100
WEEK_DAYS: Final = 7
DAY_MINUTES: Final = 1440
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FRACTION = re.compile(r"\.[0-9]{1,9}(?=Z|[+-]|$)")


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and for how many seconds it is good."""

    text: str = field(repr=False)
    life_s: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """One reservation as VAKA lists it. user_id is None for a maintenance window."""

    id: str
    user_id: str | None
    resource_id: str
    window: Interval


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing; `following` asks for the next one, None behind the last."""

    reservations: tuple[Reservation, ...]
    following: str | None


Week = tuple[tuple[tuple[int, int], ...], ...]
"""Slots of each weekday from Monday, as minutes from midnight and length in minutes."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a call that was accepted before."""

    correlation: str
    kind: str  # operationResult or reservationResult
    succeeded: bool
    error: str = ""  # the vendor's code and description, fit to be shown


def is_name(text: str) -> bool:
    """Whether a text can be an id in the API's paths."""
    return _NAME.fullmatch(text) is not None


def token_request(client_id: str, client_secret: str, scope: str) -> bytes:
    """The form that asks for a token (RFC 6749 section 4.4.2)."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret, "scope": scope}
    return urlencode(form).encode()


def parse_token(body: bytes) -> Token | None:
    """A token (RFC 6749 section 5.1), or None."""
    match object_of(body, LARGEST_ANSWER):
        case {"access_token": str(text), "token_type": str(kind), "expires_in": int(life)} if (
            0 < len(text) <= LONGEST_TOKEN and text.isascii() and text.isprintable() and kind.lower() == "bearer"
        ):
            return Token(text, max(0, min(life, LONGEST_LIFE_S)))
    return None


def reservation_request(user_id: str, resource_id: str, window: Interval) -> bytes:
    """The body that asks for a reservation; times are UTC to the minute, as the vendor writes them."""
    body = {"userId": user_id, "resourceId": resource_id, "startTime": _minute(window.start)}
    return json.dumps({**body, "endTime": _minute(window.end)}, separators=(",", ":")).encode()


def listing_path(system_id: str, following: str | None = None) -> str:
    """Where a VAKA system's reservations are listed."""
    return f"/v1/reservations/{system_id}/all?{_paging(following)}"


def schedules_path(system_id: str, following: str | None = None) -> str:
    """Where a VAKA system's reservation time schedules are listed."""
    return f"/v1/reservations/timeschedules/{system_id}/all?{_paging(following)}"


def parse_accepted(body: bytes) -> str | None:
    """The correlation id of a call that was taken (202), or None."""
    match object_of(body, LARGEST_ANSWER):
        case {"correlationId": str(correlation)} if is_name(correlation):
            return correlation
    return None


def parse_page(body: bytes) -> Page | None:
    """One page of reservations, or None. One entry that cannot be read spoils the page: it may be one of ours."""
    match object_of(body, LARGEST_ANSWER):
        case {"reservations": [*entries], **rest}:
            found = [_reservation(entry) for entry in entries]
            following = rest.get("continuationToken")
            if len(found) <= PAGE_SIZE and (following is None or isinstance(following, str)):
                whole = tuple(one for one in found if one is not None)
                return Page(whole, following or None) if len(whole) == len(found) else None
    return None


def parse_schedules(body: bytes) -> tuple[dict[str, Week], str | None] | None:
    """Weekly schedules by id, and what asks for the next page; None for what cannot be read."""
    match object_of(body, LARGEST_ANSWER):
        case {"timeSchedules": [*entries], **rest}:
            found: dict[str, Week] = {}
            for entry in entries:
                match entry:
                    case {"id": str(name), "scheduleType": "Week", "schedule": [*days]}:
                        week = _week(days)
                        if week is None:
                            return None
                        found[name] = week
            following = rest.get("continuationToken")
            return found, following if isinstance(following, str) and following else None
    return None


def parse_result(body: bytes) -> Result | None:
    """What a webhook tells, or None. `succeded` is how the vendor spells it."""
    match object_of(body, LARGEST_RESULT):
        case {
            "correlationId": str(correlation),
            "eventType": ("operationResult" | "reservationResult") as kind,
            "eventData": {"succeded": bool(succeeded), **data},
        } if is_name(correlation):
            told = [word(data.get("errorCode")), word(data.get("errorDescription"))]
            error = "" if succeeded else ": ".join(part for part in told if part) or "no reason given"
            return Result(correlation, str(kind), succeeded, error)
    return None


def _paging(following: str | None) -> str:
    token = "" if following is None else f"&continuationToken={quote(following, safe='')}"
    return f"pageSize={PAGE_SIZE}{token}"


def _minute(instant: Instant) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%MZ")


def _reservation(entry: object) -> Reservation | None:
    match entry:
        case {"id": str(id_), "resourceId": str(resource), "startTime": str(start), "endTime": str(end), **rest}:
            user = rest.get("userId")
            window = _window(start, end)
            if is_name(id_) and window is not None and (user is None or isinstance(user, str)):
                return Reservation(id_, user, resource, window)
    return None


def _window(start: str, end: str) -> Interval | None:
    try:
        return Interval(parse_instant(_FRACTION.sub("", start)), parse_instant(_FRACTION.sub("", end)))
    except ValueError:
        return None


def _week(days: list[object]) -> Week | None:
    if len(days) > WEEK_DAYS:
        return None
    week = [_day(day) for day in days]
    return None if None in week else tuple(day for day in week if day is not None)


def _day(day: object) -> tuple[tuple[int, int], ...] | None:
    if not isinstance(day, list) or len(day) > DAY_MINUTES:
        return None
    slots = []
    for slot in day:
        match slot:
            case [int(start), int(length)] if 0 <= start < DAY_MINUTES and 0 < length <= WEEK_DAYS * DAY_MINUTES:
                slots.append((int(start), int(length)))
            case _:
                return None
    return tuple(slots)
