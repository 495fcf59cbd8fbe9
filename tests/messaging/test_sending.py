"""From a change to the letter: written down with the change, put into words when it leaves, sent once (DY-63)."""

import json
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.boot.messaging_side import post_of
from appliance.config import MailSettings
from appliance.customers.contacts import Contact
from appliance.foundation.instants import DAY, HOUR, MINUTE
from appliance.foundation.refusals import Refusal
from appliance.messaging import message_store, outbox_store
from appliance.messaging.actions.sending import MOST_TRIES, wait
from appliance.messaging.channels.email import EmailChannel, MailServer
from appliance.messaging.templates import Way
from appliance.storage.unit_of_work import Refused
from appliance.web.postman import Postman
from tests.builders import BO, NOW, TEN, Site
from tests.messaging.mail_sink import SENDER, MailSink, post, text_of
from tests.several import statements
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]


def states(site: Site) -> list[tuple[object, ...]]:
    return site.rows("SELECT state, tries, fault FROM message ORDER BY seq")


def test_a_confirmed_booking_is_mailed_with_its_pin(site: Site, mail: MailSink) -> None:
    """DY-63: a confirmation leaves by real SMTP, once, with the PIN that is stored nowhere."""
    booked = site.book(TEN)
    assert site.rows("SELECT event, subject_id, spread FROM outbox") == [("confirmation", booked.id, 0)]
    sender = post(site, mail)
    assert sender.deliver() == 1
    (letter,) = mail.letters()
    assert (letter["To"], letter["From"], letter["Auto-Submitted"]) == ("anna.ek@example.se", SENDER, "auto-generated")
    (pin,) = site.pins(booked.id)
    assert pin in text_of(letter)
    assert pin in text_of(letter, "html")
    assert sender.deliver() == 0
    assert states(site) == [("sent", 0, "")]
    kept = [str(row) for table in ("outbox", "message", "journal") for row in site.rows(f"SELECT * FROM {table}")]
    assert not any(pin in row or "anna.ek" in row for row in kept)


def test_what_is_taken_back_is_told_to_nobody(site: Site, mail: MailSink) -> None:
    """DY-63: the same transaction or none: a booking that was refused at its end leaves no message."""
    with suppress(Refused), site.side.book.write(site.side.scope, "test") as tx:
        tx.record("booking", "x", "confirmed", after={"id": "x", "customer_id": "y", "revision": 0})
        assert outbox_store.unspread(tx)
        raise Refused(Refusal("slot_taken"))
    assert site.rows("SELECT count(*) FROM outbox") == [(0,)]


def test_a_booking_costs_one_insert_more(site: Site) -> None:
    """DY-63: and nothing that is asked."""
    with statements(site) as counted:
        site.book(TEN)
    assert len([each for each in counted if "outbox" in str(each)]) == 1


@pytest.mark.parametrize("kind", ["busy", "drop", "slow"])
def test_a_server_that_does_not_answer_loses_no_message(site: Site, mail: MailSink, kind: str) -> None:
    """DY-63: busy, gone or too slow at first: put off, the channel gets a break, and later all of it arrives once."""
    for contact in (Contact("A", "a@example.se", None, "a@example.se"), BO):
        site.book(TEN, contact)
    mail.spoil("connect", kind, delay_s=0.5)
    server = MailServer("127.0.0.1", mail.server.port, "none", SENDER)
    sender = replace(post(site, mail), channels={Way.EMAIL: EmailChannel(server, site.clock, answer_s=0.2)})
    assert sender.deliver() == 0
    # The second was not even tried, and is not held.
    assert sorted(row[:2] for row in states(site)) == [("due", 0), ("due", 1)]
    assert sender.deliver() == 0
    site.clock.advance(MINUTE)
    assert sender.deliver() == 2
    assert sorted(str(each["To"]) for each in mail.letters()) == ["a@example.se", "bo@example.se"]


def test_a_dead_server_is_asked_less_and_less_often(site: Site, mail: MailSink) -> None:
    """DY-63: a break of a minute, doubling to a quarter of an hour; nothing is given up for days."""
    site.book(TEN)
    mail.spoil("connect", "drop", count=10_000)
    sender = post(site, mail)
    for _ in range(24 * 60):
        sender.deliver()
        site.clock.advance(MINUTE)
    (tried,) = site.rows("SELECT state, tries FROM message")
    assert tried[0] == "dropped" or (tried[0] == "due" and 20 <= int(str(tried[1])) <= 30)


