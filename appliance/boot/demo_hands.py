"""Hands for a pretend world: each door is moved where its leaf really is, in an emulator or in the door process."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from appliance.door_socket.client import DoorClient, DoorEvent, DoorRefused, DoorUnreachable, DoorView, Verdict

FILE = "hands.json"
_ANSWER_S = 2.0
_LINE_LIMIT = 65_536


def write_hands(data: Path, sockets: Mapping[str, Path]) -> None:
    """Note where the hand at each emulated door is, by slug."""
    (data / FILE).write_text(json.dumps({slug: str(path) for slug, path in sockets.items()}), encoding="utf-8")


class DemoDoors:
    """The doors of a demo: asked through the door process, moved by hand wherever their leaf is."""

    def __init__(self, client: DoorClient, data: Path) -> None:
        self._client = client
        self._file = data / FILE

    def doors(self) -> Sequence[DoorView]:
        emulated = self._sockets()
        return [replace(door, has_hand=door.has_hand or door.slug in emulated) for door in self._client.doors()]

    def history(self, limit: int) -> Sequence[DoorEvent]:
        return self._client.history(limit)

    def present(self, door: str, kind: str, value: str, reader: str, presentation_id: str | None = None) -> Verdict:
        return self._client.present(door, kind, value, reader, presentation_id)

    def release(self, door: str, actor: str, reason: str, presentation_id: str | None = None) -> Verdict:
        return self._client.release(door, actor, reason, presentation_id)

    def hand(self, door: str, act: str) -> None:
        """Move a leaf; DoorRefused when the door does not give way, DoorUnreachable when nobody is there."""
        sockets = self._sockets()
        if door not in sockets:
            self._client.hand(door, act)
            return
        answer = _ask(Path(sockets[door]), {"door": door, "act": act})
        if answer.get("ok") is not True:
            raise DoorRefused("hand", str(answer.get("error", "the door does not give way")))

    def _sockets(self) -> dict[str, str]:
        sockets: dict[str, str] = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        return sockets


def _ask(path: Path, message: dict[str, str]) -> dict[str, object]:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(_ANSWER_S)
            line.connect(str(path))
            line.sendall(json.dumps(message).encode() + b"\n")
            with line.makefile("rb") as answers:
                answer: dict[str, object] = json.loads(answers.readline(_LINE_LIMIT))
    except (OSError, ValueError) as fault:
        raise DoorUnreachable(f"nobody answers at {path.name}") from fault
    return answer
