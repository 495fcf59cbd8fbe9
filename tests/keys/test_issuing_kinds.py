"""Further kinds of keys follow their booking: derived PINs that become known, and PINs with a form for duress."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from appliance.boot.demo_world import ENTRANCE
from appliance.foundation.instants import HOUR, Interval
from appliance.keys import derived_store, pins, store
from appliance.keys.derived_pins import DerivedClaims, derived_pin, zone_secret
from appliance.keys.issuing import Admission
from appliance.storage.unit_of_work import Transaction
from tests import builders
from tests.builders import TEN, Site

CLAIMS = DerivedClaims("court-1", Interval(TEN, TEN + HOUR), 2)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with builders.site(tmp_path / "data") as made:
        yield made


def with_duress(tx: Transaction) -> None:
    document = store.site_plan_or_none(tx)
    assert document is not None
    doors = cast("list[dict[str, object]]", document["doors"])
    listed = [{**door, "duress": door["slug"] == ENTRANCE} for door in doors]
    store.desire_site_plan(tx, {**document, "doors": listed})


def test_a_booking_that_was_sold_elsewhere_keeps_the_pin_that_its_customer_has(site: Site) -> None:
    """AC-02: as an ordinary key, found by its digest, shown again, dying with the booking."""
    entitled = Admission("b-1", "N", "service", (site.resource("court-1"),), Interval(TEN, TEN + HOUR))
    with site.side.book.write(site.side.scope, "sync") as tx:
        site.side.issuing.issue_derived(tx, entitled, CLAIMS)
        shown = site.side.issuing.show(tx, "b-1")
        kept = store.of_booking(tx, "b-1")
    zone = (site.settings.secrets / "shared" / "zone.key").read_bytes()
    nine = derived_pin(zone_secret(zone, "court-1"), CLAIMS)
    assert [(key.kind, len(key.code)) for key in shown] == [("pin", 9), ("qr", 160)]
    assert shown[0].code == nine
    lookups = {key.kind: key.lookup for key in kept}
    assert lookups.keys() == {"derived", "qr"}
    assert lookups["derived"] == pins.pin_lookup(site.side.issuing._secrets.lookup_key, nine).hex()
    assert nine not in json.dumps(site.rows("SELECT * FROM key"))
    with site.side.book.write(site.side.scope, "sync") as tx:
        site.side.issuing.kill(tx, "b-1", "cancelled")
        assert site.side.issuing.show(tx, "b-1") == []


def test_a_revoked_derived_pin_is_told_to_the_doors_once(site: Site) -> None:
    """AC-02"""
    with site.side.book.write(site.side.scope, "sync") as tx:
        assert derived_store.revoke(tx, CLAIMS, TEN + 2 * HOUR) is not None
        assert derived_store.revoke(tx, CLAIMS, TEN + 2 * HOUR) is None
    ((claims, valid_to),) = site.rows("SELECT claims, valid_to FROM revoked_derived")
    assert (claims, valid_to) == (f"derived:court-1:{TEN}:60:2", TEN + 2 * HOUR)


def test_where_duress_is_on_no_pin_is_another_ones_call_for_help(site: Site) -> None:
    """AC-14: the one above and the one below a given PIN are given to nobody at the same time."""
    with site.side.book.write(site.side.scope, "staff") as tx:
        with_duress(tx)
    first, second = site.book(TEN), site.book(TEN)
    secrets = site.side.issuing._secrets
    own = next(pins.pins(secrets.site_secret, second.id, pins.Issuer.UNIT))
    for step in (1, -1):
        lookup = pins.pin_lookup(secrets.lookup_key, pins.duress_pin(own[1], step)).hex()
        with site.side.book.write(site.side.scope, "test") as tx:
            for key in store.of_booking(tx, first.id):
                if key.kind == "pin":
                    tx.connection.exec_driver_sql("UPDATE key SET lookup = ? WHERE id = ?", (lookup, key.id))
            for key in store.of_booking(tx, second.id):
                tx.connection.exec_driver_sql("DELETE FROM key WHERE id = ?", (key.id,))
            site.side.issuing.issue(
                tx, Admission(second.id, second.number, second.service_id, second.resource_ids, second.interval)
            )
            (pin,) = (key for key in store.of_booking(tx, second.id) if key.kind == "pin")
        assert pin.counter > own[0]


def test_where_it_is_off_neighbours_may_be_given(site: Site) -> None:
    """AC-14: otherwise the check would cost PINs for nothing."""
    assert len(pins.lookups(bytes(32), "428816", duress=False)) == 1
    assert len(set(pins.lookups(bytes(32), "428816", duress=True))) == 3
