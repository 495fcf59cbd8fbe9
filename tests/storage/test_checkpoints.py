"""Signed heads: a chain that was written anew, however carefully, is found (AC-20)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.errors import Invalid
from appliance.foundation.instants import DAY, MINUTE
from appliance.storage import checkpoints
from appliance.storage.chain import Break, Change, Entry, Head, follow, start, verify
from appliance.storage.checkpoints import Checkpoint, Pace, anchor_form, key_id, parse, parse_anchor, sign
from appliance.storage.verifying import MOST_ENTRIES, Verified, verify_signed
from tests.storage.forging import rehashed, without_checkpoints

FILE = "0190a000-0000-7000-8000-000000000001"
OTHER_FILE = "0190a000-0000-7000-8000-000000000002"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = {key_id(KEY.public_key()): KEY.public_key()}
BOTH_KEYS = {**KEYS, key_id(OTHER_KEY.public_key()): OTHER_KEY.public_key()}
T = 1_800_000_000


class Chain:
    """A journal in memory."""

    def __init__(self, file_id: str = FILE) -> None:
        self.entries: list[Entry] = []
        self.head = start(file_id)
        self.now = T

    def add(self, change: Change) -> "Chain":
        self.entries.append(follow(self.head, change, self.now, "f"))
        self.head = Head(self.head.file_id, self.entries[-1].seq, self.entries[-1].hash)
        return self

    def say(self, count: int = 1, every_s: int = 0) -> "Chain":
        for _ in range(count):
            self.now += every_s
            self.add(Change("door", "presentation", str(self.head.seq), "granted", after={"n": self.head.seq}))
        return self

    def sign(self, key: Ed25519PrivateKey = KEY) -> "Chain":
        return self.add(checkpoints.change(sign(self.head, self.now, key), "door"))

    def newest(self) -> Checkpoint:
        return parse([entry for entry in self.entries if entry.entity == checkpoints.ENTITY][-1].body_after())


def walked(entries: list[Entry], kept: Checkpoint | None = None) -> Verified | Break:
    return verify_signed(start(FILE), entries, KEYS, kept)


@pytest.mark.feature("AC-20")
def test_a_journal_says_how_far_it_is_signed() -> None:
    """AC-20: the head that was signed, when, and how many entries wait for the next time."""
    chain = Chain().say(3).sign().say(2).sign()
    chain.say(4)
    found = walked(chain.entries)
    assert isinstance(found, Verified)
    assert (found.head, found.unsigned, found.late) == (chain.head, 4, ())
    assert found.newest == chain.newest()
    assert found.newest is not None
    assert (found.newest.head.seq, found.newest.at) == (6, T)


def test_a_journal_that_nobody_signed_yet_holds_for_a_while() -> None:
    """AC-20: an empty one, and the first hour of a unit."""
    assert walked([]) == Verified(start(FILE), None, 0, ())
    found = walked(Chain().say(60, MINUTE).entries)
    assert isinstance(found, Verified)
    assert (found.newest, found.unsigned) == (None, 60)


def altered(entries: list[Entry], at: int) -> list[Entry]:
    return [*entries[:at], replace(entries[at], actor="somebody else"), *entries[at + 1 :]]


def deleted(entries: list[Entry], at: int) -> list[Entry]:
    return [*entries[:at], *entries[at + 1 :]]


def swapped(entries: list[Entry], at: int) -> list[Entry]:
    return [*entries[:at], entries[at + 1], entries[at], *entries[at + 2 :]]


def invented(entries: list[Entry], at: int) -> list[Entry]:
    return [*entries[:at], replace(entries[at], actor="somebody else"), *entries[at:]]


MUTATIONS = (altered, deleted, swapped, invented)


@pytest.mark.feature("AC-20")
@given(
    steps=st.lists(st.tuples(st.integers(2, 4), st.integers(0, 600)), min_size=1, max_size=6),
    mutation=st.sampled_from(MUTATIONS),
    data=st.data(),
)
def test_whatever_is_done_to_one_entry_before_the_last_checkpoint_is_found(
    steps: list[tuple[int, int]], mutation: Callable[[list[Entry], int], list[Entry]], data: st.DataObject
) -> None:
    """AC-20: altered, deleted, invented or put elsewhere; with the hashes left alone, and with fresh ones.

    Where the checkpoints are taken out as well, nothing is wrong with the chain itself: one kept elsewhere finds it.
    """
    chain = Chain()
    for count, every_s in steps:
        chain.say(count, every_s).sign()
    assert isinstance(walked(chain.entries, chain.newest()), Verified)
    mutated = mutation(chain.entries, data.draw(st.integers(0, len(chain.entries) - (3 if mutation is swapped else 2))))
    assert isinstance(walked(mutated), Break)
    assert isinstance(walked(rehashed(FILE, mutated)), Break)
    stripped = rehashed(FILE, without_checkpoints(mutated))
    assert isinstance(walked(stripped, chain.newest()), Break)


def test_without_checkpoints_a_rewritten_chain_passes() -> None:
    """AC-20: negative control: it is the signature that finds it, not the hash chain."""
    chain = Chain().say(5).sign().say(5).sign()
    rewritten = rehashed(FILE, altered(chain.entries, 2))
    assert isinstance(verify(start(FILE), rewritten), Head)
    assert isinstance(walked(rewritten), Break)
    bare = rehashed(FILE, without_checkpoints(rewritten))
    assert isinstance(walked(bare), Verified)


def test_an_end_that_was_cut_off_is_found_by_what_was_kept_elsewhere() -> None:
    """AC-20: a shorter chain is a good chain by itself, signed or not."""
    chain = Chain().say(5).sign().say(5).sign()
    shorter = chain.entries[:8]
    assert isinstance(walked(shorter), Verified)
    assert walked(shorter, chain.newest()) == Break(9, "the end is cut off: entry 11 was kept, entry 8 is the last")
    assert isinstance(walked(chain.entries[:11], chain.newest()), Verified)


def test_an_end_that_was_cut_off_and_grew_again_is_found_too() -> None:
    """AC-20: by the hash at the kept place, though the chain is as long as it was."""
    chain = Chain().say(5).sign().say(5).sign()
    kept = chain.newest()
    regrown = Chain().say(5).sign()
    regrown.now += 1
    regrown.say(20).sign()
    assert walked(regrown.entries, kept) == Break(
        11, "entry 11 or one before it is not what it was when its head was kept"
    )


def test_what_was_kept_of_another_file_is_not_compared() -> None:
    """AC-20: a file that was put in the place of the journal is named as such."""
    other = Chain(OTHER_FILE).say(5).sign()
    found = walked(Chain().say(9).sign().entries, other.newest())
    assert found == Break(0, "this is another file than the one whose head was kept")


def test_a_signature_of_an_unknown_key_is_found() -> None:
    """AC-20: nobody signs with a key of their own."""
    chain = Chain().say(3).sign(OTHER_KEY)
    found = walked(chain.entries)
    assert found == Break(4, f"checkpoint 4 is signed with key {key_id(OTHER_KEY.public_key())}, which is not known")
    assert isinstance(verify_signed(start(FILE), chain.entries, BOTH_KEYS), Verified)


def test_a_signature_of_one_key_under_the_name_of_another_is_found() -> None:
    """AC-20"""
    chain = Chain().say(3)
    forged = replace(sign(chain.head, T, OTHER_KEY), key=key_id(KEY.public_key()))
    chain.add(checkpoints.change(forged, "door"))
    assert walked(chain.entries) == Break(4, "checkpoint 4 has a wrong signature")


def test_older_checkpoints_hold_when_the_key_was_changed() -> None:
    """AC-20: each names its key, and old public halves stay."""
    chain = Chain().say(3).sign(OTHER_KEY).say(3).sign(KEY)
    found = verify_signed(start(FILE), chain.entries, BOTH_KEYS)
    assert isinstance(found, Verified)
    assert found.unsigned == 0


@pytest.mark.parametrize("from_file", [OTHER_FILE, FILE], ids=["another file", "another place"])
def test_a_good_checkpoint_from_elsewhere_is_found(from_file: str) -> None:
    """AC-20: what was signed in another file or about another head cannot be copied in."""
    elsewhere = Chain(from_file).say(4).sign().newest()
    chain = Chain().say(3)
    chain.add(checkpoints.change(elsewhere, "door"))
    assert walked(chain.entries) == Break(4, "checkpoint 4 signs something else than the entries before it")


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "00" * 63},
        {"signature": "00" * 64 + "0"},
        {"hash": "ABCDEF" + "00" * 29},
        {"seq": 0},
        {"seq": True},
        {"at": 1 << 60},
        {"file": None},
        {"more": 1},
    ],
    ids=str,
)
def test_a_checkpoint_has_one_form(changes: dict[str, Any]) -> None:
    """AC-20: anything else is no checkpoint, and so a break."""
    chain = Chain().say(3)
    body = {**sign(chain.head, T, KEY).body(), **changes}
    with pytest.raises(Invalid):
        parse(body)
    chain.add(Change("door", checkpoints.ENTITY, FILE, checkpoints.VERB, after=body))
    found = walked(chain.entries)
    assert isinstance(found, Break)
    assert found.seq == 4
    assert found.message.startswith("entry 4 is no checkpoint: ")


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000], ids=["empty", "a list", "half", "deep"])
def test_noise_in_the_place_of_a_checkpoint_is_a_break_like_any_other(text: str) -> None:
    """AC-20: whoever can write the file can write anything into it."""
    chain = Chain().say(3).sign()
    noise = replace(chain.entries[3], after=text)
    found = walked(rehashed(FILE, [*chain.entries[:3], noise]))
    assert isinstance(found, Break)
    assert found.message.startswith("entry 4 is no checkpoint: ")


@pytest.mark.parametrize(
    ("count", "every_s"), [(26, 60 * MINUTE), (MOST_ENTRIES + 1, 0)], ids=["more than a day", "too many"]
)
def test_an_end_that_is_not_signed_for_long_is_a_break(count: int, every_s: int) -> None:
    """AC-20: taking the checkpoints out of a journal does not make it pass."""
    chain = Chain().say(3).sign()
    chain.say(count, every_s)
    found = walked(chain.entries)
    assert found == Break(5, f"entries 5 to {count + 4} are not signed, which is more than can be waiting")
    chain.sign()
    late = walked(chain.entries)
    assert isinstance(late, Verified)
    assert late.late == ((5, count + 4),)
    assert walked(chain.entries, chain.newest()) == replace(late, late=()), "whoever keeps a head has judged it"


def test_one_entry_after_a_week_of_quiet_is_not_late() -> None:
    """AC-20: it waits from when it was written, not from the last checkpoint."""
    chain = Chain().say(3).sign()
    chain.say(1, 7 * DAY)
    assert isinstance(walked(chain.entries), Verified)
    found = walked(chain.sign().entries)
    assert isinstance(found, Verified)
    assert found.late == ()


class TestPace:
    def test_a_journal_is_signed_after_a_quarter_or_a_thousand_entries(self) -> None:
        """AC-20"""
        pace = Pace(seq=10, monotonic=0.0)
        assert not pace.is_due(1_009, 899.0)
        assert pace.is_due(1_010, 0.0)
        assert pace.is_due(11, 900.0)

    def test_what_an_earlier_process_left_is_looked_at_once(self) -> None:
        """AC-20: it may have died before it signed."""
        pace = Pace(seq=10, monotonic=0.0)
        assert pace.is_due(10, 900.0)
        pace.looked(10, 900.0)
        assert not pace.is_due(10, 1_000_000.0)

    def test_something_new_after_a_long_quiet_is_signed_at_once(self) -> None:
        """AC-20"""
        pace = Pace(seq=0, monotonic=0.0)
        pace.looked(10, 0.0)
        assert not pace.is_due(11, 899.0)
        assert pace.is_due(11, 900.0)


class TestAnchors:
    def test_an_anchor_reads_as_it_was_written(self) -> None:
        """AC-20: among whatever else a report says."""
        kept = Chain().say(3).sign().newest()
        anchor = parse_anchor({"holds": True, **anchor_form(kept, BOTH_KEYS)}, "booking.db")
        assert anchor.checkpoint == kept
        assert set(anchor.keys) == set(BOTH_KEYS)

    @pytest.mark.parametrize("values", [None, [], {}, anchor_form(None, KEYS)], ids=str)
    def test_without_a_head_there_is_nothing_to_compare_with(self, values: object) -> None:
        """AC-20: it must not look as if something had been compared."""
        with pytest.raises(Invalid, match="no signed head"):
            parse_anchor(values, "booking.db")

    @pytest.mark.parametrize("keys", [None, "ab", [1], ["ab"], ["zz" * 32]], ids=str)
    def test_keys_are_read_strictly(self, keys: object) -> None:
        kept = Chain().say(3).sign().newest()
        with pytest.raises(Invalid, match="list of public keys"):
            parse_anchor({"head": kept.body(), "keys": keys}, "booking.db")

    def test_an_anchor_that_was_changed_is_no_anchor(self) -> None:
        """AC-20: its own signature holds, or it is refused."""
        kept = Chain().say(3).sign().newest()
        changed = replace(kept, head=replace(kept.head, seq=2))
        for checkpoint, keys in ((changed, KEYS), (kept, {})):
            with pytest.raises(Invalid, match="not made with any of its keys"):
                parse_anchor(anchor_form(checkpoint, keys), "booking.db")
