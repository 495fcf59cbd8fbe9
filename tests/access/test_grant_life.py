"""The life of a grant at a controller tells the truth, whatever comes and in whatever order (DR-11)."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from appliance.access.grant_life import (
    NOT_CONFIRMED,
    NOT_HELD,
    REFUSED_S,
    UNDER_WAY_S,
    Call,
    Confirmed,
    GrantLife,
    Input,
    LifeState,
    Listed,
    Received,
    Refused,
    Sent,
    Terms,
    Tick,
    Unreachable,
    Unwanted,
    Wanted,
    due,
    step,
)
from drivers.controller_contract import HeldGrant

NOW = 1_800_000_000
ENDS = NOW + 7200
TERMS = Terms(confirm_s=600)
PLANNED = GrantLife(1, ENDS, NOW, next_at=NOW)
RIGHT, WRONG = "right", "wrong"


def lived(*inputs: Input, life: GrantLife = PLANNED, now: int = NOW, terms: Terms = TERMS) -> GrantLife:
    """The life after these inputs, all at one moment."""
    for one in inputs:
        life = step(life, one, now, terms)
    return life


def held(revision: int = 1, *, on_device: bool = True, fingerprint: str | None = RIGHT) -> Listed:
    return Listed(HeldGrant("g", revision, on_device, fingerprint), RIGHT)


ACCEPTED = lived(Sent(), Received(1, False, "c1"))
CONFIRMED = lived(Sent(), Received(1, True))
REMOVING = lived(Unwanted(), life=CONFIRMED)
MISSING = Listed(None, RIGHT)


def test_accepted_is_not_confirmed_until_the_device_has_it() -> None:
    """DR-11: planned, sent, accepted, confirmed on device, each by what was seen and nothing else."""
    assert due(PLANNED, NOW) is Call.UPSERT
    sent = lived(Sent())
    assert (sent.state, sent.is_told, due(sent, NOW)) == (LifeState.SENT, True, None)
    assert (ACCEPTED.state, ACCEPTED.correlation) == (LifeState.ACCEPTED, "c1")
    assert due(ACCEPTED, NOW + 599) is None
    assert lived(Confirmed(1, True), life=ACCEPTED).state is LifeState.CONFIRMED


def test_accepted_and_never_confirmed_diverges_and_is_said_again_as_something_newer() -> None:
    """DR-11: an emulator that accepts and never applies is found out by the bound, or by its next listing."""
    late = lived(Tick(), life=ACCEPTED, now=NOW + 600)
    assert (late.state, late.reason, late.revision) == (LifeState.DIVERGED, NOT_CONFIRMED, 2)
    assert due(late, NOW + 600) is Call.UPSERT
    listed = lived(MISSING, life=ACCEPTED, now=NOW + 5)
    assert (listed.state, listed.reason) == (LifeState.DIVERGED, NOT_HELD)
    # The answer to what was said first comes late and no longer counts.
    assert lived(Sent(), Confirmed(1, True), life=late).state is LifeState.SENT


def test_the_reason_of_a_divergence_stays_until_it_is_over() -> None:
    """DR-11: who looks sees what is wrong, also while it is being mended."""
    again = lived(Tick(), Sent(), Received(2, False), life=ACCEPTED, now=NOW + 600)
    assert (again.state, again.reason) == (LifeState.ACCEPTED, NOT_CONFIRMED)
    assert lived(Confirmed(2, True), life=again).reason == ""


def test_a_confirmation_that_overtakes_its_receipt_stands() -> None:
    """DR-11: the webhook may be faster than the answer to the call."""
    assert lived(Sent(), Confirmed(1, True), Received(1, False)).state is LifeState.CONFIRMED
    assert lived(Sent(), Confirmed(1, False, "no slot"), Received(1, False)).state is LifeState.FAILED
    assert lived(Sent(), Confirmed(1, True), Unreachable(1, "gone")).state is LifeState.CONFIRMED


def test_a_refusal_is_failed_with_its_reason_and_tried_again_more_and_more_seldom() -> None:
    """DR-11: a person must act, and when he has, nobody needs to press a button."""
    failed = lived(Sent(), Refused(1, "no such template"))
    assert (failed.state, failed.reason, failed.next_at) == (LifeState.FAILED, "no such template", NOW + REFUSED_S)
    twice = lived(Sent(), Refused(1, "no such template"), life=failed)
    assert twice.next_at == NOW + 2 * REFUSED_S
    assert lived(Sent(), Received(1, True), life=twice).state is LifeState.CONFIRMED


def test_a_controller_that_is_away_is_tried_again_with_back_off() -> None:
    """DR-11: sent means that nobody knows whether it arrived."""
    life, waits = PLANNED, []
    for _ in range(12):
        life = lived(Sent(), Unreachable(1, "no answer", 0.99), life=life)
        waits.append((life.next_at or 0) - NOW)
    assert life.state is LifeState.SENT
    assert waits == sorted(waits)
    assert waits[-1] == 30


def test_a_call_under_way_when_the_process_ended_is_made_again() -> None:
    """DR-11: after a restart."""
    assert due(lived(Sent()), NOW + UNDER_WAY_S) is Call.UPSERT


def test_what_was_never_said_is_removed_at_once_and_what_was_is_revoked_until_done() -> None:
    """DR-11: a revocation is tried until it is done, also after the window."""
    assert lived(Unwanted()).state is LifeState.REMOVED
    assert due(REMOVING, NOW) is Call.REVOKE
    life = lived(Sent(), Received(2, False), life=REMOVING)
    assert (life.state, due(life, NOW + 600)) == (LifeState.REMOVING, Call.REVOKE)
    life = lived(Tick(), Sent(), Refused(2, "busy"), life=life, now=ENDS + 9)
    assert (life.state, due(life, ENDS + 9 + REFUSED_S)) == (LifeState.REMOVING, Call.REVOKE)
    assert lived(Confirmed(2, True), life=life).state is LifeState.REMOVED


def test_a_grant_whose_window_is_over_is_cleaned_away() -> None:
    """DR-11: a vendor's system does not fill up; where nothing can be taken back the end of the window is the end."""
    over = lived(Tick(), life=CONFIRMED, now=ENDS)
    assert (over.state, due(over, ENDS)) == (LifeState.REMOVING, Call.REVOKE)
    assert lived(Tick(), life=CONFIRMED, now=ENDS, terms=Terms(ends_alone=True)).state is LifeState.REMOVED
    assert lived(Tick(), life=PLANNED, now=ENDS).state is LifeState.REMOVED


