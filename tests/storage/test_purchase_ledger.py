"""Whatever becomes of purchases, in any order: the ledger says what came in for those that stand, and nothing else."""

import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from appliance.billing import entitlement_store, purchase_store
from appliance.billing.entitlements import Product, ProductKind
from appliance.billing.purchases import from_body
from appliance.billing.tariff_store import CUSTOMER_TERMS, PRODUCTS
from appliance.billing.terms import CustomerTerms, Method
from appliance.booking.actions import purchasing
from appliance.booking.actions.purchasing import Bought
from appliance.booking.booking_window import Channel
from appliance.foundation.instants import DAY
from appliance.foundation.refusals import Refusal
from appliance.storage import jobs, journal, versioned
from tests import builders
from tests.builders import ANNA, Site
from tests.storage.test_folding import folded

CREDIT = 60_000
METHODS = st.sampled_from([Method.INVOICE, Method.CARD])


@dataclass
class Kept:
    """What a purchase must be, by nothing but what was done to it."""

    amount: int
    vat: int
    status: str = "pending"
    method: str = ""


class Till(RuleBasedStateMachine):
    """DY-23: order, pay, sell, give up, refund, price anew, and let days pass."""

    purchases = Bundle("purchases")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.site: Site = self.stack.enter_context(builders.site(Path(folder) / "data"))
        self.desk = self.site.side.desk
        self.kept: dict[str, Kept] = {}
        self.amount, self.vat = 24_900, 6
        with self.site.side.book.write(self.site.side.scope, "test") as tx:
            card = Product("Kort", ProductKind.CLIPS, self.amount, 6, "3010", clips=5, sold_at=frozenset({"public"}))
            self.card = versioned.add(tx, PRODUCTS, card).id
            self.anna = self.desk.consequences.enrol(tx, ANNA)
            versioned.add(tx, CUSTOMER_TERMS, CustomerTerms(self.anna, may_be_invoiced=True, credit_limit=CREDIT))

    @rule(amount=st.sampled_from([0, 24_900, 30_001]), vat=st.sampled_from([0, 6, 25]))
    def price_anew(self, amount: int, vat: int) -> None:
        with self.site.side.book.write(self.site.side.scope, "test") as tx:
            old = versioned.found(tx, PRODUCTS, self.card)
            assert old is not None
            new = replace(old.value, amount=amount, vat_percent=vat)
            versioned.change(tx, PRODUCTS, old, new, old.version)
        self.amount, self.vat = amount, vat

    @rule(target=purchases)
    def order(self) -> str:
        made = purchasing.order(self.desk, self.card, ANNA, Channel.PUBLIC, "public")
        assert isinstance(made, Bought)
        self.kept[made.purchase.id] = Kept(self.amount, self.vat, "pending" if self.amount else "granted")
        return made.purchase.id

    @rule(target=purchases, method=METHODS)
    def sell(self, method: Method) -> str:
        wanted = Kept(self.amount, self.vat)
        sold = purchasing.sell(self.desk, self.card, self.anna, method, "staff")
        if not self.may_pay(wanted, method):
            assert isinstance(sold, Refusal)
            return ""
        assert isinstance(sold, Bought)
        self.kept[sold.purchase.id] = replace(wanted, status="granted", method=method if self.amount else "")
        return sold.purchase.id

    @rule(purchase_id=purchases, method=METHODS)
    def pay(self, purchase_id: str, method: Method) -> None:
        kept = self.kept.get(purchase_id)
        paid = purchasing.pay(self.desk, purchase_id, method, "staff")
        if kept is not None and kept.status in ("pending", "expired") and self.may_pay(kept, method):
            assert isinstance(paid, Bought)
            kept.status, kept.method = "granted", method
        else:
            assert isinstance(paid, Refusal)

    @rule(purchase_id=purchases)
    def give_up(self, purchase_id: str) -> None:
        kept, ended = self.kept.get(purchase_id), purchasing.cancel(self.desk, purchase_id, "public")
        assert isinstance(ended, Bought) == (kept is not None and kept.status == "pending")
        if kept is not None and isinstance(ended, Bought):
            kept.status = "cancelled"

    @rule(purchase_id=purchases)
    def refund(self, purchase_id: str) -> None:
        kept, undone = self.kept.get(purchase_id), purchasing.refund(self.desk, purchase_id, "regret", "staff")
        assert isinstance(undone, Bought) == (kept is not None and kept.status == "granted")
        if kept is not None and isinstance(undone, Bought):
            kept.status = "refunded"

    @rule(days=st.sampled_from([1, 4, 7]))
    def wait(self, days: int) -> None:
        """Days pass, and the timed job does what is due."""
        self.site.clock.advance(days * DAY)
        with self.site.side.book.read(self.site.side.scope) as tx:
            due = {each.id for each in purchase_store.page(tx) if each.expires_at and each.expires_at <= tx.now}
        jobs.run_due(self.site.side.book, self.site.side.scope, {purchasing.EXPIRE_PURCHASE: purchasing.expire})
        for each in due:
            self.kept[each].status = "expired"

    def may_pay(self, kept: Kept, method: Method) -> bool:
        owed = sum(e.amount for e in self.kept.values() if e.method == Method.INVOICE and e.status == "granted")
        return method is not Method.INVOICE or not kept.amount or owed + kept.amount <= CREDIT

    @invariant()
    def the_ledger_says_what_came_in_for_what_stands(self) -> None:
        expected: Counter[str] = Counter()
        for each in self.kept.values():
            if each.status == "granted":
                expected["3010"] -= each.amount
            if each.status == "granted" or (each.status == "refunded" and each.method != Method.INVOICE):
                expected[f"paid:{each.method}"] += each.amount
            if each.status == "refunded" and each.method != Method.INVOICE:
                expected["refund"] -= each.amount
        rows = self.site.rows("SELECT account, sum(amount) FROM ledger_entry GROUP BY account")
        assert {account: sum_ for account, sum_ in rows if sum_} == {
            name: sum_ for name, sum_ in expected.items() if sum_
        }
        assert self.site.rows("SELECT 1 FROM ledger_entry GROUP BY posting_id HAVING sum(amount) <> 0") == []

    @invariant()
    def each_that_was_paid_gave_one_card(self) -> None:
        with self.site.side.book.read(self.site.side.scope) as tx:
            bought = {each.id: each for each in purchase_store.page(tx)}
            held = [entitlement_store.by_id(tx, each.entitlement_id) for each in bought.values() if each.entitlement_id]
            assert {
                each: from_body(body) for each, body in folded(journal.entries(tx.connection), "purchase").items()
            } == bought
        assert {each: str(one.status) for each, one in bought.items()} == {e: k.status for e, k in self.kept.items()}
        assert {each: (one.amount, one.vat_percent) for each, one in bought.items()} == {
            each: (kept.amount, kept.vat) for each, kept in self.kept.items()
        }
        counts = Counter(kept.status for kept in self.kept.values())
        assert len(held) == counts["granted"] + counts["refunded"]
        assert sum(one is not None and one.ended_at is None for one in held) == counts["granted"]
        ((cards,),) = self.site.rows("SELECT count(*) FROM entitlement")
        assert cards == len(held)

    def teardown(self) -> None:
        self.stack.close()


TestPurchaseLedger = Till.TestCase
TestPurchaseLedger.settings = settings(max_examples=15, stateful_step_count=40, deadline=None)
