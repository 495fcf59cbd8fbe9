"""Whatever staff do that makes room serves those who wait, in that very transaction (DY-19, DY-20, DY-25)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.booking.test_waiting import keep_list
from tests.web.api_client import Api
from tests.web.clinic import at, change, put, shown, work


def joined(clinic: Api, service: str, start: int, until: int | None = None, **customer: str) -> str:
    """Where somebody's entry is seen, who waits for a start."""
    body: dict[str, object] = {"service": service, "start": shown(start)}
    body |= {"until": shown(until)} if until is not None else {}
    answer = clinic.post("/waiting", body | {"customer": customer or {"email": "waits@example.se"}})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["links"]["self"]).partition("/api/v1")[2]


def entry(clinic: Api, link: str) -> Any:
    return clinic.client.get("/api/v1" + link).get_json()


def _absence_removed(clinic: Api, staff: Api) -> tuple[str, Callable[[], Any]]:
    """Lo is away and Kim is taken; Lo comes after all."""
    away = {"owner": "lo", "start": shown(at(0)), "end": shown(at(24)), "kind": "holiday"}
    made = staff.post("/exceptions", away).get_json()
    clinic.booked(at(9), service="massage")
    return joined(clinic, "massage", at(9)), lambda: staff.delete(f"/exceptions/{made['id']}", version=1)


def _hours_widened(clinic: Api, staff: Api) -> tuple[str, Callable[[], Any]]:
    """Lo works in the afternoon, then in the morning too."""
    work(staff, "lo", 13, 18)
    clinic.booked(at(9), service="massage")
    return joined(clinic, "massage", at(9)), lambda: work(staff, "lo", 8, 18)


def _open_after_all(clinic: Api, staff: Api) -> tuple[str, Callable[[], Any]]:
    """Kim works until ten and is taken; this once Kim stays until noon."""
    work(staff, "lo", 0, 0.5)
    work(staff, "kim", 8, 10)
    clinic.booked(at(9), service="massage")
    longer = {"owner": "kim", "start": shown(at(10)), "end": shown(at(12)), "kind": "open"}
    return joined(clinic, "massage", at(9), at(11)), lambda: staff.post("/exceptions", longer)


def _capacity_raised(clinic: Api, staff: Api) -> tuple[str, Callable[[], Any]]:
    """The class of twelve is full, and then is of sixteen."""
    for _ in range(3):
        clinic.booked(at(18), service="padel-class", quantity=4)
    return joined(clinic, "padel-class", at(18)), lambda: change(staff, "class-places", capacity=16)


def _back_in_the_pool(clinic: Api, staff: Api) -> tuple[str, Callable[[], Any]]:
    """Lo gives no massages, and then does."""
    change(staff, "lo", pools=[])
    clinic.booked(at(9), service="massage")
    return joined(clinic, "massage", at(9)), lambda: change(staff, "lo", pools=["therapists"])


def _meeting_cancelled(clinic: Api, staff: Api) -> tuple[str, Callable[[], Any]]:
    """Kim has a class and Lo is taken; the class is called off."""
    meeting = {
        "service": "padel-class",
        "places": "class-places",
        "start": shown(at(10)),
        "duration": 60,
        "occupies": ["kim", "room-1"],
    }
    made = staff.post("/class-sessions", meeting).get_json()
    clinic.booked(at(10), service="massage")
    call_off = f"/class-sessions/{made['id']}/cancel"
    return joined(clinic, "massage", at(10)), lambda: staff.post(call_off, {"reason": "Snow"})


def _meeting_added(clinic: Api, staff: Api) -> tuple[str, Callable[[], Any]]:
    """The class at six is full; there is another at half past seven."""
    for _ in range(3):
        clinic.booked(at(18), service="padel-class", quantity=4)
    meeting = {"service": "padel-class", "places": "class-places", "start": shown(at(19.5)), "duration": 60}
    return joined(clinic, "padel-class", at(18), at(20)), lambda: staff.post("/class-sessions", meeting)


def _reassigned(clinic: Api, staff: Api) -> tuple[str, Callable[[], Any]]:
    """Kim works in full hours, so that nobody but Lo could begin at a quarter past; Lo's booking goes to Kim."""
    change(staff, "kim", grid_minutes=60)
    taken = clinic.booked(at(9), service="massage", resource="lo")
    give_kim = f"/conflicts/{taken['id']}/reassign"
    return joined(clinic, "massage", at(9.25)), lambda: staff.post(give_kim, {"resource": "kim"})


