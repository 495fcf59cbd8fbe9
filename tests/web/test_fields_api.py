"""Custom fields over HTTP: asked, required, sealed, shown to staff, forgotten (DY-61)."""

import json

import pytest

from appliance.booking.actions.answering import forget_answers
from appliance.foundation.instants import DAY, HOUR, format_instant
from tests.builders import NOW, STOCKHOLM
from tests.web.api_client import Api, codes
from tests.web.extra_world import RACKET, added, wish

LATER = NOW + 30 * HOUR
PLATE = {"slug": "plate", "label": "Registreringsnummer", "kind": "text", "pattern": "AAA 99N", "required": True}


@pytest.fixture
def staff(api: Api) -> Api:
    return api.staff()


@pytest.fixture
def asked(staff: Api) -> Api:
    """One field of each kind, asked with padel; one of them with everything."""
    added(staff, "/fields", **PLATE, service="padel", position=1, retention_days=30)
    added(staff, "/fields", slug="age", label="Ålder", kind="number", position=2)
    level = {"slug": "level", "label": "Nivå", "kind": "choice", "choices": ["Nybörjare", "Van"], "required": True}
    added(staff, "/fields", **level, service="padel", position=3)
    added(staff, "/fields", slug="rules", label="Reglerna", kind="checkbox", required=True, service="padel", position=4)
    added(staff, "/fields", slug="born", label="Född", kind="date", service="padel", position=5)
    added(staff, "/fields", slug="kin", label="Anhörig", kind="phone", service="padel", position=6)
    return staff


GOOD = {"plate": "ABC 12D", "age": 41, "level": "Van", "rules": True, "born": "1985-02-28", "kin": "070-174 06 05"}


@pytest.mark.feature("DY-61")
def test_a_booking_keeps_what_was_answered_for_staff_to_see(api: Api, asked: Api) -> None:
    """DY-61: each kind in its one spelling, with the label as it was asked; nobody but staff sees it."""
    fields = api.get("/services").get_json()["services"][0]["fields"]
    assert [(each["name"], each["required"]) for each in fields][:2] == [("plate", True), ("age", False)]
    made = api.booked(LATER, fields=GOOD)
    told = asked.get(f"/bookings/{made['id']}").get_json()["answers"]
    assert {each["field"]: each["value"] for each in told} == {
        "plate": "ABC 12D", "age": "41", "level": "Van", "rules": "yes", "born": "1985-02-28", "kin": "+46701740605",
    }  # fmt: skip
    own = api.get(f"/bookings/{made['id']}", cancel_code=made["cancel_code"]).get_json()
    assert "answers" not in made
    assert "answers" not in own
    plate = asked.get("/fields").get_json()["fields"][0]
    asked.put(f"/fields/{plate['id']}", {**PLATE, "label": "Bil", "version": 1})
    again = asked.get(f"/bookings/{made['id']}").get_json()["answers"]
    assert again == told


@pytest.mark.feature("DY-61")
def test_a_missing_answer_is_refused_with_every_other_mistake(api: Api, asked: Api) -> None:
    """DY-61: also those of contact and extras, and when a hold is taken up; nothing is booked."""
    racket = added(asked, "/extras", **RACKET)
    wrong = {"plate": "ABC12D", "age": "many", "level": "Bäst", "rules": False, "born": "28/2", "kin": "12", "x": 1}
    body = api.booking(LATER, fields=wrong, extras=[wish(racket, 9)], customer={"email": "no"})
    answer = api.post("/bookings", body)
    assert answer.status_code == 422
    assert codes(answer) == {
        ("fields.plate", "pattern"), ("fields.age", "invalid"), ("fields.level", "out_of_range"),
        ("fields.rules", "missing"), ("fields.born", "invalid"), ("fields.kin", "not_a_phone"),
        ("fields.x", "unknown"), ("extras.0.quantity", "out_of_range"), ("customer.email", "not_an_email"),
    }  # fmt: skip
    needed = {("fields.plate", "missing"), ("fields.level", "missing"), ("fields.rules", "missing")}
    assert codes(api.post("/bookings", api.booking(LATER))) == needed
    held = api.post("/holds", {"service": "padel", "start": format_instant(LATER, STOCKHOLM)}).get_json()
    customer = {"email": "anna@example.se"}
    assert codes(api.post("/bookings", {"hold": held["id"], "customer": customer})) == needed
    assert api.post("/bookings", {"hold": held["id"], "customer": customer, "fields": GOOD}).status_code == 201
    assert api.site.rows("SELECT count(*) FROM booking WHERE status = 'confirmed'") == [(1,)]


