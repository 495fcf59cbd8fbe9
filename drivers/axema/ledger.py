"""Which reservations stand for which grants, and what was asked about them and is not yet answered. Pure (DR-05).

VAKA keeps no id of ours: a reservation is known by its resource and its slot. Nothing here is believed because it was
asked for; a slot is held when a listing or a result says so. Not for several threads at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.foundation.instants import DAY, Instant, Interval
from drivers.axema.messages import Reservation, Result
from drivers.controller_contract import Confirmation, HeldGrant

FORGOTTEN_AFTER_S: Final = 120.0
EARLY_LIMIT: Final = 256
TOO_MUCH: Final = "holds more than it should"
NEVER_DONE: Final = "the system took the call and nothing came of it; it is asked again"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One resource for one of its slots."""

    resource_id: str
    window: Interval


class Verb(StrEnum):
    """What was asked about a slot."""

    RESERVE = "reserve"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Wish:
    """What one grant is to hold: the slots at its newest revision; none when it was revoked. ends: of its window."""

    revision: int
    slots: frozenset[Slot]
    ends: Instant


NO_WISH: Final = Wish(-1, frozenset(), 0)


@dataclass(frozen=True, slots=True)
class Question:
    """A call that was accepted and has no result yet. asked_at: on the monotonic clock."""

    verb: Verb
    grant_id: str
    revision: int
    slot: Slot
    asked_at: float


