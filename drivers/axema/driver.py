"""An Axema system behind VAKA Online: holds reservations for grants and unlocks doors on demand (DR-05).

A call is answered 202 at once and done later; what came of it is told by a webhook, which may be lost, late or doubled.
So nothing counts as held until a result or a listing says so, and a listing heals what a webhook did not tell.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError
from appliance.foundation.grants import Grant
from appliance.foundation.instants import MINUTE, Interval
from drivers.axema import messages
from drivers.axema.ledger import Ledger, Question, Slot, Verb
from drivers.axema.messages import Result, Week
from drivers.axema.service import VakaOnline
from drivers.axema.settings import SECRETS, AxemaSettings, read_settings
from drivers.axema.slots import shown, slots_within
from drivers.contract import DriverHealth, DriverRefused, DriverUnreachable, Observe, Site
from drivers.controller_contract import (
    CALL_S,
    HOOK_SECRET,
    Confirmation,
    ControllerCapabilities,
    ControllerGrant,
    ControllerInfo,
    ControllerSettings,
    EventPage,
    Hear,
    HeldGrant,
    Receipt,
    Revocation,
    Takes,
)
from drivers.gateway.by_mqtt import also_by_mqtt
from drivers.transports.https_client import Deadline, Dial
from drivers.vendor_answers import is_same_secret
from drivers.vendor_watch import VendorWatch

LOOK_S: Final = 300.0
LEAST_S: Final = 1.0
OVERDUE_S: Final = 20.0
UNLOCK_S: Final = 3.0
REMEMBERED_LIMIT: Final = 256
NO_SLOT: Final = (
    "VAKA has no slot within {window} for {device}; give its reservation schedule such a slot, or let people book "
    "the times of its slots only"
)
REFUSED: Final = (
    "VAKA refused the reservation {window} ({error}); it takes times of a slot in the resource's own reservation "
    "schedule only, that nobody else has: make a schedule with this slot, and let our user have the resource"
)
NOT_CANCELLED: Final = "VAKA did not cancel the reservation {window} ({error}); cancel it there by hand"
NOT_UNLOCKED: Final = "VAKA did not unlock door {device}: {error}; tick 'Allow external opening' on that door"


class AxemaController:
    """One VAKA system; a `Controller`."""

    def __init__(self, name: str, settings: AxemaSettings, clock: Clock, dial: Dial | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._vaka = VakaOnline(settings, clock, dial)
        self._watch = VendorWatch(name, self._look, LOOK_S, LEAST_S, clock)
        self._lock = threading.RLock()
        self._ledger = Ledger()
        self._weeks: dict[str, Week] = {}
        self._unlocks: dict[str, str] = {}
        self._opened: dict[str, None] = {}
        self._hear: Hear = _unheard
        self._known: tuple[ControllerGrant, ...] = ()

    @property
    def capabilities(self) -> ControllerCapabilities:
        return capabilities_of(self._settings)

    def start(self, hear: Hear, known: Sequence[ControllerGrant] = ()) -> None:
        with self._lock:
            self._hear = hear
        self._known = tuple(known)
        self._watch.start()

    def attach(self, device: str, door_id: str, observe: Observe) -> None:
        self._watch.attach(device, door_id, observe)

    def upsert(self, grant: ControllerGrant) -> Receipt:
        deadline = Deadline(self._clock, CALL_S)
        slots = self._slots(grant, deadline)
        unfit = [device for device, found in slots.items() if not found]
        receipt = self._brought_about(grant, () if unfit else sum(slots.values(), ()), deadline)
        if unfit:
            raise DriverRefused(NO_SLOT.format(window=self._shown(grant.window), device=", ".join(unfit)))
        return receipt

    def revoke(self, grant: ControllerGrant) -> Receipt:
        deadline = Deadline(self._clock, CALL_S)
        slots = self._slots(grant, deadline)
        with self._lock:
            if grant.revision >= self._ledger.newest(grant.id):
                self._ledger.dropped(grant.id, sum(slots.values(), ()))
        return self._brought_about(grant, (), deadline, doubtful=True)

    def unlock(self, device: str, grant: Grant) -> None:
        with self._lock:
            if grant.presentation_id in self._opened:
                return
            if self._clock.now() >= grant.not_after:
                raise DriverRefused("it is too late to unlock the door; present the key again")
            self._opened[grant.presentation_id] = None
            _shorten(self._opened)
        with self._watch.asking():
            correlation = self._vaka.unlock(device, Deadline(self._clock, UNLOCK_S))
        with self._lock:
            self._unlocks[correlation] = device
            _shorten(self._unlocks)

    def hold(self, device: str, released: bool) -> None:
        if released:
            raise DriverRefused("VAKA Online cannot keep a door unlocked; make a door schedule in VAKA for that")

    def events(self, cursor: str) -> EventPage:
        """None: the public API tells of no passages."""
        return EventPage((), cursor)

    def held(self) -> tuple[HeldGrant, ...]:
        self._list(Deadline(self._clock, CALL_S))
        with self._lock:
            return self._ledger.report(self._clock.now())

    def hook(self, headers: Mapping[str, str], body: bytes) -> bool:
        given = next((value for name, value in headers.items() if name.lower() == HOOK_SECRET), None)
        if not is_same_secret(given, self._settings.hook_secret):
            return False
        result = messages.parse_result(body)
        if result is None:
            return False
        confirmation = self._came(result)
        if confirmation is not None:
            self._hear(confirmation)
        return True

    def health(self) -> DriverHealth:
        return self._watch.health()

    def stop(self) -> None:
        self._watch.stop()
        with self._lock:
            self._hear = _unheard

    def _look(self) -> None:
        """Sign in, learn the schedules, and see what is held where results are overdue or nobody knows."""
        deadline = Deadline(self._clock, CALL_S)
        self._vaka.sign_in(deadline)
        if self._settings.schedules:
            self._weeks = self._vaka.schedules(deadline)
        while self._known:
            grant = self._known[-1]
            slots = self._slots(grant, deadline)
            with self._lock:
                self._ledger.wish(grant.id, grant.revision, sum(slots.values(), ()), grant.window.end)
            self._known = self._known[:-1]
        if self._settings.resources and (self._ledger.is_waiting() or not self._ledger.is_certain):
            self._list(deadline)
        if self._ledger.is_waiting():
            self._watch.soon(OVERDUE_S)

    def _slots(self, grant: ControllerGrant, deadline: Deadline) -> dict[str, tuple[Slot, ...]]:
        """What VAKA is to hold for a grant, by device; devices without a resource hold nothing and are left out."""
        found = {}
        for device in grant.devices:
            resource, schedule = self._settings.resources.get(device), self._settings.schedules.get(device)
            if resource is not None:
                windows: tuple[Interval, ...] = (grant.window,)
                if schedule is not None:
                    windows = slots_within(grant.window, self._week(schedule, deadline), self._settings.zone)
                found[device] = tuple(Slot(resource, window) for window in windows)
        return found

    def _week(self, schedule: str, deadline: Deadline) -> Week:
        if schedule not in self._weeks:
            with self._watch.asking():
                self._weeks = self._vaka.schedules(deadline)
        if schedule not in self._weeks:
            raise DriverRefused(f"VAKA has no weekly reservation schedule {schedule}; mend `schedules` in the settings")
        return self._weeks[schedule]

    def _brought_about(
        self, grant: ControllerGrant, slots: Sequence[Slot], deadline: Deadline, doubtful: bool = False
    ) -> Receipt:
        """Ask for whatever is missing and against whatever is too much.

        What was asked before is asked again only for what a fresh listing lacks.
        """
        now = self._clock.now()
        with self._lock:
            newest = self._ledger.newest(grant.id)
            if grant.revision < newest:
                return Receipt(applied=False)
            self._ledger.wish(grant.id, grant.revision, slots, grant.window.end)
            unnamed = any(not id_ for _, id_ in self._ledger.surplus(grant.id, now))
            unsure = unnamed or doubtful or self._ledger.is_waiting(grant.id) or not self._ledger.is_certain
            fresh = grant.revision > newest and not unsure
        if not fresh:
            self._list(deadline, grant.id)
        with self._lock:
            missing, surplus = self._ledger.missing(grant.id, now), self._ledger.surplus(grant.id, now)
        asked = [self._asked(Verb.RESERVE, grant, slot, "", deadline) for slot in missing]
        asked += [self._asked(Verb.CANCEL, grant, slot, id_, deadline) for slot, id_ in surplus if id_]
        with self._lock:
            applied = self._ledger.is_settled(grant.id, now)
        return Receipt(applied, "" if applied else next((one for one in asked if one), ""))

    def _asked(self, verb: Verb, grant: ControllerGrant, slot: Slot, id_: str, deadline: Deadline) -> str:
        """Reserve or cancel; the correlation of the result, empty when there was nothing to cancel."""
        question = Question(verb, grant.id, grant.revision, slot, self._clock.monotonic())
        correlation: str | None
        try:
            with self._watch.asking():
                if verb is Verb.RESERVE:
                    correlation = self._vaka.reserve(slot.resource_id, slot.window, deadline)
                else:
                    correlation = self._vaka.cancel(id_, deadline)
        except DriverUnreachable:
            with self._lock:
                self._ledger.doubt(slot, question.asked_at)
            raise
        if correlation is None:
            self._list(deadline)
            return ""
        self._watch.soon(OVERDUE_S)
        with self._lock:
            early = self._ledger.asked(correlation, question, self._clock.now())
        if early is not None and not early.applied:
            raise DriverRefused(self._explained(early, question).reason)
        return correlation

    def _came(self, result: Result) -> Confirmation | None:
        """A result was told: of an unlocking, which health remembers, or of a reservation."""
        with self._lock:
            device = self._unlocks.pop(result.correlation, None)
            if device is not None:
                why = NOT_UNLOCKED.format(device=device, error=result.error)
                self._watch.complain(f"door {device}", "" if result.succeeded else why)
                return None
            question = self._ledger.question(result.correlation)
            told = self._ledger.answered(result, self._clock.now())
            return told if told is None or question is None else self._explained(told, question)

    def _explained(self, told: Confirmation, question: Question) -> Confirmation:
        if told.applied:
            return told
        sentence = REFUSED if question.verb is Verb.RESERVE else NOT_CANCELLED
        return replace(told, reason=sentence.format(window=self._shown(question.slot.window), error=told.reason))

    def _shown(self, window: Interval) -> str:
        return shown(window, self._settings.zone)

    def _list(self, deadline: Deadline, asked_now: str = "") -> None:
        """See what is held, and tell what that answers; of the grant that is asked for now a failure is none yet."""
        with self._watch.asking():
            reservations = self._vaka.reservations(deadline)
        with self._lock:
            now, at = self._clock.now(), self._clock.monotonic()
            told = self._ledger.listed(reservations, self._settings.user_id, now, at)
        for confirmation in told:
            if confirmation.applied or confirmation.grant_id != asked_now:
                self._hear(confirmation)


def capabilities_of(settings: AxemaSettings) -> ControllerCapabilities:
    """What one system can do with these settings. VAKA decides at its doors also while VAKA Online is away."""
    holds = bool(settings.resources)
    return ControllerCapabilities(
        takes=frozenset({Takes.NOBODY}) if holds else frozenset(),
        resolution_s=MINUTE,
        revocation=Revocation.ON_SYNC,
        lists=holds,
        unlocks=True,
        works_alone=True,
    )


def _shorten(memory: dict[str, str] | dict[str, None]) -> None:
    while len(memory) > REMEMBERED_LIMIT:
        memory.pop(next(iter(memory)))


def _unheard(_confirmation: Confirmation) -> None:
    return None


def _capabilities(controller: ControllerSettings) -> ControllerCapabilities:
    return capabilities_of(read_settings(controller)[0])


def _check(controller: ControllerSettings, _site: Site) -> list[FieldError]:
    return read_settings(controller)[1]


def _build(controller: ControllerSettings, _site: Site, clock: Clock) -> AxemaController:
    return AxemaController(f"axema-{controller.slug}", read_settings(controller)[0], clock)


def _is_real(controller: ControllerSettings, _site: Site) -> bool:
    return not read_settings(controller)[0].emulated


BEHIND_GATEWAY: Final = ControllerCapabilities(
    takes=frozenset({Takes.NOBODY}), resolution_s=MINUTE, lists=True, unlocks=True, works_alone=True
)
CONTROLLER: Final = also_by_mqtt(
    ControllerInfo("axema", _capabilities, _check, _build, _is_real, SECRETS), BEHIND_GATEWAY
)
