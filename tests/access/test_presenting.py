"""One presentation end to end, inside the process: decided, written down, released (AC-09, AC-10)."""

import statistics
import threading
import time

import pytest

from appliance.access.clock_trust import TimeSource
from appliance.access.decision import Mode
from appliance.access.outcomes import Outcome
from appliance.access.presentations import Presentation, Unreadable
from appliance.access.reasons import Reason
from appliance.access.repeats import Repeats
from appliance.foundation.clock import FakeClock
from appliance.foundation.errors import Invalid
from appliance.storage.chain import Head, start, verify
from tests.access.bookings import document, door, key, uuid
from tests.access.rig import Rig, eventually, rigged


def clock_of(rig: Rig) -> FakeClock:
    assert isinstance(rig.clock, FakeClock)
    return rig.clock


@pytest.fixture
def ready(rig: Rig) -> Rig:
    """One PIN key and one pass key, in force now."""
    now = rig.clock.now()
    rig.bookings.put(
        rig.bookings.pin_key(1, "271828", valid_from=now - 60, valid_to=now + 3600),
        key(2, kind="qr", valid_from=now - 60, valid_to=now + 3600),
    )
    rig.start_with_plan()
    return rig


def state(rig: Rig, slug: str = "entrance") -> str:
    post = rig.door.monitor.find(slug)
    assert post is not None
    return rig.door.monitor.status(post).state


def test_a_known_pin_releases_the_door_and_is_on_record(ready: Rig) -> None:
    """AC-09: the grant is journalled with its key and without the PIN."""
    outcome = ready.pin("271828")
    assert (outcome.verdict, outcome.released_s, outcome.stale, outcome.late) == ("granted", 5, False, False)
    eventually(lambda: state(ready) == "released")
    (entry,) = ready.entries()
    body = entry.body_after()
    assert (entry.actor, entry.verb, body["first_use"]) == ("reader:r1", "granted", True)
    assert ready.rows("SELECT booking_id, key_id FROM subject WHERE seq = ?", entry.seq) == [(uuid(5001), uuid(1001))]
    assert not {"271828", uuid(5001), uuid(1001)} & set((entry.after or "").split('"'))


def test_the_second_use_is_not_the_first(ready: Rig) -> None:
    """AC-18: arrival is noted once."""
    ready.pin("271828")
    ready.pin("271828")
    assert [entry.body_after()["first_use"] for entry in ready.entries()] == [True, False]


def test_a_pass_releases_too(ready: Rig) -> None:
    """AC-03: the signed form of the other key."""
    assert ready.qr(ready.signed(uuid(1002))).verdict == "granted"
    assert ready.qr(ready.signed(uuid(1002))[:-1]).reason == "malformed"
    assert ready.qr(ready.signed(uuid(1777))).reason == "revoked"


def test_a_revocation_is_in_force_at_the_next_presentation(ready: Rig) -> None:
    """AC-09: the bookings are looked at before every decision."""
    ready.bookings.put(ready.bookings.pin_key(1, "271828", state="cancelled", revision=2), verb="revoked")
    assert ready.pin("271828").reason == "cancelled"


