"""Hands for a pretend world: at each door where its leaf really is, and at each emulated reader and controller."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from appliance.boot import demo_rooms
from appliance.boot.demo_vendors import HANDS
from appliance.door_socket.client import DoorClient, DoorEvent, DoorRefused, DoorUnreachable, DoorView, Verdict
from appliance.door_socket.controller_answers import ControllerView
from appliance.web.pages.pretend_readers import AtReader

FILE = "hands.json"
_ANSWER_S = 2.0
_LINE_LIMIT = 65_536
# What is presented in a way, as the emulators' control sockets take it: the act, and the name of its value.
_ACTS: Final = {"keys": ("type", "keys"), "card": ("card", "card"), "qr": ("scan", "text")}


@dataclass(frozen=True, slots=True)
class Hand:
    """Where an emulator takes a hand's wishes, and in which ways something can be presented at it."""

    socket: Path
    ways: tuple[str, ...] = ()


def write_hands(
    data: Path, doors: Mapping[str, Hand], readers: Mapping[str, Hand], controllers: Mapping[str, Hand]
) -> None:
    """Note where the hand at each emulated door, reader and controller is, by slug."""
    noted = {
        kind: {slug: {"socket": str(hand.socket), "ways": hand.ways} for slug, hand in hands.items()}
        for kind, hands in (("doors", doors), ("readers", readers), ("controllers", controllers))
    }
    (data / FILE).write_text(json.dumps(noted), encoding="utf-8")


class DemoDoors:
    """The doors of a demo: asked through the door process, moved by hand wherever their leaf is.

    member, card: whose card lies ready to be held up, by e-mail, and its bits.
    """

    member: Final = demo_rooms.MEMBER
    card: Final = str(demo_rooms.CARD)

    def __init__(self, client: DoorClient, data: Path) -> None:
        self._client = client
        self._file = data / FILE

    def doors(self) -> Sequence[DoorView]:
        emulated = self._hands("doors")
        return [replace(door, has_hand=door.has_hand or door.slug in emulated) for door in self._client.doors()]

    def history(self, limit: int) -> Sequence[DoorEvent]:
        return self._client.history(limit)

    def controllers(self, grants: int = 0) -> Sequence[ControllerView]:
        return self._client.controllers(grants)

    def present(self, door: str, kind: str, value: str, reader: str, presentation_id: str | None = None) -> Verdict:
        return self._client.present(door, kind, value, reader, presentation_id)

    def release(self, door: str, actor: str, reason: str, presentation_id: str | None = None) -> Verdict:
        return self._client.release(door, actor, reason, presentation_id)

    def hand(self, door: str, act: str) -> None:
        """Move a leaf; DoorRefused when the door does not give way, DoorUnreachable when nobody is there."""
        hands = self._hands("doors")
        if door not in hands:
            self._client.hand(door, act)
            return
        # A door on a vendor's emulator is called by the vendor's own name, which in the demo is the same.
        answer = _ask(hands[door].socket, {"door": door, "device": door, "act": act})
        if answer.get("ok") is not True:
            raise DoorRefused("hand", str(answer.get("error", "the door does not give way")))

    def at_readers(self) -> Mapping[str, AtReader]:
        """What a person sees and can do at each emulated reader, by slug; one whose emulator is away shows nothing."""
        return {slug: _look(hand) for slug, hand in self._hands("readers").items()}

    def at_reader(self, reader: str, way: str, value: str) -> None:
        """Type keys, hold up a card or show a QR code at a reader, through its emulator and not to the unit.

        DoorRefused when this reader takes nothing of the kind, DoorUnreachable when its emulator is away.
        """
        hand = self._hands("readers").get(reader)
        if hand is None or way not in hand.ways:
            raise DoorRefused("hand", "nothing of the kind can be presented here")
        act, name = _ACTS[way]
        answer = _ask(hand.socket, {"act": act, name: value})
        if answer.get("ok") is not True:
            raise DoorRefused("hand", str(answer.get("error", "the reader does not take this")))

    def at_controllers(self) -> Mapping[str, Sequence[str]]:
        """What a hand can do at each emulated controller, by slug."""
        return {slug: tuple(HANDS[slug]) for slug in self._hands("controllers") if slug in HANDS}

    def at_controller(self, controller: str, act: str, value: str) -> str:
        """Do something at a vendor's emulator; `granted` or `denied` where somebody was at a door, else empty.

        DoorRefused when it does not take this, DoorUnreachable when it is away.
        """
        hand, wish = self._hands("controllers").get(controller), HANDS.get(controller, {}).get(act)
        if hand is None or wish is None:
            raise DoorRefused("hand", "nothing of the kind can be done here")
        answer = _ask(hand.socket, {**wish.message, **({wish.value: value} if wish.value else {})})
        taken = answer.get("ok") is True
        if wish.value:
            return str(answer.get("verdict", "granted")) if taken else "denied"
        if not taken:
            raise DoorRefused("hand", str(answer.get("error", "the controller does not take this")))
        return ""

    def _hands(self, kind: str) -> dict[str, Hand]:
        noted = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        hands: dict[str, dict[str, str]] = noted.get(kind, {})
        return {slug: Hand(Path(hand["socket"]), tuple(hand["ways"])) for slug, hand in hands.items()}


def _look(hand: Hand) -> AtReader:
    try:
        seen = _ask(hand.socket, {"act": "look"})
    except DoorUnreachable:
        return AtReader(())
    return AtReader(hand.ways, str(seen.get("lamp", "")), seen.get("sounds") is True)


def _ask(path: Path, message: Mapping[str, object]) -> dict[str, object]:
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
