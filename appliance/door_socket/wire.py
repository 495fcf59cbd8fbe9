"""How the door process is spoken to: one JSON object a line, over a Unix stream socket.

Ask: `{"op": NAME, ...}`. Answer: `{"ok": true, ...}` or `{"ok": false, "error": {"code", "message", "field"}}`.
A line is at most 8 KiB to the door and 1 MiB from it (AC-09, DR-13).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from appliance.foundation.errors import NeedsAttention

PRESENT_SOCKET: Final = "present.sock"
CONTROL_SOCKET: Final = "control.sock"
ASK_LIMIT: Final = 8 * 1024
BOOKINGS_AT_ONCE: Final = 100  # ids of bookings in one question, which must not exceed ASK_LIMIT
ANSWER_LIMIT: Final = 1024 * 1024
_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_PATH_LIMIT: Final = 107  # sun_path of unix(7), less its closing zero byte


class Garbled(Exception):
    """The line is not a JSON object within the limits."""


def encode(message: Mapping[str, object]) -> bytes:
    """One line, newline included."""
    return _COMPACT.encode(message).encode() + b"\n"


def decode(line: bytes) -> dict[str, object]:
    """The object in one line; Garbled when it is anything else."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise Garbled("not JSON") from fault
    if not isinstance(message, dict):
        raise Garbled("not a JSON object")
    return message


def socket_path(run: Path, name: str) -> str:
    """The path of one socket in the run folder; NeedsAttention when it is too long for a Unix socket."""
    path = str(run / name)
    if len(path.encode()) > _PATH_LIMIT:
        raise NeedsAttention(f"{path} is longer than {_PATH_LIMIT} bytes: set a shorter run folder")
    return path
