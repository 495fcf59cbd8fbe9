"""A booking gives a PIN (AC-01, BM-24)."""

import itertools
import uuid
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.errors import NeedsAttention
from appliance.keys.pins import (
    DIGITS,
    STRONG_PINS_PER_ISSUER,
    Issuer,
    allocate,
    guess_odds,
    is_weak,
    parse_keypad,
    pin,
    pin_lookup,
    pins,
)

SECRET = bytes(range(32))
LOOKUP_KEY = bytes(range(32, 64))
BOOKING = "01890a5d-ac96-774b-bcce-b302099a8057"

issuers = st.sampled_from(Issuer)


class TestPin:
    def test_it_never_changes_between_releases(self) -> None:
        """AC-01: the confirmation, the kiosk and the key page show the same PIN as last year's program would."""
        assert pin(SECRET, BOOKING, 0, Issuer.UNIT) == "356694"
        assert pin(SECRET, BOOKING, 1, Issuer.UNIT) == "176641"
        assert pin(SECRET, BOOKING, 0, Issuer.CENTRAL) == "957532"

    @given(st.binary(min_size=32, max_size=32), st.uuids(), st.integers(0, 2**32 - 1), issuers)
    def test_it_has_six_digits_and_its_issuer_is_told_by_the_first(
        self, secret: bytes, booking: uuid.UUID, counter: int, issuer: Issuer
    ) -> None:
        """AC-01"""
        made = pin(secret, str(booking), counter, issuer)
        assert len(made) == DIGITS
        assert made.isascii()
        assert made.isdigit()
        assert made[0] in ("01234" if issuer is Issuer.UNIT else "56789")

    def test_secret_booking_and_counter_all_matter(self) -> None:
        """AC-01"""
        made = {
            pin(secret, booking, counter, Issuer.UNIT)
            for secret in (SECRET, LOOKUP_KEY)
            for booking in (BOOKING, BOOKING[:-1] + "8")
            for counter in (0, 1)
        }
        assert len(made) == 8

    @pytest.mark.parametrize("issuer", list(Issuer))
    def test_all_pins_are_equally_likely(self, issuer: Issuer) -> None:
        """AC-01: chi-squared over the 50 first pairs of digits, 99.99th percentile of 49 degrees of freedom."""
        draws = 20_000
        counts = Counter(pin(SECRET, BOOKING, counter, issuer)[:2] for counter in range(draws))
        assert len(counts) == 50
        assert sum((count - draws / 50) ** 2 / (draws / 50) for count in counts.values()) < 94


class TestWeakPins:
    @pytest.mark.parametrize(
        "weak",
        [
            *("000000", "121212", "111222", "100001", "123456", "654321", "456789", "890123", "321098"),
            *("427427", "112233", "123321", "147258", "159753"),
        ],
    )
    def test_what_people_try_first_is_weak(self, weak: str) -> None:
        """AC-01"""
        assert is_weak(weak)

    @pytest.mark.parametrize("strong", ["428816", "199003", "135791", "123457", "840512"])
    def test_the_rest_is_not(self, strong: str) -> None:
        """AC-01"""
        assert not is_weak(strong)

    def test_the_published_number_of_strong_pins_is_counted(self) -> None:
        """AC-01: what is left to guess from is what the manual says."""
        half = 10**DIGITS // 2
        strong = [sum(not is_weak(f"{number:06}") for number in range(start, start + half)) for start in (0, half)]
        assert min(strong) == STRONG_PINS_PER_ISSUER
        assert max(strong) - min(strong) < 10

    @given(st.uuids(), issuers)
    def test_none_is_offered(self, booking: uuid.UUID, issuer: Issuer) -> None:
        """AC-01"""
        offered = list(itertools.islice(pins(SECRET, str(booking), issuer), 300))
        assert not any(is_weak(candidate) for _, candidate in offered)
        assert all(pin(SECRET, str(booking), counter, issuer) == candidate for counter, candidate in offered)
        assert [counter for counter, _ in offered] == sorted(counter for counter, _ in offered)


