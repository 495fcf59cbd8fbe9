"""Signing in and out: one throttled try at a time, the same work for a user who exists and one who does not."""

from dataclasses import dataclass, field

from appliance.foundation.errors import NeedsAttention
from appliance.foundation.i18n import marked
from appliance.foundation.instants import Instant
from appliance.foundation.refusals import Refusal
from appliance.foundation.scope import Scope
from appliance.identity import store
from appliance.identity.passwords import hash_password, needs_rehash, one_time_password, verify_password
from appliance.identity.session_tokens import is_token, new_token, token_digest
from appliance.identity.store import DeviceToken, SignInThrottle, StaffMember
from appliance.storage.unit_of_work import Book, Transaction

FREE_TRIES = 5
FIRST_LOCK_S = 30
LONGEST_LOCK_S = 15 * 60
USER_LENGTH = 80
PASSWORD_LENGTH = 1024
SHORTEST_PASSWORD = 10

SENTENCES = {
    "wrong_sign_in": marked("The user name and password do not belong together."),
    "sign_in_locked": marked("Too many tries. Wait until {time} and try again."),
    "password_too_short": marked("A password needs at least 10 characters."),
}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. `token` is its only copy."""

    token: str = field(repr=False)
    member: StaffMember


class SigningIn:
    """Who may act as staff or as a device."""

    def __init__(self, book: Book, scope: Scope) -> None:
        self._book = book
        self._scope = scope

    def sign_in(self, user: str, password: str) -> SignedIn | Refusal:
        """A session for the right password; else `wrong_sign_in`, or `sign_in_locked` with the instant it ends."""
        subject = user[:USER_LENGTH]
        with self._book.read(self._scope) as tx:
            throttle, member = store.throttle_of(tx, subject), store.staff_named(tx, subject)
            now = tx.now
        if (locked := _locked(throttle, now)) is not None:
            return locked
        # The slow hash runs outside the transaction: it would hold the write lock for a quarter of a second.
        right = verify_password(member.password_hash if member else None, password[:PASSWORD_LENGTH])
        with self._book.write(self._scope, f"sign-in:{member.id if member else 'unknown'}") as tx:
            # Others may have used up the tries while the hash was worked out.
            if (locked := _locked(store.throttle_of(tx, subject), tx.now)) is not None:
                return locked
            if member is None or not right or len(user) > USER_LENGTH or len(password) > PASSWORD_LENGTH:
                # Counted on what stands in the file now, so that tries side by side count one by one.
                wrong = _after_wrong(store.throttle_of(tx, subject), tx.now)
                store.set_throttle(tx, subject, wrong)
                return Refusal("wrong_sign_in")
            return self._begin(tx, member, password)

    def member(self, token: str) -> StaffMember | None:
        """Whose session a token is; None when it ended, never was, or is no token at all."""
        if not is_token(token):
            return None
        digest = token_digest(token)
        with self._book.read(self._scope) as tx:
            found = store.session_staff(tx, digest)
        if found is None:
            return None
        member, stale = found
        if stale:
            with self._book.write(self._scope, f"staff:{member.id}") as tx:
                store.touch_session(tx, digest)
        return member

    def sign_out(self, token: str) -> None:
        """End a session; silent when it has ended already."""
        with self._book.write(self._scope, "sign-out") as tx:
            store.end_session(tx, token_digest(token))

    def change_password(self, member: StaffMember, old: str, new: str) -> SignedIn | Refusal:
        """Replace one's own password; every other session of the member ends and a fresh one begins."""
        if len(new) < SHORTEST_PASSWORD or len(new) > PASSWORD_LENGTH:
            return Refusal("password_too_short")
        if not verify_password(member.password_hash, old[:PASSWORD_LENGTH]):
            return Refusal("wrong_sign_in")
        hashed = hash_password(new)
        with self._book.write(self._scope, f"staff:{member.id}") as tx:
            store.set_password(tx, member.id, hashed, one_time=False)
            token = new_token()
            store.add_session(tx, token_digest(token), member.id)
        return SignedIn(token, member)

    def device(self, token: str) -> DeviceToken | None:
        """Which kiosk or reader bears this token."""
        if not is_token(token):
            return None
        with self._book.read(self._scope) as tx:
            return store.device_of(tx, token_digest(token))

    def _begin(self, tx: Transaction, member: StaffMember, password: str) -> SignedIn:
        store.set_throttle(tx, member.user, SignInThrottle(0, 0))
        if needs_rehash(member.password_hash):
            store.set_password(tx, member.id, hash_password(password), one_time=member.one_time)
        token = new_token()
        store.add_session(tx, token_digest(token), member.id)
        tx.record("staff", member.id, "signed_in")
        return SignedIn(token, member)


def first_administrator(tx: Transaction, user: str = "admin") -> str:
    """Make the first administrator; the answer is a password for one time, to be shown once and kept nowhere."""
    password = one_time_password()
    member = StaffMember(tx.ids.new(), user, "administrator", one_time=True, password_hash=hash_password(password))
    store.add_staff(tx, member)
    return password


def has_staff(tx: Transaction) -> bool:
    """Whether anybody may sign in at all."""
    return store.anybody(tx)


def new_one_time_password(tx: Transaction, user: str) -> str:
    """Give a member of staff a fresh password for one time, ending every session; NeedsAttention for nobody's name."""
    member = store.staff_named(tx, user)
    if member is None:
        raise NeedsAttention(f"there is no member of staff called {user}")
    password = one_time_password()
    store.set_password(tx, member.id, hash_password(password), one_time=True)
    return password


def issue_device_token(tx: Transaction, device: DeviceToken) -> str:
    """A fresh bearer token for a kiosk or a reader; only its digest is kept."""
    token = new_token()
    store.add_device_token(tx, token_digest(token), device)
    return token


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
