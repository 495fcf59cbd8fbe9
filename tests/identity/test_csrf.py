"""A CSRF token holds for its own session and no other."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.identity.csrf import csrf_holds, csrf_token
from appliance.identity.session_tokens import new_token

SESSION = new_token()


def test_it_holds_for_its_session_alone() -> None:
    assert csrf_holds(SESSION, csrf_token(SESSION))
    assert not csrf_holds(new_token(), csrf_token(SESSION))
    assert not csrf_holds(SESSION, csrf_token(SESSION).upper())
    assert not csrf_holds(SESSION, SESSION)


def test_it_tells_nothing_of_the_session_token() -> None:
    assert SESSION not in csrf_token(SESSION)
    assert len(csrf_token(SESSION)) == 64


@given(st.text(max_size=100))
def test_no_other_text_holds(presented: str) -> None:
    assert not csrf_holds(SESSION, presented)
