"""People and places over the API: staff with hours, grids and absences; conflicts; classes beside individual times."""

import pytest

from appliance.booking.actions.scheduled import extend_sessions
from tests.web.api_client import Api, api_of, codes, problem
from tests.web.clinic import at, change, put, settings, shown, statements, times, work
from tests.web.extra_world import WARM_UP, added, wish


@pytest.mark.feature("SB-18")
def test_who_works_in_full_hours_offers_full_hours(clinic: Api) -> None:
    """SB-18: 50 minutes on an hour's grid, from midnight or from the start of a shift at 09:30; others keep theirs."""
    staff = clinic.staff()
    work(staff, "kim", 9.5, 13)
    work(staff, "lo", 0, 0.5)  # too short for anything
    assert times(clinic)[:3] == ["09:30", "09:45", "10:00"]
    assert change(staff, "kim", grid_minutes=60).status_code == 200
    assert times(clinic) == ["10:00", "11:00", "12:00"]
    assert change(staff, "kim", anchor="shift").status_code == 200
    assert times(clinic) == ["09:30", "10:30", "11:30"]
    assert problem(clinic.post("/bookings", clinic.booking(at(10), service="massage")))["reason"] == "closed"
    refused = clinic.post("/bookings", clinic.booking(at(10.1), service="massage"))
    assert (refused.status_code, codes(refused)) == (422, {("start", "off_grid")})
    assert clinic.booked(at(10.5), service="massage")["resources"][0] == "kim"
    work(staff, "lo", 9, 11)
    assert "09:45" in times(clinic)


@pytest.mark.feature("DY-31", "DY-25", "DY-24")
def test_each_employee_has_hours_and_services_of_their_own(clinic: Api) -> None:
    """DY-31, DY-25, DY-24: hours change what is offered at once, in every process; services follow the pools."""
    staff, elsewhere = clinic.staff(), clinic.site.reopened()
    work(staff, "kim", 9, 12)
    work(staff, "lo", 13, 16)
    assert times(clinic)[0] == "09:00"
    assert times(clinic, resource="lo")[0] == "13:00"
    assert times(api_of(elsewhere))[0] == "09:00"
    work(staff, "kim", 10, 12)
    assert times(api_of(elsewhere))[0] == "10:00"
    elsewhere.close()
    assert change(staff, "kim", pools=[]).status_code == 200
    assert times(clinic)[0] == "13:00"
    validity = [{"weekday": 1, "from_minute": 480, "to_minute": 600, "valid_from": "2026-12-08"}]
    version = staff.get("/opening-hours/lo").get_json()["version"]
    assert put(staff, "/opening-hours/lo", {"version": version, "lines": validity}).status_code == 200
    assert (times(clinic, day=1), times(clinic, day=8)[0]) == ([], "08:00")


@pytest.mark.feature("DY-31")
def test_an_employee_has_a_price_and_working_days_of_their_own(clinic: Api) -> None:
    """DY-31: Lo works on Tuesdays alone and costs more; offered and charged so, by Lo and by nobody else."""
    staff = clinic.staff()
    tuesdays = [{"weekday": 1, "from_minute": 540, "to_minute": 720}]
    assert put(staff, "/opening-hours/lo", {"version": 0, "lines": tuesdays}).status_code == 200
    dearer = {"name": "Lo", "effect": "amount", "value": 65000, "service": "massage", "duration": 50, "resource": "lo"}
    assert staff.post("/price-rules", dearer).status_code == 201
    assert (times(clinic, resource="lo") != [], times(clinic, day=2, resource="lo")) == (True, [])
    within = {"from_": shown(at(9)), "to": shown(at(9) + 1)}
    for who, price in (("lo", 65000), ("kim", 50000)):
        (slot,) = clinic.get("/slots", service="massage", resource=who, **within).get_json()["slots"]
        assert slot["price"]["amount"] == price
    (any_one,) = clinic.get("/slots", service="massage", **within).get_json()["slots"]
    assert (any_one["price"]["amount"], any_one["price_to"]["amount"]) == (50000, 65000)
    for who, price in (("lo", 65000), ("kim", 50000)):
        assert clinic.booked(at(9), service="massage", resource=who)["price"]["amount"] == price


