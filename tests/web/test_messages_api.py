"""Messages through the API and by real mail: what is told when, in whose words, and what of it staff see."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from appliance.booking.actions.desk import change
from appliance.booking.bookings import Status
from appliance.booking.services import Several
from appliance.foundation.instants import DAY, HOUR, MINUTE, format_instant
from tests.booking.test_telling import tell
from tests.booking.test_waiting import fill, keep_list
from tests.builders import BO, STOCKHOLM, TEN
from tests.messaging.mail_sink import MailSink, addressed, delivered, mail_sink, post, text_of
from tests.several import allow
from tests.web.api_client import Api
from tests.web.extra_world import added
from tests.web.pages.desk import desk_app
from tests.web.pages.fake_doors import FakeDoors
from tests.web.test_waiting_api import wait

LATER = TEN + 3 * DAY


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailSink]:
    with mail_sink(tmp_path / "mail") as sink:
        yield sink


@pytest.fixture
def staff(api: Api) -> Api:
    return api.staff()


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
    told = [str(each["Subject"]).partition(":")[0].strip() for each in delivered(api.site, mail)]
    assert sorted(told) == ["Déplacé", "Réservé"]
    api.site.clock.advance(2 * DAY + 2 * HOUR - MINUTE)
    assert len(delivered(api.site, mail)) == 2
    api.site.clock.advance(MINUTE)
    assert str(delivered(api.site, mail)[-1]["Subject"]).startswith("Bientôt")
    assert len(delivered(api.site, mail)) == 3
    assert api.post(f"/bookings/{made['id']}/cancel", {"cancel_code": made["cancel_code"]}).status_code == 200
    letters = delivered(api.site, mail)
    assert [str(each["Subject"]).partition(":")[0].strip() for each in letters[3:]] == ["Annulé"]
    assert len({each["Message-ID"] for each in letters}) == 4


@pytest.mark.feature("DY-63")
def test_a_reminder_is_dropped_for_what_was_cancelled_meanwhile(api: Api, mail: MailSink) -> None:
    """DY-63: it was due, the server was away, the booking was cancelled: nobody is reminded of it."""
    made = api.booked(LATER)
    delivered(api.site, mail)
    api.site.clock.advance(2 * DAY + HOUR)
    mail.spoil("connect", "busy")
    post(api.site, mail).deliver()
    assert api.site.rows("SELECT state FROM message WHERE event = 'reminder'") == [("due",)]
    api.post(f"/bookings/{made['id']}/cancel", {"cancel_code": made["cancel_code"]})
    api.site.clock.advance(HOUR)
    letters = delivered(api.site, mail)
    assert [str(each["Subject"]).partition(":")[0] for each in letters] == ["Bokat", "Avbokat"]
    assert api.site.rows("SELECT state FROM message WHERE event = 'reminder'") == [("dropped",)]


def test_nobody_is_reminded_of_what_was_booked_just_now(api: Api, mail: MailSink) -> None:
    """DY-63: a reminder a minute after the confirmation tells nothing; a booking moved to tomorrow neither."""
    api.booked(TEN)
    later = api.booked(LATER)
    moved = {"start": format_instant(TEN + 2 * HOUR, STOCKHOLM), "cancel_code": later["cancel_code"]}
    assert api.post(f"/bookings/{later['id']}/move", moved).status_code == 200
    delivered(api.site, mail)
    api.site.clock.advance(30 * MINUTE)
    delivered(api.site, mail)
    assert api.site.rows("SELECT count(*) FROM outbox WHERE event = 'reminder'") == [(0,)]


@pytest.mark.feature("DY-63")
def test_payment_and_expiry_are_told(api: Api, staff: Api, mail: MailSink) -> None:
    """DY-63: waits for payment, paid and confirmed; not paid in time."""
    added(staff, "/payment-terms", service="padel", policy="prepay", pay_within_minutes=30)
    paid, unpaid = api.booked(LATER), api.booked(LATER + HOUR)
    assert staff.post(f"/bookings/{paid['id']}/payments", {"method": "card"}).status_code in (200, 201)
    api.site.clock.advance(HOUR)
    api.booked(LATER + 4 * HOUR)
    told = [row[0] for row in api.site.rows("SELECT event FROM outbox WHERE subject_id = ? ORDER BY seq", paid["id"])]
    assert told == ["pending", "payment", "confirmation"]
    told = [row[0] for row in api.site.rows("SELECT event FROM outbox WHERE subject_id = ? ORDER BY seq", unpaid["id"])]
    assert told == ["pending", "expiry"]
    assert any(
        "320" in text_of(each) for each in delivered(api.site, mail) if str(each["Subject"]).startswith("Betalt")
    )


@pytest.mark.feature("DY-63")
def test_a_no_show_a_change_and_a_key_that_comes_later_are_told(api: Api, mail: MailSink) -> None:
    """DY-63: each by an event of its own; a key that comes with a booking is told of with it and not twice."""
    api.booked(LATER)
    assert api.site.rows("SELECT event FROM outbox") == [("confirmation",)]
    booked = api.site.book(LATER + HOUR)
    with api.site.side.book.write(api.site.side.scope, "test") as tx:
        change(tx, "no_show", booked, booked.at_status(Status.NO_SHOW))
    with api.site.side.book.write(api.site.side.scope, "test") as tx:
        tx.record("key", "later", "issued", after={"id": "later", "booking_id": booked.id})
        tx.record("key", "another", "issued", after={"id": "another", "booking_id": booked.id})
    longer = api.booked(LATER + 3 * HOUR)
    extended = {"duration": 90, "cancel_code": longer["cancel_code"]}
    assert api.post(f"/bookings/{longer['id']}/extend", extended).status_code == 200
    events = [row[0] for row in api.site.rows("SELECT event FROM outbox ORDER BY seq")][1:]
    assert events == ["confirmation", "no_show", "key_issued", "confirmation", "change"]
    told = [str(each["Subject"]).partition(":")[0] for each in delivered(api.site, mail)]
    assert "Du kom inte" in told
    assert "Ändrat" in told


@pytest.mark.feature("DY-19")
def test_a_place_that_becomes_free_is_offered_by_mail_and_the_next_is_told_when_it_lapses(
    api: Api, mail: MailSink
) -> None:
    """DY-19: the first is written to at once, with a link that takes the place; expiry moves it to the second."""
    keep_list(api.site, "offer")
    taken = fill(api.site)
    wait(api, 1)
    wait(api, 2)
    delivered(api.site, mail)
    api.site.cancel(taken[0].id)
    first = addressed(delivered(api.site, mail), "waits1@example.se")
    assert [str(each["Subject"]).partition(":")[0] for each in first] == ["I kön", "En plats är ledig"]
    (link,) = (each for each in paths(first[1]) if each.startswith("/w/"))
    api.site.clock.advance(30 * MINUTE)
    api.post("/holds", {"service": "padel", "start": format_instant(LATER, STOCKHOLM)})
    letters = delivered(api.site, mail)
    assert [str(each["Subject"]).partition(":")[0] for each in addressed(letters, "waits1@example.se")][2:] == [
        "Ingen plats"
    ]
    offered = addressed(letters, "waits2@example.se")[-1]
    assert str(offered["Subject"]).startswith("En plats är ledig")
    (link,) = (each for each in paths(offered) if each.startswith("/w/"))
    guest = desk_app(api.site, FakeDoors()).test_client()
    assert "Ta platsen" in guest.get(link).text
    assert guest.post(link, data={"act": "take"}).headers["Location"].startswith("/k/")
    assert str(addressed(delivered(api.site, mail), "waits2@example.se")[-1]["Subject"]).startswith("Bokat")


@pytest.mark.feature("DY-19")
def test_where_nothing_is_kept_all_who_wait_are_told_by_mail(api: Api, mail: MailSink) -> None:
    """DY-19: each gets a letter with the time, what it means and a link; a letter that comes too late is left out."""
    keep_list(api.site, "notify_all")
    taken = fill(api.site)
    for number in (1, 2):
        wait(api, number)
    delivered(api.site, mail)
    api.site.cancel(taken[0].id)
    tell(api.site)
    letters = delivered(api.site, mail)
    for number in (1, 2):
        letter = addressed(letters, f"waits{number}@example.se")[-1]
        assert str(letter["Subject"]).startswith("En plats är ledig: Padel")
        assert "den som bokar först får den" in text_of(letter)
        (link,) = (each for each in paths(letter) if each.startswith("/w/"))
        assert "/book?service=padel" in desk_app(api.site, FakeDoors()).test_client().get(link).text
    api.site.book(TEN, BO)
    api.site.cancel(taken[1].id)
    tell(api.site)
    api.site.clock.set(TEN)
    assert len(delivered(api.site, mail)) == len(letters) + 2  # Bo's booking, and the cancel of the one before


def test_an_offer_that_is_declined_goes_to_the_next_at_once(api: Api, mail: MailSink) -> None:
    """DY-19: by the link in the letter; where places are booked at once, the confirmation tells it."""
    keep_list(api.site, "offer")
    taken = fill(api.site)
    wait(api, 1)
    wait(api, 2)
    api.site.cancel(taken[0].id)
    (link,) = (
        each for each in paths(addressed(delivered(api.site, mail), "waits1@example.se")[-1]) if each.startswith("/w/")
    )
    guest = desk_app(api.site, FakeDoors()).test_client()
    assert "Du väntar inte längre" in guest.post(link, data={"act": "leave"}, follow_redirects=True).text
    assert str(addressed(delivered(api.site, mail), "waits2@example.se")[-1]["Subject"]).startswith("En plats är ledig")
    keep_list(api.site, "auto_book")
    wait(api, 3)
    api.site.cancel(taken[1].id)
    assert str(addressed(delivered(api.site, mail), "waits3@example.se")[-1]["Subject"]).startswith("Bokat")


@pytest.mark.feature("DY-51")
def test_a_series_is_one_letter_with_one_calendar_file(api: Api, mail: MailSink) -> None:
    """DY-51: ten weeks are one letter with ten occurrences; cancelling all of them is one letter too."""
    allow(api.site, "padel", Several(series=True))
    answer = api.post("/series", api.booking(LATER, repeat={"cadence": "daily", "times": 10}))
    assert answer.status_code == 201, answer.text
    order = answer.get_json()
    (letter,) = delivered(api.site, mail)
    assert calendar(letter).count("BEGIN:VEVENT") == 10
    assert calendar(letter).count("BEGIN:VCALENDAR") == 1
    assert text_of(letter).count("PIN ") >= 10
    assert api.post(f"/orders/{order['id']}/cancel", {"cancel_code": order["cancel_code"]}).status_code == 200
    cancelled = delivered(api.site, mail)[1:]
    assert len(cancelled) == 1
    assert calendar(cancelled[0]).count("STATUS:CANCELLED") == 10


@pytest.mark.feature("DY-51")
def test_a_lone_booking_has_its_calendar_file_and_its_move_takes_its_place(api: Api, mail: MailSink) -> None:
    """DY-51: the same UID and a higher SEQUENCE, so that the calendar moves it (RFC 5545)."""
    made = api.booked(LATER)
    moved = {"start": format_instant(LATER + HOUR, STOCKHOLM), "cancel_code": made["cancel_code"]}
    api.post(f"/bookings/{made['id']}/move", moved)
    files = [calendar(each) for each in delivered(api.site, mail)]
    uids, sequences = (
        {found for each in files for found in re.findall(rf"{name}:(\S+)", each)} for name in ("UID", "SEQUENCE")
    )
    assert (len(uids), len(sequences)) == (1, 1)
    assert "DTSTART:20261203T100000Z" in files[1]


def calendar(letter: EmailMessage) -> str:
    (part,) = (each for each in letter.walk() if each.get_content_type() == "text/calendar")
    content: str = part.get_content()
    return content


@pytest.mark.feature("DY-64")
def test_opening_every_address_in_a_letter_changes_nothing(api: Api, mail: MailSink) -> None:
    """DY-64: a scanner that opens every link cancels nothing; the page asks, and its form cancels."""
    made = api.booked(LATER)
    (letter,) = delivered(api.site, mail)
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


def test_staff_see_what_was_sent_and_no_secret_in_it(api: Api, staff: Api, mail: MailSink) -> None:
    """DY-63: when, to whom, by which channel, and what became of it; strangers see nothing."""
    made = api.booked(LATER)
    mail.spoil("rcpt", "busy")
    post(api.site, mail).deliver()
    (waits,) = staff.get("/messages", booking=made["id"]).get_json()["messages"]
    assert (waits["state"], waits["tries"], waits["fault"], waits["done_at"]) == ("due", 1, "smtp 451", None)
    api.site.clock.advance(MINUTE)
    delivered(api.site, mail)
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
    tried = staff.post(
        "/message-tests", {"event": "reminder", "language": "sv", "body": "x", "subject": "x", "to": "anna@example.se"}
    )
    assert tried.get_json() == {"outcome": "off", "fault": "off"}
