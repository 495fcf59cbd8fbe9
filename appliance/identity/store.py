"""Staff, their sessions, sign-in throttles and device tokens as rows."""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from appliance.foundation.instants import DAY, Instant
from appliance.identity.tables import device_token, sign_in_throttle, staff, staff_session
from appliance.storage.statements import Statement
from appliance.storage.unit_of_work import Transaction

SESSION_LIFE_S = 12 * 3600
SESSION_IDLE_S = 2 * 3600
_SEEN_EVERY_S = 300

# What every request with a credential asks.
_DEVICE = Statement(
    select(device_token.c.kind, device_token.c.name, device_token.c.door_id).where(
        device_token.c.facility_id == bindparam("facility_id"), device_token.c.digest == bindparam("digest")
    )
)
_SESSION = Statement(
    select(staff, staff_session.c.seen_at)
    .join(staff_session, staff_session.c.staff_id == staff.c.id)
    .where(
        staff_session.c.facility_id == bindparam("facility_id"),
        staff_session.c.digest == bindparam("digest"),
        staff_session.c.created_at > bindparam("begun_after"),
        staff_session.c.seen_at > bindparam("seen_after"),
    )
)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who may sign in. `one_time`: the password must be changed before anything else."""

    id: str
    user: str
    role: str
    one_time: bool
    password_hash: str = field(repr=False)

    @property
    def actor(self) -> str:
        """Who they are in the journal."""
        return f"staff:{self.id}"


@dataclass(frozen=True, slots=True)
class DeviceToken:
    """What a bearer token stands for: a kiosk or a reader; `door_id` None means every door."""

    kind: str
    name: str
    door_id: str | None


@dataclass(frozen=True, slots=True)
class SignInThrottle:
    """Wrong passwords for one user name, and until when none is looked at: the last try while there is no lock."""

    wrong: int
    locked_until: Instant


def add_staff(tx: Transaction, member: StaffMember) -> None:
    """Insert a member of staff; the journal gets neither the hash nor the name, which may be a person's."""
    row = {
        "id": member.id,
        "facility_id": tx.scope.facility_id,
        "user": member.user,
        "password_hash": member.password_hash,
        "role": member.role,
        "one_time": int(member.one_time),
        "created_at": tx.now,
    }
    tx.connection.execute(insert(staff), row)
    tx.record("staff", member.id, "added", after={"id": member.id, "role": member.role})


def staff_named(tx: Transaction, user: str) -> StaffMember | None:
    """The member of staff with that user name."""
    query = select(staff).where(staff.c.facility_id == tx.scope.facility_id, staff.c.user == user)
    row = tx.connection.execute(query).first()
    return StaffMember(row.id, row.user, row.role, bool(row.one_time), row.password_hash) if row else None


def staff_names(tx: Transaction) -> dict[str, str]:
    """The user name of every member of staff, by id."""
    query = select(staff.c.id, staff.c.user).where(staff.c.facility_id == tx.scope.facility_id)
    return {row.id: row.user for row in tx.connection.execute(query)}


def anybody(tx: Transaction) -> bool:
    """Whether the facility has any staff."""
    return (
        tx.connection.execute(select(staff.c.id).where(staff.c.facility_id == tx.scope.facility_id)).first() is not None
    )


def set_password(tx: Transaction, staff_id: str, password_hash: str, *, one_time: bool) -> None:
    """Replace a password and end every session that began with the old one."""
    tx.connection.execute(
        update(staff).where(staff.c.facility_id == tx.scope.facility_id, staff.c.id == staff_id),
        {"password_hash": password_hash, "one_time": int(one_time)},
    )
    tx.connection.execute(
        delete(staff_session).where(
            staff_session.c.facility_id == tx.scope.facility_id, staff_session.c.staff_id == staff_id
        )
    )
    tx.record("staff", staff_id, "password_changed")


def renew_hash(tx: Transaction, staff_id: str, password_hash: str) -> None:
    """Keep the same password at another cost: no session ends, and nothing has changed that the journal tells."""
    tx.connection.execute(
        update(staff).where(staff.c.facility_id == tx.scope.facility_id, staff.c.id == staff_id),
        {"password_hash": password_hash},
    )


