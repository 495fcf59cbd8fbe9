"""A name for the content of a folder of static files, so that browsers may keep them for ever under it."""

import hashlib
from pathlib import Path
from typing import Final

FOR_EVER: Final = "public, max-age=31536000, immutable"
_LENGTH = 12


def static_version(folder: Path) -> str:
    """Twelve hexadecimal digits that change with any file of the folder, by name or by content."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:_LENGTH]
