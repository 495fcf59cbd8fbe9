"""One's own password: changed by who knows the old one, guessed by nobody, and never kept from a one-time one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import argon2
import pytest

from appliance.boot import demo_world
from appliance.boot.booking_side import open_booking_side, prepare
from appliance.foundation.clock import FakeClock
from appliance.foundation.errors import NeedsAttention
from appliance.foundation.refusals import Refusal
from appliance.foundation.scope import Scope
from appliance.identity import store
from appliance.identity.passwords import needs_rehash
from appliance.identity.signing_in import FIRST_LOCK_S, FREE_TRIES, SignedIn, SigningIn, give_password
from appliance.identity.store import SignInThrottle, StaffMember
from appliance.storage.unit_of_work import Book, Transaction
from tests.builders import ADMIN, NOW, Site, unit_settings

NEW = "nio små hästar"


class Interrupted(Book):
    """A booking file that somebody else writes to first: between what a try has read and what it writes."""

    def __init__(self, book: Book, meanwhile: Callable[[], object]) -> None:
        self._book = book
        self._meanwhile: Callable[[], object] | None = meanwhile

    @contextmanager
    def read(self, scope: Scope) -> Iterator[Transaction]:
        with self._book.read(scope) as tx:
            yield tx

    @contextmanager
    def write(self, scope: Scope, actor: str) -> Iterator[Transaction]:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        with self._book.write(scope, actor) as tx:
            yield tx


def interrupted(site: Site, meanwhile: Callable[[], object]) -> SigningIn:
    return SigningIn(Interrupted(site.side.book, meanwhile), site.side.scope)


def hash_at_an_older_cost(site: Site) -> str:
    """The administrator's password as a version with a cheaper hash would have kept it; the hash."""
    older = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(site.password)
    with site.side.book.write(site.side.scope, "test") as tx:
        member = store.staff_named(tx, ADMIN)
        assert member is not None
        store.set_password(tx, member.id, older, one_time=False)
    return older


def kept(site: Site) -> tuple[StaffMember | None, SignInThrottle]:
    """The administrator and the count of tries, as they stand in the file."""
    with site.side.book.read(site.side.scope) as tx:
        return store.staff_named(tx, ADMIN), store.throttle_of(tx, ADMIN)


def signed_in(site: Site, password: str | None = None) -> SignedIn:
    """A session of the administrator; fails when it is refused."""
    answer = site.side.signing_in.sign_in(ADMIN, site.password if password is None else password)
    assert isinstance(answer, SignedIn), answer
    return answer


def reasons(answer: SignedIn | tuple[Refusal, ...]) -> list[str]:
    """Why a change was refused; empty for one that was made."""
    return [] if isinstance(answer, SignedIn) else [each.reason for each in answer]


def wrong_change(site: Site, member: StaffMember) -> list[str]:
    return reasons(site.side.signing_in.change_password(member, "a guess", NEW))


def test_the_new_password_is_good_and_the_old_one_is_not(site: Site) -> None:
    changed = site.side.signing_in.change_password(signed_in(site).member, site.password, NEW, NEW)
    assert isinstance(changed, SignedIn)
    assert site.side.signing_in.sign_in(ADMIN, site.password) == Refusal("wrong_sign_in")
    assert signed_in(site, NEW).member == changed.member


def test_every_session_but_the_new_one_ends(site: Site) -> None:
    here, elsewhere = signed_in(site), signed_in(site)
    changed = site.side.signing_in.change_password(here.member, site.password, NEW)
    assert isinstance(changed, SignedIn)
    assert site.side.signing_in.member(changed.token) == changed.member
    assert [site.side.signing_in.member(old.token) for old in (here, elsewhere)] == [None, None]


def test_who_changed_a_password_stands_in_the_journal_without_it(site: Site) -> None:
    member = signed_in(site).member
    site.side.signing_in.change_password(member, site.password, NEW)
    last = site.rows("SELECT actor, entity_id, verb, before, after FROM journal ORDER BY seq DESC LIMIT 1")
    assert last == [(f"staff:{member.id}", member.id, "password_changed", None, None)]


@pytest.mark.parametrize(
    ("old", "new", "repeated", "expected"),
    [
        ("", "short", "short", ["password_too_short"]),
        ("", "nine char", None, ["password_too_short"]),
        ("", " " * 40, " " * 40, ["password_too_short"]),
        ("", "ten chars.", None, []),
        ("", "x" * 1025, None, ["password_too_long"]),
        ("", "x" * 1024, None, []),
        ("", NEW, "nio sma hastar", ["password_not_repeated"]),
        ("", NEW, "nio sma\u030a ha\u0308star", []),
        ("a guess", NEW, None, ["wrong_sign_in"]),
        (
            "a guess",
            "a guess",
            "guess",
            ["wrong_sign_in", "password_too_short", "password_unchanged", "password_not_repeated"],
        ),
    ],
)
def test_everything_that_is_wrong_is_told_at_once(
    site: Site, old: str, new: str, repeated: str | None, expected: list[str]
) -> None:
    member = signed_in(site).member
    assert reasons(site.side.signing_in.change_password(member, old or site.password, new, repeated)) == expected
    assert (signed_in(site, new if not expected else site.password)).member.id == member.id


def test_a_new_password_differs_from_the_old_one(site: Site) -> None:
    changed = site.side.signing_in.change_password(signed_in(site).member, site.password, site.password)
    assert reasons(changed) == ["password_unchanged"]


