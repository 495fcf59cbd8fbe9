"""A lock over MQTT (DR-03): signs commands that expire, believes only what the lock reports.

Nothing is sent while the broker or the lock is away, so that nothing can arrive late; what is under way when the
connection breaks dies at its `not_after`, in the lock. Free access is a lease of `HOLD_S` seconds that is renewed, so
that a door whose unit died locks by itself.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from appliance.foundation.grants import Grant
from appliance.foundation.ids import Uuid7, is_slug
from drivers.contract import (
    Capability,
    DoorSettings,
    DriverHealth,
    DriverInfo,
    DriverRefused,
    DriverUnreachable,
    Fact,
    Fail,
    Observation,
    Observe,
    Site,
)
from drivers.mqtt_lock.discovery import discovery
from drivers.mqtt_lock.messages import (
    LONGEST_LIFE_S,
    LONGEST_RELEASE_S,
    Bolt,
    Command,
    DoorTopics,
    Verb,
    command_bytes,
    parse_availability,
    parse_event,
    parse_state,
)
from drivers.mqtt_lock.report import LockReport
from drivers.signed_orders import site_mistakes
from drivers.strike import SeenGrants
from drivers.supervision import FaultMemory
from drivers.transports.mqtt_link import MqttLink, shared_link

CAPABILITIES: Final = frozenset(Capability)
HOLD_S: Final = 60
RENEW_S: Final = 20.0
COMMAND_LIFE_S: Final = 5
PROOF_S: Final = 3.0
GOODBYE_S: Final = 0.5
SILENCE_S: Final = 150.0
LOCK_AWAY: Final = "the lock is not connected to the broker; check its power and network"
UNMOVED: Final = "the lock took a command and did not move; check its clock, its key and its bolt"
JAMMED: Final = "the bolt is jammed; look for something in its way"
UNREADABLE: Final = "the lock sends what cannot be read; check its firmware"


class MqttLock:
    """One lock; a `DoorDriver` and a member of the shared `MqttLink`."""

    def __init__(self, door: DoorSettings, link: MqttLink, key: Ed25519PrivateKey, clock: Clock) -> None:
        self._door = door
        self._link = link
        self._key = key
        self._clock = clock
        self._ids = Uuid7()
        self._topics = DoorTopics(door.facility_slug, door.door_slug)
        self.topics: Sequence[str] = (self._topics.state, self._topics.event, self._topics.availability)
        self._discovery = discovery(self._topics) if door.settings.get("discovery", True) else {}
        self._lock = threading.RLock()
        self._observe: Observe = _unheard
        self._grants = SeenGrants()
        self._report = LockReport()
        self._faults = FaultMemory(clock)
        self._heard_at = clock.monotonic()
        self._held = False
        self._must_lock = True
        self._renew_at = 0.0
        self._proof_by: float | None = None

    @property
    def capabilities(self) -> frozenset[Capability]:
        return CAPABILITIES

    def start(self, observe: Observe) -> None:
        with self._lock:
            self._observe = observe
            self._report, self._must_lock, self._held = LockReport(), True, False
        self._link.attach(self)

    def release(self, grant: Grant) -> None:
        with self._lock:
            now = self._clock.now()
            if now >= grant.not_after or not self._grants.is_new(grant.presentation_id):
                return
            self._reachable()
            seconds = max(1, min(grant.release_s, LONGEST_RELEASE_S))
            self._send(Verb.RELEASE, seconds, grant.presentation_id, min(grant.not_after, now + LONGEST_LIFE_S))
            self._grants.add(grant.presentation_id)
            if self._report.bolt is not Bolt.RELEASED:
                self._proof_by = self._clock.monotonic() + PROOF_S

    def hold(self, released: bool) -> None:
        """A hold is renewed until it is ended. Ending one is remembered when the lock is away, and raises even so."""
        with self._lock:
            self._held, self._must_lock = False, not released
            self._reachable()
            self._held = released
            self._send_wish()

    def health(self) -> DriverHealth:
        with self._lock:
            health = self._link.health()
            fault = health.fault or self._fault()
            online = health.online and self._report.available
            return self._faults.noted(replace(health, online=online, fault=fault))

    def stop(self) -> None:
        with self._lock:
            self._observe, self._held = _unheard, False
            acknowledged: Callable[[float], bool] = _at_once
            if self._link.online and self._report.available:
                try:
                    acknowledged = self._send(Verb.LOCK, 0, self._ids.new(), self._clock.now() + COMMAND_LIFE_S)
                except DriverUnreachable:  # the lock ends its releases and leases by itself
                    acknowledged = _at_once
        acknowledged(GOODBYE_S)
        self._link.detach(self)

    def connected(self) -> None:
        """The broker is there; the lock's retained messages follow."""
        for topic, payload in self._discovery.items():
            self._link.publish(topic, payload, retain=True)

    def heard(self, topic: str, payload: bytes) -> None:
        """The lock said something."""
        with self._lock:
            self._heard_at = self._clock.monotonic()
            was_available, before = self._report.available, self._report.state
            if topic == self._topics.availability:
                self._tell(self._report.availability(parse_availability(payload)))
            elif topic == self._topics.state:
                self._tell(self._report.reported(parse_state(payload)))
            else:
                self._tell(self._report.happened(parse_event(payload)))
            after = self._report.state
            came = self._report.available and not was_available
            restarted = before is not None and after is not None and before.boot != after.boot
            if self._report.bolt is Bolt.RELEASED or not self._report.available:
                self._proof_by = None
            if (came and self._must_lock) or ((came or restarted) and self._held and self._report.available):
                self._send_wish()

    def tick(self) -> None:
        """Renew a hold before its lease ends; stop believing a lock that has long been silent."""
        with self._lock:
            now = self._clock.monotonic()
            if now - self._heard_at > SILENCE_S:
                self._tell(self._report.fell_silent())
            if self._held and self._report.available and now >= self._renew_at:
                self._send_wish()

    def lost(self) -> None:
        """The broker is away, and the lock with it."""
        with self._lock:
            self._proof_by = None
            self._tell(self._report.broker_lost())

    def _tell(self, facts: list[Fact]) -> None:
        for fact in facts:
            self._observe(Observation(self._door.door_id, fact))

    def _send_wish(self) -> None:
        verb, seconds = (Verb.HOLD, HOLD_S) if self._held else (Verb.LOCK, 0)
        self._renew_at = self._clock.monotonic() + RENEW_S
        self._send(verb, seconds, self._ids.new(), self._clock.now() + COMMAND_LIFE_S)
        self._must_lock = False

    def _send(self, verb: Verb, seconds: int, command_id: str, not_after: int) -> Callable[[float], bool]:
        facility, door = self._door.facility_slug, self._door.door_slug
        command = Command(facility, door, command_id, verb, seconds, self._clock.now(), not_after)
        try:
            payload = command_bytes(command, self._key.sign)
        except ValueError as wrong:
            raise DriverRefused(f"no lock would take this command: {wrong}") from wrong
        return self._link.publish(self._topics.command, payload)

    def _reachable(self) -> None:
        if not self._link.online:
            raise DriverUnreachable(self._link.health().fault or "not connected to the broker")
        if not self._report.available:
            raise DriverUnreachable(LOCK_AWAY)

    def _fault(self) -> str:
        if not self._report.available:
            return LOCK_AWAY
        if self._report.bolt is Bolt.JAMMED:
            return JAMMED
        if self._proof_by is not None and self._clock.monotonic() > self._proof_by:
            return UNMOVED
        return UNREADABLE if self._report.unreadable else ""


def _unheard(_observation: Observation) -> None:
    return None


def _at_once(_seconds: float) -> bool:
    return True


def _check(door: DoorSettings, site: Site) -> list[FieldError]:
    reader = Section("settings", door.settings)
    reader.flag("discovery", True)
    reader.flag("emulated")
    reader.finish()
    errors = reader.errors
    errors.extend(site_mistakes(site))
    if not (is_slug(door.facility_slug) and is_slug(door.door_slug)):
        errors.append(FieldError("slug", "not_a_slug", "facility and door need slugs, which name the topics"))
    if door.fail is Fail.SAFE:
        errors.append(FieldError("fail", "unsupported", "what a lock of its own does without power is set in the lock"))
    return errors


def _build(door: DoorSettings, site: Site, clock: Clock) -> MqttLock:
    link = shared_link(site, door.facility_slug, clock)
    return MqttLock(door, link, Ed25519PrivateKey.from_private_bytes(site.signing_key), clock)


def _is_real(door: DoorSettings, _site: Site) -> bool:
    return door.settings.get("emulated") is not True


DRIVER: Final = DriverInfo("mqtt_lock", CAPABILITIES, _check, _build, _is_real)
