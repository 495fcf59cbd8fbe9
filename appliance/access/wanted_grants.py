"""Which keys a controller is to hold: known keys x doors on controllers x what each of them takes (BM-27, DR-11).

    wanted_grants(key, controllers) -> {controller id: WantedGrant}

A controller has one window for all its doors, so a key is held for the time that its windows there have in common: a
door never stands open to it outside its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from appliance.access.known_keys import KeyState, KnownKey
from appliance.foundation.instants import Interval
from drivers.controller_contract import Takes


@dataclass(frozen=True, slots=True)
class HoldingController:
    """One controller as far as it holds grants. devices: its own names of the doors on it, by the door's id."""

    id: str
    takes: frozenset[Takes]
    resolution_s: int
    devices: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class WantedGrant:
    """What one controller is to hold of one key. devices: each once, sorted. booking_id: whose person it is for."""

    takes: Takes
    booking_id: str
    window: Interval
    devices: tuple[str, ...]


def wanted_grants(key: KnownKey, controllers: Iterable[HoldingController]) -> dict[str, WantedGrant]:
    """By controller id; a key that is not live is wanted nowhere."""
    if key.state is not KeyState.LIVE:
        return {}
    found = {}
    for controller in controllers:
        takes = _takes(key.kind, controller.takes)
        doors = {door: window for door, window in key.doors.items() if door in controller.devices}
        window = _common(doors.values(), controller.resolution_s)
        if takes is not None and window is not None:
            devices = tuple(sorted({controller.devices[door] for door in doors}))
            found[controller.id] = WantedGrant(takes, key.booking_id, window, devices)
    return found


def _takes(kind: str, takes: frozenset[Takes]) -> Takes | None:
    if kind == "card":
        return Takes.CARD if Takes.CARD in takes else None
    if kind in ("pin", "derived"):
        return Takes.PIN if Takes.PIN in takes else None
    # Every booking has exactly one pass, whatever else it has: it stands for the booking where no other key does.
    if kind == "qr":
        return next((one for one in (Takes.EMAIL, Takes.NOBODY) if one in takes), None)
    return None


def _common(windows: Iterable[Interval], resolution_s: int) -> Interval | None:
    listed = list(windows)
    start = max((window.start for window in listed), default=0)
    end = min((window.end for window in listed), default=0)
    if start >= end:
        return None
    return Interval(start - start % resolution_s, end + -end % resolution_s)
