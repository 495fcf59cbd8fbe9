"""The house stands: imports flow one way, and each contract of pyproject.toml is shown to fail when it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PRODUCT, ROOT

# Where a wrong import is planted, what it says, and the contract that must find it.
PLANTED = [
    ("appliance/foundation/money.py", "import drivers.contract", "floors"),
    ("appliance/foundation/money.py", "import appliance.storage.chain", "floors"),
    ("appliance/storage/chain.py", "import appliance.booking", "floors"),
    ("appliance/customers/contacts.py", "import appliance.booking", "floors"),
    ("appliance/keys/pins.py", "import appliance.web", "floors"),
    ("appliance/booking/__init__.py", "import appliance.keys.pins", "booking-knows-no-doors"),
    ("appliance/booking/__init__.py", "import drivers.contract", "booking-knows-no-doors"),
    ("appliance/access/__init__.py", "import appliance.booking", "access-knows-no-booking"),
    ("appliance/access/__init__.py", "import appliance.customers", "access-knows-no-booking"),
    ("appliance/access/__init__.py", "import appliance.keys.tables", "door-process"),
    ("appliance/access/__init__.py", "import appliance.storage.engine", "door-process"),
    ("appliance/storage/chain.py", "import appliance.storage.engine", "door-process"),
    ("appliance/door_socket/__init__.py", "import flask", "door-process"),
    ("appliance/keys/pins.py", "import flask", "door-process"),
    ("appliance/boot/door.py", "import appliance.boot.booking_side", "door-process"),
    ("drivers/contract.py", "import appliance.access", "drivers"),
    ("drivers/contract.py", "import appliance.keys.pins", "drivers"),
    ("appliance/web/__init__.py", "import alembic", "sqlalchemy"),
    ("kiosk_ui/__init__.py", "import sqlalchemy", "sqlalchemy"),
    ("kiosk_ui/__init__.py", "import appliance.web", "floors"),
    ("kiosk_ui/__init__.py", "import drivers.contract", "pages-decide-nothing"),
    ("kiosk_ui/__init__.py", "import sqlite3", "pages-decide-nothing"),
    ("kiosk_ui/__init__.py", "import pyqrcode", "qr-pictures"),
    ("appliance/booking/__init__.py", "import flask", "flask"),
    ("appliance/boot/__init__.py", "import gpiozero", "device-libraries"),
    ("appliance/web/__init__.py", "import paho.mqtt.client", "device-libraries"),
    ("drivers/simulated/__init__.py", "import drivers.gpio", "drivers-apart"),
    ("drivers/emulators/__init__.py", "import drivers.mqtt_lock.messages", "drivers-apart"),
    ("appliance/access/__init__.py", "import drivers.simulated", "adapters"),
    ("drivers/registry.py", "import drivers.gpio.driver", "adapters"),
    ("drivers/mqtt_lock/messages.py", "import time", "codecs"),
    ("appliance/booking/__init__.py", "import appliance.config", "configuration"),
]


def lint_imports(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the contracts of `folder`, over the packages that lie in it."""
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [command, "--no-cache", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )  # fmt: skip


def test_every_contract_holds() -> None:
    run = lint_imports(ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
def test_each_contract_finds_a_planted_import(tmp_path: Path) -> None:
    for package in PRODUCT:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "*.mo", "__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    unseen = []
    for name, line, contract in PLANTED:
        file = tmp_path / name
        before = file.read_text(encoding="utf-8")
        file.write_text(f"{before}\n\n{line}\n", encoding="utf-8")
        if "1 broken" not in lint_imports(tmp_path, "--contract", contract).stdout:
            unseen.append((name, line, contract))
        file.write_text(before, encoding="utf-8")
    assert unseen == []
