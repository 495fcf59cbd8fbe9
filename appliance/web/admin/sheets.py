"""Set-up data of any kind as pages: a list with search, and a form whose OK saves and whose Cancel discards.

Rows BRP-10, BRP-18, BRP-19 and BRP-23. A kind joins by a `Sheet` that describes its form; what is saved goes the way
of the API, by the same schema, rules and versions.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import marshmallow as ma
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions import editing
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked, plural, text
from appliance.storage.versioned import ChangedMeanwhile, Edited
from appliance.web.admin.asks import SPARE_ROWS, Ask, AskKind, Body, Section, body_of, fresh, typed, value_in
from appliance.web.admin.console import Console
from appliance.web.admin.help_desk import NOT_KNOWN_YET
from appliance.web.admin.moments import moment
from appliance.web.api.editing import Editing
from appliance.web.api.specification import field_errors
from appliance.web.forms import Filled, is_confirmed
from appliance.web.problems import NotFound
from appliance.web.speaking import language
from appliance.web.unit import Unit

_ILL_TYPED: Final = frozenset({"invalid", "out_of_range"})
_AS_TYPED: Final = {
    AskKind.CLOCK: marked("Write a time of day, such as 18:00."),
    AskKind.MONEY: marked("Write an amount, such as 120 or 120.50."),
}
_MEANWHILE = marked("{who} changed this meanwhile ({time}). Look at it as it is now before you change it.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """How one kind is edited. slug: in its address. title, one: marked, of many and of one.

    name: what a thing is called, from its shape. says: one line more about it. read: sentences of what it means.
    placed: a value at a place of its list, for kinds whose order staff choose.
    """

    slug: str
    title: str
    one: str
    help: str
    editing: Editing[Any]
    sections: tuple[Section, ...]
    name: Callable[[Mapping[str, Any]], str] = lambda shape: str(shape["name"])
    says: Callable[[Mapping[str, Any]], str] = lambda _shape: ""
    read: Callable[[Any], Sequence[str]] = lambda _value: ()
    placed: Callable[[Any, int], Any] | None = None

    @property
    def asks(self) -> list[Ask]:
        return [ask for section in self.sections for ask in section.asks]


class SheetsOfConsole:
    """`/admin/setup/{sheet}`, `/new` and one for each thing."""

    def __init__(self, console: Console, sheets: Sequence[Sheet]) -> None:
        self._console = console
        self._desk = console.unit.desk
        self._zone = console.unit.desk.scope.zone
        self._sheets = {sheet.slug: sheet for sheet in sheets}

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/setup/<slug>", "sheet_list", self.every)
        blueprint.add_url_rule("/setup/<slug>/new", "sheet_new", self.new)
        blueprint.add_url_rule("/setup/<slug>/new", "sheet_add", self.add, methods=["POST"])
        blueprint.add_url_rule("/setup/<slug>/<thing_id>", "sheet", self.one)
        blueprint.add_url_rule("/setup/<slug>/<thing_id>", "sheet_change", self.change, methods=["POST"])
        blueprint.add_url_rule("/setup/<slug>/<thing_id>/up", "sheet_up", self.up, methods=["POST"])
        blueprint.add_url_rule("/setup/<slug>/<thing_id>/remove", "sheet_remove", self.remove, methods=["POST"])

    def every(self, slug: str) -> ResponseReturnValue:
        sheet, wanted = self._sheet(slug), request.args.get("q", "").strip()[:80]
        found = []
        for each in self._every(sheet):
            shape = sheet.editing.shape(each.value)
            name, says = sheet.name(shape), sheet.says(shape)
            if wanted.casefold() in f"{name} {says}".casefold():
                found.append((each.id, name, says))
        return self._console.page("sheet_list.html", sheet=sheet, found=found, wanted=wanted)

    def new(self, slug: str) -> ResponseReturnValue:
        sheet = self._sheet(slug)
        # What is new stands at the end of a list whose order was chosen.
        last = {"position": len(self._every(sheet))} if sheet.placed is not None else {}
        return self._form(sheet, None, fresh(sheet.asks) | last | request.args.to_dict(), {})

    def add(self, slug: str) -> ResponseReturnValue:
        sheet = self._sheet(slug)
        body = body_of(sheet.asks, request.form, self._zone)
        try:
            value = sheet.editing.read(judged(sheet.editing.body(), self._whole(sheet, body)))
            made = editing.add(self._desk, sheet.editing.kind, sheet.editing.rules, value, self._console.actor)
        except Invalid as fault:
            return self._form(sheet, None, body, by_ask(sheet.asks, fault.errors)), 422
        return self._saved(sheet, made, text(language(), "It is saved and in force."))

    def one(self, slug: str, thing_id: str) -> ResponseReturnValue:
        sheet = self._sheet(slug)
        found = self._found(sheet, thing_id)
        return self._form(sheet, found, sheet.editing.shape(found.value), {})

    def change(self, slug: str, thing_id: str) -> ResponseReturnValue:
        sheet, version = self._sheet(slug), request.form.get("version", "")
        found = self._found(sheet, thing_id)
        body = body_of(sheet.asks, request.form, self._zone)
        try:
            value = sheet.editing.read(
                judged(sheet.editing.body(), self._whole(sheet, body, sheet.editing.shape(found.value)))
            )
            seen = int(version) if version.isdecimal() and len(version) < 10 else 0
            made = editing.change(
                self._desk, sheet.editing.kind, sheet.editing.rules, thing_id, value, seen, self._console.actor
            )
        except Invalid as fault:
            return self._form(sheet, found, body, by_ask(sheet.asks, fault.errors), version), 422
        except ChangedMeanwhile as meanwhile:
            return self._form(sheet, found, body, {"": [changed_told(self._console.unit, meanwhile.now)]}, version), 409
        return self._saved(sheet, made or found, text(language(), "It is saved and in force."))

    def up(self, slug: str, thing_id: str) -> ResponseReturnValue:
        """Move a thing before the one that stands before it."""
        sheet, back = self._sheet(slug), url_for("admin.sheet_list", slug=slug)
        if sheet.placed is None:
            raise NotFound
        editing.move_up(self._desk, sheet.editing.kind, sheet.placed, thing_id, self._console.actor)
        return self._console.done(back, text(language(), "It is saved and in force."))

    def remove(self, slug: str, thing_id: str) -> ResponseReturnValue:
        sheet, version = self._sheet(slug), request.form.get("version", "")
        found, back = self._found(sheet, thing_id), url_for("admin.sheet", slug=slug, thing_id=thing_id)
        name = sheet.name(sheet.editing.shape(found.value))
        if not is_confirmed():
            said = text(language(), "“{name}” is taken away. What was booked of it stays as it is.", name=name)
            button = text(language(), "Take it away")
            return self._console.confirmation(name, said, button, back)
        seen = int(version) if version.isdecimal() and len(version) < 10 else 0
        try:
            editing.remove(self._desk, sheet.editing.kind, sheet.editing.rules, thing_id, seen, self._console.actor)
        except ChangedMeanwhile as meanwhile:
            return self._console.done(back, changed_told(self._console.unit, meanwhile.now), is_trouble=True)
        told = text(language(), "“{name}” is taken away.", name=name)
        return self._console.done(url_for("admin.sheet_list", slug=slug), told)

    def _saved(self, sheet: Sheet, _made: Edited[Any], words: str) -> ResponseReturnValue:
        also = sheet.editing.also(self._console.unit)
        unfit, is_pending = also.get("conflicts"), also.get("in_force") == "pending"
        if isinstance(unfit, list) and unfit:
            words += " " + conflicts_said(len(unfit))
        if is_pending:
            words += " " + text(language(), NOT_KNOWN_YET)
        is_trouble = bool(unfit) or is_pending
        return self._console.done(url_for("admin.sheet_list", slug=sheet.slug), words, is_trouble=is_trouble)

    def _whole(self, sheet: Sheet, body: Body, before: Mapping[str, Any] | None = None) -> Body:
        """A body with what the form does not ask for as it was, and with a short name where none was typed."""
        asked = {ask.name.partition(".")[0] for ask in sheet.asks}
        kept = {name: (before or {}).get(name) for name in sheet.editing.body().fields if name not in asked}
        named = (
            {"slug": slug_of(str(body["name"]))} if "slug" in asked and "slug" not in body and "name" in body else {}
        )
        typed = str(body.get("slug", ""))
        short = {"slug": slug_of(typed) or typed} if typed else {}
        return {**{name: value for name, value in kept.items() if value is not None}, **named, **body, **short}

    def _form(
        self,
        sheet: Sheet,
        thing: Edited[Any] | None,
        body: Mapping[str, Any],
        wrong: Mapping[str, list[str]],
        version: str = "",
    ) -> str:
        sections = [
            (section, [shown(ask, ask.name, value_in(body, ask.name), self._console) for ask in section.asks])
            for section in sheet.sections
        ]
        return self._console.page(
            "sheet.html",
            sheet=sheet,
            thing=thing,
            heading=sheet.name(sheet.editing.shape(thing.value)) if thing else text(language(), sheet.one),
            sections=sections,
            form=Filled({}, {}, wrong),
            version=version or (thing.version if thing else ""),
            sentences=sheet.read(thing.value) if thing else (),
            changed=changed_said(self._console.unit, thing) if thing and thing.changed_at else "",
        )

    def _sheet(self, slug: str) -> Sheet:
        if slug not in self._sheets:
            raise NotFound
        return self._sheets[slug]

    def _every(self, sheet: Sheet) -> list[Edited[Any]]:
        return editing.listed(self._desk, sheet.editing.kind, archived=False)

    def _found(self, sheet: Sheet, thing_id: str) -> Edited[Any]:
        found = editing.found(self._desk, sheet.editing.kind, thing_id)
        if found is None:
            raise NotFound
        return found


def conflicts_said(count: int) -> str:
    """How many bookings do not fit any more, as a sentence."""
    return plural(language(), "{count} booking does not fit any more.", "{count} bookings do not fit any more.", count)


def shown(ask: Ask, name: str, value: Any, console: Console) -> dict[str, object]:
    """An ask as its template shows it, with what stands in it; rows with some spare ones."""
    zone, spoken = console.unit.desk.scope.zone, language()
    options = [] if ask.options is None else list(ask.options())
    rows: list[list[dict[str, object]]] = []
    if ask.kind is AskKind.ROWS:
        there = [value] if ask.single and value else [] if ask.single else list(value or ())
        spare = [fresh(ask.parts)] * ((1 - len(there)) if ask.single else SPARE_ROWS)
        rows = [
            [shown(part, f"{name}.{place}.{part.name}", row.get(part.name), console) for part in ask.parts]
            for place, row in enumerate([*there, *spare])
        ]
    chosen = {str(each) for each in value} if ask.kind is AskKind.MANY and isinstance(value, list | tuple) else set()
    lead = value if isinstance(value, Mapping) else {}
    return {
        "kind": str(ask.kind),
        "name": name,
        "label": text(spoken, ask.label),
        "help": text(spoken, ask.help) if ask.help else "",
        "required": ask.required,
        "options": options,
        "lacking": _lacking(ask) if not options else None,
        "value": "" if rows or chosen or lead or ask.kind is AskKind.MANY else typed(ask, value, zone),
        "chosen": chosen,
        "lead": lead,
        "is_on": value is True,
        "rows": rows,
    }


def _lacking(ask: Ask) -> tuple[str, str] | None:
    if ask.lacking is None:
        return None
    words, sheet, kind = ask.lacking
    return text(language(), words), url_for("admin.sheet_new", slug=sheet, kind=kind)


def judged(schema: ma.Schema, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A body as its schema hands it over; Invalid with every mistake."""
    try:
        loaded: Mapping[str, Any] = schema.load(body)
    except ma.ValidationError as fault:
        raise Invalid(*field_errors(fault.messages)) from fault
    return loaded


