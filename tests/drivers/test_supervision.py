"""Links come back by themselves, later and later, and say how they are (DR-10)."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.clock import FakeClock
from drivers.contract import DriverHealth, DriverRefused, DriverUnreachable
from drivers.supervision import FIRST_DELAY_S, LONGEST_DELAY_S, FaultMemory, SupervisedLink, delay_s
from tests.waiting import until


@given(attempt=st.integers(0, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_each_delay_is_in_the_upper_half_of_a_doubling_ceiling(attempt: int, chance: float) -> None:
    """DR-10: jittered exponential back-off, never longer than half a minute."""
    ceiling = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(attempt, 20))
    assert ceiling / 2 <= delay_s(attempt, chance) <= ceiling


def test_delays_spread_so_that_links_do_not_come_back_together() -> None:
    """DR-10: the same attempt waits differently by chance."""
    assert len({delay_s(5, chance / 10) for chance in range(10)}) == 10


class Line:
    """A link whose losses are told one by one."""

    def __init__(self, *losses: Exception) -> None:
        self.losses = list(losses)
        self.clock = FakeClock()
        self.wake = threading.Event()
        self.served = 0
        self.link = SupervisedLink("test", self.serve, self.wake.set, self.clock, chance=lambda: 0.0)

    def serve(self, link: SupervisedLink) -> None:
        self.served += 1
        if self.losses:
            raise self.losses.pop(0)
        link.came_online()
        self.wake.wait(10)


def test_a_link_tries_again_until_it_is_up_and_remembers_what_was_wrong() -> None:
    """DR-10: last seen, last fault, and what to do."""
    line = Line(DriverUnreachable("no answer at 10.0.0.5"), OSError("no route"))
    line.link.start()
    assert until(lambda: line.link.online)
    health = line.link.health()
    assert line.served == 3
    assert (health.online, health.fault, health.last_seen) == (True, "", line.clock.now())
    assert health.last_fault == "no route; trying again by itself"
    assert health.last_fault_at == line.clock.now()
    line.link.stop()
    assert line.link.health() == DriverHealth(False, "stopped", line.clock.now(), "stopped", line.clock.now())


def test_what_a_person_must_do_is_told_and_tried_all_the_same() -> None:
    """DR-10: a refusal stands in health as it is, and may be mended behind our back."""
    line = Line(DriverRefused("the broker refuses us; check the password"))
    line.link.start()
    assert until(lambda: line.link.online)
    assert line.link.health().last_fault == "the broker refuses us; check the password"
    line.link.stop()


def test_a_mistake_of_our_own_does_not_end_the_link() -> None:
    """DR-10: the owner thread survives a bug and says that it was one."""
    line = Line(ZeroDivisionError())
    line.link.start()
    assert until(lambda: line.link.online)
    assert "internal fault (ZeroDivisionError)" in line.link.health().last_fault
    line.link.stop()


def test_a_link_stops_in_the_middle_of_its_waiting() -> None:
    """DR-10: stop does not wait for the back-off to pass."""
    line = Line(*[OSError("down")] * 100)
    line.link.start()
    assert until(lambda: line.served >= 3)
    line.link.stop()
    assert not line.link.online


def test_a_fault_is_remembered_with_the_moment_it_began() -> None:
    """DR-10: standing faults keep their first moment, cured ones stay readable."""
    clock = FakeClock(1000)
    memory = FaultMemory(clock)
    assert memory.noted(DriverHealth(True)).last_fault_at is None
    assert memory.noted(DriverHealth(False, "cut")).last_fault_at == 1000
    clock.advance(60)
    assert memory.noted(DriverHealth(False, "cut")).last_fault_at == 1000
    assert memory.noted(DriverHealth(True)).last_fault == "cut"
    clock.advance(60)
    assert memory.noted(DriverHealth(False, "cut")).last_fault_at == 1120
