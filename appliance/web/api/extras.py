"""Extras with their pictures, and custom fields, as staff edit them (DY-61, DY-66 to DY-69)."""

import hashlib
from collections.abc import Iterable

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from appliance.booking import answer_store, extra_store
from appliance.booking.actions.editing import Rules
from appliance.booking.custom_fields import CustomField
from appliance.booking.extras import Extra
from appliance.booking.services import ServiceKind
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked
from appliance.foundation.static_version import FOR_EVER
from appliance.identity.store import StaffMember
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction
from appliance.web import pictures
from appliance.web.api import extra_schemas
from appliance.web.api.access import ANYBODY, STAFF
from appliance.web.api.editing import Editing, add_editing
from appliance.web.api.specification import Blueprint
from appliance.web.callers import Caller
from appliance.web.problems import NotFound
from appliance.web.unit import Unit, catalogue_now

_IN_A_CLASS = marked("In a class an extra takes neither time nor anything of its own.")
_TAKEN = FieldError("slug", "taken", marked("Another field has this name."))
_PICTURE = {"type": "string", "format": "binary"}
_UPLOAD = {"required": True, "content": {media_type: {"schema": _PICTURE} for media_type in pictures.TAKEN}}

FIELDS = Editing(
    "fields",
    answer_store.KIND,
    extra_schemas.CustomFieldSchema,
    extra_schemas.CustomFieldAnswerSchema,
    extra_schemas.field_of,
    extra_schemas.field_shape,
    Rules(lambda tx, value, own_id: _wrong_field(tx, value, own_id), answer_store.is_answered),
)


def blueprint(unit: Unit) -> Blueprint:
    """`/extras` and `/fields`."""
    pages = Blueprint("extras", __name__, description="What is taken and asked beside a service")
    add_editing(pages, unit, extra_editing(unit))
    add_editing(pages, unit, FIELDS)
    _add_images(pages, unit)
    return pages


def extra_editing(unit: Unit) -> Editing[Extra]:
    """Extras as staff edit them."""
    return Editing(
        "extras",
        extra_store.kind(unit.desk.scope.currency),
        extra_schemas.ExtraSchema,
        extra_schemas.ExtraAnswerSchema,
        extra_schemas.extra_of,
        extra_schemas.extra_shape,
        Rules(_wrong_extra, _is_kept),
    )


def _add_images(pages: Blueprint, unit: Unit) -> None:
    @pages.get("/extras/<extra_id>/image")
    @pages.open_to(ANYBODY, unit)
    @pages.alt_response(200, description="The picture", content_type=pictures.MEDIA_TYPE)
    def image(extra_id: str, who: Caller) -> Response:
        """The picture of an extra, always WebP."""
        with unit.desk.book.read(unit.desk.scope) as tx:
            found = extra_store.image(tx, extra_id)
        if found is None:
            raise NotFound
        return Response(found[1], content_type=pictures.MEDIA_TYPE, headers={"Cache-Control": FOR_EVER})

    @pages.put("/extras/<extra_id>/image")
    @pages.open_to(STAFF, unit)
    @pages.doc(requestBody=_UPLOAD)
    @pages.response(204)
    def put_image(extra_id: str, who: StaffMember) -> Response:
        """Give an extra a picture (PNG, JPEG or WebP, at most 2 MiB); it is made small and written anew."""
        if request.mimetype not in pictures.TAKEN:
            raise UnsupportedMediaType
        request.max_content_length = pictures.LARGEST_UPLOAD
        small = pictures.made_small(request.get_data(cache=False))
        if isinstance(small, FieldError):
            raise Invalid(small)
        with unit.desk.book.write(unit.desk.scope, f"staff:{who.id}") as tx:
            _require(unit, tx, extra_id)
            extra_store.put_image(tx, extra_id, hashlib.sha256(small).hexdigest(), small)
        return Response(status=204)

    @pages.delete("/extras/<extra_id>/image")
    @pages.open_to(STAFF, unit)
    @pages.response(204)
    def drop_image(extra_id: str, who: StaffMember) -> Response:
        """Take the picture of an extra away."""
        with unit.desk.book.write(unit.desk.scope, f"staff:{who.id}") as tx:
            _require(unit, tx, extra_id)
            extra_store.drop_image(tx, extra_id)
        return Response(status=204)


def _require(unit: Unit, tx: Transaction, extra_id: str) -> None:
    if versioned.found(tx, extra_store.kind(unit.desk.scope.currency), extra_id) is None:
        raise NotFound


def _is_kept(tx: Transaction, extra_id: str) -> bool:
    """Whether an extra stays in the file: a booking has it, or it has a picture."""
    return extra_store.is_booked(tx, extra_id) or extra_store.image(tx, extra_id) is not None


def _wrong_extra(_tx: Transaction, extra: Extra, _extra_id: str | None) -> Iterable[FieldError]:
    service = catalogue_now().service(extra.service_id) if extra.service_id else None
    if service is not None and service.kind is ServiceKind.CLASS:
        if extra.minutes:
            yield FieldError("minutes", "not_offered", _IN_A_CLASS)
        if extra.need is not None:
            yield FieldError("need", "not_offered", _IN_A_CLASS)


def _wrong_field(tx: Transaction, asked: CustomField, field_id: str | None) -> Iterable[FieldError]:
    """A name that another field has, which would be asked together with this one."""
    for other in versioned.listed(tx, answer_store.KIND):
        together = None in (other.value.service_id, asked.service_id) or other.value.service_id == asked.service_id
        if other.id != field_id and other.value.slug == asked.slug and together:
            yield _TAKEN
            return
