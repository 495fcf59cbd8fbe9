"""Further facilities in the configuration: read strictly, written as they are read, made at the next start (DY-58)."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.boot.booking_side import prepare
from appliance.config import FurtherFacility, UnitSettings
from appliance.config_file import parse, write
from appliance.foundation.errors import Invalid, NeedsAttention
from tests import builders
from tests.builders import Site

NORTH = FurtherFacility("01890a5d-ac96-774b-bcce-b302099a8058", "norra-hallen")
WEST = FurtherFacility("01890a5d-ac96-774b-bcce-b302099a8059", "vasthallen")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with builders.site(tmp_path / "data") as made:
        yield made


@pytest.fixture
def settings(site: Site) -> UnitSettings:
    return replace(site.settings, further=(NORTH, WEST))


def facilities(site: Site) -> list[tuple[object, ...]]:
    return site.rows("SELECT slug, name FROM facility ORDER BY slug")


def mistakes(document: dict[str, object]) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as found:
        parse(document)
    return {(error.field, error.code) for error in found.value.errors}


def test_what_is_written_is_read_back(settings: UnitSettings) -> None:
    # The folder of a test may be longer than sockets allow.
    short = replace(settings, run=Path("/run/portvakt"))
    assert parse(tomllib.loads(write(short))) == short


def test_every_mistake_is_told_at_once(settings: UnitSettings) -> None:
    """Ids and slugs are of one facility each; a slug that is too long for the sockets is told before they fail."""
    document = tomllib.loads(write(replace(settings, run=Path("/run/" + "p" * 60))))
    own = settings.facility_id
    listed = [
        {"id": own, "slug": "norra-hallen"},
        {"id": NORTH.id, "slug": "norra-hallen", "city": "Solna"},
        {"id": "north", "slug": "x" * 40},
    ]
    assert mistakes({**document, "facilities": listed}) == {
        ("facilities.0.id", "taken"),
        ("facilities.1.slug", "taken"),
        ("facilities.1.city", "unknown"),
        ("facilities.2.id", "malformed"),
        ("facilities.2.slug", "too_long"),
    }
    assert mistakes({**document, "facilities": {"id": NORTH.id}}) == {("facilities", "malformed")}
    many = [{"id": f"01890a5d-ac96-774b-bcce-b302099a{n:04x}", "slug": f"hall-{n}"} for n in range(21)]
    assert mistakes({**document, "facilities": many}) == {("facilities", "malformed")}


def test_each_has_doors_and_files_of_its_own_and_shares_the_bookings(settings: UnitSettings) -> None:
    own, north, west = settings.all_facilities
    assert own is settings
    assert len({each.access_file for each in (own, north, west)}) == 3
    assert len({each.control_socket for each in (own, north, west)}) == 3
    assert len({each.pid_folder for each in (own, north, west)}) == 3
    assert {each.booking_file for each in (own, north, west)} == {own.booking_file}
    assert north.web.public_url == f"{own.web.public_url}/f/norra-hallen"
    with pytest.raises(NeedsAttention, match="it serves sodra-padel, norra-hallen, vasthallen"):
        settings.at("mars")


def test_a_further_facility_is_there_after_the_next_start_and_the_first_keeps_its_staff(
    site: Site, settings: UnitSettings
) -> None:
    """Twice the same start makes nothing twice; nobody but the organisation's staff gets a password."""
    for _ in range(2):
        assert prepare(settings, site.world.facility, site.clock) is None
    assert facilities(site) == [
        ("norra-hallen", "Norra Hallen"), ("sodra-padel", "Södra Padel"), ("vasthallen", "Vasthallen"),
    ]  # fmt: skip
    assert site.rows("SELECT DISTINCT facility_id FROM staff") == [(settings.facility_id,)]


def test_a_slug_that_another_facility_of_the_file_has_is_refused(site: Site, settings: UnitSettings) -> None:
    """Who gives a facility another id by mistake is told, and nothing is made."""
    prepare(settings, site.world.facility, site.clock)
    swapped = replace(settings, further=(FurtherFacility(WEST.id[:-1] + "a", NORTH.slug),))
    with pytest.raises(NeedsAttention, match="another facility called norra-hallen"):
        prepare(swapped, site.world.facility, site.clock)
    assert len(facilities(site)) == 3
