"""The web process signs the journal of `booking.db` beside its work, and only a past that it knows (AC-20)."""

import logging

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.foundation.instants import MINUTE
from appliance.storage.chain import Break, Entry, start
from appliance.storage.checkpoints import ENTITY, EVERY_ENTRIES, key_id
from appliance.storage.follower import JournalReader
from appliance.storage.signing import BookSigning
from appliance.storage.verifying import Verified, verify_signed
from tests.builders import TEN, Site
from tests.storage.forging import forge, read_journal, without_checkpoints

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = {key_id(KEY.public_key()): KEY.public_key()}


def signing_of(site: Site) -> BookSigning:
    return BookSigning(site.side.book, site.side.scope, site.clock, KEY)


def checkpoints(site: Site) -> list[Entry]:
    return [entry for entry in read_journal(site.settings.booking_file)[1] if entry.entity == ENTITY]


def verified(site: Site) -> Verified | Break:
    reader = JournalReader(site.settings.booking_file)
    try:
        return verify_signed(start(reader.file_id()), reader.all(), KEYS)
    finally:
        reader.close()


def later(site: Site, signing: BookSigning, minutes: int = 15) -> None:
    site.clock.advance(minutes * MINUTE)
    signing.sign_if_due()


@pytest.mark.feature("AC-20")
def test_the_journal_is_signed_a_quarter_of_an_hour_later_and_then_rests(site: Site) -> None:
    """AC-20: once for everything new; an idle unit writes none, for a checkpoint calls for no other."""
    signing = signing_of(site)
    site.book(TEN)
    later(site, signing, 14)
    assert checkpoints(site) == []
    later(site, signing, 1)
    (signed,) = checkpoints(site)
    assert (signed.actor, signed.at) == ("timekeeper", site.clock.now())
    found = verified(site)
    assert isinstance(found, Verified)
    assert found.unsigned == 0
    for _ in range(10):
        later(site, signing)
    assert checkpoints(site) == [signed]
    site.book(TEN + 4 * 3600)
    later(site, signing, 0)
    assert len(checkpoints(site)) == 2


def test_a_thousand_entries_do_not_wait_for_the_quarter(site: Site) -> None:
    """AC-20"""
    signing = signing_of(site)
    with site.side.book.write(site.side.scope, "test") as tx:
        for number in range(EVERY_ENTRIES):
            tx.record("note", str(number), "written")
    signing.sign_if_due()
    assert len(checkpoints(site)) == 1


def test_another_start_signs_what_was_left_and_nothing_twice(site: Site) -> None:
    """AC-20: after a process that died, and after one that ended in order."""
    site.book(TEN)
    later(site, signing_of(site), 0)
    assert checkpoints(site) == []
    after_a_crash = signing_of(site)
    later(site, after_a_crash)
    assert len(checkpoints(site)) == 1
    after_an_end = signing_of(site)
    later(site, after_an_end)
    after_an_end.sign()
    assert len(checkpoints(site)) == 1


def test_a_past_that_was_written_anew_under_the_process_is_not_signed(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """AC-20: or the next signature would make a good journal of it."""
    signing = signing_of(site)
    site.book(TEN)
    signing.sign()
    forge(site.settings.booking_file, without_checkpoints)
    site.book(TEN + 4 * 3600)
    with caplog.at_level(logging.ERROR):
        signing.sign()
    assert checkpoints(site) == []
    assert "is not what it was" in caplog.text


def test_a_process_without_that_memory_would_sign_it(site: Site) -> None:
    """AC-20: negative control, and why a head belongs elsewhere too: a fresh start knows only what is in the file."""
    signing = signing_of(site)
    site.book(TEN)
    signing.sign()
    forge(site.settings.booking_file, without_checkpoints)
    signing_of(site).sign()
    assert len(checkpoints(site)) == 1
    assert isinstance(verified(site), Verified)
