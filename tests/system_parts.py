"""The parts of the system that some tests need, and where they are on this machine.

A test says `@pytest.mark.needs("chromium")`. Where the part is missing it is skipped by name, and where CI=true it
fails instead: continuous integration skips nothing.
"""

import shutil
from pathlib import Path
from typing import Final

# Name of the part: the command that shows it is there, and its package in Debian.
PARTS: Final = {
    "chromium": ("chromium", "chromium"),
    "zbarimg": ("zbarimg", "zbar-tools"),
    "mosquitto": ("mosquitto", "mosquitto"),
}
# Programs with an environment of their own, made by set-up: their Python.
PEERS: Final = {"osdp-peer": Path(__file__).parents[1] / ".venv" / "peers" / "osdp" / "bin" / "python"}
# Debian keeps servers out of a plain user's PATH.
_SERVERS: Final = "/usr/sbin:/usr/local/sbin"


class PartMissing(Exception):
    """A part that was asked for is not installed; the text says which package brings it."""


def find(part: str) -> Path | None:
    """Where the command of a part lies, or None when it is not installed."""
    if part in PEERS:
        return PEERS[part] if PEERS[part].exists() else None
    command, _ = PARTS[part]
    found = shutil.which(command) or shutil.which(command, path=_SERVERS)
    return Path(found) if found else None


def path_of(part: str) -> Path:
    """Where the command of a part lies. Only for tests marked with `needs(part)`."""
    found = find(part)
    if found is None:
        raise PartMissing(why_missing([part]))
    return found


def missing(parts: tuple[str, ...]) -> list[str]:
    """Those of `parts` that are not installed; an unknown name is a KeyError."""
    return [part for part in parts if find(part) is None]


def why_missing(parts: list[str]) -> str:
    """A sentence for the report, with the remedy."""
    packages = " ".join(PARTS[part][1] for part in parts if part not in PEERS)
    remedies = [f"as root: apt-get install {packages}"] * bool(packages)
    remedies += ["run: make setup"] * any(part in PEERS for part in parts)
    return f"needs {', '.join(parts)}; {'; '.join(remedies)}"
