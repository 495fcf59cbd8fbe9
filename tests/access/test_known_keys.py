"""Keys come as journal entries and are read strictly (AC-07)."""

import pytest

from appliance.access.known_keys import KeyState, parse_known_key
from appliance.foundation.errors import Invalid
from tests.access.bookings import key, uuid


def test_a_key_of_any_kind_is_read() -> None:
    """AC-07: kinds to come are kept too."""
    known = parse_known_key(key(1, kind="card", lookup="00ff", state="not_paid"))
    assert (known.id, known.kind, known.lookup, known.state) == (uuid(1001), "card", b"\x00\xff", KeyState.NOT_PAID)
    assert set(known.doors) == {uuid(100), uuid(101)}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"state": "open"}, "state"),
        ({"lookup": "no"}, "lookup"),
        ({"valid_from": "1"}, "valid_from"),
        ({"revision": True}, "revision"),
        ({"doors": "all"}, "doors"),
        ({"doors": {"d": [5, 5]}}, "doors.d"),
        ({"id": None}, "id"),
    ],
)
def test_a_mistake_is_named(changes: dict[str, object], field: str) -> None:
    """AC-07: an entry that is no key opens nothing."""
    with pytest.raises(Invalid) as caught:
        parse_known_key({**key(1), **changes})
    assert [error.field for error in caught.value.errors] == [field]
