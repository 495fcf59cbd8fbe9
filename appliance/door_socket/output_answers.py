"""What the door process answers about outputs and areas, as values, and how they are read from its lines."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.door_socket.answers import flag, number, number_or_none, text
from appliance.foundation.instants import Instant


@dataclass(frozen=True, slots=True)
class AreaView:
    """How many are inside an area: people, and the bookings by whose keys they came."""

    area: str
    bookings: int
    people: int


@dataclass(frozen=True, slots=True)
class OutputView:
    """One output. override_until: until when staff have their will of it, UTC seconds; None while bookings decide."""

    id: str
    slug: str
    name: str
    driver: str
    on: bool
    override_until: Instant | None
    online: bool
    fault: str


def area(answer: Mapping[str, object]) -> AreaView:
    """One area in an answer."""
    return AreaView(text(answer, "area"), number(answer, "bookings"), number(answer, "people"))


def output(answer: Mapping[str, object]) -> OutputView:
    """One output in an answer."""
    return OutputView(
        id=text(answer, "id"),
        slug=text(answer, "slug"),
        name=text(answer, "name"),
        driver=text(answer, "driver"),
        on=flag(answer, "on"),
        override_until=number_or_none(answer, "override_until"),
        online=flag(answer, "online"),
        fault=text(answer, "fault"),
    )
