"""Every promised feature is on the list, and what the list calls done is shown by a test that exists and says so."""

from typing import Any

import pytest

from tools import features
from tools.features import Carrier

TESTS = [Carrier("tests/access/test_throttle.py::test_five_free_tries", frozenset({"AC-10"}))]


def listed(**entries: dict[str, Any]) -> dict[str, Any]:
    return {"expected": {"AC": 1}} | {name.replace("_", "-"): entry for name, entry in entries.items()}


def test_the_list_holds_all_244_features_and_names_only_tests_that_carry_them() -> None:
    listed_features = features.read_list(features.ROOT)
    assert sum(listed_features["expected"].values()) == 244
    assert features.faults(listed_features, features.carriers(features.ROOT)) == []


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ({}, "AC-01 is missing"),
        ({"AC_01": {"title": "PIN", "todo": True}, "AC_02": {"title": "QR", "todo": True}}, "AC-02 is not on the list"),
        ({"AC_01": {"title": "PIN"}}, "exactly one of"),
        ({"AC_01": {"title": "PIN", "todo": True, "done": ["x"]}}, "exactly one of"),
        ({"AC_01": {"title": "", "todo": True}}, "no title"),
        ({"AC_01": {"title": "PIN", "todo": False}}, "todo is true"),
        ({"AC_01": {"title": "PIN", "not_software": ""}}, "needs a reason"),
        ({"AC_01": {"title": "PIN", "done": []}}, "done needs a test"),
        ({"AC_01": {"title": "PIN", "done": ["tests/no.py::test_no"]}}, "there is no test"),
        ({"AC_01": {"title": "PIN", "done": [TESTS[0].address]}}, "does not carry the id AC-01"),
    ],
)
def test_a_wrong_list_is_found(entries: dict[str, dict[str, Any]], fault: str) -> None:
    assert any(fault in found for found in features.faults(listed(**entries), TESTS))


def test_a_right_list_passes() -> None:
    assert features.faults(listed(AC_01={"title": "PIN", "todo": True}), TESTS) == []


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("AC-10: throttling", {"AC-10"}),
        ("BRP-04 and DY-10", {"BRP-04", "DY-10"}),
        ("AC-07 to AC-09", {"AC-07", "AC-08", "AC-09"}),
        ("RFC 8032, UTF-8, AC-1", set()),
    ],
)
def test_ids_are_read_from_sentences(text: str, ids: set[str]) -> None:
    assert features.ids_in(text) == ids