def test_a_changed_window_is_a_new_revision_and_wanted_again_too() -> None:
    """DR-11: an extension; and a key that was blocked and is let in again."""
    longer = lived(Wanted(ENDS + 60), life=CONFIRMED)
    assert (longer.state, longer.revision, longer.ends, longer.is_told) == (LifeState.PLANNED, 2, ENDS + 60, True)
    back = lived(Wanted(ENDS), life=lived(Sent(), Received(2, True), life=REMOVING))
    assert (back.state, back.is_wanted, due(back, NOW)) == (LifeState.PLANNED, True, Call.UPSERT)


@pytest.mark.parametrize(
    ("life", "listing", "state", "call"),
    [
        (PLANNED, MISSING, LifeState.PLANNED, Call.UPSERT),
        (PLANNED, held(), LifeState.CONFIRMED, None),
        (PLANNED, held(7), LifeState.CONFIRMED, None),
        (PLANNED, held(7, fingerprint=WRONG), LifeState.PLANNED, Call.UPSERT),
        (PLANNED, held(on_device=False), LifeState.ACCEPTED, None),
        (ACCEPTED, held(), LifeState.CONFIRMED, None),
        (ACCEPTED, held(on_device=False), LifeState.ACCEPTED, None),
        (CONFIRMED, MISSING, LifeState.DIVERGED, Call.UPSERT),
        (CONFIRMED, held(on_device=False), LifeState.DIVERGED, Call.UPSERT),
        (CONFIRMED, held(fingerprint=WRONG), LifeState.DIVERGED, Call.UPSERT),
        (CONFIRMED, held(fingerprint=None), LifeState.CONFIRMED, None),
        (CONFIRMED, held(0, fingerprint=None), LifeState.DIVERGED, Call.UPSERT),
        (REMOVING, MISSING, LifeState.REMOVED, None),
        (REMOVING, held(), LifeState.REMOVING, Call.REVOKE),
        (REMOVING, held(9), LifeState.REMOVING, Call.REVOKE),
        (lived(MISSING, life=REMOVING), held(2), LifeState.REMOVING, Call.REVOKE),
    ],
)
def test_what_a_listing_says_of_each_state(
    life: GrantLife, listing: Listed, state: LifeState, call: Call | None
) -> None:
    """DR-11: reconciliation, from both sides."""
    after = lived(listing, life=life)
    assert (after.state, due(after, NOW)) == (state, call)
    if call is not None and listing.held is not None:
        assert after.revision > listing.held.revision or life.revision > listing.held.revision


