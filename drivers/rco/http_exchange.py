"""R-CARD by its licensed API instead of a gateway: an `Exchange` that makes the calls of a mapping file (DR-04).

The system is never believed at its word: a card counts as held when its list says that the doors have it, and as gone
when the list has it no more. So whatever was changed is looked for in the list until it is seen.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Final, cast

from appliance.foundation.clock import Clock
from appliance.foundation.instants import Instant, Interval
from drivers.contract import DriverHealth, DriverRefused, Fact, Observation
from drivers.controller_contract import CALL_S, Confirmation, ControllerGrant, fingerprint_of
from drivers.gateway.exchange import Comes, Hears
from drivers.gateway.messages import DoorNotice, Reply, Request
from drivers.rco.calls import found_at
from drivers.rco.licensed_api import UNREADABLE, LicensedApi
from drivers.rco.mapping import ApiMapping, Reading
from drivers.rco.templates import Templates
from drivers.transports.https_client import Deadline
from drivers.vendor_answers import word
from drivers.vendor_watch import VendorWatch

ROOM: Final = 4 * 1024 * 1024
LOOK_S: Final = 2.0
LEAST_S: Final = 0.5
REMEMBERED: Final = 100_000
OTHER: Final = "something else"
NO_ACT: Final = "the mapping file has no [[{name}]]; what it would do cannot be asked of this system"
OLDER: Final = "a newer revision of this grant is held"
Answers = dict[str, object]


class HttpExchange:
    """One R-CARD server. Requests and replies are those of the gateway protocol, so that their meaning is the same."""

    def __init__(self, name: str, mapping: ApiMapping, templates: Templates, api: LicensedApi, clock: Clock) -> None:
        self.room = ROOM
        self._mapping = mapping
        self._doors_of = {template: devices for devices, template in templates.items()}
        self._api = api
        self._clock = clock
        self._watch = VendorWatch(name, self._look, LOOK_S, LEAST_S, clock)
        self._turn, self._lock = threading.Lock(), threading.Lock()
        self._newest: dict[str, int] = {}
        self._pending: dict[str, tuple[int, str | None]] = {}  # fingerprint of what is to be seen; None: nothing
        self._hears: Hears = _unheard
        self._comes: Comes = _nobody
        self._is_told = False

    def start(self, hears: Hears, comes: Comes) -> None:
        self._hears, self._comes = hears, comes
        self._watch.attach("", "", self._changed)
        self._watch.start()

    def ask(self, request: Request, seconds: float) -> Reply:
        acts: dict[str, Callable[[Request, Deadline], Answers]] = {
            "upsert": self._upsert, "revoke": self._revoke, "unlock": self._unlock, "hold": self._hold,
            "list": self._list, "state": self._state, "events": self._events,
        }  # fmt: skip
        deadline = Deadline(self._clock, seconds)
        with self._turn, self._watch.asking():
            return Reply("", True, acts[str(request["op"])](request, deadline))

    def health(self) -> DriverHealth:
        return self._watch.health()

    def stop(self) -> None:
        self._watch.stop()
        self._hears, self._comes = _unheard, _nobody

    def _upsert(self, asked: Request, deadline: Deadline) -> Answers:
        forms, card, start, end = self._mapping.forms, str(asked["card"]), _int(asked["from"]), _int(asked["to"])
        values = {**asked, "card": forms.card_out(card)}
        values |= {"from": forms.instant_out(start), "to": forms.instant_out(end)}
        devices = tuple(cast("list[str]", asked["devices"]))
        wanted = fingerprint_of(ControllerGrant(str(asked["grant"]), 0, devices, Interval(start, end), card))
        return self._told("upsert", values, wanted, deadline)

    def _revoke(self, asked: Request, deadline: Deadline) -> Answers:
        return self._told("revoke", asked, None, deadline)

    def _told(self, act: str, values: Request, wanted: str | None, deadline: Deadline) -> Answers:
        grant, revision = str(values["grant"]), _int(values["revision"])
        with self._lock:
            if revision < self._newest.get(grant, 0):
                raise DriverRefused(OLDER)
            self._newest.pop(grant, None)
            self._newest[grant] = revision
            while len(self._newest) > REMEMBERED:
                self._newest.pop(next(iter(self._newest)))
            self._pending[grant] = (revision, wanted)
        self._api.act(act, values, deadline)
        self._watch.soon()
        return {"applied": False, "correlation": f"{grant}.{revision}"}

    def _unlock(self, asked: Request, deadline: Deadline) -> Answers:
        self._able("unlock")
        values = {**asked, "not_after": self._mapping.forms.instant_out(_int(asked["not_after"]))}
        self._api.act("unlock", values, deadline)
        self._watch.soon()
        return {}

    def _hold(self, asked: Request, deadline: Deadline) -> Answers:
        if asked["on"]:
            self._able("hold")
        self._api.act("hold" if asked["on"] else "lock", asked, deadline)
        self._watch.soon()
        return {}

    def _able(self, name: str) -> None:
        if name not in self._mapping.acts:
            raise DriverRefused(NO_ACT.format(name=name))

    def _list(self, _asked: Request, deadline: Deadline) -> Answers:
        return {"held": list(self._held(deadline).values()), "next": ""}

    def _state(self, _asked: Request, deadline: Deadline) -> Answers:
        doors = [
            {"device": one.device, "bolt": "released" if one.is_released else "locked",
             "leaf": {True: "open", False: "closed", None: "none"}[one.is_open]}
            for one in self._doors(deadline)
        ]  # fmt: skip
        return {"doors": doors}

    def _held(self, deadline: Deadline) -> dict[str, Answers]:
        """What the system lists of ours, by grant."""
        reading = self._mapping.listing
        if reading is None:
            return {}
        items = [item for page in self._api.pages(reading, {}, deadline) for item in page]
        found = {}
        for item in items:
            text = found_at(item, reading.fields["grant"])
            if isinstance(text, str) and text.startswith(reading.prefix):
                grant = text.removeprefix(reading.prefix)
                found[grant] = self._one(reading, grant, item)
        return found

    def _one(self, reading: Reading, grant: str, item: object) -> Answers:
        revision = found_at(item, reading.fields.get("revision", "")) if "revision" in reading.fields else None
        with self._lock:
            known = self._newest.get(grant, 0)
        return {
            "grant": grant, "revision": revision if isinstance(revision, int) else known,
            "on_device": reading.words["on_device"].says(item) if "on_device" in reading.words else True,
            "fingerprint": self._fingerprint(reading, grant, item),
        }  # fmt: skip

    def _fingerprint(self, reading: Reading, grant: str, item: object) -> str:
        """Of what the list says; empty where it does not say enough."""
        forms, fields = self._mapping.forms, reading.fields
        if not all(name in fields for name in ("from", "to", "card", "template")):
            return ""
        start, end = (forms.instant_in(found_at(item, fields[name])) for name in ("from", "to"))
        card, devices = forms.card_in(found_at(item, fields["card"])), self._doors_of.get(
            str(found_at(item, fields["template"]))
        )  # fmt: skip
        if start is None or end is None or start >= end or card is None or devices is None:
            return OTHER
        return fingerprint_of(ControllerGrant(grant, 0, tuple(sorted(devices)), Interval(start, end), card))

    def _doors(self, deadline: Deadline) -> list[DoorNotice]:
        reading = self._mapping.doors
        if reading is None:
            return []
        found = []
        for page in self._api.pages(reading, {}, deadline):
            for item in page:
                device = found_at(item, reading.fields.get("device", ""))
                if isinstance(device, str):
                    is_open = reading.words["open"].says(item) if "open" in reading.words else None
                    released = "released" in reading.words and reading.words["released"].says(item)
                    found.append(DoorNotice(device, released, is_open))
        return found

    def _events(self, asked: Request, deadline: Deadline) -> Answers:
        reading = self._mapping.events
        if reading is None:
            return {"events": [], "cursor": asked["cursor"], "complete_until": None}
        now = self._mapping.forms.instant_out(self._clock.now())
        cursor = asked["cursor"] or reading.first.replace("{now}", str(now))
        answer = self._api.answer(reading, {"cursor": cursor, "now": now}, deadline)
        items = found_at(answer, reading.items)
        following = found_at(answer, reading.whole["cursor"])
        if not isinstance(items, list):
            raise DriverRefused(UNREADABLE)
        events = [event for item in items if (event := self._event(reading, item)) is not None]
        unread = len(items) - len(events)
        self._watch.complain("events", f"{unread} events could not be read; mend the mapping file" if unread else "")
        until = found_at(answer, reading.whole["complete_until"]) if "complete_until" in reading.whole else None
        is_next = isinstance(following, str | int) and not isinstance(following, bool) and following != ""
        return {
            "events": events, "cursor": str(following) if is_next else str(cursor),
            "complete_until": self._mapping.forms.instant_in(until),
        }  # fmt: skip

    def _event(self, reading: Reading, item: object) -> Answers | None:
        found = {name: found_at(item, place) for name, place in reading.fields.items()}
        at = self._mapping.forms.instant_in(found["at"])
        heard_at = self._mapping.forms.instant_in(found.get("heard_at")) or at
        what = next((name for name in reading.words if reading.words[name].says(item)), "")
        if at is None or not what or not isinstance(found["device"], str) or not isinstance(found["id"], str | int):
            return None
        grant = str(found.get("grant") or "")
        ours = grant.removeprefix(reading.prefix) if grant.startswith(reading.prefix) and grant else None
        told = {"id": str(found["id"]), "device": found["device"], "what": what, "at": at, "heard_at": heard_at}
        return {**told, "grant": ours, "reason": word(found.get("reason"))}

    def _look(self) -> None:
        """Whatever was changed and not yet seen is looked for; doors are asked how they stand."""
        deadline = Deadline(self._clock, CALL_S)
        with self._lock:
            pending = dict(self._pending)
        if pending or not self._is_told:
            self._settle(pending, self._held(deadline))
        if not self._is_told:
            self._comes(True)
            self._is_told = True
        for notice in self._doors(deadline):
            self._hears(notice)

    def _settle(self, pending: Mapping[str, tuple[int, str | None]], held: Mapping[str, Answers]) -> None:
        for grant, (revision, wanted) in pending.items():
            seen = held.get(grant)
            as_wanted = seen is not None and bool(seen["on_device"]) and seen["fingerprint"] in ("", wanted)
            if as_wanted if wanted is not None else seen is None:
                with self._lock:
                    if self._pending.get(grant) == (revision, wanted):
                        del self._pending[grant]
                self._hears(Confirmation(grant, revision, applied=True))
        with self._lock:
            waiting = bool(self._pending)
        if waiting:
            self._watch.soon(LEAST_S)

    def _changed(self, observation: Observation) -> None:
        if observation.fact is Fact.OFFLINE:
            self._is_told = False
            self._comes(False)


def _int(value: object) -> Instant:
    return value if isinstance(value, int) else 0


def _unheard(_notice: object) -> None:
    return None


def _nobody(_online: bool) -> None:
    return None
