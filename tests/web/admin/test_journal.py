"""The journal in the console: browsed, and walked on demand with a verdict in words."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from appliance.boot.journal_check import verify_journals
from appliance.foundation.clock import FakeClock
from appliance.foundation.ids import Uuid7
from appliance.keys.secrets_store import open_journal_key
from appliance.storage.door_file import open_door_file
from appliance.web.journal_walk import JournalWalk, WalkState
from tests.builders import BO, NOW, TEN, Site
from tests.web.admin.staff import Desk, signed_in


@pytest.fixture
def whole(site: Site) -> Desk:
    """A unit whose door process has begun its own journal too, and whose keys lie where they belong."""
    _file, connection = open_door_file(site.settings.access_file, site.settings.run, Uuid7(), NOW)
    connection.close()
    for side in ("web", "door"):
        open_journal_key(site.settings.secrets, side)
    return signed_in(site)


def walked(desk: Desk) -> str:
    """The page once the walk has ended."""
    thread = desk.walk.begin()
    assert thread is not None
    thread.join(30)
    return desk.get("/admin/journal/walk")


def test_entries_are_browsed_newest_first_by_what_they_are_about(desk: Desk) -> None:
    """AC-20: with who, what and when; nobody's name in clear."""
    booked = desk.site.book(TEN)
    page = desk.get("/admin/journal?entity=booking")
    assert booked.id in page
    assert "Anna Ek" not in desk.get("/admin/journal")
    desk.site.book(TEN + 7200, BO)
    again = desk.get("/admin/journal?entity=booking")
    assert again.index("2026-11-30") < again.index(booked.id)
    assert "No entry fits." in desk.get("/admin/journal?entity=nothing")
    assert desk.get("/admin/journal?cursor=x&entity=booking")


@pytest.mark.feature("AC-20")
def test_both_journals_are_verified_on_demand_and_the_verdict_is_told_in_words(whole: Desk) -> None:
    """AC-20."""
    assert "Holds" not in whole.get("/admin/journal/walk")
    whole.site.book(TEN)
    page = walked(whole)
    assert page.count('data-mark="good"') == 2
    assert "entries, and the chain holds." in page
    assert "Verified on 2026-11-30 09:00." in page


@pytest.mark.feature("AC-20")
def test_an_altered_entry_is_named(whole: Desk) -> None:
    """AC-20: by its number."""
    whole.site.book(TEN)
    with closing(sqlite3.connect(whole.site.settings.booking_file)) as connection, connection:
        connection.execute("DROP TRIGGER IF EXISTS journal_no_update")
        [(seq,)] = connection.execute("SELECT seq FROM journal WHERE entity = 'booking' LIMIT 1").fetchall()
        connection.execute("UPDATE journal SET actor = 'nobody' WHERE seq = ?", (seq,))
    page = walked(whole)
    assert "Does not hold" in page
    assert f"It does not hold from entry {seq} on" in page


@pytest.mark.feature("AC-20")
def test_a_long_walk_says_how_far_it_is_and_there_is_one_at_a_time() -> None:
    """AC-20."""
    seen: list[WalkState] = []

    def verify(told: Callable[[str, int, int], None]) -> dict[str, dict[str, object]]:
        told("booking.db", 1000, 5000)
        seen.append(walk.state())
        assert walk.begin() is None
        return {}

    walk = JournalWalk(verify, FakeClock(NOW))
    thread = walk.begin()
    assert thread is not None
    thread.join(10)
    assert (seen[0].file, seen[0].at, seen[0].of, seen[0].is_under_way) == ("booking.db", 1000, 5000, True)
    assert (walk.state().is_under_way, walk.state().ended_at) == (False, NOW)


@pytest.mark.feature("AC-20")
def test_the_walk_tells_of_real_entries(whole: Desk) -> None:
    """AC-20: of the file, the entry and the last one."""
    told: list[tuple[str, int, int]] = []
    verify_journals(whole.site.settings, told=lambda file, at, of: told.append((file, at, of)))
    assert {file for file, _, _ in told} <= {"booking.db", "access.db"}
    assert all(0 < at <= of for _, at, of in told)
    assert told
