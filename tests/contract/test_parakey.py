"""The Parakey driver against its emulator, a process of its own, over HTTP on loopback (DR-06)."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.foundation.clock import FakeClock, SystemClock
from appliance.foundation.grants import Grant
from appliance.foundation.instants import HOUR, Interval
from drivers.contract import DriverRefused, DriverUnreachable
from drivers.controller_contract import Controller, ControllerGrant, EventPage, Passage, fingerprint_of
from tests.contract.vendor_rigs import ParakeyRig
from tests.waiting import stays, until

pytestmark = pytest.mark.slow
ANNA, BO = "anna@example.org", "bo@example.org"


@pytest.fixture
def rig() -> Iterator[ParakeyRig]:
    with tempfile.TemporaryDirectory(prefix="pv-") as folder, closing(ParakeyRig(Path(folder))) as one:
        one.clock = FakeClock(SystemClock().now())
        yield one


def time_passes(rig: ParakeyRig, seconds: float) -> None:
    assert isinstance(rig.clock, FakeClock)
    rig.clock.advance(seconds)


def a_minute_later(rig: ParakeyRig, parakey: Controller, cursor: str) -> EventPage:
    """The page after the next look, which comes a minute later."""
    before = rig.calls("/eventLogs")
    time_passes(rig, 60)
    assert until(lambda: rig.calls("/eventLogs") > before)
    pages: list[EventPage] = []

    def fetched() -> bool:
        pages.append(parakey.events(cursor))
        return bool(pages[-1].events)

    until(fetched, 1)
    return pages[-1]


def grant(window: Interval, id_: str = "g-1", revision: int = 1, *devices: str, email: str = ANNA) -> ControllerGrant:
    return ControllerGrant(id_, revision, devices or (ParakeyRig.COURT,), window, email=email)


def test_a_grant_becomes_keys_of_a_person_that_the_listing_confirms(rig: ParakeyRig) -> None:
    """DR-06: by alias and e-mail, one for each door; applied when Parakey lists it, not when it says yes."""
    parakey, one = rig.started(), grant(rig.today(), "g-1", 1, ParakeyRig.COURT, ParakeyRig.HALL)
    assert parakey.capabilities.lists
    rig.fault("manage", "never_applied", nth=2)
    assert not parakey.upsert(one).applied
    assert parakey.upsert(one).applied
    assert [key.split()[:3] for key in rig.listed()] == [
        ["hall-1-g-1", "hall-1-court", ANNA],
        ["hall-1-g-1", "hall-1-hall", ANNA],
    ]
    (held,) = parakey.held()
    assert (held.grant_id, held.revision, held.on_device) == ("g-1", 1, True)
    assert held.fingerprint == fingerprint_of(one)
    assert rig.act("look")["users"] == [ANNA]


def test_the_same_call_again_a_newer_revision_and_an_older_one(rig: ParakeyRig) -> None:
    """DR-06: idempotent by grant and revision; an older one never overwrites a newer one."""
    parakey, window = rig.started(), rig.today()
    longer = Interval(window.start, window.end + HOUR)
    parakey.upsert(grant(window))
    parakey.upsert(grant(window))
    assert len(rig.listed()) == 1
    parakey.upsert(grant(longer, revision=2))
    parakey.upsert(grant(window))
    assert [held.fingerprint for held in parakey.held()] == [fingerprint_of(grant(longer, revision=2))]
    parakey.revoke(grant(window))
    assert len(rig.listed()) == 1, "an older revocation"
    rig.fault("manage", "never_applied")
    assert not parakey.revoke(grant(longer, revision=3)).applied
    assert parakey.revoke(grant(longer, revision=3)).applied
    parakey.upsert(grant(longer, revision=2))
    assert rig.listed() == []
    assert parakey.held() == ()


def test_two_bookings_of_one_person_are_taken_back_one_by_one(rig: ParakeyRig) -> None:
    """DR-06: each has a tag of its own; what others gave out is not looked at."""
    parakey, window = rig.started(), rig.today()
    parakey.upsert(grant(window, "g-1"))
    parakey.upsert(grant(window, "g-2"))
    parakey.revoke(grant(window, "g-1", 2))
    assert [held.grant_id for held in parakey.held()] == ["g-2"]


@pytest.mark.parametrize("device", [ParakeyRig.RESTRICTED, ParakeyRig.CLOSED, "unknown"])
def test_a_key_that_parakey_refuses_says_what_to_do_and_names_nobody(rig: ParakeyRig, device: str) -> None:
    """DR-06: time restricted by itself, not open to integrations, or an alias that is not there."""
    parakey = rig.started()
    with pytest.raises(DriverRefused, match="individual time restrictions") as refused:
        parakey.upsert(grant(rig.today(), "g-1", 1, device))
    assert f"hall-1-{device}" in str(refused.value)
    assert ANNA not in str(refused.value)
    assert rig.listed() == []


def test_a_customer_without_an_address_and_a_wish_to_unlock_need_a_person(rig: ParakeyRig) -> None:
    """DR-06: Parakey cannot be told to open a door."""
    parakey, now = rig.started(), rig.clock.now()
    with pytest.raises(DriverRefused, match="has none"):
        parakey.upsert(ControllerGrant("g-1", 1, (ParakeyRig.COURT,), rig.today()))
    with pytest.raises(DriverRefused, match="phone does"):
        parakey.unlock(ParakeyRig.COURT, Grant("p", "d", "s", None, 5, now, now + 5))
    with pytest.raises(DriverRefused):
        parakey.hold(ParakeyRig.COURT, released=True)
    assert not parakey.capabilities.unlocks


def test_what_a_phone_opened_is_told_once_and_confirms_the_grant(rig: ParakeyRig) -> None:
    """DR-06: from an empty cursor on, also where keys cannot be listed."""
    rig.lists = False
    parakey = rig.started()
    assert not parakey.capabilities.lists
    one = grant(rig.today())
    assert not parakey.upsert(one).applied
    assert parakey.revoke(grant(rig.today(), "g-9")).applied, "nowhere to look it up"
    rig.act("open", email=ANNA, access="hall-1-court")
    cursor = parakey.events("").cursor
    assert parakey.events(cursor).events == (), "what was before the beginning is not told"
    rig.act("open", email=ANNA, access="hall-1-court")
    page = a_minute_later(rig, parakey, cursor)
    assert [(event.device, event.passage, event.grant_id) for event in page.events] == [
        (ParakeyRig.COURT, Passage.GRANTED, "g-1")
    ]
    assert page.complete_until is None
    told = rig.confirmed.came("g-1", 1)
    assert told is not None
    assert told.applied
    rig.act("touch")
    fetched = rig.calls("/eventLogs")
    assert a_minute_later(rig, parakey, page.cursor).events == (), "an ETag that changed without news"
    assert rig.calls("/eventLogs") == fetched + 2
    assert len(rig.confirmed.all()) == 1


def test_it_asks_once_a_minute_at_most_and_fetches_only_news(rig: ParakeyRig) -> None:
    """DR-06: ETag polling no faster than 60 s, 304 while nothing changed, however often we are asked."""
    parakey = rig.started()
    cursor = parakey.events("").cursor
    parakey.events(cursor)
    before = rig.calls("/eventLogs")
    for _ in range(20):
        assert parakey.events(cursor).events == ()
        time_passes(rig, 2.9)
    assert stays(lambda: rig.calls("/eventLogs") == before, 0.7)
    time_passes(rig, 3)
    assert until(lambda: rig.calls("/eventLogs") == before + 1)
    parakey.events(cursor)
    assert stays(lambda: rig.calls("/eventLogs") == before + 1, 0.7)
    assert '"status": 304' in rig.journal.read_text()


def test_after_a_failure_it_asks_no_faster(rig: ParakeyRig) -> None:
    """DR-06: back-off never undercuts the minute."""
    parakey = rig.started()
    rig.fault("events", "too_many", count=3)
    before = rig.calls("/eventLogs")
    time_passes(rig, 60)
    assert until(lambda: not parakey.health().online)
    time_passes(rig, 59)
    assert stays(lambda: rig.calls("/eventLogs") == before + 1, 1.0)

    def is_back() -> bool:
        time_passes(rig, 1)
        return parakey.health().online

    assert until(is_back, 20)
    assert rig.calls("/eventLogs") == before + 4


def test_a_burst_of_a_lock_that_was_alone_comes_late_and_whole(rig: ParakeyRig) -> None:
    """DR-06: `timestamp` is when, `createdAt` when the cloud learned of it; nothing is lost behind newer ones."""
    parakey, one = rig.started(), grant(rig.today(), "g-1", 1, ParakeyRig.COURT, ParakeyRig.HALL)
    parakey.upsert(one)
    cursor = parakey.events("").cursor
    rig.act("offline", access="hall-1-court")
    for _ in range(12):
        rig.act("open", email=ANNA, access="hall-1-court")
    rig.act("open", email=ANNA, access="hall-1-hall")
    page = a_minute_later(rig, parakey, cursor)
    assert [event.device for event in page.events] == [ParakeyRig.HALL]
    assert rig.act("skew", seconds=86_400)["ok"], "the lock comes back a day later"
    rig.act("online", access="hall-1-court")
    later = a_minute_later(rig, parakey, page.cursor)
    burst = [event for event in later.events if event.device == ParakeyRig.COURT]
    assert len(burst) == len(later.events) == 12
    assert all(event.heard_at - event.at >= 86_399 for event in burst)
    assert [event.heard_at for event in later.events] == sorted(event.heard_at for event in later.events)
    assert {event.grant_id for event in burst} == {"g-1"}


def test_a_webhook_with_our_word_makes_it_look_at_once(rig: ParakeyRig) -> None:
    """DR-06: a hint and no more; one without the word is nothing."""
    parakey = rig.started()
    parakey.upsert(grant(rig.today()))
    cursor = parakey.events("").cursor
    parakey.events(cursor)
    time_passes(rig, 6)
    assert not parakey.hook({"X-Our-Word": "guess"}, b"{}")
    assert parakey.events(cursor).events == ()
    rig.act("open", email=ANNA, access="hall-1-court")
    assert until(lambda: rig.hooks.genuine == [True])
    assert len(parakey.events(cursor).events) == 1
    rig.fault("webhook", "duplicate")
    rig.act("open", email=ANNA, access="hall-1-court")
    assert until(lambda: len(rig.hooks.genuine) == 3)
    assert parakey.events(cursor).events == (), "five seconds are left between two fetches"
    time_passes(rig, 6)
    assert len(parakey.events(cursor).events) == 2


@pytest.mark.parametrize("kind", ["error", "too_many", "cut", "half_json", "slow"])
def test_events_that_could_not_be_fetched_are_fetched_later(rig: ParakeyRig, kind: str) -> None:
    """DR-06: news stays news until it was read."""
    parakey = rig.started()
    parakey.upsert(grant(rig.today()))
    cursor = parakey.events("").cursor
    rig.act("open", email=ANNA, access="hall-1-court")
    assert until(lambda: rig.hooks.genuine == [True])
    rig.fault("events", kind, **({"delay_ms": 12_000} if kind == "slow" else {}))
    with pytest.raises(DriverUnreachable):
        parakey.events(cursor)
    time_passes(rig, 6)
    assert len(parakey.events(cursor).events) == 1


@pytest.mark.parametrize("kind", ["error", "error_after", "too_many", "cut", "half_json", "never_applied"])
@pytest.mark.parametrize("nth", [1, 2])
def test_after_every_fault_reconciliation_leaves_one_key(rig: ParakeyRig, kind: str, nth: int) -> None:
    """DR-06: at the deletion or at the insertion; nothing lost, nothing doubled."""
    parakey, one = rig.started(), grant(rig.today())
    parakey.upsert(one)
    rig.fault("manage", kind, nth=nth)
    for _ in range(3):
        try:
            if [held.fingerprint for held in parakey.held()] == [fingerprint_of(one)]:
                parakey.upsert(one)
        except DriverUnreachable:
            continue
        if [held.fingerprint for held in parakey.held()] != [fingerprint_of(one)]:
            parakey.upsert(one)
    assert len(rig.listed()) == 1
    assert [held.fingerprint for held in parakey.held()] == [fingerprint_of(one)]


def test_no_address_and_no_secret_reaches_journal_or_words(rig: ParakeyRig) -> None:
    """DR-06."""
    parakey = rig.started()
    one = grant(rig.today())
    parakey.upsert(one)
    rig.act("open", email=ANNA, access="hall-1-court")
    words = f"{parakey.health()} {rig.journal.read_text()} {rig.controller_settings()!r} {one!r}"
    assert not any(secret.strip() in words for secret in (*rig.secrets().values(), ANNA))


def test_a_process_that_was_killed_doubles_nothing(rig: ParakeyRig) -> None:
    """DR-06: a fresh driver that was told what there was knows its revisions and whose phone opened a door."""
    one = grant(rig.today(), revision=3)
    rig.started().upsert(one)
    parakey = rig.started(one)
    cursor = parakey.events("").cursor
    assert not parakey.upsert(grant(rig.today(), "g-1", 2, ParakeyRig.HALL)).applied
    assert [held.revision for held in parakey.held()] == [3]
    parakey.upsert(one)
    assert len(rig.listed()) == 1
    rig.act("open", email=ANNA, access="hall-1-court")
    page = a_minute_later(rig, parakey, cursor)
    assert [event.grant_id for event in page.events] == ["g-1"]


def test_a_fresh_process_without_a_memory_doubles_nothing_either(rig: ParakeyRig) -> None:
    """DR-06: what carries the grant's tag goes before anything is given."""
    for _ in range(2):
        rig.started().upsert(grant(rig.today()))
    assert len(rig.listed()) == 1
