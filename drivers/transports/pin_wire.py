"""A gpiozero pin factory whose wire is another process (`portvakt emulate gpio-wire`), for boards without pins.

It is chosen by configuration alone. gpiozero asks a factory for pins and a pin for its properties, by name; these
classes answer to those names (gpiozero has no type information to inherit from). What goes over the wire is described
in `drivers/emulators/gpio_wire.py`.
"""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.contract import DriverRefused, DriverUnreachable

ANSWER_S: Final = 1.0
LONGEST_LINE: Final = 4096
LATEST_US: Final = 2**62
Changed = Callable[[float, int], None]


class Wire:
    """One connection to the process that plays the board. When it ends, nothing drives our pins any more."""

    def __init__(self, path: Path, on_edge: Callable[[int, int, float], None], on_lost: Callable[[str], None]) -> None:
        self._path = path
        self._on_edge = on_edge
        self._on_lost = on_lost
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(ANSWER_S)
        self._answered = threading.Condition()
        self._answers: dict[int, dict[str, object]] = {}
        self._lost = ""
        try:
            self._socket.connect(str(path))
        except OSError as away:
            self._socket.close()
            raise DriverUnreachable(f"nothing answers at {path} ({away}); start portvakt emulate gpio-wire") from away
        self._socket.settimeout(None)
        self._reader = threading.Thread(target=self._read, name="gpio-wire", daemon=True)
        self._reader.start()

    def ask(self, op: str, pin: int, **values: object) -> None:
        """Claim a pin as `input` or `output`; its level has been told to `on_edge` when this returns."""
        with self._answered:
            self._answers.pop(pin, None)
            self.tell(op, pin, **values)
            if not self._answered.wait_for(lambda: pin in self._answers or bool(self._lost), ANSWER_S):
                raise DriverUnreachable(f"the pins at {self._path} did not answer within {ANSWER_S:g} s")
            answer = self._answers.pop(pin, None)
        if answer is None:
            raise DriverUnreachable(self._lost)
        if answer.get("error") == "busy":
            raise DriverRefused(f"pin {pin} is held by another program; end it, or change the pin's number")

    def tell(self, op: str, pin: int, **values: object) -> None:
        """Send without waiting for an answer."""
        line = json.dumps({"op": op, "pin": pin, **values}).encode() + b"\n"
        try:
            self._socket.sendall(line)
        except OSError as lost:
            raise DriverUnreachable(f"the wire to the pins broke: {lost}") from lost

    def close(self) -> None:
        """Hang up; nothing drives our pins any more when this returns or soon after."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._reader:
            self._reader.join(ANSWER_S)
        self._socket.close()

    def _read(self) -> None:
        buffer = b""
        lost = "the process that plays the pins hung up"
        while len(buffer) <= LONGEST_LINE:
            try:
                fresh = self._socket.recv(65536)
            except OSError as broken:
                lost = f"the wire to the pins broke: {broken}"
                break
            if not fresh:
                break
            *lines, buffer = (buffer + fresh).split(b"\n")
            if not all(map(self._take, lines)):
                lost = "the process that plays the pins sends what cannot be read"
                break
        with self._answered:
            self._lost = lost
            self._answered.notify_all()
        self._on_lost(lost)

    def _take(self, line: bytes) -> bool:
        message = _parsed(line)
        if message is None:
            return False
        answered = "re" in message
        pin = message.get("re" if answered else "edge")
        level, at_us = message.get("level"), message.get("mono_us", time.monotonic_ns() // 1000)
        if type(pin) is not int or type(at_us) is not int or not 0 <= at_us < LATEST_US:
            return False
        if type(level) is int and level in (0, 1):
            self._on_edge(pin, level, at_us / 1_000_000)
        elif message.get("error") != "busy":
            return False
        if answered:
            with self._answered:
                self._answers[pin] = message
                self._answered.notify_all()
        return True


@dataclass(frozen=True, slots=True)
class PinInfo:
    """What gpiozero wants to know about a pin."""

    name: str


class WirePin:
    """One pin, with the properties that gpiozero's devices read and set."""

    def __init__(self, wire: Wire, number: int) -> None:
        self._wire = wire
        self._number = number
        self._function = "free"
        self._pull = "floating"
        self._level = 0
        self._when_changed: Changed | None = None
        self.info = PinInfo(f"GPIO{number}")
        self.bounce: float | None = None
        self.edges = "both"

    def __repr__(self) -> str:
        return self.info.name

    @property
    def function(self) -> str:
        return self._function

    @function.setter
    def function(self, value: str) -> None:
        if value == "output":
            self.output_with_state(self._level)
        else:
            self._function = value
            self._wire.ask("input", self._number, pull=self._pull)

    @property
    def pull(self) -> str:
        return self._pull

    @pull.setter
    def pull(self, value: str) -> None:
        self._pull = value
        self._wire.ask("input", self._number, pull=value)

    @property
    def state(self) -> int:
        return self._level

    @state.setter
    def state(self, value: int) -> None:
        self._level = int(value)
        self._wire.tell("drive", self._number, level=self._level)

    @property
    def when_changed(self) -> Changed | None:
        return self._when_changed

    @when_changed.setter
    def when_changed(self, value: Changed | None) -> None:
        self._when_changed = value

    def output_with_state(self, state: int) -> None:
        """Drive the pin from the first moment at this level, without a blip."""
        self._function = "output"
        self._wire.ask("output", self._number, level=int(state))

    def heard(self, level: int, at: float) -> None:
        """The pin was claimed with this level, or the world outside moved it at this moment of the monotonic scale."""
        self._level = level
        if self._when_changed is not None and self._function == "input":
            self._when_changed(at, level)

    def close(self) -> None:
        """Let go of the pin."""
        self._when_changed = None
        if self._function != "free":
            self._function = "free"
            with contextlib.suppress(DriverUnreachable):
                self._wire.tell("free", self._number)


class WireFactory:
    """Pins over one `Wire`, under the names by which gpiozero's devices ask for them."""

    def __init__(self, path: Path, on_lost: Callable[[str], None]) -> None:
        self._pins: dict[int, WirePin] = {}
        self._wire = Wire(path, self._edge, on_lost)

    def pin(self, number: int) -> WirePin:
        """The same pin each time it is asked for."""
        if number not in self._pins:
            self._pins[number] = WirePin(self._wire, number)
        return self._pins[number]

    def reserve_pins(self, _requester: object, *_names: str) -> None:
        """Nothing to do: the other process keeps who holds which pin."""

    def release_pins(self, _reserver: object, *_names: str) -> None:
        """Nothing to do."""

    def release_all(self, _reserver: object) -> None:
        """Nothing to do."""

    def ticks(self) -> float:
        """Seconds on the monotonic scale."""
        return time.monotonic()

    def ticks_diff(self, later: float, earlier: float) -> float:
        """Seconds between two `ticks`."""
        return later - earlier

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    def _edge(self, number: int, level: int, at: float) -> None:
        pin = self._pins.get(number)
        if pin is not None:
            pin.heard(level, at)


def _parsed(line: bytes) -> dict[str, object] | None:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None
