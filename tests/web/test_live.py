"""The live hub: hints to pages beside waitress, by ticket, with what was missed (reference: WHATWG HTML 9.2)."""

import http.client
import socket
from collections.abc import Iterator
from threading import Event

import pytest

from appliance.door_socket.answers import DoorView
from appliance.foundation.clock import FakeClock
from appliance.foundation.errors import Retryable
from appliance.web.live import QUEUE, REMEMBERED, TICKET_S, LiveHub
from appliance.web.live_doors import LiveDoors

ORIGIN = "http://127.0.0.1:8080"


class Listener:
    """A page: an open stream, read line by line."""

    def __init__(self, hub: LiveHub, ticket: str, origin: str = ORIGIN, last: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=5)
        headers = {"Origin": origin} | ({"Last-Event-ID": last} if last else {})
        self.connection.request("GET", f"/?ticket={ticket}", headers=headers)
        self.answer = self.connection.getresponse()

    def next(self) -> dict[str, str]:
        """The next event, comments left out."""
        fields: dict[str, str] = {}
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if not line and "data" in fields:
                return fields
            name, colon, value = line.partition(": ")
            if colon and name:
                fields[name] = value

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def hub(clock: FakeClock) -> Iterator[LiveHub]:
    hub = LiveHub(clock)
    hub.start()
    yield hub
    hub.stop()


@pytest.fixture
def listener(hub: LiveHub) -> Iterator[Listener]:
    listener = Listener(hub, hub.ticket(ORIGIN))
    yield listener
    listener.close()


def test_a_page_hears_what_happens(hub: LiveHub, listener: Listener) -> None:
    assert listener.answer.status == 200
    assert listener.answer.getheader("Content-Type") == "text/event-stream"
    assert listener.answer.getheader("Access-Control-Allow-Origin") == ORIGIN
    hub.publish("door", {"door": "entrance", "state": "open"})
    assert listener.next() == {
        "retry": "1500",
        "id": "1",
        "event": "door",
        "data": '{"door": "entrance", "state": "open"}',
    }


def test_a_page_that_comes_back_is_told_what_it_missed(hub: LiveHub, listener: Listener) -> None:
    for number in range(3):
        hub.publish("door", {"n": number})
    assert [listener.next()["id"] for _ in range(3)] == ["1", "2", "3"]
    again = Listener(hub, hub.ticket(ORIGIN), last="1")
    assert [again.next()["id"] for _ in range(2)] == ["2", "3"]
    again.close()


@pytest.mark.parametrize("last", ["1", "99999", "007"])
def test_a_page_that_missed_too_much_is_told_to_ask_for_everything(hub: LiveHub, listener: Listener, last: str) -> None:
    for number in range(REMEMBERED + 20):
        hub.publish("door", {"n": number})
    while listener.next()["id"] != str(REMEMBERED + 20):
        pass
    again = Listener(hub, hub.ticket(ORIGIN), last=last)
    assert again.next()["event"] == "resync"
    again.close()


@pytest.mark.parametrize("ticket", ["", "x", "99999999999.ff", "9" * 40 + ".00", "\N{DIGIT ONE}.%00", ".", "-1.a"])
def test_nobody_is_let_in_without_a_ticket(hub: LiveHub, ticket: str) -> None:
    assert Listener(hub, ticket).answer.status == 403


def test_a_ticket_is_for_one_origin_and_one_minute(hub: LiveHub, clock: FakeClock) -> None:
    ticket = hub.ticket(ORIGIN)
    assert Listener(hub, ticket, origin="http://evil.example").answer.status == 403
    clock.advance(TICKET_S - 1)
    assert Listener(hub, ticket).answer.status == 200
    clock.advance(1)
    assert Listener(hub, ticket).answer.status == 403


@pytest.mark.parametrize("rubbish", [b"\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n", b"\xff" * 20_000, b"GET\r\nX\r\n\r\n"])
def test_rubbish_ends_its_own_connection_only(hub: LiveHub, rubbish: bytes) -> None:
    with socket.create_connection(("127.0.0.1", hub.port), 5) as line:
        line.sendall(rubbish)
        assert b"200" not in line.recv(200) if len(rubbish) < 8192 else True
    listener = Listener(hub, hub.ticket(ORIGIN))
    hub.publish("door", {})
    assert listener.next()["event"] == "door"
    listener.close()


def test_a_slow_page_loses_the_oldest_and_hears_the_newest(hub: LiveHub) -> None:
    slow = Listener(hub, hub.ticket(ORIGIN))
    hub.publish("first", {})
    assert slow.next()["event"] == "first"
    for number in range(QUEUE * 50):
        hub.publish("door", {"n": number, "padding": "x" * 2000})
    last = str(QUEUE * 50 + 1)
    while slow.next()["id"] != last:
        pass
    slow.close()


def test_many_pages_hear_the_same(hub: LiveHub) -> None:
    listeners = [Listener(hub, hub.ticket(ORIGIN)) for _ in range(40)]
    hub.publish("door", {"door": "entrance"})
    assert {listener.next()["id"] for listener in listeners} == {"1"}
    for listener in listeners:
        listener.close()


def test_a_stopped_hub_takes_events_in_silence(clock: FakeClock) -> None:
    hub = LiveHub(clock)
    hub.publish("before", {})
    hub.start()
    hub.stop()
    hub.publish("after", {})
    hub.stop()


def test_a_taken_port_is_said_at_once(hub: LiveHub, clock: FakeClock) -> None:
    with pytest.raises(OSError, match="cannot listen"):
        LiveHub(clock, port=hub.port).start()


class Doors:
    """A door process that is away at first, then reports one change."""

    def __init__(self) -> None:
        self.tries = 0
        self.told = Event()

    def watch(self) -> Iterator[DoorView | None]:
        self.tries += 1
        if self.tries == 1:
            raise Retryable("away")
        yield None
        yield DoorView("id", "entrance", "Entré", "open", "normal", "gpio", True, "", False, False)
        self.told.set()


def test_what_the_door_process_reports_reaches_the_pages(hub: LiveHub, listener: Listener) -> None:
    doors = Doors()
    relay = LiveDoors(doors, hub)
    relay.start()
    assert listener.next()["event"] == "doors"
    assert listener.next()["data"] == '{"door": "entrance", "state": "open"}'
    assert doors.told.wait(5)
    relay.stop()