def changed_told(unit: Unit, now: Edited[Any]) -> str:
    """Who was faster, and when, as a sentence."""
    who = unit.signing_in.names().get(now.changed_by, now.changed_by)
    return text(language(), _MEANWHILE, who=who, time=moment(now.changed_at, unit.desk.scope.zone))


def changed_said(unit: Unit, thing: Edited[Any]) -> str:
    """Who changed something last, and when, as a sentence."""
    who = unit.signing_in.names().get(thing.changed_by, thing.changed_by)
    time = moment(thing.changed_at, unit.desk.scope.zone)
    return text(language(), "Last changed by {who}, {time}", who=who, time=time)


def slug_of(name: str) -> str:
    """A short name made of a name: Halvhall Ö 2 becomes halvhall-o-2; empty where it has no letter of ours."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(each if each.isalnum() else " " for each in plain).split())[:60].strip("-")


def by_ask(asks: Sequence[Ask], errors: Sequence[FieldError]) -> dict[str, list[str]]:
    """Sentences by the field beside which they are told: the innermost that the mistake lies in."""
    known = {ask.name: ask for ask in asks} | {
        f"{ask.name}.{place}.{part.name}": part for ask in asks for place in range(60) for part in ask.parts
    }
    wrong: dict[str, list[str]] = {}
    for error in errors:
        at = error.field
        while at and at not in known:
            at = at.rpartition(".")[0]
        # The schema judges minutes of the day and hundredths, of which the form says nothing.
        said = _AS_TYPED.get(known[at].kind) if at and error.code in _ILL_TYPED else None
        sentence = text(language(), said) if said else error.told(language())
        if sentence not in wrong.setdefault(at, []):
            wrong[at].append(sentence)
    return wrong
