"""One RS-485 bus and its control panel: a thread of its own, one serial port, any number of readers (DR-07, DR-10).

libosdp is fed from here and calls back from here; nothing else touches it. It puts a reader whose secure channel fails
aside for 300 s: here such a one is taken off the bus and back on after two, or half a second after it was online.
"""

import logging
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import osdp_sys

from appliance.foundation.clock import Clock
from appliance.foundation.errors import PortvaktError
from drivers.contract import DriverHealth, DriverRefused
from drivers.osdp.replies import UNHEARD, Heard, hear, split
from drivers.supervision import SupervisedLink
from drivers.transports.serial_port import SerialPort

TICK_S: Final = 0.01
PIECE: Final = 512
AGAIN_S: Final = 2.0
SOON_S: Final = 0.5
SILENT_S: Final = 3.0
WAITING: Final = 8
_CHANNEL_ID: Final = 1
log = logging.getLogger(__name__)

osdp_sys.set_loglevel(osdp_sys.LOG_EMERG)


class Member(Protocol):
    """One reader on a bus. All but `state` is called by the bus's thread."""

    state: "MemberState"

    def happened(self, event: Mapping[str, object]) -> None:
        """libosdp has an event of this reader, over a secure channel with its own key."""

    def secured(self) -> bool:
        """The secure channel has come up; whether the bus must be set up anew because the reader's key changed."""

    def tick(self) -> None:
        """A moment has passed."""


@dataclass(slots=True)
class MemberState:
    """What a bus knows of one reader. `online` means with a secure channel. Instants are monotonic seconds.

    begun: since when the bus asks for it, or has lost it. since: when it was last tried, came online or was lost.
    enforced: False only while the reader is being installed, when the default key may carry the new one to it.
    """

    address: int
    key: bytes = field(repr=False)
    enforced: bool = True
    heard: Heard = UNHEARD
    online: bool = False
    was_online: bool = False
    begun: float = 0.0
    since: float = 0.0
    commands: deque[Mapping[str, object]] = field(default_factory=lambda: deque(maxlen=WAITING))


class _Channel:
    """How libosdp reads and writes. It cannot take an exception, so a fault waits for the bus's thread."""

    def __init__(self, port: SerialPort, heard: "Bus") -> None:
        self.id = _CHANNEL_ID
        self.fault: PortvaktError | None = None
        self._port = port
        self._bus = heard

    def read(self, limit: int) -> bytes:
        try:
            data = self._port.read(min(limit, PIECE)) if self.fault is None else b""
        except PortvaktError as fault:
            self.fault, data = fault, b""
        if data:
            self._bus.overhear(data)
        return data

    def write(self, data: bytes) -> int:
        try:
            self._port.write(data)
        except PortvaktError as fault:
            self.fault = fault
        return len(data)

    def flush(self) -> None:
        return None


