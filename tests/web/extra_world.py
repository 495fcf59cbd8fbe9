"""What the tests of extras and fields set up over the API."""

from typing import Any

from appliance.booking import set_up_store
from appliance.booking.resources import Pool, Resource, ResourceKind
from tests.web.api_client import Api

WARM_UP = {"name": "Uppvärmning", "amount": 5_000, "vat_percent": 25, "minutes": 15, "service": "padel"}
RACKET = {"name": "Racket", "amount": 3_000, "vat_percent": 25, "most": 4, "account": "3051"}


def added(staff: Api, path: str, **body: object) -> dict[str, Any]:
    """What was added; fails when it is refused."""
    answer = staff.post(path, body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def projectors(api: Api, count: int = 1) -> None:
    """A pool `projectors` of so many, each one of a kind."""
    with api.site.side.book.write(api.site.side.scope, "test") as tx:
        things = [Resource(tx.ids.new(), f"projector-{n}", f"Projektor {n}") for n in range(1, count + 1)]
        for thing in things:
            set_up_store.add_resource(tx, thing)
        set_up_store.add_pool(tx, Pool(tx.ids.new(), "projectors", tuple(thing.id for thing in things)))


def balls(api: Api, count: int) -> None:
    """A pool `balls` with one counted resource of so many."""
    with api.site.side.book.write(api.site.side.scope, "test") as tx:
        ball = Resource(tx.ids.new(), "ball", "Boll", ResourceKind.COUNTED, count)
        set_up_store.add_resource(tx, ball)
        set_up_store.add_pool(tx, Pool(tx.ids.new(), "balls", (ball.id,)))


def wish(extra: dict[str, Any], quantity: int = 1) -> dict[str, Any]:
    return {"id": extra["id"], "quantity": quantity}
