"""A vendor's controller behind our gateway, whatever the way to it (DR-04 to DR-06, BM-27)."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeVar

from appliance.foundation.clock import Clock
from appliance.foundation.errors import PortvaktError
from appliance.foundation.grants import Grant
from drivers.contract import DriverHealth, DriverRefused, DriverUnreachable, Fact, Observation, Observe
from drivers.controller_contract import (
    CALL_S,
    Confirmation,
    ControllerCapabilities,
    ControllerGrant,
    EventPage,
    Hear,
    HeldGrant,
    Receipt,
)
from drivers.gateway import messages
from drivers.gateway.exchange import Exchange, settled
from drivers.gateway.messages import DoorNotice, Notice, Reply, Request

HOLD_S: Final = 60
RENEW_S: Final = 20.0
UNREADABLE: Final = "the gateway answers what cannot be read; update the unit or the gateway"
GREETING: Final = "the controller is being connected; try again in a moment"
PAGES: Final = 100_000
LOOKS: Final = 10
Read = TypeVar("Read")
Describe = Callable[[ControllerGrant], Mapping[str, object]]


class _Door:
    """One door of the controller, and who is told of it."""

    def __init__(self, door_id: str, observe: Observe) -> None:
        self.door_id = door_id
        self.observe = observe
        self.online: bool | None = None
        self.released: bool | None = None
        self.open: bool | None = None

    def tell(self, fact: Fact) -> None:
        self.observe(Observation(self.door_id, fact))


class GatewayController:
    """A `Controller`. describe: what this vendor needs to be told of a grant besides; may raise `DriverRefused`."""

    def __init__(
        self, capabilities: ControllerCapabilities, exchange: Exchange, describe: Describe, clock: Clock
    ) -> None:
        self._capabilities = capabilities
        self._exchange = exchange
        self._describe = describe
        self._clock = clock
        self._lock = threading.RLock()
        self._hear: Hear = _unheard
        self._doors: dict[str, _Door] = {}
        self._known: dict[str, DoorNotice] = {}
        self._online = False
        self._moved = False
        self._held: dict[str, float] = {}

    @property
    def capabilities(self) -> ControllerCapabilities:
        return self._capabilities

    def start(self, hear: Hear, known: Sequence[ControllerGrant] = ()) -> None:
        self._hear = hear
        self._exchange.start(self._noticed, self._comes)

    def attach(self, device: str, door_id: str, observe: Observe) -> None:
        with self._lock:
            door = self._doors[device] = _Door(door_id, observe)
            self._tell(device, door)
            is_held, online = device in self._held, self._online
        if online and not is_held:
            with suppress(PortvaktError):  # said again when the way is open again
                self._say_hold(device, released=False)

    def upsert(self, grant: ControllerGrant) -> Receipt:
        return self._asked(messages.upsert(grant, self._describe(grant)), messages.receipt_of)

    def revoke(self, grant: ControllerGrant) -> Receipt:
        return self._asked(messages.revoke(grant), messages.receipt_of)

    def unlock(self, device: str, grant: Grant) -> None:
        if self._clock.now() >= grant.not_after:
            raise DriverRefused("it is too late to unlock the door; present the key again")
        with self._lock:
            if not self._online:
                # A door is locked when its controller comes; what was said just before would be undone.
                raise DriverUnreachable(self._exchange.health().fault or GREETING)
        settled(self._exchange.ask(messages.unlock(device, grant), CALL_S / 4))

    def hold(self, device: str, released: bool) -> None:
        """A hold is renewed until it is ended, and ends by itself when the unit dies. Its end is always remembered."""
        with self._lock:
            self._held.pop(device, None)
        self._say_hold(device, released)
        if released:
            with self._lock:
                self._held[device] = self._clock.monotonic()

    def renew(self) -> None:
        """Renew the holds that are due; called now and then by the exchange's owner."""
        with self._lock:
            now = self._clock.monotonic()
            due = [device for device, at in self._held.items() if now - at >= RENEW_S]
            self._held.update(dict.fromkeys(due, now))
        for device in due:
            self._say_hold(device, released=True)

    def events(self, cursor: str) -> EventPage:
        self.renew()
        return self._asked({"op": "events", "cursor": cursor, "room": self._exchange.room}, messages.events_of)

    def held(self) -> tuple[HeldGrant, ...]:
        found: list[HeldGrant] = []
        after = ""
        for _ in range(PAGES):
            request: Request = {"op": "list", "after": after, "room": self._exchange.room}
            page, following = self._asked(request, messages.held_of)
            found += page
            if not following:
                return tuple(found)
            if following <= after:
                break
            after = following
        raise DriverUnreachable("the gateway's listing does not end; trying again")

    def hook(self, headers: Mapping[str, str], body: bytes) -> bool:
        return False

    def health(self) -> DriverHealth:
        """Online once its doors are as they should be, and not as soon as somebody answers."""
        health = self._exchange.health()
        with self._lock:
            is_greeted = self._online
        return health if is_greeted or not health.online else replace(health, online=False, fault=GREETING)

    def stop(self) -> None:
        self._hear = _unheard
        self._exchange.stop()
        with self._lock:
            self._doors.clear()

    def _say_hold(self, device: str, released: bool) -> None:
        request: Request = {"op": "hold", "device": device, "on": released, "seconds": HOLD_S if released else 0}
        settled(self._exchange.ask(request, CALL_S / 4))

    def _asked(self, request: Request, read: Callable[[Reply], Read | None]) -> Read:
        found = read(settled(self._exchange.ask(request, CALL_S)))
        if found is None:
            raise DriverRefused(UNREADABLE)
        return found

    def _noticed(self, notice: Notice) -> None:
        if isinstance(notice, Confirmation):
            self._hear(notice)
            return
        with self._lock:
            self._moved = True
            self._known[notice.device] = notice
            door = self._doors.get(notice.device)
            if door is not None:
                self._tell(notice.device, door)

    def _comes(self, online: bool) -> None:
        if not online:
            with self._lock:
                self._online = False
                self._known.clear()
                for device, door in self._doors.items():
                    self._tell(device, door)
            return
        said: set[str] = set()
        for _ in range(LOOKS):
            if self._greets(said):
                return
        raise DriverUnreachable(GREETING)

    def _greets(self, said: set[str]) -> bool:
        """Whether all doors were told and seen, and none joined or moved meanwhile. said: those that were told."""
        with self._lock:
            held = dict.fromkeys(self._doors, False) | dict.fromkeys(self._held, True)
        # What was said while the way was broken, or before this process began, counts no more.
        for device in held.keys() - said:
            self._say_hold(device, held[device])
            said.add(device)
        with self._lock:
            self._moved = False
        doors = self._asked({"op": "state"}, messages.doors_of)
        with self._lock:
            # An answer that is repeated or late may be older than a notice that came before it.
            if self._moved or not self._doors.keys() <= said:
                return False
            self._online = True
            for notice in doors:
                self._noticed(notice)
            for device, door in self._doors.items():
                self._tell(device, door)
            return True

    def _tell(self, device: str, door: _Door) -> None:
        """Tell of one door what is new."""
        if door.online is not self._online:
            door.online = self._online
            door.released = door.open = None
            door.tell(Fact.ONLINE if self._online else Fact.OFFLINE)
        known = self._known.get(device)
        if known is None or not self._online:
            return
        if door.released is not known.is_released:
            door.released = known.is_released
            door.tell(Fact.RELEASED if known.is_released else Fact.LOCKED)
        if known.is_open is not None and door.open is not known.is_open:
            door.open = known.is_open
            door.tell(Fact.OPENED if known.is_open else Fact.CLOSED)


def _unheard(_confirmation: Confirmation) -> None:
    return None
