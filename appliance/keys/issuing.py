"""Keys follow their booking in its own transaction: issued by confirming, killed by cancel and move (AC-01, AC-08).

A key is immutable but for its window's end and its state. What the customer sees is made again from the site secret
whenever it is asked for; the database holds no PIN and no pass. Whatever kinds of keys a booking has, they end, last
longer and die together.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.foundation.refusals import Refusal
from appliance.foundation.scope import Scope
from appliance.keys import cards_store, derived_pins, passes, pins, rotating, store
from appliance.keys.derived_pins import DerivedClaims
from appliance.keys.one_time_codes import hotp
from appliance.keys.secrets_store import WebSecrets
from appliance.keys.site_store import Site, sites
from appliance.keys.store import IssuedKey
from appliance.storage.unit_of_work import Refused, Transaction

DERIVED: Final = "derived"
_SHOWN: Final = {pins.KIND: "pin", DERIVED: "pin", "qr": "qr"}


@dataclass(frozen=True, slots=True)
class Admission:
    """What keys need to know of a booking."""

    booking_id: str
    number: str
    service_id: str
    resource_ids: tuple[str, ...]
    interval: Interval
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A live key as its customer sees it: `code` is a PIN or the text of a QR pass.

    seed: for a rotating pass, what its codes are made from; None for every other kind.
    """

    kind: str
    code: str = field(repr=False)
    valid_from: Instant
    valid_to: Instant
    door_ids: tuple[str, ...]
    seed: bytes | None = field(default=None, repr=False)


