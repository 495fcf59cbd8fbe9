"""A domain of Parakey's: keys for the accounts of people, and what their phones opened (DR-06).

Phones open the doors themselves, over Bluetooth and without the internet; nobody else can. So a grant is a key of a
person's account, told apart by a tag of ours, and what happened comes as event logs, days late from a lone lock.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError
from appliance.foundation.grants import Grant
from appliance.foundation.instants import Interval
from drivers.contract import DriverHealth, DriverRefused, DriverUnreachable, Observe, Site
from drivers.controller_contract import (
    CALL_S,
    Confirmation,
    ControllerCapabilities,
    ControllerEvent,
    ControllerGrant,
    ControllerInfo,
    ControllerSettings,
    EventPage,
    Hear,
    HeldGrant,
    Passage,
    Receipt,
    Revocation,
    Takes,
    fingerprint_of,
)
from drivers.gateway.by_mqtt import also_by_mqtt
from drivers.parakey.messages import AccessKey, Cursor, EventLog, parse_cursor
from drivers.parakey.service import LOGS_LIMIT, Parakey
from drivers.parakey.settings import SECRETS, ParakeySettings, read_settings
from drivers.parakey.told import ToldGrants
from drivers.transports.https_client import Deadline, Dial
from drivers.vendor_answers import is_same_secret
from drivers.vendor_watch import VendorWatch

LEAST_FETCH_S: Final = 5.0
DOUBLED: Final = "more than one key for one door"
NO_UNLOCK: Final = "Parakey has no call that opens a door; the guest's phone does, with the Parakey app"


class ParakeyController:
    """One domain; a `Controller`."""

    def __init__(self, name: str, settings: ParakeySettings, clock: Clock, dial: Dial | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._parakey = Parakey(settings, dial)
        self._watch = VendorWatch(name, self._look, settings.poll_s, settings.poll_s, clock)
        self._lock = threading.RLock()
        self._told = ToldGrants()
        self._etag = ""
        self._has_news = True
        self._fetched_at = float("-inf")
        self._hear: Hear = _unheard

    @property
    def capabilities(self) -> ControllerCapabilities:
        return capabilities_of(self._settings)

    def start(self, hear: Hear, known: Sequence[ControllerGrant] = ()) -> None:
        with self._lock:
            self._hear = hear
            for grant in known:
                self._told.note(grant, self._clock.now())
        self._watch.start()

    def attach(self, device: str, door_id: str, observe: Observe) -> None:
        self._watch.attach(device, door_id, observe)

    def upsert(self, grant: ControllerGrant) -> Receipt:
        """Whatever carries the grant's tag goes first: so a call that was made before, and whose fate nobody knows, is
        never doubled."""
        if grant.email is None:
            raise DriverRefused("Parakey knows people by their e-mail; this customer has none")
        deadline = Deadline(self._clock, CALL_S)
        with self._lock:
            if grant.revision < self._told.newest(grant.id):
                return Receipt(applied=False)
            is_news = self._told.note(grant, self._clock.now())
        push = self._settings.send_push and is_news
        with self._watch.asking():
            self._parakey.delete(self._tag(grant.id), deadline)
            self._parakey.insert(grant.devices, grant.email, grant.window, self._tag(grant.id), push, deadline)
        return Receipt(applied=self._is_seen(grant.id, fingerprint_of(grant), deadline))

    def revoke(self, grant: ControllerGrant) -> Receipt:
        """Applied at Parakey's word where there is no listing to look it up in."""
        deadline = Deadline(self._clock, CALL_S)
        with self._lock:
            if grant.revision < self._told.newest(grant.id):
                return Receipt(applied=False)
            self._told.note(grant, self._clock.now(), gone=True)
        with self._watch.asking():
            self._parakey.delete(self._tag(grant.id), deadline)
        return Receipt(applied=not self._settings.keys_path or self._is_seen(grant.id, None, deadline))

    def unlock(self, device: str, grant: Grant) -> None:
        raise DriverRefused(NO_UNLOCK)

    def hold(self, device: str, released: bool) -> None:
        if released:
            raise DriverRefused(NO_UNLOCK)

    def events(self, cursor: str) -> EventPage:
        """Asks Parakey only when its ETag or a webhook told of news. It never says how much is still to come."""
        deadline, known = Deadline(self._clock, CALL_S), parse_cursor(cursor)
        if known is None:
            with self._watch.asking():
                return EventPage((), str(self._beginning(deadline)))
        if not self._may_fetch():
            return EventPage((), cursor)
        try:
            with self._watch.asking():
                logs, unreadable = self._parakey.logs_since(known, deadline)
        except (DriverUnreachable, DriverRefused):
            with self._lock:
                self._has_news = True
            raise
        self._watch.complain("logs", _trouble(len(logs) + unreadable, unreadable))
        fresh = sorted((one for one in logs if known.is_news(one)), key=lambda one: (one.created_ms, one.id))
        return EventPage(tuple(self._event(one) for one in fresh), str(known.after(fresh)))

    def held(self) -> tuple[HeldGrant, ...]:
        """Keys with a tag of ours, by grant; what others gave out is not looked at."""
        listed = self._listed(Deadline(self._clock, CALL_S))
        with self._lock:
            return tuple(
                HeldGrant(id_, max(0, self._told.newest(id_)), on_device=True, fingerprint=fingerprint)
                for id_, fingerprint in sorted(listed.items())
            )

    def hook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """A hint that there is news; what it says is read from the event logs."""
        given = next((value for name, value in headers.items() if name.lower() == self._settings.hook_header), None)
        if not is_same_secret(given, self._settings.hook_secret):
            return False
        with self._lock:
            self._has_news = True
        return True

    def health(self) -> DriverHealth:
        return self._watch.health()

    def stop(self) -> None:
        self._watch.stop()
        with self._lock:
            self._hear = _unheard

    def _listed(self, deadline: Deadline) -> dict[str, str]:
        """Fingerprints of what Parakey lists of ours, by grant."""
        with self._watch.asking():
            keys = self._parakey.keys(deadline)
        prefix, ours = self._settings.alias_prefix, dict[str, list[AccessKey]]()
        for key in keys:
            if key.tag.startswith(prefix):
                ours.setdefault(key.tag.removeprefix(prefix), []).append(key)
        return {id_: self._fingerprint(id_, found) for id_, found in ours.items()}

    def _is_seen(self, grant_id: str, fingerprint: str | None, deadline: Deadline) -> bool:
        """Whether the listing has a grant as it should be; None: has it no more. What cannot be seen now is not."""
        if not self._settings.keys_path:
            return False
        try:
            return self._listed(deadline).get(grant_id) == fingerprint
        except (DriverUnreachable, DriverRefused):
            return False

    def _look(self) -> None:
        """Ask whether there is news, as often as article 209 allows."""
        changed = self._parakey.changed(self._etag, Deadline(self._clock, CALL_S))
        if changed is not None:
            with self._lock:
                self._etag, self._has_news = changed[0], True

    def _beginning(self, deadline: Deadline) -> Cursor:
        """Behind the newest log there is; by Parakey's clock where it can be had, for ours may be off."""
        changed = self._parakey.changed("", deadline)
        newest = changed[1] if changed is not None else []
        return Cursor(0).after(newest) if newest else Cursor(self._clock.now() * 1000)

    def _may_fetch(self) -> bool:
        with self._lock:
            now = self._clock.monotonic()
            if not self._has_news or now - self._fetched_at < LEAST_FETCH_S:
                return False
            self._has_news, self._fetched_at = False, now
            return True

    def _event(self, log: EventLog) -> ControllerEvent:
        device = self._settings.event_devices.get(log.device)
        with self._lock:
            grant, is_first = self._told.used(log.email, device, log.timestamp)
        if grant is not None and is_first:
            # A phone that opened the door had the key: the only proof there is where keys cannot be listed.
            self._hear(Confirmation(grant.id, grant.revision, applied=True))
        id_, heard_at = None if grant is None else grant.id, log.created_ms // 1000
        return ControllerEvent(log.id, device or log.device, Passage.GRANTED, log.timestamp, heard_at, id_)

    def _tag(self, grant_id: str) -> str:
        return self._settings.alias_prefix + grant_id

    def _fingerprint(self, grant_id: str, keys: Sequence[AccessKey]) -> str:
        devices = sorted(self._device_of(key.access) for key in keys)
        people, windows = {key.email.casefold() for key in keys}, {key.window for key in keys}
        if len(set(devices)) < len(devices) or len(people) > 1 or len(windows) > 1:
            return DOUBLED
        window = windows.pop() or Interval(0, 1)
        return fingerprint_of(ControllerGrant(grant_id, 0, tuple(devices), window, email=people.pop()))

    def _device_of(self, access: str) -> str:
        by_id = {id_: device for device, id_ in self._settings.accesses.items()}
        return by_id.get(access, access.removeprefix(self._settings.alias_prefix))


