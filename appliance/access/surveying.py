"""Taking the snapshot for one decision: everything that is known of a credential, a door and the time."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.access import store
from appliance.access.challenges import Challenges
from appliance.access.clock_keeper import ClockKeeper
from appliance.access.door_monitor import DoorPost
from appliance.access.judging_pins import wants_derived
from appliance.access.known_keys import KnownKey
from appliance.access.presence import Presence
from appliance.access.presences import Presences
from appliance.access.presentations import Card, MobileAnswer, Pin, Presentation, SignedPass
from appliance.access.site_plan import SitePlan
from appliance.access.snapshot import Following, Snapshot
from appliance.access.spent import Spent
from appliance.access.throttles import Throttles
from appliance.foundation.errors import Retryable
from appliance.foundation.instants import Instant, local_date
from appliance.keys import derived_pins, pins, rotating
from appliance.keys.derived_pins import DerivedClaims
from appliance.keys.passes import facility_tag


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a snapshot is taken from. `keys` is a connection of its own; it is read by one thread at a time."""

    keys: sqlite3.Connection
    clock: ClockKeeper
    throttles: Throttles
    challenges: Challenges
    spent: Spent
    presences: Presences
    zone_secret: bytes = field(repr=False)
    plan: Callable[[], SitePlan | None]


class Surveying:
    """Takes snapshots; any thread may ask."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        # Two reads at once on one connection would share one view of the file, and the later might miss a revocation.
        self._lock = threading.Lock()

    def presented(self, presentation_id: str) -> tuple[str, dict[str, object]] | None:
        """What a presentation came to before."""
        with self._lock:
            return store.presented(self._from.keys, presentation_id)

    def snapshot(self, presentation: Presentation, post: DoorPost, following: Following) -> tuple[Instant, Snapshot]:
        """Now, and what a decision on this presentation at this door depends on."""
        plan = self._from.plan()
        if plan is None:
            raise Retryable("there is no site plan yet")
        now, clock = self._from.clock.look()
        today, credential = local_date(now, plan.facility.zone), presentation.credential
        keys = self._named_keys(presentation, post)
        taken = Snapshot(
            door=post.plan,
            facility_tag=facility_tag(plan.facility.id),
            mode=post.door.mode,
            keys=keys,
            throttle=self._from.throttles.of(post.plan.id, presentation.reader, now, today),
            today=today,
            clock=clock,
            following=following,
            is_online=post.driver.health().online,
            zone=plan.facility.zone,
            spent=self._from.spent.by_others(post.plan.id, presentation.id),
            is_exit=presentation.is_exit,
            presences=self._presences(keys, post),
        )
        match credential:
            case Pin() if wants_derived(credential, taken, now):
                return now, replace(taken, derived=self._derived(credential, post, plan, now))
            case SignedPass(claims, str(code)):
                seed = rotating.seed(self._from.zone_secret, claims.key_id)
                return now, replace(taken, step=rotating.matching_step(seed, code, now))
            case MobileAnswer(answer):
                return now, replace(taken, challenge=self._from.challenges.find(answer.challenge))
        return now, taken

    def _presences(self, keys: tuple[KnownKey, ...], post: DoorPost) -> dict[str, Presence]:
        if not post.plan.area:
            return {}
        return {key.booking_id: self._from.presences.of(post.plan.area, key.booking_id) for key in keys}

    def _named_keys(self, presentation: Presentation, post: DoorPost) -> tuple[KnownKey, ...]:
        with self._lock:
            match presentation.credential:
                case Pin(lookup, duress):
                    keys = store.keys_by_lookup(self._from.keys, lookup)
                    if post.plan.duress and duress:
                        keys += tuple(
                            key for key in store.keys_by_lookup(self._from.keys, duress) if key.kind == pins.KIND
                        )
                    return keys
                case Card(lookup):
                    return store.keys_by_lookup(self._from.keys, lookup)
                case SignedPass(claims):
                    return self._by_id(claims.key_id)
                case MobileAnswer(answer):
                    return self._by_id(answer.key_id)
                case _:
                    return ()

    def _by_id(self, key_id: str) -> tuple[KnownKey, ...]:
        key = store.key_by_id(self._from.keys, key_id)
        return (key,) if key else ()

    def _derived(
        self, credential: Pin, post: DoorPost, plan: SitePlan, now: Instant
    ) -> tuple[tuple[DerivedClaims, bool], ...]:
        if plan.derived is None:
            return ()
        found = derived_pins.matching(
            self._from.zone_secret,
            post.plan.zones,
            credential.derived,
            plan.derived,
            now,
            _utc_offset_s(now, plan.facility.zone),
        )
        with self._lock:
            return tuple((claims, store.is_revoked(self._from.keys, str(claims))) for claims in found)


def _utc_offset_s(now: Instant, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(now, zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
