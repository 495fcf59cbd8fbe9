"""What a booking's PIN and pass open, and when: on the whole program, to the second."""

import time

import pytest

from tests.waiting import until
from tests.whole_unit.demo_api import Booked, instant
from tests.whole_unit.demo_unit import COURTS, DOORS, Demo

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
KINDS = ("pin", "qr")
MARGIN_S = 15 * 60


def secret(booking: Booked, kind: str) -> str:
    return booking.pin if kind == "pin" else booking.qr


def reason_at(demo: Demo, instant: int, door: str, kind: str, value: str) -> str:
    """The exact reason of a presentation that was decided at one second: the door's own entry says at which."""
    for _ in range(10):
        assert until(lambda: time.time() % 1 < 0.3, 2)
        demo.clock.set(instant)
        entry = demo.entry(demo.present(door, kind, value)["id"])
        if entry["after"]["at"] == instant:
            return str(entry["after"]["reason"])
    raise AssertionError("the machine is too slow to hit a second")


@pytest.mark.feature("AC-01", "AC-03", "AC-08", "BM-24", "BM-26")
@pytest.mark.parametrize("court", COURTS)
def test_a_booking_opens_the_entrance_and_its_own_court_and_no_other_door(demo: Demo, court: str) -> None:
    """AC-08: PIN and QR, at all five doors."""
    booking = demo.book_open(court)
    for kind in KINDS:
        answers = {door: demo.present(door, kind, secret(booking, kind)) for door in DOORS}
        for door, answer in answers.items():
            is_own = door in booking.doors
            assert answer["verdict"] == ("granted" if is_own else "denied"), (door, kind)
            assert answer["reason"] == ("granted" if is_own else "wrong_door"), (door, kind)
            assert answer["released_s"] == (5 if is_own else 0)


@pytest.mark.feature("AC-07", "AC-09", "BM-24")
def test_the_window_opens_and_shuts_on_its_very_seconds(demo: Demo) -> None:
    """AC-07: refused one second before, granted on the first and the last second, refused on the next."""
    booking = demo.book("court-3", after_s=2 * 3600)
    assert booking.valid_from == booking.start - MARGIN_S
    assert booking.valid_to == booking.start + 3600 + MARGIN_S
    for kind in KINDS:
        value = secret(booking, kind)
        assert reason_at(demo, booking.valid_from - 1, "court-3", kind, value) == "too_early"
        assert reason_at(demo, booking.valid_from, "court-3", kind, value) == "granted"
        assert reason_at(demo, booking.valid_from, "entrance", kind, value) == "granted"
        assert reason_at(demo, booking.valid_to - 1, "entrance", kind, value) == "granted"
        assert reason_at(demo, booking.valid_to, "court-3", kind, value) == "ended"
        assert reason_at(demo, booking.valid_to, "entrance", kind, value) == "ended"
    early = demo.present("court-3", "qr", booking.qr)
    assert early["reason"] == "ended"
    assert demo.present("court-3", "pin", booking.pin)["reason"] == "unknown", "an ended PIN is told as unknown"


@pytest.mark.feature("AC-07")
def test_who_comes_too_early_hears_when_to_come_back(demo: Demo) -> None:
    """AC-07: `retry_at` is the second at which the same key opens."""
    booking = demo.book("court-4", after_s=4 * 3600)
    told = demo.present("court-4", "pin", booking.pin)
    assert (told["reason"], told["verdict"]) == ("too_early", "denied")
    assert told["retry_at"] is not None
    assert reason_at(demo, booking.valid_from, "court-4", "pin", booking.pin) == "granted"


@pytest.mark.feature("BM-22", "AC-09")
def test_a_cancelled_key_is_shut_before_the_cancel_is_answered(demo: Demo) -> None:
    """BM-22: the answer says done, and the next presentation is refused, at both doors, by both keys."""
    booking = demo.book("court-2", after_s=26 * 3600)
    demo.clock.set(booking.valid_from - 3 * 3600)
    ended = demo.cancel(booking)
    answers = [(door, kind, demo.reason(door, kind, secret(booking, kind))) for door in booking.doors for kind in KINDS]
    assert ended.status == 200, ended
    assert ended.body["revocation"] == "done"
    assert ended.body["status"] == "cancelled"
    assert {reason for _, _, reason in answers} == {"cancelled"}, answers
    demo.clock.set(booking.start)
    assert demo.reason("court-2", "pin", booking.pin) == "cancelled"
    assert demo.cancel(booking).status in {403, 404, 409}, "the code is used up"


