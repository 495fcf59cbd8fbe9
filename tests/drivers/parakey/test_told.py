"""Whose grant a door was opened by (DR-06)."""

from appliance.foundation.instants import DAY, HOUR, Interval
from drivers.controller_contract import ControllerGrant
from drivers.parakey.told import LATEST_BURST_S, LEAST_LIMIT, ToldGrants

NOW = 1_800_000_000


def grant(id_: str, revision: int = 1, email: str = "Anna@example.org", start: int = NOW) -> ControllerGrant:
    return ControllerGrant(id_, revision, ("court",), Interval(start, start + HOUR), email=email)


def test_an_opening_belongs_to_the_person_the_door_and_the_time() -> None:
    """DR-06: and confirms once for each revision."""
    told = ToldGrants()
    told.note(grant("g-1"), NOW)
    told.note(grant("g-2", start=NOW + DAY), NOW)
    one = grant("g-1")
    assert told.used("anna@EXAMPLE.org", "court", NOW + 5) == (one, True)
    assert told.used("anna@example.org", None, NOW + HOUR + 30) == (one, False), "a minute's slack, another lock"
    assert told.used("anna@example.org", "hall", NOW + 5) == (None, False)
    assert told.used("anna@example.org", "court", NOW + 2 * HOUR) == (None, False)
    assert told.used("", "court", NOW + 5) == (None, False)
    told.note(grant("g-1", 2), NOW)
    assert told.used("anna@example.org", "court", NOW + 5) == (grant("g-1", 2), True)


def test_a_grant_that_was_taken_back_still_explains_a_late_log_and_is_not_confirmed() -> None:
    """DR-06: a lock that was alone tells late of what was right then."""
    told = ToldGrants()
    told.note(grant("g-1"), NOW)
    told.note(grant("g-1", 2), NOW, gone=True)
    assert told.used("anna@example.org", "court", NOW + 5) == (grant("g-1", 2), False)
    assert not told.note(grant("g-1", 1), NOW), "an older revision"
    assert told.newest("g-1") == 2


def test_a_person_with_another_address_is_another_person() -> None:
    """DR-06: a booking whose customer was changed."""
    told = ToldGrants()
    told.note(grant("g-1"), NOW)
    told.note(grant("g-1", 2, "bo@example.org"), NOW)
    assert told.used("anna@example.org", "court", NOW + 5) == (None, False)
    assert told.used("bo@example.org", "court", NOW + 5)[1]


def test_what_is_long_over_is_forgotten() -> None:
    """DR-06: memory holds what a late burst may still tell of, and no more."""
    told = ToldGrants()
    for number in range(LEAST_LIMIT):
        told.note(grant(f"g-{number}", email=f"{number}@example.org"), NOW)
    later = NOW + HOUR + LATEST_BURST_S + 1
    told.note(grant("fresh", start=later), later)
    assert told.newest("g-0") == -1
    assert told.newest("fresh") == 1