def test_wrong_old_passwords_and_wrong_sign_ins_are_counted_together(site: Site) -> None:
    """AC-10: who finds an open screen may guess no faster than anybody at the door of the house."""
    member = signed_in(site).member
    for _ in range(FREE_TRIES - 2):
        assert site.side.signing_in.sign_in(ADMIN, "a guess") == Refusal("wrong_sign_in")
    assert [wrong_change(site, member) for _ in range(2)] == [["wrong_sign_in"]] * 2
    locked = Refusal("sign_in_locked", NOW + FIRST_LOCK_S)
    assert site.side.signing_in.change_password(member, site.password, NEW) == (locked,)
    assert site.side.signing_in.sign_in(ADMIN, site.password) == locked
    site.clock.advance(FIRST_LOCK_S)
    assert wrong_change(site, member) == ["wrong_sign_in"]
    assert site.side.signing_in.change_password(member, site.password, NEW) == (
        Refusal("sign_in_locked", NOW + 3 * FIRST_LOCK_S),
    )


def test_a_lock_out_also_tells_what_is_wrong_with_the_new_password(site: Site) -> None:
    member = signed_in(site).member
    for _ in range(FREE_TRIES):
        wrong_change(site, member)
    told = site.side.signing_in.change_password(member, site.password, "short")
    assert reasons(told) == ["sign_in_locked", "password_too_short"]


def test_the_right_old_password_ends_the_count(site: Site) -> None:
    """AC-10: also when the new one is not good enough yet."""
    member = signed_in(site).member
    for _ in range(2):
        assert [wrong_change(site, member) for _ in range(FREE_TRIES - 1)] == [["wrong_sign_in"]] * (FREE_TRIES - 1)
        assert reasons(site.side.signing_in.change_password(member, site.password, "short")) == ["password_too_short"]


def test_a_password_that_was_changed_meanwhile_changes_nothing_any_more(site: Site) -> None:
    """Two requests side by side: the second still knows its member by the old hash."""
    member = signed_in(site).member
    assert isinstance(site.side.signing_in.change_password(member, site.password, NEW), SignedIn)
    assert reasons(site.side.signing_in.change_password(member, site.password, "another good one")) == ["wrong_sign_in"]
    signed_in(site, NEW)


def test_a_sign_in_makes_an_old_hash_again_and_ends_no_session(site: Site) -> None:
    older = hash_at_an_older_cost(site)
    with site.side.book.write(site.side.scope, "test") as tx:
        member = store.staff_named(tx, ADMIN)
        assert member is not None
        store.add_session(tx, b"elsewhere", member.id)
    fresh = signed_in(site).member
    assert fresh.password_hash != older
    assert not needs_rehash(fresh.password_hash)
    assert kept(site)[0] == fresh
    with site.side.book.read(site.side.scope) as tx:
        assert store.session_staff(tx, b"elsewhere") == (fresh, False)


def test_two_sign_ins_side_by_side_may_both_make_an_old_hash_again(site: Site) -> None:
    """AC-10: whose hash was replaced by the other one gave no wrong password."""
    hash_at_an_older_cost(site)
    begun = interrupted(site, lambda: signed_in(site)).sign_in(ADMIN, site.password)
    assert isinstance(begun, SignedIn), begun
    assert kept(site) == (begun.member, SignInThrottle(0, 0))
    assert site.side.signing_in.member(begun.token) == begun.member


def test_a_change_beside_a_sign_in_that_makes_an_old_hash_again_is_made(site: Site) -> None:
    """AC-10: here too nobody gave a wrong password."""
    hash_at_an_older_cost(site)
    member = kept(site)[0]
    assert member is not None
    changed = interrupted(site, lambda: signed_in(site)).change_password(member, site.password, NEW)
    assert isinstance(changed, SignedIn), changed
    assert kept(site) == (changed.member, SignInThrottle(0, 0))


def test_a_sign_in_beside_a_change_of_the_password_is_held_against_the_new_one(site: Site) -> None:
    """AC-10: negative control; a hash that was replaced for good lets nobody in, and the try is counted once."""
    member = signed_in(site).member
    meanwhile = interrupted(site, lambda: site.side.signing_in.change_password(member, site.password, NEW))
    assert meanwhile.sign_in(ADMIN, site.password) == Refusal("wrong_sign_in")
    assert kept(site)[1].wrong == 1


def test_a_one_time_password_is_one_until_it_is_changed(site: Site) -> None:
    password = site.one_time_password()
    begun = signed_in(site, password)
    assert begun.member.one_time
    changed = site.side.signing_in.change_password(begun.member, password, NEW)
    assert isinstance(changed, SignedIn)
    assert not changed.member.one_time
    assert not signed_in(site, NEW).member.one_time


def test_a_given_password_ends_every_session(site: Site) -> None:
    begun = signed_in(site)
    site.one_time_password()
    assert site.side.signing_in.member(begun.token) is None


def test_nobody_can_be_given_a_password(site: Site) -> None:
    with (
        pytest.raises(NeedsAttention, match="no member of staff called nobody"),
        site.side.book.write(site.side.scope, "test") as tx,
    ):
        give_password(tx, "nobody", one_time=True)


def test_the_password_of_a_first_start_is_for_one_time_and_comes_once(tmp_path: Path) -> None:
    world, clock = demo_world.world(1), FakeClock(NOW)
    settings = unit_settings(tmp_path / "data", world)
    password = prepare(settings, world.facility, clock)
    assert password is not None
    assert prepare(settings, world.facility, clock) is None
    side = open_booking_side(settings, clock)
    begun = side.signing_in.sign_in(ADMIN, password)
    side.book.close()
    assert isinstance(begun, SignedIn)
    assert begun.member.one_time


def test_no_password_shows_when_a_session_is_printed(site: Site) -> None:
    begun = signed_in(site)
    assert begun.token not in repr(begun)
    assert begun.member.password_hash not in repr(begun)
