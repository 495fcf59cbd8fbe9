"""KI-02: a no says what to do next, and from when it would be a yes."""

import pytest

from appliance.foundation.i18n import LANGUAGES
from appliance.foundation.refusals import Refusal
from kiosk_ui.refusal_texts import refusal_text
from tests.kiosk_ui.fake_desk import AFTERNOON, ZONE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "reason", ["slot_taken", "hold_gone", "too_late_to_cancel", "not_begun", "already_ended", "never_heard_of"]
)
def test_every_refusal_has_a_sentence(reason: str, language: str) -> None:
    sentence = refusal_text(Refusal(reason), language, AFTERNOON, ZONE)
    assert sentence.endswith(".")
    assert reason not in sentence


def test_a_refusal_that_passes_says_when() -> None:
    sentence = refusal_text(Refusal("too_early", AFTERNOON + 3600), "en", AFTERNOON, ZONE)
    assert sentence.endswith("It will be possible from 15:10.")


def test_an_instant_that_has_passed_is_not_promised() -> None:
    assert "15:10" not in refusal_text(Refusal("too_early", AFTERNOON - 3600), "en", AFTERNOON, ZONE)
