"""The walk over the doors as a page: for staff who stand at each door with a phone in hand (DR-12).

Plain forms; a script asks every second whether the step is over by what the door saw.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.door_socket.answers import DoorView
from appliance.door_socket.commission_client import Asking, CommissionClient, WalkView
from appliance.door_socket.connections import DoorRefused
from appliance.foundation.errors import Retryable
from appliance.web.commissioning_paper import pdf_of
from appliance.web.commissioning_words import ASKS, RELEASE, RESULTS, STEPS, WORDS, detail, name, told
from appliance.web.pages.reception import Reception, Visitor
from appliance.web.pages.showing import page
from appliance.web.speaking import language

# The page shows where the walk stands now, which is the answer to a form that was late.
_LATE: Final = frozenset({"not_now", "not_an_option"})


class WalkedDoors(Asking, Protocol):
    """The door process as this page needs it; `appliance.door_socket.client.DoorClient` is one."""

    def doors(self) -> Sequence[DoorView]: ...


class CommissionPage:
    """`/commission`, its forms, and the record to take away."""

    def __init__(self, doors: WalkedDoors, reception: Reception) -> None:
        self._doors = doors
        self._reception = reception

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/commission", "commission", self.show)
        blueprint.add_url_rule("/commission/begin", "commission_begin", self.begin, methods=["POST"])
        blueprint.add_url_rule("/commission/pulse", "commission_pulse", self.pulse, methods=["POST"])
        blueprint.add_url_rule("/commission/answer", "commission_answer", self.answer, methods=["POST"])
        blueprint.add_url_rule("/commission/finish", "commission_finish", self.finish, methods=["POST"])
        blueprint.add_url_rule("/commission/record.<kind>", "commission_record", self.record)

    def show(self) -> ResponseReturnValue:
        visitor = self._reception.visitor()
        if visitor is None:
            return redirect(url_for(".sign_in", next=url_for(".commission")), 303)
        return self._page(visitor, "")

    def begin(self) -> ResponseReturnValue:
        visitor = self._staff()
        return self._done(visitor, lambda walk: walk.begin(request.form.getlist("door")))

    def pulse(self) -> ResponseReturnValue:
        visitor, said = self._staff(), []

        def release(walk: CommissionClient) -> None:
            verdict = walk.pulse(request.form.get("step", ""))
            if not verdict.granted:
                said.append(told(verdict, language()))

        answer = self._done(visitor, release)
        return (self._page(visitor, said[0]), 409) if said else answer

    def answer(self) -> ResponseReturnValue:
        form = request.form
        return self._done(self._staff(), lambda walk: walk.answer(form.get("step", ""), form.get("word", "")))

    def finish(self) -> ResponseReturnValue:
        return self._done(self._staff(), lambda walk: walk.finish())

    def record(self, kind: str) -> ResponseReturnValue:
        """The last record, to keep."""
        record = self._walk(self._staff()).record() if kind in ("json", "pdf") else None
        if record is None:
            abort(404)
        is_paper = kind == "pdf"
        body = pdf_of(record, language()) if is_paper else json.dumps(record, ensure_ascii=False, indent=1).encode()
        answer = Response(body, mimetype="application/pdf" if is_paper else "application/json")
        answer.headers["Content-Disposition"] = f"attachment; filename=commissioning-{record['ended_at']}.{kind}"
        return answer

    def _staff(self) -> Visitor:
        visitor = self._reception.visitor()
        if visitor is None:
            abort(403)
        return visitor

    def _walk(self, visitor: Visitor) -> CommissionClient:
        return CommissionClient(self._doors, visitor.actor)

    def _done(self, visitor: Visitor, act: "Act") -> ResponseReturnValue:
        try:
            act(self._walk(visitor))
        except DoorRefused as refused:
            if refused.code not in _LATE:
                return self._page(visitor, refused.message), 409
        return redirect(url_for(".commission"), 303)

    def _page(self, visitor: Visitor, said: str) -> str:
        try:
            doors, walk = self._doors.doors(), self._walk(visitor)
            view, record = walk.look(), walk.record()
        except Retryable:
            doors, view, record = (), None, None
            said = said or "away"
        return page(
            "commission.html",
            self._reception,
            visitor=visitor,
            doors=doors,
            names={door.id: door.name for door in doors},
            walk=view,
            found=_found(view) if view else {},
            said=said,
            record=record,
            steps=STEPS,
            asks=ASKS,
            words=WORDS,
            release=RELEASE,
        )


class Act(Protocol):
    """One wish of a form."""

    def __call__(self, walk: CommissionClient, /) -> Any: ...


def _found(view: WalkView) -> Mapping[str, list[dict[str, str]]]:
    """What was found, by door, in words."""
    spoken, found = language(), dict[str, list[dict[str, str]]]()
    for one in view.findings:
        found.setdefault(one.door_id, []).append(
            {
                "step": name(spoken, one.kind, one.reader),
                "result": one.result,
                "words": RESULTS[one.result],
                "detail": detail(spoken, one),
            }
        )
    return found
