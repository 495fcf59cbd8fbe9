"""A service says how long, how much, and what it needs; one that contradicts itself is never made."""

from typing import Any

import pytest

from appliance.booking.services import Need, Service, ServiceKind
from appliance.foundation.money import Money

USUAL: dict[str, Any] = {
    "id": "s",
    "slug": "padel",
    "name": "Padel",
    "kind": ServiceKind.INDIVIDUAL,
    "durations": (60, 90),
    "prices": (Money(24000, "SEK"), Money(34000, "SEK")),
    "needs": (Need("courts"),),
}


def test_each_duration_has_its_price() -> None:
    """DY-15: duration and price belong to the service."""
    service = Service(**USUAL)
    assert service.price(90) == Money(34000, "SEK")
    assert service.price(60, 3) == Money(72000, "SEK")
    with pytest.raises(ValueError, match="not in tuple"):
        service.price(75)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"durations": (), "prices": ()}, "durations are minutes"),
        ({"durations": (60, 60)}, "each named once"),
        ({"durations": (60, 0)}, "durations are minutes"),
        ({"prices": (Money(1, "SEK"),)}, "one price for each"),
        ({"durations": (60, 1440), "after_minutes": 1}, "at most 24 hours"),
        ({"grid_minutes": 0}, "the grid"),
        ({"grid_minutes": 1441}, "the grid"),
        ({"before_minutes": -1}, "not negative"),
        ({"max_quantity": 0}, "at least one"),
        ({"needs": ()}, "have needs"),
        ({"kind": ServiceKind.CLASS}, "have needs"),
        ({"needs": (Need("courts", length_minutes=61),)}, "ends with the booking"),
        ({"needs": (Need("courts", offset_minutes=60),)}, "begins before"),
    ],
)
def test_a_service_that_contradicts_itself_is_refused(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Service(**(USUAL | wrong))


@pytest.mark.parametrize("wrong", [{"quantity": 0}, {"offset_minutes": -1}, {"length_minutes": 0}])
def test_a_need_is_of_something_for_some_time(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a need is"):
        Need("courts", **wrong)
