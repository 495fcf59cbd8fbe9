"""Everything the pages and the API stand on, put together once by boot."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app, g

from appliance.access.retention import RetentionRule
from appliance.booking import store
from appliance.booking.actions.desk import Desk
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.catalogue import Catalogue
from appliance.door_socket.client import DoorClient
from appliance.foundation.clock import Clock
from appliance.identity.own_profile import OwnProfiles
from appliance.identity.signing_in import SigningIn
from appliance.keys.backup_pins import BackupPins
from appliance.keys.card_binding import CardBinding
from appliance.keys.issuing import Issuing
from appliance.keys.links import Links
from appliance.keys.phone_binding import PhoneBinding
from appliance.messaging.actions.recapping import Recaps
from appliance.messaging.actions.sending import Channels
from appliance.messaging.facts import Addresses
from appliance.web.journal_walk import JournalWalk
from appliance.web.portal import Portal
from appliance.web.sure_clock import SureClock

EXTENSION = "portvakt"


@dataclass(frozen=True, slots=True)
class Unit:
    """The running unit as its faces see it. `demo` is on only in a pretend world: its doors may be moved by hand.

    retention: for how long door records name people. addresses: where the links of messages lead. channels: by which
    messages can leave now. portal: all facilities behind this address. path: where the pages of this one begin.
    own_profiles: of staff. recaps: what employees have at every facility; at the unit's own alone.
    """

    desk: Desk
    issuing: Issuing
    cards: CardBinding
    phones: PhoneBinding
    backup_pins: BackupPins
    links: Links
    signing_in: SigningIn
    doors: DoorClient
    journal_walk: JournalWalk
    retention: RetentionRule
    sure_clock: SureClock
    clock: Clock
    public_url: str
    demo: bool
    addresses: Addresses
    channels: Channels
    portal: Portal
    own_profiles: OwnProfiles
    recaps: Recaps | None = None
    path: str = ""


def catalogue_now() -> Catalogue:
    """The catalogue as this request sees it, read once a request."""
    if "catalogue" not in g:
        g.catalogue = current_catalogue(_desk())
    return cast("Catalogue", g.catalogue)


def catalogue_knows(ask: Callable[[Catalogue], object]) -> bool:
    """Whether the catalogue answers `ask` with something.

    One that is old may say so, because whoever acts on it asks again; only the one in force may say no.
    """
    desk = _desk()
    latest = desk.catalogues.latest(desk.scope.facility_id)
    return (latest is not None and ask(latest) is not None) or ask(catalogue_now()) is not None


def catalogue_lately() -> Catalogue:
    """The catalogue as it was when last asked for: good for a first look, after which whoever acts on it asks again."""
    desk = _desk()
    latest = desk.catalogues.latest(desk.scope.facility_id)
    return catalogue_now() if latest is None else latest


def held_service(hold_id: str) -> str:
    """The service that is held under an id; empty when nothing is."""
    desk = _desk()
    with desk.book.read(desk.scope) as tx:
        held = store.by_id(tx, hold_id)
    return "" if held is None else held.service_id


def _desk() -> Desk:
    return cast("Unit", current_app.extensions[EXTENSION]).desk
