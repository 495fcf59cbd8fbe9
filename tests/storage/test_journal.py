"""The journal of bookings: chained, complete, and without anything personal or secret in clear (AC-20)."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from appliance.customers.sealing import unseal
from appliance.foundation.errors import NeedsAttention
from appliance.storage import journal
from appliance.storage.chain import Break, Head
from appliance.storage.follower import FileReplaced, JournalReader
from tests.builders import ANNA, BO, TEN, Site

HOUR = 3600


def checked(site: Site) -> Head | Break:
    with site.side.book.read(site.side.scope) as tx:
        return journal.check(tx.connection)


def tamper(site: Site, *statements: str) -> None:
    with closing(sqlite3.connect(site.settings.booking_file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def a_days_work(site: Site) -> None:
    """Something of everything: bookings, a move, a cancel, a hold that ran out, a sign-in."""
    first = site.book(TEN + 4 * HOUR, ANNA)
    site.move(first, TEN + 6 * HOUR)
    site.cancel(site.book(TEN + 4 * HOUR, BO).id)
    site.hold(TEN + 9 * HOUR)
    site.clock.advance(600)
    site.book(TEN + 9 * HOUR, BO)
    site.side.signing_in.sign_in("admin", site.password)


def test_the_chain_of_a_days_work_verifies(site: Site) -> None:
    """AC-20."""
    a_days_work(site)
    head = checked(site)
    assert isinstance(head, Head)
    assert head.seq == site.rows("SELECT count(*) FROM journal")[0][0]


@pytest.mark.feature("AC-20")
@pytest.mark.parametrize("column", ["at", "facility_id", "actor", "entity", "entity_id", "verb", "before", "after"])
def test_one_altered_field_is_found(site: Site, column: str) -> None:
    """AC-20: whichever field of whichever row."""
    a_days_work(site)
    seq = site.rows("SELECT max(seq) FROM journal WHERE before IS NOT NULL AND after IS NOT NULL")[0][0]
    changed = f"{column} + 1" if column == "at" else f"replace({column}, substr({column}, 3, 1), 'X')"
    tamper(site, f"UPDATE journal SET {column} = {changed} WHERE seq = {seq}")
    assert checked(site) == Break(int(str(seq)), f"entry {seq} was altered")


def test_a_field_emptied_is_found(site: Site) -> None:
    """AC-20: NULL is another value than an empty object."""
    a_days_work(site)
    tamper(site, "UPDATE journal SET before = '{}' WHERE seq = (SELECT min(seq) FROM journal WHERE before IS NULL)")
    assert isinstance(checked(site), Break)


@pytest.mark.parametrize(
    "which", ["1", "2", "(SELECT max(seq) / 2 FROM journal)", "(SELECT max(seq) - 1 FROM journal)"]
)
def test_one_deleted_row_is_found(site: Site, which: str) -> None:
    """AC-20."""
    a_days_work(site)
    tamper(site, f"DELETE FROM journal WHERE seq = {which}")
    assert isinstance(checked(site), Break)


def test_rows_that_changed_places_are_found(site: Site) -> None:
    """AC-20."""
    a_days_work(site)
    tamper(
        site,
        "UPDATE journal SET seq = -1 WHERE seq = 5",
        "UPDATE journal SET seq = 5 WHERE seq = 6",
        "UPDATE journal SET seq = 6 WHERE seq = -1",
    )
    assert isinstance(checked(site), Break)


def test_an_end_cut_off_is_found_by_whoever_had_read_further(site: Site) -> None:
    """AC-20: a shorter chain is a good chain by itself; the door's cursor in its own file says that there was more."""
    a_days_work(site)
    reader = JournalReader(site.settings.booking_file)
    cursor = reader.head()
    tamper(site, "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)")
    assert isinstance(checked(site), Head)
    with pytest.raises(FileReplaced):
        reader.check(cursor)
    reader.close()


def test_a_chain_belongs_to_its_file(site: Site) -> None:
    """AC-20: a journal carried over from another file does not verify."""
    a_days_work(site)
    tamper(site, "UPDATE file SET id = '01900000-0000-7000-8000-000000000000'")
    assert isinstance(checked(site), Break)


