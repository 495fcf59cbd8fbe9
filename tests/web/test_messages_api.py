"""Messages through the API and by real mail: what is told when, in whose words, and what of it staff see."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from appliance.booking.services import Several
from appliance.foundation.i18n import LANGUAGES
from appliance.foundation.instants import DAY, HOUR, MINUTE, format_instant
from appliance.messaging.events import Event
from appliance.messaging.placeholders import ALL
from appliance.messaging.templates import Audience, Way
from tests.booking.test_waiting import fill, keep_list
from tests.builders import ADMIN, STOCKHOLM, TEN
from tests.messaging.mail_sink import MailSink, mail_sink, post, text_of
from tests.several import allow
from tests.web.api_client import Api, codes, problem
from tests.web.extra_world import RACKET, added, wish
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors
from tests.web.test_waiting_api import wait

WORDS = {
    "event": "confirmation",
    "audience": "client",
    "channel": "email",
    "language": "sv",
    "subject": "{booking_number}",
}
LATER = TEN + 3 * DAY
# The nineteen of DY-64, with what each is for the booking of `every_placeholder`.
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


def delivered(api: Api, mail: MailSink) -> list[EmailMessage]:
    """Every letter that came, after everything due was sent."""
    sender = post(api.site, mail)
    while sender.deliver():
        pass
    return mail.letters()


def to(letters: list[EmailMessage], address: str) -> list[EmailMessage]:
    return [each for each in letters if each["To"] == address]


def urls(letter: EmailMessage) -> set[str]:
    """Every address in a letter, as a program that looks at mail finds them."""
    words = text_of(letter) + " " + text_of(letter, "html").replace("&amp;", "&").replace('"', " ").replace("<", " ")
    return {each.rstrip(".,") for each in re.findall(r"http://unit\.test\S+", words)}


def paths(letter: EmailMessage) -> set[str]:
    return {each.removeprefix("http://unit.test") for each in urls(letter)}


@pytest.mark.feature("DY-63")
def test_each_event_is_told_once_in_the_language_of_whoever_booked(api: Api, mail: MailSink) -> None:
    """DY-63: confirmed, moved, reminded, cancelled; in French for who booked in French."""
    api.headers["Accept-Language"] = "fr"
    made = api.booked(LATER)
    api.headers["Accept-Language"] = "sv"
    moved = {"start": format_instant(LATER + HOUR, STOCKHOLM), "cancel_code": made["cancel_code"]}
    assert api.post(f"/bookings/{made['id']}/move", moved).status_code == 200
    told = [str(each["Subject"]).partition(":")[0].strip() for each in delivered(api, mail)]
    assert sorted(told) == ["Déplacé", "Réservé"]
    api.site.clock.advance(2 * DAY + 2 * HOUR - MINUTE)
    assert len(delivered(api, mail)) == 2
    api.site.clock.advance(MINUTE)
    assert str(delivered(api, mail)[-1]["Subject"]).startswith("Bientôt")
    assert len(delivered(api, mail)) == 3
    assert api.post(f"/bookings/{made['id']}/cancel", {"cancel_code": made["cancel_code"]}).status_code == 200
    letters = delivered(api, mail)
    assert [str(each["Subject"]).partition(":")[0].strip() for each in letters[3:]] == ["Annulé"]
    assert len({each["Message-ID"] for each in letters}) == 4


@pytest.mark.feature("DY-63")
def test_a_reminder_is_dropped_for_what_was_cancelled_meanwhile(api: Api, mail: MailSink) -> None:
    """DY-63: it was due, the server was away, the booking was cancelled: nobody is reminded of it."""
    made = api.booked(LATER)
    delivered(api, mail)
    api.site.clock.advance(2 * DAY + HOUR)
    mail.spoil("connect", "busy")
    post(api.site, mail).deliver()
    assert api.site.rows("SELECT state FROM message WHERE event = 'reminder'") == [("due",)]
    api.post(f"/bookings/{made['id']}/cancel", {"cancel_code": made["cancel_code"]})
    api.site.clock.advance(HOUR)
    letters = delivered(api, mail)
    assert [str(each["Subject"]).partition(":")[0] for each in letters] == ["Bokat", "Avbokat"]
    assert api.site.rows("SELECT state FROM message WHERE event = 'reminder'") == [("dropped",)]


def test_nobody_is_reminded_of_what_was_booked_just_now(api: Api, mail: MailSink) -> None:
    """DY-63: a reminder a minute after the confirmation tells nothing; a booking moved to tomorrow neither."""
    api.booked(TEN)
    later = api.booked(LATER)
    moved = {"start": format_instant(TEN + 2 * HOUR, STOCKHOLM), "cancel_code": later["cancel_code"]}
    assert api.post(f"/bookings/{later['id']}/move", moved).status_code == 200
    delivered(api, mail)
    api.site.clock.advance(30 * MINUTE)
    delivered(api, mail)
    assert api.site.rows("SELECT count(*) FROM outbox WHERE event = 'reminder'") == [(0,)]


@pytest.mark.feature("DY-63")
def test_payment_and_expiry_are_told(api: Api, staff: Api, mail: MailSink) -> None:
    """DY-63: waits for payment, paid and confirmed; not paid in time."""
    added(staff, "/payment-terms", service="padel", policy="prepay", pay_within_minutes=30)
    paid, unpaid = api.booked(LATER), api.booked(LATER + HOUR)
    assert staff.post(f"/bookings/{paid['id']}/payments", {"method": "card"}).status_code in (200, 201)
    api.site.clock.advance(HOUR)
    api.booked(LATER + 4 * HOUR)
    told = [row[0] for row in api.site.rows("SELECT event FROM outbox WHERE subject_id = ? ORDER BY id", paid["id"])]
    assert told == ["pending", "payment", "confirmation"]
    told = [row[0] for row in api.site.rows("SELECT event FROM outbox WHERE subject_id = ? ORDER BY id", unpaid["id"])]
    assert told == ["pending", "expiry"]
    assert any("320" in text_of(each) for each in delivered(api, mail) if str(each["Subject"]).startswith("Betalt"))


@pytest.mark.feature("DY-19")
def test_a_place_that_becomes_free_is_offered_by_mail_and_the_next_is_told_when_it_lapses(
    api: Api, mail: MailSink
) -> None:
    """DY-19: the first is written to at once, with a link that takes the place; expiry moves it to the second."""
    keep_list(api.site, "offer")
    taken = fill(api.site)
    wait(api, 1)
    wait(api, 2)
    delivered(api, mail)
    api.site.cancel(taken[0].id)
    first = to(delivered(api, mail), "waits1@example.se")
    assert [str(each["Subject"]).partition(":")[0] for each in first] == ["I kön", "En plats är ledig"]
    (link,) = (each for each in paths(first[1]) if each.startswith("/w/"))
    api.site.clock.advance(30 * MINUTE)
    api.post("/holds", {"service": "padel", "start": format_instant(LATER, STOCKHOLM)})
    letters = delivered(api, mail)
    assert [str(each["Subject"]).partition(":")[0] for each in to(letters, "waits1@example.se")][2:] == ["Ingen plats"]
    offered = to(letters, "waits2@example.se")[-1]
    assert str(offered["Subject"]).startswith("En plats är ledig")
    (link,) = (each for each in paths(offered) if each.startswith("/w/"))
    guest = desk_app(api.site, FakeDoors()).test_client()
    assert "Ta platsen" in guest.get(link).text
    assert "Platsen är din" in guest.post(link, data={"act": "take"}).text
    assert str(to(delivered(api, mail), "waits2@example.se")[-1]["Subject"]).startswith("Bokat")


def test_an_offer_that_is_declined_goes_to_the_next_at_once(api: Api, mail: MailSink) -> None:
    """DY-19: by the link in the letter; where places are booked at once, the confirmation tells it."""
    keep_list(api.site, "offer")
    taken = fill(api.site)
    wait(api, 1)
    wait(api, 2)
    api.site.cancel(taken[0].id)
    (link,) = (each for each in paths(to(delivered(api, mail), "waits1@example.se")[-1]) if each.startswith("/w/"))
    guest = desk_app(api.site, FakeDoors()).test_client()
    assert "Du väntar inte längre" in guest.post(link, data={"act": "decline"}).text
    assert str(to(delivered(api, mail), "waits2@example.se")[-1]["Subject"]).startswith("En plats är ledig")
    keep_list(api.site, "auto_book")
    wait(api, 3)
    api.site.cancel(taken[1].id)
    assert str(to(delivered(api, mail), "waits3@example.se")[-1]["Subject"]).startswith("Bokat")


@pytest.mark.feature("DY-51")
def test_a_series_is_one_letter_with_one_calendar_file(api: Api, mail: MailSink) -> None:
    """DY-51: ten weeks are one letter with ten occurrences; cancelling all of them is one letter too."""
    allow(api.site, "padel", Several(series=True))
    answer = api.post("/series", api.booking(LATER, repeat={"cadence": "daily", "times": 10}))
    assert answer.status_code == 201, answer.text
    order = answer.get_json()
    (letter,) = delivered(api, mail)
    assert calendar(letter).count("BEGIN:VEVENT") == 10
    assert calendar(letter).count("BEGIN:VCALENDAR") == 1
    assert text_of(letter).count("PIN ") >= 10
    assert api.post(f"/orders/{order['id']}/cancel", {"cancel_code": order["cancel_code"]}).status_code == 200
    cancelled = delivered(api, mail)[1:]
    assert len(cancelled) == 1
    assert calendar(cancelled[0]).count("STATUS:CANCELLED") == 10


@pytest.mark.feature("DY-51")
def test_a_lone_booking_has_its_calendar_file_and_its_move_takes_its_place(api: Api, mail: MailSink) -> None:
    """DY-51: the same UID and a higher SEQUENCE, so that the calendar moves it (RFC 5545)."""
    made = api.booked(LATER)
    moved = {"start": format_instant(LATER + HOUR, STOCKHOLM), "cancel_code": made["cancel_code"]}
    api.post(f"/bookings/{made['id']}/move", moved)
    files = [calendar(each) for each in delivered(api, mail)]
    uids, sequences = ({re.search(rf"{name}:(\S+)", each)[1] for each in files} for name in ("UID", "SEQUENCE"))  # type: ignore[index]
    assert (len(uids), len(sequences)) == (1, 1)
    assert "DTSTART:20261203T100000Z" in files[1]


def calendar(letter: EmailMessage) -> str:
    (part,) = (each for each in letter.walk() if each.get_content_type() == "text/calendar")
    content: str = part.get_content()
    return content


@pytest.fixture
def every_placeholder(api: Api, staff: Api, mail: MailSink) -> tuple[dict[str, Any], str]:
    """A booking with everything that can be told of it, and its confirmation, a line for each placeholder."""
    adult = added(staff, "/customer-categories", name="Vuxen", position=1)
    for slug in ("note", "address"):
        added(staff, "/fields", slug=slug, label=slug.title(), kind="text", position=1)
    racket = added(staff, "/extras", **RACKET)
    body = "\n".join(f"{name}=[{{{name}}}]" for name in ALL)
    added(staff, "/message-templates", **WORDS, body=body)
    customer = {"name": "Åsa Lena O'Neill", "email": "asa@example.se", "phone": "0701740605"}
    made = api.booked(
        LATER,
        customer=customer,
        people=[{"category": adult["id"], "quantity": 1}],
        fields={"note": "Ring på", "address": "Storgatan 1"},
        extras=[wish(racket, 2)],
    )
    (letter,) = delivered(api, mail)
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
    (letter,) = to(delivered(api, mail), "hall@example.se")
    told = text_of(letter)
    assert ("1 × Racket" in told, "Anna Ek" in told, f"/admin/bookings/{made['id']}" in told) == (True, True, True)
    pin = next(key["code"] for key in made["keys"] if key["kind"] == "pin")
    assert (pin in told, "/k/" in told) == (False, False)
    for audience in ("client", "staff"):
        sms = staff.post("/message-preview", {**WORDS, "audience": audience, "channel": "sms", "body": "{extras}"})
        assert "Racket" in sms.get_json()["text"]


@pytest.mark.feature("DY-64")
def test_opening_every_address_in_a_letter_changes_nothing(api: Api, mail: MailSink) -> None:
    """DY-64: a scanner that opens every link cancels nothing; the page asks, and its form cancels."""
    made = api.booked(LATER)
    (letter,) = delivered(api, mail)
    guest = desk_app(api.site, FakeDoors()).test_client()
    before = api.site.rows("SELECT max(seq) FROM journal"), api.site.rows("SELECT * FROM booking")
    assert len(paths(letter)) == 2
    for path in paths(letter):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert guest.open(path, method=method).status_code < 400, path
        assert guest.get(f"{path}&act=cancel&confirmed=yes").status_code == 200
    assert (api.site.rows("SELECT max(seq) FROM journal"), api.site.rows("SELECT * FROM booking")) == before
    (cancel,) = (each for each in paths(letter) if "/cancel" in each)
    assert guest.post(cancel.partition("?")[0]).status_code == 404
    wrong = (
        cancel.partition("sig=")[0]
        + "sig="
        + next(each for each in paths(letter) if "/cancel" not in each).partition("sig=")[2]
    )
    assert guest.post(wrong).status_code == 404
    assert "Bokningen är avbokad" in guest.post(cancel).text
    assert api.site.status(str(made["id"])) == "cancelled"
    assert guest.get(cancel).status_code == 200


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
    letters = delivered(api, mail)
    assert text_of(to(letters, "anna.ek@example.se")[0]).strip() == "Egna ord Anna Ek"
    assert text_of(to(letters, "bo@example.se")[0]).startswith("Hello Bo!")
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
    assert text_of(to(delivered(api, mail), "anna.ek@example.se")[-1]).startswith("Hej Anna!")


@pytest.mark.feature("DY-62")
def test_every_message_is_previewed_with_a_sample_in_every_language(staff: Api) -> None:
    """DY-62: each event, audience, channel and language has words that fit, and no brace is left in them."""
    for event in Event:
        for audience in Audience:
            for way in Way:
                for spoken in LANGUAGES:
                    asked = {"event": event, "audience": audience, "channel": way, "language": spoken}
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
    (letter,) = delivered(api, mail)
    assert "11:00" in str(letter["Subject"])
    wrong = api.post("/bookings", api.booking(LATER, customer=customer | {"time_zone": "Europe/Nowhere"}))
    assert codes(wrong) == {("customer.time_zone", "unknown")}


def test_staff_see_what_was_sent_and_no_secret_in_it(api: Api, staff: Api, mail: MailSink) -> None:
    """DY-63: when, to whom, by which channel, and what became of it; strangers see nothing."""
    made = api.booked(LATER)
    mail.spoil("rcpt", "busy")
    post(api.site, mail).deliver()
    (waits,) = staff.get("/messages", booking=made["id"]).get_json()["messages"]
    assert (waits["state"], waits["tries"], waits["fault"], waits["done_at"]) == ("due", 1, "smtp 451", None)
    api.site.clock.advance(MINUTE)
    delivered(api, mail)
    answer = staff.get("/messages", booking=made["id"])
    (sent,) = answer.get_json()["messages"]
    assert (sent["event"], sent["audience"], sent["channel"], sent["state"]) == (
        "confirmation",
        "client",
        "email",
        "sent",
    )
    secrets = [key.get("code") or key.get("token") for key in made["keys"]]
    assert not any(str(each) in answer.text for each in [*secrets, "anna.ek", made["cancel_code"]])
    assert api.get("/messages", booking=made["id"]).status_code == 401


def test_without_configuration_a_channel_is_off_and_says_so(api: Api, staff: Api) -> None:
    """DY-63: nothing is lost in silence: the log says off, and so do the settings and a test."""
    made = api.booked(LATER)
    post(api.site, None).deliver()
    (off,) = staff.get("/messages", booking=made["id"]).get_json()["messages"]
    assert (off["state"], off["channel"]) == ("off", "email")
    assert staff.get("/message-settings").get_json()["channels"] == {"email": False, "sms": False}
    tried = staff.post("/message-tests", {**WORDS, "body": "x", "to": "anna@example.se"})
    assert tried.get_json() == {"outcome": "off", "fault": "off"}
