"""The demo's rooms over a folder of a demo that had none yet, and ids that stay what they were."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.boot import demo_rooms, demo_site, demo_vendors, demo_world
from appliance.boot.demo_world import PARAKEY, ROOMS
from tests import builders
from tests.builders import Site


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Site]:
    """A furnished folder of an older demo: courts and a class, and no rooms."""
    with builders.site(tmp_path / "data") as made:
        yield made


def test_an_older_folder_gets_the_rooms_once_and_its_member_keeps_the_card(older: Site) -> None:
    """DR-11: the demo finds its facility again and lacks nothing."""
    members = set()
    for _ in range(2):
        with older.side.book.write(older.side.scope, "demo") as tx:
            demo_rooms.furnish_rooms(tx, older.world)
            demo_rooms.furnish_card(tx)
            members.add(demo_rooms.member(tx))
        for member in members:
            older.side.cards.bind(demo_rooms.CARD, member, "demo")
    slugs = [row[0] for row in older.rows("SELECT slug FROM resource ORDER BY position")]
    assert slugs[-len(ROOMS) :] == list(ROOMS)
    assert len(slugs) == len(set(slugs))
    assert len(members) == 1
    assert older.rows("SELECT name, sold_at FROM entitlement_product") == [("Tiokort padel", "kiosk public")]
    assert [each.state for each in older.side.cards.listed(members.pop())] == ["live"]


def test_the_ids_of_a_seed_stay_what_they_were_before_there_were_rooms() -> None:
    made = demo_world.world(1)
    assert made.facility.id == "019b76da-a800-78f1-91b7-584a2265b1f5"
    assert made.door_ids["store-room"] == "019b76da-a806-75f4-a4b0-6ce60741c7a8"
    assert made.device_ids["light-court-2"] == "019b76da-a80a-7a90-8d44-7e35b8b6d8fe"
    assert demo_world.world(1) == made != demo_world.world(2)


def test_secrets_are_fresh_and_stand_in_no_command_and_no_plan(older: Site) -> None:
    """DR-05, DR-06"""
    older.settings.run.mkdir(parents=True, exist_ok=True)
    first, second = demo_vendors.chosen(), demo_vendors.chosen()
    assert not set(first.secrets.values()) & set(second.secrets.values())
    controls = {slug: older.settings.run / slug for slug in demo_vendors.NAMES}
    commands = str(demo_vendors.emulators(first, older.settings, controls))
    plan = str(demo_site.site_plan(older.world, older.settings.run, dict.fromkeys(demo_site.LIGHTS, "court"), first))
    assert PARAKEY in commands
    assert PARAKEY in plan
    for secret in first.secrets.values():
        assert secret not in commands
        assert secret not in plan
    assert {file.stat().st_mode & 0o077 for file in older.settings.run.glob("*.options")} == {0}