def add_session(tx: Transaction, digest: bytes, staff_id: str) -> None:
    """Begin a session, and forget those that have ended."""
    tx.connection.execute(
        delete(staff_session).where(
            staff_session.c.facility_id == tx.scope.facility_id, staff_session.c.created_at < tx.now - DAY
        )
    )
    row = {
        "digest": digest,
        "facility_id": tx.scope.facility_id,
        "staff_id": staff_id,
        "created_at": tx.now,
        "seen_at": tx.now,
    }
    tx.connection.execute(insert(staff_session), row)


def session_staff(tx: Transaction, digest: bytes) -> tuple[StaffMember, bool] | None:
    """Whose session this is, and whether its last use should be noted; None when it ended or never was."""
    begun, seen = tx.now - SESSION_LIFE_S, tx.now - SESSION_IDLE_S
    row = tx.row(_SESSION, digest=digest, begun_after=begun, seen_after=seen)
    if row is None:
        return None
    return StaffMember(
        row.id, row.user, row.role, bool(row.one_time), row.password_hash
    ), row.seen_at < tx.now - _SEEN_EVERY_S


def touch_session(tx: Transaction, digest: bytes) -> None:
    """Note that a session is in use."""
    tx.connection.execute(update(staff_session).where(_session(tx, digest)), {"seen_at": tx.now})


def end_session(tx: Transaction, digest: bytes) -> None:
    """Forget a session."""
    tx.connection.execute(delete(staff_session).where(_session(tx, digest)))


def throttle_of(tx: Transaction, subject: str) -> SignInThrottle:
    """How many wrong passwords were tried for a user name."""
    query = select(sign_in_throttle).where(
        sign_in_throttle.c.facility_id == tx.scope.facility_id, sign_in_throttle.c.subject == subject
    )
    row = tx.connection.execute(query).first()
    return SignInThrottle(row.wrong, row.locked_until) if row else SignInThrottle(0, 0)


def set_throttle(tx: Transaction, subject: str, throttle: SignInThrottle) -> None:
    """Keep a throttle; it survives restarts. Those that are a day old are forgotten: anybody can make up names."""
    tx.connection.execute(
        delete(sign_in_throttle).where(
            sign_in_throttle.c.facility_id == tx.scope.facility_id, sign_in_throttle.c.locked_until < tx.now - DAY
        )
    )
    values = {"wrong": throttle.wrong, "locked_until": throttle.locked_until}
    row = {"facility_id": tx.scope.facility_id, "subject": subject, **values}
    tx.connection.execute(
        upsert(sign_in_throttle).values(row).on_conflict_do_update(["facility_id", "subject"], set_=values)
    )


def add_device_token(tx: Transaction, digest: bytes, token: DeviceToken) -> None:
    """Let the bearer of a token act as a kiosk or a reader; an older token of the same name is replaced."""
    tx.connection.execute(
        delete(device_token).where(
            device_token.c.facility_id == tx.scope.facility_id,
            device_token.c.kind == token.kind,
            device_token.c.name == token.name,
        )
    )
    row = {
        "digest": digest,
        "facility_id": tx.scope.facility_id,
        "kind": token.kind,
        "name": token.name,
        "door_id": token.door_id,
        "created_at": tx.now,
    }
    tx.connection.execute(insert(device_token), row)
    tx.record("device", token.name, "token_issued", after={"kind": token.kind, "door_id": token.door_id})


def device_of(tx: Transaction, digest: bytes) -> DeviceToken | None:
    """What a presented token stands for."""
    row = tx.row(_DEVICE, digest=digest)
    return DeviceToken(row.kind, row.name, row.door_id) if row else None


def device_names(tx: Transaction, kind: str) -> list[tuple[str, Instant]]:
    """Every kiosk or reader that has a token, and since when, by name."""
    here = (device_token.c.facility_id == tx.scope.facility_id, device_token.c.kind == kind)
    query = select(device_token.c.name, device_token.c.created_at).where(*here).order_by(device_token.c.name)
    return [(row.name, row.created_at) for row in tx.connection.execute(query)]


def drop_device_token(tx: Transaction, kind: str, name: str) -> bool:
    """Let the bearer of a token act no more; False when there is none of that name."""
    here = (device_token.c.facility_id == tx.scope.facility_id, device_token.c.kind == kind)
    gone = tx.connection.execute(delete(device_token).where(*here, device_token.c.name == name)).rowcount > 0
    if gone:
        tx.record("device", name, "token_withdrawn", before={"kind": kind})
    return gone


def _session(tx: Transaction, digest: bytes) -> ColumnElement[bool]:
    return and_(staff_session.c.facility_id == tx.scope.facility_id, staff_session.c.digest == digest)
