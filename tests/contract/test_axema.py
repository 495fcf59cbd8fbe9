"""The Axema driver against its emulator, a process of its own, over HTTP on loopback (DR-05)."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.foundation.clock import FakeClock, SystemClock
from appliance.foundation.grants import Grant
from appliance.foundation.instants import HOUR, Interval
from drivers.contract import DriverRefused, DriverUnreachable, Fact, Observation
from drivers.controller_contract import ControllerGrant
from tests.contract.vendor_rigs import AxemaRig
from tests.waiting import stays, until

pytestmark = pytest.mark.slow


@pytest.fixture
def rig() -> Iterator[AxemaRig]:
    with tempfile.TemporaryDirectory(prefix="pv-") as folder, closing(AxemaRig(Path(folder))) as one:
        yield one


def grant(window: Interval, id_: str = "g-1", revision: int = 1, *devices: str) -> ControllerGrant:
    return ControllerGrant(id_, revision, devices or (AxemaRig.COURT_DOOR,), window)


def pressed(rig: AxemaRig, life_s: int = 5, presentation: str = "p-1") -> Grant:
    now = rig.clock.now()
    return Grant(presentation, "id-door", "court-1", "key", 5, now, now + life_s)


def test_a_grant_becomes_a_reservation_and_is_confirmed_by_the_webhook(rig: AxemaRig) -> None:
    """DR-05: 202 is accepted, not applied; the webhook with the same correlation is what confirms."""
    vaka = rig.started()
    one = grant(rig.tomorrow(9))
    receipt = vaka.upsert(one)
    assert not receipt.applied
    assert receipt.correlation
    told = rig.confirmed.came("g-1", 1)
    assert told is not None
    assert told.applied
    assert len(rig.reserved()) == 1
    assert [(held.grant_id, held.revision, held.on_device) for held in vaka.held()] == [("g-1", 1, True)]


def test_a_window_with_its_margins_is_filled_with_whole_slots_and_the_same_call_twice_is_once(rig: AxemaRig) -> None:
    """DR-05: a key opens a quarter before and after; VAKA takes its own slots only."""
    vaka, two_hours = rig.started(), rig.tomorrow(9, hours=2)
    one = grant(two_hours.widened(900, 900), "g-1", 1, AxemaRig.COURT_DOOR, AxemaRig.ENTRANCE, AxemaRig.HALL_DOOR)
    vaka.upsert(one)
    vaka.upsert(one)
    assert rig.confirmed.came("g-1", 1) is not None
    assert vaka.upsert(one).applied
    assert len(rig.reserved()) == 4, "two slots of each resource, none for a door without one"


def test_a_lost_webhook_is_healed_by_the_listing(rig: AxemaRig) -> None:
    """DR-05: webhook lost."""
    vaka = rig.started()
    rig.fault("webhook", "drop")
    vaka.upsert(grant(rig.tomorrow(9)))
    assert until(lambda: len(rig.reserved()) == 1)
    assert rig.confirmed.all() == []
    assert [held.on_device for held in vaka.held()] == [True]
    assert rig.confirmed.came("g-1", 1)


def test_a_lost_webhook_is_missed_within_half_a_minute(rig: AxemaRig) -> None:
    """DR-05: the driver looks by itself when a result is overdue."""
    rig.clock = clock = FakeClock(SystemClock().now())
    vaka = rig.started()
    rig.fault("webhook", "drop")
    vaka.upsert(grant(rig.tomorrow(9)))
    assert until(lambda: len(rig.reserved()) == 1)
    clock.advance(19)
    assert stays(lambda: rig.confirmed.all() == [], 0.7)
    clock.advance(2)
    assert rig.confirmed.came("g-1", 1)


def test_a_newer_revision_of_the_same_wish_is_confirmed_by_the_older_call(rig: AxemaRig) -> None:
    """DR-05: the unit asks again under a newer revision while the first result is still to come."""
    vaka = rig.started()
    rig.fault("webhook", "delay", delay_ms=500)
    vaka.upsert(grant(rig.tomorrow(9)))
    if not vaka.upsert(grant(rig.tomorrow(9), revision=2)).applied:
        assert rig.confirmed.came("g-1", 2)
    assert until(lambda: len(rig.reserved()) == 1)
    assert [held.revision for held in vaka.held()] == [2]


def test_a_doubled_webhook_is_told_once(rig: AxemaRig) -> None:
    """DR-05: webhook doubled."""
    vaka = rig.started()
    rig.fault("webhook", "duplicate")
    vaka.upsert(grant(rig.tomorrow(9)))
    assert rig.confirmed.came("g-1", 1)
    assert until(lambda: rig.hooks.genuine == [True, True])
    assert len(rig.confirmed.all()) == 1


def test_a_late_webhook_says_nothing_of_a_newer_revision(rig: AxemaRig) -> None:
    """DR-05: webhook late: the result of the first revision comes after the revocation was asked for."""
    vaka = rig.started()
    rig.fault("webhook", "delay", delay_ms=700)
    vaka.upsert(grant(rig.tomorrow(9)))
    assert until(lambda: len(rig.reserved()) == 1)
    revoked = grant(rig.tomorrow(9), revision=2)
    vaka.revoke(revoked)
    assert until(lambda: len(rig.hooks.genuine) == 2)
    assert [(told.revision, told.applied) for told in rig.confirmed.all()] == [(2, True)]
    assert rig.reserved() == []
    assert vaka.revoke(revoked).applied


def test_an_expired_token_is_renewed_within_the_call(rig: AxemaRig) -> None:
    """DR-05: token expired at the server while we thought it good, as clocks differ."""
    vaka = rig.started()
    rig.act("expire")
    vaka.upsert(grant(rig.tomorrow(9)))
    assert rig.confirmed.came("g-1", 1)
    calls = rig.journal.read_text()
    assert '"status": 401' in calls
    assert calls.count("/token") == 2


def test_credentials_that_are_never_accepted_need_a_person(rig: AxemaRig) -> None:
    """DR-05: and the sentence says what to do."""
    vaka = rig.started()
    rig.fault("reserve", "expired", count=2)
    with pytest.raises(DriverRefused, match="API key"):
        vaka.upsert(grant(rig.tomorrow(9)))


def test_a_window_without_a_slot_fails_and_names_the_schedule_to_make(rig: AxemaRig) -> None:
    """DR-05: slot mismatch, known before VAKA is asked; what was reserved before is let go."""
    vaka, hour = rig.started(), rig.tomorrow(9)
    vaka.upsert(grant(hour))
    assert rig.confirmed.came("g-1", 1)
    half_past = Interval(hour.start + HOUR // 2, hour.end + HOUR // 2)
    with pytest.raises(
        DriverRefused, match=r"VAKA has no slot within .* for door-court; give its reservation schedule"
    ):
        vaka.upsert(grant(half_past, revision=2))
    assert until(lambda: rig.reserved() == [])


def test_a_slot_mismatch_that_vaka_finds_is_a_failure_with_what_to_do(rig: AxemaRig) -> None:
    """DR-05: without the schedule's id in the settings, VAKA's webhook says no."""
    rig.has_schedules = False
    vaka, hour = rig.started(), rig.tomorrow(9)
    vaka.upsert(grant(Interval(hour.start + 900, hour.end + 900)))
    told = rig.confirmed.came("g-1", 1)
    assert told is not None
    assert not told.applied
    assert "SlotMismatch" in told.reason
    assert "make a schedule with this slot" in told.reason
    assert vaka.held() == ()


def test_a_slot_that_somebody_else_has_is_a_failure(rig: AxemaRig) -> None:
    """DR-05: also when the failure is told before the answer 202 was read."""
    vaka, hour = rig.started(), rig.tomorrow(9)
    vaka.upsert(grant(hour, "mine"))
    assert rig.confirmed.came("mine", 1)
    held = rig.act("look")["reservations"]
    assert isinstance(held, list)
    rig.act("take", resource=AxemaRig.HALL, start=held[0]["startTime"], end=held[0]["endTime"])
    vaka.upsert(grant(hour, "theirs", 1, AxemaRig.HALL_DOOR))
    told = rig.confirmed.came("theirs", 1)
    assert told is not None
    assert not told.applied
    assert [one.grant_id for one in vaka.held()] == ["mine"]


@pytest.mark.parametrize("kind", ["error", "error_after", "too_many", "cut", "half_json", "never_applied"])
@pytest.mark.parametrize("on", ["reserve", "list"])
def test_after_every_fault_the_same_call_again_leaves_one_reservation(rig: AxemaRig, on: str, kind: str) -> None:
    """DR-05: nothing lost, nothing doubled, whatever became of the first call."""
    vaka, one = rig.started(), grant(rig.tomorrow(9, hours=2))
    rig.fault(on, kind)
    for _ in range(3):
        try:
            vaka.upsert(one)
        except DriverUnreachable:
            continue
    if kind == "never_applied" and on == "reserve":
        assert until(lambda: len(rig.reserved()) == 1)
        assert vaka.held() == (), "accepted is not held"
        return
    assert until(lambda: [held.grant_id for held in vaka.held()] == ["g-1"])
    assert len(rig.reserved()) == 2


def test_a_call_that_was_accepted_and_never_done_is_asked_again_in_time(rig: AxemaRig) -> None:
    """DR-05: after two minutes without a result and without a trace in the listing."""
    rig.clock = clock = FakeClock(SystemClock().now())
    vaka, one = rig.started(), grant(rig.tomorrow(9))
    rig.fault("reserve", "never_applied")
    assert not vaka.upsert(one).applied
    assert vaka.held() == ()
    vaka.upsert(one)
    assert stays(lambda: rig.reserved() == [], 0.2), "too early to know"
    clock.advance(121)
    vaka.upsert(one)
    assert rig.confirmed.came("g-1", 1)
    assert len(rig.reserved()) == 1


def test_a_shorter_grant_gives_back_the_slots_it_no_longer_needs(rig: AxemaRig) -> None:
    """DR-05: early check-out; a slot that another grant needs stays."""
    vaka, three = rig.started(), rig.tomorrow(9, hours=3)
    vaka.upsert(grant(three))
    assert rig.confirmed.came("g-1", 1)
    last = Interval(three.end - HOUR, three.end)
    assert vaka.upsert(grant(last, "g-2")).applied, "it is held already"
    vaka.upsert(grant(rig.tomorrow(9, hours=1), revision=2))
    assert rig.confirmed.came("g-1", 2)
    assert len(rig.reserved()) == 2
    vaka.revoke(grant(last, "g-2", 2))
    assert until(lambda: len(rig.reserved()) == 1)
    assert not vaka.upsert(grant(three, revision=1)).applied, "an older revision changes nothing"
    assert len(rig.reserved()) == 1


def test_a_process_that_was_killed_takes_up_what_it_had_reserved(rig: AxemaRig) -> None:
    """DR-05: a fresh driver that is told what there was reserves nothing twice, and can still shorten it."""
    two = rig.tomorrow(9, hours=2)
    rig.started().upsert(grant(two))
    assert until(lambda: len(rig.reserved()) == 2)
    vaka = rig.started(grant(two))
    assert until(lambda: [held.grant_id for held in vaka.held()] == ["g-1"])
    assert vaka.upsert(grant(two)).applied
    vaka.upsert(grant(rig.tomorrow(9), revision=2))
    assert until(lambda: len(rig.reserved()) == 1)


def test_unlocking_is_a_call_whose_failure_shows_in_health(rig: AxemaRig) -> None:
    """DR-05: remote unlock; once for a presentation, never too late."""
    vaka = rig.started()
    vaka.unlock(AxemaRig.ENTRANCE, pressed(rig))
    vaka.unlock(AxemaRig.ENTRANCE, pressed(rig))
    assert until(lambda: rig.act("look")["unlocked"] == [AxemaRig.ENTRANCE])
    with pytest.raises(DriverRefused, match="too late"):
        vaka.unlock(AxemaRig.ENTRANCE, pressed(rig, life_s=0, presentation="late"))
    rig.act("close", door=AxemaRig.ENTRANCE)
    vaka.unlock(AxemaRig.ENTRANCE, pressed(rig, presentation="p-2"))
    assert until(lambda: "Allow external opening" in vaka.health().fault)
    assert vaka.health().online
    rig.act("allow", door=AxemaRig.ENTRANCE)
    vaka.unlock(AxemaRig.ENTRANCE, pressed(rig, presentation="p-3"))
    assert until(lambda: vaka.health().fault == "")
    with pytest.raises(DriverRefused, match="does not know what we named"):
        vaka.unlock("door-none", pressed(rig, presentation="p-4"))
    with pytest.raises(DriverRefused):
        vaka.hold(AxemaRig.ENTRANCE, released=True)
    assert rig.act("look")["unlocked"] == [AxemaRig.ENTRANCE] * 2


def test_a_webhook_without_the_secret_does_nothing(rig: AxemaRig) -> None:
    """DR-05: genuine is who knows the secret address; noise with it is not taken for a result."""
    vaka = rig.started()
    body = b'{"correlationId":"x","eventType":"reservationResult","eventData":{"succeded":true},"timestamp":"t"}'
    assert not vaka.hook({}, body)
    assert not vaka.hook({"X-Portvakt-Secret": "wrong"}, body)
    assert vaka.hook({"X-Portvakt-Secret": "hush-hush"}, body)
    assert not vaka.hook({"X-Portvakt-Secret": "hush-hush"}, body[:-9])
    assert rig.confirmed.all() == []


def test_health_and_doors_learn_that_vaka_is_away_and_back(rig: AxemaRig) -> None:
    """DR-10: the server killed and started again; the doors behind it are told."""
    vaka, seen = rig.started(), list[Fact]()

    def observe(observation: Observation) -> None:
        seen.append(observation.fact)

    vaka.attach(AxemaRig.COURT_DOOR, "id-door", observe)
    rig.program.kill()
    with pytest.raises(DriverUnreachable):
        vaka.upsert(grant(rig.tomorrow(9)))
    assert until(lambda: not vaka.health().online)
    assert vaka.health().fault
    rig.program.start()
    assert until(lambda: vaka.health().online, 20)
    assert seen == [Fact.ONLINE, Fact.OFFLINE, Fact.ONLINE]
    vaka.upsert(grant(rig.tomorrow(9)))
    assert until(lambda: len(rig.reserved()) == 1)


def test_a_slow_vaka_is_given_up_within_the_time_of_a_call(rig: AxemaRig) -> None:
    """DR-05: a call blocks for at most its ten seconds."""
    vaka = rig.started()
    rig.fault("unlock", "slow", delay_ms=30_000)
    began = rig.clock.monotonic()
    with pytest.raises(DriverUnreachable):
        vaka.unlock(AxemaRig.ENTRANCE, pressed(rig))
    assert rig.clock.monotonic() - began < 11


def test_no_secret_reaches_journal_or_words(rig: AxemaRig) -> None:
    """DR-05: neither the driver's words nor the emulator's journal hold a token, a key or a secret."""
    vaka = rig.started()
    rig.fault("reserve", "expired", count=2)
    with pytest.raises(DriverRefused) as refused:
        vaka.upsert(grant(rig.tomorrow(9)))
    words = f"{refused.value} {vaka.health()} {rig.journal.read_text()} {rig.controller_settings()!r}"
    assert not any(secret.strip() in words for secret in rig.secrets().values())


def test_a_call_that_arrived_without_an_answer_does_not_make_its_repetition_a_failure() -> None:
    """DR-05: VAKA refuses the second call because it obeyed the first, whose correlation nobody heard of."""
    with (
        tempfile.TemporaryDirectory(prefix="pv-") as folder,
        closing(AxemaRig(Path(folder), "--settle-ms", "400")) as rig,
    ):
        rig.clock = clock = FakeClock(SystemClock().now())
        vaka, one = rig.started(), grant(rig.tomorrow(9))
        rig.fault("reserve", "cut")
        with pytest.raises(DriverUnreachable):
            vaka.upsert(one)
        assert not vaka.upsert(one).applied, "the first is still under way"
        assert until(lambda: len(rig.hooks.genuine) == 2)
        assert rig.confirmed.all() == []
        clock.advance(21)
        assert until(lambda: [held.grant_id for held in vaka.held()] == ["g-1"])
        assert len(rig.reserved()) == 1
        assert all(told.applied for told in rig.confirmed.all())