def test_waiting_goes_on_for_five_days() -> None:
    """DY-63: 1, 2, 4 ... 60 minutes, as long as RFC 5321 section 4.5.4.1 has it."""
    assert [wait(tries) // MINUTE for tries in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert 4 * DAY <= sum(wait(tries) for tries in range(1, MOST_TRIES)) <= 5 * DAY


def test_what_the_server_puts_off_is_tried_again_and_what_it_refuses_is_given_up(site: Site, mail: MailSink) -> None:
    """DY-63: 451 is for later, 550 for good; neither keeps the others."""
    for number in range(3):
        site.book(TEN, Contact("", f"g{number}@example.se", None, f"g{number}@example.se"))
    mail.spoil("rcpt", "busy")
    mail.spoil("rcpt", "refuse", nth=2)
    sender = post(site, mail)
    assert sender.deliver() == 2
    assert sorted(states(site)) == [("dead", 0, "smtp 550"), ("due", 1, "smtp 451"), ("sent", 0, "")]
    site.clock.advance(MINUTE)
    assert sender.deliver() == 1
    assert len(mail.letters()) == 2


def test_a_letter_that_was_taken_without_an_answer_comes_again_with_the_same_id(site: Site, mail: MailSink) -> None:
    """DY-63: at most one duplicate, which every reader of mail can tell by its Message-ID."""
    site.book(TEN)
    mail.spoil("data", "drop_after")
    sender = post(site, mail)
    assert sender.deliver() == 0
    site.clock.advance(MINUTE)
    assert sender.deliver() == 1
    first, second = mail.letters()
    assert first["Message-ID"] == second["Message-ID"]


def test_two_senders_at_once_send_each_message_once(site: Site, mail: MailSink) -> None:
    """DY-63: even without the lease of the process, no message is taken by two."""
    for number in range(40):
        site.book(TEN + (number // 4) * HOUR, Contact("", f"g{number}@example.se", None, f"g{number}@example.se"))
    other = site.reopened()
    start = threading.Barrier(2)

    def drain(seen: Site) -> None:
        sender = post(seen, mail)
        start.wait()
        while sender.deliver():
            pass

    threads = [threading.Thread(target=drain, args=(each,)) for each in (site, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert len(mail.letters()) == 40
    assert len({str(each["Message-ID"]) for each in mail.letters()}) == 40
    assert site.rows("SELECT DISTINCT state FROM message") == [("sent",)]


def test_what_one_sender_has_taken_no_other_takes_until_it_is_given_back(site: Site) -> None:
    """DY-63: and then another does."""
    site.book(TEN)
    post(site, None)._spread()
    with site.side.book.write(site.side.scope, "test") as tx:
        tx.connection.exec_driver_sql("UPDATE message SET state = 'due'")
        first = message_store.claim(tx, ())
        assert (len(first), message_store.claim(tx, ())) == (1, [])
        message_store.give_back(tx, first)
        assert message_store.claim(tx, ()) == first


def test_only_one_process_has_the_post(site: Site, mail: MailSink) -> None:
    """DY-63: a second web process sends nothing while the first one lives, and takes over when it does not."""
    site.book(TEN)
    first, second = (Postman(site.side.book, site.side.scope, name, post(site, mail)) for name in ("one", "two"))
    assert (first.beat(), second.beat()) == (1, 0)
    site.book(TEN, BO)
    assert second.beat() == 0
    site.clock.advance(2 * MINUTE)
    assert second.beat() == 1


def test_ten_thousand_messages_go_in_batches_of_a_constant_number_of_queries(site: Site, mail: MailSink) -> None:
    """DY-63: what is asked for fifty messages is asked for one; what is written is one note each."""
    booked = [site.book(TEN + number * HOUR) for number in range(3)]
    rows = [(f"{number:08}", site.side.scope.facility_id, booked[number % 3].id, number) for number in range(10_000)]
    with site.side.book.write(site.side.scope, "test") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO message (id, facility_id, event, subject, subject_id, occasion, at, seq, audience, channel,"
            " state, due_at, tries, leased_until, parts, fault)"
            f" VALUES (?, ?, 'payment', 'booking', ?, ?, {NOW}, 0, 'client', 'email', 'due', {NOW}, 0, 0, 0, '')",
            rows,
        )
    sender = post(site, mail)
    with statements(site) as many:
        assert sender.deliver() == 50
    with site.side.book.write(site.side.scope, "test") as tx:
        tx.connection.exec_driver_sql("UPDATE message SET state = 'off' WHERE state = 'due' AND id > '00000060'")
    while sender.deliver() > 1:
        pass
    with site.side.book.write(site.side.scope, "test") as tx:
        tx.connection.exec_driver_sql("UPDATE message SET state = 'due' WHERE id = '00000099'")
    with statements(site) as one:
        assert sender.deliver() == 1
    asked = [[each for each in some if str(each).lstrip().upper().startswith("SELECT")] for some in (many, one)]
    assert len(asked[0]) <= len(asked[1]) + 8


def test_a_dead_server_keeps_no_booking_waiting(site: Site, mail: MailSink) -> None:
    """DY-63: while a send hangs, others book: nothing of the file is held meanwhile."""
    site.book(TEN)
    mail.spoil("connect", "slow", delay_s=1.0)
    thread = threading.Thread(target=post(site, mail).deliver)
    thread.start()
    assert until(lambda: site.rows("SELECT leased_until FROM message") == [(NOW + 120,)])
    site.book(TEN + HOUR)
    assert thread.is_alive()
    thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_process_that_is_killed_loses_nothing_and_repeats_at_most_one(site: Site, mail: MailSink, after: int) -> None:
    """DY-63: kill -9 in the middle of a batch; the next sends the rest when the lease is over."""
    for number in range(6):
        site.book(TEN + (number // 4) * HOUR, Contact("", f"g{number}@example.se", None, f"g{number}@example.se"))
    site.side.engine.dispose()
    killed = subprocess.Popen(
        [sys.executable, "-m", "tests.messaging.send_all", str(site.settings.data), str(mail.server.port), str(NOW)],
        cwd=ROOT,
    )
    mail.spoil("data", "slow", nth=after + 1, count=100, delay_s=5.0)
    assert until(lambda: len(mail.letters()) > after, 30)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    with mail.sink.lock:
        mail.sink.faults.faults.clear()
    next_one = site.reopened()
    site.clock.advance(3 * MINUTE)
    sender = post(next_one, mail)
    while sender.deliver():
        pass
    next_one.close()
    came = [json.loads(each) for each in mail.sink.journal.read_text().splitlines()]
    assert {tuple(each["to"]) for each in came} == {(f"g{number}@example.se",) for number in range(6)}
    assert len(came) <= 7
    assert len({each["message_id"] for each in came}) == 6


@pytest.mark.parametrize(
    "name",
    ["Åsa O'Neill", "Bcc: x@example.se", "A\r\nBcc: evil@example.se", "\u202eevil", "=?utf-8?q?x=0D=0ABcc:_y@z.se?="],
)
def test_a_name_makes_no_header(site: Site, mail: MailSink, name: str) -> None:
    """DY-62: å and apostrophes arrive as they are; a line end in a name is a space, whatever wrote it."""
    with site.side.book.write(site.side.scope, "test") as tx:
        site_name = "UPDATE facility SET name = ?"
        tx.connection.exec_driver_sql(site_name, (name,))
        slot = (
            "INSERT INTO message_template VALUES ('t', ?, 'confirmation', 'client', 'email', 'sv', ?, ?, 1, 0, '', 0)"
        )
        tx.connection.exec_driver_sql(slot, (site.side.scope.facility_id, "{facility_name}", "{facility_name}"))
        tx.record("facility", site.side.scope.facility_id, "changed", after={"name": name})
    site.book(TEN)
    post(site, mail).deliver()
    (letter,) = mail.letters()
    assert letter["Bcc"] is None
    assert letter.get_all("To") == ["anna.ek@example.se"]
    told = "".join(each if each.isprintable() else " " for each in name).replace("=?", "= ?")
    assert str(letter["Subject"]).split() == told.split()


def test_the_password_is_a_file_of_its_own(site: Site, tmp_path: Path) -> None:
    """DY-63: what cannot be read is said when the process starts, and the password stands in no setting."""
    secret = tmp_path / "password"
    secret.write_text("hemligt\n")
    settings = replace(site.settings, mail=MailSettings("127.0.0.1", SENDER, 1, user="u", password_file=secret))
    assert "hemligt" not in repr(post_of(settings, site.side))
