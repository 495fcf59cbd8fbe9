"""A QR scanner that plays a keyboard over USB, taken for ourselves alone (DR-09).

It is grabbed: the kernel gives its keys to nobody else, so that no code can type into the kiosk's browser or a console.
"""

import select
from collections.abc import Callable, Iterable
from errno import EBUSY
from typing import Final, Protocol

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.contract import DriverHealth, DriverRefused, DriverUnreachable
from drivers.reader_contract import Entry, EntryKind, Feedback, Read, ReaderInfo, ReaderSettings
from drivers.readers.scan_keys import HeldKeys, key
from drivers.readers.scan_line import EMPTY, take
from drivers.supervision import SupervisedLink

WAIT_S: Final = 0.3
_EV_KEY: Final = 1
_FOLDER: Final = "/dev/input/"


class InputEvent(Protocol):
    """One event of the kernel."""

    @property
    def type(self) -> int: ...
    @property
    def code(self) -> int: ...
    @property
    def value(self) -> int: ...


class InputDevice(Protocol):
    """What is used of `evdev.InputDevice`."""

    @property
    def fd(self) -> int: ...
    def grab(self) -> None: ...
    def read(self) -> Iterable[InputEvent]: ...
    def close(self) -> None: ...


class UsbScanner:
    """One scanner; a `Reader`. `open_device` opens the kernel's device at a path."""

    def __init__(self, reader: ReaderSettings, clock: Clock, open_device: Callable[[str], InputDevice]) -> None:
        self._reader = reader
        self._clock = clock
        self._open_device = open_device
        self._path = _parsed(reader)[0]
        self._read: Read = _unheard
        self._link = SupervisedLink(f"scanner-{reader.slug}", self._serve, lambda: None, clock)

    def start(self, read: Read) -> None:
        self._read = read
        self._link.start()

    def show(self, feedback: Feedback) -> None:
        return None

    def health(self) -> DriverHealth:
        return self._link.health()

    def stop(self) -> None:
        self._read = _unheard
        self._link.stop()

    def _serve(self, link: SupervisedLink) -> None:
        device = self._opened()
        try:
            self._grab(device)
            link.came_online()
            held, line = HeldKeys(), EMPTY
            while not link.stopping.is_set():
                for event in self._events(device):
                    if event.type != _EV_KEY:
                        continue
                    held, byte = key(held, event.code, event.value)
                    if byte is None:
                        continue
                    line, texts = take(line, bytes([byte]), self._clock.monotonic())
                    for text in texts:
                        link.seen()
                        self._read(Entry(self._reader.reader_id, EntryKind.QR, text))
        finally:
            device.close()

    def _opened(self) -> InputDevice:
        try:
            return self._open_device(self._path)
        except ImportError as missing:
            raise DriverRefused("evdev is not installed; install portvakt with its part for the Pi") from missing
        except PermissionError as fault:
            raise DriverRefused(f"{self._path} may not be opened; let this program's user into group input") from fault
        except OSError as fault:
            raise DriverUnreachable(f"{self._path} is not there; check that the scanner is plugged in") from fault

    def _grab(self, device: InputDevice) -> None:
        try:
            device.grab()
        except OSError as fault:
            if fault.errno == EBUSY:
                raise DriverRefused(f"{self._path} belongs to another program; end it") from fault
            raise DriverUnreachable(f"{self._path} cannot be taken; check that the scanner is plugged in") from fault

    def _events(self, device: InputDevice) -> list[InputEvent]:
        try:
            ready, _, _ = select.select([device.fd], [], [], WAIT_S)
            return list(device.read()) if ready else []
        except OSError as fault:
            raise DriverUnreachable(f"{self._path} does not answer any more; check its cable") from fault


def _unheard(_entry: Entry) -> None:
    return None


def _open_evdev(path: str) -> InputDevice:
    # A part of the Pi alone: it is built from source, and needed nowhere else.
    import evdev

    device: InputDevice = evdev.InputDevice(path)
    return device


def _parsed(reader: ReaderSettings) -> tuple[str, list[FieldError]]:
    section = Section("settings", reader.settings)
    wanted = f"a path in {_FOLDER}by-id that ends in -event-kbd"
    device = section.checked("device", lambda path: path.startswith(_FOLDER) and ".." not in path, wanted)
    section.finish()
    return device, section.errors


READER: Final = ReaderInfo(
    "usb_scanner",
    frozenset({EntryKind.QR}),
    check=lambda reader, _site: _parsed(reader)[1],
    build=lambda reader, _site, clock: UsbScanner(reader, clock, _open_evdev),
    is_real=lambda _reader, _site: True,
    claims=lambda reader: frozenset({f"device {reader.settings.get('device')}"}),
)