def test_the_same_presentation_twice_is_one_entry(ready: Rig) -> None:
    """AC-09: same id, same answer, one row; also for many at once, and after a restart."""
    answers: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: answers.append(ready.pin("271828", presentation_id="same"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ready.stop()
    ready.start()
    clock_of(ready).advance(600)
    answers.append(ready.pin("000000", presentation_id="same"))
    assert len(answers) == 9
    assert {answer.verdict for answer in answers} == {"granted"}
    assert len(ready.entries()) == 1


def test_an_entry_that_does_not_say_what_was_told_is_no_answer() -> None:
    """AC-09: a journal that began under an older version is gone on with; who presents then is decided on anew."""
    presentation = Presentation("same", uuid(1), "r", "pin", Unreadable(Reason.UNKNOWN))
    older = {"door_id": presentation.door_id, "reader": "r", "kind": "pin", "reason": "unknown"}
    assert Repeats().earlier(presentation, ("denied", older)) is None


def test_one_id_for_two_presentations_is_a_mistake(ready: Rig) -> None:
    """AC-09: nobody gets the answer that was meant for another door."""
    ready.pin("271828", presentation_id="same")
    with pytest.raises(Invalid, match="another presentation"):
        ready.pin("271828", door="court-1", presentation_id="same")


def test_a_denial_releases_nothing(ready: Rig) -> None:
    """AC-09: nothing moves on a no."""
    assert ready.pin("999999").reason == "unknown"
    assert ready.qr("PV1" + "A" * 400).reason == "malformed"
    assert ready.pin("1" * 400).reason == "malformed"
    assert state(ready) == "locked"


def test_a_lock_out_survives_a_restart_and_passes_still_work(ready: Rig) -> None:
    """AC-10: power-cycling buys no tries; who has a pass gets in."""
    for _ in range(5):
        assert ready.pin("999999").reason == "unknown"
    assert ready.pin("271828").reason == "locked_out"
    ready.stop()
    ready.start()
    locked = ready.pin("271828")
    assert (locked.reason, locked.told, locked.retry_at) == ("locked_out", "locked_out", ready.clock.now() + 30)
    assert ready.pin("271828", reader="r2").verdict == "granted"
    assert ready.qr(ready.signed(uuid(1002))).verdict == "granted"
    clock_of(ready).advance(30)
    assert ready.pin("271828").verdict == "granted"


def test_forty_wrong_tries_at_many_readers_slow_the_whole_door(ready: Rig) -> None:
    """AC-10: known PINs go on at one try a minute."""
    for number in range(40):
        assert ready.pin("999999", reader=f"r{number}").reason == "unknown"
    assert ready.pin("271828", reader="fresh").reason == "locked_out"
    clock_of(ready).advance(60)
    assert ready.pin("271828", reader="fresh").verdict == "granted"
    assert ready.pin("271828", reader="fresh").reason == "locked_out"


def test_a_flood_is_a_few_rows(ready: Rig) -> None:
    """AC-10: five hundred garbage passes are ten rows and one with the number."""
    for _ in range(500):
        assert ready.qr("garbage").reason == "malformed"
    clock_of(ready).advance(60)
    ready.qr("garbage")
    eventually(lambda: len(ready.entries()) == 12)
    flood = next(entry for entry in ready.entries() if entry.verb == "denied_flood")
    assert flood.body_after()["count"] == 490


def test_unknown_and_expired_take_the_same_time(ready: Rig) -> None:
    """AC-10: within noise; medians of interleaved tries, retried because the machine is shared."""
    ready.bookings.put(ready.bookings.pin_key(3, "161803", valid_from=0, valid_to=10))
    ready.pin("161803")

    def medians() -> tuple[float, float]:
        times: dict[str, list[float]] = {"999999": [], "161803": []}
        for number in range(80):
            for pin, taken in times.items():
                clock_of(ready).advance(3600)
                begun = time.perf_counter()
                outcome = ready.pin(pin, reader=f"{pin}-{number}")
                taken.append(time.perf_counter() - begun)
                assert outcome.told in ("unknown", "locked_out")
        return statistics.median(times["999999"]), statistics.median(times["161803"])

    def is_close() -> bool:
        unknown, ended = medians()
        return abs(unknown - ended) < 0.25 * max(unknown, ended)

    assert any(is_close() for _ in range(4))


def test_staff_release_with_a_reason(ready: Rig) -> None:
    """AC-09: the same decision, journalled with who and why."""
    outcome = ready.door.presenting.release("court-1", "staff:7", "lost key", "s1")
    assert outcome.verdict == "granted"
    (entry,) = ready.entries()
    assert (entry.actor, entry.body_after()["why"]) == ("staff:7", "lost key")
    with pytest.raises(Invalid, match="say why"):
        ready.door.presenting.release("court-1", "staff:7", " ", "s2")


def test_lockdown_shuts_and_survives_a_restart(ready: Rig) -> None:
    """AC-12: a mode is kept before it is acted on."""
    client = ready.client
    assert client.mode("entrance", "lockdown", "staff:7", "alarm").mode == "lockdown"
    ready.stop()
    ready.start()
    assert ready.pin("271828").reason == "lockdown"
    assert ready.pin("271828", door="court-1").verdict == "granted"
    assert ready.client.mode("entrance", "lockdown", "staff:7", "over", on=False).mode == "normal"
    assert ready.pin("271828").verdict == "granted"


def test_free_access_holds_the_door(ready: Rig) -> None:
    """AC-12: a grant meanwhile does not lock it behind the guest."""
    ready.client.mode("entrance", "free_access", "staff:7", "open day")
    eventually(lambda: state(ready) == "released")
    assert ready.pin("271828").verdict == "granted"
    clock_of(ready).advance(600)
    assert state(ready) == "released"


def test_retire_if_unused_wins_or_loses_against_an_entry_never_both(ready: Rig) -> None:
    """AC-09: compare and swap with the entry event; undone after ten seconds if no cancel follows."""
    retired = ready.client.retire_if_unused(uuid(5001))
    assert (retired.retired, retired.used) == (True, False)
    assert ready.pin("271828").reason == "cancelled"
    clock_of(ready).advance(10)
    assert ready.pin("271828").verdict == "granted"
    assert ready.client.retire_if_unused(uuid(5001)).used


def test_entries_and_retirements_race(rig: Rig) -> None:
    """AC-09: of sixty races none is won by both sides."""
    count = 60
    rig.bookings.put(*(rig.bookings.pin_key(number, f"{270000 + number}") for number in range(count)))
    rig.start_with_plan()
    outcomes: dict[int, Outcome] = {}
    retired: dict[int, bool] = {}
    client = rig.client

    def enter() -> None:
        for number in range(count):
            outcomes[number] = rig.pin(f"{270000 + number}", reader="a")

    def retire() -> None:
        for number in range(count):
            retired[number] = client.retire_if_unused(uuid(5000 + number)).retired

    threads = [threading.Thread(target=enter), threading.Thread(target=retire)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((outcomes[number].verdict == "granted") is not retired[number] for number in range(count))


def test_the_door_journal_verifies(ready: Rig) -> None:
    """AC-20: every entry follows from the one before it."""
    for number in range(5):
        ready.pin("271828", reader=f"r{number}")
    check = ready.client.verify()
    assert check.holds
    head = ready.client.journal_head()
    entries = [*ready.entries("presentation"), *ready.entries("door"), *ready.entries("site_plan")]
    walked = verify(start(head.file_id), sorted(entries, key=lambda entry: entry.seq))
    assert isinstance(walked, Head)


def test_an_unplugged_door_is_a_door_fault(ready: Rig) -> None:
    """AC-11: the guest hears that the door does not work, and the key is not used."""
    ready.client.hand("entrance", "unplug")
    assert ready.pin("271828").reason == "door_fault"
    eventually(lambda: any(entry.verb == "offline" for entry in ready.entries("door")))
    assert ready.client.health().colour == "red"


def test_forced_and_held_open_are_journalled_and_shown(ready: Rig) -> None:
    """AC-11: by a hand at a simulated door."""
    ready.client.hand("entrance", "force")
    eventually(lambda: state(ready) == "forced")
    clock_of(ready).advance(30)
    eventually(lambda: any(entry.verb == "held_open_warning" for entry in ready.entries("door")))
    ready.client.hand("entrance", "close")
    eventually(lambda: state(ready) == "locked")


def test_a_door_that_refuses_without_a_journal() -> None:
    """AC-09: on_journal_fault is the door's own choice, and a denial then releases nothing."""
    plan = document(door(0, "entrance", on_journal_fault="refuse"), door(1, "court-1"))
    with rigged() as rig:
        rig.bookings.put(rig.bookings.pin_key(1, "271828"))
        rig.start_with_plan(plan)
        rig.pin("271828")
        held = threading.Event()
        rig.door.writer.submit(lambda _tx: held.wait(5))
        refused, released = rig.pin("271828"), rig.pin("271828", door="court-1")
        held.set()
        assert (refused.verdict, refused.reason, refused.late) == ("denied", "door_fault", True)
        assert (released.verdict, released.late) == ("granted", True)
        eventually(lambda: len(rig.entries()) == 3)
        assert [entry.body_after()["late"] for entry in rig.entries()] == [False, True, True]
        assert [entry.verb for entry in rig.entries()] == ["granted", "denied", "granted"]


class Alone:
    """A machine that nothing sets the clock of, in one and the same run."""

    def look(self) -> TimeSource:
        return TimeSource(boot_id="b")


def test_a_clock_set_back_a_day(ready: Rig) -> None:
    """AC-16: keys near the last sure time open and are marked; others and passes of unknown keys do not."""
    now = ready.clock.now()
    ready.bookings.put(ready.bookings.pin_key(3, "161803", valid_from=now - 86_400, valid_to=now - 80_000))
    ready.stop()
    ready.probe = Alone()
    ready.start()
    assert ready.client.health().clock == "degraded"
    clock_of(ready).set(now - 86_400)
    assert ready.pin("271828").verdict == "granted"
    assert ready.pin("161803").reason == "clock_unknown"
    assert [entry.body_after()["clock"] for entry in ready.entries()] == ["unknown", "unknown"]
    health = ready.client.health()
    assert health.clock == "unknown"
    ready.stop()
    ready.start()
    assert ready.client.health().clock == "unknown"


def test_staff_cannot_come_in_by_the_readers_socket(ready: Rig) -> None:
    """AC-09: there is no second path to a grant."""
    verdict = ready.client.present("entrance", "staff", "staff:1", "r1")
    assert (verdict.granted, verdict.reason) == (False, "malformed")


def test_a_lockdown_that_comes_between_decision_and_release_wins(ready: Rig) -> None:
    """AC-12: what was decided before it does not open after it."""
    held = threading.Event()
    ready.pin("271828", door="court-1")
    ready.door.writer.submit(lambda _tx: held.wait(5))
    answers: list[Outcome] = []
    guest = threading.Thread(target=lambda: answers.append(ready.pin("271828")))
    guest.start()
    post = ready.door.monitor.find("entrance")
    assert post is not None
    ready.door.monitor.set_mode(post, Mode.LOCKDOWN)
    held.set()
    guest.join()
    assert answers[0].reason in ("door_fault", "lockdown")
    assert state(ready) == "locked"
