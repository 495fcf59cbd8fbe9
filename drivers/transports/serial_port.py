"""A serial port with faults that say what to do, through pyserial (DR-07, DR-09)."""

import errno
import termios
from typing import Final

import serial

from drivers.contract import DriverRefused, DriverUnreachable

WRITE_S: Final = 0.5
BAUDS: Final = (9600, 19200, 38400, 57600, 115200, 230400)


class SerialPort:
    """One open port, ours alone. Not for several threads at once."""

    def __init__(self, path: str, baud: int, wait_s: float) -> None:
        """Open it. wait_s: how long `read` waits for a first byte; 0 to never wait."""
        self._path = path
        try:
            self._port = serial.Serial(path, baud, timeout=wait_s, write_timeout=WRITE_S, exclusive=True)
        except serial.SerialException as fault:
            raise _refusal(path, fault.errno) from fault

    def read(self, limit: int) -> bytes:
        """What has come, at most `limit` bytes; empty when nothing came in time."""
        try:
            first: bytes = self._port.read(1)
            waiting = min(self._port.in_waiting, limit - 1) if first else 0
            return first + (self._port.read(waiting) if waiting > 0 else b"")
        except (OSError, TypeError) as fault:
            # TypeError: what pyserial raises when the port is closed under it.
            raise DriverUnreachable(f"{self._path} does not answer any more; check its cable") from fault

    def write(self, data: bytes) -> None:
        """Send bytes."""
        try:
            self._port.write(data)
        except OSError as fault:
            raise DriverUnreachable(f"{self._path} does not take what is sent; check its cable") from fault

    def discard(self) -> None:
        """Forget what has come and was not read."""
        try:
            self._port.reset_input_buffer()
        except (OSError, TypeError, termios.error) as fault:
            # termios has a fault of its own, which is no OSError.
            raise DriverUnreachable(f"{self._path} does not answer any more; check its cable") from fault

    def close(self) -> None:
        self._port.close()


def _refusal(path: str, number: int | None) -> DriverUnreachable | DriverRefused:
    match number:
        case errno.ENOENT | errno.ENODEV | errno.ENXIO | errno.EIO | None:
            return DriverUnreachable(f"{path} is not there; check that the adapter is plugged in, and its name")
        case errno.EACCES | errno.EPERM:
            return DriverRefused(f"{path} may not be opened; let the user of this program into its group (dialout)")
        case errno.EAGAIN | errno.EBUSY:
            return DriverRefused(f"{path} belongs to another program; end it")
        case _:
            return DriverRefused(f"{path} is no serial port ({errno.errorcode.get(number, number)}); check its name")
