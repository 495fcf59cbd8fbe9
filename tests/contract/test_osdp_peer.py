"""The emulated reader against a control panel that somebody else wrote (DR-07).

Our driver and libosdp could agree with our emulator on the same mistake; this panel, pure Python from PyPI, shares code
with neither. It runs in an environment and a process of its own, because it installs a module of libosdp's name.
"""

import json
import queue
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from tests.contract.reader_rigs import OsdpRig
from tests.ptys import Tap
from tests.system_parts import path_of

pytestmark = [pytest.mark.slow, pytest.mark.needs("osdp-peer")]
MASTER = bytes.fromhex("8f0e1d2c3b4a59687786958493a2b1c0")
CUID = bytes.fromhex("50564b54454d5531")
CARD, CARD_ON_WIRE = "26:2468ACE", bytes.fromhex("91a2b380")


def diversified() -> str:
    """The key that a panel with this master key has for this reader: AES of its identity and that inverted."""
    encryptor = Cipher(AES(MASTER), ECB()).encryptor()  # noqa: S305
    return encryptor.update(CUID + bytes(byte ^ 0xFF for byte in CUID)).hex()


class Panel:
    """The peer's process; what it met comes line by line."""

    def __init__(self, port: Path, address: int) -> None:
        program = Path(__file__).with_name("osdp_peer.py")
        command = [str(path_of("osdp-peer")), str(program), str(port), str(address), MASTER.hex()]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._collect, daemon=True).start()

    def next(self) -> dict[str, Any]:
        return self._lines.get(timeout=20)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait(10)

    def _collect(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(json.loads(line))


@contextmanager
def meeting(key: str | None) -> Iterator[tuple[OsdpRig, Panel, Tap]]:
    with tempfile.TemporaryDirectory(prefix="pv-") as name:
        rig = OsdpRig(Path(name), key=key)
        tap = Tap(rig.folder / "tapped", rig.port)
        panel = Panel(rig.folder / "tapped", rig.address)
        try:
            yield rig, panel, tap
        finally:
            panel.close()
            tap.close()
            rig.close()


@pytest.fixture(params=["its own key", "the default key, then a new one"])
def met(request: pytest.FixtureRequest) -> Iterator[tuple[OsdpRig, Panel, Tap]]:
    with meeting(diversified() if request.param == "its own key" else None) as parts:
        yield parts


def test_a_stranger_meets_our_reader_over_a_secure_channel(met: tuple[OsdpRig, Panel, Tap]) -> None:
    """DR-07: identity, keys, a card and the lamp, and nothing of it lies open; with a key of its own and by KEYSET."""
    rig, panel, tap = met
    assert panel.next() == {"secure": True}
    assert panel.next() == {"identity": "50564b"}
    assert panel.next() == {"lamp": True}
    assert rig.shown()[-1] == {"lamp": "green", "tenths": 30}
    assert rig.key_file.read_text().strip() == diversified()
    rig.act("type", keys="27#")
    assert [panel.next()["keys"] for _ in "27#"] == ["2", "7", "\r"]
    rig.act("card", card=CARD)
    assert panel.next() == {"card": CARD}
    assert CARD_ON_WIRE not in tap.bytes
    assert not any(bytes([0x53, 0, 1, ord(digit)]) in tap.bytes for digit in "27")
    assert len(tap.bytes) > 300


def test_a_stranger_with_another_key_gets_nothing() -> None:
    """DR-07, control: the same panel and a reader with another key never agree."""
    with meeting("00" * 16) as (rig, panel, _tap):
        rig.act("type", keys="27#")
        with pytest.raises(queue.Empty):
            panel._lines.get(timeout=3)
        assert rig.act("look")["secure"] is False
