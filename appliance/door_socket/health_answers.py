"""How the door process says it is doing."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.door_socket.answers import number, number_or_none, sequence, text
from appliance.door_socket.connections import Answer


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong. name: what it is with, such as `disk` or `door ID`. sentence: plain English."""

    name: str
    colour: str
    sentence: str


@dataclass(frozen=True, slots=True)
class DoorHealth:
    """How the door process is doing.

    colour: green, amber or red. problems: plain English, empty when green. clock: trusted, degraded or unknown.
    following: current, stale, stopped or never. applied_seq: how far into the journal of booking.db it has come.
    plan_number: the site plan in force, None before the first. plan_rejected: the number of a newer one, refused.
    troubles: the problems with their names and colours.
    """

    colour: str
    problems: tuple[str, ...]
    clock: str
    following: str
    applied_seq: int
    plan_number: int | None
    plan_rejected: int | None
    known_keys: int
    late_events: int
    troubles: tuple[Trouble, ...] = ()


def health(answer: Answer) -> DoorHealth:
    """The health in an answer."""
    return DoorHealth(
        colour=text(answer, "colour"),
        problems=tuple(str(problem) for problem in sequence(answer, "problems")),
        clock=text(answer, "clock"),
        following=text(answer, "following"),
        applied_seq=number(answer, "applied_seq"),
        plan_number=number_or_none(answer, "plan_number"),
        plan_rejected=number_or_none(answer, "plan_rejected"),
        known_keys=number(answer, "known_keys"),
        late_events=number(answer, "late_events"),
        troubles=tuple(_trouble(item) for item in sequence(answer, "troubles") if isinstance(item, dict)),
    )


def _trouble(answer: Mapping[str, object]) -> Trouble:
    return Trouble(text(answer, "name"), text(answer, "colour"), text(answer, "sentence"))
