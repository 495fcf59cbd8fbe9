"""Which grants Parakey was told of, by id and by person, so that an event log can be understood. Pure (DR-06).

Not for several threads at once.
"""

from typing import Final

from appliance.foundation.instants import DAY, Instant
from drivers.controller_contract import ControllerGrant, fingerprint_of

SLACK_S: Final = 60
LATEST_BURST_S: Final = 30 * DAY
LEAST_LIMIT: Final = 10_000


class ToldGrants:
    """Grants at their newest revisions, those that were taken back included, until nobody can ask about them."""

    def __init__(self) -> None:
        self._told: dict[str, ControllerGrant] = {}
        self._gone: set[str] = set()
        self._opened: set[str] = set()
        self._by_email: dict[str, tuple[str, ...]] = {}  # a set for each person would cost megabytes
        self._limit = LEAST_LIMIT

    def newest(self, grant_id: str) -> int:
        """The newest revision that was heard of; -1 for none."""
        told = self._told.get(grant_id)
        return -1 if told is None else told.revision

    def note(self, grant: ControllerGrant, now: Instant, gone: bool = False) -> bool:
        """Remember a grant or its revocation; whether it differs from what was. An older revision is passed over."""
        newest, before = self.newest(grant.id), self._told.get(grant.id)
        if grant.revision < newest:
            return False
        differs = before is None or grant.id in self._gone or fingerprint_of(before) != fingerprint_of(grant)
        self._drop(grant.id)
        self._told[grant.id] = grant
        email = (grant.email or "").casefold()
        self._by_email[email] = (*self._by_email.get(email, ()), grant.id)
        (self._gone.add if gone else self._gone.discard)(grant.id)
        if grant.revision > newest:
            self._opened.discard(grant.id)
        self._shorten(now)
        return differs

    def used(self, email: str, device: str | None, at: Instant) -> tuple[ControllerGrant | None, bool]:
        """Whose grant a door was opened by, and whether it is the first time. device: None where it is not known."""
        fit = [self._told[id_] for id_ in sorted(self._by_email.get(email.casefold(), ()))] if email else []
        fit = [one for one in fit if one.window.widened(SLACK_S, SLACK_S).contains(at)]
        grant = next((one for one in fit if device is None or device in one.devices), None)
        if grant is None:
            return None, False
        is_first = grant.id not in self._opened and grant.id not in self._gone
        self._opened.add(grant.id)
        return grant, is_first

    def _drop(self, grant_id: str) -> None:
        before = self._told.pop(grant_id, None)
        if before is not None:
            email = (before.email or "").casefold()
            left = tuple(id_ for id_ in self._by_email.pop(email, ()) if id_ != grant_id)
            if left:
                self._by_email[email] = left

    def _shorten(self, now: Instant) -> None:
        """Forget what ended longer ago than a lock may be alone; rarely, because it looks at every grant."""
        if len(self._told) <= self._limit:
            return
        for id_ in [one.id for one in self._told.values() if one.window.end < now - LATEST_BURST_S]:
            self._drop(id_)
            self._gone.discard(id_)
            self._opened.discard(id_)
        self._limit = max(LEAST_LIMIT, 2 * len(self._told))
