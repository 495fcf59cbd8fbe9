"""What VAKA holds and what it was asked, in every order in which it may come to be known (DR-05)."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.instants import HOUR, Interval
from drivers.axema.ledger import FORGOTTEN_AFTER_S, NEVER_DONE, Ledger, Question, Slot, Verb
from drivers.axema.messages import Reservation, Result
from drivers.controller_contract import Confirmation

NOW = 1_800_000_000
USER = "me"
SLOTS = [Slot("court", Interval(NOW + hour * HOUR, NOW + (hour + 1) * HOUR)) for hour in range(4)]
YES, NO = Result("c-1", "reservationResult", True), Result("c-1", "reservationResult", False, "why")


def asked(slot: Slot = SLOTS[0], verb: Verb = Verb.RESERVE, revision: int = 1, at: float = 0.0) -> Question:
    return Question(verb, "g", revision, slot, at)


def wished(*slots: Slot) -> Ledger:
    ledger = Ledger()
    ledger.wish("g", 1, slots, NOW + 4 * HOUR)
    return ledger


def test_a_result_that_comes_before_the_answer_counts() -> None:
    """DR-05: the webhook may overtake the 202 that names its correlation."""
    for result in (YES, NO):
        ledger = wished(SLOTS[0])
        assert ledger.answered(result, NOW) is None
        told = ledger.asked("c-1", asked(), NOW)
        assert told == Confirmation("g", 1, result.succeeded, result.error)


def test_a_failure_is_no_last_word_while_another_call_is_under_way_or_nobody_knows() -> None:
    """DR-05: the second of two calls is refused because the first was obeyed."""
    ledger = wished(SLOTS[0])
    ledger.asked("c-1", asked(), NOW)
    ledger.asked("c-2", asked(), NOW)
    assert ledger.answered(NO, NOW) is None
    assert ledger.answered(Result("c-2", "reservationResult", True), NOW) == Confirmation("g", 1, True)
    ledger = wished(SLOTS[0])
    ledger.doubt(SLOTS[0], 0.0)
    ledger.asked("c-1", asked(), NOW)
    assert ledger.answered(NO, NOW) is None
    assert not ledger.is_certain


def test_a_grant_of_two_slots_is_confirmed_by_the_second_result() -> None:
    """DR-05."""
    ledger = wished(*SLOTS[:2])
    ledger.asked("c-1", asked(SLOTS[0]), NOW)
    ledger.asked("c-2", asked(SLOTS[1]), NOW)
    assert ledger.answered(YES, NOW) is None
    assert ledger.answered(Result("c-2", "reservationResult", True), NOW) == Confirmation("g", 1, True)


def test_what_nobody_answers_is_forgotten_in_time_and_told_as_refused() -> None:
    """DR-05: accepted and never done; whoever waits for it asks again, long before a guest stands there."""
    ledger = wished(SLOTS[0])
    ledger.asked("c-1", asked(at=0.0), NOW)
    assert ledger.listed([], USER, NOW, FORGOTTEN_AFTER_S - 1) == []
    assert ledger.missing("g", NOW) == []
    assert ledger.listed([], USER, NOW, FORGOTTEN_AFTER_S) == [Confirmation("g", 1, False, NEVER_DONE)]
    assert ledger.missing("g", NOW) == [SLOTS[0]]


def test_of_what_was_forgotten_only_the_newest_wish_is_told() -> None:
    """DR-05: a call about an older revision says nothing about what is wanted now."""
    ledger = wished(SLOTS[0])
    ledger.asked("c-1", asked(at=0.0), NOW)
    ledger.wish("g", 2, SLOTS[1:2], SLOTS[1].window.end)
    assert ledger.listed([], USER, NOW, FORGOTTEN_AFTER_S) == []


def test_slots_that_are_over_are_no_more_needed() -> None:
    """DR-05: the first hour of two has passed."""
    ledger = wished(*SLOTS[:2])
    assert ledger.missing("g", SLOTS[0].window.end) == [SLOTS[1]]
    assert ledger.is_settled("g", SLOTS[1].window.end)


def test_what_our_user_has_and_no_grant_explains_comes_without_an_id() -> None:
    """DR-05: seen, and left alone."""
    ledger = wished(SLOTS[0])
    held = [Reservation(f"r-{at}", USER, slot.resource_id, slot.window) for at, slot in enumerate(SLOTS[:2])]
    held.append(Reservation("r-9", "other", "court", SLOTS[3].window))
    ledger.listed(held, USER, NOW, 0.0)
    assert [one.grant_id for one in ledger.report(NOW)] == ["g", ""]
    assert ledger.surplus("g", NOW) == []


@given(st.lists(st.sets(st.sampled_from(SLOTS)), min_size=1, max_size=6), st.sets(st.sampled_from(SLOTS)))
def test_asking_for_the_missing_and_against_the_surplus_always_ends_with_what_is_wished(
    wishes: list[set[Slot]], held_at_first: set[Slot]
) -> None:
    """DR-05: two grants, any history of wishes, any part of it already held."""
    ledger = Ledger()
    held = dict.fromkeys(held_at_first, "r")
    for number, wish in enumerate(wishes):
        ledger.wish(f"g-{number % 2}", number, wish, NOW + 4 * HOUR)
    ledger.listed([Reservation("r", USER, one.resource_id, one.window) for one in held], USER, NOW, 0.0)
    for id_ in ("g-0", "g-1"):
        held |= dict.fromkeys(ledger.missing(id_, NOW), "r")
        for slot, _ in ledger.surplus(id_, NOW):
            del held[slot]
    wanted = set(wishes[-1]) | (set(wishes[-2]) if len(wishes) > 1 else set())
    once_wished = set().union(*wishes)
    assert wanted <= set(held)
    assert (set(held) - wanted) & once_wished == set()
    ledger.listed([Reservation("r", USER, one.resource_id, one.window) for one in held], USER, NOW, 1.0)
    assert all(ledger.is_settled(id_, NOW) for id_ in ("g-0", "g-1"))
