"""What may be asked of the door process, operation by operation; `wire` says how, `client` is the other end."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Final

from appliance.access.condition import Condition
from appliance.access.door_monitor import DoorMonitor, DoorStatus
from appliance.access.following import Follower
from appliance.access.mode_setting import ModeSetting
from appliance.access.outcomes import Outcome
from appliance.access.presenting import Asked, Presenting
from appliance.access.reader_posts import ReaderPosts, ReaderStatus
from appliance.access.retiring import Retiring
from appliance.access.snapshot import Mode
from appliance.door_socket.server import Answer, Operations
from appliance.foundation.errors import FieldError, Invalid, NeedsAttention
from drivers.contract import Act
from drivers.quality import hardware

HEARTBEAT_S: Final = 10.0
_CATCH_UP_MS: Final = 5_000
_MOST_EVENTS: Final = 200


def present_operations(presenting: Presenting, present_asked: Callable[[Asked], Outcome]) -> Operations:
    """What a reader may ask: nothing but presentations and challenges."""

    def present(ask: Mapping[str, object]) -> Answer:
        names = ("door", "kind", "value", "reader", "presentation_id")
        door, kind, value, reader, presentation_id = (required_text(ask, name) for name in names)
        return outcome_answer(present_asked(Asked(door, kind, value, reader, presentation_id)))

    def challenge(ask: Mapping[str, object]) -> Answer:
        asked, expires_at = presenting.challenge(required_text(ask, "door"))
        return {"challenge": asked, "expires_at": expires_at}

    return {"present": present, "challenge": challenge}


class ControlOperations:
    """What the unit's own processes may ask."""

    def __init__(
        self,
        presenting: Presenting,
        monitor: DoorMonitor,
        readers: ReaderPosts,
        follower: Follower,
        modes: ModeSetting,
        retiring: Retiring,
        condition: Condition,
        stopping: threading.Event,
    ) -> None:
        self._presenting = presenting
        self._monitor = monitor
        self._readers = readers
        self._follower = follower
        self._modes = modes
        self._retiring = retiring
        self._condition = condition
        self._stopping = stopping

    def all(self) -> Operations:
        """Every operation by its name."""
        return {
            "doors": self._doors, "health": self._health, "release": self._release, "mode": self._mode,
            "retire": self._retire, "catch_up": self._catch_up, "reconcile": self._reconcile, "hand": self._hand,
            "alarms": self._alarms, "journal_head": self._journal_head, "history": self._history,
            "verify": self._verify, "watch": self._watch,
        }  # fmt: skip

    def _doors(self, _ask: Mapping[str, object]) -> Answer:
        return {"doors": [self._door(self._monitor.status(post)) for post in self._monitor.posts()]}

    def _health(self, _ask: Mapping[str, object]) -> Answer:
        return asdict(self._condition.look())

    def _release(self, ask: Mapping[str, object]) -> Answer:
        names = ("door", "actor", "reason", "presentation_id")
        return outcome_answer(self._presenting.release(*(required_text(ask, name) for name in names)))

    def _mode(self, ask: Mapping[str, object]) -> Answer:
        try:
            mode = Mode(required_text(ask, "mode"))
        except ValueError:
            raise Invalid(FieldError("mode", "not_an_option", f"must be one of {', '.join(Mode)}")) from None
        is_on = ask.get("on", True) is True
        post = self._modes.ask(
            required_text(ask, "door"), mode, is_on, required_text(ask, "actor"), required_text(ask, "reason")
        )
        return {"door": self._door(self._monitor.status(post))}

    def _retire(self, ask: Mapping[str, object]) -> Answer:
        retired = self._retiring.retire_if_unused(required_text(ask, "booking_id"))
        return {"retired": not retired.used, "used": retired.used, "expires_at": retired.until}

    def _catch_up(self, ask: Mapping[str, object]) -> Answer:
        wait_ms = ask.get("wait_ms", 500)
        if not isinstance(wait_ms, int) or not 0 <= wait_ms <= _CATCH_UP_MS:
            raise Invalid(FieldError("wait_ms", "out_of_range", f"must be from 0 to {_CATCH_UP_MS}"))
        self._follower.catch_up(wait_ms / 1000)
        return {"seq": self._follower.applied_seq}

    def _reconcile(self, ask: Mapping[str, object]) -> Answer:
        is_applied = ask.get("apply") is True
        difference = self._follower.reconcile(apply=is_applied, actor=required_text(ask, "actor"))
        return {**asdict(difference), "applied": is_applied}

    def _hand(self, ask: Mapping[str, object]) -> Answer:
        post = self._monitor.find(required_text(ask, "door"))
        if post is None:
            raise Invalid(FieldError("door", "no_such_door", "there is no such door"))
        hand = getattr(post.driver, "hand", None)
        if not callable(hand):
            raise NeedsAttention("this door is real, or its device has a hand of its own")
        try:
            act = Act(required_text(ask, "act"))
        except ValueError:
            raise Invalid(FieldError("act", "not_an_option", f"must be one of {', '.join(Act)}")) from None
        hand(act)
        return {}

    def _alarms(self, ask: Mapping[str, object]) -> Answer:
        since = ask.get("since", 0)
        if not isinstance(since, int):
            raise Invalid(FieldError("since", "malformed", "must be an instant in UTC seconds"))
        return {"alarms": [asdict(alarm) for alarm in self._condition.alarms(since)]}

    def _journal_head(self, _ask: Mapping[str, object]) -> Answer:
        records = self._condition.records()
        head, since = records.head, {"kept_since": records.kept_since, "served_since": records.served_since}
        return {"file_id": head.file_id, "seq": head.seq, "hash": head.hash.hex(), **since}

    def _history(self, ask: Mapping[str, object]) -> Answer:
        limit = ask.get("limit")
        if not isinstance(limit, int) or not 0 < limit <= _MOST_EVENTS:
            raise Invalid(FieldError("limit", "out_of_range", f"must be from 1 to {_MOST_EVENTS}"))
        return {"events": self._condition.history(limit)}

    def _verify(self, _ask: Mapping[str, object]) -> Answer:
        holds, seq, message = self._condition.verify()
        return {"holds": holds, "seq": seq, "message": message}

    def _watch(self, _ask: Mapping[str, object]) -> Iterator[Answer]:
        watcher = self._monitor.watch()
        try:
            while not self._stopping.is_set():
                try:
                    yield {"door": self._door(watcher.get(timeout=HEARTBEAT_S))}
                except queue.Empty:
                    yield {}
        finally:
            self._monitor.unwatch(watcher)

    def _door(self, status: DoorStatus) -> Answer:
        plan = status.plan
        return {
            "id": plan.id, "slug": plan.slug, "name": plan.name, "driver": plan.driver, "state": status.state,
            "mode": status.mode, "online": status.is_online, "fault": status.fault, "tampered": status.is_tampered,
            "has_hand": status.has_hand, "hardware": hardware(plan.driver),
            "readers": [_reader(one) for one in self._readers.of_door(plan.id)],
        }  # fmt: skip


def required_text(ask: Mapping[str, object], name: str) -> str:
    """The text of this name in a question; Invalid when it is missing or empty."""
    value = ask.get(name)
    if not isinstance(value, str) or not value:
        raise Invalid(FieldError(name, "malformed", "must be a text that is not empty"))
    return value


def outcome_answer(outcome: Outcome) -> dict[str, object]:
    """What a presentation came to, as an answer."""
    # Not asdict: it copies every value, which every guest would wait for.
    return {name: getattr(outcome, name) for name in Outcome.__slots__}


def _reader(status: ReaderStatus) -> dict[str, object]:
    plan = status.plan
    return {
        "id": plan.id, "slug": plan.slug, "name": plan.name, "driver": plan.driver, "side": plan.side,
        "online": status.is_online, "fault": status.fault,
    }  # fmt: skip
