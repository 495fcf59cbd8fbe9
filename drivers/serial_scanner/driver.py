"""A QR scanner that sends lines over a serial port, or over USB as one (DR-09).

It has no lamp that we could light: what a code came to is seen at the door.
"""

from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.contract import DriverHealth
from drivers.reader_contract import Entry, EntryKind, Feedback, Read, ReaderInfo, ReaderSettings
from drivers.readers.scan_line import EMPTY, take
from drivers.supervision import SupervisedLink
from drivers.transports.serial_port import BAUDS, SerialPort

WAIT_S: Final = 0.3
PIECE: Final = 512


class SerialScanner:
    """One scanner; a `Reader`."""

    def __init__(self, reader: ReaderSettings, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._port, self._baud, _ = _parsed(reader)
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
        port = SerialPort(self._port, self._baud, WAIT_S)
        try:
            # What was scanned while nobody listened is old: whoever showed it has gone.
            port.discard()
            link.came_online()
            line = EMPTY
            while not link.stopping.is_set():
                piece = port.read(PIECE)
                line, texts = take(line, piece, self._clock.monotonic()) if piece else (line, ())
                if texts:
                    link.seen()
                for text in texts:
                    self._read(Entry(self._reader.reader_id, EntryKind.QR, text))
        finally:
            port.close()


def _unheard(_entry: Entry) -> None:
    return None


def _parsed(reader: ReaderSettings) -> tuple[str, int, list[FieldError]]:
    section = Section("settings", reader.settings)
    port = section.checked("port", lambda path: path.startswith("/"), "the path of a serial port, such as /dev/ttyACM0")
    baud = section.number("baud", BAUDS[0], BAUDS[-1], BAUDS[0])
    if baud not in BAUDS:
        section.mistake("baud", "not_an_option", f"must be one of {', '.join(map(str, BAUDS))}")
    section.flag("emulated")
    section.finish()
    return port, baud, section.errors


READER: Final = ReaderInfo(
    "serial_scanner",
    frozenset({EntryKind.QR}),
    check=lambda reader, _site: _parsed(reader)[2],
    build=lambda reader, _site, clock: SerialScanner(reader, clock),
    is_real=lambda reader, _site: reader.settings.get("emulated") is not True,
    claims=lambda reader: frozenset({f"port {reader.settings.get('port')}"}),
)
