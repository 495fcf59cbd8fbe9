"""The walk over the doors as its faces see it: page and command line (DR-12). Raises what `DoorClient` raises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from appliance.door_socket import answers
from appliance.door_socket.answers import Verdict
from appliance.door_socket.connections import Answer


@dataclass(frozen=True, slots=True)
class FindingView:
    """What one step came to; see `appliance.access.commissioning.Finding`."""

    door_id: str
    kind: str
    reader: str
    result: str
    took_ms: int | None
    entry: str
    size: int | None


@dataclass(frozen=True, slots=True)
class WalkView:
    """Where a walk stands. step, door_id, kind, reader: of the step in hand, empty when all are done.

    doors: ids in their order. of: how many steps there are. words: what may be said now. seconds_left: how long the
    reader in hand still tells the walk. shown: the bits of the card that was read last, for whoever walks alone.
    """

    doors: tuple[str, ...]
    findings: tuple[FindingView, ...]
    of: int
    step: str
    door_id: str
    kind: str
    reader: str
    words: tuple[str, ...]
    is_pulsed: bool
    seconds_left: int
    shown: str


class Asking(Protocol):
    """The door process; `appliance.door_socket.client.DoorClient` is one."""

    def ask_commissioning(self, op: str, **values: object) -> Answer: ...


class CommissionClient:
    """Asks for one person: `actor` is who walks, `staff:<id>` or `cli`."""

    def __init__(self, doors: Asking, actor: str) -> None:
        self._doors = doors
        self._actor = actor

    def begin(self, doors: Sequence[str] = ()) -> WalkView:
        """Begin over these doors (none: all), or go on with the walk that is under way."""
        return _walk(self._ask("begin", doors=list(doors)))

    def pulse(self, step: str) -> Verdict:
        """Release the door of the step in hand."""
        return answers.verdict(self._ask("pulse", step=step))

    def answer(self, step: str, word: str) -> WalkView:
        """Say one of its words to the step in hand."""
        return _walk(self._ask("answer", step=step, word=word))

    def look(self) -> WalkView | None:
        """Where the walk stands; None when there is none."""
        answer = self._ask("look")
        return _walk(answer) if answer.get("walk") is not None else None

    def finish(self) -> dict[str, Any]:
        """End the walk; the signed record."""
        return answers.mapping(self._ask("finish"), "record")

    def record(self) -> dict[str, Any] | None:
        """The record of the last walk; None before the first."""
        answer = self._ask("record")
        return answers.mapping(answer, "record") if answer.get("record") is not None else None

    def _ask(self, op: str, **values: object) -> Answer:
        return self._doors.ask_commissioning(op, actor=self._actor, **values)


def _walk(answer: Answer) -> WalkView:
    walk = answers.mapping(answer, "walk")
    return WalkView(
        doors=tuple(str(door) for door in answers.sequence(walk, "doors")),
        findings=tuple(finding(one) for one in answers.sequence(walk, "findings") if isinstance(one, dict)),
        of=answers.number(walk, "of"),
        step=answers.text(walk, "step"),
        door_id=answers.text(walk, "door_id"),
        kind=answers.text(walk, "kind"),
        reader=answers.text(walk, "reader"),
        words=tuple(str(word) for word in answers.sequence(walk, "words")),
        is_pulsed=answers.flag(walk, "is_pulsed"),
        seconds_left=answers.number(walk, "seconds_left"),
        shown=answers.text(walk, "shown"),
    )


def finding(one: Mapping[str, object], door_id: str = "") -> FindingView:
    """One finding, of a walk or of a record, where its door stands around it."""
    return FindingView(
        door_id=door_id or answers.text(one, "door_id"),
        kind=answers.text(one, "step" if door_id else "kind"),
        reader=answers.text(one, "reader"),
        result=answers.text(one, "result"),
        took_ms=answers.number_or_none(one, "took_ms"),
        entry=answers.text(one, "entry"),
        size=answers.number_or_none(one, "size"),
    )