class TestAllocation:
    def test_ten_thousand_overlapping_bookings_get_ten_thousand_pins(self) -> None:
        """AC-01, BM-24: no two keys that are good at once at one door share a PIN."""
        taken: set[bytes] = set()
        shown: set[str] = set()
        bumped = 0
        for number in range(10_000):
            booking = str(uuid.UUID(int=number))
            issued = allocate(SECRET, LOOKUP_KEY, booking, Issuer.UNIT, taken)
            assert pin(SECRET, booking, issued.counter, Issuer.UNIT) == issued.pin
            taken.add(issued.lookup)
            shown.add(issued.pin)
            bumped += issued.counter > 0
        assert len(taken) == len(shown) == 10_000
        # The negative control: without the bump these bookings would have shared PINs.
        assert len({pin(SECRET, str(uuid.UUID(int=number)), 0, Issuer.UNIT) for number in range(10_000)}) < 10_000
        assert 100 < bumped < 300

    def test_unit_and_central_never_collide_without_asking_each_other(self) -> None:
        """AC-01"""
        bookings = [str(uuid.UUID(int=number)) for number in range(2_000)]
        made = [{allocate(SECRET, LOOKUP_KEY, booking, issuer, ()).pin for booking in bookings} for issuer in Issuer]
        assert made[0].isdisjoint(made[1])

    def test_when_every_pin_is_taken_a_person_is_told(self) -> None:
        """AC-01"""

        class Everything:
            def __contains__(self, lookup: object) -> bool:
                return True

        with pytest.raises(NeedsAttention, match="No free PIN"):
            allocate(SECRET, LOOKUP_KEY, BOOKING, Issuer.UNIT, Everything())

    def test_a_pin_does_not_show_itself_in_logs(self) -> None:
        """AC-01"""
        issued = allocate(SECRET, LOOKUP_KEY, BOOKING, Issuer.UNIT, ())
        assert issued.pin not in repr(issued)


class TestLookup:
    def test_it_depends_on_the_key_and_tells_pins_apart(self) -> None:
        """AC-01"""
        assert pin_lookup(LOOKUP_KEY, "428816") == pin_lookup(LOOKUP_KEY, "428816")
        assert len({pin_lookup(key, typed) for key in (SECRET, LOOKUP_KEY) for typed in ("428816", "428817")}) == 4
        assert pin_lookup(LOOKUP_KEY, "012345") != pin_lookup(LOOKUP_KEY, "12345")


class TestKeypad:
    @pytest.mark.parametrize("typed", ["1", "428816", "123456789", "000000000000"])
    def test_one_to_twelve_digits_may_be_a_pin(self, typed: str) -> None:
        assert parse_keypad(typed) == typed

    @pytest.mark.parametrize(
        "typed",
        [
            *("", " 428816", "428816\n", "428816#", "-42881", "+428816", "4_2_8", "1" * 13, "1" * 400, "1" * 1_000_000),
            *("٤٢٨٨١٦", "４２８８１６", "²³", "428 816", "a", "\x00"),
        ],
        ids=lambda typed: f"{len(typed)} {typed[:14]!a}",
    )
    def test_anything_else_is_malformed(self, typed: str) -> None:
        """AC-01: four hundred digits, other scripts' digits and blanks are no PIN."""
        assert parse_keypad(typed) is None


class TestOdds:
    def test_they_are_the_published_ones(self) -> None:
        """AC-01: the table of the manual; with repeats allowed the last of the four would be 26 per cent."""
        assert round(guess_odds(10, 6, 100), 5) == 0.00100
        assert round(guess_odds(10, 6, 3000), 3) == 0.030
        assert round(guess_odds(1, 4, 100), 4) == 0.0100
        assert round(guess_odds(1, 4, 3000), 4) == 0.3000

    def test_who_knows_the_issuer_guesses_among_half_as_many(self) -> None:
        """AC-01"""
        known = guess_odds(10, 6, 100, space=STRONG_PINS_PER_ISSUER)
        assert known == pytest.approx(2 * guess_odds(10, 6, 100), rel=0.01)

    @given(st.integers(0, 50), st.integers(0, 60))
    def test_they_equal_the_count_of_all_ways_to_miss(self, active: int, guesses: int) -> None:
        """AC-01: against the closed form C(100 - active, guesses) / C(100, guesses)."""
        from math import comb

        exact = 1 - comb(100 - active, guesses) / comb(100, guesses)
        assert guess_odds(active, 2, guesses) == pytest.approx(exact, abs=1e-12)
