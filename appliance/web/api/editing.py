"""Set-up data over the API, one way for every kind: list, show, add, change, remove; the second to save is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import marshmallow as ma
from flask import Response, jsonify

from appliance.booking.actions import editing
from appliance.booking.actions.editing import Rules
from appliance.booking.idempotency_store import Request
from appliance.foundation.i18n import marked
from appliance.foundation.instants import format_instant
from appliance.identity.store import StaffMember
from appliance.storage.versioned import ChangedMeanwhile, Edited, Kind
from appliance.web.api.access import STAFF
from appliance.web.api.complaints import Asked
from appliance.web.api.fields import counted
from appliance.web.api.shapes import created
from appliance.web.api.specification import Blueprint
from appliance.web.problems import NotFound, problem
from appliance.web.unit import Unit

T = TypeVar("T")
MOST_VERSIONS = 2**31
_CHANGED = marked("Somebody else changed this meanwhile. Look at it again before you change it.")


class ArchivedSchema(Asked):
    """Whether what is archived is listed too."""

    archived = ma.fields.Boolean(load_default=False)


class VersionSchema(Asked):
    """The version that is to be removed: the one that was looked at."""

    version = counted(1, MOST_VERSIONS, in_query=True, required=True)


class EditedSchema(ma.Schema):
    """Of set-up data: how often it was changed, when last and by whom (a user name), and whether it is archived."""

    id = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    changed_at = ma.fields.String(required=True)
    changed_by = ma.fields.String(required=True)
    archived = ma.fields.Boolean(required=True)


def nothing_else(_unit: Unit) -> dict[str, object]:
    """Of a kind whose change says all by itself."""
    return {}


@dataclass(frozen=True, slots=True)
class Editing(Generic[T]):
    """One kind as the API edits it.

    path: the last part of its address; the list has that name with underscores. body: what is sent, of which `read`
    makes the value. shape: what is answered beside the members of EditedSchema. also: what is answered to a change
    besides, such as what does not fit any more.
    """

    path: str
    kind: Kind[T]
    body: type[Asked]
    answer: type[EditedSchema]
    read: Callable[[Mapping[str, Any]], T]
    shape: Callable[[T], dict[str, object]]
    rules: Rules[T]
    also: Callable[[Unit], dict[str, object]] = nothing_else

    @property
    def many(self) -> str:
        return self.path.replace("-", "_")


def add_editing(pages: Blueprint, unit: Unit, edited: Editing[T]) -> None:
    """The five calls of a kind, for staff."""
    _add_reading(pages, unit, edited)
    _add_writing(pages, unit, edited)


def _add_reading(pages: Blueprint, unit: Unit, edited: Editing[T]) -> None:
    many = type(f"Many{edited.answer.__name__}", (ma.Schema,), {
        edited.many: ma.fields.List(ma.fields.Nested(edited.answer), required=True),
        "__doc__": f"Every one of {edited.path}.",
    })  # fmt: skip

    @pages.get(f"/{edited.path}", endpoint=f"list_{edited.many}")
    @pages.open_to(STAFF, unit)
    @pages.arguments(ArchivedSchema(), location="query", as_kwargs=True)
    @pages.response(200, many)
    def every(who: StaffMember, *, archived: bool) -> Response:
        """Every one that is in use; with `archived` the others too."""
        names = unit.signing_in.names()
        found = editing.listed(unit.desk, edited.kind, archived=archived)
        return jsonify({edited.many: [shown(unit, edited.shape, each, names) for each in found]})

    @pages.get(f"/{edited.path}/<thing_id>", endpoint=f"show_{edited.many}")
    @pages.open_to(STAFF, unit)
    @pages.response(200, edited.answer)
    def one(thing_id: str, who: StaffMember) -> Response:
        """One of them, with the version to name when changing it."""
        found = editing.found(unit.desk, edited.kind, thing_id)
        if found is None:
            raise NotFound
        return jsonify(shown(unit, edited.shape, found, unit.signing_in.names()))


def _add_writing(pages: Blueprint, unit: Unit, edited: Editing[T]) -> None:
    changing = type(f"Changed{edited.body.__name__}", (edited.body,), {
        "version": counted(1, MOST_VERSIONS, required=True),
        "__doc__": "What it is to be, and the version that was looked at.",
    })  # fmt: skip

    @pages.post(f"/{edited.path}", endpoint=f"add_{edited.many}")
    @pages.open_to(STAFF, unit)
    @pages.idempotent
    @pages.arguments(edited.body())
    @pages.response(201, edited.answer)
    def add(body: Mapping[str, Any], who: StaffMember, asked: Request | None) -> Response:
        """Add one; in force at once."""
        made = editing.add(unit.desk, edited.kind, edited.rules, edited.read(body), who.actor, asked)
        return created(shown(unit, edited.shape, made, unit.signing_in.names()) | edited.also(unit))

    @pages.put(f"/{edited.path}/<thing_id>", endpoint=f"change_{edited.many}")
    @pages.open_to(STAFF, unit)
    @pages.arguments(changing())
    @pages.response(200, edited.answer)
    def change(body: Mapping[str, Any], thing_id: str, who: StaffMember) -> Response:
        """Change one; `changed_meanwhile` with who and when if somebody was faster."""
        value, version = edited.read(body), int(body["version"])
        try:
            made = editing.change(unit.desk, edited.kind, edited.rules, thing_id, value, version, who.actor)
        except ChangedMeanwhile as meanwhile:
            return changed_meanwhile(unit, meanwhile)
        if made is None:
            raise NotFound
        return jsonify(shown(unit, edited.shape, made, unit.signing_in.names()) | edited.also(unit))

    @pages.delete(f"/{edited.path}/<thing_id>", endpoint=f"remove_{edited.many}")
    @pages.open_to(STAFF, unit)
    @pages.arguments(VersionSchema(), location="query", as_kwargs=True)
    @pages.response(204)
    def remove(thing_id: str, who: StaffMember, version: int) -> Response:
        """Remove one: archived if bookings refer to it, else deleted."""
        try:
            gone = editing.remove(unit.desk, edited.kind, edited.rules, thing_id, version, who.actor)
        except ChangedMeanwhile as meanwhile:
            return changed_meanwhile(unit, meanwhile)
        if not gone:
            raise NotFound
        return Response(status=204)


def shown(
    unit: Unit, shape: Callable[[T], dict[str, object]], thing: Edited[T], names: Mapping[str, str]
) -> dict[str, object]:
    """A thing with its version, and who made that when."""
    return {
        "id": thing.id,
        **shape(thing.value),
        "version": thing.version,
        "changed_at": format_instant(thing.changed_at, unit.desk.scope.zone),
        "changed_by": names.get(thing.changed_by, thing.changed_by),
        "archived": thing.archived,
    }


def changed_meanwhile(unit: Unit, meanwhile: ChangedMeanwhile) -> Response:
    """Tells whoever was second what they did not see."""
    now = meanwhile.now
    return problem(
        409,
        "changed_meanwhile",
        _CHANGED,
        version=now.version,
        changed_at=format_instant(now.changed_at, unit.desk.scope.zone),
        changed_by=unit.signing_in.names().get(now.changed_by, now.changed_by),
    )