class Issuing:
    """Issues, kills and shows keys. Holds the secrets that make them."""

    def __init__(self, secrets: WebSecrets) -> None:
        self._secrets = secrets
        self._sites = sites()

    def issue(self, tx: Transaction, entitled: Admission) -> None:
        """Give a booking its PIN, its QR and its customer's cards; nothing when no door is on the way to it."""
        template = self._template(tx, entitled)
        if template is None:
            return
        pin = pins.allocate(
            self._secrets.site_secret,
            self._secrets.lookup_key,
            entitled.booking_id,
            pins.Issuer.UNIT,
            _Taken(tx, entitled.booking_id, template.doors),
            duress=self._has_duress(tx, template.doors),
        )
        by_pin = replace(template, id=tx.ids.new(), kind=pins.KIND, lookup=pin.lookup.hex(), counter=pin.counter)
        self._issue_all(tx, template, by_pin, entitled)

    def issue_derived(self, tx: Transaction, entitled: Admission, claims: DerivedClaims) -> None:
        """Give a booking that was sold elsewhere the PIN that its customer has already, and the rest (AC-02).

        From then on its PIN is an ordinary key of nine digits: it opens, ends and dies with the booking.
        """
        template = self._template(tx, entitled)
        if template is None:
            return
        lookup = pins.pin_lookup(self._secrets.lookup_key, self._derived_pin(claims.zone, claims.counter))
        by_pin = replace(template, id=tx.ids.new(), kind=DERIVED, lookup=lookup.hex())
        self._issue_all(tx, template, replace(by_pin, counter=claims.counter, zone=claims.zone), entitled)

    def kill(self, tx: Transaction, booking_id: str, state: str) -> int | None:
        """End every live key of a booking, in state `cancelled`, `moved` or `revoked`; the seq the door must reach."""
        seq = None
        for issued in store.of_booking(tx, booking_id):
            if issued.is_live:
                seq = store.revise(tx, issued, state=state)
        return seq

    def extend(self, tx: Transaction, entitled: Admission) -> None:
        """Let the live keys of a booking open until its new end and the margin after it; they stay the same (AC-07).

        Refused as `not_extendable` when its PIN is another's by then: a key is never replaced behind its holder's back.
        """
        for issued in store.of_booking(tx, entitled.booking_id):
            windows = self._windows(tx, entitled, tuple(issued.doors))
            if issued.is_live and any(issued.doors[door].end < windows[door].end for door in windows):
                doors = {
                    door: Interval(opened.start, max(opened.end, windows[door].end))
                    for door, opened in issued.doors.items()
                }
                if issued.kind == pins.KIND and not self._stays_free(tx, issued, doors):
                    raise Refused(Refusal("not_extendable"))
                store.revise(tx, issued, doors=doors)

    def shorten(self, tx: Transaction, entitled: Admission) -> int | None:
        """Let the live keys of a booking open until its new, earlier end and the margin after it.

        The seq that the door must reach for that to be in force; None when no key would have opened for longer.
        """
        seq = None
        for issued in (each for each in store.of_booking(tx, entitled.booking_id) if each.is_live):
            windows = self._windows(tx, entitled, tuple(issued.doors))
            doors = {
                door: Interval(opened.start, min(opened.end, windows[door].end))
                for door, opened in issued.doors.items()
            }
            if doors != issued.doors:
                seq = store.revise(tx, issued, doors=doors)
        return seq

    def end_by(self, tx: Transaction, booking_id: str, latest: Instant) -> int | None:
        """Let the live keys of a booking open until `latest`, and no longer than so far; the seq the door must reach.

        None when no key would have opened for longer. `latest` lies after the start of every window (AC-07).
        """
        seq = None
        for issued in store.of_booking(tx, booking_id):
            if issued.is_live and issued.window.end > latest:
                doors = {door: Interval(opened.start, min(opened.end, latest)) for door, opened in issued.doors.items()}
                seq = store.revise(tx, issued, doors=doors)
        return seq

    def opens_alike(self, tx: Transaction, one: tuple[str, ...], other: tuple[str, ...]) -> bool:
        """Whether the same doors are on the way to both sets of resources."""
        site = self._sites.current(tx)
        return set(site.doors(one)) == set(site.doors(other))

    def show(self, tx: Transaction, booking_id: str) -> list[ShownKey]:
        """The live PIN and pass of a booking, made again from the secrets; the PIN first."""
        return self._shown_of(tx, store.of_booking(tx, booking_id))

    def show_each(self, tx: Transaction, booking_ids: Collection[str]) -> dict[str, list[ShownKey]]:
        """The same for many bookings at once, by their ids."""
        keys: dict[str, list[IssuedKey]] = {}
        for issued in store.of_bookings(tx, booking_ids):
            keys.setdefault(issued.booking_id, []).append(issued)
        return {booking_id: self._shown_of(tx, issued) for booking_id, issued in keys.items()}

    def _shown_of(self, tx: Transaction, keys: Iterable[IssuedKey]) -> list[ShownKey]:
        live = [issued for issued in keys if issued.is_live and issued.kind in _SHOWN]
        live.sort(key=lambda issued: issued.kind == "qr")
        return [self._shown(tx.scope, issued, self._sites.current(tx)) for issued in live]

    def pin_of(self, tx: Transaction, key_id: str) -> str | None:
        """The digits of one live PIN, for a controller that takes PINs (BM-27); None for any other key."""
        issued = store.by_id(tx, key_id)
        if issued is None or not issued.is_live or issued.kind not in _SHOWN or issued.kind == "qr":
            return None
        return self._digits(issued)

    def show_rotating(self, tx: Transaction, booking_id: str) -> ShownKey | None:
        """The live pass of a booking with the seed of its codes, for the phone of its customer alone (AC-04)."""
        for issued in store.of_booking(tx, booking_id):
            if issued.is_live and issued.kind == "qr":
                shown = self._shown(tx.scope, issued, self._sites.current(tx), is_rotating=True)
                return replace(shown, kind="rotating_qr", seed=rotating.seed(self._secrets.zone_secret, issued.id))
        return None

    def _template(self, tx: Transaction, entitled: Admission) -> IssuedKey | None:
        doors = self._sites.current(tx).doors(entitled.resource_ids)
        windows = self._windows(tx, entitled, doors)
        return IssuedKey("", entitled.booking_id, entitled.number, "", None, 0, windows, 0, "live") if doors else None

    def _issue_all(self, tx: Transaction, template: IssuedKey, by_pin: IssuedKey, entitled: Admission) -> None:
        store.issue(tx, by_pin)
        store.issue(tx, replace(template, id=tx.ids.new(), kind="qr"))
        for lookup in cards_store.live_lookups(tx, entitled.customer_id):
            store.issue(tx, replace(template, id=tx.ids.new(), kind=cards_store.KIND, lookup=lookup))

    def _windows(self, tx: Transaction, entitled: Admission, doors: tuple[str, ...]) -> dict[str, Interval]:
        site = self._sites.current(tx)
        return {door: entitled.interval.widened(*site.margin(entitled.service_id, door)) for door in doors}

    def _has_duress(self, tx: Transaction, doors: Mapping[str, Interval]) -> bool:
        return not self._sites.current(tx).duress.isdisjoint(doors)

    def _stays_free(self, tx: Transaction, issued: IssuedKey, doors: Mapping[str, Interval]) -> bool:
        found = pins.lookups(self._secrets.lookup_key, self._digits(issued), duress=self._has_duress(tx, doors))
        return all(store.stays_free(tx, lookup, issued.booking_id, doors) for lookup in found)

    def _derived_pin(self, zone: str, counter: int) -> str:
        return hotp(derived_pins.zone_secret(self._secrets.zone_secret, zone), counter, derived_pins.DIGITS)

    def _shown(self, scope: Scope, issued: IssuedKey, site: Site, *, is_rotating: bool = False) -> ShownKey:
        is_pass = issued.kind == "qr"
        code = self._pass(scope, issued, site, is_rotating=is_rotating) if is_pass else self._digits(issued)
        return ShownKey(_SHOWN[issued.kind], code, issued.window.start, issued.window.end, tuple(issued.doors))

    def _digits(self, issued: IssuedKey) -> str:
        if issued.zone is not None:
            return self._derived_pin(issued.zone, issued.counter)
        return pins.pin(self._secrets.site_secret, issued.booking_id, issued.counter, pins.Issuer.UNIT)

    def _pass(self, scope: Scope, issued: IssuedKey, site: Site, *, is_rotating: bool) -> str:
        common = issued.common_window
        claims = passes.PassClaims(
            key_id=issued.id,
            facility_tag=passes.facility_tag(scope.facility_id),
            epoch=self._secrets.epoch,
            not_before=common.start,
            minutes=common.seconds // MINUTE,
            doors=passes.door_mask(frozenset(site.numbers[door] for door in issued.doors if door in site.numbers)),
            rotating_only=is_rotating or site.rotating.issuperset(issued.doors),
        )
        return passes.sign(claims, self._secrets.signing_key)


class _Taken:
    """The PINs that a booking cannot have; a move kills its former ones for good."""

    def __init__(self, tx: Transaction, booking_id: str, doors: Mapping[str, Interval]) -> None:
        self._tx = tx
        self._booking_id = booking_id
        self._doors = doors

    def __contains__(self, lookup: object) -> bool:
        return isinstance(lookup, bytes) and not store.is_free(self._tx, lookup, self._booking_id, self._doors)
