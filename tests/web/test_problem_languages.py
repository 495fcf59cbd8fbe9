"""Whatever is wrong is said in the caller's language, and a program goes by the same code in each."""

import re
from collections.abc import Callable, Iterator

import marshmallow as ma
import pytest
from werkzeug.test import TestResponse

from appliance.door_socket.client import DoorRefused
from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import LANGUAGES
from appliance.foundation.instants import HOUR, format_instant
from appliance.web.api import schemas, session_schemas
from appliance.web.api.complaints import Asked, Complaint, at_most
from appliance.web.callers import CSRF_HEADER
from appliance.web.problems import of_fault
from tests.builders import NOW, STOCKHOLM
from tests.web.api_client import Api, problem

LATER = NOW + 30 * HOUR


def in_each(api: Api, ask: Callable[[Api], TestResponse]) -> dict[str, TestResponse]:
    """The same question in every language."""
    answers = {}
    for language in LANGUAGES:
        api.headers["Accept-Language"] = language
        answers[language] = ask(api)
    return answers


def without_csrf(api: Api) -> TestResponse:
    staff = api.staff()
    del staff.headers[CSRF_HEADER]
    return staff.client.delete("/api/v1/session", headers=api.headers)


def used_twice(api: Api) -> TestResponse:
    api.post("/holds", {"service": "padel", "start": format_instant(LATER, STOCKHOLM)}, Idempotency_Key="k")
    return api.post(
        "/holds", {"service": "padel", "start": format_instant(LATER + HOUR, STOCKHOLM)}, Idempotency_Key="k"
    )


def doors_away(api: Api) -> TestResponse:
    api.doors.away = True
    return api.get("/doors")


@pytest.mark.parametrize(
    ("status", "ask"),
    [
        (
            400,
            lambda api: api.client.post(
                "/api/v1/holds", data="{", content_type="application/json", headers=api.headers
            ),
        ),
        (401, lambda api: api.get("/journal")),
        (403, without_csrf),
        (404, lambda api: api.get("/nowhere")),
        (404, lambda api: api.get("/doors/nowhere")),
        (405, lambda api: api.client.put("/api/v1/holds", headers=api.headers)),
        (409, used_twice),
        (413, lambda api: api.post("/holds", {"service": "x" * 70_000})),
        (415, lambda api: api.client.post("/api/v1/holds", data="service=padel", headers=api.headers)),
        (422, lambda api: api.post("/holds", {})),
        (503, doors_away),
    ],
)
def test_a_problem_is_told_in_the_callers_language(api: Api, status: int, ask: Callable[[Api], TestResponse]) -> None:
    """DY-06: three titles under one code, each named for what it is."""
    answers = in_each(api, ask)
    assert {answer.status_code for answer in answers.values()} == {status}
    told = {language: problem(answer) for language, answer in answers.items()}
    assert len({each["title"] for each in told.values()}) == len(LANGUAGES)
    assert len({each["code"] for each in told.values()}) == 1
    assert {language: answer.headers["Content-Language"] for language, answer in answers.items()} == {
        language: language for language in LANGUAGES
    }


def test_who_names_no_language_of_ours_reads_swedish(api: Api) -> None:
    api.headers["Accept-Language"] = "tlh"
    assert problem(api.get("/nowhere"))["title"] == "Här finns ingenting."


@pytest.mark.parametrize(
    ("change", "field", "code", "english"),
    [
        ({"quantity": "two"}, "quantity", "invalid", "Write a whole number."),
        ({"quantity": 5000}, "quantity", "out_of_range", "Choose a number from 1 to 1000."),
        (
            {"start": "soon"},
            "start",
            "invalid",
            "Write a date and time with its offset, such as 2026-11-22T18:00:00+01:00.",
        ),
        ({"service": None}, "service", "null", "This must not be null."),
        ({"hold": "x" * 61}, "hold", "too_long", "Write at most 60 characters."),
        ({"service": "curling"}, "service", "unknown", "There is no such service."),
        ({"colour": "red"}, "colour", "unknown", "There is no such field."),
        ({"customer": "Anna"}, "customer", "invalid", "Write an object with names and values."),
        ({"customer": {"email": "no"}}, "customer.email", "not_an_email", "This is not an e-mail address."),
        (
            {"customer": {"name": "A\n", "email": "a@example.se"}},
            "customer.name",
            "invalid",
            "Leave out control characters.",
        ),
    ],
)
def test_each_mistake_is_told_in_the_callers_language(
    api: Api, change: dict[str, object], field: str, code: str, english: str
) -> None:
    """DY-06: with the numbers of the rule filled in after it was translated."""
    answers = in_each(api, lambda asking: asking.post("/bookings", api.booking(LATER) | change))
    told = {
        language: [error for error in problem(answer)["errors"] if error["field"] == field]
        for language, answer in answers.items()
    }
    assert [(error["code"], error["message"]) for error in told["en"]] == [(code, english)]
    assert {errors[0]["code"] for errors in told.values()} == {code}
    assert len({errors[0]["message"] for errors in told.values()}) == len(LANGUAGES)
    assert all(re.findall(r"\d+", errors[0]["message"]) == re.findall(r"\d+", english) for errors in told.values())


