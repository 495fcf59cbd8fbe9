"""The API does what its own OpenAPI document says, for whatever a machine can think of sending."""

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup

from tests import builders
from tests.web.api_client import API, Api, api_of
from tools.texts import catalogue

QUICK = settings(
    max_examples=10,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

# Whether a well-formed wish can be granted depends on the catalogue, on the clock and on what others booked: there, and
# nowhere else, a well-formed request may also be answered with 422.
GRANTED_OR = ["2xx", "401", "403", "404", "409", "422", "5xx"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "operations": [
            {
                "include-path-regex": (
                    "/(slots|calendar|holds|bookings|move|extend|journal|alarms|backup-pins|cards|mobile-keys|entitlements|corrections"
                    "|waiting|why-not|nearest|purchases)$"
                    "|/(booking-rules|price-rules|payment-terms|customer-terms|fee-products|entitlement-products|extras"
                    "|fields)|/(series|preview|occurrences|visits)$|/several|/orders/.*/cancel$|/again$"
                    "|/(busy|class-sessions|session-plans|resource-settings|exceptions|opening-hours|admissions|conflicts)"
                    "|/(facility-settings|service-settings|pools)"
                    "|/message-(templates|preview|tests|settings)"
                    "|/customers"
                ),
                "checks": {"positive_data_acceptance": {"expected-statuses": GRANTED_OR}},
            }
        ]
    }
)


@pytest.fixture(scope="module")
def served() -> Iterator[Api]:
    with tempfile.TemporaryDirectory() as folder, builders.site(Path(folder) / "data") as site:
        yield api_of(site)


def operations(served: Api) -> list[Any]:
    """Every call that the document describes."""
    document = schemathesis.openapi.from_wsgi(f"{API}/openapi.json", served.app, config=CONFIG)
    found: list[Any] = list(document.get_all_operations())
    return [described.ok() for described in found]


def in_french() -> re.Pattern[str]:
    """Any text of the French catalogue, with whatever stands in its blanks."""
    texts = [str(message.string) for message in catalogue("fr") if message.id and isinstance(message.id, str)]
    return re.compile("|".join(re.sub(r"\\{\w+\\}", ".*", re.escape(text)) for text in texts), re.DOTALL)


FRENCH = in_french()


def validated(case: Any, headers: dict[str, str] | None = None, cookies: dict[str, str] | None = None) -> None:
    """All checks of schemathesis; besides, a no speaks the caller's language, and a 422 names the field."""
    answer = case.call(headers={"Accept-Language": "fr", **(headers or {})}, cookies=cookies)
    case.validate_response(answer)
    if answer.status_code >= 400:
        told = answer.json()
        assert [words for words in [told["title"], *spoken(told["errors"])] if not FRENCH.fullmatch(words)] == []
    if answer.status_code == 422:
        errors = answer.json()["errors"]
        assert errors
        assert all(error["code"] and error["message"] for error in errors)


def spoken(errors: list[dict[str, str]]) -> list[str]:
    return [error["message"] for error in errors]


def lapses(served: Api, call: Callable[[Any], object], only: tuple[str, ...] = ("",)) -> dict[str, str]:
    """The calls that do something else than the document says, and what."""
    found = {}
    for operation in (each for each in operations(served) if each.path.endswith(only)):

        @QUICK
        @given(case=operation.as_strategy())
        def every_case(case: Any) -> None:
            call(case)

        try:
            every_case()
        except (FailureGroup, Failure) as failure:
            found[operation.label] = "\n".join(str(each) for each in getattr(failure, "exceptions", [failure]))
    return found


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_call_does_what_the_document_says_for_a_stranger(served: Api) -> None:
    """DY-06: statuses, types, headers, and no fault of the server; nobody is signed in."""
    assert lapses(served, validated) == {}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_call_does_what_the_document_says_for_staff(served: Api) -> None:
    """DY-06: the same with a session, behind which other code is reached."""
    staff = served.staff()
    cookie = staff.client.get_cookie("portvakt_session")
    assert cookie is not None
    cookies = {"portvakt_session": cookie.value}
    assert lapses(served, lambda case: validated(case, staff.headers, cookies)) == {}


def test_a_call_that_does_something_else_is_found(tmp_path: Path) -> None:
    """DY-06: negative control; one answer that fails and one that is not what was described."""
    with builders.site(tmp_path / "data") as site:
        api = api_of(site)
        api.app.view_functions["catalogue.services"] = lambda: ("no services", 500)
        api.app.view_functions["slots.slots"] = lambda: ("no slots", 201)
        wrong = ("/services", "/slots")
        assert lapses(api, validated, wrong).keys() == {"GET /api/v1/services", "GET /api/v1/slots"}


def test_the_document_names_every_call_of_the_contract(served: Api) -> None:
    """DY-06: what clients rely on from the first release."""
    labels = {operation.label.replace(API, "") for operation in operations(served)}
    wanted = {
        "GET /health", "POST /session", "DELETE /session", "POST /session/password", "GET /services", "GET /resources",
        "GET /facilities", "GET /slots", "POST /holds", "DELETE /holds/{hold_id}", "POST /bookings",
        "GET /bookings/{booking_id}", "POST /bookings/{booking_id}/cancel", "POST /bookings/{booking_id}/move",
        "POST /doors/{door}/challenges", "POST /doors/{door}/presentations", "GET /doors", "GET /doors/{door}",
        "POST /doors/{door}/release", "GET /journal", "POST /bookings/{booking_id}/extend",
        "POST /bookings/{booking_id}/check-out",
    }  # fmt: skip
    assert wanted <= labels
    assert served.get("/openapi.json").get_json()["openapi"] == "3.1.0"
