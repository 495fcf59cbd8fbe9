"""Every kind of key through the real door process: what is good once, and what survives a restart (AC-02 to AC-19)."""

import base64
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.access.clock_trust import TimeSource
from appliance.access.outcomes import Outcome
from appliance.access.presenting import Asked
from appliance.access.reconciling import Difference
from appliance.foundation.cards import CardBits
from appliance.foundation.clock import FakeClock
from appliance.foundation.ids import Uuid7
from appliance.foundation.instants import HOUR, MINUTE, Interval
from appliance.foundation.weekly import DAYS
from appliance.keys import rotating
from appliance.keys.cards import card_lookup
from appliance.keys.derived_pins import QUARTER_S, DerivedClaims, derived_pin, zone_secret
from appliance.keys.mobile_keys import CHALLENGE_S
from appliance.keys.pins import duress_pin
from appliance.keys.standing_keys import WITHOUT_END
from tests.access.bookings import document, door, key, uuid
from tests.access.rig import Rig, eventually
from tests.keys.phones import Phone

IDS = Uuid7()
CARD = CardBits(26, 0x2EC0C86)
DERIVED = {"grid_minutes": 15, "longest_minutes": 240, "serials": 1, "before_s": 900, "after_s": 900, "known_until": 0}


def show(rig: Rig, kind: str, value: str, door_slug: str = "entrance") -> Outcome:
    return rig.door.presenting.present(Asked(door_slug, kind, value, "r1", IDS.new()))


def wait(rig: Rig, seconds: int) -> None:
    assert isinstance(rig.clock, FakeClock)
    rig.clock.advance(seconds)


def zone_key(rig: Rig) -> bytes:
    return (rig.settings.secrets / "shared" / "zone.key").read_bytes()


def now_shown(rig: Rig, key_id: str) -> str:
    """What the phone shows now."""
    return rotating.text(rig.signed(key_id), rotating.seed(zone_key(rig), key_id), rig.clock.now())


@dataclass(frozen=True)
class Machine:
    """What a machine says of its clock."""

    synced: bool = False
    kept: bool = False
    boot_id: str = "first run"

    def look(self) -> TimeSource:
        return TimeSource(self.synced, self.kept, self.boot_id)


class TestRotatingPasses:
    def test_each_code_opens_each_door_once(self, rig: Rig) -> None:
        """AC-04: the same code at the court behind the entrance, a fresh one half a minute later."""
        rig.bookings.put(key(1, kind="qr"))
        rig.start_with_plan()
        code = now_shown(rig, uuid(1001))
        doors = ("entrance", "entrance", "court-1", "court-1")
        assert [show(rig, "qr", code, door_slug).reason for door_slug in doors] == [
            "granted", "replayed", "granted", "replayed",
        ]  # fmt: skip
        wait(rig, 30)
        assert show(rig, "qr", now_shown(rig, uuid(1001))).reason == "granted"

    def test_a_screenshot_is_dead_within_ninety_seconds(self, rig: Rig) -> None:
        """AC-04: also at a door that it was never shown to."""
        rig.bookings.put(key(1, kind="qr"))
        rig.start_with_plan(document(door(0, "entrance", rotating_only=True)))
        screenshot = now_shown(rig, uuid(1001))
        wait(rig, 90)
        assert show(rig, "qr", screenshot).reason == "static_refused"
        assert show(rig, "qr", rig.signed(uuid(1001))).reason == "static_refused"

    def test_a_restart_does_not_make_a_code_good_again(self, rig: Rig) -> None:
        """AC-04"""
        rig.bookings.put(key(1, kind="qr"))
        rig.start_with_plan()
        code = now_shown(rig, uuid(1001))
        assert show(rig, "qr", code).reason == "granted"
        rig.stop()
        rig.start_with_plan()
        assert show(rig, "qr", code).reason == "replayed"


