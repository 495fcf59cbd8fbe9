"""What of each service may be booked at once, as rows; none for one of which nothing may (DY-47, DY-54, DY-56)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Final

from appliance.booking.services import Service, Several
from appliance.booking.tables import service_several
from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked
from appliance.storage import versioned
from appliance.storage.statements import Row
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import Kind, PartRows

_KNOWN: Final = FieldError("service", "taken", marked("This is said of the service already. Change it there."))
_NO_ROWS: Final = marked("This service cannot be booked so many times in a row.")


@dataclass(frozen=True, slots=True)
class SeveralOf:
    """What of one service may be booked at once."""

    service_id: str
    several: Several


def _row(said: SeveralOf) -> dict[str, object]:
    return {"service_id": said.service_id, **{name: int(value) for name, value in asdict(said.several).items()}}


def several_of(row: Row) -> Several:
    """What one row says."""
    return Several(bool(row.series), row.most_in_a_row, bool(row.chains), row.longest_gap_minutes, bool(row.first_only))


def _said(row: Row, _parts: PartRows) -> SeveralOf:
    return SeveralOf(row.service_id, several_of(row))


KIND: Final = Kind("service_several", service_several, _row, _said)


def mistakes(tx: Transaction, said: SeveralOf, service: Service, own_id: str | None) -> Iterable[FieldError]:
    """Everything wrong with what is said of a service, `own_id` being what it replaces."""
    if any(each.value.service_id == said.service_id and each.id != own_id for each in versioned.listed(tx, KIND)):
        yield _KNOWN
    try:
        replace(service, several=said.several)
    except ValueError:
        yield FieldError("most_in_a_row", "not_offered", _NO_ROWS)
