"""Six processes pay, give up and let lapse the same purchases: each is granted and paid for once at most (DY-23)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.billing.entitlements import Product, ProductKind
from appliance.billing.tariff_store import PRODUCTS
from appliance.booking.actions import purchasing
from appliance.booking.actions.purchasing import Bought
from appliance.booking.booking_window import Channel
from appliance.storage import versioned
from tests import builders
from tests.builders import ANNA, Site
from tests.storage.purchase_racing import payers
from tests.storage.racing import raced

PURCHASES, PROCESSES, PRICE = 12, 6, 24_900


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with builders.site(tmp_path / "data") as made:
        with made.side.book.write(made.side.scope, "test") as tx:
            card = Product("Klippkort", ProductKind.CLIPS, PRICE, 6, "3010", clips=5, sold_at=frozenset({"public"}))
            sold = versioned.add(tx, PRODUCTS, card).id
        for _ in range(PURCHASES):
            assert isinstance(purchasing.order(made.side.desk, sold, ANNA, Channel.PUBLIC, "public"), Bought)
        yield made


def granted(site: Site) -> tuple[int, int]:
    """How many purchases stand as granted, and how many cards there are."""
    ((purchases, cards),) = site.rows(
        "SELECT (SELECT count(*) FROM purchase WHERE status = 'granted'), (SELECT count(*) FROM entitlement)"
    )
    return int(str(purchases)), int(str(cards))


@pytest.mark.slow
@pytest.mark.feature("DY-23")
def test_whoever_notes_the_payment_first_is_the_only_one(site: Site) -> None:
    """DY-23: also beside a cancel and the timed job; what was given up holds nothing and cost nothing."""
    won = sum(raced(payers, site.settings.data, PROCESSES, 1))
    assert granted(site) == (won, won)
    assert won > 0
    assert site.rows("SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE account LIKE 'paid:%'") == [
        (won * PRICE,)
    ]
    assert site.rows("SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE account = '3010'") == [(-won * PRICE,)]
    assert site.rows("SELECT posting_id FROM ledger_entry GROUP BY posting_id HAVING sum(amount) <> 0") == []
    with_money = "SELECT purchase_id FROM ledger_entry WHERE account = '3010' ORDER BY 1"
    assert site.rows(with_money) == site.rows("SELECT id FROM purchase WHERE status = 'granted' ORDER BY 1")


@pytest.mark.slow
def test_who_looks_first_and_grants_later_grants_twice(site: Site) -> None:
    """DY-23: the control: without the look inside the transaction the same race gives more cards than were sold."""
    raced(payers, site.settings.data, PROCESSES, 0)
    purchases, cards = granted(site)
    assert purchases == PURCHASES
    assert cards > PURCHASES
