"""Telling the door whose grants its controllers hold, a little at a time, as long as it asks (BM-27)."""

from collections.abc import Callable
from typing import Final

from appliance.door_socket.client import DoorClient, DoorRefused, DoorUnreachable
from appliance.door_socket.controller_answers import WantedSubject
from appliance.foundation.scope import Scope
from appliance.keys.people import address_of, card_of
from appliance.storage.unit_of_work import Book, Transaction

ROUNDS: Final = 50  # a beat of the timekeeper must not last


PinOf = Callable[[Transaction, str], str | None]
"""The digits of a key that is a PIN."""


def tell_people(book: Book, scope: Scope, doors: DoorClient, pin_of: PinOf) -> int:
    """Answer what the door asks now; how many people it was told. A door that is away asks again later."""
    told = 0
    try:
        for _ in range(ROUNDS):
            wanted = doors.wanted_subjects()
            if not wanted:
                break
            with book.read(scope) as tx:
                found = [(one, _subject(tx, one, pin_of)) for one in wanted]
            told += doors.put_subjects(found)
    except (DoorUnreachable, DoorRefused):
        return told
    return told


def _subject(tx: Transaction, wanted: WantedSubject, pin_of: PinOf) -> str | None:
    if wanted.takes == "pin":
        return pin_of(tx, wanted.grant_id)
    return card_of(tx, wanted.grant_id) if wanted.takes == "card" else address_of(tx, wanted.booking_id)