class TestPhones:
    phone = Phone(ec.generate_private_key(ec.SECP256R1()))

    def start(self, rig: Rig) -> None:
        rig.bookings.put(key(1, kind="mobile", public_key=self.phone.public_key.hex()))
        rig.start_with_plan()

    def ask(self, rig: Rig, door_slug: str = "entrance") -> bytes:
        text = rig.client.challenge(door_slug, "r1").text
        return base64.urlsafe_b64decode(text + "==")

    def test_a_phone_opens_by_answering_and_an_answer_is_good_once(self, rig: Rig) -> None:
        """AC-05: over the door's own socket, as the page does."""
        self.start(rig)
        answer = self.phone.answer(self.ask(rig), uuid(100), uuid(1001))
        assert [show(rig, "mobile", answer).reason for _ in range(2)] == ["granted", "replayed"]

    def test_stale_foreign_and_forged_answers_are_refused(self, rig: Rig) -> None:
        """AC-05: other door, other key, too late, never asked."""
        self.start(rig)
        asked = self.ask(rig)
        other_phone = Phone(ec.generate_private_key(ec.SECP256R1()))
        tried = {
            "other door": show(rig, "mobile", self.phone.answer(asked, uuid(100), uuid(1001)), "court-1"),
            "asked elsewhere": show(rig, "mobile", self.phone.answer(asked, uuid(101), uuid(1001)), "court-1"),
            "other phone": show(rig, "mobile", other_phone.answer(asked, uuid(100), uuid(1001))),
            "other key": show(rig, "mobile", self.phone.answer(asked, uuid(100), uuid(1002))),
            "never asked": show(rig, "mobile", self.phone.answer(bytes(16), uuid(100), uuid(1001))),
            "noise": show(rig, "mobile", "PM1.x.y"),
        }
        assert {name: outcome.reason for name, outcome in tried.items()} == {
            "other door": "bad_signature", "asked elsewhere": "challenge_stale", "other phone": "bad_signature",
            "other key": "unknown", "never asked": "challenge_stale", "noise": "malformed",
        }  # fmt: skip
        wait(rig, CHALLENGE_S)
        late = show(rig, "mobile", self.phone.answer(asked, uuid(100), uuid(1001)))
        assert (late.reason, late.told) == ("challenge_stale", "challenge_stale")

    def test_a_restart_opens_no_challenge_again(self, rig: Rig) -> None:
        """AC-05: neither one that was answered nor one that was not."""
        self.start(rig)
        used, unused = (self.phone.answer(self.ask(rig), uuid(100), uuid(1001)) for _ in range(2))
        assert show(rig, "mobile", used).reason == "granted"
        rig.stop()
        rig.start_with_plan()
        assert [show(rig, "mobile", each).reason for each in (used, unused)] == ["replayed", "challenge_stale"]

    def test_a_lost_phone_opens_nothing_once_it_is_revoked(self, rig: Rig) -> None:
        """AC-05"""
        self.start(rig)
        rig.bookings.put(
            key(1, kind="mobile", public_key=self.phone.public_key.hex(), state="revoked", revision=2), verb="revoked"
        )
        answer = self.phone.answer(self.ask(rig), uuid(100), uuid(1001))
        assert show(rig, "mobile", answer).reason == "revoked"


class TestCards:
    def test_a_card_opens_for_its_booking_and_its_number_is_nowhere(self, rig: Rig) -> None:
        """AC-06"""
        rig.bookings.put(key(1, kind="card", lookup=card_lookup(rig.lookup_key, CARD).hex()))
        rig.start_with_plan()
        assert show(rig, "card", str(CARD)).reason == "granted"
        assert show(rig, "card", "26:2EC0C87").reason == "unknown"
        assert show(rig, "card", "2EC0C86").reason == "malformed"
        rig.stop()
        kept = b"".join(path.read_bytes() for path in rig.settings.data.glob("*.db*"))
        assert b"2EC0C86" not in kept

    def test_a_standing_key_keeps_its_hours_through_a_restart_and_a_rebuild(self, rig: Rig) -> None:
        """AC-06: from the journal, from access.db, and from booking.db when access.db is lost; then without either."""
        at = datetime.fromtimestamp(rig.clock.now(), ZoneInfo("Europe/Stockholm"))
        hours = [{"days": list(DAYS), "from": f"{at:%H}:00", "to": f"{(at.hour + 1) % 24:02}:00"}]
        lookup = card_lookup(rig.lookup_key, CARD).hex()
        rig.bookings.put(key(1, kind="standing", lookup=lookup, hours=hours, valid_to=WITHOUT_END))
        rig.start_with_plan()
        for is_lost in (False, True):
            assert show(rig, "card", str(CARD)).reason == "granted"
            wait(rig, HOUR)
            opens = rig.clock.now() // HOUR * HOUR + 23 * HOUR
            rig.stop()
            if is_lost:
                rig.settings.access_file.unlink()
            rig.start()
            eventually(lambda: rig.door.monitor.find("entrance") is not None, "the door")
            eventually(lambda: show(rig, "card", str(CARD)).reason == "too_early", "the key")
            assert show(rig, "card", str(CARD)).retry_at == opens
            assert rig.door.follower.reconcile(apply=False, actor="test") == Difference(0, 0, 0)
            wait(rig, 23 * HOUR)
        rig.bookings.path.unlink()
        assert show(rig, "card", str(CARD)).reason == "granted"


