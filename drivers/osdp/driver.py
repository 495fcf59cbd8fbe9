"""An OSDP v2 reader: keypad, cards, lamp and buzzer over a secure channel, or not at all (DR-07).

The reader's key lies in a secret file. A reader gets one by being installed: only where its settings say so, one at a
time, with a key that is kept before the reader hears of it. Nothing is ever keyed anew by itself: a reader that answers
with the default key is a fault.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import osdp_sys

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.contract import DriverHealth, DriverRefused, Site
from drivers.osdp.bus import SILENT_S, Bus, Buses, MemberState
from drivers.osdp.meaning import card_of, key_of, keys_of
from drivers.reader_contract import Entry, EntryKind, Feedback, Read, ReaderInfo, ReaderSettings
from drivers.readers.keypad import END, NOTHING, interrupted, press, settle
from drivers.readers.signals import SIGNALS, Signal
from drivers.supervision import FaultMemory
from drivers.transports.serial_port import BAUDS

LAST_ADDRESS: Final = 126
KEY_FILE: Final = "key_file"
SETTLING_S: Final = 3.0
REST_S: Final = 2.0
_CARD_FORMATS: Final = (osdp_sys.CARD_FMT_RAW_UNSPECIFIED, osdp_sys.CARD_FMT_RAW_WIEGAND)


@dataclass(frozen=True, slots=True)
class OsdpSettings:
    """The settings of one reader."""

    port: str
    baud: int
    address: int
    key_file: str
    install: bool


class OsdpReader:
    """One reader; a `Reader`, and a `Member` of its bus."""

    def __init__(self, reader: ReaderSettings, buses: Buses, clock: Clock) -> None:
        self._reader = reader
        self._buses = buses
        self._clock = clock
        self._settings, _ = _parsed(reader)
        self._read: Read = _unheard
        self._typed = NOTHING
        self._bus: Bus | None = None
        self._faults = FaultMemory(clock)
        self._refused = ""
        self.state = MemberState(self._settings.address, b"")

    def start(self, read: Read) -> None:
        """Raises `DriverRefused` when a key that must be made cannot be kept."""
        self._read = read
        known = key_of(self._reader.secrets.get(KEY_FILE, ""))
        key = known or self._draft()
        self.state = MemberState(self._settings.address, key, enforced=known is not None)
        self._bus = self._buses.attach(self._settings.port, self._settings.baud, self, self._clock)

    def show(self, feedback: Feedback) -> None:
        signal = SIGNALS.get(feedback)
        if signal is not None and self.state.online:
            self.state.commands.extend(_commands(signal))

    def health(self) -> DriverHealth:
        if self._bus is None:
            return DriverHealth(False, "not started yet")
        health = self._bus.health()
        fault = health.fault or self._fault(self.state)
        return self._faults.noted(replace(health, online=health.online and self.state.online, fault=fault))

    def stop(self) -> None:
        self._read = _unheard
        bus, self._bus = self._bus, None
        if bus is not None:
            self._buses.detach(self._settings.port, bus, self)

    def happened(self, event: Mapping[str, object]) -> None:
        if event.get("event") == osdp_sys.EVENT_KEYPRESS:
            for key in keys_of(event.get("data")):
                is_dropped = self._typed.is_spoiled and key == END
                self._typed, entry = press(self._typed, key, self._clock.monotonic())
                self._hand_over(EntryKind.PIN, entry)
                if is_dropped:
                    self.show(Feedback.DENIED)
        elif event.get("event") == osdp_sys.EVENT_CARDREAD and event.get("format") in _CARD_FORMATS:
            card = card_of(event.get("length"), event.get("data"))
            self._hand_over(EntryKind.CARD, str(card) if card else None)

    def secured(self) -> bool:
        # Whoever is typing right now may have lost keys while the channel was down.
        self._typed = interrupted(self._clock.monotonic(), REST_S)
        if self.state.enforced:
            return False
        # The new key is in the reader: whatever becomes of us now, it must be found again.
        try:
            self._keep()
        except DriverRefused as fault:
            self._refused = str(fault)
            return False
        self.state.enforced = True
        return True

    def tick(self) -> None:
        self._typed, entry = settle(self._typed, self._clock.monotonic())
        self._hand_over(EntryKind.PIN, entry)

    def _hand_over(self, kind: EntryKind, value: str | None) -> None:
        if value:
            self._read(Entry(self._reader.reader_id, kind, value))

    def _draft(self) -> bytes:
        """The key that is on its way into the reader: made once, and kept before anybody hears of it."""
        keeper = self._reader.keeper
        if keeper is None:
            raise DriverRefused("a key cannot be made here: there is no place to keep it")
        try:
            if keeper.draft(KEY_FILE) is None:
                keeper.put_draft(KEY_FILE, secrets.token_bytes(16).hex())
            key = key_of(keeper.draft(KEY_FILE) or "")
        except OSError as fault:
            raise DriverRefused(f"the key for a new reader cannot be kept: {fault.strerror}; mend the disk") from fault
        if key is None:
            raise DriverRefused(f"{self._settings.key_file}.new does not hold 32 hexadecimal digits; remove it")
        return key

    def _keep(self) -> None:
        if self._reader.keeper is None:
            raise DriverRefused("the new key cannot be kept: there is no place for it")
        try:
            self._reader.keeper.confirm(KEY_FILE)
        except OSError as fault:
            raise DriverRefused(f"the reader has its new key, but it cannot be kept: {fault.strerror}") from fault

    def _fault(self, state: MemberState) -> str:
        where, now = f"the reader at address {state.address} of {self._settings.port}", self._clock.monotonic()
        if self._refused:
            return self._refused
        if state.online and state.enforced:
            return f"{where} has its key; take install out of its settings" if self._settings.install else ""
        if now - max(state.heard.at, state.begun) >= SILENT_S:
            return f"{where} does not answer; check its power, both bus wires, its address and its baud"
        if state.heard.knows_security is False:
            return f"{where} knows no secure channel; it cannot be used: take another reader"
        if not state.enforced:
            return f"{where} is being installed; put it into its install mode as its manual says"
        if state.heard.used_default_key:
            return (
                f"{where} answers with the default key that everybody knows; somebody may have reset or exchanged it: "
                "look at it, then install it with a new key_file"
            )
        if state.heard.was_challenged or now - state.begun >= SETTLING_S:
            return (
                f"the key in {self._settings.key_file} is not this reader's ({where}); put the right key into the "
                "file, or reset the reader and install it with a new key_file"
            )
        return f"{where} is setting up its secure channel"


def _unheard(_entry: Entry) -> None:
    return None


def _commands(signal: Signal) -> tuple[Mapping[str, object], ...]:
    return (
        {
            "command": osdp_sys.CMD_LED, "reader": 0, "led_number": 0, "temporary": True, "control_code": 2,
            "on_count": signal.lit, "off_count": signal.dark, "on_color": signal.colour, "off_color": 0,
            "timer_count": signal.lasts,
        },
        {
            "command": osdp_sys.CMD_BUZZER, "reader": 0, "control_code": 2, "on_count": signal.sound,
            "off_count": signal.silence, "rep_count": signal.times,
        },
    )  # fmt: skip


def _parsed(reader: ReaderSettings) -> tuple[OsdpSettings, list[FieldError]]:
    section = Section("settings", reader.settings)
    port = section.checked("port", lambda path: path.startswith("/"), "the path of a serial port, such as /dev/ttyAMA0")
    baud = section.number("baud", BAUDS[0], BAUDS[-1], BAUDS[0])
    if baud not in BAUDS:
        section.mistake("baud", "not_an_option", f"must be one of {', '.join(map(str, BAUDS))}")
    address = section.number("address", 0, LAST_ADDRESS)
    key_file = section.text(KEY_FILE)
    install = section.flag("install")
    section.flag("emulated")
    secret = reader.secrets.get(KEY_FILE)
    if key_file and secret is None and not install:
        section.mistake(
            KEY_FILE, "no_file", f"there is no {key_file} among the secrets of devices; see docs/readers.md"
        )
    if secret is not None and key_of(secret) is None:
        section.mistake(KEY_FILE, "malformed", "the file must hold 32 hexadecimal digits")
    section.finish()
    return OsdpSettings(port, baud, address, key_file, install), section.errors


def _claims(reader: ReaderSettings) -> frozenset[str]:
    settings, errors = _parsed(reader)
    if errors:
        return frozenset()
    claims = {f"address {settings.address} on {settings.port}", f"the key in {settings.key_file}"}
    if settings.install and KEY_FILE not in reader.secrets:
        claims.add("the one installation at a time")
    return frozenset(claims)


def _build(reader: ReaderSettings, site: Site, clock: Clock) -> OsdpReader:
    return OsdpReader(reader, site.shared.get(Buses, Buses), clock)


READER: Final = ReaderInfo(
    "osdp",
    frozenset({EntryKind.PIN, EntryKind.CARD}),
    check=lambda reader, _site: _parsed(reader)[1],
    build=_build,
    is_real=lambda reader, _site: reader.settings.get("emulated") is not True,
    secrets=frozenset({KEY_FILE}),
    claims=_claims,
)
