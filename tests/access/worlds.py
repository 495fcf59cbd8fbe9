"""Small worlds for the decision: a door, a key and a moment, each with one thing changed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from appliance.access.clock_trust import ClockReading, Trust
from appliance.access.decision import Denial, Following, Mode, Snapshot, decide
from appliance.access.door_plan import DoorPlan
from appliance.access.known_keys import KeyState, KnownKey
from appliance.access.presentations import (
    Card,
    Credential,
    MobileAnswer,
    Pin,
    Presentation,
    SignedPass,
    StaffRelease,
)
from appliance.access.throttle import Throttle
from appliance.foundation.grants import Grant
from appliance.foundation.instants import Interval
from appliance.keys.passes import PassClaims, facility_tag
from tests.access.bookings import FACILITY, uuid

NOW = 1_800_000_000
TODAY = date(2027, 1, 15)
DOOR = DoorPlan(id=uuid(100), slug="entrance", name="Entrance", number=0, driver="simulated", settings={})
KEY = KnownKey(
    id=uuid(1), booking_id=uuid(2), number="B1", kind="pin", lookup=b"l",
    doors={DOOR.id: Interval(NOW - 60, NOW + 3600)}, valid_from=NOW - 60, valid_to=NOW + 3600,
    revision=1, state=KeyState.LIVE,
)  # fmt: skip
CLAIMS = PassClaims(KEY.id, facility_tag(FACILITY), 1, NOW - 60, 61, 1)
SNAPSHOT = Snapshot(
    door=DOOR,
    facility_tag=facility_tag(FACILITY),
    mode=Mode.NORMAL,
    keys=(KEY,),
    throttle=Throttle(),
    today=TODAY,
    clock=ClockReading(Trust.TRUSTED, NOW),
    following=Following.CURRENT,
    is_online=True,
    zone=ZoneInfo("Europe/Stockholm"),
)


def key(*, doors: Iterable[str] = (DOOR.id,), **changes: Any) -> KnownKey:
    """The known key with some of it changed; every one of its `doors` has the whole window."""
    changed = replace(KEY, **changes)
    window = Interval(changed.valid_from, changed.valid_to)
    return replace(changed, doors=dict.fromkeys(doors, window))


def at(*keys: KnownKey, **changes: Any) -> Snapshot:
    """The snapshot with these keys and some of it changed."""
    return replace(SNAPSHOT, keys=keys or SNAPSHOT.keys, **changes)


def door(**changes: Any) -> DoorPlan:
    """The door with some of it changed."""
    return replace(DOOR, **changes)


def shown(credential: Credential) -> Presentation:
    """A presentation of a credential at the door."""
    kinds = {Pin: "pin", SignedPass: "qr", Card: "card", MobileAnswer: "mobile", StaffRelease: "staff"}
    return Presentation("p1", DOOR.id, "r1", kinds.get(type(credential), "qr"), credential)


def pin() -> Presentation:
    return shown(Pin(b"l"))


def qr(**changes: Any) -> Presentation:
    return shown(SignedPass(replace(CLAIMS, **changes)))


def reason(presentation: Presentation, snapshot: Snapshot, now: int = NOW) -> str:
    """What the decision comes to, as a reason."""
    decision = decide(presentation, snapshot, now)
    return "granted" if isinstance(decision, Grant) else decision.reason


def denial(presentation: Presentation, snapshot: Snapshot, now: int = NOW) -> Denial:
    """The decision, which must be a no."""
    decision = decide(presentation, snapshot, now)
    assert isinstance(decision, Denial)
    return decision
