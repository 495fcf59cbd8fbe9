"""The machine under the unit: its folders and files, its disk, its clock, its kernel."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.access.clock_trust import ClockMemory, TimeProbe, Trust, assess
from appliance.boot.doctor.findings import Finding, Severity, Symptom
from appliance.config import ClockSource, GpioPins, UnitSettings
from appliance.foundation.clock import Clock
from appliance.foundation.i18n import marked
from appliance.storage.follower import FileUnreadable, JournalReader

MIB: Final = 1024 * 1024
TOO_LITTLE: Final = 64 * MIB
LITTLE: Final = 512 * MIB
_FILES: Final = ("booking.db", "booking.db-wal", "booking.db-shm", "access.db", "access.db-wal", "access.db-shm")

FOLDER_MISSING = Symptom(
    "folder_missing",
    marked("The folder is not there."),
    marked("Mount the disk it lies on, or restore the folder from a backup."),
)
FOLDER_OPEN = Symptom(
    "folder_open", marked("Anybody on this machine may write to it."), marked("Run: chmod {mode} '{path}'")
)
FOLDER_READABLE = Symptom(
    "folder_readable",
    marked("Anybody on this machine may read it, and it holds personal data."),
    marked("Run: chmod {mode} '{path}'"),
    Severity.WARNING,
)
FILE_MISSING = Symptom(
    "file_missing",
    marked("The file is not there."),
    marked("On a new unit, start the {process} process, which makes it. Otherwise restore it from a backup."),
)
FILE_OWNER = Symptom(
    "file_owner",
    marked("The file belongs to root, but its folder does not: the unit cannot write to it."),
    marked("Run: chown --reference='{folder}' '{path}'"),
)
FILE_SET_ASIDE = Symptom(
    "file_set_aside",
    marked("A damaged file was set aside here."),
    marked("Save it if the door records in it are still needed, then delete it."),
    Severity.WARNING,
)
FILE_IN_RUN = Symptom(
    "file_in_run",
    marked("Door events are kept here, because access.db could not be written to."),
    marked("Mend the disk and start the door process again: it brings the file home."),
)
PASSWORD_FILE = Symptom(
    "password_file",
    marked("The password cannot be read: {detail}"),
    marked("Put the file there, or change {setting} in the configuration."),
)
PASSWORD_OPEN = Symptom(
    "password_open",
    marked("Anybody on this machine may read this password."),
    marked("Run: chmod {mode} '{path}'"),
)
DISK_READ_ONLY = Symptom(
    "disk_read_only",
    marked("The disk takes no writes."),
    marked("Look at the system's log. A worn card must be replaced; restore the unit onto a new one."),
)
DISK_FULL = Symptom("disk_full", marked("Only {free} MB are free."), marked("Make room, or use a larger card."))
DISK_LOW = Symptom(
    "disk_low", marked("Only {free} MB are free."), marked("Make room, or use a larger card."), Severity.WARNING
)
CLOCK_UNKNOWN = Symptom(
    "clock_unknown",
    marked("The time is not known: derived PINs are refused and nothing is sold."),
    marked("Connect the unit to a network with a time server, or set its clock."),
)
CLOCK_UNSYNCED = Symptom(
    "clock_unsynced",
    marked("No time server has set the clock; it runs by itself."),
    marked("Switch time synchronisation on (timedatectl set-ntp true) and let the unit reach a time server."),
    Severity.WARNING,
)
NO_RTC = Symptom(
    "no_rtc",
    marked("There is no battery clock: after a power cut without a network the time is not known."),
    marked("Fit a battery clock (RTC), and let the kernel set the time from it."),
    Severity.WARNING,
)
OUTPUTS_KEPT = Symptom(
    "outputs_kept",
    marked("This kernel keeps a strike driven when the door process dies."),
    marked("Put dtparam=strict_gpiod into config.txt and start the machine again."),
)


@dataclass(frozen=True, slots=True)
class Room:
    """The disk under a folder. free: in bytes, for those who are not root."""

    free: int
    is_read_only: bool


def room_at(folder: Path) -> Room:
    """How the disk under a folder is."""
    return Room(shutil.disk_usage(folder).free, bool(os.statvfs(folder).f_flag & os.ST_RDONLY))


def check_files(settings: UnitSettings) -> Iterator[Finding]:
    """The folders and files of the unit: there, its own, and not for every eye."""
    if not settings.data.is_dir():
        yield FOLDER_MISSING.at(settings.data)
    # The run folder is made by the door process, which is looked for elsewhere.
    for folder in (settings.data, settings.run):
        if not folder.is_dir():
            continue
        mode = stat.S_IMODE(folder.stat().st_mode)
        values = {"mode": f"{mode & ~0o007:04o}", "path": folder}
        if mode & 0o002 and not mode & stat.S_ISVTX:
            yield FOLDER_OPEN.at(folder, **values)
        elif mode & 0o004 and folder == settings.data:
            yield FOLDER_READABLE.at(folder, **values)
    for path, process in ((settings.booking_file, "web"), (settings.access_file, "door")):
        if settings.data.is_dir() and not path.exists():
            yield FILE_MISSING.at(path, process=process)
    yield from _strays(settings)
    yield from _passwords(settings)


def is_foreign(folder_uid: int, file_uid: int) -> bool:
    """Whether a file was left by root in a folder of somebody else, who then cannot write to it."""
    return file_uid == 0 and folder_uid != 0


def _strays(settings: UnitSettings) -> Iterator[Finding]:
    if not settings.data.is_dir():
        return
    owner = settings.data.stat().st_uid
    for path in (settings.data / name for name in _FILES):
        if path.exists() and is_foreign(owner, path.stat().st_uid):
            yield FILE_OWNER.at(path, path=path, folder=settings.data)
    for path in sorted(settings.data.glob("access.db.corrupt-*")):
        if not path.name.endswith(("-wal", "-shm")):
            yield FILE_SET_ASIDE.at(path)
    copy = settings.run / settings.access_file.name
    if copy.exists():
        yield FILE_IN_RUN.at(copy)


def _passwords(settings: UnitSettings) -> Iterator[Finding]:
    sections = {"broker": settings.broker, "mail": settings.mail, "sms": settings.sms}
    for section, part in sections.items():
        if part is not None and part.password_file is not None:
            yield from _password(part.password_file, f"{section}.password_file")


def _password(path: Path, setting: str) -> Iterator[Finding]:
    try:
        path.read_bytes()
    except OSError as fault:
        yield PASSWORD_FILE.at(path, detail=fault.strerror, setting=setting)
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o007:
        yield PASSWORD_OPEN.at(path, mode=f"{mode & ~0o007:04o}", path=path)


def check_disk(settings: UnitSettings, room: Callable[[Path], Room] = room_at) -> Iterator[Finding]:
    """Room on the disk, and whether it takes writes."""
    for folder in (settings.data, settings.run):
        if not folder.is_dir():
            continue
        found = room(folder)
        if found.is_read_only:
            yield DISK_READ_ONLY.at(folder)
        elif found.free < TOO_LITTLE:
            yield DISK_FULL.at(folder, free=found.free // MIB)
        elif found.free < LITTLE and folder == settings.data:
            yield DISK_LOW.at(folder, free=found.free // MIB)


def check_clock(settings: UnitSettings, clock: Clock, probe: TimeProbe, sys_folder: Path) -> Iterator[Finding]:
    """How far the clock may be believed, and what it would be worth after a power cut."""
    if settings.clock is ClockSource.PRETEND:
        return
    source = probe.look()
    reading, _ = assess(_memory(settings), source, clock.now(), clock.monotonic())
    if reading.trust is Trust.UNKNOWN:
        yield CLOCK_UNKNOWN.at("clock")
    elif not source.synced:
        yield CLOCK_UNSYNCED.at("clock")
    if not (sys_folder / "class/rtc/rtc0").exists():
        yield NO_RTC.at("clock")


def _memory(settings: UnitSettings) -> ClockMemory:
    """What the door process last wrote down of its clock; nothing when it never has."""
    reader = JournalReader(settings.access_file)
    try:
        ((mark, boot_id),) = reader.query("SELECT clock_mark, boot_id FROM memory")
    except (FileUnreadable, ValueError):
        return ClockMemory()
    finally:
        reader.close()
    return ClockMemory(int(str(mark)), str(boot_id))


def check_kernel(settings: UnitSettings, drivers: frozenset[str], sys_folder: Path) -> Iterator[Finding]:
    """Whether a strike on this machine's own pins is let go when the door process dies. `drivers`: those in use."""
    if "gpio" not in drivers or settings.gpio_pins is not GpioPins.NATIVE:
        return
    from drivers.gpio.pins import kernel_keeps_outputs

    if kernel_keeps_outputs(sys_folder / "module"):
        yield OUTPUTS_KEPT.at("kernel")
