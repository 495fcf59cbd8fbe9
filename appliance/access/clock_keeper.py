"""The clock as the door process asks it: the time, and how far it may be believed (AC-16)."""

import ctypes
import threading
from pathlib import Path
from typing import Final

from appliance.access.clock_trust import MARK_EVERY_S, ClockMemory, ClockReading, TimeProbe, TimeSource, assess
from appliance.foundation.clock import Clock
from appliance.foundation.instants import Instant

_TIMEX_BYTES: Final = 512  # more than `struct timex` of any Linux; adjtimex(2)
_STATUS_OFFSET: Final = 40  # of `status`: after modes, offset, freq, maxerror, esterror with 8-byte longs
_STATUS_OFFSET_32: Final = 20
_UNSYNCED: Final = 0x0040  # STA_UNSYNC
_RTC_SLACK_S: Final = 10


class DeclaredTime:
    """The probe of a clock that is right by definition: a pretend one."""

    def look(self) -> TimeSource:
        return TimeSource(declared=True)


class MachineTime:
    """The probe of this machine: the kernel's NTP state, its battery clock, and the name of this run of it."""

    def __init__(self, clock: Clock, sys_folder: Path = Path("/sys"), proc_folder: Path = Path("/proc")) -> None:
        self._clock = clock
        self._rtc = sys_folder / "class/rtc/rtc0"
        self._boot_id = _read(proc_folder / "sys/kernel/random/boot_id")
        self._libc = ctypes.CDLL(None, use_errno=True)

    def look(self) -> TimeSource:
        return TimeSource(synced=self._is_synced(), kept=self._is_kept(), boot_id=self._boot_id)

    def _is_synced(self) -> bool:
        buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
        if self._libc.adjtimex(buffer) < 0:
            return False
        offset = _STATUS_OFFSET if ctypes.sizeof(ctypes.c_long) == 8 else _STATUS_OFFSET_32
        return not int.from_bytes(buffer.raw[offset : offset + 4], "little") & _UNSYNCED

    def _is_kept(self) -> bool:
        # A battery clock counts only where the kernel took the time from it.
        since = _read(self._rtc / "since_epoch")
        is_source = _read(self._rtc / "hctosys") == "1"
        return is_source and since.isdigit() and abs(int(since) - self._clock.now()) <= _RTC_SLACK_S


class ClockKeeper:
    """Assesses the clock at each look and remembers the high-water mark. Any thread may ask."""

    def __init__(self, clock: Clock, probe: TimeProbe, memory: ClockMemory) -> None:
        self._clock = clock
        self._probe = probe
        self._lock = threading.Lock()
        self._memory = memory
        self._kept = memory

    def look(self) -> tuple[Instant, ClockReading]:
        """The time now, and how far it may be believed."""
        source = self._probe.look()
        with self._lock:
            now = self._clock.now()
            reading, self._memory = assess(self._memory, source, now, self._clock.monotonic())
            return now, reading

    def to_keep(self) -> ClockMemory | None:
        """What should be written down now; None while the last writing is fresh enough."""
        with self._lock:
            moved = abs(self._memory.mark - self._kept.mark)
            if moved < MARK_EVERY_S and self._memory.boot_id == self._kept.boot_id:
                return None
            self._kept = self._memory
            return self._memory


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
