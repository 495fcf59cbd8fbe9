"""Keys follow their booking in its own transaction: issued by confirming, killed by cancel and move (AC-01, AC-08).

A key is immutable but for its window's end and its state. What the customer sees is made again from the site secret
whenever it is asked for; the database holds no PIN and no pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.foundation.refusals import Refusal
from appliance.foundation.scope import Scope
from appliance.keys import passes, pins, store
from appliance.keys.secrets_store import WebSecrets
from appliance.keys.site_store import sites
from appliance.keys.store import IssuedKey
from appliance.storage.unit_of_work import Refused, Transaction


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What keys need to know of a booking."""

    booking_id: str
    number: str
    service_id: str
    resource_ids: tuple[str, ...]
    interval: Interval


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A live key as its customer sees it: `code` is a PIN or the text of a QR pass."""

    kind: str
    code: str = field(repr=False)
    valid_from: Instant
    valid_to: Instant
    door_ids: tuple[str, ...]


class Issuing:
    """Issues, kills and shows keys. Holds the secrets that make them."""

    def __init__(self, secrets: WebSecrets) -> None:
        self._secrets = secrets
        self._sites = sites()

    def issue(self, tx: Transaction, entitled: Entitlement) -> None:
        """Give a booking its PIN and its QR; nothing when no door is on the way to what it booked."""
        doors = self._sites.current(tx).doors(entitled.resource_ids)
        if not doors:
            return
        windows = self._windows(tx, entitled, doors)
        pin = pins.allocate(
            self._secrets.site_secret,
            self._secrets.lookup_key,
            entitled.booking_id,
            pins.Issuer.UNIT,
            _Taken(tx, entitled.booking_id, windows),
        )
        template = IssuedKey("", entitled.booking_id, entitled.number, "", None, 0, windows, 0, "live")
        for issued in (
            replace(template, id=tx.ids.new(), kind="pin", lookup=pin.lookup.hex(), counter=pin.counter),
            replace(template, id=tx.ids.new(), kind="qr"),
        ):
            store.add(tx, issued)
            tx.record("key", issued.id, "issued", after=store.body(issued))

    def kill(self, tx: Transaction, booking_id: str, state: str) -> int | None:
        """End every live key of a booking, in state `cancelled`, `moved` or `revoked`; the seq the door must reach."""
        seq = None
        for issued in store.of_booking(tx, booking_id):
            if issued.state == "live":
                dead = replace(issued, state=state, revision=issued.revision + 1)
                store.change(tx, dead)
                seq = tx.record("key", dead.id, "revoked", before=store.body(issued), after=store.body(dead))
        return seq

    def extend(self, tx: Transaction, entitled: Entitlement) -> None:
        """Let the live keys of a booking open until its new end and the margin after it; they stay the same (AC-07).

        Refused as `not_extendable` when its PIN is another's by then: a key is never replaced behind its holder's back.
        """
        for issued in store.of_booking(tx, entitled.booking_id):
            windows = self._windows(tx, entitled, tuple(issued.doors))
            if issued.state == "live" and any(issued.doors[door].end < windows[door].end for door in windows):
                doors = {
                    door: Interval(opened.start, max(opened.end, windows[door].end))
                    for door, opened in issued.doors.items()
                }
                if issued.lookup is not None and not store.stays_free(tx, issued, doors):
                    raise Refused(Refusal("not_extendable"))
                _revise(tx, issued, doors)

    def end_by(self, tx: Transaction, booking_id: str, latest: Instant) -> int | None:
        """Let the live keys of a booking open until `latest`, and no longer than so far; the seq the door must reach.

        None when no key would have opened for longer. `latest` lies after the start of every window (AC-07).
        """
        seq = None
        for issued in store.of_booking(tx, booking_id):
            if issued.state == "live" and issued.window.end > latest:
                doors = {door: Interval(opened.start, min(opened.end, latest)) for door, opened in issued.doors.items()}
                seq = _revise(tx, issued, doors)
        return seq

    def show(self, tx: Transaction, booking_id: str) -> list[ShownKey]:
        """The live keys of a booking, made again from the secrets; the PIN first."""
        live = [issued for issued in store.of_booking(tx, booking_id) if issued.state == "live"]
        live.sort(key=lambda issued: issued.kind != "pin")
        if not live:
            return []
        numbers = self._sites.current(tx).numbers if live else {}
        return [self._shown(tx.scope, issued, numbers) for issued in live]

    def _windows(self, tx: Transaction, entitled: Entitlement, doors: tuple[str, ...]) -> dict[str, Interval]:
        site = self._sites.current(tx)
        return {door: entitled.interval.widened(*site.margin(entitled.service_id, door)) for door in doors}

    def _shown(self, scope: Scope, issued: IssuedKey, numbers: Mapping[str, int]) -> ShownKey:
        if issued.kind == "pin":
            code = pins.pin(self._secrets.site_secret, issued.booking_id, issued.counter, pins.Issuer.UNIT)
        else:
            common = issued.common_window
            claims = passes.PassClaims(
                key_id=issued.id,
                facility_tag=passes.facility_tag(scope.facility_id),
                epoch=self._secrets.epoch,
                not_before=common.start,
                minutes=common.seconds // MINUTE,
                doors=passes.door_mask(frozenset(numbers[door] for door in issued.doors if door in numbers)),
            )
            code = passes.sign(claims, self._secrets.signing_key)
        return ShownKey(issued.kind, code, issued.window.start, issued.window.end, tuple(issued.doors))


def _revise(tx: Transaction, issued: IssuedKey, doors: Mapping[str, Interval]) -> int:
    """Change when a key opens which door; the seq of the entry that says so."""
    revised = replace(issued, doors=doors, revision=issued.revision + 1)
    store.change(tx, revised)
    return tx.record("key", revised.id, "revised", before=store.body(issued), after=store.body(revised))


class _Taken:
    """The PINs that a booking cannot have; a move kills its former ones for good."""

    def __init__(self, tx: Transaction, booking_id: str, doors: Mapping[str, Interval]) -> None:
        self._tx = tx
        self._booking_id = booking_id
        self._doors = doors

    def __contains__(self, lookup: object) -> bool:
        return isinstance(lookup, bytes) and not store.is_free(self._tx, lookup, self._booking_id, self._doors)
