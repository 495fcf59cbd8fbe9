"""Cards, phones, rotating passes and the help desk over the API (AC-04, AC-05, AC-06, AC-14, AC-19)."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.boot.demo_world import ENTRANCE
from appliance.door_socket.answers import Alarm
from appliance.foundation.instants import HOUR, MINUTE
from appliance.keys import cards_store, passes, rotating
from appliance.keys.mobile_keys import spelled
from tests.builders import NOW, TEN, Site
from tests.keys.phones import Phone
from tests.web.api_client import Api, codes, problem

PRINTED = {"format": "h10301", "facility_code": 118, "number": 1603}
BITS = "26:2EC0C86"


def keys(site: Site, booking_id: str) -> list[tuple[object, ...]]:
    return site.rows("SELECT kind, state, valid_from, valid_to FROM key WHERE booking_id = ? ORDER BY id", booking_id)


def kinds(site: Site, booking_id: str, state: str = "live") -> list[str]:
    return sorted(str(kind) for kind, its_state, _, _ in keys(site, booking_id) if its_state == state)


def link(made: dict[str, Any]) -> dict[str, str]:
    return {"booking": made["id"], "sig": made["links"]["self"].partition("?sig=")[2]}


def bound(api: Api, **body: object) -> dict[str, Any]:
    answer = api.staff().post("/cards", body)
    assert answer.status_code == 201, answer.text
    card: dict[str, Any] = answer.get_json()
    return card


class TestCards:
    def test_a_card_opens_what_its_member_has_booked_and_will_book(self, api: Api, site: Site) -> None:
        """AC-06: for live bookings at once, for later ones with their other keys, in the same window."""
        before = api.booked(TEN)
        card = bound(api, booking=before["id"], **PRINTED)
        after = api.booked(TEN + 24 * HOUR)
        for made in (before, after):
            assert kinds(site, made["id"]) == ["card", "pin", "qr"]
            assert len({(start, end) for _, _, start, end in keys(site, made["id"])}) == 1
        assert (card["state"], card["in_force"]) == ("live", "done")
        assert api.doors.asked[-1][0] == "catch_up"

    def test_a_stranger_gets_no_key_of_it(self, api: Api, site: Site) -> None:
        """AC-06"""
        bound(api, booking=api.booked(TEN)["id"], bits=BITS)
        other = api.booked(TEN, customer={"name": "Bo", "email": "bo@example.se"})
        assert kinds(site, other["id"]) == ["pin", "qr"]

    def test_a_blocked_card_opens_nothing_and_the_other_keys_do(self, api: Api, site: Site) -> None:
        """AC-06"""
        made = api.booked(TEN)
        card = bound(api, booking=made["id"], bits=BITS)
        blocked = api.staff().post(f"/cards/{card['id']}/block", {})
        assert (blocked.status_code, blocked.get_json()["state"]) == (200, "blocked")
        assert (kinds(site, made["id"]), kinds(site, made["id"], "revoked")) == (["pin", "qr"], ["card"])
        assert kinds(site, api.booked(TEN + 24 * HOUR)["id"]) == ["pin", "qr"]
        again = bound(api, booking=made["id"], bits=BITS)
        assert again["id"] != card["id"]

    def test_it_ends_moves_and_dies_with_the_booking(self, api: Api, site: Site) -> None:
        """AC-06, AC-07: like every other key of it."""
        made = api.booked(TEN)
        card = bound(api, booking=made["id"], bits=BITS)
        code = {"cancel_code": made["cancel_code"]}
        api.post(f"/bookings/{made['id']}/extend", {"duration": 90, **code})
        assert {end for _, _, _, end in keys(site, made["id"])} == {TEN + 105 * MINUTE}
        api.post(f"/bookings/{made['id']}/cancel", code)
        assert kinds(site, made["id"], "cancelled") == ["card", "pin", "qr"]
        listed = api.staff().get("/cards", customer=card["customer"]).get_json()["cards"]
        assert [(each["id"], each["state"]) for each in listed] == [(card["id"], "live")]

    def test_no_card_is_two_peoples_and_binding_twice_is_once(self, api: Api) -> None:
        """AC-06"""
        first = bound(api, booking=api.booked(TEN)["id"], bits=BITS)
        again = bound(api, customer=first["customer"], **PRINTED)
        assert again["id"] == first["id"]
        other = api.booked(TEN, customer={"name": "Bo", "email": "bo@example.se"})
        refused = api.staff().post("/cards", {"booking": other["id"], "bits": BITS})
        assert (refused.status_code, problem(refused)["code"]) == (409, "card_taken")

    @pytest.mark.parametrize(
        ("body", "wrong"),
        [
            ({"bits": "26:2EC0C87", "customer": "x"}, ("bits", "parity")),
            ({"bits": "2EC0C86", "customer": "x"}, ("bits", "malformed")),
            ({"bits": BITS}, ("customer", "missing")),
            ({"customer": "x", "format": "h10301"}, ("number", "missing")),
            ({"customer": "x", **PRINTED, "facility_code": 256}, ("facility_code", "out_of_range")),
            ({"bits": BITS, "customer": "x"}, ("customer", "unknown_customer")),
        ],
    )
    def test_a_mistake_is_named(self, api: Api, body: dict[str, object], wrong: tuple[str, str]) -> None:
        """AC-06"""
        answer = api.staff().post("/cards", body)
        assert (answer.status_code, codes(answer)) == (422, {wrong})

    def test_its_number_lies_nowhere_in_clear(self, api: Api, site: Site) -> None:
        """AC-06: neither in the rows nor in the journal, nor does the API tell it."""
        card = bound(api, booking=api.booked(TEN)["id"], bits=BITS)
        rows = json.dumps([site.rows("SELECT * FROM card"), site.rows("SELECT after FROM journal")])
        assert "2EC0C86" not in rows
        assert "1603" not in json.dumps(card)
        with site.side.book.read(site.side.scope) as tx:
            (kept,) = cards_store.listed(tx)
            assert str(cards_store.bits_of(tx, kept)) == BITS


class TestPhones:
    phone = Phone(ec.generate_private_key(ec.SECP256R1()))

    def bind(self, api: Api, made: dict[str, Any], phone: Phone | None = None) -> dict[str, Any]:
        key = spelled((phone or self.phone).public_key)
        path = f"/bookings/{made['id']}/mobile-keys?sig={link(made)['sig']}"
        answer = api.post(path, {"public_key": key})
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.get_json()
        return told

    def test_a_phone_is_bound_by_the_link_and_opens_where_the_pass_does(self, api: Api, site: Site) -> None:
        """AC-05: its window is that of the booking; the same phone again is the same key."""
        made = api.booked(TEN)
        key = self.bind(api, made)
        assert self.bind(api, made)["id"] == key["id"]
        (pass_,) = (each for each in made["keys"] if each["kind"] == "qr")
        assert (key["valid_from"], key["valid_to"], key["doors"]) == tuple(
            pass_[name] for name in ("valid_from", "valid_to", "doors")
        )
        assert kinds(site, made["id"]) == ["mobile", "pin", "qr"]
        assert [each["id"] for each in self.listed(api, made)] == [key["id"]]

    def listed(self, api: Api, made: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = api.get(f"/bookings/{made['id']}/mobile-keys", sig=link(made)["sig"]).get_json()[
            "mobile_keys"
        ]
        return found

    def test_a_lost_phone_is_revoked_by_its_owner_or_by_staff(self, api: Api, site: Site) -> None:
        """AC-05"""
        made = api.booked(TEN)
        mine, other = self.bind(api, made), self.bind(api, made, Phone(ec.generate_private_key(ec.SECP256R1())))
        by_owner = api.delete(f"/bookings/{made['id']}/mobile-keys/{mine['id']}?sig={link(made)['sig']}")
        by_staff = api.staff().delete(f"/bookings/{made['id']}/mobile-keys/{other['id']}")
        assert [answer.get_json()["in_force"] for answer in (by_owner, by_staff)] == ["done", "done"]
        assert self.listed(api, made) == []
        assert kinds(site, made["id"], "revoked") == ["mobile", "mobile"]

    def test_strangers_bind_nothing(self, api: Api) -> None:
        """AC-05"""
        made, other = api.booked(TEN), api.booked(TEN)
        body = {"public_key": spelled(self.phone.public_key)}
        for sig in ("", "x", link(other)["sig"]):
            assert api.post(f"/bookings/{made['id']}/mobile-keys?sig={sig}", body).status_code == 404
        self.bind(api, made)
        foreign = api.delete(
            f"/bookings/{other['id']}/mobile-keys/{self.listed(api, made)[0]['id']}?sig={link(other)['sig']}"
        )
        assert (foreign.status_code, problem(foreign)["code"]) == (404, "unknown_phone")

    def test_what_is_no_key_and_what_is_too_much_is_refused(self, api: Api) -> None:
        """AC-05"""
        made = api.booked(TEN)
        path = f"/bookings/{made['id']}/mobile-keys?sig={link(made)['sig']}"
        for wrong in ("", "x", "AAAA", spelled(bytes(65)), "å" * 10):
            assert codes(api.post(path, {"public_key": wrong})) == {("public_key", "malformed")}
        for _ in range(5):
            self.bind(api, made, Phone(ec.generate_private_key(ec.SECP256R1())))
        refused = api.post(path, {"public_key": spelled(self.phone.public_key)})
        assert problem(refused)["code"] == "too_many_phones"
        api.post(f"/bookings/{made['id']}/cancel", {"cancel_code": made["cancel_code"]})
        assert problem(api.post(path, {"public_key": spelled(self.phone.public_key)}))["code"] == "no_live_keys"

    def test_a_phone_asks_and_answers_with_the_link_alone_and_presents_nothing_else(self, api: Api) -> None:
        """AC-05: without the token of a reader."""
        made = api.booked(TEN)
        query = f"?booking={made['id']}&sig={link(made)['sig']}"
        asked = api.post(f"/doors/{ENTRANCE}/challenges{query}", {})
        assert asked.status_code == 201
        assert asked.get_json().keys() == {"challenge", "expires_at", "door"}
        body = {"kind": "mobile", "value": "PM1.x", "presentation_id": "0190a000-0000-7000-8000-000000000001"}
        assert api.post(f"/doors/{ENTRANCE}/presentations{query}", body).status_code == 200
        assert api.doors.asked[-1][:5] == ("present", ENTRANCE, "mobile", "PM1.x", "phone")
        guess = api.post(f"/doors/{ENTRANCE}/presentations{query}", {**body, "kind": "pin", "value": "123456"})
        assert (guess.status_code, problem(guess)["code"]) == (403, "wrong_kind")
        for wrong in ("", f"?booking={made['id']}", f"?booking={made['id']}&sig=x", query.replace("sig=", "sig=x")):
            assert api.post(f"/doors/{ENTRANCE}/challenges{wrong}", {}).status_code == 401


class TestRotatingPass:
    def test_the_owner_gets_what_the_door_will_check(self, api: Api, site: Site) -> None:
        """AC-04: a pass that is good with its code only, and the seed of the codes."""
        made = api.booked(TEN)
        told = api.get(f"/bookings/{made['id']}/rotating-pass", sig=link(made)["sig"]).get_json()
        (static,) = (each for each in made["keys"] if each["kind"] == "qr")
        parsed, ordinary = passes.parse(told["token"]), passes.parse(static["token"])
        assert parsed is not None
        assert ordinary is not None
        assert (parsed.claims.rotating_only, ordinary.claims.rotating_only) == (True, False)
        assert parsed.claims.key_id == ordinary.claims.key_id
        zone = (site.settings.secrets / "shared" / "zone.key").read_bytes()
        assert base64.urlsafe_b64decode(told["seed"] + "=") == rotating.seed(zone, parsed.claims.key_id)
        assert (told["kind"], told["step_s"], told["digits"]) == ("rotating_qr", 30, 8)

    def test_nobody_else_does(self, api: Api) -> None:
        """AC-04: neither strangers nor staff."""
        made = api.booked(TEN)
        path = f"/bookings/{made['id']}/rotating-pass"
        assert api.get(path).status_code == 404
        assert problem(api.staff().get(path))["code"] == "owner_only"
        assert "seed" not in json.dumps(made)


class TestHelpDesk:
    def test_a_backup_pin_is_given_once_with_who_and_why(self, api: Api, site: Site) -> None:
        """AC-19: from a pool that was made ahead; the next one is another."""
        with site.side.book.write(site.side.scope, "job") as tx:
            again = site.side.backup_pins.keep(tx, site.world.facility.id)
        pool = "SELECT count(*) FROM key WHERE kind = 'backup' AND revision = 0"
        assert (again, site.rows(pool)) == (NOW + 24 * HOUR, [(5 * len(site.world.door_ids),)])
        staff = api.staff()
        given = [
            staff.post(f"/doors/{ENTRANCE}/backup-pins", {"reason": "phone is dead", "minutes": 10}).get_json()
            for _ in range(2)
        ]
        assert len({each["code"] for each in given}) == 2
        assert {len(each["code"]) for each in given} == {8}
        assert site.rows(pool) == [(5 * len(site.world.door_ids),)]
        (entry,) = site.rows("SELECT actor, after FROM journal WHERE entity = 'backup_pin' LIMIT 1")
        assert str(entry[0]).startswith("staff:")
        assert json.loads(str(entry[1]))["reason"] == "phone is dead"
        windows = site.rows("SELECT valid_from, valid_to FROM key WHERE kind = 'backup' AND revision = 1")
        assert windows == [(NOW, NOW + 10 * MINUTE)] * 2
        kept = json.dumps([site.rows("SELECT * FROM key"), site.rows("SELECT after FROM journal")])
        assert not any(each["code"] in kept for each in given)

    def test_only_staff_gets_one_and_only_for_a_door_and_a_reason(self, api: Api) -> None:
        """AC-19"""
        assert api.post(f"/doors/{ENTRANCE}/backup-pins", {"reason": "please"}).status_code == 401
        staff = api.staff()
        assert staff.post("/doors/nowhere/backup-pins", {"reason": "please"}).status_code == 404
        assert codes(staff.post(f"/doors/{ENTRANCE}/backup-pins", {})) == {("reason", "missing")}

    def test_a_call_for_help_is_for_staff_alone(self, api: Api) -> None:
        """AC-14"""
        api.doors.helped = [Alarm(7, "d", "b", NOW)]
        assert api.get("/alarms").status_code == 401
        told = api.staff().get("/alarms").get_json()["alarms"]
        assert [(each["seq"], each["door"], each["booking"]) for each in told] == [(7, "d", "b")]
        assert "help" not in api.get("/health").text
