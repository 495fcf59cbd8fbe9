"""The readers in service: an entry becomes a presentation, and what it comes to is shown where it was made (DR-07).

A driver's `read` only puts the entry into the hands of a worker, so that no bus stands still while a door decides.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from appliance.access.device_plan import ReaderPlan, Side
from appliance.access.outcomes import Outcome
from appliance.access.presenting import Asked
from appliance.access.reasons import Reason
from appliance.access.troubles import Troubles
from appliance.foundation.errors import PortvaktError
from appliance.foundation.ids import Ids
from drivers.reader_contract import Entry, EntryKind, Feedback, Reader, ReaderSettings

WORKERS: Final = 4
AT_ONCE: Final = 2
LOOK_S: Final = 1.0
STOP_S: Final = 2.0
log = logging.getLogger(__name__)

_SHOWN: Final = {Reason.LOCKED_OUT: Feedback.LOCKED_OUT, Reason.DOOR_FAULT: Feedback.FAULT}


@dataclass(frozen=True, slots=True)
class ReaderPost:
    """One reader in service: its plan, what its driver was built from, and the driver."""

    plan: ReaderPlan
    settings: ReaderSettings
    kinds: frozenset[EntryKind]
    driver: Reader
    places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE), compare=False)


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    """One reader for those who look on."""

    plan: ReaderPlan
    is_online: bool
    fault: str


class ReaderPosts:
    """All readers in service. `present` is asked on a worker's thread and may take its time."""

    def __init__(self, present: Callable[[Asked], Outcome], ids: Ids, troubles: Troubles) -> None:
        self._present = present
        self._ids = ids
        self._troubles = troubles
        self._posts: dict[str, ReaderPost] = {}
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(WORKERS, "reader")
        self._stopping = threading.Event()
        self._looker = threading.Thread(target=self._look, name="reader-health", daemon=True)

    def start(self) -> None:
        """Begin to look after the readers' health."""
        self._looker.start()

    def stop(self) -> None:
        """Let go of every reader; what was typed and not decided yet is dropped."""
        self._stopping.set()
        self.put_in_service([])
        self._workers.shutdown(wait=True, cancel_futures=True)

    def put_in_service(self, posts: Iterable[ReaderPost]) -> None:
        """Serve exactly these readers from now on; drivers of the others are stopped."""
        fresh = {post.plan.id: post for post in posts}
        staying = {id(post.driver) for post in fresh.values()}
        gone = [post for post in self._posts.values() if id(post.driver) not in staying]
        with self._lock:
            self._posts = fresh
            for post in gone:
                self._troubles.report(f"reader {post.plan.id}", "")
        stoppers = [threading.Thread(target=_stop, args=(post,), daemon=True) for post in gone]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join(STOP_S)

    def find(self, reader_id: str) -> ReaderPost | None:
        """A reader by its id."""
        return self._posts.get(reader_id)

    def of_door(self, door_id: str) -> list[ReaderStatus]:
        """The readers of one door as they are now, in the order of the plan."""
        return [_status(post) for post in list(self._posts.values()) if post.plan.door_id == door_id]

    def read(self, entry: Entry) -> None:
        """What a driver read; returns at once. What comes faster than doors decide is dropped, as a person would."""
        post = self._posts.get(entry.reader_id)
        if post is None or entry.kind not in post.kinds or not post.places.acquire(blocking=False):
            return
        try:
            self._workers.submit(self._answer, post, entry)
        except RuntimeError:
            # The pool was shut between two keys: the process ends.
            post.places.release()

    def _answer(self, post: ReaderPost, entry: Entry) -> None:
        try:
            plan = post.plan
            asked = Asked(plan.door_id, entry.kind, entry.value, plan.slug, self._ids.new(), plan.side is Side.INSIDE)
            post.driver.show(_feedback(self._present(asked)))
        except PortvaktError as fault:
            log.warning("reader %s: nothing was decided: %s", post.plan.slug, fault)
            post.driver.show(Feedback.FAULT)
        except Exception:
            # The rim of a worker: whoever stands at the reader must not wait for a lamp that never comes.
            log.exception("reader %s: a fault nobody knows", post.plan.slug)
            post.driver.show(Feedback.FAULT)
        finally:
            post.places.release()

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_S):
            with self._lock:
                for post in self._posts.values():
                    fault = _status(post).fault
                    sentence = f"reader {post.plan.slug}: {fault}" if fault else ""
                    self._troubles.report(f"reader {post.plan.id}", sentence)


def _status(post: ReaderPost) -> ReaderStatus:
    health = post.driver.health()
    return ReaderStatus(post.plan, health.online, health.fault)


def _feedback(outcome: Outcome) -> Feedback:
    """The guest learns no more from a lamp than from the sentence."""
    return Feedback.GRANTED if outcome.verdict == "granted" else _SHOWN.get(Reason(outcome.told), Feedback.DENIED)


def _stop(post: ReaderPost) -> None:
    try:
        post.driver.stop()
    except PortvaktError as fault:
        log.warning("reader %s does not stop: %s", post.plan.slug, fault)
