"""Buying a card at the kiosk: which, a contact, and a number to pay by; no way where nothing is sold."""

import pytest

from tests.kiosk_ui.fake_counter import TEN_CARD
from tests.kiosk_ui.fake_desk import FakeDesk
from tests.kiosk_ui.touching import Person


@pytest.mark.feature("DY-23")
def test_a_card_is_bought_in_three_steps_and_the_staff_are_paid(desk: FakeDesk, person: Person) -> None:
    """DY-23: what it costs with its VAT and what it is good for; then a number, whom to pay, and its page."""
    desk.sold = (TEN_CARD,)
    person.open("/kiosk/")
    assert "/kiosk/buy" in person.page
    person.open("/kiosk/buy")
    assert (person.heading, "10 besök" in person.page) == ("Vilket?", True)
    person.press("/kiosk/buy", product="card-id")
    assert (person.where, person.heading) == ("/kiosk/buy/contact", "Hur når vi dig?")
    assert "60 kr moms" in person.page
    person.press("/kiosk/buy/contact", by="phone", contact="1")
    assert "Kontrollera siffrorna" in person.page
    person.press("/kiosk/buy/contact", by="phone", contact="0701234567")
    assert (person.where, person.heading) == ("/kiosk/bought", "Betala nu till personalen.")
    assert "7K3Q" in person.page
    assert desk.ordered == [("card-id", "0701234567")]
    person.open("/kiosk/buy/contact")
    assert person.where == "/kiosk/buy"


def test_where_nothing_is_sold_there_is_no_way_to_buy(desk: FakeDesk, person: Person) -> None:
    """KI-01: no tile that leads to nothing, and no screen behind it."""
    person.open("/kiosk/")
    assert "/kiosk/buy" not in person.page
    for screen in ("/kiosk/buy", "/kiosk/bought"):
        person.open(screen)
        assert person.where == "/kiosk/"
