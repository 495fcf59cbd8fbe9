"""A pretend hall and a person in it."""

import pytest

from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.touching import Person


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def person(desk: FakeDesk) -> Person:
    return Person(desk)
