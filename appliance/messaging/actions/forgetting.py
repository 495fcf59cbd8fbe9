"""Messages are not kept for ever: what is through goes after half a year, what was given up after a year (DY-63)."""

from typing import Final

from appliance.foundation.instants import DAY, Instant
from appliance.messaging import message_store, outbox_store
from appliance.storage.unit_of_work import Transaction

FORGET_MESSAGES: Final = "forget_messages"
KEPT_S: Final = 180 * DAY
GIVEN_UP_KEPT_S: Final = 365 * DAY  # somebody was not told; staff see it for as long
AT_ONCE: Final = 400  # few milliseconds of the file at a time


def forget_messages(tx: Transaction, _facility_id: str) -> Instant:
    """Forget one chunk of what is old; due again at once while there is more, else in a day.

    What was written down to be told goes after its last message, so that an order keeps its own.
    """
    gone = (
        message_store.forget(tx, message_store.THROUGH, tx.now - KEPT_S, AT_ONCE),
        message_store.forget(tx, message_store.GIVEN_UP, tx.now - GIVEN_UP_KEPT_S, AT_ONCE),
        outbox_store.forget(tx, tx.now - KEPT_S, AT_ONCE),
    )
    return tx.now if max(gone) == AT_ONCE else tx.now + DAY
