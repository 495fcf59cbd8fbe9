"""The words of messages over the API: each placeholder, words of one's own, previews (DY-62, DY-64, DY-71)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.foundation.i18n import LANGUAGES
from appliance.foundation.instants import DAY, HOUR
from appliance.messaging.events import Event
from appliance.messaging.placeholders import fitting
from appliance.messaging.templates import Audience, Way, is_told
from tests.builders import ADMIN, TEN
from tests.messaging.mail_sink import MailSink, addressed, delivered, mail_sink, text_of
from tests.web.api_client import Api, codes, problem
from tests.web.extra_world import RACKET, added, wish

WORDS = {
    "event": "confirmation",
    "audience": "client",
    "channel": "email",
    "language": "sv",
    "subject": "{booking_number}",
}
LATER = TEN + 3 * DAY
NINETEEN = {
    "appointment_date": "torsdag 3 december",
    "appointment_time": "10:00",
    "appointment_end_date": "torsdag 3 december",
    "appointment_end_time": "11:00",
    "client_note": "Ring på",
    "client_address": "Storgatan 1",
    "client_email": "asa@example.se",
    "client_first_name": "Åsa Lena",
    "client_last_name": "O'Neill",
    "client_name": "Åsa Lena O'Neill",
    "client_phone": "+46701740605",
    "client_time_zone": "Europe/Stockholm",
    "category_name": "Vuxen",
    "cancel_reason": "",
    "booking_number": "{number}",
    "approval_url": "http://unit.test/admin/bookings/{id}",
    "cancel_url": "http://unit.test/k/{id}/cancel?sig=",
    "cancel_confirm_url": "http://unit.test/k/{id}/cancel?sig=",
    "cancel_link": "Avboka: http://unit.test/k/{id}/cancel?sig=",
}


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailSink]:
    with mail_sink(tmp_path / "mail") as sink:
        yield sink


@pytest.fixture
def staff(api: Api) -> Api:
    return api.staff()


@pytest.fixture
def every_placeholder(api: Api, staff: Api, mail: MailSink) -> tuple[dict[str, Any], str]:
    """A booking with everything that can be told of it, and its confirmation, a line for each placeholder."""
    adult = added(staff, "/customer-categories", name="Vuxen", position=1)
    for slug in ("note", "address"):
        added(staff, "/fields", slug=slug, label=slug.title(), kind="text", position=1)
    racket = added(staff, "/extras", **RACKET)
    body = "\n".join(f"{name}=[{{{name}}}]" for name in fitting(Event.CONFIRMATION))
    added(staff, "/message-templates", **WORDS, body=body)
    customer = {"name": "Åsa Lena O'Neill", "email": "asa@example.se", "phone": "0701740605"}
    made = api.booked(
        LATER,
        customer=customer,
        people=[{"category": adult["id"], "quantity": 1}],
        fields={"note": "Ring på", "address": "Storgatan 1"},
        extras=[wish(racket, 2)],
    )
    (letter,) = delivered(api.site, mail)
    return made, text_of(letter)


@pytest.mark.feature("DY-64")
@pytest.mark.parametrize("name", NINETEEN)
def test_each_placeholder_stands_for_its_value(name: str, every_placeholder: tuple[dict[str, Any], str]) -> None:
    """DY-64: each of the nineteen, in the zone and the language of whoever booked."""
    made, words = every_placeholder
    wanted = NINETEEN[name].replace("{number}", str(made["number"])).replace("{id}", str(made["id"]))
    if not wanted:
        # A line of nothing but an empty value is left out.
        assert f"{name}=[" not in words
    else:
        assert f"{name}=[{wanted}" in words.replace("\xa0", " ")


@pytest.mark.feature("DY-71")
def test_extras_are_told_to_customers_and_to_staff(
    api: Api, staff: Api, mail: MailSink, every_placeholder: tuple[dict[str, Any], str]
) -> None:
    """DY-71: what was chosen and what it costs, in letters to customers and staff alike, and by SMS."""
    _, words = every_placeholder
    assert "extras=[2 × Racket, 60 kr]" in words.replace("\xa0", " ")
    assert "extras_price=[60 kr]" in words.replace("\xa0", " ")
    settings = staff.get("/message-settings").get_json()
    settings = {
        name: settings[name] for name in ("also_by_sms", "silent", "told_to_staff", "reminder_hours", "language")
    }
    answer = staff.put("/message-settings", settings | {"staff_email": "hall@example.se", "version": 0})
    assert answer.status_code == 200, answer.text
    racket = staff.get("/extras").get_json()["extras"][0]
    made = api.booked(LATER + HOUR, extras=[wish(racket)])
    (letter,) = addressed(delivered(api.site, mail), "hall@example.se")
    told = text_of(letter)
    assert ("1 × Racket" in told, "Anna Ek" in told, f"/admin/bookings/{made['id']}" in told) == (True, True, True)
    pin = next(key["code"] for key in made["keys"] if key["kind"] == "pin")
    assert (pin in told, "/k/" in told) == (False, False)
    for audience in ("client", "staff"):
        sms = staff.post("/message-preview", {**WORDS, "audience": audience, "channel": "sms", "body": "{extras}"})
        assert "Racket" in sms.get_json()["text"]


@pytest.mark.feature("DY-64")
def test_an_unknown_placeholder_is_refused_when_it_is_saved(api: Api, staff: Api) -> None:
    """DY-64, DY-62: every mistake at once, with its name, whatever hostile thing it is."""
    bad = {**WORDS, "subject": "{nothing}", "body": "{booking_number.__class__} {0} {pin!r} {} { {{pin}} {pin:>9}"}
    answer = staff.post("/message-templates", bad)
    assert codes(answer) == {("subject", "unknown_placeholder"), ("body", "lone_brace")}
    assert "{nothing}" in answer.text
    for_staff = {**WORDS, "audience": "staff", "body": "{pin} {cancel_url} {booking_number}"}
    assert codes(staff.post("/message-templates", for_staff)) == {("body", "not_for_staff")}
    assert codes(staff.post("/message-preview", bad)) == {("subject", "unknown_placeholder"), ("body", "lone_brace")}


@pytest.mark.feature("DY-62")
def test_words_of_ones_own_are_used_in_their_slot_and_the_usual_ones_everywhere_else(
    api: Api, staff: Api, mail: MailSink
) -> None:
    """DY-62: per event, language and channel; taken away again, the usual ones come back. The second editor is told."""
    made = added(staff, "/message-templates", **WORDS, body="Egna ord {client_name}")
    assert codes(staff.post("/message-templates", {**WORDS, "body": "Igen"})) == {("event", "taken")}
    api.booked(LATER)
    api.another().client.post(
        "/api/v1/bookings",
        json=api.booking(LATER + HOUR, customer={"name": "Bo", "email": "bo@example.se"}),
        headers={"Accept-Language": "en"},
    )
    letters = delivered(api.site, mail)
    assert text_of(addressed(letters, "anna.ek@example.se")[0]).strip() == "Egna ord Anna Ek"
    assert text_of(addressed(letters, "bo@example.se")[0]).startswith("Hello Bo!")
    path = f"/message-templates/{made['id']}"
    assert staff.put(path, {**WORDS, "body": "Andra ord", "version": 1}).get_json()["version"] == 2
    second = staff.put(path, {**WORDS, "body": "Tredje", "version": 1})
    assert (second.status_code, problem(second)["code"], problem(second)["changed_by"]) == (
        409,
        "changed_meanwhile",
        ADMIN,
    )
    assert staff.delete(path, version=2).status_code == 204
    api.booked(LATER + 2 * HOUR)
    assert text_of(addressed(delivered(api.site, mail), "anna.ek@example.se")[-1]).startswith("Hej Anna!")


@pytest.mark.feature("DY-62")
def test_every_message_is_previewed_with_a_sample_in_every_language(staff: Api) -> None:
    """DY-62: each event, audience, channel and language has words that fit, and no brace is left in them."""
    for event in Event:
        for audience in Audience:
            for way in Way:
                for spoken in LANGUAGES:
                    asked = {"event": event, "audience": audience, "channel": way, "language": spoken}
                    if not is_told(event, audience, way):
                        assert staff.post("/message-preview", asked).status_code == 422
                        continue
                    shown = staff.post("/message-preview", asked).get_json()
                    assert shown["subject"], asked
                    assert shown["text"], asked
                    assert "{" not in shown["subject"] + shown["text"] + shown["html"], asked
                    assert shown["parts"] <= 3
    own = staff.post("/message-preview", {**WORDS, "body": "Hej {client_name} <b>"}).get_json()
    assert (own["text"], own["own"]) == ("Hej Åsa O'Neill <b>", False)
    assert own["html"] == "<p>Hej Åsa O&#x27;Neill &lt;b&gt;</p>\n"


def test_times_are_told_in_the_zone_of_the_customer_if_it_is_known(api: Api, mail: MailSink) -> None:
    """DY-64: whoever books from Helsinki reads Helsinki's time."""
    customer = {"name": "Aino", "email": "aino@example.fi", "time_zone": "Europe/Helsinki"}
    api.booked(LATER, customer=customer)
    (letter,) = delivered(api.site, mail)
    assert "11:00" in str(letter["Subject"])
    wrong = api.post("/bookings", api.booking(LATER, customer=customer | {"time_zone": "Europe/Nowhere"}))
    assert codes(wrong) == {("customer.time_zone", "unknown")}