class Ledger:
    """Wishes, what VAKA holds of our user's, and open questions by their correlation.

    is_certain: whether `held` is known to be true, but for what is still open.
    """

    def __init__(self) -> None:
        self.is_certain = False
        self._wishes: dict[str, Wish] = {}
        self._dropped: dict[Slot, str] = {}
        self._held: dict[Slot, str] = {}
        self._open: dict[str, Question] = {}
        self._early: dict[str, Result] = {}
        self._doubts: dict[Slot, float] = {}

    def newest(self, grant_id: str) -> int:
        """The newest revision that was wished for; -1 for a grant not heard of."""
        wish = self._wishes.get(grant_id)
        return -1 if wish is None else wish.revision

    def wish(self, grant_id: str, revision: int, slots: Iterable[Slot], ends: Instant) -> None:
        """Note what a grant is to hold from now on, unless a newer revision has been heard of."""
        fresh = frozenset(slots)
        before = self._wishes.get(grant_id, NO_WISH)
        if revision < before.revision:
            return
        self._wishes[grant_id] = Wish(revision, fresh, max(ends, before.ends))
        self._dropped.update(dict.fromkeys(before.slots - fresh, grant_id))
        for slot in fresh:
            self._dropped.pop(slot, None)

    def dropped(self, grant_id: str, slots: Iterable[Slot]) -> None:
        """Note that a revoked grant may have held these, also when this process never asked for them."""
        wanted = self._wanted()
        self._dropped.update({slot: grant_id for slot in slots if slot not in wanted})

    def missing(self, grant_id: str, now: Instant) -> list[Slot]:
        """Slots that the grant is still to hold, that VAKA does not hold and is not being asked for."""
        return sorted(slot for slot in self._lacking(grant_id, now) if slot not in self._asked(Verb.RESERVE))

    def surplus(self, grant_id: str, now: Instant) -> list[tuple[Slot, str]]:
        """Reservations of no more use to the grant or anybody, with their ids; an unknown id is empty."""
        dying = self._asked(Verb.CANCEL)
        return sorted((slot, self._held[slot]) for slot in self._left_over(grant_id, now) if slot not in dying)

    def is_settled(self, grant_id: str, now: Instant) -> bool:
        """Whether VAKA holds what the grant is to hold, and nothing that it held before."""
        coming = {slot for slot in self._asked(Verb.RESERVE) if self._dropped.get(slot) == grant_id}
        return not (self._lacking(grant_id, now) or self._left_over(grant_id, now) or coming)

    def asked(self, correlation: str, question: Question, now: Instant) -> Confirmation | None:
        """VAKA took a call. Its result may have come before this answer did; then this is what it says."""
        self._open[correlation] = question
        early = self._early.pop(correlation, None)
        return None if early is None else self.answered(early, now)

    def doubt(self, slot: Slot, at: float) -> None:
        """Nobody knows whether a call about this slot arrived."""
        self._doubts[slot] = at
        self.is_certain = False

    def answered(self, result: Result, now: Instant) -> Confirmation | None:
        """A result came: what it says of a grant at its newest revision, None when that is still open."""
        question = self._open.pop(result.correlation, None)
        if question is None:
            self._keep_early(result)
            return None
        if result.succeeded:
            self._done(question)
            return self._settled(question.grant_id, now)
        return self._failed(question, result.error)

    def question(self, correlation: str) -> Question | None:
        """What was asked, while it is open."""
        return self._open.get(correlation)

    def is_waiting(self, grant_id: str | None = None) -> bool:
        """Whether results are still to come, of one grant or of any."""
        return any(grant_id in (None, question.grant_id) for question in self._open.values())

    def listed(self, reservations: Iterable[Reservation], user_id: str, now: Instant, at: float) -> list[Confirmation]:
        """A whole listing came: it says what is held, and answers questions.

        One open for too long is forgotten, and told as refused: whoever waits for it must ask again.
        """
        ours = [one for one in reservations if one.user_id == user_id]
        self._held = {Slot(one.resource_id, one.window): one.id for one in ours}
        answered, waiting, forgotten = set[str](), dict[str, Question](), list[Question]()
        for correlation, question in self._open.items():
            if (question.slot in self._held) is (question.verb is Verb.RESERVE):
                answered.add(question.grant_id)
            elif at - question.asked_at < FORGOTTEN_AFTER_S:
                waiting[correlation] = question
            else:
                forgotten.append(question)
        self._open = waiting
        self._doubts = {slot: since for slot, since in self._doubts.items() if at - since < FORGOTTEN_AFTER_S}
        self._dropped = {slot: owner for slot, owner in self._dropped.items() if slot.window.end > now}
        self._wishes = {id_: wish for id_, wish in self._wishes.items() if wish.ends > now - DAY}
        self.is_certain = True
        told = [self._settled(id_, now) for id_ in sorted(answered)]
        told += [self._failed(question, NEVER_DONE) for question in forgotten]
        return [one for one in told if one is not None]

    def report(self, now: Instant) -> tuple[HeldGrant, ...]:
        """What VAKA holds, by grant; what is our user's and belongs to no grant we know of comes without an id."""
        found = []
        for id_, wish in sorted(self._wishes.items()):
            if self._left_over(id_, now):
                found.append(HeldGrant(id_, wish.revision, on_device=True, fingerprint=TOO_MUCH))
            elif wish.slots and not self._lacking(id_, now):
                found.append(HeldGrant(id_, wish.revision, on_device=True))
        strays = set(self._held) - self._wanted() - set(self._dropped)
        return (*found, *(HeldGrant("", 0, on_device=True) for _ in strays))

    def _settled(self, grant_id: str, now: Instant) -> Confirmation | None:
        """The good news of a grant at its newest revision, whichever call brought it about."""
        is_known = grant_id in self._wishes and self.is_settled(grant_id, now)
        return Confirmation(grant_id, self.newest(grant_id), applied=True) if is_known else None

    def _failed(self, question: Question, reason: str) -> Confirmation | None:
        """The bad news of a grant, when nothing newer is under way."""
        if self.newest(question.grant_id) == question.revision and self._counts(question):
            return Confirmation(question.grant_id, question.revision, applied=False, reason=reason)
        return None

    def _wanted(self) -> set[Slot]:
        return {slot for wish in self._wishes.values() for slot in wish.slots}

    def _lacking(self, grant_id: str, now: Instant) -> set[Slot]:
        wish = self._wishes.get(grant_id, NO_WISH)
        return {slot for slot in wish.slots if slot not in self._held and slot.window.end > now}

    def _left_over(self, grant_id: str, now: Instant) -> set[Slot]:
        mine = {slot for slot, owner in self._dropped.items() if owner == grant_id and slot.window.end > now}
        mine &= set(self._held) if mine else set()
        return mine - self._wanted() if mine else mine

    def _asked(self, verb: Verb) -> set[Slot]:
        return {question.slot for question in self._open.values() if question.verb is verb}

    def _done(self, question: Question) -> None:
        if question.verb is Verb.RESERVE:
            self._held.setdefault(question.slot, "")
        else:
            self._held.pop(question.slot, None)
            self._dropped.pop(question.slot, None)

    def _counts(self, question: Question) -> bool:
        """Whether a failure is the last word: the slot is not as wished, and no other call about it is under way."""
        if question.slot in self._doubts or question.slot in self._asked(question.verb):
            self.is_certain = False
            return False
        return (question.slot in self._held) is (question.verb is Verb.CANCEL)

    def _keep_early(self, result: Result) -> None:
        self._early[result.correlation] = result
        while len(self._early) > EARLY_LIMIT:
            self._early.pop(next(iter(self._early)))