@pytest.mark.feature("DY-32")
def test_a_customer_chooses_an_employee_or_takes_any(clinic: Api) -> None:
    """DY-32: the one that was asked for stands on the booking; without a wish the one with less to do is picked."""
    asked = clinic.booked(at(9), service="massage", resource="lo")
    assert (asked["preferred"], "lo" in asked["resources"]) == ("lo", True)
    any_one = clinic.booked(at(12), service="massage")
    assert (any_one["preferred"], "kim" in any_one["resources"]) == (None, True)
    taken = clinic.post("/bookings", clinic.booking(at(9), service="massage", resource="lo"))
    assert problem(taken)["reason"] == "slot_taken"


@pytest.mark.feature("DY-25")
def test_shorter_hours_list_what_does_not_fit_and_drop_nothing(clinic: Api) -> None:
    """DY-25: the answer lists the conflicts; each is reassigned, moved, cancelled or kept, and then is none."""
    staff = clinic.staff()
    work(staff, "kim", 8, 18)
    made = [clinic.booked(at(9 + n), service="massage", resource="kim") for n in range(5)]
    late = work(staff, "kim", 9, 10)["conflicts"]
    assert [each["booking"] for each in late] == [each["id"] for each in made[1:]]
    assert late[0]["causes"] == [{"kind": "closed", "owner": "kim", "name": "Kim"}]
    assert all(clinic.site.status(each["id"]) == "confirmed" for each in made)
    reassigned = staff.post(f"/conflicts/{made[1]['id']}/reassign", {"resource": "lo"})
    assert reassigned.status_code == 200, reassigned.text
    assert reassigned.get_json()["start"] == made[1]["start"]
    assert "lo" in reassigned.get_json()["resources"]
    moved = staff.post(f"/conflicts/{made[2]['id']}/move", {"start": shown(at(9, 2))})
    assert moved.status_code == 200, moved.text
    assert staff.post(f"/conflicts/{made[3]['id']}/cancel", {"reason": "Kim has left"}).status_code == 200
    assert staff.post(f"/conflicts/{made[4]['id']}/keep", {"reason": "Kim stays for it"}).status_code == 200
    assert staff.get("/conflicts").get_json()["conflicts"] == []
    assert staff.post(f"/conflicts/{made[0]['id']}/keep", {"reason": "why"}).status_code == 409
    told = [(each["entity"], each["verb"]) for each in staff.get("/journal").get_json()["entries"]]
    for entry in (("booking", "reassigned"), ("booking", "moved"), ("cancellation", "explained"), ("conflict", "kept")):
        assert entry in told
    assert clinic.get("/conflicts").status_code == 401


@pytest.mark.feature("DY-25", "DY-67")
def test_a_booking_that_is_reassigned_keeps_its_extras_and_its_length(clinic: Api) -> None:
    """DY-25, DY-67: a quarter of warming up comes along to the other court."""
    staff = clinic.staff()
    extra = added(staff, "/extras", **WARM_UP)
    made = clinic.booked(at(10), resource="court-1", extras=[wish(extra)])
    away = {"owner": made["resources"][0], "start": shown(at(0)), "end": shown(at(24)), "kind": "closed"}
    told = staff.post("/exceptions", away).get_json()["conflicts"]
    assert [each["booking"] for each in told] == [made["id"]]
    answer = staff.post(f"/conflicts/{made['id']}/reassign", {})
    assert answer.status_code == 200, answer.text
    now = staff.get(f"/bookings/{made['id']}").get_json()
    same = ("start", "end", "extras", "price", "lines")
    assert {name: now[name] for name in same} == {name: made[name] for name in same}
    assert now["resources"] != made["resources"]


