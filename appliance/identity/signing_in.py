"""Signing in and out, and changing one's password: every password that is tried counts, whoever it is tried for.

A try costs the same work for a user who exists and one who does not. Its slow hash runs outside every transaction, so
that the member may change meanwhile: then the try is made again, on what stands in the file now.
"""

from dataclasses import dataclass, field, replace

from appliance.foundation.errors import NeedsAttention
from appliance.foundation.i18n import marked
from appliance.foundation.instants import Instant
from appliance.foundation.refusals import Refusal
from appliance.foundation.scope import Scope
from appliance.identity import store
from appliance.identity.passwords import (
    PASSWORD_LIMIT,
    hash_password,
    needs_rehash,
    random_password,
    same_password,
    verify_password,
)
from appliance.identity.session_tokens import is_token, new_token, token_digest
from appliance.identity.store import DeviceToken, SignInThrottle, StaffMember
from appliance.storage.unit_of_work import Book, Transaction

FREE_TRIES = 5
FIRST_LOCK_S = 30
LONGEST_LOCK_S = 15 * 60
USER_LENGTH = 80
SHORTEST_PASSWORD = 10

SENTENCES = {
    "wrong_sign_in": marked("The user name and password do not belong together."),
    "sign_in_locked": marked("Too many tries. Wait until {time} and try again."),
    "password_too_short": marked("A password needs at least 10 characters."),
    "password_too_long": marked("A password has at most 1024 characters."),
    "password_unchanged": marked("The new password must differ from the old one."),
    "password_not_repeated": marked("The two new passwords differ. Type the same one twice."),
}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. `token` is its only copy."""

    token: str = field(repr=False)
    member: StaffMember


class SigningIn:
    """Who may act as staff or as a device.

    scope: the facility, whose kiosks and readers are known here. staff: where staff are known, the facility itself
    unless said otherwise: those of an organisation act at each of its facilities (DY-58).
    """

    def __init__(self, book: Book, scope: Scope, staff: Scope | None = None) -> None:
        self._book = book
        self._scope = scope
        self._staff = staff or scope

    def sign_in(self, user: str, password: str) -> SignedIn | Refusal:
        """A session for the right password; else `wrong_sign_in`, or `sign_in_locked` with the instant it ends."""
        while (answer := self._sign_in(user, password)) is None:
            continue
        return answer

    def member(self, token: str) -> StaffMember | None:
        """Whose session a token is; None when it ended, never was, or is no token at all."""
        if not is_token(token):
            return None
        digest = token_digest(token)
        with self._book.read(self._staff) as tx:
            found = store.session_staff(tx, digest)
        if found is None:
            return None
        member, stale = found
        if stale:
            with self._book.write(self._staff, f"staff:{member.id}") as tx:
                store.touch_session(tx, digest)
        return member

    def sign_out(self, token: str) -> None:
        """End a session; silent when it has ended already."""
        with self._book.write(self._staff, "sign-out") as tx:
            store.end_session(tx, token_digest(token))

    def change_password(
        self, member: StaffMember, old: str, new: str, repeated: str | None = None
    ) -> SignedIn | tuple[Refusal, ...]:
        """Replace one's own password: every session of the member ends, and a fresh one begins. Else all that is wrong.

        A wrong old password counts as a try at signing in: who finds an open screen may not guess faster than others.
        `repeated` is the new one typed once more by somebody who does not see it.
        """
        unfit = _unfit(old, new, repeated)
        while (answer := self._change(member.user, old, new, unfit)) is None:
            continue
        return answer

    def names(self) -> dict[str, str]:
        """User names of staff, by the actor that stands in journals."""
        with self._book.read(self._staff) as tx:
            return {f"staff:{staff_id}": user for staff_id, user in store.staff_names(tx).items()}

    def device(self, token: str) -> DeviceToken | None:
        """Which kiosk or reader bears this token."""
        if not is_token(token):
            return None
        with self._book.read(self._scope) as tx:
            return store.device_of(tx, token_digest(token))

    def _sign_in(self, user: str, password: str) -> SignedIn | Refusal | None:
        """One attempt; None, with nothing done, when the member changed while the hash ran."""
        subject = user[:USER_LENGTH]
        locked, member = self._standing(subject)
        if locked is not None:
            return locked
        right = verify_password(member.password_hash if member else None, password) and len(user) <= USER_LENGTH
        is_dated = right and member is not None and needs_rehash(member.password_hash)
        renewed = hash_password(password) if is_dated else ""
        with self._book.write(self._staff, f"sign-in:{member.id if member else 'unknown'}") as tx:
            if store.staff_named(tx, subject) != member:
                return None
            proven = _proven(tx, subject, member if right else None)
            if isinstance(proven, Refusal):
                return proven
            if renewed:
                store.renew_hash(tx, proven.id, renewed)
                proven = replace(proven, password_hash=renewed)
            tx.record("staff", proven.id, "signed_in")
            return _begun(tx, proven)

    def _change(
        self, user: str, old: str, new: str, unfit: tuple[Refusal, ...]
    ) -> SignedIn | tuple[Refusal, ...] | None:
        """One attempt, as `_sign_in`."""
        locked, member = self._standing(user)
        if locked is not None:
            return locked, *unfit
        right = verify_password(member.password_hash if member else None, old)
        hashed = hash_password(new) if right and not unfit else ""
        with self._book.write(self._staff, f"staff:{member.id if member else 'unknown'}") as tx:
            if store.staff_named(tx, user) != member:
                return None
            proven = _proven(tx, user, member if right else None)
            if isinstance(proven, Refusal):
                return proven, *unfit
            if unfit:
                return unfit
            store.set_password(tx, proven.id, hashed, one_time=False)
            return _begun(tx, replace(proven, one_time=False, password_hash=hashed))

    def _standing(self, subject: str) -> tuple[Refusal | None, StaffMember | None]:
        """The lock on a user name, if there is one, and whose name it is."""
        with self._book.read(self._staff) as tx:
            return _locked(store.throttle_of(tx, subject), tx.now), store.staff_named(tx, subject)


def first_administrator(tx: Transaction, user: str = "admin") -> str:
    """Make the first administrator; the answer is a password for one time, to be shown once and kept nowhere."""
    password = random_password()
    member = StaffMember(tx.ids.new(), user, "administrator", one_time=True, password_hash=hash_password(password))
    store.add_staff(tx, member)
    return password


def has_staff(tx: Transaction) -> bool:
    """Whether anybody may sign in at all."""
    return store.anybody(tx)


def give_password(tx: Transaction, user: str, *, one_time: bool) -> str:
    """Give a member of staff a fresh random password, ending every session; NeedsAttention for nobody's name.

    A `one_time` password lets its owner do nothing but choose another.
    """
    member = store.staff_named(tx, user)
    if member is None:
        raise NeedsAttention(f"there is no member of staff called {user}")
    password = random_password()
    store.set_password(tx, member.id, hash_password(password), one_time=one_time)
    return password


def issue_device_token(tx: Transaction, device: DeviceToken) -> str:
    """A fresh bearer token for a kiosk or a reader; only its digest is kept."""
    token = new_token()
    store.add_device_token(tx, token_digest(token), device)
    return token


def _unfit(old: str, new: str, repeated: str | None) -> tuple[Refusal, ...]:
    """What is wrong with a new password, whatever becomes of the old one."""
    checks = {
        "password_too_short": len(new.strip()) < SHORTEST_PASSWORD,
        "password_too_long": len(new) > PASSWORD_LIMIT,
        "password_unchanged": same_password(old, new),
        "password_not_repeated": repeated is not None and not same_password(new, repeated),
    }
    return tuple(Refusal(reason) for reason, fails in checks.items() if fails)


def _begun(tx: Transaction, member: StaffMember) -> SignedIn:
    token = new_token()
    store.add_session(tx, token_digest(token), member.id)
    return SignedIn(token, member)


def _proven(tx: Transaction, subject: str, member: StaffMember | None) -> StaffMember | Refusal:
    """`member`, whose password was right, with the count of tries ended; None is a wrong try, which is counted."""
    # Others may have used up the tries while the hash was worked out. A wrong try is counted on what stands in the
    # file now, so that tries side by side count one by one.
    throttle = store.throttle_of(tx, subject)
    if (locked := _locked(throttle, tx.now)) is not None:
        return locked
    if member is None:
        store.set_throttle(tx, subject, _after_wrong(throttle, tx.now))
        return Refusal("wrong_sign_in")
    store.set_throttle(tx, subject, SignInThrottle(0, 0))
    return member


def _locked(throttle: SignInThrottle, now: Instant) -> Refusal | None:
    """A lock further ahead than any was ever given is left over from a clock that was put back."""
    if now < throttle.locked_until <= now + LONGEST_LOCK_S:
        return Refusal("sign_in_locked", throttle.locked_until)
    return None


def _after_wrong(throttle: SignInThrottle, now: Instant) -> SignInThrottle:
    """Five free tries, then 30 s doubling to 15 min, as at the doors (AC-10)."""
    wrong = throttle.wrong + 1
    if wrong < FREE_TRIES:
        return SignInThrottle(wrong, now)
    lock = min(FIRST_LOCK_S << min(wrong - FREE_TRIES, 10), LONGEST_LOCK_S)
    return SignInThrottle(wrong, now + lock)