def test_other_services_ask_only_what_is_asked_with_everything(api: Api, asked: Api) -> None:
    """DY-61: per service or for the whole facility."""
    lesson = NOW + 9 * HOUR
    api.booked(lesson, service="padel-class", fields={"age": 7.5})
    refused = api.post("/bookings", api.booking(lesson, service="padel-class", fields={"plate": "ABC 123"}))
    assert codes(refused) == {("fields.plate", "unknown")}


@pytest.mark.feature("DY-61")
def test_answers_stand_in_no_file_in_clear_and_go_with_their_person(api: Api, asked: Api) -> None:
    """DY-61: told on request, and gone with the key of the person or on request, also from what the journal says."""
    made = api.booked(LATER, fields=GOOD)
    everything = json.dumps(api.site.rows("SELECT * FROM booking_answer"), default=str)
    everything += json.dumps(api.site.rows("SELECT before, after FROM journal"), default=str)
    assert "ABC 12D" not in everything
    (customer,) = api.site.rows("SELECT customer_id FROM booking WHERE id = ?", made["id"])[0]
    told = asked.get(f"/customers/{customer}/answers").get_json()["answers"]
    assert {(each["booking"], each["value"]) for each in told} >= {(made["id"], "ABC 12D"), (made["id"], "Van")}
    assert asked.delete(f"/customers/{customer}/answers").get_json()["forgotten"] == 6
    assert asked.get(f"/bookings/{made['id']}").get_json()["answers"] == []
    assert asked.get("/customers/nobody/answers").status_code == 404
    assert api.get(f"/customers/{customer}/answers").status_code == 401
    api.booked(LATER + HOUR, fields=GOOD)
    with api.site.side.book.write(api.site.side.scope, "test") as tx:
        tx.connection.exec_driver_sql("DELETE FROM person_key")
    assert asked.get(f"/customers/{customer}/answers").get_json()["answers"] == []


@pytest.mark.feature("DY-61")
def test_an_answer_is_forgotten_when_its_days_are_over(api: Api, asked: Api) -> None:
    """DY-61: each field by its own days, counted from the end of the booking; the journal says that it was."""
    made = api.booked(LATER, fields=GOOD)
    for later, left in ((LATER + HOUR + 30 * DAY - 1, 6), (LATER + HOUR + 30 * DAY, 5)):
        api.site.clock.set(later)
        with api.site.side.book.write(api.site.side.scope, "job") as tx:
            assert forget_answers(tx, "") == later + DAY
        assert api.site.rows("SELECT count(*) FROM booking_answer") == [(left,)]
    (body,) = api.site.rows("SELECT after FROM journal WHERE entity = 'booking_answers' ORDER BY seq DESC LIMIT 1")[0]
    kept = [row[0] for row in api.site.rows("SELECT field_id FROM booking_answer ORDER BY position")]
    assert json.loads(str(body))["fields"] == kept
    told = api.staff().get(f"/bookings/{made['id']}").get_json()["answers"]
    assert "plate" not in {each["field"] for each in told}


def test_fields_are_edited_like_all_set_up_data(api: Api, asked: Api) -> None:
    """DY-61: patterns that cannot be, choices without options and a name that is taken are refused; all at once."""
    assert codes(asked.post("/fields", {"slug": "A b", "label": "x", "kind": "choice", "pattern": "+9"})) == {
        ("slug", "invalid"),
        ("choices", "missing"),
        ("pattern", "invalid"),
    }
    assert codes(asked.post("/fields", {"slug": "n", "label": "x", "kind": "number", "pattern": "9+"})) == {
        ("pattern", "not_offered")
    }
    taken = {"label": "x", "kind": "text"}
    assert codes(asked.post("/fields", {**taken, "slug": "plate"})) == {("slug", "taken")}
    assert codes(asked.post("/fields", {**taken, "slug": "age", "service": "padel-class"})) == {("slug", "taken")}
    assert asked.post("/fields", {**taken, "slug": "plate", "service": "padel-class"}).status_code == 201
    made = api.booked(LATER, fields=GOOD)
    plate = asked.get("/fields").get_json()["fields"][1]
    assert asked.delete(f"/fields/{plate['id']}", version=1).status_code == 204
    assert asked.get(f"/fields/{plate['id']}").get_json()["archived"] is True
    told = asked.get(f"/bookings/{made['id']}").get_json()["answers"]
    assert "plate" in {each["field"] for each in told}
