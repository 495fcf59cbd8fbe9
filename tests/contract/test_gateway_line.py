"""The line to a gateway under attack and under wrong keys (DR-04, DR-13)."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.gateway.frames import Direction, FrameReader, FrameType, sealed_frame
from tests.contract.programs import told
from tests.contract.rco_rigs import RcoSerialRig
from tests.waiting import stays, until

pytestmark = pytest.mark.slow


@pytest.fixture
def rig(tmp_path: Path, short_folder: Path) -> Iterator[RcoSerialRig]:
    folder = short_folder / tmp_path.name
    folder.mkdir()
    one = RcoSerialRig(folder)
    yield one
    one.finish()
    one.close()


def test_a_wrong_link_key_is_named(rig: RcoSerialRig) -> None:
    """DR-04, DR-10: health says what is wrong and what to do."""
    rig.key = secrets.token_hex(32)
    driver = rig.started()
    assert until(lambda: "link key" in driver.health().fault or "does not answer" in driver.health().fault, 15)
    assert not driver.health().online


def test_what_was_recorded_on_the_line_opens_nothing(rig: RcoSerialRig) -> None:
    """DR-13: who holds no key makes no request, and one that was good in another session is worth nothing."""
    line = os.open(rig.port, os.O_RDWR | os.O_NOCTTY)
    try:
        for key in (bytes(32), secrets.token_bytes(32)):
            request = b'{"v":1,"id":"a","op":"hold","device":"D1","on":true,"seconds":60}'
            os.write(line, sealed_frame(FrameType.REQUEST, 9, request, key, Direction.TO_GATEWAY))
        reader = FrameReader()
        assert until(lambda: any(one.type is FrameType.NAK for one in reader.feed(os.read(line, 4096))), 5)
        assert stays(lambda: not _is_free(rig), 0.3)
    finally:
        os.close(line)


def _is_free(rig: RcoSerialRig) -> bool:
    doors = told(rig.control, act="look")["doors"]
    assert isinstance(doors, dict)
    return bool(doors["D1"]["bolt"] == "released")
