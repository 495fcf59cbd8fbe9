"""GPIO doors through gpiozero's own mock pins, and what the board's kernel says (DR-02, AC-15)."""

from pathlib import Path

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory

from drivers.contract import DoorSettings, DriverRefused, Fail, Pins, Site
from drivers.gpio.pins import DoorPins, PinNumbers, connect, kernel_keeps_outputs
from drivers.registry import DOORS
from tests.waiting import until


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> MockFactory:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    return MockFactory()


def opened(
    board: MockFactory, active_high: bool = True, drawn: bool = False
) -> tuple[DoorPins, list[tuple[str, bool]]]:
    edges: list[tuple[str, bool]] = []
    pins = DoorPins(board, (gpiozero.GPIOZeroError,))
    numbers = PinNumbers(17, active_high, {"contact": 27, "rex": 22})
    pins.open(numbers, drawn, lambda name, level: edges.append((name, level)))
    return pins, edges


@pytest.mark.parametrize("active_high", [True, False])
def test_the_relay_is_dropped_from_the_first_moment_and_follows(board: MockFactory, active_high: bool) -> None:
    """DR-02: for relay boards that draw on high and for those that draw on low; closed, the pin is an input."""
    pins, _ = opened(board, active_high)
    pin = board.pin(17)
    assert pin.state is not active_high
    pins.draw(True)
    assert pin.state is active_high
    pins.draw(False)
    assert pin.state is not active_high
    pins.close()
    assert pin.function == "input"


def test_inputs_are_pulled_up_and_switch_to_ground(board: MockFactory) -> None:
    """DR-02: a cut wire reads as an open leaf, never as a closed one."""
    pins, edges = opened(board)
    assert pins.read("contact") is False
    board.pin(27).drive_low()
    board.pin(22).drive_low()
    board.pin(22).drive_high()
    assert until(lambda: edges == [("contact", True), ("rex", True), ("rex", False)])
    assert pins.read("contact") is True
    assert pins.read("tamper") is None
    pins.close()


def test_a_missing_board_is_an_error_and_never_another_board() -> None:
    """DR-02: without lgpio, or without its chip, the door says so; no mock pins, no wire."""
    with pytest.raises(DriverRefused, match=r"lgpio|gpiochip"):
        connect(Site(pins=Pins.NATIVE), lambda _why: None)


@pytest.mark.parametrize(
    ("module", "setting", "keeps"),
    [
        ("pinctrl_bcm2835", "Y\n", True),
        ("pinctrl_rp1", "1", True),
        ("pinctrl_rp1", "N\n", False),
        ("other", "Y", False),
    ],
)
def test_a_kernel_that_keeps_pins_driven_is_noticed(tmp_path: Path, module: str, setting: str, keeps: bool) -> None:
    """AC-15: on such a kernel kill -9 would leave a strike drawn, so health must say so."""
    folder = tmp_path / module / "parameters"
    folder.mkdir(parents=True)
    (folder / "persist_gpio_outputs").write_text(setting)
    assert kernel_keeps_outputs(tmp_path) is keeps


def test_a_door_has_the_capabilities_of_its_connected_pins() -> None:
    """DR-01: no contact pin, no contact."""
    from appliance.foundation.clock import FakeClock

    site = Site(pins=Pins.WIRE, pins_socket=Path("/nowhere"))
    door = DoorSettings("id", "court-1", "hall", Fail.SECURE, {"strike_pin": 17, "rex_pin": 22})
    driver = DOORS.load("gpio").build(door, site, FakeClock())
    assert {capability.value for capability in driver.capabilities} == {"hold", "rex"}
    assert not driver.health().online
