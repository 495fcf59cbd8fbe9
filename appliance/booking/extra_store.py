"""Extras, their pictures, and what of them was booked, as rows and back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, insert, select

from appliance.booking.extra_tables import booking_extra, extra, extra_image
from appliance.booking.extras import BookedExtra, ChargedPer, Extra, ExtraPart
from appliance.booking.services import Need
from appliance.foundation.money import Money
from appliance.storage import versioned
from appliance.storage.statements import Row, Statement, adding
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import Kind

ENTITY: Final = "extra"
IMAGE_ENTITY: Final = "extra_image"

_ITS = and_(
    booking_extra.c.facility_id == bindparam("facility_id"), booking_extra.c.booking_id == bindparam("booking_id")
)
_ADD = adding(booking_extra)
_DROP = Statement(delete(booking_extra).where(_ITS))
_OF_BOOKING = Statement(select(booking_extra).where(_ITS).order_by(booking_extra.c.position))


def kind(currency: str) -> Kind[Extra]:
    """Extras as set-up data; their prices are in the currency of the facility."""
    return Kind(ENTITY, extra, _row, lambda row, _parts: _extra(row, currency), order=("position", "name", "id"))


def all_extras(tx: Transaction, currency: str) -> list[Extra]:
    """Every extra in the order in which it is shown, with archived ones; two queries."""
    query = select(extra_image.c.extra_id, extra_image.c.digest)
    rows = tx.connection.execute(query.where(extra_image.c.facility_id == tx.scope.facility_id))
    digests = {row.extra_id: row.digest for row in rows}
    return [
        replace(found.value, image=digests.get(found.id, ""), archived=found.archived)
        for found in versioned.listed(tx, kind(currency), archived=True)
    ]


def is_booked(tx: Transaction, extra_id: str) -> bool:
    """Whether a booking has this extra, or had it."""
    query = select(booking_extra.c.extra_id).where(
        booking_extra.c.facility_id == tx.scope.facility_id, booking_extra.c.extra_id == extra_id
    )
    return tx.connection.execute(query.limit(1)).first() is not None


def put_image(tx: Transaction, extra_id: str, digest: str, content: bytes) -> None:
    """Give an extra a picture in the place of the one it had."""
    drop_image(tx, extra_id)
    row = {"extra_id": extra_id, "digest": digest}
    tx.connection.execute(insert(extra_image).values(facility_id=tx.scope.facility_id, content=content, **row))
    tx.record(IMAGE_ENTITY, extra_id, "put", after=row)


def drop_image(tx: Transaction, extra_id: str) -> None:
    """Take the picture of an extra away; silent when it has none."""
    here = and_(extra_image.c.facility_id == tx.scope.facility_id, extra_image.c.extra_id == extra_id)
    old = tx.connection.execute(select(extra_image.c.digest).where(here)).first()
    if old is not None:
        tx.connection.execute(delete(extra_image).where(here))
        tx.record(IMAGE_ENTITY, extra_id, "removed", before={"extra_id": extra_id, "digest": old.digest})


def image(tx: Transaction, extra_id: str) -> tuple[str, bytes] | None:
    """The digest and the content of an extra's picture."""
    here = and_(extra_image.c.facility_id == tx.scope.facility_id, extra_image.c.extra_id == extra_id)
    row = tx.connection.execute(select(extra_image.c.digest, extra_image.c.content).where(here)).first()
    return None if row is None else (row.digest, row.content)


def put_booked(tx: Transaction, booking_id: str, extras: Sequence[BookedExtra], *, instead: bool = False) -> None:
    """Keep what was chosen for a booking; `instead` of what it had."""
    if instead:
        tx.run(_DROP, booking_id=booking_id)
    for position, each in enumerate(extras):
        tx.run(_ADD, booking_id=booking_id, position=position, **_booked_row(each))


def booked_of(tx: Transaction, booking_id: str) -> tuple[BookedExtra, ...]:
    """What one booking has."""
    return tuple(_booked(row) for row in tx.rows(_OF_BOOKING, booking_id=booking_id))


def booked_of_all(tx: Transaction, booking_ids: Collection[str]) -> Mapping[str, tuple[BookedExtra, ...]]:
    """What some bookings have: one query, however many they are; none for none."""
    if not booking_ids:
        return {}
    query = select(booking_extra).where(
        booking_extra.c.facility_id == tx.scope.facility_id, booking_extra.c.booking_id.in_(booking_ids)
    )
    found: dict[str, list[BookedExtra]] = {}
    for row in tx.connection.execute(query.order_by(booking_extra.c.booking_id, booking_extra.c.position)):
        found.setdefault(row.booking_id, []).append(_booked(row))
    return {booking_id: tuple(extras) for booking_id, extras in found.items()}


def _row(value: Extra) -> Mapping[str, object]:
    need = value.need
    return {
        "service_id": value.service_id,
        "name": value.name,
        "summary": value.summary,
        "amount": value.price.amount,
        "vat_percent": value.vat_percent,
        "account": value.account,
        "minutes": value.minutes,
        "least": value.least,
        "most": value.most,
        "per": str(value.per),
        "pool_id": need.pool_id if need else None,
        "need_quantity": need.quantity if need else 1,
        "offset_minutes": need.offset_minutes if need else 0,
        "length_minutes": need.length_minutes if need else None,
        **{f"shows_{part}": int(part in value.shows) for part in ExtraPart},
        "position": value.position,
    }


def _extra(row: Row, currency: str) -> Extra:
    need = Need(row.pool_id, row.need_quantity, row.offset_minutes, row.length_minutes) if row.pool_id else None
    return Extra(
        id=row.id,
        name=row.name,
        price=Money(row.amount, currency),
        service_id=row.service_id,
        summary=row.summary,
        vat_percent=row.vat_percent,
        account=row.account,
        minutes=row.minutes,
        least=row.least,
        most=row.most,
        per=ChargedPer(row.per),
        need=need,
        shows=frozenset(part for part in ExtraPart if getattr(row, f"shows_{part}")),
        position=row.position,
    )


def _booked_row(each: BookedExtra) -> dict[str, object]:
    return {
        "extra_id": each.extra_id,
        "name": each.name,
        "quantity": each.quantity,
        "units": each.units,
        "amount": each.price.amount,
        "currency": each.price.currency,
        "vat_percent": each.vat_percent,
        "account": each.account,
        "minutes": each.minutes,
    }


def _booked(row: Any) -> BookedExtra:
    return BookedExtra(
        extra_id=row.extra_id,
        name=row.name,
        quantity=row.quantity,
        units=row.units,
        price=Money(row.amount, row.currency),
        vat_percent=row.vat_percent,
        account=row.account,
        minutes=row.minutes,
    )
