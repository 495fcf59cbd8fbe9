"""What a form of set-up data asks for, one `Ask` for each part of a body, and the way from a form to a body and back.

A body is what the API takes, so that the schemas of the API judge what was typed here too. What cannot be read as it
should is handed on as it was typed, for the schema to complain about.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from appliance.foundation.instants import format_instant, parse_instant

Body: TypeAlias = dict[str, Any]
Options: TypeAlias = Callable[[], Sequence[tuple[str, str]]]
SPARE_ROWS: Final = 2
# As people write them: 8, 8:30, 8.30, 0830, 8 h 30; 120, 120 kr, 120:-
_CLOCK: Final = re.compile(r"(?P<hour>[0-9]{1,2})\s?[:.hH]?\s?(?P<minute>[0-5][0-9])?")
_CURRENCY: Final = re.compile(r"(?:kr|sek|eur|€|:-)\.?$", re.IGNORECASE)


class AskKind(StrEnum):
    """How something is asked for."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"  # minor units, typed as units with decimals
    CHOICE = "choice"
    FOUND = "found"  # one of many, found by typing a part of its name
    TICK = "tick"
    MANY = "many"
    CLOCK = "clock"  # a minute of the day
    DATE = "date"
    MOMENT = "moment"
    LINES = "lines"
    LEAD = "lead"  # a lead time, or nothing
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Ask:
    """One part of a body, by its dotted name. label, help: marked texts.

    first: what stands there for something new. parts: what each of several rows asks; a row whose first part is empty
    is none. single: there is one row or none. lacking: what to do where there is nothing to choose from (marked), the
    sheet where that is done, and the kind of thing to add there.
    """

    name: str
    label: str
    kind: AskKind = AskKind.TEXT
    help: str = ""
    options: Options | None = None
    first: object = None
    parts: tuple["Ask", ...] = ()
    required: bool = False
    single: bool = False
    lacking: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Asks that belong together, under a heading (marked); a folded one opens on demand."""

    heading: str
    asks: tuple[Ask, ...]
    folded: bool = False


def body_of(asks: Sequence[Ask], form: "MultiDict[str, str]", zone: ZoneInfo) -> Body:
    """The body that a form describes; what was left empty is left out."""
    body: Body = {}
    for ask in asks:
        value = _read(ask, ask.name, form, zone)
        if value is not None:
            _put(body, ask.name, value)
    return body


def fresh(asks: Sequence[Ask]) -> Body:
    """The body of something new."""
    body: Body = {}
    for ask in asks:
        if ask.first is not None:
            _put(body, ask.name, ask.first)
    return body


def value_in(body: Mapping[str, Any], name: str) -> Any:
    """What stands in a body under a dotted name."""
    value: Any = body
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def typed(ask: Ask, value: Any, zone: ZoneInfo) -> str:
    """How a value stands in its field."""
    if value is None:
        return ""
    if isinstance(value, int) and ask.kind is AskKind.MONEY:
        return str(Decimal(value) / 100)
    if isinstance(value, int) and ask.kind is AskKind.CLOCK:
        return f"{value // 60:02}:{value % 60:02}"
    if ask.kind is AskKind.LINES:
        return "\n".join(value)
    if ask.kind is AskKind.FOUND and ask.options:
        return str(dict(ask.options()).get(value, value))
    if ask.kind is AskKind.MOMENT:
        return _local(str(value), zone)
    return str(value)


def _local(value: str, zone: ZoneInfo) -> str:
    try:
        return datetime.fromtimestamp(parse_instant(value), zone).strftime("%Y-%m-%dT%H:%M")
    except ValueError:
        return value


def _put(body: Body, name: str, value: object) -> None:
    *path, last = name.split(".")
    for part in path:
        body = body.setdefault(part, {})
    body[last] = value


def _read(ask: Ask, name: str, form: "MultiDict[str, str]", zone: ZoneInfo) -> Any:
    if ask.kind is AskKind.TICK:
        return form.get(name, "") != ""
    if ask.kind is AskKind.MANY:
        chosen = [value for value in form.getlist(name) if value]
        return [int(value) if isinstance(value, str) and value.isdecimal() else value for value in chosen]
    if ask.kind is AskKind.ROWS:
        rows = _rows(ask, name, form, zone)
        return (rows[0] if rows else None) if ask.single else rows
    if ask.kind is AskKind.LEAD:
        value = _whole(form.get(f"{name}.value", "").strip())
        return None if value == "" else {"value": value, "unit": form.get(f"{name}.unit", "")}
    text = form.get(name, "").strip()
    return None if text == "" else (_VALUES[ask.kind](ask, text, zone) if ask.kind in _VALUES else text)


def _rows(ask: Ask, name: str, form: "MultiDict[str, str]", zone: ZoneInfo) -> list[Body]:
    places = {key.removeprefix(f"{name}.").partition(".")[0] for key in form if key.startswith(f"{name}.")}
    rows = []
    for place in sorted((int(each) for each in places if each.isdecimal()), key=int):
        row: Body = {}
        for part in ask.parts:
            value = _read(part, f"{name}.{place}.{part.name}", form, zone)
            if value is not None:
                row[part.name] = value
        if row.get(ask.parts[0].name) not in (None, ""):
            rows.append(row)
    return rows


def _whole(text: str) -> int | str:
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 20 else text


def _money(_ask: Ask, text: str, _zone: ZoneInfo) -> object:
    try:
        units = Decimal(_CURRENCY.sub("", "".join(text.split()).replace(",", "."))) * 100
    except InvalidOperation:
        return text
    return int(units) if units.is_finite() and units == units.to_integral_value() else text


def _clock(_ask: Ask, text: str, _zone: ZoneInfo) -> object:
    found = _CLOCK.fullmatch(text)
    return int(found["hour"]) * 60 + int(found["minute"] or 0) if found else text


def _moment(_ask: Ask, text: str, zone: ZoneInfo) -> object:
    try:
        return format_instant(int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()), zone)
    except ValueError:
        return text


def _found(ask: Ask, text: str, _zone: ZoneInfo) -> object:
    by_words = {words.casefold(): value for value, words in (ask.options() if ask.options else ())}
    return by_words.get(text.casefold(), text)


_VALUES: Final[Mapping[AskKind, Callable[[Ask, str, ZoneInfo], object]]] = {
    AskKind.NUMBER: lambda _ask, text, _zone: _whole(text),
    AskKind.MONEY: _money,
    AskKind.CLOCK: _clock,
    AskKind.MOMENT: _moment,
    AskKind.FOUND: _found,
    AskKind.LINES: lambda _ask, text, _zone: [line.strip() for line in text.splitlines() if line.strip()],
}
