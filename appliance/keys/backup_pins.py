"""Backup PINs: a few for each door, made ahead, so that the help desk has one to give when all else fails (AC-19).

They have eight digits, and so are never another's PIN, and open once. They lie at the door before anybody needs them:
one that is given out works although the door cannot hear of it; only its end then waits until the door can.
"""

from dataclasses import dataclass, field
from typing import Final

from appliance.foundation.instants import DAY, MINUTE, Instant, Interval
from appliance.foundation.refusals import Refusal
from appliance.foundation.scope import Scope
from appliance.keys import pins, store
from appliance.keys.prf import booking_number
from appliance.keys.secrets_store import WebSecrets
from appliance.keys.site_store import sites
from appliance.keys.store import IssuedKey
from appliance.storage.unit_of_work import Book, Refused, Transaction, refusable

KIND: Final = "backup"
JOB: Final = "keep_backup_pins"
DIGITS: Final = 8
POOL: Final = 5
LIFE_S: Final = 60 * DAY
FRESH_S: Final = 30 * DAY
LONGEST_S: Final = 4 * 60 * MINUTE


@dataclass(frozen=True, slots=True)
class GivenPin:
    """A backup PIN that was given out, until when it opens, and the journal entry that ends it."""

    code: str = field(repr=False)
    window: Interval
    key_seq: int


class BackupPins:
    """Makes and gives out backup PINs; nothing but the site secret makes them again."""

    def __init__(self, book: Book, scope: Scope, secrets: WebSecrets) -> None:
        self._book = book
        self._scope = scope
        self._secrets = secrets
        self._sites = sites()

    def keep(self, tx: Transaction, _facility_id: str) -> Instant:
        """Have a full pool at every door; when to look again."""
        for door_id in self._sites.current(tx).door_ids:
            self._fill(tx, door_id)
        return tx.now + DAY

    @refusable
    def give(self, door_id: str, seconds: int, reason: str, actor: str) -> GivenPin:
        """Give out one PIN of a door for so many seconds, and say on record who did and why.

        Refused as `unknown_door`.
        """
        with self._book.write(self._scope, actor) as tx:
            if door_id not in self._sites.current(tx).door_ids:
                raise Refused(Refusal("unknown_door"))
            given = (_pool(tx, door_id) or self._fill(tx, door_id))[0]
            window = Interval(tx.now, tx.now + seconds)
            store.revise(tx, given, doors={door_id: window})
            after: dict[str, object] = {"door_id": door_id, "reason": reason, "valid_to": window.end}
            seq = tx.record("backup_pin", given.id, "given", after=after)
            self._fill(tx, door_id)
            return GivenPin(self._code(given.id, given.counter), window, seq)

    def _fill(self, tx: Transaction, door_id: str) -> list[IssuedKey]:
        for _ in range(POOL - len(_pool(tx, door_id))):
            store.issue(tx, self._fresh(tx, door_id))
        return _pool(tx, door_id)

    def _fresh(self, tx: Transaction, door_id: str) -> IssuedKey:
        doors = {door_id: Interval(tx.now, tx.now + LIFE_S)}
        key_id, counter = tx.ids.new(), 0
        while True:
            code = self._code(key_id, counter)
            lookup = pins.pin_lookup(self._secrets.lookup_key, code)
            if not pins.is_weak(code) and store.is_free(tx, lookup, "", doors):
                return IssuedKey(key_id, _owner(door_id), "", KIND, lookup.hex(), counter, doors, 0, "live")
            counter += 1

    def _code(self, key_id: str, counter: int) -> str:
        number = booking_number(self._secrets.site_secret, b"portvakt-backup-pin-1", key_id, counter)
        return f"{number % 10**DIGITS:0{DIGITS}}"


def _owner(door_id: str) -> str:
    """What stands where other keys name their booking."""
    return f"backup:{door_id}"


def _pool(tx: Transaction, door_id: str) -> list[IssuedKey]:
    """Those of a door that nobody was given and that are good for long enough, oldest first."""
    return [
        issued
        for issued in store.of_booking(tx, _owner(door_id))
        if issued.is_live and issued.revision == 0 and issued.window.end > tx.now + FRESH_S
    ]
