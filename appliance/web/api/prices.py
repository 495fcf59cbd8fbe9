"""Customer categories and price rules, for staff (DY-16, DY-17, DY-31)."""

from collections.abc import Iterable

from appliance.billing import price_store
from appliance.billing.prices import PriceRule, rivals
from appliance.booking.actions.editing import Rules
from appliance.foundation.errors import FieldError
from appliance.foundation.i18n import marked
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction
from appliance.web.api import price_schemas
from appliance.web.api.editing import Editing, add_editing
from appliance.web.api.specification import Blueprint
from appliance.web.unit import Unit

_NO_CATEGORY = FieldError("category", "unknown", marked("There is no such customer category."))
_AMBIGUOUS = marked("This price rule and “{other}” would hold at the same time, and neither is more specific.")

CATEGORIES = Editing(
    "customer-categories",
    price_store.CATEGORIES,
    price_schemas.CategorySchema,
    price_schemas.CategoryAnswerSchema,
    price_schemas.category_of,
    price_schemas.category_shape,
    Rules(is_used=price_store.is_category_used),
)

PRICE_RULES = Editing(
    "price-rules",
    price_store.PRICE_RULES,
    price_schemas.PriceRuleSchema,
    price_schemas.PriceRuleAnswerSchema,
    price_schemas.price_rule_of,
    price_schemas.price_rule_shape,
    Rules(lambda tx, value, own_id: _mistakes(tx, value, own_id)),
)


def blueprint(unit: Unit) -> Blueprint:
    """`/customer-categories` and `/price-rules`."""
    pages = Blueprint("prices", __name__, description="What bookings cost")
    add_editing(pages, unit, CATEGORIES)
    add_editing(pages, unit, PRICE_RULES)
    return pages


def _mistakes(tx: Transaction, rule: PriceRule, rule_id: str | None) -> Iterable[FieldError]:
    """A category that is not there, and every other rule beside which none could win."""
    wanted = rule.when.category_id
    if wanted is not None and versioned.found(tx, price_store.CATEGORIES, wanted) is None:
        yield _NO_CATEGORY
    others = {each_id: each for each_id, each in price_store.price_rules(tx).items() if each_id != rule_id}
    for each_id in rivals(rule, others):
        yield FieldError("", "ambiguous", _AMBIGUOUS, {"other": others[each_id].name})
