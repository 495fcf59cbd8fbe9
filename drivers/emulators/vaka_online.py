"""VAKA Online as its public pages describe it, in memory. Pure but for its clock. An emulator, not Axema's.

Each behaviour names the page it was written from, under developer.vakaonline.se; what is said nowhere is said here to
be ours.
"""

import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from drivers.emulators.http_service import Reply, Request

CHANNELS: Final = ("token", "reserve", "cancel", "list", "schedules", "unlock", "webhook")
LARGEST_PAGE, USUAL_PAGE = 100, 50  # api-reference/reservations/get-reservations-all


@dataclass(frozen=True, slots=True)
class Place:
    """One installation and who may ask it. slots: minutes from midnight and length, the same for each weekday."""

    client_id: str
    client_secret: str
    api_key: str
    system: str
    user: str
    schedule: str
    resources: tuple[str, ...]
    doors: tuple[str, ...]
    slots: tuple[tuple[int, int], ...]
    zone: ZoneInfo
    token_life_s: int = 3600


@dataclass(slots=True)
class Cloud:
    """What VAKA Online knows. `tell` publishes a webhook event, `after` does something when the system gets to it."""

    place: Place
    now: Callable[[], float]
    tell: Callable[[dict[str, object]], None]
    after: Callable[[Callable[[], None]], None]
    channels: tuple[str, ...] = CHANNELS
    skew_s: float = 0.0
    tokens: dict[str, float] = field(default_factory=dict)
    reservations: dict[str, dict[str, object]] = field(default_factory=dict)
    unlocked: list[str] = field(default_factory=list)
    closed_doors: set[str] = field(default_factory=set)

    def channel(self, request: Request) -> str:
        match request.method, *_parts(request.path):
            case _, "token":
                return "token"
            case "POST", "v1", "reservations":
                return "reserve"
            case "DELETE", "v1", "reservations", _:
                return "cancel"
            case "GET", "v1", "reservations", "timeschedules", _, "all":
                return "schedules"
            case "POST", "v1", "doors", _, "remotecontrols", "unlock":
                return "unlock"
        return "list"

    def reply(self, request: Request) -> Reply:
        if self.channel(request) == "token":
            return self._token(request)
        refusal = self._refusal(request.headers)
        if refusal is not None:
            return refusal
        match request.method, *_parts(request.path):
            case "POST", "v1", "reservations":
                return self._reserve(request)
            case "DELETE", "v1", "reservations", id_:
                return self._cancel(id_)
            case "GET", "v1", "reservations", self.place.system, "all":
                return self._list(request.query)
            case "GET", "v1", "reservations", "timeschedules", self.place.system, "all":
                # api-reference/reservations/get-time-schedules-all: [weekday][slot][start, length], Monday first.
                week = [[list(slot) for slot in self.place.slots] for _ in range(7)]
                entry = {"id": self.place.schedule, "deviceId": self.place.system, "scheduleType": "Week"}
                return Reply(200, {"timeSchedules": [{**entry, "schedule": week}], "continuationToken": None})
            case "POST", "v1", "doors", door, "remotecontrols", "unlock":
                return self._unlock(door)
        return Reply(404)

    def hand(self, message: dict[str, object]) -> dict[str, object]:
        """`look`; `clear` everything; `expire` every token; `skew` the clock; `close` or `allow` a door for external
        opening; `take` a slot for somebody else; `remove` a reservation behind everyone's back."""
        match message:
            case {"act": "look"}:
                held = sorted(self.reservations.values(), key=lambda one: str(one["startTime"]))
                return {"ok": True, "reservations": held, "unlocked": self.unlocked}
            case {"act": "expire"}:
                self.tokens.clear()
            case {"act": "clear"}:
                self.reservations.clear()
                self.skew_s = 0
            case {"act": "skew", "seconds": int(seconds)}:
                self.skew_s = seconds
            case {"act": ("close" | "allow") as act, "door": str(door)}:
                (self.closed_doors.add if act == "close" else self.closed_doors.discard)(door)
            case {"act": "take", "resource": str(resource), "start": str(start), "end": str(end)}:
                self._add("00000000-0000-0000-0000-0000000000ff", resource, start, end)
            case {"act": "remove", "id": str(id_)}:
                self.reservations.pop(id_, None)
            case _:
                return {"ok": False, "error": "no such act"}
        return {"ok": True}

    def _token(self, request: Request) -> Reply:
        """getting-started/authentication: client credentials by a form, to be sent to the token endpoint."""
        form = {name: values[-1] for name, values in parse_qs(request.body.decode(errors="replace")).items()}
        right = form.get("client_id") == self.place.client_id and form.get("client_secret") == self.place.client_secret
        if form.get("grant_type") != "client_credentials" or not right:
            return Reply(401, {"error": "invalid_client"})
        text = secrets.token_urlsafe(24)
        self.tokens[text] = self.now() + self.place.token_life_s
        return Reply(200, {"token_type": "Bearer", "expires_in": self.place.token_life_s, "access_token": text})

    def _refusal(self, headers: Mapping[str, str]) -> Reply | None:
        """getting-started/authentication: a bearer token and an API key with every call. The statuses are ours."""
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0.0) <= self.now():
            return Reply(401)
        return None if headers.get("x-api-key") == self.place.api_key else Reply(403)

    def _accepted(self, act: Callable[[], tuple[str, str]], kind: str, data: dict[str, object]) -> Reply:
        """Answer 202 and do it later; the result comes as a webhook event (page Introduction, guides/webhooks).

        `act` gives error code and description; both are empty when it succeeded. `succeded` is the vendor's spelling.
        """
        correlation = str(uuid.uuid4())

        def finish() -> None:
            code, description = act()
            told = {"succeded": not code, "errorCode": code or None, "errorDescription": description or None}
            event = {"correlationId": correlation, "eventType": kind, "eventData": {**told, "data": data}}
            self.tell({**event, "timestamp": self._stamp()})

        return Reply(202, {"correlationId": correlation, "timestamp": self._stamp()}, then=lambda: self.after(finish))

    def _reserve(self, request: Request) -> Reply:
        """api-reference/reservations/create-reservation. The error codes are ours: the vendor's are not public."""
        match request.json():
            case {"userId": str(user), "resourceId": str(resource), "startTime": str(start), "endTime": str(end)}:
                return self._accepted(lambda: self._reserved(user, resource, start, end), "reservationResult", {})
        return Reply(400)

    def _reserved(self, user: str, resource: str, start: str, end: str) -> tuple[str, str]:
        if user != self.place.user or resource not in self.place.resources:
            return "UnknownUserOrResource", "the user or the resource does not exist"
        if not self._is_slot(start, end):
            return "SlotMismatch", "the times do not match an available slot"
        if any(one["resourceId"] == resource and one["startTime"] == start for one in self.reservations.values()):
            return "SlotTaken", "the slot is reserved"
        self._add(user, resource, start, end)
        return "", ""

    def _cancel(self, id_: str) -> Reply:
        """api-reference/reservations/delete-reservation."""
        if id_ not in self.reservations:
            return Reply(404)

        def cancelled() -> tuple[str, str]:
            known = self.reservations.pop(id_, None)
            return ("", "") if known else ("UnknownReservation", "there is no such reservation")

        return self._accepted(cancelled, "reservationResult", {})

    def _list(self, query: Mapping[str, str]) -> Reply:
        """api-reference/reservations/get-reservations-all: at most 100 a page, 50 unless asked otherwise."""
        size, first = query.get("pageSize", str(USUAL_PAGE)), query.get("continuationToken", "0")
        if not size.isdigit() or not 1 <= int(size) <= LARGEST_PAGE or not first.isdigit():
            return Reply(400)
        every = list(self.reservations.values())
        page = every[int(first) : int(first) + int(size)]
        following = str(int(first) + len(page)) if int(first) + len(page) < len(every) else None
        return Reply(200, {"reservations": page, "continuationToken": following})

    def _unlock(self, door: str) -> Reply:
        """api-reference/doors/unlock-door; 'Allow external opening' is a tick on each door (installer's manual)."""
        if door not in self.place.doors:
            return Reply(404)

        def unlocked() -> tuple[str, str]:
            if door in self.closed_doors:
                return "NotAllowed", "external opening is not allowed"
            self.unlocked.append(door)
            return "", ""

        return self._accepted(unlocked, "operationResult", {"doorId": door})

    def _add(self, user: str, resource: str, start: str, end: str) -> None:
        id_ = str(uuid.uuid4())
        whose = {"userId": user, "ownerId": user, "ownerType": "User", "status": "Unused"}
        when = {"startTime": start, "endTime": end, "deviceId": self.place.system}
        self.reservations[id_] = {"id": id_, "resourceId": resource, **whose, **when}

    def _is_slot(self, start: str, end: str) -> bool:
        """Create-reservation: both times must match an available slot of the schedule used for the resource."""
        try:
            begins, ends = (datetime.fromisoformat(text).astimezone(self.place.zone) for text in (start, end))
        except ValueError:
            return False
        at = begins.hour * 60 + begins.minute
        return any(
            begin == at and begins.replace(tzinfo=None) + timedelta(minutes=length) == ends.replace(tzinfo=None)
            for begin, length in self.place.slots
        )

    def slots_within(self, start: int, end: int) -> list[tuple[str, str]]:
        """The slots of the schedule that lie whole between two instants, as the API writes times."""
        found = []
        day = datetime.fromtimestamp(start, self.place.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        while day.timestamp() < end:
            for begin, length in self.place.slots:
                begins = day.replace(tzinfo=None) + timedelta(minutes=begin)
                times = [at.replace(tzinfo=self.place.zone) for at in (begins, begins + timedelta(minutes=length))]
                if start <= times[0].timestamp() and times[1].timestamp() <= end:
                    first, last = (at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") for at in times)
                    found.append((first, last))
            day = (day.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=self.place.zone)
        return found

    def _stamp(self) -> str:
        return datetime.fromtimestamp(self.now() + self.skew_s, UTC).isoformat(timespec="milliseconds")


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")