def _visible_again(clinic: Api, staff: Api) -> tuple[str, Callable[[], Any]]:
    """What is freed beyond the visible days goes to nobody, until more of them are visible."""
    first, _ = (clinic.booked(at(9), service="massage") for _ in range(2))
    link = joined(clinic, "massage", at(9))
    put(staff, "/admissions/massage", {"version": 0, "visible_days": 1})
    assert clinic.site.cancel(first["id"], by_staff=True)
    return link, lambda: put(staff, "/admissions/massage", {"version": 1, "visible_days": 2})


@pytest.mark.feature("DY-20", "DY-25")
@pytest.mark.parametrize(
    "case",
    [
        _absence_removed,
        _hours_widened,
        _open_after_all,
        _capacity_raised,
        _back_in_the_pool,
        _meeting_cancelled,
        _meeting_added,
        _reassigned,
        _visible_again,
    ],
)
def test_who_waits_is_booked_when_staff_make_room(
    clinic: Api, case: Callable[[Api, Api], tuple[str, Callable[[], Any]]]
) -> None:
    """DY-20, DY-25: not at the next booking, but at once."""
    keep_list(clinic.site, "auto_book")
    link, make_room = case(clinic, clinic.staff())
    assert entry(clinic, link)["state"] == "waiting"
    make_room()
    assert entry(clinic, link)["state"] == "booked"


def _let_in(staff: Api, card: dict[str, Any], **parts: object) -> Any:
    body = {"version": card["version"], "customer": {"name": card["name"], "email": card["email"]}}
    answer = put(staff, f"/customers/{card['id']}", body | {"email_verified": True} | parts)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


@pytest.mark.feature("BM-05")
def test_who_waits_must_be_admitted_as_who_books(clinic: Api) -> None:
    """BM-05, DY-19: strangers join no list; who is blocked later is removed, and the next one served."""
    staff = clinic.staff()
    keep_list(clinic.site, "auto_book")
    taken = [clinic.booked(at(9), service="massage") for _ in range(2)]
    put(staff, "/admissions/massage", {"version": 0, "who_may_book": "register_only"})
    stranger = clinic.post("/bookings", clinic.booking(at(9), service="massage"))
    body = {"service": "massage", "start": shown(at(9)), "customer": {"email": "ada@example.se"}}
    refused = clinic.post("/waiting", body)
    assert (refused.status_code, refused.data) == (403, stranger.data)
    cards = []
    for name in ("ada", "bea"):
        customer = {"name": name, "email": f"{name}@example.se"}
        cards.append(staff.post("/customers", {"customer": customer, "email_verified": True}).get_json())
    ada, bea = (joined(clinic, "massage", at(9), email=card["email"]) for card in cards)
    by_staff = staff.post("/waiting", body | {"customer": {"email": "cia@example.se"}})
    assert by_staff.status_code == 201
    _let_in(staff, cards[0], status="blocked")
    assert staff.post(f"/bookings/{taken[0]['id']}/cancel", {}).status_code == 200
    assert (entry(clinic, ada)["state"], entry(clinic, ada)["reason"]) == ("removed", "not_admitted")
    assert entry(clinic, bea)["state"] == "booked"
    booked_for = clinic.site.rows("SELECT customer_id FROM booking WHERE id = ?", entry(clinic, bea)["booking"])
    assert booked_for == [(cards[1]["id"],)]
    assert staff.post(f"/bookings/{taken[1]['id']}/cancel", {}).status_code == 200
    assert staff.get(f"/waiting/{by_staff.get_json()['id']}").get_json()["state"] == "booked"
    bypassed = [each for each in staff.get("/journal").get_json()["entries"] if each["entity"] == "bypass"]
    assert [each["entity_id"] for each in bypassed] == [by_staff.get_json()["id"]]


@pytest.mark.feature("BM-05")
def test_an_offer_is_taken_by_nobody_who_is_not_let_in_any_more(clinic: Api) -> None:
    """BM-05, DY-19: the place is kept, but the door to it has closed."""
    staff = clinic.staff()
    keep_list(clinic.site, "offer")
    taken = [clinic.booked(at(9), service="massage") for _ in range(2)]
    put(staff, "/admissions/massage", {"version": 0, "who_may_book": "register_only"})
    customer = {"name": "ada", "email": "ada@example.se"}
    card = staff.post("/customers", {"customer": customer, "email_verified": True}).get_json()
    ada = joined(clinic, "massage", at(9), email="ada@example.se")
    assert staff.post(f"/bookings/{taken[0]['id']}/cancel", {}).status_code == 200
    assert entry(clinic, ada)["state"] == "offered"
    accept = "/api/v1" + ada.replace("?", "/accept?")
    blocked = _let_in(staff, card, status="blocked")
    refused = clinic.client.post(accept)
    assert (refused.status_code, refused.get_json()["reason"]) == (403, "not_admitted")
    _let_in(staff, blocked, status="active")
    assert clinic.client.post(accept).status_code == 201
