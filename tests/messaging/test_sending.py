"""From a change to the letter: written down with the change, put into words when it leaves, sent once (DY-63)."""

from tests.builders import TEN, Site
from tests.messaging.mail_sink import MailSink, post, text_of


def test_a_confirmed_booking_is_mailed_with_its_pin(site: Site, mail: MailSink) -> None:
    """DY-63: a confirmation leaves by real SMTP, once, with the PIN that is stored nowhere."""
    booked = site.book(TEN)
    assert site.rows("SELECT event, subject_id, spread FROM outbox") == [("confirmation", booked.id, 0)]
    sender = post(site, mail)
    assert sender.deliver() == 1
    (letter,) = mail.letters()
    assert letter["To"] == "anna.ek@example.se"
    (pin,) = site.pins(booked.id)
    assert pin in text_of(letter)
    assert sender.deliver() == 0
    assert site.rows("SELECT state, tries, fault FROM message") == [("sent", 0, "")]
    assert not any(
        pin in str(row) for table in ("outbox", "message", "journal") for row in site.rows(f"SELECT * FROM {table}")
    )
