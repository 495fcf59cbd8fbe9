"""KI-08: a visit lasts while somebody is there, and leaves nothing behind."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.clock import FakeClock
from kiosk_ui.visits import VISIT_S, VISITS, Visit, Visits


def test_a_visit_is_found_by_its_cookie_and_changed() -> None:
    visits = Visits(FakeClock(), lambda _: None)
    cookie = visits.begin(Visit())
    visits.keep(cookie, replace(Visit(), language="fr"))
    found = visits.find(cookie)
    assert found is not None
    assert found.language == "fr"
    assert visits.find("another") is None


def test_a_visit_that_is_left_alone_ends_and_says_what_it_held() -> None:
    clock = FakeClock()
    dropped: list[Visit] = []
    visits = Visits(clock, dropped.append)
    cookie = visits.begin(Visit(typed="070"))
    clock.advance(VISIT_S - 1)
    assert visits.find(cookie)
    clock.advance(VISIT_S)
    assert visits.find(cookie) is None
    assert [visit.typed for visit in dropped] == ["070"]


def test_an_ended_visit_stays_ended() -> None:
    visits = Visits(FakeClock(), lambda _: None)
    cookie = visits.begin(Visit())
    visits.end(cookie)
    visits.keep(cookie, Visit(typed="late"))
    visits.end(cookie)
    assert visits.find(cookie) is None


@given(st.integers(VISITS, VISITS + 40))
def test_many_visits_push_out_the_oldest_only(count: int) -> None:
    visits = Visits(FakeClock(), lambda _: None)
    cookies = [visits.begin(Visit()) for _ in range(count)]
    assert [cookie for cookie in cookies if visits.find(cookie)] == cookies[-VISITS:]


def test_no_two_visits_share_a_cookie_or_a_form_token() -> None:
    visits = Visits(FakeClock(), lambda _: None)
    assert len({visits.begin(Visit()) for _ in range(50)}) == 50
    assert len({Visit().form_token for _ in range(50)}) == 50
