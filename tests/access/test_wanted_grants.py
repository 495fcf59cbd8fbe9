"""Which keys a controller is to hold (BM-27, DR-11)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from appliance.access.known_keys import KeyState
from appliance.access.wanted_grants import HoldingController, wanted_grants
from appliance.foundation.instants import Interval
from drivers.controller_contract import Takes
from tests.access.worlds import KEY, NOW

WINDOW = Interval(NOW, NOW + 3600)
GYM, HALL, SHED = "door-gym", "door-hall", "door-shed"
VENDOR = HoldingController("c1", frozenset({Takes.EMAIL}), 1, {GYM: "G", HALL: "H"})
PASS = replace(KEY, kind="qr", doors={GYM: WINDOW, HALL: WINDOW, SHED: WINDOW})


def taking(*takes: Takes) -> HoldingController:
    return replace(VENDOR, takes=frozenset(takes))


def test_a_booking_is_held_once_by_its_address_and_a_card_by_its_number() -> None:
    """BM-27: a booking has a PIN, a pass and maybe a card; a controller knows one person, not three keys."""
    kinds = {
        (kind, takes): bool(wanted_grants(replace(PASS, kind=kind), [taking(takes)]))
        for kind in ("pin", "qr", "card", "mobile")
        for takes in Takes
    }
    assert {pair for pair, held in kinds.items() if held} == {
        ("pin", Takes.PIN), ("qr", Takes.EMAIL), ("qr", Takes.NOBODY), ("card", Takes.CARD),
    }  # fmt: skip
    assert wanted_grants(PASS, [taking()]) == {}


def test_only_doors_on_the_controller_are_named_by_its_own_names() -> None:
    """BM-27: the shed is another's."""
    (wanted,) = wanted_grants(PASS, [VENDOR]).values()
    assert wanted.devices == ("G", "H")
    assert wanted_grants(replace(PASS, doors={SHED: WINDOW}), [VENDOR]) == {}


def test_a_key_that_is_not_live_is_wanted_nowhere() -> None:
    """DR-11."""
    assert all(wanted_grants(replace(PASS, state=state), [VENDOR]) == {} for state in KeyState if state != "live")


@given(st.lists(st.tuples(st.integers(0, 7200), st.integers(1, 7200)), min_size=2, max_size=2), st.integers(1, 3600))
def test_no_door_opens_outside_its_own_window_but_for_the_steps_of_the_controller(
    spans: list[tuple[int, int]], resolution_s: int
) -> None:
    """BM-27: one window for all doors is what they have in common, widened to whole steps."""
    windows = [Interval(NOW + start, NOW + start + length) for start, length in spans]
    key = replace(PASS, doors=dict(zip((GYM, HALL), windows, strict=True)))
    held = wanted_grants(key, [replace(VENDOR, resolution_s=resolution_s)])
    assert bool(held) is windows[0].overlaps(windows[1])
    for wanted in held.values():
        assert wanted.window.start % resolution_s == wanted.window.end % resolution_s == 0
        for window in windows:
            assert window.start - resolution_s < wanted.window.start
            assert wanted.window.end < window.end + resolution_s
