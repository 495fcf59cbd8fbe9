"""The secret files of devices, which the settings of readers and controllers name (DR-07, BM-27).

DATA/secrets/door/devices/NAME        one secret as text, or a mapping file of a licensed API; for the door process
                                      alone (0600)
DATA/secrets/door/devices/NAME.new    one that a driver made and its device has not confirmed yet
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from appliance.foundation.errors import FieldError, PortvaktError
from appliance.keys import key_files

LONGEST: Final = 32 * 1024
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_DRAFT: Final = ".new"


class DeviceSecrets:
    """Reads the files anew each time they are asked for, so that a mended one counts with the next plan."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, settings: Mapping[str, object], names: Iterable[str]) -> tuple[dict[str, str], list[FieldError]]:
        """The secret of each setting in `names` that names a file which is there, and what is wrong with the others.

        Neither a setting that is left out nor a file that is not there is wrong here: the driver knows what it needs.
        """
        found: dict[str, str] = {}
        errors: list[FieldError] = []
        for name in sorted(names):
            if settings.get(name) is None:
                continue
            try:
                secret = self._read(settings[name])
            except (PortvaktError, UnicodeDecodeError) as wrong:
                errors.append(FieldError(f"settings.{name}", "bad_secret_file", _sentence(wrong)))
                continue
            if secret is not None:
                found[name] = secret
        return found, errors

    def keeper(self, settings: Mapping[str, object]) -> "DraftSecrets":
        """Where the driver with these settings keeps what it makes."""
        return DraftSecrets(self._folder, settings)

    def _read(self, name: object) -> str | None:
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name.endswith(_DRAFT):
            raise PortvaktError(f"must be the plain name of a file in {self._folder}")
        return _text(self._folder / name)


class DraftSecrets:
    """A `drivers.reader_contract.SecretKeeper`."""

    def __init__(self, folder: Path, settings: Mapping[str, object]) -> None:
        self._folder = folder
        self._settings = settings

    def draft(self, setting: str) -> str | None:
        return _text(self._draft(setting))

    def put_draft(self, setting: str, value: str) -> None:
        key_files.make_folder(self._folder)
        if not key_files.create(self._draft(setting), value.encode() + b"\n"):
            raise PortvaktError(f"{self._draft(setting)} is there already")

    def confirm(self, setting: str) -> None:
        key_files.rename(self._draft(setting), str(self._settings[setting]))

    def _draft(self, setting: str) -> Path:
        return self._folder / f"{self._settings[setting]}{_DRAFT}"


def _text(path: Path) -> str | None:
    try:
        content = key_files.read_up_to(path, key_files.FORBIDDEN_PRIVATE, LONGEST)
    except FileNotFoundError:
        return None
    if len(content) > LONGEST or not content.strip():
        raise PortvaktError(f"{path} must hold one secret or mapping file of at most {LONGEST} bytes")
    return content.decode().strip()


def _sentence(wrong: Exception) -> str:
    # A UnicodeDecodeError would show what it could not read.
    return str(wrong) if isinstance(wrong, PortvaktError) else "the file must hold text in UTF-8"
