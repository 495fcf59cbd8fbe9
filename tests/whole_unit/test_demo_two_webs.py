"""Two web processes over one data folder: both serve, one keeps time, and nobody sells what the other has sold."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.config_file import load, write
from drivers.local_broker import free_port
from tests.storage.sweep import overlaps
from tests.waiting import stays, until
from tests.whole_unit.demo_api import Answer, Api, Json, wish
from tests.whole_unit.demo_unit import Demo, rows, running, running_demo

pytestmark = [pytest.mark.whole_unit, pytest.mark.slow]
TIMES = 24
LEASE_S = 60


@dataclass(frozen=True, slots=True)
class Pair:
    """The demo with its own web process, and a second one beside it."""

    demo: Demo
    second: Api
    first_pid: int
    second_process: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two web processes that differ in their ports alone."""
    folder = tmp_path_factory.mktemp("second")
    with running_demo() as demo:
        first_pid, port = demo.pid("web"), free_port()
        web = replace(demo.settings.web, port=port, live_port=free_port(), public_url=f"http://127.0.0.1:{port}")
        config = folder / "second.toml"
        config.write_text(write(replace(demo.settings, web=web)))
        with running("web", "--config", config, log=folder / "log") as process:
            api = Api(web.public_url)
            assert until(lambda: _answers(api), 60), (folder / "log").read_text()
            yield Pair(demo, api, first_pid, process)


def _answers(api: Api) -> bool:
    try:
        return bool(api.health()["status"] == "ok")
    except OSError:
        return False


def lease(data: Path) -> list[str]:
    """Who keeps time for the unit's own facility, as the file says."""
    of_own = "SELECT holder FROM lease WHERE name = 'timekeeper' AND facility_id = ?"
    return [str(row[0]) for row in rows(data / "booking.db", of_own, (load(data / "portvakt.toml").facility_id,))]


def at_once(apis: tuple[Api, Api], body: Json) -> list[Answer]:
    """The same wish to both in the same moment."""
    start, answers = threading.Barrier(2), list[Answer]()

    def ask(api: Api) -> None:
        start.wait(10)
        answers.append(api.ask("POST", "/bookings", body))

    threads = [threading.Thread(target=ask, args=(api,)) for api in apis]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


@pytest.mark.feature("BM-10", "SH-16", "DY-06")
def test_two_processes_never_sell_one_time_twice(pair: Pair) -> None:
    """BM-10: of two wishes in the same moment one is confirmed and the other hears `slot_taken`; both processes win."""
    demo, apis = pair.demo, (pair.demo.api, pair.second)
    now = demo.clock.now()
    slots = demo.api.slots(now + 24 * 3600, now + 48 * 3600)[::4][:TIMES]
    assert len(slots) == TIMES
    for number, slot in enumerate(slots):
        answers = at_once(apis if number % 2 else apis[::-1], wish(slot["start"], slot["resources"][0]))
        assert sorted(answer.status for answer in answers) == [201, 409], answers
        refused = next(answer for answer in answers if answer.status == 409)
        assert refused.body["code"] == "slot_taken"
    assert overlaps(demo.data / "booking.db") == []
    offered = [api.slots(now + 24 * 3600, now + 48 * 3600) for api in apis]
    assert offered[0] == offered[1], "both offer the same"


@pytest.mark.feature("BM-22", "BM-24")
def test_what_one_sells_the_other_knows_and_cancels(pair: Pair) -> None:
    """BM-22: booked here, cancelled there, in force at the door."""
    booking = pair.demo.book_open("court-3")
    assert pair.demo.reason("court-3", "pin", booking.pin) == "granted"
    later = pair.demo.book("court-3", after_s=26 * 3600)
    ended = pair.second.ask("POST", f"/bookings/{later.id}/cancel", {"cancel_code": later.cancel_code})
    assert (ended.status, ended.body["revocation"]) == (200, "done")
    assert pair.demo.reason("court-3", "qr", later.qr) == "cancelled"


def test_one_keeps_time_and_the_other_takes_over_when_it_dies(pair: Pair) -> None:
    """The lease names one holder, beat after beat; it passes on when the holder was killed and the lease is over."""
    demo = pair.demo
    pids = {f"web:{pair.first_pid}": pair.first_pid, f"web:{pair.second_process.pid}": pair.second_process.pid}
    assert until(lambda: len(lease(demo.data)) == 1, 5)
    holder = lease(demo.data)[0]
    assert holder in pids
    assert stays(lambda: lease(demo.data) == [holder], 2.5)
    other = next(name for name in pids if name != holder)
    survivor = pair.second if pids[holder] == pair.first_pid else demo.api
    with demo.unsupervised():
        os.kill(pids[holder], signal.SIGKILL)
        assert stays(lambda: lease(demo.data) == [holder], 1.5), "a lease that still runs is not taken"
        demo.clock.set(demo.clock.now() + LEASE_S + 1)
        assert until(lambda: lease(demo.data) == [other], 5)
        now = demo.clock.now()
        slot = survivor.slots(now + 50 * 3600, now + 60 * 3600)[0]
        assert survivor.ask("POST", "/bookings", wish(slot["start"], slot["resources"][0])).status == 201