@pytest.mark.feature("SB-20")
def test_an_absence_is_left_out_and_its_bookings_are_listed(clinic: Api) -> None:
    """SB-20: holiday, sickness or other; the public learns the public text's time only, never the kind or the note."""
    staff = clinic.staff()
    booked = clinic.booked(at(10), service="massage", resource="kim")
    sick = {
        "owner": "kim",
        "start": shown(at(0)),
        "end": shown(at(24)),
        "kind": "sickness",
        "public_text": "Away",
        "internal_text": "broken leg",
    }
    answer = staff.post("/exceptions", sick)
    assert answer.status_code == 201, answer.text
    assert [each["booking"] for each in answer.get_json()["conflicts"]] == [booked["id"]]
    assert times(clinic, resource="kim") == []
    assert times(clinic, resource="lo") != []
    assert "broken leg" not in staff.get("/journal").text
    assert staff.get(f"/exceptions/{answer.get_json()['id']}").get_json()["internal_text"] == "broken leg"
    reassigned = staff.post(f"/conflicts/{booked['id']}/reassign", {})
    assert "lo" in reassigned.get_json()["resources"]
    gone = staff.delete(f"/exceptions/{answer.get_json()['id']}", version=1)
    assert gone.status_code == 204
    assert times(clinic, resource="kim") != []


@pytest.mark.feature("DY-25")
def test_the_second_of_two_who_change_hours_is_told(clinic: Api) -> None:
    """DY-25: an old copy changes nothing."""
    staff = clinic.staff()
    work(staff, "kim", 9, 12)
    late = put(staff, "/opening-hours/kim", {"version": 0, "lines": []})
    assert (late.status_code, problem(late)["code"], problem(late)["changed_by"]) == (409, "changed_meanwhile", "admin")
    wrong = put(
        staff, "/opening-hours/kim", {"version": 1, "lines": [{"weekday": 9, "from_minute": 5, "to_minute": 1}]}
    )
    assert wrong.status_code == 422
    assert staff.get("/opening-hours/kim").get_json()["version"] == 1


@pytest.mark.feature("SB-19")
def test_a_class_claims_its_trainer_and_its_room_and_frees_them(clinic: Api) -> None:
    """SB-19: the rest of their time stays open; a cancelled meeting frees them and its bookings become conflicts."""
    staff = clinic.staff()
    work(staff, "kim", 8, 20)
    work(staff, "lo", 0, 0.5)
    before = times(clinic, resource="kim")
    meeting = {
        "service": "padel-class",
        "places": "class-places",
        "start": shown(at(10)),
        "duration": 60,
        "occupies": ["kim", "room-1"],
    }
    made = staff.post("/class-sessions", meeting)
    assert made.status_code == 201, made.text
    during = times(clinic, resource="kim")
    assert "10:00" in before
    assert set(before) - set(during) == {t for t in before if "09:15" <= t < "11:00"}
    again = staff.post("/class-sessions", meeting | {"start": shown(at(10.5))})
    assert problem(again)["reason"] == "slot_taken"
    place = clinic.booked(at(10), service="padel-class")
    called_off = staff.post(f"/class-sessions/{made.get_json()['id']}/cancel", {"reason": "Snow"}).get_json()
    assert [each["booking"] for each in called_off["conflicts"]] == [place["id"]]
    assert times(clinic, resource="kim") == before
    assert "10:00" not in times(clinic, "padel-class")
    at_six = next(
        each
        for each in staff.get("/class-sessions", from_=shown(at(0)), to=shown(at(24))).get_json()["sessions"]
        if each["status"] == "planned"
    )
    clinic.booked(at(18), service="padel-class")
    gone = staff.post(f"/class-sessions/{at_six['id']}/cancel", {"reason": "Snow", "cancel_bookings": True}).get_json()
    assert len(gone["cancelled"]) == 1
    assert clinic.site.pins(gone["cancelled"][0]) == []


