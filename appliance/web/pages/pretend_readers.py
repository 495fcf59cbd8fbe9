"""Pretend readers on the page of the doors: what a person sees at one, and what a person can present at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.door_socket.answers import DoorView
from appliance.foundation.i18n import marked, text

WAYS: Final = ("keys", "card", "qr")
VALUE_LENGTH: Final = 512
LAMP_WORDS: Final = {
    "dark": marked("Lamp off"),
    "red": marked("Lamp red"),
    "green": marked("Lamp green"),
    "amber": marked("Lamp amber"),
    "blue": marked("Lamp blue"),
}
SIDE_WORDS: Final = {"outside": marked("outside"), "inside": marked("inside")}


@dataclass(frozen=True, slots=True)
class AtReader:
    """One pretend reader. ways: of `WAYS`, none while its emulator is away; lamp: its colour, empty without a lamp."""

    ways: tuple[str, ...]
    lamp: str = ""
    sounds: bool = False


class PretendReaders(Protocol):
    """The readers of a pretend world, by slug. member, card: whose card lies ready to be held up, and its bits."""

    @property
    def member(self) -> str: ...

    @property
    def card(self) -> str: ...

    def at_readers(self) -> Mapping[str, AtReader]: ...

    def at_reader(self, reader: str, way: str, value: str) -> None: ...


def shown_readers(door: DoorView, pretend: Mapping[str, AtReader], language: str) -> list[dict[str, object]]:
    """The readers of a door as the page draws them: stable codes for shapes and forms, words for people."""
    return [
        {
            "slug": reader.slug,
            "name": reader.name,
            "driver": reader.driver,
            "side": text(language, SIDE_WORDS.get(reader.side, SIDE_WORDS["outside"])),
            "state": "online" if reader.online else "offline",
            "words": "" if reader.online else text(language, "Not connected"),
            "fault": reader.fault,
            **_look(pretend.get(reader.slug), language),
        }
        for reader in door.readers
    ]


def _look(at: AtReader | None, language: str) -> dict[str, object]:
    ways: Sequence[str] = at.ways if at else ()
    lamp = at.lamp if at and at.lamp in LAMP_WORDS else ""
    sounds = at is not None and at.sounds
    return {
        "ways": list(ways),
        "lamp": lamp,
        "lamp_words": text(language, LAMP_WORDS[lamp]) if lamp else "",
        "sound": text(language, "Buzzer sounds") if sounds else "",
    }
