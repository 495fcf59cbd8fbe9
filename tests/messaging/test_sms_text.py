"""How many parts an SMS goes in, by the published tables (3GPP TS 23.038, 23.040)."""

import pytest

from appliance.messaging.placeholders import Link
from appliance.messaging.rendering import short
from appliance.messaging.sms_text import is_gsm, parts, simplified


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("å" * 160, 1),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 8, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("ž" + "a" * 69, 1),
        ("ž" + "a" * 70, 2),
    ],
)
def test_parts_are_counted_as_the_network_counts_them(text: str, count: int) -> None:
    """DY-19: 160 or 153 signs of the GSM alphabet, two for those behind an escape; else 70 or 67 units of 16 bits."""
    assert parts(text) == count


def test_signs_that_cost_more_are_made_plain() -> None:
    """DY-19: a dash or a space that no break may part halves the room of an SMS."""
    told = simplified("Måndag 14:00–15:00, 80\u00a0kr “O’Neill”")
    assert told == 'Måndag 14:00-15:00, 80 kr "O\'Neill"'
    assert is_gsm(told)


def test_what_is_too_long_is_its_subject_and_a_link_without_the_pin() -> None:
    """DY-71: a link and not a PIN where there is no room."""
    told: dict[str, str | Link] = {
        "pin": "123456",
        "extras": "ж" * 300,
        "key_url": Link("http://unit.test/k/1?sig=abc"),
    }
    sent = short("{extras} {pin}", "Bokat: Padel", told)
    assert sent == "Bokat: Padel http://unit.test/k/1?sig=abc"
    assert short("PIN {pin}", "Bokat", told) == "PIN 123456"
