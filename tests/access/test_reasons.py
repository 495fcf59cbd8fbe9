"""The closed list of reasons has a sentence and a next step for each."""

from appliance.access.reasons import SENTENCES, Reason, told


def test_every_reason_has_a_sentence_and_a_next_step() -> None:
    """AC-09: nobody is left with a bare code."""
    assert set(SENTENCES) == set(Reason)
    assert all(sentence.what.endswith(".") and sentence.next_step.endswith(".") for sentence in SENTENCES.values())


def test_what_did_not_match_is_only_ever_unknown_or_about_the_door() -> None:
    """AC-10: nothing that a guesser hears depends on a key."""
    heard = {told(reason, matched=False, guessable=guessable) for reason in Reason for guessable in (True, False)}
    assert heard == {
        Reason.UNKNOWN, Reason.MALFORMED, Reason.BAD_SIGNATURE, Reason.LOCKED_OUT, Reason.LOCKDOWN,
        Reason.CHALLENGE_STALE,
    }  # fmt: skip
