"""The API's frame: OpenAPI 3.1, problems instead of the library's own error bodies, every field error at once."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast

import flask_smorest
import marshmallow as ma
from flask import Flask, Request, Response
from flask_smorest import Api
from webargs.flaskparser import FlaskParser, abort
from werkzeug.exceptions import HTTPException, UnsupportedMediaType

from appliance import __version__
from appliance.foundation.errors import FieldError
from appliance.web.api.access import SCHEMES, Access
from appliance.web.api.complaints import NUMBER_TOO_LONG, UNREADABLE, Complaint
from appliance.web.api.fields import DateField, InstantField
from appliance.web.idempotency import PARAMETER, request_of
from appliance.web.problems import NOT_ACCEPTED, of_fault, problem
from appliance.web.unit import Unit

PREFIX = "/api/v1"
View = TypeVar("View", bound=Callable[..., Any])


class _Parser(FlaskParser):
    """webargs', which would take a body that is no JSON for none at all, and a number too long for a fault of ours."""

    def _raw_load_json(self, req: Request) -> object:
        if not req.is_json and req.get_data(cache=True):
            raise UnsupportedMediaType
        try:
            return super()._raw_load_json(req)
        except (json.JSONDecodeError, UnicodeDecodeError):
            abort(400, messages={"json": [UNREADABLE]})
        except ValueError:
            abort(400, messages={"json": [NUMBER_TOO_LONG]})


class Blueprint(flask_smorest.Blueprint):
    """A part of the API. What a call asks of its caller is declared once: it is enforced and described from there."""

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, name: str, import_name: str, *, description: str) -> None:
        super().__init__(name, import_name, description=description)
        self._prepare_doc_cbks.append(_with_access)

    def open_to(self, access: Access, unit: Unit) -> Callable[[View], View]:
        """Find out who is calling before looking at what they say; the view gets the answer as `who`.

        A stranger learns nothing from the errors of a body.
        """

        def opened(view: View) -> View:
            return _described(view, {"access": access}, lambda **values: {"who": access.check(unit), **values})

        return opened

    def idempotent(self, view: View) -> View:
        """Below `open_to`: the view gets the request that names itself by its key, or None, as `asked`."""
        return _described(
            view, {"headers": [PARAMETER]}, lambda **values: {"asked": request_of(values["who"]), **values}
        )


class FieldErrorSchema(ma.Schema):
    """One mistake in one field."""

    field = ma.fields.String(required=True, metadata={"description": "dotted path of the field, empty for the whole"})
    code = ma.fields.String(required=True)
    message = ma.fields.String(required=True)


class ProblemSchema(ma.Schema):
    """A no, as RFC 9457 has it; of what was changed meanwhile also its version, who made that, and when."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    detail = ma.fields.String()
    errors = ma.fields.List(ma.fields.Nested(FieldErrorSchema), required=True)
    reason = ma.fields.String()
    passes_at = ma.fields.String(allow_none=True)
    version = ma.fields.Integer()
    changed_at = ma.fields.String()
    changed_by = ma.fields.String()


class ProblemApi(Api):
    """flask-smorest, answering with our problems."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        """An abort of the framework as a problem; what validation found becomes one error a field."""
        data = getattr(error, "data", None)
        messages = data.get("messages") if isinstance(data, Mapping) else None
        if not isinstance(messages, Mapping):
            return of_fault(error)
        errors = [found for _, part in sorted(messages.items()) for found in field_errors(part)]
        return problem(error.code or 422, "invalid", NOT_ACCEPTED, errors=errors)

    def _register_responses(self) -> None:
        """Describe every error status as a problem; the library would say `application/json`."""
        described = {
            "description": "What is wrong, why, and when it would pass",
            "content": {"application/problem+json": {"schema": ProblemSchema}},
        }
        for name in ("DEFAULT_ERROR", *(status.name for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST)):
            self.spec.components.response(name, described, lazy=True)


def _described(view: View, says: Mapping[str, object], known: Callable[..., dict[str, object]]) -> View:
    """`view` with what is `known` beside its own values, and with what its description says besides."""

    @wraps(view)
    def asked(*args: object, **values: object) -> object:
        return view(*args, **known(**values))

    # Where flask-smorest keeps what its own decorators say of a view.
    vars(asked)["_apidoc"] = {**getattr(view, "_apidoc", {}), **says}
    return cast("View", asked)


def _with_access(doc: dict[str, Any], said: Mapping[str, Any], *, method: str, **_around: object) -> dict[str, Any]:
    """The description of an operation, with the credentials it takes: an empty list where it looks at none."""
    access = said.get("access")
    doc["security"] = access.security(method) if isinstance(access, Access) else []
    if headers := said.get("headers"):
        doc["parameters"] = [*doc.get("parameters", ()), *headers]
    return doc


def make_api(app: Flask) -> ProblemApi:
    """Mount the frame on `app`; blueprints are registered on what is returned."""
    app.config.update(
        API_TITLE="Portvakt",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = ProblemApi(app, spec_kwargs={"info": {"license": {"name": "Apache-2.0"}}})
    api.register_field(InstantField, "string", "date-time")
    api.register_field(DateField, "string", "date")
    for name, scheme in SCHEMES.items():
        api.spec.components.security_scheme(name, dict(scheme))
    return api


def field_errors(found: object, path: str = "") -> list[FieldError]:
    """What marshmallow found wrong as errors by field, whose `path` is dotted."""
    if isinstance(found, Mapping):
        return [
            error
            for name, inner in found.items()
            for error in field_errors(inner, f"{path}.{name}".lstrip(".") if name != "_schema" else path)
        ]
    sentences = found if isinstance(found, list) else [found]
    return [_error(path, sentence) for sentence in sentences]


def _error(path: str, sentence: object) -> FieldError:
    if isinstance(sentence, Complaint):
        return FieldError(path, sentence.code, str(sentence), sentence.values)
    return FieldError(path, "invalid", str(sentence))