class TestDerivedPins:
    start = 1_800_000_000 // QUARTER_S * QUARTER_S + HOUR
    booked = DerivedClaims("court-1", Interval(start, start + HOUR), 0)

    def pin(self, rig: Rig, claims: DerivedClaims | None = None) -> str:
        claims = claims or self.booked
        return derived_pin(zone_secret(zone_key(rig), claims.zone), claims)

    def plan(self, **rules: int) -> dict[str, object]:
        doors = (door(0, "entrance", zones=["court-1", "court-2"]), door(1, "court-1", zones=["court-1"]))
        return {**document(*doors), "derived_pins": {**DERIVED, **rules}}

    def test_a_unit_that_never_heard_of_the_booking_opens_inside_its_window_and_not_outside(self, rig: Rig) -> None:
        """AC-02: cut off, to the second, at the doors of its zone alone."""
        rig.start_with_plan(self.plan())
        rig.bookings.path.unlink()
        seen = {}
        for second in (-901, -900, 0, HOUR + 899, HOUR + 900):
            wait(rig, self.start + second - rig.clock.now())
            seen[second] = show(rig, "pin", self.pin(rig)).verdict
        assert seen == {-901: "denied", -900: "granted", 0: "granted", HOUR + 899: "granted", HOUR + 900: "denied"}
        wait(rig, -MINUTE)
        other = self.pin(rig, replace(self.booked, zone="court-2"))
        assert show(rig, "pin", self.pin(rig), "court-1").verdict == "granted"
        assert show(rig, "pin", other).verdict == "granted"
        assert show(rig, "pin", other, "court-1").verdict == "denied"

    def test_without_rules_and_below_the_horizon_none_is_taken(self, rig: Rig) -> None:
        """AC-02: a unit that stands alone knows every booking, and so takes no derived PIN at all."""
        rig.start_with_plan(self.plan(known_until=self.start + 1))
        wait(rig, self.start - rig.clock.now())
        assert show(rig, "pin", self.pin(rig)).reason == "unknown"
        plan = self.plan()
        del plan["derived_pins"]
        rig.bookings.plan(2, plan)
        eventually(lambda: rig.client.health().plan_number == 2)
        assert show(rig, "pin", self.pin(rig)).reason == "unknown"

    @pytest.mark.feature("AC-16")
    def test_none_is_taken_while_the_clock_is_unknown(self, rig: Rig) -> None:
        """AC-16: after a power cut without a battery the time is the last one saved; a key known there still opens."""
        rig.bookings.put(rig.bookings.pin_key(2, "271828", valid_from=self.start - HOUR, valid_to=self.start + HOUR))
        rig.probe = Machine(synced=True)
        rig.start_with_plan(self.plan())
        wait(rig, self.start - rig.clock.now())
        assert show(rig, "pin", self.pin(rig)).reason == "granted"
        rig.stop()
        rig.probe = Machine(boot_id="after the power cut")
        rig.start()
        assert rig.client.health().clock == "unknown"
        assert show(rig, "pin", self.pin(rig)).verdict == "denied"
        assert show(rig, "pin", "271828").verdict == "granted"
        assert rig.entries()[-1].body_after()["clock"] == "unknown"
        rig.stop()
        rig.probe = Machine(boot_id="after the power cut", kept=True)
        rig.start()
        assert rig.client.health().clock == "trusted"
        assert show(rig, "pin", self.pin(rig)).verdict == "granted"

    def test_a_revoked_one_opens_nothing(self, rig: Rig) -> None:
        """AC-02: told through the journal, also when it was told before the door process began."""
        second = replace(self.booked, serial=1)
        rig.bookings.revoke_derived(str(self.booked), self.start + 2 * HOUR)
        rig.start_with_plan(self.plan(serials=2, longest_minutes=120))
        wait(rig, self.start - rig.clock.now())
        tried = [show(rig, "pin", self.pin(rig, each)).reason for each in (self.booked, second)]
        assert tried == ["revoked", "granted"]
        rig.bookings.revoke_derived(str(second), self.start + 2 * HOUR)
        rig.hear()
        assert show(rig, "pin", self.pin(rig, second)).reason == "revoked"

    def test_once_the_booking_is_known_the_pin_is_an_ordinary_key(self, rig: Rig) -> None:
        """AC-02: and dies with it."""
        rig.start_with_plan(self.plan())
        wait(rig, self.start - rig.clock.now())
        granted = show(rig, "pin", self.pin(rig))
        assert (granted.reason, granted.booking_id) == ("granted", None)
        ordinary = rig.bookings.pin_key(1, self.pin(rig), kind="derived")
        rig.bookings.put(ordinary)
        assert show(rig, "pin", self.pin(rig)).booking_id == uuid(5001)
        rig.bookings.put({**ordinary, "state": "cancelled", "revision": 2})
        assert show(rig, "pin", self.pin(rig)).reason == "cancelled"

    def test_its_use_is_on_record_without_its_digits(self, rig: Rig) -> None:
        """AC-02: whoever sold the booking finds it by zone, time and serial."""
        rig.start_with_plan(self.plan())
        wait(rig, self.start - rig.clock.now())
        show(rig, "pin", self.pin(rig))
        (entry,) = rig.entries()
        named = rig.rows("SELECT key_id FROM subject WHERE seq = ?", entry.seq)
        assert named == [(f"derived:court-1:{self.start}:60:0",)]
        assert self.pin(rig) not in str(entry.after)


