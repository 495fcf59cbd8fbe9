"""A clinic for tests of people and places: two therapists, two rooms, and what staff edit of them."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from appliance.booking import set_up_store
from appliance.booking.resources import Pool, Resource, ResourceKind
from appliance.booking.services import Need, Service, ServiceKind
from appliance.foundation.instants import DAY, at_local, format_instant
from appliance.foundation.money import Money
from tests.builders import MONDAY, STOCKHOLM, Site
from tests.web.api_client import Api


def at(hour: float, day: int = 1) -> int:
    """An hour of the wall clock, so many days after Monday."""
    return at_local(MONDAY + timedelta(days=day), round(hour * 60), STOCKHOLM)


def shown(instant: int) -> str:
    return format_instant(instant, STOCKHOLM)


def put(api: Api, path: str, body: object) -> Any:
    return api.client.put("/api/v1" + path, json=body, headers=api.headers)


def furnish(api: Api) -> Api:
    """The facility with two therapists, one room, and a service of 50 minutes that needs both."""
    with api.site.side.book.write(api.site.side.scope, "test") as tx:
        for slug, kind in (
            ("kim", ResourceKind.STAFF),
            ("lo", ResourceKind.STAFF),
            ("room-1", ResourceKind.UNIT),
            ("room-2", ResourceKind.UNIT),
        ):
            set_up_store.add_resource(tx, Resource(slug, slug, slug.title(), kind), 10)
        set_up_store.add_pool(tx, Pool("therapists", "therapists", ("kim", "lo")))
        set_up_store.add_pool(tx, Pool("rooms", "rooms", ("room-1", "room-2")))
        massage = Service(
            "massage",
            "massage",
            "Massage",
            ServiceKind.INDIVIDUAL,
            (50,),
            (Money(50000, "SEK"),),
            (Need("therapists"), Need("rooms")),
            grid_minutes=15,
        )
        set_up_store.add_service(tx, massage, vat_percent=6, position=5)
    return api


def times(api: Api, service: str = "massage", day: int = 1, **more: object) -> list[str]:
    found = api.get("/slots", service=service, from_=shown(at(0, day)), to=shown(at(0, day) + DAY), **more)
    assert found.status_code == 200, found.text
    return [slot["start"][11:16] for slot in found.get_json()["slots"]]


def lines(*spans: tuple[float, float]) -> list[dict[str, object]]:
    return [
        {"weekday": day, "from_minute": round(first * 60), "to_minute": round(end * 60)}
        for day in range(7)
        for first, end in spans
    ]


def work(staff: Api, who: str, first: float, end: float) -> Any:
    version = staff.get(f"/opening-hours/{who}").get_json()["version"]
    answer = put(staff, f"/opening-hours/{who}", {"version": version, "lines": lines((first, end))})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def settings(staff: Api, who: str) -> dict[str, Any]:
    return next(each for each in staff.get("/resource-settings").get_json()["resource_settings"] if each["slug"] == who)


def change(staff: Api, who: str, **parts: object) -> Any:
    now = settings(staff, who)
    kept = {name: value for name, value in now.items() if name not in ("id", "changed_at", "changed_by", "archived")}
    return put(staff, f"/resource-settings/{now['id']}", kept | parts)


@contextmanager
def statements(site: Site) -> Iterator[list[str]]:
    """Every statement that the one connection of a quiet unit runs meanwhile, without its values."""
    seen: list[str] = []
    with site.side.book.read(site.side.scope) as tx:
        driver = tx.connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_trace_callback(lambda sql: seen.append(re.sub(r"'[^']*'|\d+", "?", sql)))
    yield seen
    driver.set_trace_callback(None)
