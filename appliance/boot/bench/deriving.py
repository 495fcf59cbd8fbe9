"""A PIN for a booking that the door never heard of: every booking that could be meant is tried (AC-02)."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from appliance.boot.bench.deciding import reader_of
from appliance.boot.bench.figures import Figure, at_most, over_rounds, p99
from appliance.boot.bench.floors import RawCandidates, RawFile, decision_round
from appliance.boot.bench.plan import Rounds
from appliance.boot.bench.plans import RULES, ZONE
from appliance.boot.bench.worlds import Guest, World
from appliance.foundation.clock import SystemClock
from appliance.foundation.errors import NeedsAttention
from appliance.keys.derived_pins import QUARTER_S, DerivedClaims, DerivedRules, derived_pin, intervals_near, zone_secret
from appliance.keys.secrets_store import open_door_secrets

CANDIDATES: Final = 592
_BAR_MS: Final = 25.0


def measure(world: World, size: Rounds, folder: Path, rules: DerivedRules = RULES) -> list[Figure]:
    """PIN to relay, beside as many HMACs and a commit. NeedsAttention if it would be fewer PINs than were promised."""
    if rules.windows != CANDIDATES:
        raise NeedsAttention(f"{rules.windows} derived PINs would be tried instead of {CANDIDATES}")
    ours, floors = [], []
    raw, candidates = RawFile(folder / "raw.db"), RawCandidates(CANDIDATES)
    with reader_of(replace(world, guests=tuple(islice(_guests(world), CANDIDATES // 2)))) as reader:
        for _ in range(size.rounds):
            floors.append(decision_round(raw, candidates, size.decisions))
            ours.append(reader.round("pin", size.decisions))
    raw.close()
    about = f"derived PIN to relay, {CANDIDATES} that it could be"
    return [
        Figure("decision.derived.p50", about, over_rounds(ours), "ms", over_rounds(floors)),
        Figure(
            "decision.derived.p99", f"{about}, p99", over_rounds(ours, p99), "ms", over_rounds(floors, p99),
            at_most(_BAR_MS),
        ),
    ]  # fmt: skip


def _guests(world: World) -> Iterator[Guest]:
    """Guests of the world with PINs of bookings that it has never heard of, good for a quarter of an hour at least."""
    secret = zone_secret(open_door_secrets(world.settings.secrets).zone_secret, ZONE)
    now = SystemClock().now()
    for interval, guest in zip(intervals_near(RULES, now, 0), cycle(world.guests), strict=False):
        if interval.end + RULES.after_s > now + QUARTER_S:
            yield replace(guest, pin=derived_pin(secret, DerivedClaims(ZONE, interval, 0)))