def capabilities_of(settings: ParakeySettings) -> ControllerCapabilities:
    """What one domain can do. How fast a key that was taken back leaves an offline phone is not public."""
    return ControllerCapabilities(
        takes=frozenset({Takes.EMAIL}),
        revocation=Revocation.ON_SYNC,
        lists=bool(settings.keys_path),
        events=True,
        works_alone=True,
    )


def _trouble(total: int, unreadable: int) -> str:
    if total >= LOGS_LIMIT:
        return f"Parakey had {LOGS_LIMIT} event logs or more at once; older ones of them may be missing here"
    return f"{unreadable} event logs could not be read; mend `event_fields` in the settings" if unreadable else ""


def _unheard(_confirmation: Confirmation) -> None:
    return None


def _capabilities(controller: ControllerSettings) -> ControllerCapabilities:
    return capabilities_of(read_settings(controller)[0])


def _check(controller: ControllerSettings, _site: Site) -> list[FieldError]:
    return read_settings(controller)[1]


def _build(controller: ControllerSettings, _site: Site, clock: Clock) -> ParakeyController:
    return ParakeyController(f"parakey-{controller.slug}", read_settings(controller)[0], clock)


def _is_real(controller: ControllerSettings, _site: Site) -> bool:
    return not read_settings(controller)[0].emulated


BEHIND_GATEWAY: Final = ControllerCapabilities(
    takes=frozenset({Takes.EMAIL}), lists=True, events=True, works_alone=True
)
CONTROLLER: Final = also_by_mqtt(
    ControllerInfo("parakey", _capabilities, _check, _build, _is_real, SECRETS), BEHIND_GATEWAY
)