def test_what_the_catalogue_does_not_offer_is_told_in_the_callers_language(api: Api) -> None:
    asked = {"service": "padel", "from_": format_instant(LATER, STOCKHOLM), "to": format_instant(LATER, STOCKHOLM)}
    answers = in_each(api, lambda asking: asking.get("/slots", **asked, duration=7, quantity=999))
    told = [{error["field"]: error["message"] for error in problem(answer)["errors"]} for answer in answers.values()]
    assert all(each.keys() == {"to", "duration", "quantity"} for each in told)
    assert all(len({each[field] for each in told}) == len(LANGUAGES) for field in told[0])


@pytest.mark.parametrize("code", ["no_such_door", "not_offered", "malformed", "taken"])
def test_what_the_door_process_refuses_is_told_in_the_callers_language(api: Api, code: str) -> None:
    """It speaks English over its socket, and its code is translated."""
    told = set()
    for language in LANGUAGES:
        with api.app.test_request_context(headers={"Accept-Language": language}):
            answer = of_fault(DoorRefused(code, "in plain English", "value")).get_data(as_text=True)
        assert "in plain English" not in answer
        told.add(answer)
    assert len(told) == len(LANGUAGES)


def fields_of(schema: ma.Schema) -> Iterator[tuple[str, ma.fields.Field[object]]]:
    """Every field that a schema reads, with the name of the schema."""
    for name, each in schema.fields.items():
        yield f"{type(schema).__name__}.{name}", each


def unspoken(schema: ma.Schema) -> list[str]:
    """What a schema would say in marshmallow's words."""
    found = [
        f"{type(schema).__name__}: {key}" for key in ("unknown", "type") if not is_ours(schema.error_messages[key])
    ]
    for name, each in fields_of(schema):
        found += [f"{name}: {key}" for key, message in each.error_messages.items() if not is_ours(message)]
        checks = [check for check in each.validators if isinstance(check, ma.validate.Validator)]
        found += [f"{name}: {check!r}" for check in checks if not is_ours(getattr(check, "error", None))]
    return found


def is_ours(message: object) -> bool:
    return isinstance(message, Complaint)


def test_no_schema_that_reads_speaks_in_words_of_the_library() -> None:
    asked = [
        kind() for kind in Asked.__subclasses__() if kind.__module__ in (schemas.__name__, session_schemas.__name__)
    ]
    assert len(asked) > 10
    assert [message for schema in asked for message in unspoken(schema)] == []


def test_words_of_the_library_are_found() -> None:
    """Negative control: a check with its own message, and a schema that is not of ours."""

    class Half(Asked):
        name = ma.fields.String(validate=[at_most(3), ma.validate.Length(max=3)])

    class Bare(ma.Schema):
        age = ma.fields.Integer()

    assert len(unspoken(Half())) == 1
    assert {"Bare: unknown", "Bare.age: invalid"} <= set(unspoken(Bare()))


def test_a_complaint_does_not_keep_the_value_it_is_about() -> None:
    """It may be a password, and a complaint may end in a log."""
    with pytest.raises(ma.ValidationError) as fault:
        session_schemas.PasswordSchema().load({"old": "hemligt" * 200, "new": "x" * 12})
    (complaint,) = fault.value.messages_dict["old"]
    assert complaint.values.keys() == {"min", "max", "equal"}


def test_a_message_without_values_may_hold_braces() -> None:
    assert FieldError("a", "b", "write {name}").told("sv") == "write {name}"
    assert FieldError("a", "b", "Choose at most {most}.", {"most": 4}).told("sv") == "Välj högst 4."