@pytest.mark.feature("AC-07", "AC-09")
def test_who_has_checked_out_comes_in_until_the_grace_ends_and_not_a_second_longer(demo: Demo) -> None:
    """AC-07: the answer says done, and the same PIN and pass shut both doors on the very second, an hour too soon."""
    booking = demo.book("court-3", after_s=2 * 3600)
    demo.clock.set(booking.start + 60)
    left = demo.check_out(booking)
    assert (left.status, left.body["status"], left.body["revocation"]) == (200, "completed", "done"), left
    (end,) = {instant(key["valid_to"]) for key in left.body["keys"]}
    assert booking.start + 60 + 600 <= end < booking.start + 60 + 630, "ten minutes after it was said"
    for door in sorted(booking.doors):
        for kind in KINDS:
            assert reason_at(demo, end - 1, door, kind, secret(booking, kind)) == "granted", (door, kind)
        for kind in KINDS:
            assert reason_at(demo, end, door, kind, secret(booking, kind)) == "ended", (door, kind)
    again = demo.check_out(booking)
    assert (again.status, again.body["code"]) == (409, "already_ended")


@pytest.mark.feature("AC-01", "AC-03")
def test_a_moved_booking_has_new_keys_and_the_old_ones_are_dead(demo: Demo) -> None:
    """AC-01: the old PIN and pass say that the booking was moved; the new ones open in the new window only."""
    booking = demo.book("court-1", after_s=26 * 3600)
    later = next(
        slot["start"]
        for slot in demo.api.slots(booking.start + 3600, booking.start + 24 * 3600)
        if booking.court in {demo.api.courts()[id_] for id_ in slot["resources"]}
    )
    moved = demo.api.ask("POST", f"/bookings/{booking.id}/move", {"start": later, "cancel_code": booking.cancel_code})
    assert moved.status == 200, moved
    assert moved.body["revocation"] == "done"
    keys = {key["kind"]: key for key in moved.body["keys"]}
    assert keys["pin"]["code"] != booking.pin
    assert keys["qr"]["token"] != booking.qr
    assert demo.reason("entrance", "pin", booking.pin) == "moved"
    assert demo.reason("court-1", "qr", booking.qr) == "moved"
    assert demo.reason("court-1", "pin", keys["pin"]["code"]) == "too_early"


@pytest.mark.feature("AC-09")
def test_each_no_is_said_in_three_languages(demo: Demo) -> None:
    """AC-09: three different sentences for one reason, and never the English one by default for a Swede."""
    booking = demo.book("court-2", after_s=2 * 3600)
    other = demo.book_open("court-3")
    for door, value in (("court-2", booking.qr), ("court-2", other.qr), ("court-3", booking.qr[:-1])):
        said = {language: demo.present(door, "qr", value, language) for language in ("sv", "en", "fr")}
        assert len({answer["reason"] for answer in said.values()}) == 1
        assert len({answer["message"] for answer in said.values()}) == 3, said
    assert demo.present("court-2", "qr", booking.qr, "sv")["message"].startswith("Din tid")


@pytest.mark.feature("BM-25")
def test_a_pass_with_one_character_changed_opens_nothing(demo: Demo) -> None:
    """BM-25: wherever the change is."""
    booking = demo.book_open("court-4")
    for at in (0, 3, 20, len(booking.qr) // 2, len(booking.qr) - 2):
        other = "A" if booking.qr[at] != "A" else "B"
        forged = booking.qr[:at] + other + booking.qr[at + 1 :]
        assert demo.reason("court-4", "qr", forged) in {"bad_signature", "malformed", "unknown"}, at
    assert demo.reason("court-4", "qr", booking.qr) == "granted"


@pytest.mark.feature("AC-01", "AC-09", "BM-22")
def test_no_secret_lies_in_any_file_of_the_unit(demo: Demo) -> None:
    """AC-01: no PIN, pass, cancel code, token or password in databases, logs and journals; presented ones neither."""
    bookings = [demo.book(court) for court in COURTS for _ in range(3)]
    for booking in bookings[::4]:
        assert {demo.reason("entrance", kind, secret(booking, kind)) for kind in KINDS} <= {"granted", "too_early"}
    files = [path for path in demo.data.rglob("*") if path.is_file() and "secrets" not in path.parts]
    whole = b"\n".join(path.read_bytes() for path in files)
    assert len(whole) > 100_000
    assert all(found_in(whole, booking.number) for booking in bookings), "the search finds what is there"
    secrets = [demo.line["reader_token"], demo.line["admin"]["password"], demo.line["kiosk"].partition("=")[2]]
    secrets += [one for booking in bookings for one in (booking.pin, booking.qr, booking.cancel_code)]
    assert [one for one in secrets if found_in(whole, one)] == []


def found_in(whole: bytes, text: str) -> bool:
    """Whether a text stands there by itself, not as a part of a longer number or word."""
    sought, at = text.encode(), -1
    # Plain search first: an expression that looks behind itself takes a minute for these files.
    while (at := whole.find(sought, at + 1)) >= 0:
        beside = whole[max(0, at - 1) : at] + whole[at + len(sought) : at + len(sought) + 1]
        if not any(chr(byte).isalnum() and byte < 128 for byte in beside):
            return True
    return False


def test_a_text_is_found_by_itself_alone() -> None:
    """The control of the search."""
    for whole in (b"048271", b"a 048271, b", b"1048271 048271", b'"048271"'):
        assert found_in(whole, "048271")
    for whole in (b"1048271", b"0482710", b"x048271", b"04827", b""):
        assert not found_in(whole, "048271")
