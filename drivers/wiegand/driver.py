"""A keypad or card reader on two Wiegand wires (DR-08, AC-06). Legacy: everything crosses its wires in the clear.

Anybody who reaches the wires can read each card and PIN and play it again; nothing here can tell. Whether the reader is
there at all is only known where its cover switch is connected.
"""

import threading
from dataclasses import dataclass, replace
from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.contract import DriverHealth, DriverUnreachable, Pins, Site
from drivers.reader_contract import Entry, EntryKind, Feedback, Read, ReaderInfo, ReaderSettings
from drivers.readers.keypad import interrupted
from drivers.readers.signals import DARK, SIGNALS, Lit, Signal, is_over, lit
from drivers.supervision import FaultMemory, SupervisedLink
from drivers.transports.board import HIGHEST_PIN, LOWEST_PIN, no_socket
from drivers.wiegand.listening import Ear, Heard, hear, is_noisy, rest
from drivers.wiegand.pins import DATA, LAMPS, TAMPER, ReaderPinNumbers, ReaderPins, connect

IDLE_S: Final = 0.3
BLINK_S: Final = 0.05
QUIET_S: Final = 0.2  # by our own clock, longer than the silence that ends a frame: a busy program hears late
REST_S: Final = 2.0
WAITING_PULSES: Final = 2_048
NOISY: Final = "the data wires bring broken frames; check their shield, ground and length, and who else reaches them"
UNCOVERED: Final = "the reader's cover is off or its cable is cut; check both: nothing is read until they are mended"


@dataclass(frozen=True, slots=True)
class WiegandSettings:
    """The settings of one reader. `buffered`: it gathers a PIN and sends it as one frame."""

    pins: ReaderPinNumbers
    buffered: bool


class WiegandReader:
    """One reader; a `Reader`. Its link is the board, or the process that plays the board."""

    def __init__(self, reader: ReaderSettings, site: Site, clock: Clock) -> None:
        self._reader = reader
        self._site = site
        self._clock = clock
        self._settings, _ = _parsed(reader)
        self._read: Read = _unheard
        self._changed = threading.Condition()
        self._pulses: list[tuple[int, float]] = []
        self._lost = ""
        self._fault = ""
        self._signal: Signal | None = None
        self._signal_began = 0.0
        self._lit: Lit = DARK
        self._faults = FaultMemory(clock)
        self._link = SupervisedLink(f"wiegand-{reader.slug}", self._serve, self._wake, clock)

    def start(self, read: Read) -> None:
        self._read = read
        self._link.start()

    def show(self, feedback: Feedback) -> None:
        signal = SIGNALS.get(feedback)
        if signal is not None:
            with self._changed:
                self._signal, self._signal_began = signal, self._clock.monotonic()
                self._changed.notify_all()

    def health(self) -> DriverHealth:
        health = self._link.health()
        with self._changed:
            if health.online and self._fault:
                health = replace(health, online=False, fault=self._fault)
            return self._faults.noted(health)

    def stop(self) -> None:
        self._read = _unheard
        self._link.stop()

    def _serve(self, link: SupervisedLink) -> None:
        with self._changed:
            self._lost, self._fault, self._pulses, self._signal, self._lit = "", "", [], None, DARK
        pins = connect(self._site, self._lose)
        try:
            pins.open(self._settings.pins, self._fell)
            link.came_online()
            self._listen(link, pins)
        finally:
            pins.close()

    def _listen(self, link: SupervisedLink, pins: ReaderPins) -> None:
        # Whoever was typing when the board came up may have lost keys.
        now = self._clock.monotonic()
        ear, pulsed_at = Ear(typed=interrupted(now, REST_S)), now
        while not link.stopping.is_set():
            pulses = self._awaited(ear)
            now = self._clock.monotonic()
            heard: tuple[Heard, ...] = ()
            for bit, at in pulses:
                pulsed_at = now
                ear, more = hear(ear, bit, at, now, buffered=self._settings.buffered)
                heard += more
            if now - pulsed_at >= QUIET_S:
                ear, more = rest(ear, now, buffered=self._settings.buffered)
                heard += more
            is_covered = pins.cover_is_on()
            self._fault = "" if is_covered and not is_noisy(ear, now) else NOISY if is_covered else UNCOVERED
            if heard and is_covered:
                link.seen()
                self._hand_over(heard)
            self._light(pins, now)

    def _awaited(self, ear: Ear) -> list[tuple[int, float]]:
        """The pulses since the last time, after a wait for them; raises when the board is gone."""
        with self._changed:
            if not self._pulses and not self._lost:
                is_busy = self._signal is not None or ear.train.length or ear.train.is_spoiled
                self._changed.wait(BLINK_S if is_busy else IDLE_S)
            if self._lost:
                raise DriverUnreachable(self._lost)
            pulses, self._pulses = self._pulses, []
            return pulses

    def _hand_over(self, heard: tuple[Heard, ...]) -> None:
        for one in heard:
            if one.value is None:
                self.show(Feedback.DENIED)
            else:
                self._read(Entry(self._reader.reader_id, one.kind, one.value))

    def _light(self, pins: ReaderPins, now: float) -> None:
        with self._changed:
            tenths = int((now - self._signal_began) * 10)
            if self._signal is not None and is_over(self._signal, tenths):
                self._signal = None
            wanted = DARK if self._signal is None else lit(self._signal, tenths)
        for name in LAMPS:
            if getattr(wanted, name) is not getattr(self._lit, name):
                pins.light(name, getattr(wanted, name))
        self._lit = wanted

    def _fell(self, bit: int, at: float) -> None:
        with self._changed:
            # A storm of pulses is no card: what is beyond this many is dropped, and so is the frame that they are in.
            if len(self._pulses) < WAITING_PULSES:
                self._pulses.append((bit, at))
            self._changed.notify_all()

    def _lose(self, why: str) -> None:
        with self._changed:
            self._lost = why
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _unheard(_entry: Entry) -> None:
    return None


def _parsed(reader: ReaderSettings) -> tuple[WiegandSettings, list[FieldError]]:
    section = Section("settings", reader.settings)
    numbers = {name: section.number(f"{name}_pin", LOWEST_PIN, HIGHEST_PIN) for name in DATA}
    more = {name: section.number_or_none(f"{name}_pin", LOWEST_PIN, HIGHEST_PIN) for name in (*LAMPS, TAMPER)}
    numbers |= {name: number for name, number in more.items() if number is not None}
    lamps_active_high = section.flag("lamps_active_high")
    buffered = section.flag("buffered")
    seen: set[int] = set()
    for name, number in numbers.items():
        if number in seen and section.has(f"{name}_pin"):
            section.mistake(f"{name}_pin", "taken", f"pin {number} is named twice for this reader")
        seen.add(number)
    section.finish()
    return WiegandSettings(ReaderPinNumbers(numbers, lamps_active_high), buffered), section.errors


def _check(reader: ReaderSettings, site: Site) -> list[FieldError]:
    return _parsed(reader)[1] + no_socket(site)


def _claims(reader: ReaderSettings) -> frozenset[str]:
    settings, errors = _parsed(reader)
    return frozenset() if errors else frozenset(f"pin {number}" for number in settings.pins.numbers.values())


READER: Final = ReaderInfo(
    "wiegand",
    frozenset({EntryKind.PIN, EntryKind.CARD}),
    check=_check,
    build=lambda reader, site, clock: WiegandReader(reader, site, clock),
    is_real=lambda _reader, site: site.pins is Pins.NATIVE,
    claims=_claims,
)
