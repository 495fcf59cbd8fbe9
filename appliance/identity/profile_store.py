"""What members of staff say of themselves as rows, and the secret address of their calendar as a digest (DY-33)."""

import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, and_, select, update

from appliance.identity.tables import staff
from appliance.storage.statements import Row
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import ChangedMeanwhile, Edited


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member of staff says of themselves; empty for what they do not say. phone: E.164."""

    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""


def profiles(tx: Transaction) -> dict[str, Profile]:
    """What every member of staff says of themselves, by id; who gave no name is called by their user name."""
    query = select(staff).where(staff.c.facility_id == tx.scope.facility_id).order_by(staff.c.id)
    rows = tx.connection.execute(query)
    return {row.id: Profile(row.name or row.user, row.email, row.phone, row.language) for row in rows}


def profile_of(tx: Transaction, staff_id: str) -> Edited[Profile]:
    """What a member of staff says of themselves, as they said it."""
    row = _row(tx, staff_id)
    profile = Profile(row.name, row.email, row.phone, row.language)
    return Edited(staff_id, profile, row.version, row.changed_at, f"staff:{staff_id}")


def set_profile(tx: Transaction, staff_id: str, profile: Profile, version: int) -> Edited[Profile]:
    """Replace it if `version` is still the one it has, else ChangedMeanwhile.

    The journal gets the names of what changed and no value: they are a person's.
    """
    old = profile_of(tx, staff_id)
    if old.version != version:
        raise ChangedMeanwhile(old)
    before, after = asdict(old.value), asdict(profile)
    _change(tx, staff_id, {**after, "version": version + 1, "changed_at": tx.now})
    changed = [name for name, value in after.items() if before[name] != value]
    tx.record("staff", staff_id, "profile_changed", after={"fields": changed, "version": version + 1})
    return profile_of(tx, staff_id)


def has_calendar(tx: Transaction, staff_id: str) -> bool:
    """Whether their calendar has an address."""
    return _row(tx, staff_id).calendar_digest is not None


def set_calendar(tx: Transaction, staff_id: str, digest: bytes | None) -> None:
    """Give their calendar another address, or none; the former one leads nowhere from then on."""
    _change(tx, staff_id, {"calendar_digest": digest})
    tx.record("staff", staff_id, "calendar_opened" if digest else "calendar_closed")


def whose_calendar(tx: Transaction, digest: bytes) -> str | None:
    """Whose calendar has the address with that digest."""
    query = select(staff.c.id, staff.c.calendar_digest).where(
        staff.c.facility_id == tx.scope.facility_id, staff.c.calendar_digest == digest
    )
    row = tx.connection.execute(query).first()
    return row.id if row is not None and hmac.compare_digest(row.calendar_digest, digest) else None


def _row(tx: Transaction, staff_id: str) -> Row:
    return tx.connection.execute(select(staff).where(_this(tx, staff_id))).one()


def _change(tx: Transaction, staff_id: str, values: Mapping[str, object]) -> None:
    tx.connection.execute(update(staff).where(_this(tx, staff_id)), dict(values))


def _this(tx: Transaction, staff_id: str) -> ColumnElement[bool]:
    return and_(staff.c.facility_id == tx.scope.facility_id, staff.c.id == staff_id)