@pytest.mark.feature("SB-19")
def test_who_loses_a_place_because_a_class_is_called_off_gets_everything_back(clinic: Api) -> None:
    """SB-19, DY-36: the clip is on the card again, and nobody owes a fee."""
    staff = clinic.staff()
    card = {
        "name": "8-kort",
        "kind": "clips",
        "amount": 24900,
        "vat_percent": 6,
        "clips": 8,
        "covers": [{"service": "padel-class", "percent": 100}],
    }
    sold = staff.post("/entitlement-products", card).get_json()
    before = clinic.booked(at(8))
    who = clinic.site.rows("SELECT customer_id FROM booking WHERE id = ?", before["id"])[0][0]
    made = staff.post(f"/customers/{who}/entitlements", {"product": sold["id"], "reason": "sold"})
    assert made.status_code == 201, made.text
    clinic.booked(at(18), service="padel-class")
    left = clinic.site.rows("SELECT sum(delta) FROM entitlement_use")
    meetings = staff.get("/class-sessions", from_=shown(at(0)), to=shown(at(24))).get_json()["sessions"]
    gone = staff.post(f"/class-sessions/{meetings[0]['id']}/cancel", {"reason": "Snow", "cancel_bookings": True})
    assert len(gone.get_json()["cancelled"]) == 1
    assert (left, clinic.site.rows("SELECT sum(delta) FROM entitlement_use")) == ([(7,)], [(8,)])
    assert clinic.site.rows("SELECT count(*) FROM ledger_entry") == [(0,)]


@pytest.mark.feature("SB-19")
def test_meetings_of_a_plan_claim_and_leave_out_the_days_of_an_absence(clinic: Api) -> None:
    """SB-19, SB-20: weekly, with a trainer and a room; not on a day on which the trainer is away."""
    staff = clinic.staff()
    away = {"owner": "kim", "start": shown(at(0, 2)), "end": shown(at(24, 2)), "kind": "holiday"}
    assert staff.post("/exceptions", away).status_code == 201
    plan = {
        "service": "padel-class",
        "places": "class-places",
        "weekdays": [1, 2, 3],
        "minute_of_day": 420,
        "duration": 60,
        "days_ahead": 6,
        "occupies": ["kim", "room-1"],
    }
    made = staff.post("/session-plans", plan)
    assert made.status_code == 201, made.text
    with clinic.site.side.book.write(clinic.site.side.scope, "job") as tx:
        extend_sessions(tx, made.get_json()["id"])
    found = staff.get("/class-sessions", from_=shown(at(0)), to=shown(at(0, 7))).get_json()["sessions"]
    early = [each["start"][:16] for each in found if "T07:00" in each["start"]]
    assert early == ["2026-12-01T07:00", "2026-12-03T07:00"]
    assert "07:00" not in times(clinic, resource="kim")


@pytest.mark.feature("DY-25")
def test_a_lower_capacity_keeps_who_came_first(clinic: Api) -> None:
    """DY-25: more is booked than there is now: the last ones are conflicts, nobody is dropped, nothing more is sold."""
    staff = clinic.staff()
    made = [clinic.booked(at(18), service="padel-class", quantity=4) for _ in range(3)]
    lowered = change(staff, "class-places", capacity=8)
    assert [each["booking"] for each in lowered.get_json()["conflicts"]] == [made[2]["id"]]
    assert problem(clinic.post("/bookings", clinic.booking(at(18), service="padel-class")))["reason"] == "slot_taken"
    assert staff.post(f"/conflicts/{made[2]['id']}/cancel", {"reason": "too many"}).status_code == 200
    assert staff.get("/conflicts").get_json()["conflicts"] == []
    assert problem(clinic.post("/bookings", clinic.booking(at(18), service="padel-class")))["reason"] == "slot_taken"


@pytest.mark.feature("DY-31")
def test_more_employees_ask_no_more_questions(clinic: Api) -> None:
    """DY-31: a search takes as many statements for ten employees with hours and grids of their own as for two."""
    staff = clinic.staff()
    like_kim = {name: settings(staff, "kim")[name] for name in ("kind", "pools", "anchor")}
    times(clinic)
    with statements(clinic.site) as two:
        times(clinic)
    for number in range(8):
        made = {"slug": f"t-{number}", "name": "T", "grid_minutes": 60, **like_kim}
        assert staff.post("/resource-settings", made).status_code == 201
        work(staff, f"t-{number}", 9, 17)
    times(clinic)
    with statements(clinic.site) as ten:
        assert times(clinic, resource="t-7") == [f"{hour:02}:00" for hour in range(9, 17)]
    assert len(ten) == len(two)
