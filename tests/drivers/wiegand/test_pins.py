"""A reader's pins through gpiozero's own mock pins, which stand nearer to a board's than our wire does (DR-08)."""

import gpiozero
from gpiozero.pins.mock import MockFactory

from drivers.wiegand.pins import ReaderPinNumbers, ReaderPins

NUMBERS = {"d0": 5, "d1": 6, "green": 13, "tamper": 12}


def test_each_fall_of_a_data_wire_is_counted_with_its_moment_and_nothing_else_is() -> None:
    """DR-08: a nought on D0, a one on D1; the rise that ends a pulse is none. Lamps rest dark."""
    board, fell = MockFactory(), list[tuple[int, float]]()
    pins = ReaderPins(board, (gpiozero.GPIOZeroError,))
    pins.open(ReaderPinNumbers(NUMBERS, lamps_active_high=False), lambda bit, at: fell.append((bit, at)))
    assert board.pin(13).state is True
    for number in (6, 5, 5, 6):
        board.pin(number).drive_low()
        board.pin(number).drive_high()
    assert [bit for bit, _ in fell] == [1, 0, 0, 1]
    assert [at for _, at in fell] == sorted(at for _, at in fell)
    assert pins.cover_is_on() is False
    board.pin(12).drive_low()
    assert pins.cover_is_on() is True
    pins.light("green", True)
    pins.light("buzzer", True)
    assert board.pin(13).state is False
    pins.close()
    board.pin(5).drive_low()
    assert len(fell) == 4