class TestDuress:
    def test_it_opens_as_usual_and_calls_for_help_in_silence(self, rig: Rig) -> None:
        """AC-14: the same answer, an entry of its own, an alarm for staff."""
        rig.bookings.put(rig.bookings.pin_key(1, "428819"))
        rig.start_with_plan(document(door(0, "entrance", duress=True), door(1, "court-1")))
        usual, forced = rig.pin("428819"), rig.pin(duress_pin("428819"))
        assert replace(forced, presentation_id="") == replace(usual, presentation_id="")
        assert duress_pin("428819") == "428810"
        (alarm,) = rig.client.alarms(0)
        assert (alarm.door_id, alarm.booking_id) == (uuid(100), uuid(5001))
        assert rig.client.alarms(alarm.at + 1) == []
        assert [entry.verb for entry in rig.entries("duress")] == ["raised"]
        assert rig.client.health().problems == ()

    def test_where_it_is_off_it_is_a_wrong_pin(self, rig: Rig) -> None:
        """AC-14: and off is what it is unless somebody switched it on."""
        rig.bookings.put(rig.bookings.pin_key(1, "428819"))
        rig.start_with_plan()
        assert rig.pin(duress_pin("428819")).reason == "unknown"
        assert rig.entries("duress") == []


class TestBackupPins:
    def test_one_opens_once_also_after_a_restart(self, rig: Rig) -> None:
        """AC-19"""
        rig.bookings.put(rig.bookings.pin_key(1, "31415926", kind="backup"))
        rig.start_with_plan()
        assert [show(rig, "pin", "31415926").reason for _ in range(2)] == ["granted", "used_up"]
        rig.stop()
        rig.start_with_plan()
        assert show(rig, "pin", "31415926").reason == "used_up"


@pytest.mark.parametrize("kind", ["pin", "qr", "card", "mobile"])
def test_noise_of_every_kind_is_malformed(rig: Rig, kind: str) -> None:
    """AC-09"""
    rig.start_with_plan()
    assert show(rig, kind, "\x00" * 1024).reason == "malformed"
    assert show(rig, kind, "1" * 5000).reason == "malformed"
