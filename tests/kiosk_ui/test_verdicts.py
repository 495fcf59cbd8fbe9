"""KI-07: every reason has a screen in three languages, and it says what to do next."""

import pytest

from appliance.access.reasons import Reason
from appliance.foundation.i18n import LANGUAGES, text
from kiosk_ui.verdicts import VERDICTS, screen_for


def test_the_screens_are_those_of_the_closed_list() -> None:
    """AC-09, KI-07."""
    assert set(VERDICTS) == {str(reason) for reason in Reason}


@pytest.mark.parametrize("reason", sorted(VERDICTS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_screen_has_few_words_to_read_from_afar_and_a_next_step(reason: str, language: str) -> None:
    screen = VERDICTS[reason]
    assert 1 <= len(text(language, screen.title).split()) <= 3
    assert len(text(language, screen.title)) <= 17
    sentences = [screen.sentence, screen.next_step, screen.sentence_at]
    assert all(text(language, one, door="Entré", time="14:50").endswith((".", "?")) for one in sentences if one)


def test_only_a_granted_key_gets_the_colour_of_yes() -> None:
    assert [reason for reason, screen in VERDICTS.items() if screen.tone == "ok"] == ["granted"]


def test_what_waits_says_until_when() -> None:
    assert {reason for reason, screen in VERDICTS.items() if screen.sentence_at} == {"too_early", "locked_out"}


def test_a_reason_of_a_newer_unit_never_looks_like_a_yes() -> None:
    assert screen_for("from_the_future", granted=False).tone == "warn"
    assert screen_for("from_the_future", granted=True).tone == "ok"
