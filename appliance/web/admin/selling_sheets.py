"""The forms of what is sold and asked beside a service: prices, products, payment, extras, fields."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import marshmallow as ma

from appliance.billing.prices import Effect, PriceRule
from appliance.foundation.i18n import marked
from appliance.web.admin import choices
from appliance.web.admin.asks import Ask, AskKind, Section
from appliance.web.admin.choices import or_none, words
from appliance.web.admin.sheets import Sheet
from appliance.web.api import extras, price_schemas, prices, selling, several
from appliance.web.api.selling_schemas import SOLD_AT
from appliance.web.unit import Unit

_NAME: Final = Ask("name", marked("Name"), required=True)
_VAT: Final = Ask("vat_percent", marked("VAT in percent"), AskKind.NUMBER, marked("Contained in the price."), first=6)
_ACCOUNT: Final = Ask("account", marked("Ledger account"), help=marked("Where the bookkeeping puts it."))
_POSITION: Final = Ask("position", marked("Place in the list"), AskKind.NUMBER, first=0)
_SERVICE: Final = Ask("service", marked("Service"), AskKind.CHOICE, options=or_none(choices.services))
_EFFECTS: Final = {
    "amount": marked("The price is"),
    "percent": marked("Percent of the price"),
    "addition": marked("Added to the price"),
}
_POLICIES: Final = {
    "free": marked("Free"),
    "on_site": marked("On site"),
    "prepay": marked("Before it counts"),
    "deposit": marked("A part before it counts"),
    "invoice": marked("By invoice"),
}
_PRODUCTS: Final = {"clips": marked("Clip card"), "subscription": marked("Subscription")}
_PERIODS: Final = {"week": marked("a week"), "month": marked("a month")}
_CHARGED: Final = {"booking": marked("For the booking"), "person": marked("For each person")}
_PAID_TOGETHER: Final = {
    "all": marked("All that is booked together, as one payment"),
    "first": marked("Only the first booking, the others later"),
}
_FIELDS: Final = {
    "text": marked("A text"),
    "number": marked("A number"),
    "choice": marked("One of several"),
    "checkbox": marked("A tick"),
    "date": marked("A date"),
    "phone": marked("A phone number"),
}


class _TypedRuleSchema(price_schemas.PriceRuleSchema):
    """A price rule as its form sends it: percents are read as amounts are, in hundredths."""

    @ma.pre_load
    def _percent(self, typed: Mapping[str, Any], **_options: object) -> Mapping[str, Any]:
        value: Any = typed.get("value")
        if typed.get("effect") == Effect.PERCENT and isinstance(value, int) and value % 100 == 0:
            return {**typed, "value": value // 100}
        return typed


def _typed_rule(rule: PriceRule) -> dict[str, object]:
    typed = price_schemas.price_rule_shape(rule)
    return typed | {"value": rule.value * 100} if rule.effect is Effect.PERCENT else typed


def selling_sheets(unit: Unit) -> Sequence[Sheet]:
    """In the order in which one sets up."""
    return (_prices(), _categories(), _products(unit), _fee(), _terms(), _several(unit), _extras(unit), _fields())


def _prices() -> Sheet:
    asks = (
        _NAME,
        Ask("effect", marked("What it does"), AskKind.CHOICE, options=words(_EFFECTS)),
        Ask(
            "value",
            marked("Value"),
            AskKind.MONEY,
            marked("An amount, such as 120.50, or percent."),
            required=True,
        ),
        _SERVICE,
        Ask("duration", marked("Minutes"), AskKind.NUMBER, marked("“The price is” needs a service and its minutes.")),
    )
    when = (
        Ask("resource", marked("Resource"), AskKind.CHOICE, options=or_none(choices.resources)),
        Ask("category", marked("Customer category"), AskKind.CHOICE, options=or_none(choices.categories)),
        Ask("channel", marked("Booked by"), AskKind.CHOICE, options=or_none(words(choices.CHANNELS))),
        Ask("weekdays", marked("On these days"), AskKind.MANY, options=choices.weekdays),
        Ask("from_minute", marked("From"), AskKind.CLOCK),
        Ask("to_minute", marked("Until"), AskKind.CLOCK),
        Ask("date_from", marked("First day"), AskKind.DATE),
        Ask("date_to", marked("Last day"), AskKind.DATE),
    )
    return Sheet(
        "prices",
        marked("Prices"),
        marked("New price rule"),
        marked("Prices that differ by day, time, person or place. The most specific one wins."),
        replace(prices.PRICE_RULES, body=_TypedRuleSchema, shape=_typed_rule),
        (Section("", asks), Section(marked("Only when"), when)),
    )


def _categories() -> Sheet:
    return Sheet(
        "categories",
        marked("Customer categories"),
        marked("New category"),
        marked("Such as adult and child, for prices that differ."),
        prices.CATEGORIES,
        (Section("", (_NAME, _POSITION)),),
    )


def _products(unit: Unit) -> Sheet:
    limit = (
        Ask("most", marked("At most"), AskKind.NUMBER),
        Ask("per", marked("In"), AskKind.CHOICE, options=words(_PERIODS)),
        Ask("rolling", marked("Any 7 or 30 days"), AskKind.TICK),
    )
    covered = (
        Ask("service", marked("Service"), AskKind.CHOICE, options=or_none(choices.services, marked("nothing"))),
        Ask("percent", marked("Percent of the price"), AskKind.NUMBER, first=100),
    )
    asks = (
        _NAME,
        Ask("kind", marked("What it is"), AskKind.CHOICE, options=words(_PRODUCTS)),
        Ask("amount", marked("Price"), AskKind.MONEY, first=0),
        _VAT,
        _ACCOUNT,
        Ask("clips", marked("Clips on the card"), AskKind.NUMBER),
        Ask("valid_days", marked("Valid for days"), AskKind.NUMBER),
        Ask("limit", marked("Limit of a subscription"), AskKind.ROWS, parts=limit, single=True),
        Ask("covers", marked("What it pays"), AskKind.ROWS, parts=covered),
        Ask(
            "sold_at",
            marked("Customers buy it themselves on"),
            AskKind.MANY,
            marked("Staff sell it in any case. Nothing ticked: staff alone."),
            words({name: choices.CHANNELS[name] for name in SOLD_AT}),
        ),
        Ask("returns_late", marked("A use comes back at a late cancel too"), AskKind.TICK),
        Ask("grace_days", marked("What comes back is good for so many days more"), AskKind.NUMBER, first=0),
    )
    help_ = marked("Clip cards and subscriptions that pay for bookings.")
    return Sheet(
        "products",
        marked("Cards and subscriptions"),
        marked("New card or subscription"),
        help_,
        selling.PRODUCTS,
        (Section("", asks), Section(marked("Opens without a booking"), _standing(unit))),
    )


def _standing(unit: Unit) -> tuple[Ask, ...]:
    return (
        Ask(
            "access.doors",
            marked("Doors"),
            AskKind.MANY,
            marked("For subscriptions: who holds one opens these with a member’s card, for as long as it is good."),
            choices.doors(unit),
        ),
        Ask(
            "access.hours",
            marked("Hours"),
            AskKind.ROWS,
            marked("One line for days that are alike. Until 02:00 is in the night after."),
            parts=(
                Ask("from_minute", marked("From"), AskKind.CLOCK),
                Ask("to_minute", marked("Until"), AskKind.CLOCK),
                Ask("weekdays", marked("On"), AskKind.MANY, options=choices.weekdays),
            ),
        ),
    )


def _fee() -> Sheet:
    account = Ask("account", marked("Ledger account"), required=True)
    return Sheet(
        "fee",
        marked("Cancellation fee"),
        marked("New fee product"),
        marked("What an invoice calls the fee for cancelling late. There is one."),
        selling.FEE_PRODUCTS,
        (Section("", (_NAME, account, _VAT)),),
    )


def _terms() -> Sheet:
    asks = (
        Ask("service", marked("Service"), AskKind.CHOICE, options=choices.services),
        Ask("policy", marked("How it is paid"), AskKind.CHOICE, options=words(_POLICIES), first="on_site"),
        Ask("deposit_percent", marked("Deposit in percent"), AskKind.NUMBER, first=100),
        Ask("pay_within_minutes", marked("Kept unpaid for minutes"), AskKind.NUMBER, first=30),
        _ACCOUNT,
    )
    return Sheet(
        "payment",
        marked("Payment"),
        marked("New way to pay"),
        marked("How each service is paid; on site where nothing is said."),
        selling.PAYMENT_TERMS,
        (Section("", asks),),
        name=lambda shape: choices.named(choices.services, shape["service"]),
        says=lambda shape: dict(words(_POLICIES)()).get(shape["policy"], ""),
    )


def _several(unit: Unit) -> Sheet:
    asks = (
        Ask("service", marked("Service"), AskKind.CHOICE, options=choices.services),
        Ask("series", marked("Again and again"), AskKind.TICK),
        Ask("most_in_a_row", marked("At most so many in a row"), AskKind.NUMBER, marked("1: only one."), first=1),
        Ask("chains", marked("In one visit with other services"), AskKind.TICK),
        Ask(
            "longest_gap_minutes",
            marked("At most so many minutes after the service before"),
            AskKind.NUMBER,
            first=0,
        ),
        Ask("pay", marked("Paid together"), AskKind.CHOICE, options=words(_PAID_TOGETHER)),
    )
    return Sheet(
        "several",
        marked("Several at once"),
        marked("New service of which several may be booked"),
        marked("Which services are booked again and again, in a row, or in one visit with others."),
        several.several_editing(unit),
        (Section("", asks),),
        name=lambda shape: choices.named(choices.services, shape["service"]),
    )


def _extras(unit: Unit) -> Sheet:
    need = (
        Ask("pool", marked("From the group"), AskKind.CHOICE, options=or_none(choices.pools, marked("nothing"))),
        Ask("quantity", marked("So many"), AskKind.NUMBER, first=1),
    )
    asks = (
        _NAME,
        _SERVICE,
        Ask("summary", marked("What it is")),
        Ask("amount", marked("Price"), AskKind.MONEY, first=0),
        _VAT,
        _ACCOUNT,
        Ask("minutes", marked("Lengthens the booking by minutes"), AskKind.NUMBER, first=0),
        Ask("least", marked("At least"), AskKind.NUMBER, first=1),
        Ask("most", marked("At most"), AskKind.NUMBER, first=1),
        Ask("per", marked("Chosen"), AskKind.CHOICE, options=words(_CHARGED)),
        Ask("need", marked("What it takes"), AskKind.ROWS, parts=need, single=True),
        _POSITION,
    )
    return Sheet(
        "extras",
        marked("Extras"),
        marked("New extra"),
        marked("What is taken beside a service: rackets, a warm-up, the sauna."),
        extras.extra_editing(unit),
        (Section("", asks),),
    )


def _fields() -> Sheet:
    asks = (
        Ask("label", marked("Question"), required=True),
        Ask("slug", marked("Short name"), help=marked("Small letters, digits and dashes."), required=True),
        Ask("kind", marked("Answered by"), AskKind.CHOICE, options=words(_FIELDS)),
        _SERVICE,
        Ask("required", marked("Must be answered"), AskKind.TICK),
        Ask("choices", marked("Answers to choose from"), AskKind.LINES, marked("One a line.")),
        Ask("pattern", marked("Pattern"), help=marked("9 is a digit, A a letter, N either.")),
        Ask("help", marked("Help")),
        _POSITION,
        Ask(
            "retention_days",
            marked("Kept for days after the booking"),
            AskKind.NUMBER,
            marked("Empty: as long as the booking."),
        ),
    )
    return Sheet(
        "fields",
        marked("Questions"),
        marked("New question"),
        marked("What is asked when somebody books."),
        extras.FIELDS,
        (Section("", asks),),
        name=lambda shape: str(shape["label"]),
    )
