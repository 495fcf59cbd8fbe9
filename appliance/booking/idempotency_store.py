"""Requests that were carried out before: the same key and body get the same booking, another body is a conflict.

Only a digest of the body is kept, and the answer is made again, so that no secret of it lies in the file.
"""

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select

from appliance.booking.tables import idempotency
from appliance.foundation.errors import PortvaktError
from appliance.foundation.instants import Instant
from appliance.storage.chain import Body, canonical
from appliance.storage.statements import Statement, adding
from appliance.storage.unit_of_work import Transaction

_ADD = adding(idempotency)
_SEEN = Statement(
    select(idempotency.c.digest, idempotency.c.entity_id).where(
        idempotency.c.facility_id == bindparam("facility_id"),
        idempotency.c.caller == bindparam("caller"),
        idempotency.c.key == bindparam("key"),
    )
)

_FORGET = Statement(
    delete(idempotency).where(
        idempotency.c.facility_id == bindparam("facility_id"), idempotency.c.at < bindparam("before")
    )
)


class IdempotencyConflict(PortvaktError):
    """The key was used before with another body."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that names itself. `caller` keeps the keys of different callers apart; `digest` is of its body."""

    caller: str
    key: str
    digest: bytes


def request(caller: str, key: str, body: Body, to: str = "") -> Request:
    """The request of `caller` under `key` with a JSON `body`, addressed `to` something."""
    return Request(caller, key, hashlib.sha256((canonical({"to": to, "body": body}) or "").encode()).digest())


def seen(tx: Transaction, asked: Request) -> str | None:
    """The id of what the request made when it was carried out; None when it is new."""
    row = tx.row(_SEEN, caller=asked.caller, key=asked.key)
    if row is None:
        return None
    if not hmac.compare_digest(row.digest, asked.digest):
        raise IdempotencyConflict("this Idempotency-Key was used with another body: make a new one")
    return str(row.entity_id)


def remember(tx: Transaction, asked: Request, entity_id: str) -> None:
    """Note what a request made, in the transaction that made it."""
    tx.run(_ADD, caller=asked.caller, key=asked.key, digest=asked.digest, entity_id=entity_id, at=tx.now)


def forget(tx: Transaction, before: Instant) -> int:
    """Forget the requests that were carried out before an instant; how many they were."""
    return tx.run(_FORGET, before=before)
