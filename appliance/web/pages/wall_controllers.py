"""Controllers on the wall of doors: the link, the life of each grant in words, what a hand can do in a demo (DR-11).

What a controller accepted is called just that: nobody knows yet whether it works.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from appliance.door_socket.controller_answers import ControllerView, HeldGrantView
from appliance.foundation.i18n import marked, plural, text
from appliance.foundation.instants import Instant

GRANTS: Final = 12
# In the order of a life, so that a row of them reads from left to right.
COUNT_WORDS: Final = {
    "planned": marked("planned"),
    "sent": marked("sent"),
    "accepted": marked("accepted"),
    "confirmed": marked("confirmed"),
    "removing": marked("being removed"),
    "failed": marked("refused"),
    "diverged": marked("astray"),
}
LIFE_WORDS: Final = {
    "planned": marked("Planned: nothing was said to the controller yet"),
    "sent": marked("Sent: nobody knows yet whether it arrived"),
    "accepted": marked("Accepted: nobody knows yet whether it works"),
    "confirmed": marked("Confirmed: the door has it"),
    "removing": marked("Being removed: the door may still let the person in"),
    "removed": marked("Removed: the door has it no more"),
    "failed": marked("Refused by the controller"),
    "diverged": marked("Astray: the controller does not hold what it took"),
}
ACT_WORDS: Final = {
    "swipe": marked("Hold card to its own reader"),
    "cut_off": marked("Cut the sub-controller off"),
    "link": marked("Connect the sub-controller"),
    "swallow": marked("Accept the next change and never apply it"),
    "night": marked("Nightly sync"),
    "lose_result": marked("Lose the next result"),
    "forbid": marked("Forbid opening from afar"),
    "allow": marked("Allow opening from afar"),
    "phone": marked("Open with this person's phone"),
    "offline": marked("Take the lock offline"),
    "online": marked("Bring the lock online"),
}
# What a person types for an act; all others are a button alone.
TYPED_WORDS: Final = {
    "swipe": marked("Card, as bits:hexadecimal"),
    "phone": marked("E-mail of the person"),
}
LINK_WORDS: Final = {"online": marked("Connected"), "offline": marked("Not connected")}
LISTED: Final = marked("Compared {at}")
OWN_APP: Final = marked("This lock opens by its maker's app on the guest's phone, and by nothing else.")
VERDICT_WORDS: Final = {
    "granted": marked("The controller let the person in."),
    "denied": marked("The controller did not let the person in."),
}


class PretendControllers(Protocol):
    """The emulated controllers of a pretend world, by slug."""

    def at_controllers(self) -> Mapping[str, Sequence[str]]: ...

    def at_controller(self, controller: str, act: str, value: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Onlooker:
    """In which language and by which zone's clocks somebody reads."""

    language: str
    zone: ZoneInfo

    def says(self, sentence: str, **values: object) -> str:
        return text(self.language, sentence, **values)

    def when(self, at: Instant) -> str:
        """A day and a time on the facility's wall."""
        return f"{datetime.fromtimestamp(at, self.zone):%Y-%m-%d %H:%M}"


def shown_controller(
    seen: ControllerView, acts: Sequence[str], doors: Mapping[str, str], reader: Onlooker
) -> dict[str, object]:
    """A controller as the page draws it: stable codes for shapes, words for people. doors: names by id."""
    state = "online" if seen.online else "offline"
    return {
        "slug": seen.slug,
        "name": seen.name,
        "driver": seen.driver,
        "state": state,
        "words": reader.says(LINK_WORDS[state]),
        "fault": seen.fault,
        "late": _late(seen, reader),
        "doors": ", ".join(doors[id_] for id_ in seen.doors.values() if id_ in doors),
        "counts": [
            {"state": life, "count": seen.counts.get(life, 0), "words": reader.says(word)}
            for life, word in COUNT_WORDS.items()
        ],
        "listed": reader.says(LISTED, at=reader.when(seen.listed_at)) if seen.listed_at else "",
        "acts": list(acts),
    }


def controller_of(door_id: str, controllers: Sequence[ControllerView]) -> ControllerView | None:
    """The controller that a door hangs on."""
    return next((one for one in controllers if door_id in one.doors.values()), None)


def shown_grants(door_id: str, seen: ControllerView, reader: Onlooker) -> list[dict[str, str]]:
    """The grants of a door at its controller, the soonest first."""
    devices = {device for device, id_ in seen.doors.items() if id_ == door_id}
    return [_grant(grant, reader) for grant in seen.grants if devices & set(grant.devices)]


def _grant(grant: HeldGrantView, reader: Onlooker) -> dict[str, str]:
    start, end = reader.when(grant.starts), reader.when(grant.ends)
    return {
        "state": grant.state,
        "words": reader.says(LIFE_WORDS.get(grant.state, LIFE_WORDS["sent"])),
        "window": f"{start}\N{EN DASH}{end[11:] if end[:10] == start[:10] else end}",
        "reason": grant.reason,
    }


def _late(seen: ControllerView, reader: Onlooker) -> str:
    if not seen.late or seen.late_from is None:
        return ""
    return plural(
        reader.language,
        "{count} key is not confirmed, and is needed from {at}",
        "{count} keys are not confirmed, the first is needed from {at}",
        seen.late,
        at=reader.when(seen.late_from),
    )
