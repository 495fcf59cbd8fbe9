"""Revoking derived PINs of bookings that a door may never have heard of (AC-02)."""

from sqlalchemy import select

from appliance.foundation.instants import Instant
from appliance.keys.derived_pins import DerivedClaims
from appliance.keys.tables import revoked_derived
from appliance.storage.statements import adding
from appliance.storage.unit_of_work import Transaction

_ADD = adding(revoked_derived)


def revoke(tx: Transaction, claims: DerivedClaims, valid_to: Instant) -> int | None:
    """Let a derived PIN open nothing; the seq that the doors must reach, None when it was revoked before.

    `valid_to` is when it would have stopped to open by itself; until then the doors keep it in mind.
    """
    query = select(revoked_derived.c.claims).where(
        revoked_derived.c.facility_id == tx.scope.facility_id, revoked_derived.c.claims == str(claims)
    )
    if tx.connection.execute(query).first() is not None:
        return None
    tx.run(_ADD, claims=str(claims), valid_to=valid_to)
    return tx.record("revoked_derived", str(claims), "revoked", after={"claims": str(claims), "valid_to": valid_to})
