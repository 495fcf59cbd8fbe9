"""The door process stays small: what it is made of loads no page, no booking, no SQLAlchemy and no device library."""

import importlib.util
import subprocess
import sys

import pytest

from tests.house.tree import ROOT

MADE_OF = (
    "appliance.access.decision",
    "appliance.boot.door",
    "appliance.door_socket",
    "appliance.keys.passes",
    "appliance.storage.door_file",
    "appliance.storage.follower",
    "drivers.registry",
)
NEVER = (
    "alembic", "appliance.booking", "appliance.web", "argon2", "babel", "cloud_bridge", "email_validator", "flask",
    "gpiozero", "importlib.metadata", "jinja2", "kiosk_ui", "marshmallow", "osdp_sys", "paho", "phonenumbers",
    "pyqrcode", "rich", "serial", "sqlalchemy", "waitress",
)  # fmt: skip
SHOW = "import {module}, sys; print(chr(10).join(name for name in {never} if name in sys.modules))"


def loaded(module: str) -> list[str]:
    """Which of `NEVER` a fresh Python has loaded after importing `module`."""
    source = SHOW.format(module=module, never=NEVER)
    run = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True)
    return run.stdout.split()


@pytest.mark.parametrize("module", [name for name in MADE_OF if importlib.util.find_spec(name)])
def test_what_the_door_process_is_made_of_loads_nothing_heavy(module: str) -> None:
    assert loaded(module) == []


def test_a_heavy_module_is_seen() -> None:
    assert "sqlalchemy" in loaded("appliance.storage.engine")
