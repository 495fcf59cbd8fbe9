"""The recap of an employee who works at two facilities, and what staff choose of it (DY-34)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.boot.messaging_side import post_of
from appliance.boot.web import timekeeper_of
from appliance.config import FurtherFacility, UnitSettings
from appliance.door_socket.client import DoorClient
from appliance.foundation.instants import at_local
from tests.builders import BO, MONDAY, STOCKHOLM, Site
from tests.messaging.mail_sink import MailSink, addressed, mail_sink, text_of
from tests.messaging.test_recap import KIM, at, employ, offer_massage, recaps
from tests.web.api_client import api_of, codes
from tests.web.clinic import put, shown
from tests.web.extra_world import RACKET, added, wish
from tests.web.organisation import Organisation, organisation

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailSink]:
    with mail_sink(tmp_path / "mail") as sink:
        yield sink


@pytest.fixture
def both(site: Site) -> Iterator[Organisation]:
    with organisation(site) as made:
        yield made


def settings_of(both: Organisation, mail: MailSink) -> UnitSettings:
    north = both.further.settings
    further = (FurtherFacility(north.facility_id, north.facility_slug),)
    return replace(both.own.settings, mail=mail.settings, further=further)


def evening(both: Organisation, mail: MailSink) -> list[str]:
    """Every letter to Kim, once the timekeeper and the postman of the unit have done what is due."""
    settings = settings_of(both, mail)
    doors = DoorClient(settings.run)
    timekeeper_of(settings, both.own.side, doors).beat()
    sender = post_of(settings, both.own.side)
    while sender.deliver():
        pass
    doors.close()
    return [text_of(each).replace("\r\n", "\n") for each in addressed(mail.letters(), KIM)]


@pytest.mark.feature("DY-34")
def test_an_employee_of_two_facilities_gets_one_letter_with_extras_and_notes(
    both: Organisation, mail: MailSink
) -> None:
    """DY-34: both facilities in order of time, each in its own time zone; extras, answers and people with them."""
    offer_massage(both.further, employ(both.own))
    api = api_of(both.own)
    staff = api.staff()
    oil = added(staff, "/extras", **{**RACKET, "name": "Olja", "service": "massage"})
    for slug, label, kind in (("note", "Anteckning", "text"), ("first", "Första gången", "checkbox")):
        added(staff, "/fields", slug=slug, label=label, kind=kind, position=1, service="massage")
    fields = {"note": "Ont i\N{NO-BREAK SPACE}axeln", "first": True}
    api.booked(at(16 * 60, TUESDAY), service="massage", extras=[wish(oil, 2)], fields=fields)
    both.further.book(at(9 * 60, TUESDAY), BO, service="massage")
    both.further.book(at(9 * 60, TUESDAY + timedelta(days=1)), BO, service="massage")
    api.booked(at(12 * 60, TUESDAY))  # a court: nobody's
    both.own.clock.set(at(18 * 60))
    (told,) = evening(both, mail)
    assert told == (
        "Hello Kim Berg!\n"
        "This is what you have on Tuesday 1 December.\n"
        "\n"
        "09:00–10:00 Massage\n"
        "Norra Hallen\n"
        "1 person, Bo Öst\n"
        "\n"
        "16:00–17:00 Massage\n"
        "Södra Padel\n"
        "1 person, Anna Ek\n"
        "2 × Olja\n"
        "Anteckning: Ont i axeln\n"
        "Första gången: Yes\n"
        "\n"
        "Södra Padel\n"
    )
    assert len(evening(both, mail)) == 1
    assert len(recaps(both.own)) == 1


@pytest.mark.feature("DY-34")
def test_tomorrow_is_that_of_each_facility(both: Organisation, mail: MailSink) -> None:
    """DY-34: where the clock is two hours ahead, the day begins sooner, and its times are told by that clock."""
    offer_massage(both.further, employ(both.own))
    both.further.book(at(23 * 60, MONDAY), service="massage")  # 01:00 of Tuesday there
    both.further.book(at(22 * 60 + 30, TUESDAY), BO, service="massage")  # 00:30 of Wednesday there
    with both.further.side.book.write(both.further.side.scope, "test") as tx:
        tx.connection.exec_driver_sql(
            "UPDATE facility SET zone = 'Europe/Moscow' WHERE id = ?", (both.further.settings.facility_id,)
        )
    both.own.clock.set(at(18 * 60))
    (told,) = evening(both, mail)
    assert [line for line in told.splitlines() if "Massage" in line] == ["01:00–02:00 Massage"]
    assert "Bo" not in told


@pytest.mark.feature("DY-34")
def test_staff_choose_when_employees_are_told_and_whether_of_nothing(both: Organisation, mail: MailSink) -> None:
    """DY-34: over the API; a moment that does not exist is refused, and the words are a template like others."""
    employ(both.own)
    staff = api_of(both.own).staff()
    found = staff.get("/message-settings").get_json()
    assert (found["recap_minute"], found["recap_when_empty"]) == (18 * 60, False)
    body = {"reminder_hours": 24, "language": "sv", "version": 0, "recap_minute": 7 * 60, "recap_when_empty": True}
    assert codes(put(staff, "/message-settings", body | {"recap_minute": 1440})) == {("recap_minute", "out_of_range")}
    assert put(staff, "/message-settings", body | {"told_to_staff": ["recap"]}).status_code == 422
    assert put(staff, "/message-settings", body).get_json()["recap_minute"] == 7 * 60
    words = {"event": "recap", "audience": "staff", "channel": "email", "language": "en"}
    added(staff, "/message-templates", **words, subject="{count}", body="{employee_name}: {agenda}")
    refused = staff.post("/message-templates", {**words, "audience": "client", "channel": "sms", "body": "x"})
    assert codes(refused) == {("audience", "out_of_range"), ("channel", "out_of_range")}
    foreign = staff.post("/message-templates", {**words, "language": "sv", "subject": "{pin}", "body": "{client_name}"})
    assert codes(foreign) == {("subject", "unknown_placeholder"), ("body", "unknown_placeholder")}
    elsewhere = {**words, "event": "reminder", "subject": "x", "body": "{agenda}"}
    assert codes(staff.post("/message-templates", elsewhere)) == {("body", "unknown_placeholder")}
    preview = staff.post("/message-preview", {**words, "subject": "{count}", "body": "{agenda}"}).get_json()
    assert ("Åsa O'Neill" in preview["text"], preview["subject"]) == (True, "1")
    assert evening(both, mail) == ["Kim Berg: Nothing is booked.\n"]
    assert put(staff, "/message-settings", body | {"version": 1, "recap_minute": None}).status_code == 200
    both.own.clock.set(at_local(TUESDAY, 20 * 60, STOCKHOLM))
    assert len(evening(both, mail)) == 1


@pytest.mark.feature("DY-34")
def test_a_class_is_in_the_recap_of_its_trainer(site: Site, mail: MailSink) -> None:
    """DY-34: each place that was booked in it."""
    employ(site)
    staff = api_of(site).staff()
    start = at(15 * 60 + 30, TUESDAY)
    meeting = {
        "service": "padel-class",
        "start": shown(start),
        "duration": 60,
        "places": "class-places",
        "occupies": ["kim"],
    }
    added(staff, "/class-sessions", **meeting)
    site.book(start, service="padel-class")
    site.book(start, BO, service="padel-class")
    site.clock.set(at(18 * 60))
    with organisation(site) as both:
        (told,) = evening(both, mail)
    assert ("Anna Ek" in told, "Bo Öst" in told) == (True, True)
