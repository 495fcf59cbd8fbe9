"""Secret files, most of exactly 32 bytes: they appear whole or not at all, and are not for every eye."""

import os
import stat
from pathlib import Path
from typing import Final

from appliance.foundation.errors import NeedsAttention

KEY_BYTES: Final = 32

# Rights that a file or folder must not give.
FORBIDDEN_PRIVATE: Final = 0o077  # the owner's alone
FORBIDDEN_SHARED: Final = 0o037  # a group may read
FORBIDDEN_PUBLIC: Final = 0o022  # anyone may read, only the owner writes
_FORBIDDEN_SHARED_FOLDER: Final = 0o027  # a group may list and enter


def make_folder(folder: Path) -> None:
    """Make a folder for its owner alone, if it is not there; its parent must be."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    _sync(folder.parent)


def create(path: Path, content: bytes) -> bool:
    """Make a file for its owner alone, durable before this returns; False and no change if one is already there."""
    if path.exists():
        # A start must not need a disk that can be written to.
        return False
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, refuses to replace what another process made in the meantime.
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    _sync(path.parent)
    return True


def remove(path: Path) -> None:
    """Remove a file durably, if it is there."""
    path.unlink(missing_ok=True)
    _sync(path.parent)


def rename(path: Path, name: str) -> None:
    """Let a file have another name in the same folder, durably; what had that name is gone."""
    path.replace(path.with_name(name))
    _sync(path.parent)


def read(path: Path, forbidden: int) -> bytes:
    """The 32 bytes of a key file; anything unusual about it is `NeedsAttention`, a missing one FileNotFoundError."""
    content = read_up_to(path, forbidden, KEY_BYTES)
    if len(content) != KEY_BYTES:
        raise NeedsAttention(f"{path} must hold exactly {KEY_BYTES} bytes. Restore it from a backup.")
    return content


def read_up_to(path: Path, forbidden: int, limit: int) -> bytes:
    """What a secret file holds, and one byte more than `limit` when that is too much; faults as those of `read`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise NeedsAttention(
            f"{path} cannot be read ({error.strerror}). Give it to the user that runs this."
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise NeedsAttention(f"{path} is not a plain file. Restore it from a backup.")
        _check_rights(path, status, forbidden)
        return file.read(limit + 1)


def check_folder(folder: Path, forbidden: int) -> None:
    """Refuse a folder that lets others in; a missing one is `NeedsAttention` too."""
    try:
        status = folder.lstat()
    except OSError as error:
        raise NeedsAttention(f"{folder} cannot be entered ({error.strerror}).") from error
    if not stat.S_ISDIR(status.st_mode):
        raise NeedsAttention(f"{folder} is not a folder. Move it away or restore it from a backup.")
    _check_rights(folder, status, _FORBIDDEN_SHARED_FOLDER if forbidden == FORBIDDEN_SHARED else forbidden)


def _check_rights(path: Path, status: os.stat_result, forbidden: int) -> None:
    if loose := stat.S_IMODE(status.st_mode) & forbidden:
        kept = stat.S_IMODE(status.st_mode) & ~loose
        raise NeedsAttention(
            f"{path} is open to others (mode {stat.S_IMODE(status.st_mode):04o}). Run: chmod {kept:04o} '{path}'. "
            "If strangers had access to this machine, replace the secrets as well."
        )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