def test_the_chain_cannot_fork(site: Site) -> None:
    """AC-20: two entries cannot follow the same one."""
    with pytest.raises(sqlite3.IntegrityError):
        tamper(
            site,
            "INSERT INTO journal SELECT seq + 1000, at, facility_id, actor, entity, entity_id, verb, before, after,"
            " prev_hash, hash FROM journal WHERE seq = 2",
        )


def everything_written(site: Site) -> tuple[str, bytes]:
    """The journal's text, and every byte of the booking file and its write-ahead log."""
    columns = "actor || ' ' || entity || ' ' || entity_id || ' ' || verb || coalesce(before, '') || coalesce(after, '')"
    text = "\n".join(str(row[0]) for row in site.rows(f"SELECT {columns} FROM journal"))
    files = sorted(site.settings.data.glob("booking.db*"))
    return text, b"".join(path.read_bytes() for path in files)


@pytest.mark.feature("AC-01")
def test_nothing_personal_and_nothing_secret_stands_in_clear(site: Site) -> None:
    """AC-01: no name, address, number, PIN, code, token or password in the journal; no PIN, code or token anywhere."""
    booked = site.book(TEN + 4 * HOUR, ANNA)
    old_pin = site.pins(booked.id)
    site.move(booked, TEN + 6 * HOUR)
    session = site.side.signing_in.sign_in("admin", site.password)
    with site.side.book.read(site.side.scope) as tx:
        shown = site.side.issuing.show(tx, booked.id)
    code = site.side.links.cancel_code(booked.id)
    secrets = [*old_pin, *(key.code for key in shown), code, code.replace("-", ""), site.password]
    secrets += [site.side.links.token(booked.id), str(getattr(session, "token", ""))]
    personal = [ANNA.name, "Anna", "anna.ek", ANNA.email or "", "701740605", '"admin"']
    text, raw = everything_written(site)
    hashes = [str(row[0]) for row in site.rows("SELECT password_hash FROM staff")]
    assert len(secrets) == 8
    assert all(len(secret) >= 6 for secret in secrets)
    assert [secret for secret in [*secrets, *personal, *hashes] if secret in text] == []
    assert [secret for secret in secrets if _stands_in(secret, raw)] == []


NUMBERS_OF_OTHER_THINGS = re.compile(rb"[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|1[789][0-9]{8}")


def _stands_in(secret: str, raw: bytes) -> bool:
    """Whether `secret` is there as itself; six digits in a digest, an id or an instant are chance."""
    return secret.encode() in NUMBERS_OF_OTHER_THINGS.sub(b"", raw)


def test_a_secret_that_lay_in_the_file_would_be_found(site: Site) -> None:
    """AC-01: negative control."""
    pin = site.pins(site.book(TEN).id)[0]
    tamper(site, f"UPDATE booking SET number = '{pin}'")
    assert _stands_in(pin, everything_written(site)[1])


def test_erasing_a_persons_key_makes_the_sealed_values_unreadable(site: Site) -> None:
    """AC-20: the chain still verifies when a person is gone from it."""
    booked = site.book(TEN, ANNA)
    ((after,),) = site.rows("SELECT after FROM journal WHERE entity = 'customer'")
    body = json.loads(str(after))
    ((key,),) = site.rows("SELECT key FROM person_key WHERE customer_id = ?", booked.customer_id)
    assert isinstance(key, bytes)
    known = {"name": ANNA.name, "email": ANNA.email, "phone": ANNA.phone, "birth_year": None}
    assert unseal(key, body["id"], body["sealed"]) == known
    tamper(site, f"DELETE FROM person_key WHERE customer_id = '{booked.customer_id}'")
    with pytest.raises(NeedsAttention):
        unseal(bytes(32), body["id"], body["sealed"])
    assert isinstance(checked(site), Head)


@pytest.mark.parametrize("misuse", [lambda body: body["sealed"], lambda body: "s1." + body["sealed"][3:][::-1]])
def test_sealed_values_belong_to_one_person(site: Site, misuse: Callable[[dict[str, str]], str]) -> None:
    """AC-20: they cannot be put into another person's entry, nor altered."""
    booked = site.book(TEN, ANNA)
    ((after,),) = site.rows("SELECT after FROM journal WHERE entity = 'customer'")
    ((key,),) = site.rows("SELECT key FROM person_key WHERE customer_id = ?", booked.customer_id)
    assert isinstance(key, bytes)
    with pytest.raises(NeedsAttention):
        unseal(key, "somebody else", misuse(json.loads(str(after))))
