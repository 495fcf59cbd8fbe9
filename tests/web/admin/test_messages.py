"""Messages in the console: words with a preview, a test, settings, the log of a booking (DY-62, DY-63, DY-71)."""

import json
from pathlib import Path

import pytest

from tests.builders import TEN
from tests.messaging.mail_sink import mail_sink, post
from tests.web.admin.staff import Desk

WORDS = "/admin/messages/words/confirmation"
SLOT = {"audience": "client", "channel": "email", "language": "en"}


@pytest.mark.feature("DY-62")
def test_words_are_looked_at_saved_and_taken_back(desk: Desk) -> None:
    """DY-62: the usual words, a preview of what is typed, saved, the second editor told, the usual ones again."""
    page = f"{WORDS}?audience=client&channel=email&language=en"
    assert "Hello Åsa!" in desk.get(page)
    typed = {"subject": "Hi {client_first_name}", "body": "Own words for {service_name}", **SLOT}
    shown = desk.post(WORDS, 200, act="preview", **typed)
    assert ("Own words for Padel" in shown, "usual words" in shown) == (True, True)
    wrong = desk.post(WORDS, 422, act="preview", **{**typed, "body": "{nothing}"})
    assert "There is no placeholder {nothing}." in wrong
    assert "{nothing}</textarea>" in wrong
    assert "It is saved and in force." in desk.post(WORDS, 200, act="save", **typed)
    assert "Own words for Padel" in desk.get(page)
    assert "Own words" in desk.get("/admin/messages")
    desk.post(WORDS, 200, act="save", version="1", **{**typed, "body": "Later words"})
    assert "changed this meanwhile" in desk.post(WORDS, 409, act="save", version="1", **typed)
    assert "taken away" in desk.post(WORDS, 200, act="usual", version="2", **SLOT)
    desk.post(WORDS, 200, act="usual", version="2", confirmed="yes", **SLOT)
    assert "Hello Åsa!" in desk.get(page)


@pytest.mark.feature("DY-62")
def test_a_test_says_what_became_of_it(desk: Desk) -> None:
    """DY-62: without a configured channel it says that it is off; a wrong address is told beside its field."""
    typed = {"subject": "x", "body": "y", **SLOT}
    assert "The channel is off" in desk.post(WORDS, 200, act="try", to="anna@example.se", **typed)
    assert "This is not an e-mail address." in desk.post(WORDS, 422, act="try", to="nobody", **typed)


def test_every_message_has_a_page_for_its_words(desk: Desk) -> None:
    """DY-62: by event, audience, channel and language; nothing else is found."""
    overview = desk.get("/admin/messages")
    assert overview.count("/admin/messages/words/") == 14 * 4 + 1
    for way in ("email", "sms"):
        for audience in ("client", "staff"):
            shown = desk.get(f"/admin/messages/words/reminder?audience={audience}&channel={way}&language=fr")
            assert ("{pin}" in shown) is (audience == "client")
    assert desk.client.get("/admin/messages/words/nothing").status_code == 404
    assert desk.client.get(f"{WORDS}?language=xx").status_code == 404


@pytest.mark.feature("DY-71")
def test_settings_are_saved_and_the_second_is_told(desk: Desk) -> None:
    """DY-71: where staff are told, and of what."""
    form = {"staff_email": "hall@example.se", "reminder_hours": "12", "language": "en", "told_to_staff": "no_show"}
    desk.post("/admin/messages/settings", 200, version="0", **form)
    assert "hall@example.se" in desk.get("/admin/messages/settings")
    assert "changed this meanwhile" in desk.post("/admin/messages/settings", 409, version="0", **form)
    wrong = desk.post(
        "/admin/messages/settings", 422, version="1", **{**form, "staff_email": "x", "reminder_hours": "-1"}
    )
    assert ("This is not an e-mail address." in wrong, "Choose a number" in wrong) == (True, True)


def test_the_page_of_a_booking_shows_its_messages(desk: Desk, tmp_path: Path) -> None:
    """DY-63: what was told of it, and what became of that."""
    booked = desk.site.book(TEN)
    with mail_sink(tmp_path / "mail") as mail:
        post(desk.site, mail).deliver()
    shown = desk.get(f"/admin/bookings/{booked.id}")
    assert ("Customer, E-mail" in shown, ">Sent<" in shown) == (True, True)
    assert "Customer, E-mail" in desk.get("/admin/messages")


def test_what_was_given_up_stays_in_sight(desk: Desk, tmp_path: Path) -> None:
    """DY-63: a letter that failed for good is told apart, however many came after it."""
    desk.site.book(TEN)
    with mail_sink(tmp_path / "mail") as mail:
        mail.spoil("rcpt", "refuse")
        post(desk.site, mail).deliver()
    with desk.site.side.book.write(desk.site.side.scope, "test") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO message (id, facility_id, event, subject, subject_id, occasion, at, seq, audience, channel,"
            " state, due_at, tries, leased_until, done_at, parts, fault) SELECT 'f' || value, facility_id, event,"
            " subject, subject_id, value + 9, at, seq, audience, channel, 'sent', due_at, 0, 0, done_at, 0, ''"
            " FROM message, json_each(?)",
            (json.dumps(list(range(100))),),
        )
    assert desk.get("/admin/messages").count("(smtp 550)") == 1


@pytest.mark.feature("DY-34")
def test_when_employees_are_told_is_set_in_the_console(desk: Desk) -> None:
    """DY-34: at six unless chosen otherwise; empty is never; its words are edited like others, for staff alone."""
    assert 'name="recap_minute" type="text" value="18:00"' in " ".join(desk.get("/admin/messages/settings").split())
    form = {"reminder_hours": "12", "language": "en"}
    desk.post("/admin/messages/settings", 200, version="0", recap_minute="19.30", recap_when_empty="true", **form)
    found = desk.api().get("/message-settings").get_json()
    assert (found["recap_minute"], found["recap_when_empty"]) == (19 * 60 + 30, True)
    wrong = desk.post("/admin/messages/settings", 422, version="1", recap_minute="25:00", **form)
    assert "Write a time of day, such as 18:00." in wrong
    desk.post("/admin/messages/settings", 200, version="1", **form)
    assert desk.api().get("/message-settings").get_json()["recap_minute"] is None
    assert "{agenda}" in desk.get("/admin/messages/words/recap?audience=staff&channel=email&language=en")
    assert desk.client.get("/admin/messages/words/recap?audience=client&channel=email").status_code == 404
