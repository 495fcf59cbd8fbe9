"""Staff sign in with a password that is stored as argon2id only (DESIGN: no default password exists)."""

import time
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from appliance.identity.passwords import hash_password, needs_rehash, random_password, same_password, verify_password

STORED = hash_password("Räksmörgås 7")


def test_only_the_password_itself_is_accepted() -> None:
    assert verify_password(STORED, "Räksmörgås 7")
    for wrong in ("", "räksmörgås 7", "Räksmörgås 7 ", "Räksmörgås", "\ud800", STORED):
        assert not verify_password(STORED, wrong)


def test_it_does_not_matter_how_a_machine_spells_its_letters() -> None:
    assert verify_password(STORED, "Ra\u0308ksmo\u0308rga\u030as 7")


def test_two_spellings_of_one_password_are_the_same() -> None:
    assert same_password("Räksmörgås 7", "Ra\u0308ksmo\u0308rga\u030as 7")
    assert not same_password("Räksmörgås 7", "räksmörgås 7")
    assert same_password("\ud800", "\ud800")


def test_the_stored_form_is_argon2id_with_a_salt_of_its_own() -> None:
    assert STORED.startswith("$argon2id$v=19$m=19456,t=3,p=1$")
    assert hash_password("Räksmörgås 7") != STORED
    assert "Räksmörgås" not in STORED


def test_nobody_has_no_password() -> None:
    for guess in ("", "admin", "password", random_password()):
        assert not verify_password(None, guess)


@pytest.mark.parametrize("stored", ["", "admin", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv", "sha1$x"])
def test_a_broken_hash_opens_to_nothing(stored: str) -> None:
    assert not verify_password(stored, stored)
    assert not verify_password(stored, "")


def test_an_unknown_user_costs_the_same_work_as_a_known_one() -> None:
    """Processor time, the least of five: a sign-in must not tell who is on the staff."""

    def work(check: Callable[[], bool]) -> float:
        times = []
        for _ in range(5):
            started = time.process_time()
            check()
            times.append(time.process_time() - started)
        return min(times)

    verify_password(None, "warm")
    known = work(lambda: verify_password(STORED, "wrong"))
    unknown = work(lambda: verify_password(None, "wrong"))
    assert 0.5 < unknown / known < 2


def test_a_very_long_password_is_refused_without_reading_it_all() -> None:
    with pytest.raises(ValueError, match="at most 1024"):
        hash_password("x" * 1025)
    stored = hash_password("x" * 1024)
    assert verify_password(stored, "x" * 1024)
    assert not verify_password(stored, "x" * 1_000_000)


def test_a_hash_of_older_cost_asks_to_be_made_again() -> None:
    assert not needs_rehash(STORED)
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x"))


def test_a_random_password_can_be_read_aloud_and_never_comes_twice() -> None:
    made = {random_password() for _ in range(500)}
    assert len(made) == 500
    assert all(len(password) == 19 and password.count("-") == 3 for password in made)
    assert set("".join(made)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
