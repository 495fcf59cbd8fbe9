"""Custom fields and the answers to them as rows and back.

The journal says which fields were answered and when their answers were forgotten, but not what they were: what stands
there would outlive the days for which a field may be kept.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, and_, delete, insert, select

from appliance.booking.custom_fields import Answer, CustomField, FieldKind
from appliance.booking.field_tables import booking_answer, custom_field
from appliance.booking.tables import booking
from appliance.customers.store import sealed_all, unsealed_all, unsealed_of_each
from appliance.foundation.instants import DAY
from appliance.storage import versioned
from appliance.storage.statements import Row as StatementRow
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import Kind

ENTITY: Final = "custom_field"
ANSWERS_ENTITY: Final = "booking_answers"
_AnswerRow = Row[tuple[Any, ...]]


def all_fields(tx: Transaction) -> list[CustomField]:
    """Every field in the order in which it is asked, without archived ones."""
    return [found.value for found in versioned.listed(tx, KIND)]


def is_answered(tx: Transaction, field_id: str) -> bool:
    """Whether an answer to this field is kept."""
    query = select(booking_answer.c.field_id).where(
        booking_answer.c.facility_id == tx.scope.facility_id, booking_answer.c.field_id == field_id
    )
    return tx.connection.execute(query.limit(1)).first() is not None


def put_answers(tx: Transaction, customer_id: str, answers: Mapping[str, Sequence[Answer]]) -> None:
    """Keep what was answered with each booking, by its id, sealed under the key of their customer: one insert."""
    placed = [(booking_id, *each) for booking_id, given in answers.items() for each in enumerate(given)]
    if not placed:
        return
    sealed = sealed_all(tx, customer_id, [{"value": each.value} for _, _, each in placed])
    rows = [
        {
            "booking_id": booking_id,
            "position": position,
            "facility_id": tx.scope.facility_id,
            "field_id": each.field_id,
            "customer_id": customer_id,
            "slug": each.slug,
            "label": each.label,
            "sealed": text,
        }
        for (booking_id, position, each), text in zip(placed, sealed, strict=True)
    ]
    tx.connection.execute(insert(booking_answer), rows)
    for booking_id, given in answers.items():
        if given:
            tx.record(ANSWERS_ENTITY, booking_id, "given", after=_body(each.field_id for each in given))


def answers_of(tx: Transaction, booking_id: str) -> list[Answer]:
    """What was answered with a booking; nothing once its customer was erased."""
    return [answer for _, answer in _unsealed(tx, _rows(tx, booking_answer.c.booking_id == booking_id))]


def answers_of_bookings(tx: Transaction, booking_ids: Collection[str]) -> list[tuple[str, Answer]]:
    """What was answered with some bookings of whomever, with the ids of the bookings: two queries at most."""
    rows = _rows(tx, booking_answer.c.booking_id.in_(booking_ids)) if booking_ids else ()
    opened = unsealed_of_each(tx, [(row.customer_id, row.sealed) for row in rows])
    return [
        (row.booking_id, Answer(row.field_id, row.slug, row.label, found["value"] or ""))
        for row, found in zip(rows, opened, strict=True)
        if found is not None
    ]


def answers_of_customer(tx: Transaction, customer_id: str) -> list[tuple[str, Answer]]:
    """Everything a customer ever answered and that is still kept, with the ids of the bookings."""
    return _unsealed(tx, _rows(tx, booking_answer.c.customer_id == customer_id))


def forget_answers_of(tx: Transaction, customer_id: str) -> int:
    """Forget everything that a customer answered; how many answers that were."""
    return _forget(tx, _rows(tx, booking_answer.c.customer_id == customer_id))


def forget_old_answers(tx: Transaction) -> int:
    """Forget the answers whose field may not be kept any longer, by the days that it has now; how many they were."""
    last_day = booking.c.ends + custom_field.c.retention_days * DAY
    is_old = and_(
        custom_field.c.id == booking_answer.c.field_id,
        booking.c.id == booking_answer.c.booking_id,
        custom_field.c.retention_days.is_not(None),
        last_day <= tx.now,
    )
    return _forget(tx, _rows(tx, is_old))


def _rows(tx: Transaction, which: Any) -> Sequence[_AnswerRow]:
    query = select(booking_answer).where(booking_answer.c.facility_id == tx.scope.facility_id, which)
    return tx.connection.execute(query.order_by(booking_answer.c.booking_id, booking_answer.c.position)).all()


def _unsealed(tx: Transaction, rows: Sequence[_AnswerRow]) -> list[tuple[str, Answer]]:
    """All rows are of one customer."""
    values = unsealed_all(tx, rows[0].customer_id, [row.sealed for row in rows]) if rows else None
    if values is None:
        return []
    return [
        (row.booking_id, Answer(row.field_id, row.slug, row.label, found["value"] or ""))
        for row, found in zip(rows, values, strict=True)
    ]


def _forget(tx: Transaction, rows: Sequence[_AnswerRow]) -> int:
    for booking_id in dict.fromkeys(row.booking_id for row in rows):
        its = booking_answer.c.booking_id == booking_id
        had = [row.field_id for row in _rows(tx, its)]
        gone = [row.field_id for row in rows if row.booking_id == booking_id]
        here = and_(booking_answer.c.facility_id == tx.scope.facility_id, its)
        tx.connection.execute(delete(booking_answer).where(here, booking_answer.c.field_id.in_(gone)))
        left = [field_id for field_id in had if field_id not in gone]
        tx.record(ANSWERS_ENTITY, booking_id, "forgotten", before=_body(had), after=_body(left))
    return len(rows)


def _body(field_ids: Iterable[str]) -> dict[str, object]:
    return {"fields": list(field_ids)}


def _row(value: CustomField) -> Mapping[str, object]:
    return {
        "service_id": value.service_id,
        "slug": value.slug,
        "label": value.label,
        "kind": str(value.kind),
        "required": int(value.required),
        "pattern": value.pattern,
        "help": value.help,
        "choices": json.dumps(value.choices, ensure_ascii=False),
        "position": value.position,
        "retention_days": value.retention_days,
    }


def _field(row: StatementRow, _parts: object) -> CustomField:
    return CustomField(
        id=row.id,
        slug=row.slug,
        label=row.label,
        kind=FieldKind(row.kind),
        service_id=row.service_id,
        required=bool(row.required),
        pattern=row.pattern,
        help=row.help,
        choices=tuple(json.loads(row.choices)),
        position=row.position,
        retention_days=row.retention_days,
    )


KIND: Final = Kind(ENTITY, custom_field, _row, _field, order=("position", "label", "id"))
