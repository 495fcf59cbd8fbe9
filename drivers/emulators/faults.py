"""Faults on demand for emulated devices, from a TOML script. Pure.

    [[fault]]
    on = "command"      # the channel: command, reply, state, event
    kind = "drop"       # drop, duplicate, delay, reorder, bit_flip, half_frame
    nth = 2             # counted from 1 within its channel; default 1
    count = 3           # how many messages from there on; default 1
    delay_ms = 500      # for delay

`reorder` lets the next message of the channel overtake. `jam` and `mute` (taken, never applied) are acts of the hand.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CHANNELS: Final = ("command", "reply", "state", "event")
KINDS: Final = ("drop", "duplicate", "delay", "reorder", "bit_flip", "half_frame")


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to messages `nth` to `nth + count - 1` of a channel."""

    on: str
    kind: str
    nth: int = 1
    count: int = 1
    delay_s: float = 0.0


@dataclass(slots=True)
class FaultScript:
    """Faults and how far each channel has come."""

    faults: list[Fault] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)
    _overtaken: dict[str, list[bytes]] = field(default_factory=dict)

    def add(self, fault: Fault) -> None:
        """A fault that counts from the next message of its channel."""
        nth = self._counts.get(fault.on, 0) + fault.nth
        self.faults.append(Fault(fault.on, fault.kind, nth, fault.count, fault.delay_s))

    def next_kind(self, channel: str) -> str:
        """What is to go wrong with the next message of the channel; empty when nothing."""
        fault = self._fault(channel, self._counts.get(channel, 0) + 1)
        return fault.kind if fault else ""

    def due(self, channel: str) -> Fault | None:
        """What is to go wrong with one more message of the channel."""
        number = self._counts[channel] = self._counts.get(channel, 0) + 1
        return self._fault(channel, number)

    def _fault(self, channel: str, number: int) -> Fault | None:
        return next((f for f in self.faults if f.on == channel and f.nth <= number < f.nth + f.count), None)

    def passed(self, channel: str, payload: bytes) -> list[tuple[float, bytes]]:
        """What comes out for one message in: payloads, each with a delay in seconds."""
        fault = self.due(channel)
        if fault is not None and fault.kind == "reorder":
            self._overtaken.setdefault(channel, []).append(payload)
            return []
        late = [(0.0, other) for other in self._overtaken.pop(channel, [])]
        return [*_outcome(fault, payload), *late]


def _outcome(fault: Fault | None, payload: bytes) -> list[tuple[float, bytes]]:
    match fault.kind if fault else "":
        case "drop":
            return []
        case "duplicate":
            return [(0.0, payload), (0.0, payload)]
        case "half_frame":
            return [(0.0, payload[: len(payload) // 2])]
        case "bit_flip" if payload:
            middle = len(payload) // 2
            return [(0.0, payload[:middle] + bytes([payload[middle] ^ 1]) + payload[middle + 1 :])]
        case "half_frame":
            return [(0.0, payload[: len(payload) // 2])]
    return [(fault.delay_s if fault else 0.0, payload)]


def fault_of(table: dict[str, object], channels: Sequence[str] = CHANNELS, kinds: Sequence[str] = KINDS) -> Fault:
    """One table of a script for a device with these channels and kinds; ValueError says what is wrong with it."""
    on, kind = table.get("on"), table.get("kind")
    if on not in channels or kind not in kinds:
        raise ValueError(f"a fault has on = one of {channels} and kind = one of {kinds}, got {table}")
    numbers = [table.get("nth", 1), table.get("count", 1), table.get("delay_ms", 0)]
    match numbers:
        case [int(nth), int(count), int(delay_ms)] if nth >= 1 and count >= 1 and delay_ms >= 0:
            return Fault(str(on), str(kind), nth, count, delay_ms / 1000)
    raise ValueError(f"nth and count are at least 1 and delay_ms at least 0, got {table}")


def script_at(path: Path | None, channels: Sequence[str], kinds: Sequence[str]) -> FaultScript:
    """The script that an option names; where it names none, nothing goes wrong."""
    return FaultScript() if path is None else read_script(path, channels, kinds)


def read_script(path: Path, channels: Sequence[str] = CHANNELS, kinds: Sequence[str] = KINDS) -> FaultScript:
    """The script in a file."""
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("fault", [])
    return FaultScript([fault_of(table, channels, kinds) for table in tables])
