"""The broker that demo and tests start for themselves (DR-03)."""

import socket
from pathlib import Path

import pytest

from appliance.foundation.errors import NeedsAttention
from drivers.local_broker import LocalBroker, find_binary, free_port


def test_the_broker_is_ready_when_start_returns_and_gone_when_stop_does(tmp_path: Path) -> None:
    """DR-03: on loopback only, on the same port after a restart."""
    broker = LocalBroker(tmp_path / "broker")
    for end in (broker.stop, broker.kill):
        broker.start()
        assert broker.host == "127.0.0.1"
        socket.create_connection((broker.host, broker.port), 1).close()
        end()
        with pytest.raises(OSError, match=r".+"):
            socket.create_connection((broker.host, broker.port), 1)
    assert broker.pid is None


def test_every_stored_message_is_synced(tmp_path: Path) -> None:
    """DR-03: nats-server syncs every two minutes unless told otherwise."""
    broker = LocalBroker(tmp_path / "broker")
    broker.start()
    broker.stop()
    assert "sync_interval: always" in (tmp_path / "broker" / "nats.conf").read_text()


def test_a_port_that_is_taken_is_a_fault_that_says_where_to_look(tmp_path: Path) -> None:
    """DR-10: not a broker that pretends to have started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        broker = LocalBroker(tmp_path / "broker", taken.getsockname()[1])
        with pytest.raises(NeedsAttention, match=r"nats\.log"):
            broker.start()


def test_the_binary_is_found_beside_this_python() -> None:
    """DR-03: pip alone brings the broker."""
    assert Path(find_binary()).name == "nats-server"
    assert 1024 <= free_port() < 65536
