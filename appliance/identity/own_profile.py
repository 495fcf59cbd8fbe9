"""What members of staff do with their own profile and their own calendar, and with nobody else's (DY-33)."""

from appliance.foundation.scope import Scope
from appliance.identity import profile_store
from appliance.identity.profile_store import Profile
from appliance.identity.session_tokens import is_token, new_token, token_digest
from appliance.identity.store import StaffMember
from appliance.storage.unit_of_work import Book
from appliance.storage.versioned import Edited


class OwnProfiles:
    """scope: where staff are known, which is the unit's own facility."""

    def __init__(self, book: Book, scope: Scope) -> None:
        self._book = book
        self._scope = scope

    def of(self, member: StaffMember) -> tuple[Edited[Profile], bool]:
        """What they say of themselves, and whether their calendar has an address."""
        with self._book.read(self._scope) as tx:
            return profile_store.profile_of(tx, member.id), profile_store.has_calendar(tx, member.id)

    def change(self, member: StaffMember, profile: Profile, version: int) -> Edited[Profile]:
        """Replace it, if `version` is the one in force; else ChangedMeanwhile."""
        with self._book.write(self._scope, member.actor) as tx:
            return profile_store.set_profile(tx, member.id, profile, version)

    def open_calendar(self, member: StaffMember) -> str:
        """A fresh token by which their calendar is read; the former one is good no more. It is kept nowhere."""
        token = new_token()
        with self._book.write(self._scope, member.actor) as tx:
            profile_store.set_calendar(tx, member.id, token_digest(token))
        return token

    def close_calendar(self, member: StaffMember) -> None:
        """Nobody reads their calendar any more."""
        with self._book.write(self._scope, member.actor) as tx:
            profile_store.set_calendar(tx, member.id, None)

    def whose_calendar(self, token: str) -> str | None:
        """The id of the member of staff whose calendar a token opens; None for any other text."""
        if not is_token(token):
            return None
        with self._book.read(self._scope) as tx:
            return profile_store.whose_calendar(tx, token_digest(token))