class ALifeTellsTheTruth(RuleBasedStateMachine):
    """DR-11: a controller that takes, applies, forgets and lies by omission, against what is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.life = PLANNED
        self.device: int | None = None  # the revision that the device holds
        self.seen_applied: set[tuple[int, bool]] = set()

    def feed(self, what: Input) -> None:
        self.life = step(self.life, what, self.now, TERMS)

    @rule(seconds=st.integers(1, 2000))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        self.feed(Tick())

    @rule(longer=st.integers(0, 7200))
    def wanted(self, longer: int) -> None:
        self.feed(Wanted(self.now + 1 + longer))

    @rule()
    def unwanted(self) -> None:
        self.feed(Unwanted())

    @precondition(lambda self: due(self.life, self.now) is not None)
    @rule(answer=st.sampled_from(["applied", "accepted", "refused", "lost", "lost after"]))
    def called(self, answer: str) -> None:
        self.feed(Sent())
        revision, wanted = self.life.revision, self.life.is_wanted
        if answer in ("applied", "lost after"):
            self.device = revision if wanted else None
        if answer == "applied":
            self.seen_applied.add((revision, wanted))
        answers: dict[str, Input] = {
            "applied": Received(revision, True), "accepted": Received(revision, False),
            "refused": Refused(revision, "no"),
        }  # fmt: skip
        self.feed(answers.get(answer, Unreachable(revision, "away")))

    @rule(back=st.integers(0, 3), applied=st.booleans())
    def confirmed(self, back: int, applied: bool) -> None:
        revision = self.life.revision - back
        if back == 0 and self.life.is_told and self.life.state not in (LifeState.PLANNED, LifeState.DIVERGED):
            if applied:
                self.device = revision if self.life.is_wanted else None
                self.seen_applied.add((revision, self.life.is_wanted))
            self.feed(Confirmed(revision, applied, "" if applied else "no"))
        elif back > 0:
            self.feed(Confirmed(revision, applied, "old"))

    @rule()
    def the_device_forgets(self) -> None:
        self.device = None

    @rule()
    def listed(self) -> None:
        found = HeldGrant("g", self.device, True) if self.device is not None else None
        self.feed(Listed(found, RIGHT))
        if found is not None and self.life.is_wanted and found.revision == self.life.revision:
            self.seen_applied.add((self.life.revision, True))
        if found is None and not self.life.is_wanted:
            self.seen_applied.add((self.life.revision, False))

    @invariant()
    def confirmed_only_when_it_was_seen(self) -> None:
        if self.life.state is LifeState.CONFIRMED:
            assert (self.life.revision, True) in self.seen_applied

    @invariant()
    def removed_only_when_never_told_or_seen_gone(self) -> None:
        if self.life.state is LifeState.REMOVED:
            assert not self.life.is_told

    @invariant()
    def never_forgotten(self) -> None:
        if self.life.state is not LifeState.REMOVED:
            assert self.life.next_at is not None

    @invariant()
    def accepted_does_not_last(self) -> None:
        later = step(self.life, Tick(), self.now + TERMS.confirm_s, TERMS)
        assert later.state is not LifeState.ACCEPTED

    @invariant()
    def a_healthy_controller_brings_it_to_its_end(self) -> None:
        life, now = self.life, self.now
        for _ in range(6):
            now = max(now, life.next_at or now)
            life = step(life, Tick(), now, TERMS)
            if due(life, now) is not None:
                life = step(life, Sent(), now, TERMS)
                life = step(life, Received(life.revision, True), now, TERMS)
        assert life.state in (LifeState.CONFIRMED, LifeState.REMOVED)


ALifeTellsTheTruth.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestALifeTellsTheTruth = ALifeTellsTheTruth.TestCase
