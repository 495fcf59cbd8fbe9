"""The document says which credentials and headers each call takes, and each call takes them: tried one by one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import jsonify
from werkzeug.test import TestResponse

from appliance.web.callers import CSRF_HEADER, SESSION_COOKIE
from appliance.web.idempotency import HEADER
from tests import builders
from tests.web.api_client import API, Api, api_of

TOO_LONG = {HEADER: "k" * 201}


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of the document."""

    method: str
    path: str
    said: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix(API)}"

    @property
    def security(self) -> list[dict[str, list[str]]]:
        found: list[dict[str, list[str]]] = self.said["security"]
        return found

    def takes(self, scheme: str) -> bool:
        return any(scheme in alternative for alternative in self.security)

    def parameters(self, place: str) -> set[str]:
        return {each["name"] for each in self.said.get("parameters", []) if each["in"] == place}

    def by(self, caller: Api, **headers: str) -> TestResponse:
        """Made by somebody, with nothing in it that is worth carrying out."""
        names = {"door": "entrance", "controller": "gym", "output": "lamp", "area": "hall"}
        names |= {"name": "padel", "owner": "padel"}
        path = re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], "x"), self.path)
        body: dict[str, object] | None = None if self.method == "GET" else {}
        return caller.client.open(path, method=self.method, json=body, headers={**caller.headers, **headers})


def document(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/openapi.json").get_json()
    return found


def calls(api: Api) -> Iterator[Call]:
    """Every operation, with the parameters of its path."""
    for path, operations in document(api)["paths"].items():
        for method, said in operations.items():
            if method != "parameters":
                yield Call(method.upper(), path, said)


def refused_for(answer: TestResponse, field: str) -> bool:
    """Whether a problem names a field."""
    problem = answer.get_json(silent=True) or {}
    return field in {error["field"] for error in problem.get("errors", [])}


def code(answer: TestResponse) -> str:
    return str((answer.get_json(silent=True) or {}).get("code", ""))


def lapses(api: Api) -> set[str]:
    """The calls that take something else than the document says."""
    found = set()
    for call in calls(api):
        is_open = call.security == [] or {} in call.security
        if (code(call.by(api.another())) == "unauthorised") is is_open:
            found.add(f"{call}: strangers")
        hasty = api.staff()
        del hasty.headers[CSRF_HEADER]
        if (code(call.by(hasty)) == "csrf") is not call.takes("csrf"):
            found.add(f"{call}: {CSRF_HEADER}")
        known = api.bearer("reader") if call.takes("reader") else api.staff()
        answer = call.by(known, **TOO_LONG)
        if answer.status_code == 401:
            found.add(f"{call}: those whom it takes")
        if refused_for(answer, HEADER) is not (HEADER in call.parameters("header")):
            found.add(f"{call}: {HEADER}")
    return found


def test_every_call_takes_the_credentials_and_headers_that_the_document_names(api: Api) -> None:
    """DY-06."""
    assert lapses(api) == set()


def test_a_call_that_takes_something_else_is_found(tmp_path: Path) -> None:
    """DY-06: negative control; a call that became open, one that became shut, and one that forgot the key."""
    with builders.site(tmp_path / "data") as site:
        api = api_of(site)
        views = api.app.view_functions
        views["journal.journal"] = lambda: "anybody may read this"
        views["holds.hold"] = lambda: "held without a look"
        views["catalogue.services"] = lambda: (jsonify(code="unauthorised"), 401)
        assert lapses(api) == {
            "GET /journal: strangers",
            "GET /services: strangers",
            "GET /services: those whom it takes",
            f"POST /holds: {CSRF_HEADER}",
            f"POST /holds: {HEADER}",
        }


def test_the_document_describes_each_credential(api: Api) -> None:
    """DY-06: OpenAPI 3.1, security schemes."""
    schemes = document(api)["components"]["securitySchemes"]
    named = {name for call in calls(api) for alternative in call.security for name in alternative}
    assert named == set(schemes) == {"session", "csrf", "kiosk", "reader", "link"}
    assert (schemes["session"]["in"], schemes["session"]["name"]) == ("cookie", SESSION_COOKIE)
    assert (schemes["csrf"]["in"], schemes["csrf"]["name"]) == ("header", CSRF_HEADER)
    assert {schemes[name]["scheme"] for name in ("kiosk", "reader")} == {"bearer"}


@pytest.mark.parametrize(
    ("label", "security"),
    [
        ("GET /health", []),
        ("POST /session", []),
        ("GET /slots", [{}, {"session": []}, {"kiosk": []}]),
        ("POST /bookings", [{}, {"session": [], "csrf": []}, {"kiosk": []}]),
        ("GET /journal", [{"session": []}]),
        ("POST /doors/{door}/release", [{"session": [], "csrf": []}]),
        ("POST /doors/{door}/presentations", [{"reader": []}, {"link": []}]),
    ],
)
def test_the_document_says_who_may_make_a_call(api: Api, label: str, security: list[dict[str, list[str]]]) -> None:
    """DY-06."""
    (call,) = (each for each in calls(api) if str(each) == label)
    assert call.security == security


def test_the_document_names_what_proves_that_a_booking_is_ones_own(api: Api) -> None:
    """BM-22, DY-06: and the address is read where the document says so."""
    for_guests = (call for call in calls(api) if "{booking_id}" in call.path and {} in call.security)
    own = {str(call): call.parameters("query") for call in for_guests}
    for reading in ("GET /bookings/{booking_id}", "GET /bookings/{booking_id}/again"):
        assert own.pop(reading) == {"cancel_code", "sig"}
    phones = {name: own.pop(name) for name in list(own) if name.partition("}")[2].startswith(("/mobile", "/rotating"))}
    assert len(phones) == 4
    assert all(named == {"cancel_code", "sig"} for named in phones.values())
    assert len(own) == 5
    assert all(named == {"cancel_code"} for named in own.values())
    made = api.booked(builders.NOW + 30 * 3600)
    path, proof = f"/bookings/{made['id']}", {"cancel_code": made["cancel_code"]}
    signed = made["links"]["self"].partition("?sig=")[2]
    assert api.get(path).status_code == 404
    assert api.get(path, **proof).status_code == 200
    assert api.get(path, sig=signed).status_code == 200
    for address, status in (
        (f"{path}/cancel?sig={signed}", 404),
        (f"{path}/cancel?cancel_code={made['cancel_code']}", 200),
    ):
        assert api.post(address, {}).status_code == status
