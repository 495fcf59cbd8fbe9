"""Processes that note the payment of the same purchases, give them up and let them lapse, all at once (DY-23)."""

import random
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import select

from appliance.billing import entitlement_store, purchase_store
from appliance.billing.purchases import PurchaseStatus
from appliance.billing.tables import purchase
from appliance.billing.tariff_store import PRODUCTS
from appliance.billing.terms import Method
from appliance.booking.actions import purchasing
from appliance.booking.actions.purchasing import Bought
from appliance.foundation.errors import Retryable
from appliance.storage import versioned
from tests import builders
from tests.builders import Site


def ordered(site: Site) -> list[str]:
    """The ids of every purchase."""
    with site.side.book.read(site.side.scope) as tx:
        return [str(row.id) for row in tx.connection.execute(select(purchase.c.id))]


def payers(data: Path, seed: int, tries: int, line: Connection) -> None:
    """Do one thing or another with each purchase, in an order of its own; tells how many it was the one to grant."""
    site, dice = builders.visited(data), random.Random(seed)

    def pay(purchase_id: str) -> bool:
        return isinstance(purchasing.pay(site.side.desk, purchase_id, dice.choice(list(Method)[:3]), "staff"), Bought)

    def give_up(purchase_id: str) -> bool:
        purchasing.cancel(site.side.desk, purchase_id, "public")
        return False

    def lapse(purchase_id: str) -> bool:
        with site.side.book.write(site.side.scope, "job") as tx:
            purchasing.expire(tx, purchase_id)
        return False

    verbs = (pay, pay, pay, lapse, give_up) if tries else (naively(site),)
    line.send(_raced(ordered(site), dice, verbs, line))
    site.close()


def naively(site: Site) -> Callable[[str], bool]:
    """As naive code pays: look once, be told that it waits, and grant it later."""

    def pay(purchase_id: str) -> bool:
        seen = purchasing.shown(site.side.desk, purchase_id)
        assert seen is not None
        if seen.status is not PurchaseStatus.PENDING:
            return False
        with site.side.book.write(site.side.scope, "staff") as tx:
            sold, now = versioned.found(tx, PRODUCTS, seen.product_id), purchase_store.by_id(tx, purchase_id)
            assert sold is not None
            assert now is not None
            held = entitlement_store.grant(tx, seen.customer_id, seen.product_id, sold.value, tx.now, "naive")
            purchase_store.change(tx, "granted", now, now.fulfilled(held.id, Method.CASH))
        return True

    return pay


def _raced(
    purchases: list[str], dice: random.Random, verbs: tuple[Callable[[str], bool], ...], line: Connection
) -> int:
    dice.shuffle(purchases)
    line.send("ready")
    line.recv()
    granted = 0
    for each in purchases:
        done: bool | None = None
        while done is None:
            # Whom SQLite's waiting starves comes again.
            with suppress(Retryable):
                done = dice.choice(verbs)(each)
        granted += done
    return granted
