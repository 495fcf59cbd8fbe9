"""The rooms of Södra Padel whose doors hang on vendors' controllers: a gym, a sauna, a club room; and its cards.

A folder of an older demo lacks them; they are added to it.
"""

from typing import Final

from appliance.billing.entitlements import Product, ProductKind
from appliance.billing.tariff_store import PRODUCTS
from appliance.booking import set_up_store as set_up
from appliance.booking.catalogue_store import load_catalogue
from appliance.booking.resources import Pool, Resource
from appliance.booking.services import Need, Service, ServiceKind
from appliance.boot.demo_world import CLUB_ROOM, ENTRANCE, GYM, ROOMS, SAUNA, World
from appliance.customers.contacts import Contact, parse_contact
from appliance.customers.store import enrol
from appliance.foundation.cards import CardBits
from appliance.foundation.errors import Bug
from appliance.foundation.money import Money
from appliance.keys import store as key_store
from appliance.keys.cards import CardFormat, CardNumber, card_bits
from appliance.storage import versioned
from appliance.storage.unit_of_work import Transaction

MEMBER: Final = "anna@example.org"
CARD: Final[CardBits] = card_bits(CardNumber(CardFormat.H10301, 71, 4711))
NAMES: Final = {GYM: "Gym", SAUNA: "Bastu", CLUB_ROOM: "Klubbrum"}
# VAKA takes whole slots of its own schedule, so the sauna is booked by the hour.
_GRID: Final = {GYM: 15, SAUNA: 60, CLUB_ROOM: 30}
_PRICES: Final = {GYM: 8_000, SAUNA: 20_000, CLUB_ROOM: 15_000}


def furnish_rooms(tx: Transaction, made: World) -> None:
    """Add the rooms that are not there yet; courts and their rule are."""
    catalogue = load_catalogue(tx)
    known = {resource.slug for resource in catalogue.tree.resources.values()}
    padel = catalogue.service("padel")
    rule_id = padel.rule_id if padel else None
    for position, slug in enumerate(ROOMS, len(known)):
        if slug not in known:
            _room(tx, made, slug, rule_id, position)


def furnish_card(tx: Transaction) -> None:
    """Have a clip card for padel on sale, on the web and at the kiosk (DY-23), unless something is for sale already."""
    catalogue = load_catalogue(tx)
    padel = catalogue.service("padel")
    if padel is not None and not catalogue.tariff.products:
        card = Product(
            "Tiokort padel",
            ProductKind.CLIPS,
            amount=288_000,
            vat_percent=6,
            clips=10,
            valid_days=365,
            covers={padel.id: 100},
            sold_at=frozenset({"public", "kiosk"}),
        )
        versioned.add(tx, PRODUCTS, card)


def member(tx: Transaction) -> str:
    """The id of the customer who has the demo's card; put into the register when new."""
    contact = parse_contact(None, MEMBER, None)
    if not isinstance(contact, Contact):
        raise Bug(f"the demo's own member cannot be read: {contact}")
    return enrol(tx, contact)


def _room(tx: Transaction, made: World, slug: str, rule_id: str | None, position: int) -> None:
    room = Resource(tx.ids.new(), slug, NAMES[slug])
    set_up.add_resource(tx, room, position)
    pool = Pool(tx.ids.new(), slug, (room.id,))
    set_up.add_pool(tx, pool)
    service = Service(
        id=tx.ids.new(),
        slug=slug,
        name=NAMES[slug],
        kind=ServiceKind.INDIVIDUAL,
        durations=(60,),
        prices=(Money(_PRICES[slug], "SEK"),),
        needs=(Need(pool.id),),
        grid_minutes=_GRID[slug],
        rule_id=rule_id,
    )
    set_up.add_service(tx, service, vat_percent=6, position=position)
    for door in (ENTRANCE, slug):
        key_store.add_way(tx, room.id, made.door_ids[door])
