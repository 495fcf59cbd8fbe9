"""The one connection to the broker: what it refuses to say, and what it says when it cannot (DR-03, DR-10)."""

import socket
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.clock import SystemClock
from drivers.contract import Broker, DriverRefused, DriverUnreachable
from drivers.local_broker import free_port
from drivers.transports.mqtt_link import MqttLink, checked_topic
from tests.waiting import until

# What a broker answers to CONNECT (MQTT 3.1.1 section 3.2): CONNACK with a return code.
NOT_AUTHORISED = b"\x20\x02\x00\x05"


class Listener:
    """A member that only listens."""

    topics: Sequence[str] = ("portvakt/v1/hall/door/court-1/state",)

    def connected(self) -> None:
        return None

    def heard(self, topic: str, payload: bytes) -> None:
        return None

    def tick(self) -> None:
        return None

    def lost(self) -> None:
        return None


def link_to(port: int) -> MqttLink:
    return MqttLink(Broker("127.0.0.1", port), "portvakt-test", "portvakt/v1/hall/unit/availability", SystemClock())


@pytest.mark.parametrize("topic", ["", "a b", "a//b", "/a", "a/", "a/+", "a/#", "a.b", "å", "a/" + "b" * 250, "$SYS/a"])
def test_a_topic_that_a_broker_might_choke_on_is_refused(topic: str) -> None:
    """DR-03: a space makes NATS hang up, and a client would send it again for ever."""
    with pytest.raises(DriverRefused):
        checked_topic(topic)


@given(levels=st.lists(st.text("abcZ09_-", min_size=1, max_size=10), min_size=1, max_size=8))
def test_plain_levels_pass(levels: list[str]) -> None:
    """DR-03: letters, digits, - and _."""
    assert checked_topic("/".join(levels)) == "/".join(levels)


def test_nothing_is_published_without_a_broker() -> None:
    """DR-03: neither now nor later."""
    link, listener = link_to(free_port()), Listener()
    link.attach(listener)
    assert until(lambda: "no MQTT broker answers" in link.health().fault)
    with pytest.raises(DriverUnreachable, match="no MQTT broker answers"):
        link.publish("portvakt/v1/hall/door/court-1/command", b"{}")
    link.detach(listener)
    assert link.health().fault == "stopped"


@pytest.mark.parametrize(
    ("answer", "fault"), [(NOT_AUTHORISED, "check the user name"), (b"HTTP/1.1 400 Bad Request\r\n\r\n", "hung up")]
)
def test_a_broker_that_refuses_or_is_none_is_told_from_one_that_is_away(answer: bytes, fault: str) -> None:
    """DR-10: health says what to do."""
    done = threading.Event()

    def serve(listener: socket.socket) -> None:
        while not done.is_set():
            try:
                peer, _address = listener.accept()
            except OSError:
                return
            with peer:
                peer.recv(1024)
                peer.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        link, member = link_to(listener.getsockname()[1]), Listener()
        link.attach(member)
        assert until(lambda: fault in link.health().last_fault), link.health()
        done.set()
        link.detach(member)
