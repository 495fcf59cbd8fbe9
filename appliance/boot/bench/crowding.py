"""What doors and keys cost the others: the same decision on a crowded unit and on one with a single door."""

from typing import Final

from appliance.boot.bench.deciding import reader_of
from appliance.boot.bench.figures import Figure, over_rounds, p99
from appliance.boot.bench.plan import Rounds
from appliance.boot.bench.worlds import World

_RATIO: Final = 2.0


def measure(empty: World, crowded: World, size: Rounds) -> list[Figure]:
    """Pass to relay, unit by unit in turns. Each runs alone: two door processes in one would share a processor."""
    ours, floors = [], []
    for _ in range(size.rounds):
        with reader_of(empty) as reader:
            floors.append(reader.round("qr", size.decisions))
        with reader_of(crowded) as reader:
            ours.append(reader.round("qr", size.decisions))
    about = f"pass to relay, {crowded.doors} doors, {2 * len(crowded.guests):,} keys"
    return [
        Figure("decision.crowded.p50", about, over_rounds(ours), "ms", over_rounds(floors)),
        Figure(
            "decision.crowded.p99",
            f"{about}, p99",
            over_rounds(ours, p99),
            "ms",
            over_rounds(floors, p99),
            None,
            _RATIO,
        ),
    ]
