"""A pretend world for the desk pages: one controller with a grant, and the hands at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from appliance.door_socket.connections import DoorRefused
from appliance.door_socket.controller_answers import ControllerView, HeldGrantView
from appliance.web.pages.pretend_readers import AtReader
from tests.builders import NOW

GRANT = HeldGrantView("g", "b", "accepted", "", NOW, NOW + 600, NOW + 4200, ("D1",), 1, 0, None)
GYM = ControllerView(
    "gym-id", "gym", "Gym", "rco", True, "", NOW, ("card",), "on_sync", None, 60, True, True,
    {"accepted": 1}, NOW, None,
    doors={"D1": "court-1-id"}, grants=(GRANT,),
)  # fmt: skip


@dataclass
class FakeWorld:
    """A demo's hands at one controller."""

    done: list[tuple[str, str, str]] = field(default_factory=list)
    verdict: str = ""
    member: str = "anna@example.org"
    card: str = "26:468ACE"

    def at_readers(self) -> Mapping[str, AtReader]:
        return {}

    def at_reader(self, reader: str, way: str, value: str) -> None:
        raise DoorRefused("hand", "no")

    def at_controllers(self) -> Mapping[str, Sequence[str]]:
        return {"gym": ("swipe", "cut_off")}

    def at_controller(self, controller: str, act: str, value: str) -> str:
        if controller != "gym":
            raise DoorRefused("hand", "no")
        self.done.append((controller, act, value))
        return self.verdict
