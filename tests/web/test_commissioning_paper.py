"""The record on paper: its words, in each language, with letters that core fonts have and some that they have not."""

import pytest

from appliance.web.commissioning_paper import pdf_of
from appliance.web.commissioning_words import RESULTS
from tests.whole_unit.test_commissioning import words_of

STEP = {"at": 1_800_000_003, "by": "unit", "reader": "", "took_ms": None, "entry": "", "size": None}
RECORD = {
    "facility": "f", "name": "L'Élan Åby (södra)", "time_zone": "Europe/Stockholm", "version": "0.1", "by": "cli",
    "begun_at": 1_800_000_000, "ended_at": 1_800_000_009, "key": "0123456789abcdef", "signature": "ab" * 64,
    "doors": [{
        "id": "d", "slug": "entrance", "name": "Entré Ω", "driver": "gpio", "hardware": "never_tried", "fail": "secure",
        "release_s": 5,
        "steps": [{**STEP, "step": "relock", "result": result, "took_ms": 5100} for result in RESULTS]
        + [{**STEP, "step": "scan", "reader": "keypad", "result": "passed", "entry": "card", "size": 26}],
    }],
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"),
    [("sv", "Kort, 26 bitar"), ("en", "Card, 26 bits"), ("fr", "Carte, 26 bits")],
)
def test_the_paper_says_what_the_record_says(language: str, said: str) -> None:
    """DR-12."""
    words = words_of(pdf_of(RECORD, language))
    assert all(part in words for part in ("L'Élan Åby (södra)", "Entré ?", said, "0123456789abcdef"))
    assert "5.1 s" in words
    assert pdf_of(RECORD, language) == pdf_of(RECORD, language)
