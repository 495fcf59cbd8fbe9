"""The tariff from its rows, and the set-up data in it that staff edit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import select

from appliance.billing import price_store
from appliance.billing.entitlements import Per, Product, ProductKind, StandingAccess, UseLimit
from appliance.billing.fees import FeeProduct
from appliance.billing.prices import Prices
from appliance.billing.tables import (
    customer_terms,
    entitlement,
    entitlement_product,
    fee_product,
    payment_terms,
    product_door,
    product_hours,
    product_service,
    purchase,
)
from appliance.billing.tariff import Tariff
from appliance.billing.terms import CustomerTerms, PaymentTerms, Policy
from appliance.foundation.weekly import WeeklyStretch
from appliance.storage import versioned
from appliance.storage.statements import Row
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import Columns, Edited, Kind, PartRows, Parts

TARIFF_ENTITIES: Final = ("price_rule", "customer_category", "payment_terms", "fee_product", "entitlement_product")


def load_tariff(tx: Transaction) -> Tariff:
    """The whole tariff of a facility, in a fixed number of queries."""
    fee_products = versioned.listed(tx, FEE_PRODUCTS)
    return Tariff(
        prices=Prices(price_store.price_rules(tx), tx.scope.zone),
        categories={each.id: each.value for each in versioned.listed(tx, price_store.CATEGORIES)},
        terms={each.value.service_id: each.value for each in versioned.listed(tx, PAYMENT_TERMS)},
        products={each.id: _in_force(each) for each in versioned.listed(tx, PRODUCTS, archived=True)},
        fee_product=fee_products[0].value if fee_products else None,
    )


def _in_force(product: Edited[Product]) -> Product:
    """A product for who holds it; one that is archived is sold nowhere."""
    return replace(product.value, sold_at=frozenset()) if product.archived else product.value


def is_held(tx: Transaction, product_id: str) -> bool:
    """Whether anybody holds or held a product, or has ordered it."""
    return any(
        tx.connection.execute(
            select(table.c.id)
            .where(table.c.facility_id == tx.scope.facility_id, table.c.product_id == product_id)
            .limit(1)
        ).first()
        is not None
        for table in (entitlement, purchase)
    )


def terms_of_customer(tx: Transaction, customer_id: str | None) -> CustomerTerms | None:
    """What a customer is trusted with; None when nothing was said."""
    query = select(customer_terms).where(
        customer_terms.c.facility_id == tx.scope.facility_id, customer_terms.c.customer_id == customer_id
    )
    row = tx.connection.execute(query).first()
    return _customer_terms(row, {}) if row is not None else None


def _terms_row(terms: PaymentTerms) -> Mapping[str, object]:
    return {
        "service_id": terms.service_id,
        "policy": str(terms.policy),
        "deposit_percent": terms.deposit_percent,
        "pay_within_minutes": terms.pay_within_minutes,
        "account": terms.account,
    }


def _terms(row: Row, _parts: object) -> PaymentTerms:
    return PaymentTerms(row.service_id, Policy(row.policy), row.deposit_percent, row.pay_within_minutes, row.account)


def _customer_terms_row(terms: CustomerTerms) -> Mapping[str, object]:
    return {
        "customer_id": terms.customer_id,
        "may_be_invoiced": int(terms.may_be_invoiced),
        "credit_limit": terms.credit_limit,
    }


def _customer_terms(row: Row, _parts: object) -> CustomerTerms:
    return CustomerTerms(row.customer_id, bool(row.may_be_invoiced), row.credit_limit)


def _fee_row(product: FeeProduct) -> Mapping[str, object]:
    return {"name": product.name, "account": product.account, "vat_percent": product.vat_percent}


def _fee(row: Row, _parts: object) -> FeeProduct:
    return FeeProduct(row.name, row.account, row.vat_percent)


def _product_row(product: Product) -> Mapping[str, object]:
    own = ("name", "amount", "vat_percent", "account", "clips", "valid_days", "grace_days")
    return {
        **{name: getattr(product, name) for name in own},
        "kind": str(product.kind),
        "limit_most": product.limit.most if product.limit else None,
        "limit_per": str(product.limit.per) if product.limit else None,
        "limit_is_rolling": int(product.limit.is_rolling) if product.limit else 0,
        "returns_late": int(product.returns_late),
        "sold_at": " ".join(sorted(product.sold_at)),
    }


def _product(row: Row, parts: PartRows) -> Product:
    limit = UseLimit(row.limit_most, Per(row.limit_per), bool(row.limit_is_rolling)) if row.limit_per else None
    doors = tuple(part.door_id for part in parts["product_door"])
    hours = tuple(
        WeeklyStretch(frozenset(int(day) for day in part.weekdays), part.from_minute, part.to_minute)
        for part in parts["product_hours"]
    )
    return Product(
        name=row.name,
        kind=ProductKind(row.kind),
        amount=row.amount,
        vat_percent=row.vat_percent,
        account=row.account,
        clips=row.clips,
        valid_days=row.valid_days,
        limit=limit,
        covers={part.service_id: part.percent for part in parts["product_service"]},
        returns_late=bool(row.returns_late),
        grace_days=row.grace_days,
        access=StandingAccess(doors, hours) if doors else None,
        sold_at=frozenset(row.sold_at.split()),
    )


def _covered_rows(product: Product) -> Sequence[Columns]:
    return [{"service_id": service, "percent": percent} for service, percent in sorted(product.covers.items())]


def _door_rows(product: Product) -> Sequence[Columns]:
    return [{"door_id": each} for each in product.access.door_ids] if product.access else []


def _hours_rows(product: Product) -> Sequence[Columns]:
    return [
        {
            "position": position,
            "weekdays": "".join(str(day) for day in sorted(stretch.weekdays)),
            "from_minute": stretch.from_minute,
            "to_minute": stretch.to_minute,
        }
        for position, stretch in enumerate(product.access.hours if product.access else ())
    ]


PAYMENT_TERMS = Kind("payment_terms", payment_terms, _terms_row, _terms)
CUSTOMER_TERMS = Kind("customer_terms", customer_terms, _customer_terms_row, _customer_terms)
FEE_PRODUCTS = Kind("fee_product", fee_product, _fee_row, _fee)
PRODUCTS = Kind(
    "entitlement_product",
    entitlement_product,
    _product_row,
    _product,
    (
        Parts(product_service, "product_id", _covered_rows),
        Parts(product_door, "product_id", _door_rows),
        Parts(product_hours, "product_id", _hours_rows),
    ),
    ("name", "id"),
)
