"""How services are paid, what is charged for late cancels, and what customers can hold, for staff (DY-09, BRP-12)."""

from collections.abc import Iterable

from appliance.billing import tariff_store
from appliance.billing.fees import FeeProduct
from appliance.billing.terms import CustomerTerms, PaymentTerms
from appliance.booking.actions.editing import Rules
from appliance.customers.store import is_known
from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked
from appliance.keys.standing_keys import settle_product
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction
from appliance.web.api import selling_schemas as schemas
from appliance.web.api.editing import Editing, add_editing
from appliance.web.api.specification import Blueprint
from appliance.web.api.standing_schemas import unknown_doors, with_door_ids
from appliance.web.revoking import in_force
from appliance.web.unit import Unit

_THERE_ALREADY = marked("There is one already: change that one.")
_NO_CUSTOMER = FieldError("customer", "unknown", marked("There is no such customer."))

PAYMENT_TERMS = Editing(
    "payment-terms",
    tariff_store.PAYMENT_TERMS,
    schemas.PaymentTermsSchema,
    schemas.PaymentTermsAnswerSchema,
    schemas.terms_of,
    schemas.terms_shape,
    Rules(lambda tx, terms, terms_id: _second_terms(tx, terms, terms_id)),
)
CUSTOMER_TERMS = Editing(
    "customer-terms",
    tariff_store.CUSTOMER_TERMS,
    schemas.CustomerTermsSchema,
    schemas.CustomerTermsAnswerSchema,
    schemas.customer_terms_of,
    schemas.customer_terms_shape,
    Rules(lambda tx, terms, terms_id: _wrong_customer(tx, terms, terms_id)),
)
FEE_PRODUCTS = Editing(
    "fee-products",
    tariff_store.FEE_PRODUCTS,
    schemas.FeeProductSchema,
    schemas.FeeProductAnswerSchema,
    schemas.fee_product_of,
    schemas.fee_product_shape,
    Rules(lambda tx, product, product_id: _second_fee(tx, product, product_id)),
)
PRODUCTS = Editing(
    "entitlement-products",
    tariff_store.PRODUCTS,
    schemas.ProductSchema,
    schemas.ProductAnswerSchema,
    schemas.product_of,
    schemas.product_shape,
    Rules(unknown_doors, tariff_store.is_held, with_door_ids, then=lambda tx, sold: _settle_keys(tx, sold.id)),
    also=lambda unit: {"in_force": in_force(unit)},
)


def blueprint(unit: Unit) -> Blueprint:
    """`/payment-terms`, `/customer-terms`, `/fee-products` and `/entitlement-products`."""
    pages = Blueprint("selling", __name__, description="How bookings are paid, and what customers can hold")
    add_editing(pages, unit, PAYMENT_TERMS)
    add_editing(pages, unit, CUSTOMER_TERMS)
    add_editing(pages, unit, FEE_PRODUCTS)
    add_editing(pages, unit, PRODUCTS)
    return pages


def _settle_keys(tx: Transaction, product_id: str) -> None:
    settle_product(tx, product_id)


def _second_terms(tx: Transaction, terms: PaymentTerms, terms_id: str | None) -> Iterable[FieldError]:
    others = versioned.listed(tx, tariff_store.PAYMENT_TERMS, archived=True)
    if any(each.value.service_id == terms.service_id and each.id != terms_id for each in others):
        yield FieldError("service", "taken", _THERE_ALREADY)


def _wrong_customer(tx: Transaction, terms: CustomerTerms, terms_id: str | None) -> Iterable[FieldError]:
    if not is_known(tx, terms.customer_id):
        yield _NO_CUSTOMER
    others = versioned.listed(tx, tariff_store.CUSTOMER_TERMS, archived=True)
    if any(each.value.customer_id == terms.customer_id and each.id != terms_id for each in others):
        yield FieldError("customer", "taken", _THERE_ALREADY)


def _second_fee(tx: Transaction, _product: FeeProduct, product_id: str | None) -> Iterable[FieldError]:
    others = versioned.listed(tx, tariff_store.FEE_PRODUCTS, archived=True)
    if any(each.id != product_id for each in others):
        yield FieldError("", "taken", _THERE_ALREADY)
