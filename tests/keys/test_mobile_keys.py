"""A phone's answer to a challenge (AC-05)."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from appliance.keys.mobile_keys import ChallengeAnswer, answer_holds, is_public_key, parse_answer, spelled
from tests.keys.phones import Phone

DOOR, OTHER_DOOR = (f"0190a000-0000-7000-8000-{number:012x}" for number in (100, 101))
KEY, OTHER_KEY = (f"0190a000-0000-7000-8000-{number:012x}" for number in (1, 2))
CHALLENGE = bytes(range(16))
PHONES = [Phone(ec.generate_private_key(ec.SECP256R1())), Phone(Ed25519PrivateKey.generate())]


def parsed(text: str) -> ChallengeAnswer:
    answer = parse_answer(text)
    assert answer is not None
    return answer


@pytest.mark.parametrize("phone", PHONES, ids=["P-256", "Ed25519"])
def test_an_answer_is_good_for_its_door_and_its_key_and_nothing_else(phone: Phone) -> None:
    """AC-05: other door, other challenge and other key are refused."""
    answer = parsed(phone.answer(CHALLENGE, DOOR, KEY))
    assert answer_holds(phone.public_key, answer, DOOR)
    assert not answer_holds(phone.public_key, answer, OTHER_DOOR)
    assert not any(answer_holds(other.public_key, answer, DOOR) for other in PHONES if other is not phone)
    for changed in (
        ChallengeAnswer(bytes(16), answer.key_id, answer.signature),
        ChallengeAnswer(answer.challenge, OTHER_KEY, answer.signature),
        ChallengeAnswer(answer.challenge, answer.key_id, bytes(64)),
    ):
        assert not answer_holds(phone.public_key, changed, DOOR)


@pytest.mark.parametrize("phone", PHONES, ids=["P-256", "Ed25519"])
def test_an_answer_has_one_spelling(phone: Phone) -> None:
    """AC-05"""
    text = phone.answer(CHALLENGE, DOOR, KEY)
    assert parse_answer(text) is not None
    for other in (text + "=", text[:-1], " " + text, text.lower(), text.replace("PM1", "PM2"), text + "\n", ""):
        assert parse_answer(other) is None
    # The last characters of challenge and signature have bits to spare.
    head, last = text[:-1], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert sum(parse_answer(head + character) is not None for character in last) == 4


@given(st.text(max_size=300))
def test_noise_is_no_answer(text: str) -> None:
    """AC-05"""
    assert parse_answer(text) is None


def test_only_keys_that_can_be_checked_with_are_keys() -> None:
    """AC-05: a point beside the curve is none."""
    assert all(is_public_key(phone.public_key) for phone in PHONES)
    for wrong in (b"", bytes(65), b"\x04" + bytes(63) + b"\x01", bytes(33), bytes(31)):
        assert not is_public_key(wrong)
        assert not answer_holds(wrong, ChallengeAnswer(CHALLENGE, KEY, bytes(64)), DOOR) or len(wrong) == 32
    assert spelled(b"\xff\xff") == "__8"