class Bus:
    """One port with its readers."""

    def __init__(self, port: str, baud: int, clock: Clock) -> None:
        self.baud = baud
        self._port = port
        self._clock = clock
        self._lock = threading.Lock()
        self._members: dict[int, Member] = {}
        self._changed = False
        self._wake = threading.Event()
        self._rest = b""
        self._link = SupervisedLink(f"osdp-{port.rpartition('/')[2]}", self._serve, self._wake.set, clock)

    def attach(self, member: Member) -> bool:
        """Put a reader on the bus, in place of another with its address. Whether it is the first."""
        with self._lock:
            is_first = not self._members
            self._members = {**self._members, member.state.address: member}
            self._changed = True
        if is_first:
            self._link.start()
        return is_first

    def detach(self, member: Member) -> bool:
        """Take a reader off the bus; whether it was the last, and the port is free."""
        with self._lock:
            address = member.state.address
            if self._members.get(address) is member:
                self._members = {at: other for at, other in self._members.items() if at != address}
                self._changed = True
            is_last = not self._members
        if is_last:
            self._link.stop()
        return is_last

    def health(self) -> DriverHealth:
        """That of the port."""
        return self._link.health()

    def overhear(self, data: bytes) -> None:
        """Bytes that came from readers, before libosdp looks at them."""
        replies, self._rest = split(self._rest + data)
        for reply in replies:
            member = self._members.get(reply.address)
            if member is not None:
                self._link.seen()
                member.state.heard = hear(member.state.heard, reply, self._clock.monotonic())

    def _serve(self, link: SupervisedLink) -> None:
        port = SerialPort(self._port, self.baud, 0)
        channel = _Channel(port, self)
        self._wake.clear()
        try:
            port.discard()
            link.came_online()
            panel, members = self._panel(channel)
            while not link.stopping.is_set():
                if self._changed:
                    panel, members = self._panel(channel)
                if panel is not None:
                    panel.refresh()
                if channel.fault is not None:
                    raise channel.fault
                for at, member in enumerate(members):
                    self._look_after(panel, at, member)
                self._wake.wait(TICK_S)
        finally:
            port.close()

    def _panel(self, channel: _Channel) -> tuple[osdp_sys.ControlPanel | None, list[Member]]:
        with self._lock:
            members, self._changed, self._rest = list(self._members.values()), False, b""
        for member in members:
            state = member.state
            state.online, state.was_online, state.heard = False, False, UNHEARD
            state.begun = state.since = self._clock.monotonic()
            state.commands.clear()
        if not members:
            return None, []
        panel = osdp_sys.ControlPanel([_info(member.state, channel) for member in members])
        panel.set_event_callback(lambda at, event: self._event(members[at], event))
        return panel, members

    def _event(self, member: Member, event: Mapping[str, object]) -> int:
        # Before the channel is up with the reader's own key, nothing that comes is believed.
        if member.state.online and member.state.enforced:
            member.happened(event)
        return 0

    def _look_after(self, panel: osdp_sys.ControlPanel | None, at: int, member: Member) -> None:
        if panel is None:
            return
        state, now = member.state, self._clock.monotonic()
        is_up = bool(panel.status() & panel.sc_status() & 1 << at) and now - state.heard.at < SILENT_S
        if is_up and not state.online:
            state.online, state.was_online, state.since = True, True, now
            # Should it be lost, that it once answered a challenge says nothing about its key.
            state.heard = replace(state.heard, was_challenged=False, used_default_key=False)
            self._changed |= member.secured()
        elif state.online and not is_up:
            state.online, state.begun, state.since = False, now, now
            state.commands.clear()
        if not panel.is_pd_enabled(at):
            panel.enable_pd(at)
        elif not is_up and now - state.since >= (SOON_S if state.was_online else AGAIN_S):
            state.was_online, state.since = False, now
            panel.disable_pd(at)
        while is_up and state.commands:
            panel.submit_command(at, state.commands.popleft())
        member.tick()


class Buses:
    """All buses of a process, by port; made once and shared by its readers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buses: dict[str, Bus] = {}

    def attach(self, port: str, baud: int, member: Member, clock: Clock) -> Bus:
        """The bus at a port, with this reader on it; `DriverRefused` when it runs at another speed."""
        with self._lock:
            bus = self._buses.get(port)
            if bus is None:
                bus = self._buses[port] = Bus(port, baud, clock)
            if bus.baud != baud:
                raise DriverRefused(f"the readers on {port} must all have the same baud; one has {bus.baud}")
            bus.attach(member)
            return bus

    def detach(self, port: str, bus: Bus, member: Member) -> None:
        """Take a reader off its bus; the last one frees the port."""
        with self._lock:
            if bus.detach(member) and self._buses.get(port) is bus:
                del self._buses[port]


def _info(state: MemberState, channel: _Channel) -> dict[str, object]:
    ours = {"version": 1, "model": 1, "vendor_code": 0, "serial_number": 0, "firmware_version": 0}
    flags = osdp_sys.FLAG_ENFORCE_SECURE if state.enforced else 0
    name = f"reader-{state.address}"
    return {**ours, "name": name, "address": state.address, "flags": flags, "scbk": state.key, "channel": channel}
