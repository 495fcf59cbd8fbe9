"""Standing keys: a member's card opens, without a booking, what the entitlement behind it allows (AC-06).

One key for each card and entitlement, with the hours of the week in it: the door needs to hear of it once, not daily.
Whatever changes (a card, an entitlement, its product), the keys are settled anew in that transaction: what ought to be
is compared with what there is.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from appliance.billing.entitlements import StandingAccess
from appliance.billing.tariff_store import PRODUCTS
from appliance.foundation.instants import Interval
from appliance.keys import standing_store, store
from appliance.keys.standing_store import Member
from appliance.keys.store import IssuedKey
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction

WITHOUT_END: Final = 253_370_764_800  # 9999-01-01, which every calendar can still compute with


def settle_customer(tx: Transaction, customer_id: str) -> int | None:
    """Give one customer's cards the standing keys that they ought to have; the seq that the door must reach for it.

    None when nothing had to change.
    """
    members = standing_store.members_of_customer(tx, customer_id)
    return _settle(tx, members, standing_store.keys_of_customer(tx, customer_id))


def settle_product(tx: Transaction, product_id: str) -> int | None:
    """The same for everybody who holds a product, when what it allows has changed."""
    members = standing_store.members_of_product(tx, product_id)
    return _settle(tx, members, standing_store.keys_of_product(tx, product_id))


def _settle(tx: Transaction, members: Collection[Member], keys: Collection[IssuedKey]) -> int | None:
    wanted = _wanted(members, _accesses(tx)) if members else {}
    there = {(each.booking_id, each.lookup): each for each in keys}
    seq = None
    for place, key in there.items():
        ought = wanted.get(place)
        if ought is None:
            seq = store.revise(tx, key, state="revoked")
        elif (ought.doors, ought.hours) != (key.doors, key.hours):
            seq = store.revise(tx, key, doors=ought.doors, hours=ought.hours)
    for place, ought in wanted.items():
        if place not in there and ought.window.end > tx.now:
            seq = store.issue(tx, replace(ought, id=tx.ids.new()))
    return seq


def _accesses(tx: Transaction) -> Mapping[str, StandingAccess]:
    products = versioned.listed(tx, PRODUCTS, archived=True)
    return {each.id: each.value.access for each in products if each.value.access is not None}


def _wanted(
    members: Collection[Member], accesses: Mapping[str, StandingAccess]
) -> dict[tuple[str, str | None], IssuedKey]:
    """By entitlement and card the key that ought to be, without an id; one that never began ought not to be."""
    found: dict[tuple[str, str | None], IssuedKey] = {}
    for member in members:
        access, until = accesses.get(member.product_id), member.until if member.until is not None else WITHOUT_END
        if access is not None and member.starts < until:
            doors = dict.fromkeys(access.door_ids, Interval(member.starts, until))
            key = IssuedKey(
                "", member.entitlement_id, "", standing_store.KIND, member.lookup, 0, doors, 0, "live",
                hours=access.hours,
            )  # fmt: skip
            found[member.entitlement_id, member.lookup] = key
    return found
