"""The unit's secrets as files: there, whole, and not for every eye. Nothing of their content is looked at."""

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.boot.doctor.findings import Finding, Symptom
from appliance.config import UnitSettings
from appliance.foundation.i18n import marked
from appliance.keys import key_files

# What each process makes at its first start, with what it must have made once its own file is there.
_NEEDED: Final = {
    "booking.db": ("web/pin.key", "web/journal-signing.key", "shared/pin-lookup.key"),
    "access.db": ("door/command-signing.key", "door/journal-signing.key", "shared/pin-lookup.key"),
}
_FORBIDDEN: Final = {"web": key_files.FORBIDDEN_PRIVATE, "door": key_files.FORBIDDEN_PRIVATE, "shared": 0o037}
_KEY_FILE: Final = re.compile(r"[a-z0-9-]+\.(key|pub)")

SECRET_MISSING = Symptom(
    "secret_missing",
    marked("The secret is not there although this unit has been in use."),
    marked("Restore it from a backup. Without it nobody who holds a key may get in."),
)
SECRET_OPEN = Symptom(
    "secret_open",
    marked("The secret is open to others (mode {found})."),
    marked("Run: chmod {mode} '{path}'. If strangers had access to this machine, replace the secrets as well."),
)
SECRET_DAMAGED = Symptom(
    "secret_damaged",
    marked("The secret is not a plain file of {size} bytes."),
    marked("Restore it from a backup."),
)


def check_secrets(settings: UnitSettings) -> Iterator[Finding]:
    """Every secret under DATA/secrets."""
    folder = settings.secrets
    for file, names in _NEEDED.items():
        if (settings.data / file).exists():
            yield from (SECRET_MISSING.at(folder / name) for name in names if not (folder / name).exists())
    if not folder.is_dir():
        return
    for place, forbidden in _FORBIDDEN.items():
        if (folder / place).is_dir():
            yield from _rights(folder / place, 0o027 if place == "shared" else forbidden)
            for path in sorted((folder / place).iterdir()):
                if _KEY_FILE.fullmatch(path.name):
                    yield from _key(path, key_files.FORBIDDEN_PUBLIC if path.suffix == ".pub" else forbidden)


def _key(path: Path, forbidden: int) -> Iterator[Finding]:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size != key_files.KEY_BYTES:
        yield SECRET_DAMAGED.at(path, size=key_files.KEY_BYTES)
        return
    yield from _rights(path, forbidden)


def _rights(path: Path, forbidden: int) -> Iterator[Finding]:
    mode = stat.S_IMODE(path.lstat().st_mode)
    if mode & forbidden:
        yield SECRET_OPEN.at(path, found=f"{mode:04o}", mode=f"{mode & ~forbidden:04o}", path=path)
